"""How true a quote is: the words in quotation marks against the passages that are cited for them.

| class | meaning |
|---|---|
| exact | the very words stand in a cited passage |
| normalised | they do apart from typography, case, spaces, `[T]he` for `The`, and the punctuation at either end |
| elided | parts joined by `...` or `[...]` stand in this order in one cited passage |
| wrong_document | any of these, in a passage that is not the cited one |
| fuzzy | at least 0.9 alike, and no number, unit, negation, modal or sign differs |
| stitched | less alike, and made of stretches of real words, joined without a sign that something is left out |
| manipulated | at least 0.75 alike, and neither of these |
| absent | none of these |

Words are whole: "valid" is no quote of "invalid". Leaving out a negation behind `...` is a manipulation. Only exact,
normalised and elided quotes are faithful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from glossator.citations.alike import Likeness, likeness, words
from glossator.citations.fold import fold
from glossator.citations.parse import Quote, find_quotes, mask
from glossator.citations.spans import find_spans
from glossator.citations.stitched import is_stitched
from glossator.records import Answer, Passage

QuoteClass = Literal["exact", "normalised", "elided", "wrong_document", "manipulated", "fuzzy", "stitched", "absent"]
FAITHFUL: frozenset[QuoteClass] = frozenset({"exact", "normalised", "elided"})
FUZZY, NEAR = 0.9, 0.75
"""Likeness from which a quote with no telling difference is fuzzy, and from which it is a quote at all."""
LONGEST_GAP = 6
"""Words: within a sentence, a shorter elision that holds a negation hides it."""

_ELISION = re.compile(r"\s*(?:\[\s*(?:\.{3}|…)\s*\]|\(\s*(?:\.{3}|…)\s*\)|\.{3,4}|…)\s*")
_CHANGED_LETTER = re.compile(r"\[([^\W\d_])\]")
_NEGATION = re.compile(r"\b(?:not|no|never|none|nor|neither|without|cannot)\b|n't\b")
_ENDS = " .,;:!?\"'"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteVerdict:
    """The class of one quote."""

    quote: str
    kind: QuoteClass
    passage_id: str | None = None
    """Where its words, or the nearest to them, stand; None when it is stitched or absent."""
    alike: float = 1.0
    """Likeness to the nearest words, 0 to 1."""

    @property
    def faithful(self) -> bool:
        return self.kind in FAITHFUL


def judge_quote(quote: str, cited: Sequence[Passage], shown: Sequence[Passage] = ()) -> QuoteVerdict:
    """The class of a quote for which `cited` are named, of all passages that were `shown`.

    >>> iron = Passage(id="i", document_id="i", title="Iron", text="Take 5 mg of iron at night.", start=0, end=27)
    >>> for quote in "5 mg of iron", "take 5\\u00a0mg", "Take ... at night", "Take 50 mg of iron", "Zinc is a metal":
    ...     print(judge_quote(quote, [iron]).kind)
    exact
    normalised
    elided
    manipulated
    absent
    """
    others = [passage for passage in shown if passage not in cited]
    for passages, faithful in ((cited, True), (others, False)):
        for passage in passages:
            if kind := _held(quote, passage.text):
                right = kind if faithful or kind == "manipulated" else "wrong_document"
                return QuoteVerdict(quote=quote, kind=right, passage_id=passage.id)
    return _near(quote, [*cited, *others])


def judge_quotes(answer: Answer) -> list[QuoteVerdict]:
    """The class of every quote of an answer, against the passages that its statement cites."""
    return list(_judged(answer))


def _judged(answer: Answer) -> Iterator[QuoteVerdict]:
    for statement in answer.statements:
        named = {answer.citations[index].passage_id for index in statement.citations}
        cited = [passage for passage in answer.passages if passage.id in named]
        for quote in _quoted(statement.text):
            if quote.text.strip():
                yield judge_quote(quote.text, cited, answer.passages)


def _quoted(text: str) -> list[Quote]:
    """The outermost quotes of a statement: in curly marks, or three words or more in other marks outside code."""
    others = [replace(span, text=text[span.start + 1 : span.end - 1]) for span in find_spans(mask(text))]
    outermost: list[Quote] = []
    for quote in sorted([*find_quotes(text), *others], key=lambda quote: (quote.start, -quote.end)):
        if not outermost or quote.start >= outermost[-1].end:
            outermost.append(quote)
    return outermost


def _held(quote: str, text: str) -> QuoteClass | None:
    """exact, normalised, elided, or manipulated by an elision; None when the passage holds no such words."""
    if _whole(quote.strip(), text) >= 0:
        return "exact"
    source, plain = fold(text), fold(_CHANGED_LETTER.sub(r"\1", quote))
    if _whole(plain.strip(_ENDS), source) >= 0:
        return "normalised"
    parts = [part.strip(_ENDS) for part in _ELISION.split(plain)]
    parts = [part for part in parts if part]
    return _elided(parts, source) if len(parts) > 1 else None


def _elided(parts: Sequence[str], source: str) -> QuoteClass | None:
    place, hidden = 0, False
    for part in parts:
        found = _whole(part, source, place)
        if found < 0:
            return None
        gap = source[place:found] if place else ""
        hidden = hidden or (_negates(gap))
        place = found + len(part)
    return "manipulated" if hidden else "elided"


def _negates(gap: str) -> bool:
    """Whether what is left out turns the sentence round: a few words without a comma or stop, one a negation."""
    return len(gap.split()) <= LONGEST_GAP and not re.search(r"[.,;:!?]", gap) and bool(_NEGATION.search(gap))


def _whole(part: str, text: str, start: int = 0) -> int:
    """Where the text holds these words as whole words; -1 when it does not."""
    if not any(sign.isalnum() for sign in part):
        return -1
    place = text.find(part, start)
    while place >= 0:
        end = place + len(part)
        cut = (part[0].isalnum() and text[place - 1 : place].isalnum()) or (
            part[-1].isalnum() and text[end : end + 1].isalnum()
        )
        if not cut:
            return place
        place = text.find(part, place + 1)
    return -1


def _near(quote: str, passages: Sequence[Passage]) -> QuoteVerdict:
    said = words(quote)
    best, where = Likeness(alike=0.0, telling=False), None
    for passage in passages:
        found = likeness(said, words(passage.text))
        if found.alike > best.alike:
            best, where = found, passage.id
    if best.alike >= FUZZY:
        kind: QuoteClass = "manipulated" if best.telling else "fuzzy"
        return QuoteVerdict(quote=quote, kind=kind, passage_id=where, alike=best.alike)
    if is_stitched(said, [words(passage.text) for passage in passages]):
        return QuoteVerdict(quote=quote, kind="stitched", alike=best.alike)
    if best.alike >= NEAR:
        return QuoteVerdict(quote=quote, kind="manipulated", passage_id=where, alike=best.alike)
    return QuoteVerdict(quote=quote, kind="absent", alike=best.alike)
