"""Does the system know what it does not know? Abstaining against gold, and the risk of answering more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glossator.statistics.clusters import Floats, Rows
from glossator.statistics.estimates import Estimate, Measure, estimate_of, estimate_sums
from glossator.statistics.intervals import ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What happens when every question at or above a confidence is answered, and no other."""

    confidence: float
    coverage: float
    """Share of questions answered."""
    risk: float
    """Share of those answered wrongly."""


def abstention(said: Sequence[bool], right: Sequence[bool], clusters: Sequence[str]) -> dict[str, Estimate]:
    """Precision, recall and F1 of abstaining: who abstained, and where that was right.

    Precision is undefined where nobody abstained, recall where nobody should have.
    """
    quiet, due = np.asarray(said, dtype=np.float64), np.asarray(right, dtype=np.float64)
    columns = np.column_stack([quiet * due, quiet, due])
    measures: dict[str, Measure] = {
        "precision": lambda total: ratio(total[..., 0], total[..., 1]),
        "recall": lambda total: ratio(total[..., 0], total[..., 2]),
        "f1": lambda total: ratio(2 * total[..., 0], total[..., 1] + total[..., 2]),
    }
    return estimate_sums(measures, columns, clusters)


def risk_coverage(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> tuple[Point, ...]:
    """The risk-coverage curve (El-Yaniv & Wiener 2010), from the most confident down.

    Equal confidences cannot be told apart by a threshold, so they make one point together.

    >>> [(p.coverage, p.risk) for p in risk_coverage([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0])]
    [(0.25, 0.0), (0.75, 0.3333333333333333), (1.0, 0.5)]
    """
    levels, count, wrong = _steps(confidence, correct)
    answered = np.cumsum(count)
    coverage, risk = answered / answered[-1], np.cumsum(wrong) / answered
    return tuple(
        Point(confidence=float(level), coverage=float(share), risk=float(lost))
        for level, share, lost in zip(levels, coverage, risk, strict=True)
    )


def aurc(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> float:
    """Area under the risk-coverage curve: the mean risk when 1, 2, ... n questions are answered, best first.

    Geifman & El-Yaniv 2017 (selective risk) and Geifman, Uziel & El-Yaniv 2019 (the area). Less is better; 0 is never
    wrong. Among equal confidences every order is equally likely and the mean over all orders is given, so neither luck
    nor the order of rows counts.

    >>> aurc([0.9, 0.5, 0.1], [1, 0, 1])
    0.27777777777777773
    """
    _, count, wrong = _steps(confidence, correct)
    lost = np.cumsum(np.repeat(wrong / count, count))
    return float(np.mean(lost / np.arange(1, len(lost) + 1)))


def selective_risk(confidence: Sequence[float], correct: Sequence[bool], clusters: Sequence[str]) -> Estimate:
    """The AURC with its interval."""
    given, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    return estimate_of(lambda rows: aurc(given[rows], right[rows]), clusters)


def _steps(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> tuple[Floats, Rows, Floats]:
    """Distinct confidences from the highest down, with how many questions have each and how many of those are wrong."""
    levels, place, count = np.unique(-np.asarray(confidence, np.float64), return_inverse=True, return_counts=True)
    wrong = np.zeros(len(levels))
    np.add.at(wrong, place, 1 - np.asarray(correct, dtype=np.float64))
    return -levels, count.astype(np.int64), wrong
