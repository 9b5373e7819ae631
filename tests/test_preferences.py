"""Pairs: the best and the worst of what was said, where they come from, and how good they are."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from glossator import Answer, Host, Question, Score, Scorer
from glossator.artifacts import Manifest, write_rows
from glossator.domain import RewardPolicy
from glossator.plan import make_plan
from glossator.records import Example, Pair
from glossator.stages.base import ExampleArtifact
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


def examples(folder: Path, *names: str) -> ExampleArtifact:
    """One row of each question, without passages."""
    folder.mkdir()
    rows = [replace(task().example, question_id=name) for name in names]
    write_rows(folder / "examples.jsonl", map(asdict, rows))
    write_rows(folder / "questions.jsonl", [asdict(Question(id=name, text="?")) for name in names])
    write_rows(folder / "passages.jsonl", [])
    return ExampleArtifact(folder, Manifest(stage="examples", key="", files={}, seconds=0))


def test_the_guard_asks_of_practice_alone_and_the_rest_is_learnt_with_the_train_questions(
    tmp_path: Path, host: Host
) -> None:
    (tmp_path / "a.yaml").write_text("name: a\ndomain: medical\nsft: {}\nrl: {guard: {questions: 2}}\n")
    plan = make_plan(tmp_path / "a.yaml", host)
    trained = examples(tmp_path / "trained", *(f"t{n}" for n in range(10)))
    practised = examples(tmp_path / "practised", *(f"p{n}" for n in range(10)))
    taught, frozen = ([one.question.id for one in part] for part in parted(trained, practised, plan))
    assert len(frozen) == 2 and all(name.startswith("p") for name in frozen)
    assert {*taught, *frozen} == {f"{kind}{n}" for kind in "tp" for n in range(10)} and not set(taught) & set(frozen)
    taught, frozen = ([one.question.id for one in part] for part in parted(trained, None, plan))
    assert len(frozen) == 2 and {*taught, *frozen} == {f"t{n}" for n in range(10)}
