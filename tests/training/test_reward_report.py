"""What is said of a reward model is what its margins on held-out pairs say."""

from __future__ import annotations

import pytest

from glossator.records import Pair
from glossator.training.reward_report import report


def pair(question: str, chosen: str, rejected: str) -> Pair:
    return Pair(
        question_id=question, messages=(), chosen=chosen, rejected=rejected, chosen_scores={}, rejected_scores={}
    )


def test_accuracy_and_confidence_are_of_the_answer_that_is_preferred() -> None:
    found = report([pair("a", "x", "y"), pair("b", "x", "y")], [2.0, -2.0])
    assert (found["accuracy"]["mean"], found["accuracy"]["n"]) == (0.5, 2)
    sure = 0.8808
    assert found["brier"]["mean"] == pytest.approx(((1 - sure) ** 2 + sure**2) / 2, abs=1e-3)


def test_a_model_that_pays_words_is_seen() -> None:
    pairs = [pair("a", "long answer", "short"), pair("b", "short", "long answer"), pair("c", "same", "size")]
    found = report(pairs, [1.0, -1.0, 1.0])
    assert found["pairs_prefer_longer"]["mean"] == 0.5
    assert found["model_prefers_longer"]["mean"] == 1.0
    assert found["model_prefers_longer"]["n"] == 2


def test_without_pairs_nothing_is_said_and_a_huge_margin_is_no_error() -> None:
    assert report([], []) == {}
    assert report([pair("a", "x", "y")], [1e9])["accuracy"]["mean"] == 1.0
