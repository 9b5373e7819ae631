"""Pairs: the best and the worst of what was said, where they come from, and how good they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from glossator import Answer, Host, Question, Score, Scorer
from glossator.domain import RewardPolicy
from glossator.plan import make_plan
from glossator.records import Example, Pair
from glossator.stages.preferences import best_and_worst, parted, report_of
from glossator.training.reward_functions import Task


def length(_: Question, answer: Answer) -> Score:
    return Score(name="length", value=len(answer.text) / 100)


LENGTH = Scorer(name="length", score=length, summary="pays length")
POLICY = RewardPolicy(weights={"length": 1.0}, gates=())
REFERENCE = "The longest of all these answers is the reference."


def task() -> Task:
    example = Example(question_id="q", messages=(), completion=REFERENCE, passages=(), scores=(), answerable=True)
    return Task(example=example, question=Question(id="q", text="?"), passages=())


def test_the_reference_is_a_candidate_and_is_said_to_be_one() -> None:
    pair = best_and_worst(task(), ["Short.", "A little longer."], POLICY, [LENGTH], "No.")
    assert pair is not None
    assert (pair.chosen, pair.chosen_from) == (REFERENCE, "reference")
    assert (pair.rejected, pair.rejected_from) == ("Short.", "sample")


def test_a_reference_that_was_also_sampled_is_a_sample() -> None:
    pair = best_and_worst(task(), ["Short.", REFERENCE], POLICY, [LENGTH], "No.")
    assert pair is not None and pair.chosen_from == "sample"


def test_a_reference_that_the_policy_cannot_give_is_left_out() -> None:
    pair = best_and_worst(task(), ["Short.", "A little longer."], POLICY, [LENGTH], "No.", sayable=False)
    assert pair is not None and (pair.chosen, pair.chosen_from) == ("A little longer.", "sample")


def test_near_ties_say_nothing() -> None:
    assert best_and_worst(task(), [REFERENCE], POLICY, [LENGTH], "No.") is None
    assert best_and_worst(task(), [REFERENCE[:-2]], POLICY, [LENGTH], "No.") is None


def pair(chosen: str, rejected: str, high: float | None, low: float | None) -> Pair:
    return Pair(
        question_id="q",
        messages=(),
        chosen=chosen,
        rejected=rejected,
        chosen_scores={"match": high},
        rejected_scores={"match": low},
        chosen_from="reference",
    )


def test_the_report_counts_length_and_agreement_where_they_can_be_told() -> None:
    pairs = [
        pair("long answer", "short", 1.0, 0.0),
        pair("short", "long answer", 0.0, 1.0),
        pair("same", "size", 1.0, 1.0),
        pair("long answer", "none", None, 0.0),
    ]
    assert report_of(6, pairs, "match") == {
        "prompts": 6,
        "pairs": 4,
        "dropped_as_near_ties": 2,
        "chosen_is_the_reference_alone": 4,
        "chosen_is_longer": {"share": 0.667, "of": 3},
        "match_agrees": {"share": 0.5, "of": 2},
    }


def test_the_guards_questions_are_not_learnt_from(tmp_path: Path, host: Host) -> None:
    (tmp_path / "a.yaml").write_text("name: a\ndomain: medical\nsft: {}\nrl: {guard: {questions: 2}}\n")
    tasks = [replace(task(), question=Question(id=name, text="?")) for name in "abcdefghij" for _ in "12"]
    taught, frozen = parted(tasks, make_plan(tmp_path / "a.yaml", host))
    kept = {one.question.id for one in frozen}
    assert len(frozen) == len(kept) == 2
    assert [one.question.id for one in taught] == [one.question.id for one in tasks if one.question.id not in kept]
