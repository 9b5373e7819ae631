"""Evidence as sentences with their places, and the few that matter for a claim.

Chosen are, one after the other, the sentences that add most: the claim's content words that no chosen sentence holds
yet, weighted by rarity, as a share of all of the claim's, and half of the cosine where meaning is looked at. So
evidence that stands in two places is found as a union, and a sentence that repeats another adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from glossator.citations.segment import statements
from glossator.verification.words import STOP, rarity, words

LONGEST, MOST = 60, 400
"""Words of one unit: a longer sentence is cut. Units of one text that are looked at by meaning at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A sentence of the evidence, or a piece of a long one."""

    text: str
    source: int
    """Which of the evidence texts it stands in, from 0."""
    start: int
    """Offset there, in code points."""
    words: tuple[str, ...]
    """Stems, in order."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def units(evidence: Sequence[str]) -> list[Unit]:
    """The evidence as units, in order."""
    return [
        Unit(text=text[start:end], source=source, start=start, words=stems)
        for source, text in enumerate(evidence)
        for start, end, stems in _cut(text)
    ]


@lru_cache(maxsize=4096)
def _cut(text: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    places = [place for start, end in statements(text) for place in _short(text, start, end)]
    return tuple((start, end, stems) for start, end in places if (stems := tuple(words(text[start:end]))))


def _short(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence in pieces of at most LONGEST words, of about one length."""
    gaps = [i for i in range(start, end) if text[i].isspace() and not text[i - 1].isspace()]
    count = -(-(len(gaps) + 1) // LONGEST)
    cuts = [start, *(gaps[len(gaps) * part // count] for part in range(1, count)), end]
    return list(pairwise(cuts))


def weighed(stems: Sequence[str]) -> dict[str, float]:
    """The content words of a claim with their rarity; all words when it has no content word."""
    return {stem: rarity(stem) for stem in stems if stem not in STOP} or {stem: rarity(stem) for stem in stems}


def shares(claim: dict[str, float], found: Sequence[Unit]) -> list[float]:
    """Of each unit the share of the claim's weight that it holds, 0 to 1."""
    whole = sum(claim.values()) or 1.0
    return [sum(claim[stem] for stem in set(unit.words) if stem in claim) / whole for unit in found]


def foremost(share: Sequence[float], count: int) -> list[int]:
    """Indices of the `count` units that hold most of a claim, the best first.

    >>> foremost([0.1, 0.7, 0.7], 2)
    [1, 2]
    """
    return sorted(range(len(share)), key=lambda i: -share[i])[:count]


def choose(
    claim: dict[str, float], found: Sequence[Unit], nearness: Sequence[float], *, room: int, most: int
) -> list[int]:
    """Indices of the chosen units in the order of the evidence: at most `most`, of at most `room` words together.

    `nearness` is the cosine of each unit with the claim, or 0.
    """
    held = [frozenset(stem for stem in unit.words if stem in claim) for unit in found]
    whole = sum(claim.values()) or 1.0
    missing, left = set(claim), set(range(len(found)))
    chosen: list[int] = []
    while left and len(chosen) < most:
        gain = {i: sum(claim[stem] for stem in held[i] & missing) / whole + nearness[i] / 2 for i in left}
        best = max(left, key=lambda i: (gain[i], -i))
        if chosen and len(found[best].words) > room:
            left.discard(best)
            continue
        chosen.append(best)
        left.discard(best)
        missing -= held[best]
        room -= len(found[best].words)
    return sorted(chosen)
