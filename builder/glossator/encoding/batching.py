"""Batches of rows of one length: nothing is padded, and a row's result does not depend on its neighbours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of rows of equal length, the shortest first; at most `budget` tokens together, or one row.

    >>> list(batches([3, 9, 3, 3], budget=8))
    [[0, 2], [3], [1]]
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        alike[length].append(index)
    for length, indices in sorted(alike.items()):
        size = max(1, budget // max(length, 1))
        yield from (indices[at : at + size] for at in range(0, len(indices), size))
