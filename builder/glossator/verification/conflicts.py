"""Where a claim and a piece of evidence say different things about the same: numbers, units, negation, strength,
direction, names, order.

Each figure is a share or a count of one clause of the claim against the sentence that holds most of it; names and
numbers are looked for in all of the evidence. None of them reads meaning: they are signs, weighed in
verification.aligned.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from glossator.verification.words import STOP, stem, words

_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][\w’'-]*[A-Za-z]")
_COUNTED = {
    name: str(value) for value, name in enumerate("zero one two three four five six seven eight nine ten".split())
}
_COUNTED |= {
    "eleven": "11",
    "twelve": "12",
    "twenty": "20",
    "thirty": "30",
    "hundred": "100",
    "twice": "2",
    "half": "0.5",
}
MONTHS = frozenset(
    map(stem, "january february march april june july august september october november december".split())
)
NEGATIONS = frozenset("no not never none neither nor without".split())
DENIALS = NEGATIONS | frozenset(
    map(stem, "lack lacks lacking absence absent fail fails failed unable except exclude".split())
)

UNITS = frozenset(
    map(
        stem,
        "mg g kg mcg µg ml l dl mm cm m km % percent second minute hour day week month year meter kilometer centimeter"
        " mile foot feet inch byte kilobyte megabyte gigabyte million billion thousand dollar euro cent milligram gram"
        " kilogram microgram milliliter liter fold point degree".split(),
    )
)

_GROUPS = """
must shall required require requires obliged mandatory need | may can could might permitted allowed optional \
    | forbidden prohibited cannot
always | usually often generally frequently commonly typically | sometimes occasionally | rarely seldom uncommon | never
all every each any | most | many several numerous | some | few | none neither
both | neither
only solely exclusively | also
more greater higher larger above exceed exceeds over | less lower smaller below fewer under
increase increases increased rise rises rose grow grew raise raises improve improves \
    | decrease decreases decreased reduce reduces reduced fall falls fell drop decline declines lower lowers
before earlier prior preceding | after later following subsequent
first | last
maximum most highest largest longest | minimum least lowest smallest shortest
within | beyond outside
high | low
better best | worse worst
fast faster | slow slower
long longer | short shorter
start begin begins | end stop ends
cause causes caused lead leads | prevent prevents prevented
positive | negative
include includes included | exclude excludes excluded
"""
GROUPS = tuple(
    tuple(frozenset(map(stem, side.split())) for side in line.split("|"))
    for line in _GROUPS.replace("\\\n", "").strip().splitlines()
)
"""Words that exclude each other: a line is a group, its sides are apart."""

SIDES: dict[str, tuple[tuple[int, int], ...]] = {}
for _group, _sides in enumerate(GROUPS):
    for _side, _members in enumerate(_sides):
        for _word in _members:
            SIDES[_word] = (*SIDES.get(_word, ()), (_group, _side))
MARKED = frozenset(SIDES) | DENIALS
"""Words whose change turns a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What all of the evidence holds."""

    words: frozenset[str]
    measures: frozenset[tuple[str, str]]
    """Numbers with the unit behind them."""

    @classmethod
    def of(cls, stems: Sequence[Sequence[str]]) -> Held:
        return cls(
            words=frozenset(counted(word) for row in stems for word in row),
            measures=frozenset(pair for row in stems for pair in measures(row)),
        )


def conflicts(clause: str, nearest: Sequence[str], held: Held) -> list[float]:
    """Signs of conflict of a clause with the evidence, in the order of NAMES."""
    said = words(clause)
    there = frozenset(nearest)
    numbers = [counted(word) for word in said if counted(word)[0].isdigit()]
    names = [stem(part) for name in _NAME.findall(clause) for part in words(name)]
    pairs = measures(said)
    marked_here, marked_there = MARKED & set(said), MARKED & there
    return [
        _share([number not in held.words for number in numbers]),
        float(sum(number not in held.words for number in numbers)),
        _share([pair not in held.measures and pair[0] in held.words for pair in pairs]),
        _share([word not in held.words for word in said if word in MONTHS or re.fullmatch(r"1\d{3}|20\d\d", word)]),
        float(bool(DENIALS & set(said)) != bool(DENIALS & there)),
        float((sum(word in NEGATIONS for word in said) - sum(word in NEGATIONS for word in nearest)) % 2),
        float(sum(_opposed(word, set(said), there) for word in marked_here)),
        float(len(marked_here - there)),
        float(len(marked_there - set(said))) / (1 + len(said)),
        _share([name not in held.words for name in names]),
        float(sum(name not in held.words for name in names)),
        1 - _order(said, nearest),
    ]


NAMES = (
    "numbers missing", "count of numbers missing", "unit differs", "date missing", "denied or not", "negations odd",
    "opposite words", "marked words missing", "marked words left out", "names missing", "count of names missing",
    "order differs",
)  # fmt: skip


def counted(word: str) -> str:
    """A number word as a numeral.

    >>> counted("three"), counted("tree")
    ('3', 'tree')
    """
    return _COUNTED.get(word, word)


def measures(stems: Sequence[str]) -> list[tuple[str, str]]:
    """Numbers with the unit that follows them.

    >>> measures(words("5 mg twice, within 30 days"))
    [('5', 'mg'), ('30', 'day')]
    """
    return [(counted(a), b) for a, b in pairwise(stems) if counted(a)[0].isdigit() and b in UNITS]


def _opposed(word: str, said: set[str], there: frozenset[str]) -> bool:
    """Whether the evidence has another side of this word's group, and not the word's own."""
    for group, side in SIDES.get(word, ()):
        sides = GROUPS[group]
        if not sides[side] & there and any(sides[other] & there - said for other in range(len(sides)) if other != side):
            return True
    return False


def _order(said: Sequence[str], nearest: Sequence[str]) -> float:
    """Share of the shared content words that stand in the same order: the longest increasing subsequence."""
    first: dict[str, int] = {}
    for place, word in enumerate(nearest):
        first.setdefault(word, place)
    places = [first[word] for word in dict.fromkeys(said) if word in first and word not in STOP]
    return longest_rise(places) / len(places) if len(places) > 1 else 1.0


def longest_rise(places: Sequence[int]) -> int:
    """Length of the longest increasing subsequence (patience sorting).

    >>> longest_rise([3, 1, 2, 5, 4])
    3
    """
    tops: list[int] = []
    for place in places:
        at = bisect_left(tops, place)
        tops[at : at + 1] = [place]
    return len(tops)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
