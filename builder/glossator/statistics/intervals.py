"""95 % intervals: the cluster bootstrap, by sums where the statistic allows it, and Wilson's for rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glossator.statistics.clusters import Clusters, Floats, Rows

Z = NormalDist().inv_cdf(0.975)
"""Half-width of a 95 % normal interval in standard errors."""


class Interval(NamedTuple):
    """Both ends of a 95 % interval, in the unit of the figure; `nan` where undefined."""

    low: float
    high: float

    def within(self, least: float, most: float) -> Interval:
        """Cut to what the figure can be.

        >>> Interval(-0.1, 0.4).within(0, 1)
        Interval(low=0.0, high=0.4)
        """
        return Interval(float(np.clip(self.low, least, most)), float(np.clip(self.high, least, most)))


def bootstrap(statistic: Callable[[Rows], float], clusters: Sequence[str]) -> Interval:
    """Percentile interval of `statistic(rows)`, resampling whole clusters (Efron & Tibshirani 1993, ch. 13).

    Resamples on which the statistic is `nan` are left out.
    """
    return percentile([statistic(rows) for rows in Clusters.named(clusters).resampled_rows()])


def percentile(values: npt.ArrayLike) -> Interval:
    """The middle 95 % of the defined values; `nan` where none is."""
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return Interval(float("nan"), float("nan"))
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(float(low), float(high))


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    """Element by element; `nan` where the denominator is 0."""
    above, below = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    share = np.full(below.shape, np.nan)
    np.divide(above, below, out=share, where=below != 0)
    return share


def wilson(rate: float, n: float) -> Interval:
    """Interval of a rate seen in `n` independent rows (Wilson 1927); keeps its width at 0 and 1.

    `n` may be an effective size, hence a fraction.

    >>> [round(end, 4) for end in wilson(0.5, 10)]
    [0.2366, 0.7634]
    """
    middle, spread = rate + Z**2 / (2 * n), Z * sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2))
    return Interval((middle - spread) / (1 + Z**2 / n), (middle + spread) / (1 + Z**2 / n)).within(0, 1)
