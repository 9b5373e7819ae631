"""Questions that share a gold document are not independent: rows are drawn and summed by whole clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glossator.errors import InputError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

RESAMPLES = 2000
BLOCK = 100
"""Resamples held in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Which rows belong together."""

    number: Rows
    """Cluster of each row, from 0."""
    size: Rows
    """Rows of each cluster."""

    @classmethod
    def named(cls, names: Sequence[str]) -> Clusters:
        """Clusters numbered in the order of their names. Raises InputError without rows.

        >>> Clusters.named(["b", "a", "b"]).number.tolist()
        [1, 0, 1]
        """
        if not names:
            raise InputError("No rows to measure: give at least one.")
        place = {name: index for index, name in enumerate(sorted(set(names)))}
        number = np.array([place[name] for name in names], dtype=np.int64)
        return cls(number=number, size=np.bincount(number))

    def sums(self, columns: npt.ArrayLike) -> Floats:
        """Sum of each column over each cluster: rows x columns in, clusters x columns out."""
        table = np.asarray(columns, dtype=np.float64)
        sums = np.zeros((len(self.size), table.shape[1]))
        np.add.at(sums, self.number, table)
        return sums

    def draws(self) -> Iterator[Rows]:
        """RESAMPLES draws of as many clusters as there are, with replacement, in blocks; the same every time."""
        rng, count = np.random.default_rng(0), len(self.size)
        for _ in range(RESAMPLES // BLOCK):
            yield rng.integers(0, count, size=(BLOCK, count))

    def resampled_rows(self) -> Iterator[Rows]:
        """The rows of every resample."""
        order = np.argsort(self.number, kind="stable")
        start = np.cumsum(self.size) - self.size
        for block in self.draws():
            for draw in block:
                length = self.size[draw]
                within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
                yield order[np.repeat(start[draw], length) + within]

    def resampled_sums(self, columns: npt.ArrayLike) -> Floats:
        """Column totals of every resample, RESAMPLES x columns: no row is touched twice, whatever their number."""
        sums, count = self.sums(columns), len(self.size)
        shift = count * np.arange(BLOCK)[:, None]
        times = (np.bincount((block + shift).ravel(), minlength=BLOCK * count) for block in self.draws())
        return np.concatenate([drawn.reshape(BLOCK, count) @ sums for drawn in times])

    def covariance_of_means(self, a: npt.ArrayLike, b: npt.ArrayLike) -> float:
        """Covariance of the means of two columns, rows of one cluster moving together; `nan` for a single cluster.

        The linearised variance of a ratio of cluster totals (Cochran 1977, section 9A.1, without finite-population
        correction). With one row per cluster it is the usual cov(a, b) / n.
        """
        count, rows = len(self.size), len(self.number)
        if count < 2:
            return float("nan")
        table = np.column_stack([np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)])
        apart = self.sums(table - table.mean(axis=0))
        return float(apart[:, 0] @ apart[:, 1] * count / (count - 1) / rows**2)

    def effective_size(self, flags: npt.ArrayLike) -> float:
        """How many independent rows would tell the rate of these flags as well (Kish 1965, section 8.2).

        Never more than there are rows. Where all flags agree, or the rows are one cluster, nothing shows how alike the
        rows of a cluster are: they then count as one, which is the cautious end.
        """
        rate, rows, clusters = float(np.asarray(flags, dtype=np.float64).mean()), len(self.number), len(self.size)
        if rate in (0, 1) or clusters < 2:
            return clusters
        variance, alone = self.covariance_of_means(flags, flags), rate * (1 - rate)
        return alone / variance if rows * variance > alone else rows
