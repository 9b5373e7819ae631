"""Turn a verifier's scores into honest confidences. Fit on development data only, then frozen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glossator.errors import InputError
from glossator.statistics.clusters import Floats

EDGE = 1e-6
"""Confidences are kept this far from 0 and 1, where the logit is infinite."""
STEPS = 100
"""Newton steps at most; a handful suffices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """One number that makes confidences bolder (below 1) or more modest (above 1), their order kept."""

    temperature: float

    def apply(self, confidence: npt.ArrayLike) -> Floats:
        """Confidences from 0 to 1 in, the same out."""
        return _sigmoid(_logit(confidence) / self.temperature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platt:
    """A logistic curve over scores of any scale."""

    slope: float
    intercept: float

    def apply(self, scores: npt.ArrayLike) -> Floats:
        """Confidences, 0 to 1."""
        return _sigmoid(self.slope * np.asarray(scores, dtype=np.float64) + self.intercept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Isotonic:
    """A staircase over scores of any scale that never falls."""

    starts: tuple[float, ...]
    """Score at which each step begins, ascending; lower scores stand on the first."""
    levels: tuple[float, ...]
    """Confidence on each step."""

    def apply(self, scores: npt.ArrayLike) -> Floats:
        """Confidences, 0 to 1."""
        step = np.searchsorted(self.starts, np.asarray(scores, dtype=np.float64), side="right") - 1
        return np.array(self.levels)[np.maximum(step, 0)]


def fit_temperature(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> Temperature:
    """The temperature of least cross-entropy (Guo et al. 2017), with Platt's targets.

    Raises InputError where higher confidences are not more often right: no temperature mends that.
    """
    (slope,) = _logistic(_logit(confidence)[:, None], _targets(correct))
    if not slope > EDGE:
        raise InputError("Higher confidences are not more often right: no temperature mends that.")
    return Temperature(temperature=float(1 / slope))


def fit_platt(scores: npt.ArrayLike, correct: npt.ArrayLike) -> Platt:
    """The logistic curve of least cross-entropy (Platt 1999; Newton's steps as in Lin, Lin & Weng 2007)."""
    given = np.asarray(scores, dtype=np.float64)
    slope, intercept = _logistic(np.column_stack([given, np.ones_like(given)]), _targets(correct))
    return Platt(slope=float(slope), intercept=float(intercept))


def fit_isotonic(scores: npt.ArrayLike, correct: npt.ArrayLike) -> Isotonic:
    """The rising staircase of least squared error: pool adjacent violators (Ayer et al. 1955; Zadrozny & Elkan 2002).

    >>> fit_isotonic([1, 2, 3, 4], [0, 1, 0, 1])
    Isotonic(starts=(1.0, 2.0, 4.0), levels=(0.0, 0.5, 1.0))
    """
    places, place, count = np.unique(np.asarray(scores, np.float64), return_inverse=True, return_counts=True)
    right = np.bincount(place, weights=np.asarray(correct, dtype=np.float64))
    steps: list[tuple[float, float, int]] = []  # where it starts, how many are right, how many there are
    for step in zip(places, right, count, strict=True):
        steps.append(step)
        while len(steps) > 1 and steps[-2][1] * steps[-1][2] >= steps[-1][1] * steps[-2][2]:
            _, total, size = steps.pop()
            steps[-1] = (steps[-1][0], steps[-1][1] + total, steps[-1][2] + size)
    return Isotonic(
        starts=tuple(float(start) for start, _, _ in steps), levels=tuple(float(t / n) for _, t, n in steps)
    )


def _targets(correct: npt.ArrayLike) -> Floats:
    """Outcomes drawn in from 0 and 1, so that a curve exists even where scores part them cleanly (Platt 1999)."""
    right = np.asarray(correct, dtype=bool)
    high, low = (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2)
    return np.asarray(np.where(right, high, low), dtype=np.float64)


def _logistic(design: Floats, target: Floats) -> Floats:
    """Weights of least cross-entropy: Newton's method, each step halved until it does not climb."""
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        likely = _sigmoid(design @ weights)
        gradient = design.T @ (likely - target)
        curvature = design.T @ (design * (likely * (1 - likely))[:, None])
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        while _loss(design @ (weights - step), target) > _loss(design @ weights, target) and np.abs(step).max() > 1e-12:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() <= 1e-9 * (1 + np.abs(weights).max()):
            break
    return weights


def _loss(logit: Floats, target: Floats) -> float:
    return float((np.logaddexp(0, logit) - target * logit).sum())


def _logit(confidence: npt.ArrayLike) -> Floats:
    inside = np.clip(np.asarray(confidence, dtype=np.float64), EDGE, 1 - EDGE)
    return np.log(inside) - np.log1p(-inside)


def _sigmoid(logit: Floats) -> Floats:
    return np.exp(-np.logaddexp(0, -logit))
