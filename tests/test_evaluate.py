"""Means with honest intervals: clusters, pairs, abstention, failures beside the figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from glossator import Answer, Question, Score, Scorer
from glossator.amendments import Amendment
from glossator.claims import Claim, Verdict
from glossator.evaluate import System, difference, measure, missed, scorers_of
from glossator.statistics.estimates import Estimate, estimate
from glossator_common.scorers import SCORERS

from .conftest import ABSTENTION, asked, document, passage, read

SAID = [document(f"Fact number {n} is that iron matters a great deal to blood.", f"d{n}") for n in range(4)]
SHOWN = [passage(of) for of in SAID]
QUESTIONS = [asked(p.span, name=f"q{n}") for n, p in enumerate(SHOWN[:3])] + [asked(name="q3")]
RIGHT = [read(f"“{p.text}” [1]", p) for p in SHOWN[:3]] + [read(ABSTENTION, SHOWN[3])]
SILENT = [read(ABSTENTION, p) for p in SHOWN]
F1 = next(scorer for scorer in SCORERS if scorer.name == "citation_f1")


def system(answers: list[Any], rung: str = "sft", *scorers: Scorer) -> System:
    return measure(rung, QUESTIONS, answers, scorers or (F1,))


def test_what_does_not_apply_is_in_no_mean_and_not_counted() -> None:
    found = estimate([1.0, None, 0.0, None], ["a", "b", "c", "d"], failed=1)
    assert (found.mean, found.n, found.failed) == (0.5, 2, 1)
    assert estimate([None], ["a"], failed=1) == Estimate(mean=None, low=None, high=None, n=0, failed=1)


def test_the_order_of_questions_does_not_matter_to_the_mean() -> None:
    values, clusters = [1.0, 0.0, 0.5], ["a", "b", "c"]
    assert estimate(values, clusters).mean == estimate(values[::-1], clusters[::-1]).mean == 0.5


def test_a_right_system_has_full_marks_with_counts() -> None:
    found = system(RIGHT).metrics["citation_f1"]
    assert (found.mean, found.low, found.high, found.n, found.failed) == (1, 1, 1, 3, 0)


def test_a_scorer_that_fails_is_counted_beside_the_mean() -> None:
    def moody(question: Question, answer: Any) -> Score:
        if question.id == "q1":
            raise RuntimeError("no judge")
        return Score(name="moody", value=1.0)

    found = system(RIGHT, "sft", Scorer(name="moody", score=moody, summary=""))
    assert (found.metrics["moody"].mean, found.metrics["moody"].n, found.metrics["moody"].failed) == (1, 3, 1)
    assert found.rows[1].scores == {"moody": None} and "no judge" in found.rows[1].reasons["moody"]


@pytest.mark.parametrize(
    ("said", "precision", "recall", "f1"),
    [
        ([False, False, False, True], 1, 1, 1),
        ([True, True, True, True], 0.25, 1, 0.4),
        ([True, False, False, True], 0.5, 1, 0.6667),
        ([True, False, False, False], 0, 0, 0),
    ],
)
def test_abstaining_is_measured_against_the_unanswerable(
    said: list[bool], precision: float, recall: float, f1: float
) -> None:
    answers = [
        silent if quiet else right for quiet, silent, right in zip(said, SILENT, [*RIGHT[:3], RIGHT[0]], strict=True)
    ]
    found = system(answers).abstention
    assert [found[name].mean for name in ("precision", "recall", "f1")] == [precision, recall, f1]


def test_a_difference_is_paired_question_by_question() -> None:
    better, base = system(RIGHT, "rl"), system([RIGHT[0], *SILENT[1:]], "sft")
    found = difference(better, base, "citation_f1", QUESTIONS)
    assert (found.better, found.base, found.metric) == ("rl", "sft", "citation_f1")
    assert (found.estimate.mean, found.estimate.n) == (0.6667, 3)
    assert difference(better, better, "citation_f1", QUESTIONS).estimate.low == 0


def test_a_verifier_is_asked_about_every_statement() -> None:
    class Unsure:
        def judge(self, claims: Sequence[Claim], /) -> list[Verdict]:
            return [Verdict(full=0.5, partial=0.25, reason=claim.text) for claim in claims]

    answers = [read(f"“{SHOWN[0].text}” [1] Iron is a metal.", SHOWN[0]), *SILENT[1:]]
    rows = measure("sft", QUESTIONS, answers, [F1], Unsure()).rows
    assert rows[0].verdicts == (Verdict(full=0.5, partial=0.25, reason=SHOWN[0].text), None), "the second cites nothing"
    assert rows[1].verdicts == ()
    assert system(RIGHT).rows[0].verdicts == ()


@pytest.mark.parametrize(
    ("question", "answer", "outcome"),
    [
        (QUESTIONS[0], RIGHT[0], "right"),
        (QUESTIONS[0], RIGHT[1], "wrong"),
        (QUESTIONS[0], SILENT[0], "abstained"),
        (QUESTIONS[3], SILENT[3], "right"),
        (QUESTIONS[3], RIGHT[0], "wrong"),
        (Question(id="d", text="?", documents=("d0",)), RIGHT[0], "right"),
    ],
)
def test_a_row_knows_what_became_of_its_question(question: Question, answer: Answer, outcome: str) -> None:
    row = measure("sft", [question], [answer], [F1]).rows[0]
    assert row.asked == question and row.outcome == outcome


def test_questions_on_one_document_are_one_cluster() -> None:
    same = [asked(SHOWN[0].span, name=f"q{n}") for n in range(4)]
    wrong = read("", SHOWN[0])
    found = measure("sft", same, [RIGHT[0], wrong, RIGHT[0], wrong], [F1]).metrics["citation_f1"]
    assert (found.mean, found.low, found.high) == (0.5, 0.5, 0.5)


def test_rows_keep_the_answer_its_scores_and_the_gold() -> None:
    row = system(RIGHT).rows[0]
    assert row.answer == RIGHT[0] and row.scores == {"citation_f1": 1}
    assert row.gold == ({"document_id": "d0", "start": 0, "end": len(SAID[0].text)},)
    by_document = replace(QUESTIONS[0], evidence=(), documents=("d0",))
    assert measure("sft", [by_document], RIGHT[:1], [F1]).rows[0].gold == ({"document_id": "d0"},)


def test_seconds_are_the_mean_over_questions() -> None:
    answers = [replace(answer, timings={"retrieve": 0.5, "generate": 1.0}) for answer in RIGHT]
    assert system(answers).seconds_per_question == 1.5


def test_dropped_statements_are_counted_one_by_one() -> None:
    assert system([replace(RIGHT[0], dropped=2), *RIGHT[1:]]).dropped_statements == 2


def test_the_rates_of_repair_and_dropping_are_of_all_statements_that_were_written() -> None:
    other = Amendment(statement="Iron rises.", fault="unsupported", support=0.1, replacement="x")
    timed = [replace(RIGHT[0], dropped=2, amendments=(other,), timings={"check": 0.004, "repair": 0.4}), *RIGHT[1:]]
    found = system(timed).mending
    assert found is not None and (found.statements, found.repaired, found.dropped) == (5, 1, 2)
    assert (found.repair_rate.mean, found.drop_rate.mean, found.repair_rate.n) == (0.2, 0.4, 3)
    assert (found.check_ms, found.repair_ms) == (1.0, 100.0)
    none = system(SILENT).mending
    assert none is not None and none.repair_rate.mean is None and none.repair_rate.n == 0


def test_a_gate_is_missed_below_its_bound_or_without_a_value() -> None:
    right, silent = system(RIGHT), system(SILENT)
    assert missed(right, {"citation_f1": 1.0}) == ()
    assert missed(silent, {"citation_f1": 0.1}) == ("citation_f1",)
    none = right.model_copy(update={"metrics": {"citation_f1": estimate([None], ["a"])}})
    assert missed(none, {"citation_f1": 0.5}) == ("citation_f1",)


def test_a_metric_without_value_keeps_no_bound() -> None:
    none = system(RIGHT).model_copy(update={"metrics": {"citation_f1": estimate([None], ["a"])}})
    assert missed(none, {"citation_f1": 0.0}) == ("citation_f1",)


def test_each_scorer_is_taken_once_in_order() -> None:
    known = {scorer.name: scorer for scorer in SCORERS}
    names = ("quote_fidelity", "citation_f1", "quote_fidelity")
    assert [scorer.name for scorer in scorers_of(names, known)] == ["quote_fidelity", "citation_f1"]
