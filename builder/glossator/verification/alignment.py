"""What was changed where a claim repeats a sentence of its evidence almost word for word.

The claim is laid beside the sentence that it shares most words with, in order (the matching blocks of Ratcliff and
Obershelp, as in difflib). Words that stand against others are replaced, words without a counterpart are added or,
inside the matched stretch, left out; each is counted by what it is. All counts are multiplied by the square of the
share of the claim that matches: in free wording a differing word says little, in a near copy everything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from glossator.citations.segment import statements
from glossator.verification.conflicts import MARKED, MONTHS, NEGATIONS, UNITS, counted
from glossator.verification.windows import Unit, foremost, shares, weighed
from glossator.verification.words import STOP, words

KINDS = ("number", "unit", "name", "negation", "marked", "word")
CHANGES = (
    "matched",
    *(f"replaced {kind}" for kind in KINDS),
    *(f"added {kind}" for kind in KINDS),
    *(f"left out {kind}" for kind in KINDS),
)
MOST, COMPARED = 3, 3
"""Greatest count of one kind; sentences that are compared."""

_CAPITAL = re.compile(r"\b[A-Z][\w’'-]*")


def changes(claim: str, found: Sequence[Unit]) -> list[float]:
    """The figures of CHANGES: of the claim's sentences the least match and the most of every change."""
    rows = [_changed(claim[start:end], found) for start, end in statements(claim)]
    columns = list(zip(*rows, strict=True))
    return [min(columns[0]), *map(max, columns[1:])] if columns else [0.0] * len(CHANGES)


def _changed(claim: str, found: Sequence[Unit]) -> list[float]:
    """Against the best of the COMPARED sentences that hold most of the claim."""
    said = [counted(word) for word in words(claim)]
    share = shares(weighed(said), found)
    near = foremost(share, COMPARED)
    if not near or not said:
        return [0.0] * len(CHANGES)
    names = {word for name in _CAPITAL.findall(claim[1:]) for word in words(name)}
    beside = [_Beside([counted(word) for word in found[i].words], said) for i in near]
    best = max(beside, key=lambda one: one.matched)
    matched = best.matched / len(said)
    counts = Counter(best.changes(names))
    return [matched, *(min(counts[change], MOST) / MOST * matched**2 for change in CHANGES[1:])]


class _Beside:
    """A claim beside a sentence."""

    def __init__(self, there: list[str], said: list[str]) -> None:
        self._there, self._said = there, said
        self._matcher = SequenceMatcher(None, there, said, autojunk=False)

    @property
    def matched(self) -> int:
        return sum(block.size for block in self._matcher.get_matching_blocks())

    def changes(self, names: set[str]) -> Iterator[str]:
        opcodes = self._matcher.get_opcodes()
        for place, (tag, a, b, c, d) in enumerate(opcodes):
            there, here = self._there[a:b], self._said[c:d]
            if tag == "replace":
                yield from (f"replaced {kind_of(word, names)}" for word in here if word not in there)
                yield from (f"left out {kind_of(word, names)}" for word in there if _weighty(word) and word not in here)
            elif tag == "insert":
                yield from (f"added {kind_of(word, names)}" for word in here)
            elif tag == "delete" and 0 < place < len(opcodes) - 1:
                yield from (f"left out {kind_of(word, names)}" for word in there)


def kind_of(word: str, names: set[str]) -> str:
    """What a stem is; function words are no kind that is counted."""
    if word[0].isdigit() or word in MONTHS:
        return "number"
    if word in UNITS:
        return "unit"
    if word in NEGATIONS:
        return "negation"
    if word in MARKED:
        return "marked"
    if word in names:
        return "name"
    return "nothing" if word in STOP else "word"


def _weighty(word: str) -> bool:
    return word in NEGATIONS or word in MARKED or word[0].isdigit()
