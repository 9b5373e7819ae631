"""Does a confidence of 0.8 mean right four times in five? Brier score, ECE and the table behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glossator.statistics.clusters import Floats, Rows
from glossator.statistics.estimates import Estimate, estimate, estimate_of, unit
from glossator.statistics.intervals import ratio

BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One row of a reliability table."""

    count: int
    confidence: float
    """Mean confidence of its statements."""
    observed: float
    """Share of them that is right."""


def calibration(confidence: Sequence[float], correct: Sequence[bool], clusters: Sequence[str]) -> dict[str, Estimate]:
    """Brier score and ECE with their intervals. Raises InputError for a confidence outside 0 to 1.

    ECE cannot be negative, so noise pushes it up, and resampling once more: with few statements its interval lies high,
    and a low end above 0 is no proof of bad calibration (Roelofs et al. 2022).
    """
    given, right = unit(confidence, "confidences"), np.asarray(correct, dtype=np.float64)
    return {
        "brier": estimate(((given - right) ** 2).tolist(), clusters),
        "ece": estimate_of(lambda rows: ece(given[rows], right[rows]), clusters),
    }


def brier(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> float:
    """Mean squared distance of confidence and outcome, 0 to 1, less is better (Brier 1950, for two classes).

    >>> brier([1.0, 0.5], [1, 0])
    0.125
    """
    return float(np.mean((unit(confidence, "confidences") - np.asarray(correct, dtype=np.float64)) ** 2))


def ece(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> float:
    """Mean distance of confidence and observed rate over BINS bins of equal mass, weighted by their counts.

    Naeini et al. 2015 with the equal-mass bins of Nguyen & O'Connor 2015.

    >>> ece([0.9, 0.9, 0.2], [1, 0, 0])
    0.3333333333333333
    """
    table = _table(unit(confidence, "confidences"), np.asarray(correct, dtype=np.float64))
    return float(np.abs(table[:, 1] - table[:, 2]).sum() / table[:, 0].sum())


def reliability(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> tuple[Bin, ...]:
    """The bins that hold anything, from the least confident to the most."""
    table = _table(unit(confidence, "confidences"), np.asarray(correct, dtype=np.float64))
    return tuple(
        Bin(count=int(count), confidence=float(ratio(given, count)), observed=float(ratio(right, count)))
        for count, given, right in table
        if count
    )


def _table(confidence: Floats, correct: Floats) -> Floats:
    """Count, summed confidence and number right of each bin."""
    bins = _bins(confidence)
    weights = (np.ones_like(confidence), confidence, correct)
    return np.column_stack([np.bincount(bins, weights=weight, minlength=BINS) for weight in weights])


def _bins(confidence: Floats) -> Rows:
    """Bin of each row by rank. Equal confidences share the bin of their middle rank, whatever the order of rows."""
    _, place, count = np.unique(confidence, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    return (middle * BINS / len(confidence)).astype(np.int64)[place]
