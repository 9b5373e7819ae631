"""Paired comparisons: exact against enumeration, random against exact, and Holm's worked order."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from glossator.statistics import differences
from glossator.statistics.differences import compare, deltas, holm, sign_flip

DARWIN = [6.125, -8.375, 1.0, 2.0, 0.75, 2.875, 3.5, 5.125, 1.75, 3.625, 7.0, 3.0, 9.375, 7.5, -6.0]
"""Differences in height of 15 pairs of maize plants (Fisher 1935, section 17)."""


def enumerated(sums: list[float]) -> float:
    """Share of sign patterns whose total lies as far from 0 as the one seen."""
    seen = abs(sum(sums))
    totals = [abs(sum(s * v for s, v in zip(signs, sums, strict=True))) for signs in product((1, -1), repeat=len(sums))]
    return sum(total >= seen - 1e-12 for total in totals) / len(totals)


def test_a_few_clusters_are_enumerated() -> None:
    values, clusters = [0.5, -0.25, 1.0, 0.75, -0.5, 0.25], ["a", "b", "a", "c", "d", "b"]
    assert sign_flip(values, clusters) == enumerated([1.5, 0.0, 0.75, -0.5])


def test_fishers_maize_is_found_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,726 of 32,768 patterns lie as far as the 314 eighths of an inch that Darwin saw (Fisher 1935, section 21)."""
    monkeypatch.setattr(differences, "EXACT", 15)
    assert sign_flip(DARWIN, [str(n) for n in range(15)]) == 1726 / 32768


def test_random_flips_come_near_the_exact_value_and_never_reach_zero() -> None:
    assert sign_flip(DARWIN, [str(n) for n in range(15)]) == pytest.approx(1726 / 32768, abs=0.007)
    assert sign_flip([1.0] * 40, [str(n) for n in range(40)]) == 1e-4


def test_the_side_does_not_matter() -> None:
    clusters = [str(n) for n in range(15)]
    assert sign_flip(DARWIN, clusters) == sign_flip([-value for value in DARWIN], clusters)


def test_repeating_a_cluster_proves_nothing_more() -> None:
    assert sign_flip([1.0, 2.0] * 5, ["a", "b"] * 5) == sign_flip([1.0, 2.0], ["a", "b"]) == 0.5


def test_without_difference_the_p_value_is_one() -> None:
    assert sign_flip([0.0] * 30, [str(n) for n in range(30)]) == 1
    assert sign_flip([0.1, 0.2, -0.3], ["a", "b", "c"]) == 1
    assert sign_flip([None], ["a"]) is None


def test_the_test_keeps_its_level_under_the_null() -> None:
    rng = np.random.default_rng(11)
    clusters = [str(n // 3) for n in range(30)]
    p_values = [
        sign_flip((np.repeat(rng.normal(size=10), 3) + rng.normal(size=30)).tolist(), clusters) for _ in range(400)
    ]
    assert 0.02 <= np.mean([p is not None and p <= 0.05 for p in p_values]) <= 0.08


def test_holm_multiplies_by_what_is_left_and_never_falls() -> None:
    found = holm({"a": 0.01, "b": 0.02, "c": 0.022, "d": 0.6, "e": 0.9})
    assert found == pytest.approx({"a": 0.05, "b": 0.08, "c": 0.08, "d": 1.0, "e": 1.0})
    assert holm({}) == {}


def test_slices_are_compared_together() -> None:
    better, base = [1.0] * 8 + [0.5, None], [0.0] * 8 + [0.5, 0.0]
    slices = {"short": range(8), "long": [8], "none": [9]}
    found = compare(better, base, [str(n) for n in range(10)], slices)
    assert (found["short"].difference.mean, found["short"].p, found["short"].adjusted) == (1, 2 / 256, 4 / 256)
    assert (found["long"].difference.mean, found["long"].p, found["long"].adjusted) == (0, 1, 1)
    assert (found["none"].difference.n, found["none"].p, found["none"].adjusted) == (0, None, None)


def test_a_difference_is_better_minus_base() -> None:
    assert deltas([1.0, None, 0.0], [0.25, 1.0, 1.0]) == [0.75, None, -1.0]
