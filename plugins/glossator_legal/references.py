"""Does every clause, section, article or statute that an answer names stand in a passage it cites?

Only the answer's own words count: what stands in quotation marks is the source's. "Art. 17" is "Article 17"; "§ 9.2",
"s. 9.2", "section 9.2" and "clause 9.2" are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from glossator import Answer, Passage, Question, Score, fold, visible
from glossator_legal.quotes import own_words
from glossator_legal.sources import cited_passages

WIDEST_RANGE = 50

_KINDS = {
    "clause": r"(?:sub-?)?clauses?|cls?\.|(?:sub-?)?sections?|secs?\.?|§§?|ss?\.?(?= ?\d)",
    "article": r"articles?|arts?\.?",
    "paragraph": r"(?:sub-?)?paragraphs?|paras?\.?|¶",
    "schedule": r"schedules?|sch\.?",
    "annex": r"annex(?:es)?|appendi(?:x|ces)",
    "recital": r"recitals?",
    "regulation": r"regulations?|regs?\.?",
    "chapter": r"chapters?|ch\.",
    "part": r"parts?",
    "rule": r"rules?",
}
_PLURAL = re.compile(r"(?:§§|ss\.?|cls\.|secs\.?|arts\.?|paras\.?|regs\.?|\w{3,}s|annexes|appendices)$")
_KIND = "|".join(f"(?P<{kind}>{words})" for kind, words in _KINDS.items())
_GROUPS = r"(?: ?\([0-9a-z]{1,5}\))"
_NUMBER = (
    rf"(?:\d{{1,4}}[a-z]{{0,2}}(?:\.\d{{1,3}}[a-z]?)*(?![^\W_]){_GROUPS}*|[ivx]{{2,6}}(?![^\W_]){_GROUPS}*|{_GROUPS}+)"
)
_NEXT = r"(?:,? (?:and|or|to|&) |, ?| ?- ?)"
_REFERENCE = re.compile(rf"(?<![\w'.])(?:{_KIND}) ?(?P<numbers>{_NUMBER}(?:{_NEXT}{_NUMBER}){{0,20}})")
_ITEM = re.compile(rf"(?P<next>{_NEXT})?(?P<number>{_NUMBER})")
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_ONES += "seventeen eighteen nineteen twenty".split()
_WORD_NUMBER = re.compile(rf"(?<=[a-z.§] )({'|'.join(_ONES[::-1])})\b")
_POINT = re.compile(r"(?<=\d) point (?=\d)")
_BARE = re.compile(
    r"^[ \t#*|]{0,8}(\d{1,3}(?:\.\d{1,3})*[a-z]?)\.?(?=[ \t)|])|\|[ \t]{0,8}(\d{1,3}[a-z]?)[ \t]{0,8}(?=\|)",
    re.MULTILINE,
)
_LOCATED = re.compile(r"(?<![\w.(])\d{1,4}[a-z]?(?:\.\d{1,3})*(?![^\W_])")
_LOOSE = re.compile(r"(?<![^\s|])\([0-9a-z]{1,5}\)")
_STATUTE = re.compile(
    r"\b(?:Act|Regulations?|Order|Rules|Code|Ordinance|Directive) (?P<after>[12]\d{3})\b|\b(?P<before>[12]\d{3}) Act\b"
    r"|\b\d{2,4}/\d{1,4}(?:/(?:EU|EC|EEC))?\b|\bC-\d{1,4}/\d{1,4}\b"
)
_NAME = re.compile(r"(?<!\w)(?:(?:[A-Z][\w'’-]*|\([A-Z][\w ]{1,40}\)|of|and|the|for|in|to),? ){1,12}$")
_LEADING = re.compile(r"^(?:(?:under|the|in|by|see|and|of|for|to|both|per|that|section|article) )+")


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in a source: `Reference("article", "17(3)")`. No kind: a clause number or heading that stands alone."""

    kind: str
    number: str

    def names(self, held: Reference) -> bool:
        """Whether `held` is this place or a part of it."""
        rest = held.number.removeprefix(self.number)
        same = held.number == self.number or (rest != held.number and rest[:1] in ("(", "."))
        return same and held.kind in ("", self.kind)


def clauses_resolve(question: Question, answer: Answer) -> Score:
    """Share of the references in the answer's own words that stand in a passage their statement cites."""
    bare, total, lost = own_words(answer.text), 0, list[str]()
    for statement in answer.statements:
        cited = [_Held.of(passage) for passage in cited_passages([statement], answer)]
        for name, stands in _judged(bare[statement.start : statement.end], cited):
            total += 1
            lost += [] if stands else [name]
    if not total:
        return Score(name="clauses_resolve", value=None, why="no reference in the answer's own words")
    why = "; ".join([f"{total - len(lost)} of {total} resolve", *(f"“{name}” is not cited" for name in lost[:3])])
    return Score(name="clauses_resolve", value=(total - len(lost)) / total, why=why)


def references(text: str) -> Iterator[Reference]:
    """The places that a text names, in order.

    >>> [reference.number for reference in references("Articles 13 and 14, Art. 6(1)(e) or (f), §§ 2 to 4")]
    ['13', '14', '6(1)(e)', '6(1)(f)', '2', '3', '4']
    """
    plain = _POINT.sub(".", _WORD_NUMBER.sub(lambda found: str(_ONES.index(found[1])), fold(text)))
    for found in _REFERENCE.finditer(plain):
        kind = next(kind for kind in _KINDS if found[kind])
        yield from (Reference(kind, number) for number in _numbers(found["numbers"], found[kind]))


def _numbers(written: str, kind: str) -> Iterator[str]:
    """The numbers of a list. After a singular only further groups, "(e) or (f)", belong to it."""
    last = ""
    for item in _ITEM.finditer(written):
        number, joint = item["number"].replace(" ", ""), item["next"] or ""
        if last and not number.startswith("(") and not _PLURAL.search(kind):
            return
        if last and number.startswith("("):
            number = last.rpartition("(")[0] + number
        elif joint.strip() in ("to", "-") and last.isdigit() and number.isdigit():
            yield from map(str, range(int(last) + 1, min(int(number), int(last) + WIDEST_RANGE)))
        yield number
        last = number


@dataclass(frozen=True, slots=True)
class _Held:
    """What a passage holds."""

    places: frozenset[Reference]
    groups: frozenset[str]
    """Paragraph marks that stand alone, such as `(3)` at the start of a line."""
    text: str

    @classmethod
    def of(cls, passage: Passage) -> _Held:
        text, locator = visible(passage.text).casefold(), visible(passage.locator).casefold()
        bare = [number for pair in _BARE.findall(text) for number in pair if number] + _LOCATED.findall(
            _REFERENCE.sub("", locator)
        )
        places = {*references(text), *references(locator), *(Reference("", number) for number in bare)}
        groups = {*_LOOSE.findall(text), *(f"({number})" for number in bare if number.isdigit())}
        return cls(frozenset(places), frozenset(groups), fold(f"{passage.title}\n{passage.locator}\n{passage.text}"))

    def has(self, place: Reference) -> bool:
        if any(place.names(held) for held in self.places):
            return True
        parent, opened, group = place.number.rpartition("(")
        if not opened or opened + group not in self.groups:
            return False
        return not parent or self.has(Reference(place.kind, parent))


def _judged(text: str, cited: Iterable[_Held]) -> Iterator[tuple[str, bool]]:
    held = list(cited)
    known: dict[Reference, bool] = {}
    for place in references(text):
        if place not in known:
            known[place] = any(passage.has(place) for passage in held)
        yield f"{place.kind} {place.number}", known[place]
    for name, forms in _statutes(visible(text)):
        yield (
            name,
            any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", passage.text) for form in forms for passage in held),
        )


def _statutes(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each statute or case number that a text names, with the ways in which a source may write it."""
    for found in _STATUTE.finditer(text):
        if found["before"]:
            yield found[0], (fold(found[0]), f"act {found['before']}")
        else:
            name = _NAME.search(text[max(0, found.start() - 120) : found.start()]) if found["after"] else None
            full = _LEADING.sub("", fold((name[0] if name else "") + found[0]))
            yield full, (full,)
