"""Is one system better than another on the same questions? Paired by question, resampled by cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from glossator.statistics.clusters import Clusters, Floats
from glossator.statistics.estimates import Estimate, estimate

EXACT = 12
"""Clusters up to which all 2^k sign patterns are tried."""
FLIPS = 9999
"""Sign patterns drawn beyond that: the least p value is 1 / 10,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How far apart two systems are, and how easily chance would do that."""

    difference: Estimate
    """Mean of better minus base over the questions where both have a value."""
    p: float | None
    """Two-sided p value of "no difference"; None where no question has both values."""
    adjusted: float | None
    """The same after Holm over all slices that were compared together."""


def deltas(better: Sequence[float | None], base: Sequence[float | None]) -> list[float | None]:
    """Better minus base, question by question; None where either has no value.

    >>> deltas([1.0, 0.5, None], [0.25, None, 1.0])
    [0.75, None, None]
    """
    pairs = zip(better, base, strict=True)
    return [None if a is None or b is None else a - b for a, b in pairs]


def compare(
    better: Sequence[float | None],
    base: Sequence[float | None],
    clusters: Sequence[str],
    slices: Mapping[str, Sequence[int]],
) -> dict[str, Comparison]:
    """Paired comparison on each slice, p values adjusted over all of them; a slice is the numbers of its rows."""
    apart = deltas(better, base)
    taken = {name: ([apart[row] for row in rows], [clusters[row] for row in rows]) for name, rows in slices.items()}
    p_values = {name: sign_flip(*slice_) for name, slice_ in taken.items()}
    adjusted = holm({name: p for name, p in p_values.items() if p is not None})
    return {
        name: Comparison(difference=estimate(*slice_), p=p_values[name], adjusted=adjusted.get(name))
        for name, slice_ in taken.items()
    }


def sign_flip(differences: Sequence[float | None], clusters: Sequence[str]) -> float | None:
    """Two-sided p value of a mean difference of 0: the signs of whole clusters are flipped (Fisher 1935, section 21).

    Exact up to EXACT clusters; beyond, FLIPS random patterns and p = (1 + as far) / (1 + FLIPS), which is never 0 and
    keeps the level (Phipson & Smyth 2010). None where no difference is known.

    >>> sign_flip([1.0, 2.0, 3.0], ["a", "b", "c"])
    0.25
    """
    known = [(value, cluster) for value, cluster in zip(differences, clusters, strict=True) if value is not None]
    if not known:
        return None
    sums = Clusters.named([cluster for _, cluster in known]).sums([[value] for value, _ in known])[:, 0]
    least = abs(sums.sum()) - 1e-9 * np.abs(sums).sum()
    if len(sums) <= EXACT:
        signs = np.array(list(product((-1.0, 1.0), repeat=len(sums))))
        return float((np.abs(signs @ sums) >= least).mean())
    return (1 + _as_far(sums, float(least))) / (1 + FLIPS)


def _as_far(sums: Floats, least: float) -> int:
    """How many of FLIPS random patterns lie as far from 0, drawn in blocks to bound the memory."""
    rng, far = np.random.default_rng(0), 0
    for block in np.array_split(np.arange(FLIPS), 20):
        signs = 2.0 * rng.integers(0, 2, size=(len(block), len(sums)), dtype=np.int8) - 1
        far += int((np.abs(signs @ sums) >= least).sum())
    return far


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p values: the chance of any false alarm among them stays below the level (Holm 1979).

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    adjusted: dict[str, float] = {}
    most = 0.0
    for tried, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        most = max(most, min(1.0, (len(p_values) - tried) * p))
        adjusted[name] = most
    return adjusted
