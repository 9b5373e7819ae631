"""One answer beside its passages: statements by how well they are supported, cited and gold words where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from markupsafe import Markup

from glossator.claims import Verdict
from glossator.evaluate import Row
from glossator.records import Answer, Citation, Passage, Span, Statement
from glossator.report.render import plain

Level = Literal["full", "partial", "none", "contradicted", "unjudged"]
EVEN = 0.5
"""A verdict from here on is rather yes than no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A passage as it is shown, by the number that markers name."""

    number: int
    title: str
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A question, its answer and its passages, ready for a page."""

    row: Row
    verdict: str
    """What became of it, in words."""
    unsupported: bool
    """Some statement is not even partly supported by what it cites."""
    answer: Markup
    passages: tuple[Shown, ...]

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of the filters that leave this card."""
        row = self.row
        held = {"wrong": row.outcome == "wrong", "abstained": row.answer.abstained, "unsupported": self.unsupported}
        return tuple(name for name, holds in held.items() if holds)

    @property
    def order(self) -> tuple[bool, bool, float]:
        """The worst first: wrong, then unsupported, then by score."""
        scores = (self.row.scores.get(name) for name in ("citation_f1", "abstains_well"))
        return (self.row.outcome != "wrong", not self.unsupported, next((s for s in scores if s is not None), 1.0))


def card(row: Row, name: str) -> Card:
    """The card of a row; `name` is unique on its page."""
    answer, levels = row.answer, levels_of(row)
    cited = {index: level for said, level in zip(answer.statements, levels, strict=True) for index in said.citations}
    return Card(
        row=row,
        verdict=_verdict(row),
        unsupported=not {"none", "contradicted"}.isdisjoint(levels),
        answer=Markup().join(_answer(row, levels, name)),
        passages=tuple(
            Shown(
                number=number,
                title=" · ".join(dict.fromkeys(filter(None, [passage.title, passage.locator]))),
                text=marked(passage, _marks(passage, answer, cited, name), row.asked.evidence),
            )
            for number, passage in enumerate(answer.passages, 1)
        ),
    )


def levels_of(row: Row) -> list[Level]:
    """How well each statement of the answer is supported."""
    verdicts = row.verdicts or (None,) * len(row.answer.statements)
    return [level(verdict) for verdict in verdicts]


def level(verdict: Verdict | None) -> Level:
    """A verdict in one word.

    >>> level(Verdict(full=0.2, partial=0.5)), level(Verdict(full=None)), level(Verdict(full=0.1, contradict=0.8))
    ('partial', 'unjudged', 'contradicted')
    """
    if verdict is None or verdict.full is None or verdict.some is None:
        return "unjudged"
    if verdict.full >= EVEN:
        return "full"
    if verdict.contradict >= EVEN:
        return "contradicted"
    return "partial" if verdict.some >= EVEN else "none"


def marked(passage: Passage, cited: Mapping[str, tuple[Span, Level]], gold: Sequence[Span]) -> Markup:
    """The passage with cited stretches in `<mark>` and gold ones in `<u>`; a name of `cited` stands where it begins."""
    within = {name: _within(span, passage) for name, (span, _) in cited.items()}
    under = [_within(span, passage) for span in gold if span.overlap(passage.span)]
    cuts = sorted({0, len(passage.text), *(edge for place in (*within.values(), *under) for edge in place)})
    return Markup().join(
        _stretch(
            plain(passage.text[a:b]),
            {name: cited[name][1] for name, (start, end) in within.items() if start <= a and b <= end},
            {name: cited[name][1] for name, (start, _) in within.items() if start == a},
            any(start <= a and b <= end for start, end in under),
        )
        for a, b in pairwise(cuts)
    )


def _stretch(text: Markup, cites: Mapping[str, Level], begins: Mapping[str, Level], gold: bool) -> Markup:
    """A piece that nothing cuts; the page shows the level of a citation where it begins."""
    if gold:
        text = Markup("<u>{}</u>").format(text)
    if not cites:
        return text
    anchors = Markup().join(Markup('<i id="{}" data-level="{}"></i>').format(*item) for item in begins.items())
    first = next(iter(cites.values()))
    return Markup('<mark class="{}" data-cites="{}">{}{}</mark>').format(first, " ".join(cites), anchors, text)


def _marks(passage: Passage, answer: Answer, cited: Mapping[int, Level], name: str) -> Mapping[str, tuple[Span, Level]]:
    """The citations of a passage by the name their markers link to."""
    return {
        f"{name}-{index}": (citation.span, cited.get(index, "unjudged"))
        for index, citation in enumerate(answer.citations)
        if citation.passage_id == passage.id and citation.span and citation.span.overlap(passage.span)
    }


def _within(span: Span, passage: Passage) -> tuple[int, int]:
    return max(0, span.start - passage.start), min(span.end, passage.end) - passage.start


def _answer(row: Row, levels: Sequence[Level], name: str) -> Iterator[Markup]:
    """The text of the answer, statement by statement, every marker a link."""
    answer, last = row.answer, 0
    verdicts = row.verdicts or (None,) * len(levels)
    for said, word, verdict in zip(answer.statements, levels, verdicts, strict=True):
        yield plain(answer.text[last : said.start])
        score = "" if verdict is None or verdict.full is None else f" {verdict.full:.2f}"
        yield Markup('<span class="said {}">{}</span> <span class="level {}">{}{}</span>').format(
            word, Markup().join(_statement(said, answer, name)), word, word, score
        )
        last = said.end
    yield plain(answer.text[last:])


def _statement(said: Statement, answer: Answer, name: str) -> Iterator[Markup]:
    cited, last = [(index, answer.citations[index]) for index in said.citations], said.start
    for (start, end), group in groupby(cited, key=lambda item: (item[1].answer_start, item[1].answer_end)):
        yield plain(answer.text[last:start])
        yield from _marker(answer.text[start:end], list(group), name)
        last = end
    yield plain(answer.text[last : said.end])


def _marker(text: str, cited: list[tuple[int, Citation]], name: str) -> Iterator[Markup]:
    """`[2]` as one link; of `[1, 3]` each number; a place that no number is left for has a link of its own behind."""
    if len(cited) == 1:
        yield _link(text, *cited[0], name)
        return
    for part in re.split(r"(\d+)", text):
        own = next((item for item in cited if part.isdigit() and item[1].marker == f"[{int(part)}]"), None)
        if own is None:
            yield plain(part)
        else:
            cited.remove(own)
            yield _link(part, *own, name)
    for index, citation in cited:
        yield _link(citation.marker, index, citation, name)


def _link(text: str, index: int, citation: Citation, name: str) -> Markup:
    if citation.span is None:
        return Markup('<span class="nowhere">{} names no passage</span>').format(plain(text))
    return Markup('<a class="cite" href="#{}-{}">{}</a>').format(name, index, plain(text))


def _verdict(row: Row) -> str:
    if row.answer.abstained:
        return "abstained, though it can be answered" if row.answerable else "abstained, rightly"
    if row.outcome == "right":
        return "hits the gold"
    return "misses the gold" if row.answerable else "answered, though nothing answers it"
