"""Evidence cut for models that read a limited number of tokens: runs of sentences, and their text and places.

A chunk is a tuple of indices of `windows.units`, in order; what stands between two neighbours of one text belongs to
it, so its text is the author's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from glossator.claims import Place
from glossator.verification.windows import Unit
from glossator.verification.words import words

Chunk = tuple[int, ...]


def pack(costs: Sequence[tuple[int, ...]], most: tuple[int, ...]) -> list[Chunk]:
    """Sentences put together greedily, so that no measure of a chunk is beyond `most`; one too long stands alone.

    A cost is as many measures as `most` has, for example tokens and words.

    >>> pack([(3, 1), (3, 1), (9, 1), (1, 1), (1, 5)], (6, 4))
    [(0, 1), (2,), (3,), (4,)]
    """
    made: list[list[int]] = []
    spent = most
    for index, cost in enumerate(costs):
        spent = tuple(a + b for a, b in zip(spent, cost, strict=True))
        if not made or any(a > b for a, b in zip(spent, most, strict=True)):
            made.append([])
            spent = cost
        made[-1].append(index)
    return [tuple(chunk) for chunk in made]


def parts(unit: Unit, count: int) -> list[Unit]:
    """A unit in `count` parts of about one length, wherever that cuts: for dots, tables and codes without a gap."""
    edges = [len(unit.text) * part // count for part in range(count + 1)]
    return [
        Unit(text=text, source=unit.source, start=unit.start + start, words=tuple(words(text)))
        for start, end in pairwise(edges)
        if (text := unit.text[start:end])
    ]


def places(chunk: Chunk, found: Sequence[Unit]) -> tuple[Place, ...]:
    """The stretches of the evidence that a chunk covers, in order."""
    made: list[Place] = []
    for at, index in enumerate(chunk):
        unit, joins = found[index], at > 0 and chunk[at - 1] == index - 1
        if joins and made[-1].evidence == unit.source:
            made[-1] = Place(evidence=unit.source, start=made[-1].start, end=unit.end)
        else:
            made.append(Place(evidence=unit.source, start=unit.start, end=unit.end))
    return tuple(made)


def text_of(stretches: Sequence[Place], evidence: Sequence[str]) -> str:
    """The words at these places, one stretch a line."""
    return "\n".join(evidence[place.evidence][place.start : place.end] for place in stretches)


def halves(chunk: Chunk) -> tuple[Chunk, Chunk]:
    return chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]
