"""A scorer that breaks its contract on an odd answer is seen, with the kind of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from glossator import Answer, Question, Score, Scorer

from .conftest import Copy, told

ODD: dict[str, Callable[[Answer], bool]] = {
    "empty answer": lambda answer: not answer.text,
    "abstained answer": lambda answer: answer.abstained,
    "uncited answer": lambda answer: bool(answer.statements) and not answer.citations,
    "answer of 100,000 characters": lambda answer: len(answer.text) == 100_000,
    "answer in odd Unicode": lambda answer: "\u202e" in answer.text,
    "answer over no passages": lambda answer: not answer.passages,
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize(
    ("verdict", "fault"),
    [
        ([].pop, "raises IndexError"),
        (lambda: 0.5, "returns float, not a Score"),
        (lambda: Score(name="odd", value=1.5), "returns the value 1.5"),
        (lambda: Score(name="odd", value=float("nan")), "returns the value nan"),
        (lambda: Score(name="even", value=1.0), "returns the score of 'even'"),
    ],
    ids=["raises", "wrong type", "above one", "not a number", "another name"],
)
def test_a_scorer_that_fails_on_an_odd_answer_is_found(
    kind: str, verdict: Callable[[], Any], fault: str, harbour: Copy
) -> None:
    def odd(question: Question, answer: Answer, /) -> Score:
        made: Score = verdict() if ODD[kind](answer) else Score(name="odd", value=1.0)
        return made

    harbour.scorers.append(Scorer(name="odd", score=odd, summary="planted"))
    assert f"scorer 'odd': {kind}: {fault}" in told(harbour)
