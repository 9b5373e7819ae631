"""A run that is paid more while its answers get worse is stopped, and the best adapter stays."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import TrainerControl, TrainerState

from glossator.content import weights
from glossator.domain import RewardPolicy
from glossator.recipe import GuardRecipe
from glossator.records import Answer, Example, Passage, Question, Score, Scorer, Span
from glossator.training.guard import Exam, Guard, best, gamed
from glossator.training.reward_functions import Task
from glossator.training.run import Setting


def row(step: int, reward: float, held_out: float, abstaining: float = 0.5) -> dict[str, Any]:
    return {"step": step, "reward": reward, "held_out": held_out, "answering": 0.5, "abstaining": abstaining}


def test_the_best_paid_examination_is_best_unless_the_scorer_that_is_not_paid_vetoes_it() -> None:
    rows = [row(0, 0.1, 0.5), row(10, 0.2, 0.45), row(20, 0.2, 0.5), row(30, 0.15, 0.3)]
    assert best(rows, 0.1)["step"] == 10
    assert best(rows, 0.01)["step"] == 20


@pytest.mark.parametrize(
    ("reward", "held_out", "caught"), [(0.9, 0.3, True), (0.9, 0.45, False), (0.4, 0.3, False), (0.9, 0.7, False)]
)
def test_only_a_run_that_is_paid_more_and_answers_worse_is_gamed(reward: float, held_out: float, caught: bool) -> None:
    assert gamed([row(0, 0.5, 0.5), row(10, reward, held_out)], 0.1) is caught


def test_a_run_that_stops_abstaining_is_gamed_and_not_best_though_it_is_right_more_often() -> None:
    rows = [row(0, 0.5, 0.5, 0.4), row(2, 0.6, 0.55, 0.3), row(4, 0.7, 0.5, 0.3), row(6, 0.9, 0.7, 0.1)]
    assert not gamed(rows[:3], 0.1) and gamed(rows, 0.1)
    assert best(rows, 0.3)["step"] == 2  # the reward of a gamed run says nothing
    assert best(rows[:3], 0.3)["step"] == 4


class Watched:
    """A guard at work on a model of one weight that says what it is told to say."""

    def __init__(self, folder: Path, said: list[tuple[float, float]], monkeypatch: pytest.MonkeyPatch) -> None:
        setting = Setting(folder=folder, seed=1, threads=1, backbone=str(weights()), backbone_name="embedded")
        self.model, self.said = torch.nn.Linear(1, 1, bias=False), iter(said)
        halves = {"answering": 0.5, "abstaining": 0.5}
        exam = SimpleNamespace(
            judged=lambda _: dict(zip(("reward", "held_out"), next(self.said), strict=True)) | halves
        )
        self.guard = Guard(exam, GuardRecipe(every=1, margin=0.1), setting, 10)  # type: ignore[arg-type]
        monkeypatch.setattr(self.guard, "_answers", lambda _: [])
        self.log = setting.folder / "logs" / "guard.jsonl"

    def walk(self, first: int, last: int) -> bool:
        """Train from `first` to `last`; at step n the weight is n. True when it was stopped."""
        control, step = TrainerControl(), first
        self.at(first)
        self.guard.on_train_begin(None, TrainerState(global_step=first), control, model=self.model)  # type: ignore[arg-type]
        for step in range(first + 1, last + 1):
            self.at(step)
            self.guard.on_step_end(None, TrainerState(global_step=step), control, model=self.model)  # type: ignore[arg-type]
            if control.should_training_stop:
                break
        self.guard.on_train_end(None, TrainerState(global_step=step), control, model=self.model)  # type: ignore[arg-type]
        return control.should_training_stop

    def at(self, step: int) -> None:
        torch.nn.init.constant_(self.model.weight, float(step))

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def test_a_gamed_run_is_stopped_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(tmp_path, [(0.5, 0.5), (0.6, 0.7), (0.9, 0.5), (0.9, 0.1)], monkeypatch)
    assert watched.walk(0, 3)
    assert watched.model.weight.item() == 1
    assert watched.rows()[-1]["rolled_back_to"] == 1


def test_a_good_run_keeps_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(tmp_path, [(0.5, 0.5), (0.6, 0.7), (0.7, 0.7)], monkeypatch)
    assert not watched.walk(0, 2)
    assert watched.model.weight.item() == 2
    assert [one["step"] for one in watched.rows()] == [0, 1, 2]


def test_the_best_examination_is_kept_though_the_end_is_not_bad_enough_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(tmp_path, [(0.5, 0.5), (0.7, 0.7), (0.6, 0.75)], monkeypatch)
    assert not watched.walk(0, 2)
    assert watched.model.weight.item() == 1
    assert watched.rows()[-1]["rolled_back_to"] == 1


def test_where_nothing_is_better_paid_the_tuned_adapter_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(tmp_path, [(0.5, 0.5), (0.5, 0.55), (0.45, 0.6)], monkeypatch)
    assert not watched.walk(0, 2)
    assert watched.model.weight.item() == 0


def test_a_run_that_answers_worse_at_its_end_is_taken_back_though_it_was_not_gamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(tmp_path, [(0.5, 0.5), (0.4, 0.2)], monkeypatch)
    assert not watched.walk(0, 1)
    assert watched.model.weight.item() == 0


def test_a_continued_run_forgets_what_it_will_examine_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Watched(tmp_path, [(0.5, 0.5), (0.6, 0.6), (0.7, 0.7)], monkeypatch).walk(0, 2)
    again = Watched(tmp_path, [(0.7, 0.7), (0.8, 0.75)], monkeypatch)
    assert not again.walk(1, 3)
    assert [one["step"] for one in again.rows()] == [0, 1, 2, 3]


def test_what_stands_behind_the_last_step_is_examined_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(tmp_path, [(0.5, 0.5), (0.6, 0.6), (0.7, 0.2)], monkeypatch)
    watched.guard.recipe = GuardRecipe(every=2, margin=0.1)
    assert not watched.walk(0, 3)
    assert [one["step"] for one in watched.rows()] == [0, 2, 3, 3]
    assert watched.model.weight.item() == 2


def test_unanswerable_questions_are_examined_for_abstaining() -> None:
    text = "Ferritin falls first of all blood tests in iron deficiency."
    shown = Passage(id="p", document_id="d", title="Iron", text=text, start=0, end=len(text))
    known = Question(id="a", text="?", evidence=(Span(document_id="d", start=0, end=len(text)),), answers=("ferritin",))
    example = Example(question_id="a", messages=(), completion="", passages=("p",), scores=(1.0,), answerable=True)

    def holds(question: Question, answer: Answer) -> Score:
        return Score(name="h", value=float("Ferritin" in answer.text) if question.answerable else None)

    exam = Exam(
        tasks=[
            Task(example=example, question=question, passages=(shown,))
            for question in (known, known.without_evidence())
        ],
        among=[None, None],
        policy=RewardPolicy(weights={"h": 1.0}, gates=()),
        scorers=[Scorer(name="h", score=holds, summary="")],
        held_out=Scorer(name="h", score=holds, summary=""),
        abstention="I cannot tell.",
    )
    assert exam.judged([f"[1]: “{text}”", "I cannot tell."])["held_out"] == 1.0
    assert exam.judged(["I cannot tell.", f"[1]: “{text}”"])["held_out"] == 0.0
    silent = exam.judged(["I cannot tell.", "I cannot tell."])
    assert (silent["answering"], silent["abstaining"], silent["held_out"]) == (0.0, 1.0, 0.5)
