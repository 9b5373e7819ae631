"""Corrected figures hold the truth where raw ones do not: the papers' examples, and coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from glossator.errors import InputError
from glossator.statistics.agreement import Confusion
from glossator.statistics.correction import (
    correct_rate,
    lang_reiczigel,
    power_tuning,
    prediction_powered,
    rogan_gladen,
)
from glossator.statistics.estimates import Estimate

CASES = 300
"""Simulated evaluations; the standard error of a coverage of 95 % is then 1.3 points."""


def confusion(tp: int, positives: int, tn: int, negatives: int) -> Confusion:
    return Confusion(true_positive=tp, false_negative=positives - tp, true_negative=tn, false_positive=negatives - tn)


def ids(n: int, size: int = 1, start: str = "") -> list[str]:
    return [f"{start}{row // size}" for row in range(n)]


def holds(found: Estimate, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


@pytest.mark.parametrize(
    ("share", "n", "human", "low", "high"),
    [
        (4060 / 11284, 11284, confusion(178, 179, 358, 359), 0.349, 0.372),
        (51 / 2971, 2971, confusion(32, 33, 20, 20), 0, 0.053),
        (0.06, 11862, confusion(8, 10, 12, 12), 0, 0.147),
        (259 / 509, 509, confusion(84, 127, 96, 109), 0.58, 0.87),
        (51 / 509, 509, confusion(23, 41, 187, 195), 0.037, 0.195),
    ],
)
def test_the_examples_of_lang_and_reiczigel(share: float, n: int, human: Confusion, low: float, high: float) -> None:
    """Their examples 1 to 4, as the manual of the R package asht gives them."""
    assert lang_reiczigel(share, n, human) == pytest.approx((low, high), abs=5e-3 if high == 0.87 else 5e-4)


def test_the_truth_behind_a_known_verifier_is_recovered() -> None:
    human = confusion(90, 100, 70, 100)
    for truth in (0.0, 0.2, 0.9, 1.0):
        assert rogan_gladen(truth * 0.9 + (1 - truth) * 0.3, human) == pytest.approx(truth)
    assert (rogan_gladen(0.1, human), rogan_gladen(0.99, human)) == (0, 1)


def test_more_labels_make_the_corrected_interval_narrower_but_not_the_raw_one() -> None:
    judged = [True] * 150 + [False] * 50
    few, many = (correct_rate(judged, ids(200), confusion(9 * m, 10 * m, 8 * m, 10 * m)) for m in (5, 50))
    assert few.raw == many.raw and few.corrected.mean == many.corrected.mean == 0.7857
    widths = [found.corrected.high - found.corrected.low for found in (few, many)]  # type: ignore[operator]
    assert widths[1] < 0.7 * widths[0]
    assert widths[1] > few.raw.high - few.raw.low  # type: ignore[operator]


def test_statements_of_one_document_widen_the_corrected_interval() -> None:
    judged, human = [True] * 150 + [False] * 50, confusion(90, 100, 80, 100)
    alone, together = correct_rate(judged, ids(200), human), correct_rate(judged, ids(200, 5), human)
    assert together.corrected.mean == alone.corrected.mean
    assert together.corrected.low < alone.corrected.low  # type: ignore[operator]


@pytest.mark.parametrize(
    ("human", "why"),
    [
        (confusion(0, 0, 5, 10), "labelled supported"),
        (confusion(5, 10, 0, 0), "labelled unsupported"),
        (confusion(50, 100, 50, 100), "is 0.00"),
        (confusion(55, 100, 52, 100), "is 0.07: not surely above 0"),
        (confusion(20, 100, 20, 100), "is -0.60"),
    ],
)
def test_a_verifier_not_better_than_chance_corrects_nothing(human: Confusion, why: str) -> None:
    found = correct_rate([True, False, True], ids(3), human)
    assert found.corrected == Estimate(mean=None, low=None, high=None, n=3)
    assert why in found.why and found.raw.mean == 0.6667


@pytest.mark.parametrize("verdict", [True, False])
def test_more_or_fewer_than_any_truth_explains_is_not_corrected(verdict: bool) -> None:
    found = correct_rate([verdict] * 200, ids(200), confusion(70, 100, 80, 100))
    assert found.corrected.mean is None and "0.20 to 0.70" in found.why
    assert found.raw.mean == float(verdict)


@pytest.mark.parametrize(("truth", "size"), [(0.8, 1), (0.95, 1), (0.9, 4)])
def test_the_corrected_rate_covers_the_truth_and_the_raw_one_does_not(truth: float, size: int) -> None:
    """500 statements, a verifier of sensitivity 0.9 and specificity 0.75, 150 + 80 human labels."""
    rng, found = np.random.default_rng(1), []
    for _ in range(CASES):
        right = np.repeat(rng.random(500 // size) < truth, size)
        judged = np.where(right, rng.random(500) < 0.9, rng.random(500) > 0.75)
        human = confusion(rng.binomial(150, 0.9), 150, rng.binomial(80, 0.75), 80)
        found.append(correct_rate(judged.tolist(), ids(500, size), human))
    assert 0.92 <= np.mean([holds(one.corrected, truth) for one in found]) <= 0.985
    assert np.mean([holds(one.raw, truth) for one in found]) < 0.75
    assert np.mean([one.corrected.mean for one in found]) == pytest.approx(truth, abs=0.01)


def sample(rng: np.random.Generator, n: int, size: int) -> tuple[list[float], list[float]]:
    """Labels of clusters that differ in their rates, 0.7 on average, and scores that are too generous."""
    gold = rng.random(n) < np.repeat(rng.beta(2.8, 1.2, n // size), size)
    scores = np.clip(rng.normal(np.where(gold, 0.9, 0.5), 0.2), 0, 1)
    return gold.astype(float).tolist(), scores.tolist()


def test_the_prediction_powered_mean_covers_the_truth_in_less_width_than_labels_alone() -> None:
    """120 labelled statements and 1,200 that only the verifier saw, four to a document."""
    rng, powered, labels, raw, widths = np.random.default_rng(1), [], [], [], []
    for _ in range(CASES):
        (gold, scores), (_, rest) = sample(rng, 120, 4), sample(rng, 1200, 4)
        shared = {"gold": gold, "clusters": ids(120, 4), "unlabelled_clusters": ids(1200, 4, "u")}
        with_scores = prediction_powered(**shared, scores=scores, unlabelled=rest)  # type: ignore[arg-type]
        without = prediction_powered(**shared, scores=[0.5] * 120, unlabelled=[0.5] * 1200)  # type: ignore[arg-type]
        powered.append(holds(with_scores.corrected, 0.7))
        labels.append(holds(without.corrected, 0.7))
        raw.append(holds(with_scores.raw, 0.7))
        widths.append([e.high - e.low for e in (with_scores.corrected, without.corrected)])  # type: ignore[operator]
    assert 0.91 <= np.mean(powered) <= 0.985 and 0.91 <= np.mean(labels) <= 0.985
    assert np.mean(raw) < 0.1
    powered_width, label_width = np.mean(widths, axis=0)
    assert powered_width < 0.85 * label_width


def test_a_verifier_that_is_right_carries_all_the_weight_and_a_random_one_little() -> None:
    rng = np.random.default_rng(3)
    gold, rest = (rng.random(200) < 0.6).astype(float), (rng.random(2000) < 0.6).astype(float)
    assert power_tuning(gold.tolist(), gold.tolist(), ids(200), rest.tolist(), ids(2000)) > 0.85
    assert power_tuning(gold.tolist(), gold.tolist(), ids(200), gold.tolist(), ids(200)) == pytest.approx(0.5)
    assert power_tuning(gold.tolist(), rng.random(200).tolist(), ids(200), rng.random(2000).tolist(), ids(2000)) < 0.2
    assert power_tuning(gold.tolist(), (1 - gold).tolist(), ids(200), (1 - rest).tolist(), ids(2000)) == 0


def test_the_weight_is_that_of_the_paper_for_independent_rows() -> None:
    """PPI++: cov(Y, f) / ((1 + n / N) var(f)), the variance pooled over both samples."""
    rng = np.random.default_rng(5)
    gold, rest = rng.random(400), rng.random(4000)
    scores = 0.5 * gold + 0.5 * rng.random(400)
    rest = 0.5 * rest + 0.5 * rng.random(4000)
    pooled = np.concatenate([scores, rest]).var(ddof=1)
    paper = np.cov(gold, scores)[0, 1] / ((1 + 400 / 4000) * pooled)
    assert power_tuning(gold.tolist(), scores.tolist(), ids(400), rest.tolist(), ids(4000)) == pytest.approx(
        paper, rel=0.1
    )


def test_the_prediction_powered_mean_is_worked_by_hand() -> None:
    """Weight 1 at most: the scores tell gold apart by half, so the weight is cut to 1."""
    gold, scores, rest = [1.0, 1.0, 0.0, 0.0], [0.75, 0.75, 0.5, 0.25], [0.75, 0.25] * 500
    found = prediction_powered(
        gold=gold, scores=scores, clusters=ids(4), unlabelled=rest, unlabelled_clusters=ids(1000)
    )
    assert power_tuning(gold, scores, ids(4), rest, ids(1000)) == 1
    residual = np.array([0.25, 0.25, -0.5, -0.25])
    half = 1.96 * np.sqrt(residual.var(ddof=1) / 4 + np.var(rest, ddof=1) / 1000)
    middle = 0.5 + residual.mean()
    assert found.raw.mean == 0.5 and found.corrected.n == 4
    assert (found.corrected.mean, found.corrected.low, found.corrected.high) == pytest.approx(
        (middle, middle - half, middle + half), abs=1e-4
    )


def test_labels_that_do_not_vary_correct_nothing() -> None:
    rest = {"unlabelled": [0.1, 0.9], "unlabelled_clusters": ["u", "v"]}
    found = prediction_powered(gold=[1, 1], scores=[0.2, 0.9], clusters=["a", "b"], **rest)  # type: ignore[arg-type]
    assert found.corrected.mean is None and found.why == "the labelled statements do not vary"
    one = prediction_powered(gold=[1, 0], scores=[0.2, 0.9], clusters=["a", "a"], **rest)  # type: ignore[arg-type]
    assert one.corrected.mean is None
    with pytest.raises(InputError, match="gold labels"):
        prediction_powered(gold=[2, 0], scores=[0.2, 0.9], clusters=["a", "b"], **rest)  # type: ignore[arg-type]
