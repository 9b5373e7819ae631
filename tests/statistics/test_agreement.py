"""Agreement with people, against values worked by hand and against counting pairs."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from glossator.errors import InputError
from glossator.statistics.agreement import Confusion, agreement, auroc, balanced_accuracy, kappa, macro_f1

GOLD = [True] * 25 + [False] * 25
JUDGED = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
ALONE = [str(n) for n in range(50)]


def test_a_confusion_counts_the_four_cells() -> None:
    found = Confusion.of(GOLD, JUDGED)
    assert asdict(found) == {"true_positive": 20, "false_negative": 5, "true_negative": 15, "false_positive": 10}
    assert (found.sensitivity, found.specificity, found.positives, found.negatives) == (0.8, 0.6, 25, 25)
    assert np.isnan(Confusion.of([True], [True]).specificity)


def test_a_confusion_is_read_from_json_and_nothing_else_is() -> None:
    found = Confusion.of(GOLD, JUDGED)
    assert Confusion.from_json(json.dumps(asdict(found))) == found
    for wrong in ({**asdict(found), "true_positive": -1}, {**asdict(found), "extra": 1}, {"true_positive": 1}):
        with pytest.raises(InputError, match="four counts"):
            Confusion.from_json(json.dumps(wrong))


def test_the_figures_are_those_worked_by_hand() -> None:
    found = agreement(GOLD, JUDGED, ALONE)
    assert found["balanced_accuracy"].mean == 0.7
    assert found["kappa"].mean == 0.4
    assert found["macro_f1"].mean == round((40 / 55 + 30 / 45) / 2, 4)
    assert (found["false_green"].mean, found["false_green"].n) == (0.4, 25)
    assert all(e.low < e.mean < e.high for e in found.values())  # type: ignore[operator]


def test_a_verifier_that_always_agrees_earns_nothing_by_chance() -> None:
    green = np.array([25.0, 0.0, 0.0, 25.0])
    assert balanced_accuracy(green) == 0.5 and kappa(green) == 0
    assert macro_f1(green) == pytest.approx(1 / 3)
    assert np.isnan(kappa(np.array([10.0, 0.0, 0.0, 0.0]))) and np.isnan(balanced_accuracy(np.array([10.0, 0, 0, 0])))


def test_the_auroc_is_the_share_of_pairs_in_order() -> None:
    rng = np.random.default_rng(2)
    gold, scores = rng.random(40) < 0.4, rng.integers(0, 6, 40) / 5 + 0.0
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[gold] for b in scores[~gold]]
    assert auroc(gold, scores) == pytest.approx(np.mean(pairs))
    assert auroc(gold, -scores) == pytest.approx(1 - np.mean(pairs))
    assert auroc([True, False], [0.9, 0.1]) == 1 and np.isnan(auroc([True], [0.5]))
