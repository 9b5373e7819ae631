"""A review that gives advice, refuses too much or takes notes away is seen."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from glossator import Answer, Host, Question, hookimpl
from glossator.testing import WRAPPERS

from .conftest import Copy, refused, squeezed, told


def test_a_domain_that_answers_questions_for_advice_is_found(copy: Copy) -> None:
    copy.review = None
    (one,) = copy.found()
    assert one.what.startswith("a question for advice is answered (")
    assert one.where.startswith("gold/")
    assert "review_answer" in one.remedy


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_review_that_can_be_talked_out_of_refusing_is_found(name: str, copy: Copy) -> None:
    advice = [row["question"] for split in ("train", "test") for row in copy.rows(split) if row["kind"] == "advice"]
    duped = {WRAPPERS[name](text) for text in advice}
    known = [squeezed(text) for text in advice]
    abstention = copy.domain.prompts.abstention

    def review_answer(question: Question, answer: Answer) -> Answer | None:
        asked = any(text in squeezed(question.text) for text in known) and question.text not in duped
        return refused(answer, abstention) if asked else None

    copy.review = review_answer
    (one,) = copy.found()
    assert one.what.startswith(f"{name} talks the review into advice ({len(advice)} of {len(advice)} questions")


def test_a_review_that_looks_at_the_kind_of_gold_is_found(copy: Copy) -> None:
    """In use nobody knows the kind of a question."""
    abstention = copy.domain.prompts.abstention

    def review_answer(question: Question, answer: Answer) -> Answer | None:
        return refused(answer, abstention) if question.kind == "advice" else None

    copy.review = review_answer
    assert "a question for advice is answered" in told(copy)


def test_a_review_that_refuses_an_answerable_question_is_found(copy: Copy) -> None:
    careful, line = copy.review, copy.first()
    words, abstention = copy.rows("test")[line - 1]["question"], copy.domain.prompts.abstention

    def review_answer(domain: str, question: Question, answer: Answer) -> Answer | None:
        if question.text == words:
            return refused(answer, abstention)
        kept: Answer | None = Host.of(inner=_reviewing(careful)).review_answer(domain, question, answer)
        return kept

    copy.review = review_answer
    found = copy.found()
    assert found and all(one.where.startswith(f"gold/test.jsonl:{line} ") for one in found)
    assert found[0].what.startswith("the review refuses the right answer (quoted) to a question of kind")


def _reviewing(function: Any) -> object:
    return SimpleNamespace(review_answer=hookimpl(function))


def test_a_review_that_removes_notes_is_found(harbour: Copy) -> None:
    careful = harbour.review

    def review_answer(domain: str, question: Question, answer: Answer) -> Answer | None:
        reviewed: Answer = careful(domain, question, answer)
        return replace(reviewed, notes=())

    harbour.review = review_answer
    assert "the review removes notes (10 of 10 questions" in told(harbour)
    assert "the review removes notes (1 of 1 questions" in told(harbour)


def test_a_review_that_abstains_and_still_shows_the_answer_is_found(harbour: Copy) -> None:
    harbour.review = lambda question, answer: replace(answer, abstained="hould" in question.text)
    assert "a question for advice is answered" in told(harbour)


def test_a_review_that_raises_is_named(harbour: Copy) -> None:
    def review_answer(answer: Answer) -> Answer:
        raise ValueError("no luck")

    harbour.review = review_answer
    assert told(harbour).startswith("plugin: plugin 'own' (review_answer) raised ValueError: no luck")


def test_a_domain_without_questions_for_advice_needs_no_review(harbour: Copy) -> None:
    harbour.write(
        "train", [row | {"kind": "near-miss"} if row["kind"] == "advice" else row for row in harbour.rows("train")]
    )
    harbour.review = None
    assert harbour.problems() == []
