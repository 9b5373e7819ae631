"""What people would have found: a verifier's figures corrected for its own error, raw and corrected side by side.

Two ways, by what people have labelled. `correct_rate` needs the verifier's confusion, from any sample on which it errs
as it does here: per class, supported and unsupported. `prediction_powered` needs labels of some statements drawn at
random from the very ones that are measured, and then assumes nothing about the verifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, sqrt

import numpy as np
from pydantic import BaseModel, ConfigDict

from glossator.statistics.agreement import Confusion
from glossator.statistics.clusters import Clusters
from glossator.statistics.estimates import Estimate, estimate, rate, rounded, unit
from glossator.statistics.intervals import Interval, Z


class Corrected(BaseModel):
    """A figure as the verifier gives it and as people would."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    raw: Estimate
    corrected: Estimate
    """Its interval holds the uncertainty of the measured sample and of the human labels; undefined with a reason."""
    why: str = ""
    """Why there is no correction; empty where there is one."""


def correct_rate(judged: Sequence[bool], clusters: Sequence[str], confusion: Confusion) -> Corrected:
    """The true share of supported statements, from the judged share and the verifier's confusion.

    Undefined where so many, or so few, are judged supported that no true share explains it with this confusion: the
    verifier then does not err here as it does on the labelled statements.
    """
    raw = rate(judged, clusters)
    if why := _unusable(confusion):
        return Corrected(raw=raw, corrected=_undefined(len(judged)), why=why)
    share, size = float(np.mean(judged)), Clusters.named(clusters).effective_size(judged)
    interval = lang_reiczigel(share, size, confusion)
    if interval.low == interval.high:
        why = f"it finds supported {share:.2f} where its errors on labelled statements allow {_range(confusion)}"
        return Corrected(raw=raw, corrected=_undefined(len(judged)), why=why)
    return Corrected(raw=raw, corrected=rounded(rogan_gladen(share, confusion), interval, len(judged)))


def rogan_gladen(share: float, confusion: Confusion) -> float:
    """True share behind a judged one: (share + specificity - 1) / (sensitivity + specificity - 1), from 0 to 1.

    Rogan & Gladen 1978.

    >>> rogan_gladen(0.5, Confusion(true_positive=8, false_negative=2, true_negative=10, false_positive=0))
    0.625
    """
    true = (share + confusion.specificity - 1) / (confusion.sensitivity + confusion.specificity - 1)
    return float(np.clip(true, 0, 1))


def lang_reiczigel(share: float, n: float, confusion: Confusion) -> Interval:
    """Interval of the true share when sensitivity and specificity are themselves estimates.

    Lang & Reiczigel 2014, equations 4 to 17: one success and one failure are added to sensitivity and to specificity,
    Z² / 2 of each to the judged share (`n` rows, an effective size allowed), and the centre is moved for the curvature
    of the ratio. Equation 4 is printed with (1 + P)² where its derivation has (1 - P)²; the latter is used.
    """
    se, n_se = _plus_one(confusion.true_positive, confusion.positives)
    sp, n_sp = _plus_one(confusion.true_negative, confusion.negatives)
    ap, n_ap = (n * share + Z**2 / 2) / (n + Z**2), n + Z**2
    better = se + sp - 1
    true = (ap + sp - 1) / better
    from_se, from_sp = se * (1 - se) / n_se, sp * (1 - sp) / n_sp
    shift = 2 * Z**2 * (true * from_se - (1 - true) * from_sp)
    error = sqrt(ap * (1 - ap) / n_ap + true**2 * from_se + (1 - true) ** 2 * from_sp) / better
    return Interval(true + shift - Z * error, true + shift + Z * error).within(0, 1)


def prediction_powered(
    *,
    gold: Sequence[float],
    scores: Sequence[float],
    clusters: Sequence[str],
    unlabelled: Sequence[float],
    unlabelled_clusters: Sequence[str],
) -> Corrected:
    """Mean of gold over all statements, from a few that have it and the verifier's scores of the many that do not.

    mean(weight * unlabelled) + mean(gold - weight * scores), all from 0 to 1, with its normal interval (Angelopoulos
    et al. 2023; the weight of PPI++, Angelopoulos, Duchi & Zrnic 2023). The labelled must be drawn at random from the
    same statements, and no cluster lie in both. `raw` is the mean score of the unlabelled; `corrected.n` counts the
    labelled. A normal interval wants some hundred labels with ten of the rarer kind; below, it covers 90 to 93 %.
    Undefined where gold less weighted scores does not vary: the labels then say nothing of their own error.
    """
    truth, seen, rest = unit(gold, "gold labels"), unit(scores, "scores"), unit(unlabelled, "unlabelled scores")
    raw, few, many = (
        estimate(unlabelled, unlabelled_clusters),
        Clusters.named(clusters),
        Clusters.named(unlabelled_clusters),
    )
    weight = power_tuning(gold, scores, clusters, unlabelled, unlabelled_clusters)
    residual = truth - weight * seen
    rectifier = few.covariance_of_means(residual, residual)
    variance = weight**2 * many.covariance_of_means(rest, rest) + rectifier if weight else rectifier
    if isnan(variance) or not rectifier > 0:
        return Corrected(raw=raw, corrected=_undefined(len(truth)), why="the labelled statements do not vary")
    mean = weight * rest.mean() + residual.mean()
    interval = Interval(mean - Z * sqrt(variance), mean + Z * sqrt(variance)).within(0, 1)
    return Corrected(raw=raw, corrected=rounded(float(np.clip(mean, 0, 1)), interval, len(truth)))


def power_tuning(
    gold: Sequence[float],
    scores: Sequence[float],
    clusters: Sequence[str],
    unlabelled: Sequence[float],
    unlabelled_clusters: Sequence[str],
) -> float:
    """Trust in the verifier, from 0 (labels only) to 1, that makes the interval of `prediction_powered` shortest.

    cov(mean gold, mean scores) / (var(mean scores) + var(mean unlabelled)), by cluster: the weight of PPI++ (section 6)
    in the form of Zrnic 2024, which holds for rows that are not independent.
    """
    few, many = Clusters.named(clusters), Clusters.named(unlabelled_clusters)
    spread = few.covariance_of_means(scores, scores) + many.covariance_of_means(unlabelled, unlabelled)
    return float(np.clip(few.covariance_of_means(gold, scores) / spread, 0, 1)) if spread > 0 else 0.0


def _range(confusion: Confusion) -> str:
    """Judged shares that a true share from 0 to 1 leads to."""
    return f"{1 - confusion.specificity:.2f} to {confusion.sensitivity:.2f}"


def _unusable(confusion: Confusion) -> str:
    """Why this confusion corrects nothing: a class without labels, or no proof that the verifier beats chance."""
    for kind, count in (("supported", confusion.positives), ("unsupported", confusion.negatives)):
        if not count:
            return f"no statement is labelled {kind}"
    se, n_se = _plus_one(confusion.true_positive, confusion.positives)
    sp, n_sp = _plus_one(confusion.true_negative, confusion.negatives)
    low = se + sp - 1 - Z * sqrt(se * (1 - se) / n_se + sp * (1 - sp) / n_sp)
    gain = confusion.sensitivity + confusion.specificity - 1
    return "" if low > 0 else f"sensitivity + specificity - 1 is {gain:.2f}: not surely above 0, which is chance"


def _plus_one(successes: int, n: int) -> tuple[float, int]:
    """A rate with one success and one failure added, and its count (Agresti & Caffo 2000)."""
    return (successes + 1) / (n + 2), n + 2


def _undefined(n: int) -> Estimate:
    return Estimate(mean=None, low=None, high=None, n=n)
