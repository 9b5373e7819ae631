"""How well a verifier agrees with people: what it got right and wrong, and the usual figures of that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, NonNegativeInt, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from glossator.errors import InputError
from glossator.statistics.clusters import Floats
from glossator.statistics.estimates import Estimate, estimate, estimate_sums
from glossator.statistics.intervals import ratio


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Confusion:
    """Human labels against a verifier's: positive is "supported", true is "the verifier said the same"."""

    true_positive: NonNegativeInt
    false_negative: NonNegativeInt
    true_negative: NonNegativeInt
    false_positive: NonNegativeInt

    @classmethod
    def of(cls, gold: Sequence[bool], judged: Sequence[bool]) -> Confusion:
        """Count statements by what people and the verifier said.

        >>> Confusion.of([True, True, False], [True, False, True])
        Confusion(true_positive=1, false_negative=1, true_negative=0, false_positive=1)
        """
        tp, fn, tn, fp = (int(count) for count in _cells(gold, judged).sum(axis=0))
        return cls(true_positive=tp, false_negative=fn, true_negative=tn, false_positive=fp)

    @classmethod
    def from_json(cls, text: str) -> Confusion:
        """Read the four counts. Raises InputError for anything else."""
        try:
            return TypeAdapter(cls).validate_json(text)
        except ValidationError as error:
            raise InputError(f"Not a table of four counts: {error}") from error

    @property
    def positives(self) -> int:
        """Statements that people call supported."""
        return self.true_positive + self.false_negative

    @property
    def negatives(self) -> int:
        """Statements that people call unsupported."""
        return self.true_negative + self.false_positive

    @property
    def sensitivity(self) -> float:
        """Share of the supported that the verifier calls supported; `nan` without any."""
        return float(ratio(self.true_positive, self.positives))

    @property
    def specificity(self) -> float:
        """Share of the unsupported that the verifier calls unsupported; `nan` without any."""
        return float(ratio(self.true_negative, self.negatives))


def agreement(gold: Sequence[bool], judged: Sequence[bool], clusters: Sequence[str]) -> dict[str, Estimate]:
    """Balanced accuracy, macro-F1, Cohen's kappa and the false-green rate, each with its interval."""
    measures = {"balanced_accuracy": balanced_accuracy, "macro_f1": macro_f1, "kappa": kappa}
    figures = estimate_sums(measures, _cells(gold, judged), clusters)
    return {**figures, "false_green": false_green(gold, judged, clusters)}


def false_green(gold: Sequence[bool], judged: Sequence[bool], clusters: Sequence[str]) -> Estimate:
    """Share of the statements unsupported by gold that are judged supported; `n` counts the unsupported."""
    passed = [None if right else float(green) for right, green in zip(gold, judged, strict=True)]
    return estimate(passed, clusters)


def balanced_accuracy(cells: Floats) -> Floats:
    """Mean of sensitivity and specificity; cells are (true positive, false negative, true negative, false positive)."""
    tp, fn, tn, fp = np.moveaxis(cells, -1, 0)
    return (ratio(tp, tp + fn) + ratio(tn, tn + fp)) / 2


def macro_f1(cells: Floats) -> Floats:
    """Mean of the F1 of "supported" and the F1 of "unsupported"."""
    tp, fn, tn, fp = np.moveaxis(cells, -1, 0)
    return (ratio(2 * tp, 2 * tp + fp + fn) + ratio(2 * tn, 2 * tn + fp + fn)) / 2


def kappa(cells: Floats) -> Floats:
    """Agreement beyond chance (Cohen 1960); `nan` where chance alone agrees fully.

    >>> float(kappa(np.array([20.0, 5.0, 15.0, 10.0])).round(4))
    0.4
    """
    tp, fn, tn, fp = np.moveaxis(cells, -1, 0)
    n = tp + fn + tn + fp
    chance = (tp + fn) * (tp + fp) + (tn + fp) * (tn + fn)
    return ratio(n * (tp + tn) - chance, n**2 - chance)


def auroc(gold: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """Chance that a supported statement scores above an unsupported one, ties counting half (Mann & Whitney 1947).

    `nan` where one of the two is missing.

    >>> auroc([True, False, True], [0.9, 0.5, 0.5])
    0.75
    """
    right = np.asarray(gold, dtype=bool)
    _, place, count = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positive, negative = right.sum(), (~right).sum()
    return float(ratio(rank[right].sum() - positive * (positive + 1) / 2, positive * negative))


def _cells(gold: Sequence[bool], judged: Sequence[bool]) -> Floats:
    """One line per statement with a 1 in its cell."""
    right, green = np.asarray(gold, dtype=bool), np.asarray(judged, dtype=bool)
    return np.column_stack([right & green, right & ~green, ~right & ~green, ~right & green]).astype(np.float64)
