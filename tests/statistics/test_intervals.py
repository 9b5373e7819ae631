"""Intervals: whole clusters, two paths with one answer, rates that keep their width, and what is undefined."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest

from glossator.errors import InputError
from glossator.statistics.clusters import RESAMPLES, Clusters
from glossator.statistics.estimates import estimate, estimate_of, estimate_sums, rate, unit
from glossator.statistics.intervals import Interval, bootstrap, percentile, ratio, wilson

RNG = np.random.default_rng(7)
VALUES, NAMES = RNG.random(60), [f"d{n}" for n in RNG.integers(0, 17, 60)]


def mean(rows: Any) -> float:
    return float(np.asarray([0.0, 0.0, 1.0, 1.0])[rows].mean())


def test_a_bootstrap_gives_the_same_interval_every_time() -> None:
    assert bootstrap(mean, ["a", "b", "c", "d"]) == bootstrap(mean, ["a", "b", "c", "d"])


def test_a_bootstrap_resamples_whole_clusters() -> None:
    drawn: set[tuple[int, ...]] = set()

    def look(rows: Any) -> float:
        drawn.add(tuple(sorted(int(row) for row in rows)))
        return 0.0

    bootstrap(look, ["a", "b", "a", "b"])
    assert drawn == {(0, 0, 2, 2), (0, 1, 2, 3), (1, 1, 3, 3)}


def test_every_resample_holds_the_rows_of_the_clusters_drawn() -> None:
    clusters = Clusters.named(NAMES)
    draws = [draw for block in clusters.draws() for draw in block]
    by_hand = [[row for number in draw for row in np.flatnonzero(clusters.number == number)] for draw in draws[:50]]
    assert [rows.tolist() for rows, _ in zip(clusters.resampled_rows(), range(50), strict=False)] == by_hand
    assert len(draws) == RESAMPLES


def test_an_interval_widens_with_clusters_and_closes_on_equal_values() -> None:
    apart, together = bootstrap(mean, ["a", "b", "c", "d"]), bootstrap(mean, ["a", "a", "b", "b"])
    assert together == (0.0, 1.0)
    assert together[0] <= apart[0] <= 0.5 <= apart[1] <= together[1]
    assert bootstrap(lambda rows: 0.25, ["a", "b"]) == (0.25, 0.25)


def test_sums_give_the_interval_that_rows_give() -> None:
    weights = RNG.random(60)

    def weighted(rows: Any) -> float:
        return float((VALUES * weights)[rows].sum() / weights[rows].sum())

    columns = np.column_stack([VALUES * weights, weights])
    by_sums = estimate_sums({"mean": lambda total: ratio(total[..., 0], total[..., 1])}, columns, NAMES)["mean"]
    assert by_sums == estimate_of(weighted, NAMES)
    assert by_sums.low is not None and by_sums.mean is not None and by_sums.low < by_sums.mean


def test_a_mean_is_a_ratio_of_sums() -> None:
    assert estimate(VALUES.tolist(), NAMES) == estimate_of(lambda rows: float(VALUES[rows].mean()), NAMES)


def test_the_bootstrap_spreads_as_theory_says() -> None:
    values = RNG.normal(0, 1, 400)
    low, high = bootstrap(lambda rows: float(values[rows].mean()), [str(n) for n in range(400)])
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)


def test_resamples_without_a_value_are_left_out() -> None:
    assert percentile([float("nan"), 1.0, 1.0]) == (1.0, 1.0)
    assert isnan(percentile([float("nan")]).low)
    found = estimate_of(lambda rows: float("nan"), ["a"])
    assert (found.mean, found.low, found.high, found.n) == (None, None, None, 1)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_wilsons_interval_is_that_of_newcombes_table(successes: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3."""
    assert wilson(successes / n, n) == pytest.approx((low, high), abs=6e-5)


def test_a_rate_of_clusters_counts_them_and_not_their_rows() -> None:
    flags, clusters = [True] * 10 + [False] * 10, [f"d{n // 2}" for n in range(20)]
    assert Clusters.named(clusters).effective_size(flags) == pytest.approx(9)
    assert Clusters.named(["a"] * 8).effective_size([True, False] * 4) == 1
    assert Clusters.named(["a", "a", "b"]).effective_size([True] * 3) == 2
    assert Clusters.named(["a", "a", "b", "b"]).effective_size([True, False] * 2) == 4
    assert Clusters.named(clusters).effective_size([True, False] * 9 + [True, True]) == 20


def test_a_perfect_rate_is_not_certain() -> None:
    found = rate([True] * 10, [str(n) for n in range(10)])
    assert (found.mean, found.high) == (1, 1) and found.low == pytest.approx(0.7225, abs=1e-4)


def test_the_variance_of_a_mean_is_the_usual_one_for_single_rows() -> None:
    alone, other = Clusters.named([str(n) for n in range(60)]), RNG.random(60)
    assert alone.covariance_of_means(VALUES, other) == pytest.approx(np.cov(VALUES, other)[0, 1] / 60)
    assert isnan(Clusters.named(["a", "a"]).covariance_of_means([1, 2], [1, 2]))


def test_copies_of_a_row_add_nothing() -> None:
    once, thrice = Clusters.named([str(n) for n in range(60)]), Clusters.named([str(n // 3) for n in range(180)])
    variance = thrice.covariance_of_means(np.repeat(VALUES, 3), np.repeat(VALUES, 3))
    assert variance == pytest.approx(once.covariance_of_means(VALUES, VALUES))


def test_nothing_to_measure_is_said() -> None:
    with pytest.raises(InputError, match="No rows"):
        Clusters.named([])
    with pytest.raises(InputError, match="scores must be numbers from 0 to 1"):
        unit([0.5, float("nan")], "scores")
    assert Interval(-1.0, 2.0).within(0, 1) == (0, 1)
