"""A figure with its interval and its count: what every measurement ends in, and what is written to disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isnan

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from glossator.errors import InputError
from glossator.statistics.clusters import Clusters, Floats, Rows
from glossator.statistics.intervals import Interval, bootstrap, percentile, ratio, wilson

Measure = Callable[[Floats], Floats]
"""A statistic of totals, which stand in the last axis."""


class Estimate(BaseModel):
    """A figure with its 95 % interval, to four decimals (clusters are questions that share a gold document)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: float | None
    """None where the figure is undefined; then there is no interval either."""
    low: float | None
    high: float | None
    n: int
    """Questions the figure rests on."""
    failed: int = 0
    """Questions whose scorer failed: counted here, in no mean."""


def rounded(mean: float, interval: Interval, n: int, failed: int = 0) -> Estimate:
    """What gets written: `nan` becomes None.

    >>> rounded(0.123456, Interval(0.1, 0.2), 7)
    Estimate(mean=0.1235, low=0.1, high=0.2, n=7, failed=0)
    """
    if isnan(mean) or isnan(interval.low):
        return Estimate(mean=None, low=None, high=None, n=n, failed=failed)
    return Estimate(
        mean=round(float(mean), 4), low=round(interval.low, 4), high=round(interval.high, 4), n=n, failed=failed
    )


def estimate(values: Sequence[float | None], clusters: Sequence[str], failed: int = 0) -> Estimate:
    """Mean and bootstrap interval of the values that apply; None stays out and is not counted in `n`."""
    known = [(value, cluster) for value, cluster in zip(values, clusters, strict=True) if value is not None]
    if not known:
        return Estimate(mean=None, low=None, high=None, n=0, failed=failed)
    rows = [(value, 1.0) for value, _ in known]
    means = {"mean": lambda total: ratio(total[..., 0], total[..., 1])}
    found = estimate_sums(means, rows, [cluster for _, cluster in known])
    return found["mean"].model_copy(update={"failed": failed})


def estimate_sums(
    measures: Mapping[str, Measure], columns: npt.ArrayLike, clusters: Sequence[str]
) -> dict[str, Estimate]:
    """Statistics of column totals, such as a ratio of sums, with the intervals that `bootstrap` would give.

    `columns` has a line per row. All resamples are made at once and serve every measure.

    >>> rows, clusters = [[1, 2], [2, 4]], ["a", "b"]
    >>> estimate_sums({"half": lambda total: total[..., 0] / total[..., 1]}, rows, clusters)
    {'half': Estimate(mean=0.5, low=0.5, high=0.5, n=2, failed=0)}
    """
    total = np.asarray(columns, dtype=np.float64).sum(axis=0)
    resampled = Clusters.named(clusters).resampled_sums(columns)
    return {
        name: rounded(float(measure(total)), percentile(measure(resampled)), len(clusters))
        for name, measure in measures.items()
    }


def estimate_of(statistic: Callable[[Rows], float], clusters: Sequence[str]) -> Estimate:
    """Any other statistic of rows with its interval."""
    return rounded(statistic(np.arange(len(clusters))), bootstrap(statistic, clusters), len(clusters))


def rate(flags: Sequence[bool], clusters: Sequence[str]) -> Estimate:
    """Share of true flags with Wilson's interval at the effective size, which keeps its width at 0 and 1.

    >>> rate([True] * 3, ["a", "b", "c"])
    Estimate(mean=1.0, low=0.4385, high=1.0, n=3, failed=0)
    """
    share = float(np.mean(flags))
    return rounded(share, wilson(share, Clusters.named(clusters).effective_size(flags)), len(flags))


def unit(values: npt.ArrayLike, what: str) -> Floats:
    """The values as an array. Raises InputError when one is not a number from 0 to 1."""
    found = np.asarray(values, dtype=np.float64)
    if not ((found >= 0) & (found <= 1)).all():
        raise InputError(f"The {what} must be numbers from 0 to 1.")
    return found
