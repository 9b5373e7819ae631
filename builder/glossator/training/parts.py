"""A batch in parts, as a CPU likes it: padding is computed too, and what does not fit its caches is slow."""

from __future__ import annotations

from collections.abc import Sequence

PART = 1024
"""Most tokens of a pass on a CPU."""


def alike(lengths: Sequence[int], most: int = PART) -> list[list[int]]:
    """Rows of like length together, shortest first: parts of at most `most` tokens with their padding, or of one row.

    >>> alike([4, 1, 2], 4)
    [[1, 2], [0]]
    """
    groups: list[list[int]] = [[]]
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if groups[-1] and lengths[row] * (len(groups[-1]) + 1) > most:
            groups.append([])
        groups[-1].append(row)
    return groups
