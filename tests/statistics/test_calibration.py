"""Calibration: figures worked by hand, bins of equal mass, and curves that mend what was broken on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glossator.errors import InputError
from glossator.statistics.calibration import BINS, Bin, brier, calibration, ece, reliability
from glossator.statistics.recalibration import fit_isotonic, fit_platt, fit_temperature

RNG = np.random.default_rng(4)
HONEST = RNG.random(4000)
RIGHT = RNG.random(4000) < HONEST
LOGIT = np.log(HONEST / (1 - HONEST))
BOLD = 1 / (1 + np.exp(-3 * LOGIT))
"""The same confidences, three times as sure of themselves."""


def entropy(confidence: Any, right: Any) -> float:
    return float(-np.where(right, np.log(confidence), np.log1p(-confidence)).mean())


def test_brier_and_ece_by_hand() -> None:
    assert brier([0.8, 0.4], [1, 1]) == pytest.approx((0.04 + 0.36) / 2)
    assert ece([0.8, 0.4], [1, 1]) == pytest.approx((0.2 + 0.6) / 2)
    assert ece([0.75] * 4, [1, 1, 1, 0]) == 0
    assert (brier([1.0, 0.0], [0, 1]), ece([1.0, 0.0], [0, 1])) == (1, 1)


def test_bins_hold_equal_mass() -> None:
    table = reliability(HONEST, RIGHT)
    assert len(table) == BINS and sum(row.count for row in table) == 4000
    assert {row.count for row in table} <= {266, 267}
    assert [row.confidence for row in table] == sorted(row.confidence for row in table)
    assert all(abs(row.confidence - row.observed) < 0.12 for row in table)


def test_equal_confidences_share_a_bin_whatever_the_order() -> None:
    confidence, right = [0.5] * 30 + [0.9] * 30, [1, 0] * 15 + [1] * 30
    assert reliability(confidence, right) == (
        Bin(count=30, confidence=0.5, observed=0.5),
        Bin(count=30, confidence=pytest.approx(0.9), observed=1.0),
    )
    assert [row.count for row in reliability([0.0] * 3 + np.linspace(0.1, 1, 27).tolist(), [1] * 30)][:3] == [3, 1, 2]
    order = RNG.permutation(60)
    assert ece(np.array(confidence)[order], np.array(right)[order]) == pytest.approx(ece(confidence, right))


def test_the_bold_are_found_out_and_the_honest_are_not() -> None:
    rows = slice(0, 600)
    names = [str(n // 2) for n in range(600)]
    honest = calibration(HONEST[rows].tolist(), RIGHT[rows].tolist(), names)
    bold = calibration(BOLD[rows].tolist(), RIGHT[rows].tolist(), names)
    assert honest["ece"].high < bold["ece"].low  # type: ignore[operator]
    assert honest["brier"].mean < bold["brier"].mean  # type: ignore[operator]
    assert honest["brier"].mean == round(brier(HONEST[rows], RIGHT[rows]), 4)


def test_a_confidence_beyond_one_is_refused() -> None:
    for measure in (brier, ece, reliability):
        with pytest.raises(InputError, match="confidences must be numbers from 0 to 1"):
            measure([1.2], [1])


def test_the_temperature_that_was_taken_away_is_found() -> None:
    found = fit_temperature(BOLD, RIGHT)
    assert found.temperature == pytest.approx(3, rel=0.06)
    assert ece(found.apply(BOLD), RIGHT) < 0.25 * ece(BOLD, RIGHT)
    assert (np.argsort(found.apply(BOLD[:50])) == np.argsort(BOLD[:50])).all()


def test_no_temperature_turns_a_verifier_round() -> None:
    with pytest.raises(InputError, match="no temperature"):
        fit_temperature(1 - HONEST, RIGHT)


def test_the_logistic_curve_is_found_on_any_scale() -> None:
    found = fit_platt(100 + 50 * (LOGIT - 1) / 2, RIGHT)
    assert found.slope == pytest.approx(2 / 50, rel=0.06)
    assert found.apply([100.0]) == pytest.approx(1 / (1 + np.exp(-1.0)), abs=0.03)


def test_no_curve_beats_the_fitted_one() -> None:
    found, targets = fit_platt(LOGIT, RIGHT), (RIGHT.sum() + 1) / (RIGHT.sum() + 2)
    assert targets > 0.999
    best = entropy(found.apply(LOGIT), RIGHT)
    for slope, intercept in [(0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1)]:
        other = type(found)(slope=found.slope + slope, intercept=found.intercept + intercept)
        assert best < entropy(other.apply(LOGIT), RIGHT)


def test_scores_that_part_cleanly_and_scores_all_equal_have_a_curve() -> None:
    clean = fit_platt([0.0, 0.0, 1.0, 1.0], [0, 0, 1, 1])
    assert clean.apply([0.0, 1.0]) == pytest.approx([0.25, 0.75])
    assert fit_platt([2.0] * 4, [1, 1, 1, 0]).apply([2.0]) == pytest.approx([(3 * 0.8 + 1 / 3) / 4])


def test_the_staircase_is_the_closest_that_never_falls() -> None:
    found = fit_isotonic([1, 2, 3, 4, 5, 6], [0, 1, 0, 0, 1, 1])
    assert (found.starts, found.levels) == ((1, 2, 5), (0, pytest.approx(1 / 3), 1))
    assert found.apply([-1, 1, 2.5, 4.9, 5, 9]).tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 1, 1])


def test_the_staircase_is_the_min_max_of_means() -> None:
    """Ayer et al. 1955: the level at i is max over starts s <= i of min over ends e >= i of the mean of s..e."""
    scores, right = np.repeat(np.arange(12), 3), RNG.random(36) < np.repeat(np.arange(12), 3) / 12
    by_hand = [
        max(min(right[(scores >= s) & (scores <= e)].mean() for e in range(i, 12)) for s in range(i + 1))
        for i in range(12)
    ]
    assert fit_isotonic(scores[::-1], right[::-1]).apply(np.arange(12)).tolist() == pytest.approx(by_hand)
