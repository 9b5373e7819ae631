"""A quote of real words that nobody said in one breath: stretches of passages joined without a sign of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

SHORTEST, MOST_PLACES = 3, 20
"""Words of a stretch that is no chance; places in the passages where one is looked for."""


def is_stitched(quote: Sequence[str], passages: Sequence[Sequence[str]]) -> bool:
    """Whether the quote is a row of two or more stretches of the passages and nothing else.

    >>> is_stitched("iron falls first zinc is a metal".split(), ["iron falls first".split(), "zinc is a metal".split()])
    True
    """
    places: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, passage in enumerate(passages):
        for place in range(len(passage) - SHORTEST + 1):
            places[tuple(passage[place : place + SHORTEST])].append((number, place))
    place, stretches = 0, 0
    while place < len(quote):
        begins = places.get(tuple(quote[place : place + SHORTEST]), ())
        longest = max((_shared(quote, place, passages[n], at) for n, at in begins[:MOST_PLACES]), default=0)
        if not longest:
            return False
        left = len(quote) - place - longest
        place = len(quote) - SHORTEST if 0 < left < SHORTEST else place + longest
        stretches += 1
    return stretches > 1


def _shared(quote: Sequence[str], start: int, passage: Sequence[str], place: int) -> int:
    """How many words agree from these two places on."""
    length = 0
    while (
        start + length < len(quote)
        and place + length < len(passage)
        and quote[start + length] == passage[place + length]
    ):
        length += 1
    return length
