"""Abstaining and risk: against every order of the ties, and the figures at the edges."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from glossator.statistics.abstention import abstention, aurc, risk_coverage, selective_risk

CONFIDENCE, CORRECT = [0.9, 0.5, 0.5, 0.5, 0.2, 0.2], [1, 1, 0, 0, 1, 0]


def area(correct: list[int]) -> float:
    """Mean risk over the first 1, 2, ... n answers."""
    return float(np.mean([1 - np.mean(correct[: n + 1]) for n in range(len(correct))]))


def test_without_ties_the_area_is_the_mean_of_the_risks() -> None:
    assert aurc([0.1, 0.4, 0.3, 0.2], [0, 1, 0, 1]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert aurc([0.9, 0.8], [1, 1]) == 0 and aurc([0.9, 0.8], [0, 0]) == 1


def test_ties_give_the_mean_over_all_their_orders() -> None:
    orders = [area([1, *middle, *last]) for middle in permutations(CORRECT[1:4]) for last in permutations(CORRECT[4:])]
    assert aurc(CONFIDENCE, CORRECT) == pytest.approx(np.mean(orders))
    assert aurc(CONFIDENCE[::-1], CORRECT[::-1]) == pytest.approx(np.mean(orders))


def test_a_confidence_that_says_nothing_has_the_area_of_its_error_rate() -> None:
    assert aurc([0.5] * 6, CORRECT) == pytest.approx(0.5)


def test_the_curve_has_one_point_a_confidence() -> None:
    curve = risk_coverage(CONFIDENCE, CORRECT)
    assert [point.confidence for point in curve] == [0.9, 0.5, 0.2]
    assert [point.coverage for point in curve] == pytest.approx([1 / 6, 4 / 6, 1])
    assert [point.risk for point in curve] == pytest.approx([0, 0.5, 0.5])


def test_the_area_has_an_interval() -> None:
    rng = np.random.default_rng(6)
    sure = rng.random(200)
    found = selective_risk(sure.tolist(), (rng.random(200) < sure).tolist(), [str(n // 2) for n in range(200)])
    assert found.low < found.mean < found.high and found.n == 200  # type: ignore[operator]


def test_abstaining_is_measured_against_where_it_was_due() -> None:
    found = abstention([True, True, False, False, True], [True, False, True, False, True], list("abcde"))
    assert (found["precision"].mean, found["recall"].mean, found["f1"].mean) == (0.6667, 0.6667, 0.6667)
    found = abstention([True, True, True, False], [True, False, False, True], list("abcd"))
    assert (found["precision"].mean, found["recall"].mean, found["f1"].mean) == (0.3333, 0.5, 0.4)


@pytest.mark.parametrize(
    ("said", "right", "figures"),
    [
        ([False, False], [True, False], (None, 0, 0)),
        ([True, False], [False, False], (0, None, 0)),
        ([False, False], [False, False], (None, None, None)),
    ],
)
def test_what_nobody_did_has_no_rate(
    said: list[bool], right: list[bool], figures: tuple[float | None, float | None, float | None]
) -> None:
    found = abstention(said, right, ["a", "b"])
    assert (found["precision"].mean, found["recall"].mean, found["f1"].mean) == figures
