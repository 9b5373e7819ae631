"""A guard over alignment: what is paid may rise while answers get worse; then the run stops and the best adapter stays.

Every few steps the policy answers frozen questions that nothing is trained on, greedily, and is judged twice: by the
reward, and by a scorer that the reward does not hold. A run in which the first has risen since the best examination
while the second has fallen is being gamed (Goodhart; Gao et al. 2023, arXiv 2210.10760). However it ends, the adapter
of one examination is kept: the first of those with the highest reward, among all that the other scorer finds about as
good as the best; of a run that was gamed, the one that scorer finds best.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from glossator.citations.read import read_answer
from glossator.domain import RewardPolicy
from glossator.generation.grounds import Possible
from glossator.generation.transformers_local import LocalGenerator, load_tokenizer
from glossator.prompting import encode_prompt
from glossator.recipe import GuardRecipe
from glossator.records import Answer, Scorer
from glossator.scoring import judge, reward
from glossator.training.checkpoints import whole_lines
from glossator.training.constraint import starts_of
from glossator.training.reward_functions import Task
from glossator.training.run import Setting

PARTS = {"answering": True, "abstaining": False}
"""What a policy must go on doing, and which questions show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """Frozen questions and the two judges."""

    tasks: Sequence[Task]
    among: Sequence[Possible | None]
    policy: RewardPolicy
    scorers: Sequence[Scorer]
    """Those of the policy."""
    held_out: Scorer
    """Not in the policy."""
    abstention: str

    def judged(self, texts: Sequence[str]) -> dict[str, float]:
        """Means over the tasks: `reward`, and `held_out`, which on unanswerable questions is 1 for abstaining; the
        latter also over those with an answer (`answering`) and over those without (`abstaining`)."""
        paid, right = list[float | None](), list[float | None]()
        for task, text in zip(self.tasks, texts, strict=True):
            answer = read_answer(text, task.passages, self.abstention, question=task.question.text)
            paid.append(reward(self.policy, judge(self.scorers, task.question, answer)))
            right.append(self._right(task, answer))
        told = [(task.question.answerable, one) for task, one in zip(self.tasks, right, strict=True)]
        parts = {name: _mean([one for known, one in told if known is kind]) for name, kind in PARTS.items()}
        return {"reward": _mean(paid), "held_out": _mean(right)} | parts

    def sees(self) -> bool:
        """Whether the held-out scorer can judge an answer to any of the questions that have one."""
        tasks = [task for task in self.tasks if task.question.answerable]
        read = (read_answer(task.example.completion, task.passages, self.abstention) for task in tasks)
        return any(self._right(task, answer) is not None for task, answer in zip(tasks, read, strict=True))

    def _right(self, task: Task, answer: Answer) -> float | None:
        if not task.question.answerable:
            return float(answer.abstained)
        return judge([self.held_out], task.question, answer)[self.held_out.name].value


class Guard(TrainerCallback):
    """Examines before the first step, every `recipe.every` steps, and behind the last."""

    def __init__(self, exam: Exam, recipe: GuardRecipe, setting: Setting, max_new_tokens: int) -> None:
        self.exam, self.recipe, self.most = exam, recipe, max_new_tokens
        self.tokenizer = load_tokenizer(setting.backbone)
        self.log, self.kept = setting.folder / "logs" / "guard.jsonl", setting.scratch / "best"
        self.starts: Any = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **_: Any
    ) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        rows = [row for row in _rows(self.log) if row["step"] <= state.global_step]
        self.log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        if not rows:
            self._examine(model, state.global_step)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **_: Any
    ) -> None:
        if state.global_step % self.recipe.every == 0:
            self._examine(model, state.global_step)
            control.should_training_stop |= gamed(_rows(self.log), self.recipe.margin)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **_: Any
    ) -> None:
        if _rows(self.log)[-1]["step"] != state.global_step:
            self._examine(model, state.global_step)
        rows = _rows(self.log)
        chosen = best(rows, self.recipe.margin)
        if rows[-1]["step"] != chosen["step"]:
            _put_back(model, self._weights(chosen["step"]))
            with self.log.open("a", encoding="utf-8") as stream:
                print(json.dumps(rows[-1] | {"rolled_back_to": chosen["step"]}), file=stream)

    def _examine(self, model: Any, step: int) -> None:
        """Answer, judge, keep the weights and write the row, in this order: a row's weights are always there."""
        self.kept.mkdir(parents=True, exist_ok=True)
        figures = {"step": step} | self.exam.judged(self._answers(model))
        save_file({name: p.detach().cpu().clone() for name, p in _trained(model)}, self._weights(step))
        with self.log.open("a", encoding="utf-8") as stream:
            print(json.dumps(figures), file=stream)

    def _answers(self, model: Any) -> list[str]:
        generator = LocalGenerator(model, self.tokenizer)
        prompts = [task.example.messages for task in self.exam.tasks]
        if self.starts is None:
            self.starts = starts_of(prompts, self.exam.among, generator, self.most) or {}
        ids = [encode_prompt(self.tokenizer, prompt) for prompt in prompts]
        model.eval()
        rows = generator.generate(ids, self.most, [self.starts[tuple(row)] for row in ids] if self.starts else None)
        model.train()
        return [str(text) for text in self.tokenizer.batch_decode(rows, skip_special_tokens=True)]

    def _weights(self, step: int) -> Path:
        return self.kept / f"{step}.safetensors"


def _mean(values: Sequence[float | None]) -> float:
    """Of those that could be judged."""
    known = [value for value in values if value is not None]
    return sum(known) / max(1, len(known))


def best(rows: Sequence[dict[str, Any]], margin: float) -> dict[str, Any]:
    """The examination with the highest reward, the first of equals, whose held-out figure is within `margin` of the
    highest: that figure has a veto and no say, or it would be a reward. Of a run that was gamed, where the reward is
    not to be trusted, the one with the highest held-out figure. None that lost a part of its behaviour."""
    whole = [row for row in rows if not lost(rows[0], row)]
    if gamed(rows, margin):
        return max(whole, key=lambda row: row["held_out"])
    highest = max(row["held_out"] for row in whole)
    return max((row for row in whole if row["held_out"] >= highest - margin), key=lambda row: row["reward"])


def lost(first: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether a part of the behaviour is going: of the questions with an answer, or of those without, less than two
    thirds as many are met rightly as before the first step. The mean may rise, where the other part is larger."""
    return any(row[part] < first[part] * 2 / 3 for part in PARTS)


def gamed(rows: Sequence[dict[str, Any]], margin: float) -> bool:
    """Whether what is paid has risen since the best examination while what is not paid fell by more than `margin`, or
    while a part of the behaviour was lost.

    >>> before = {"reward": 0.5, "held_out": 0.6, "answering": 0.7, "abstaining": 0.4}
    >>> gamed([before, before | {"reward": 0.7, "held_out": 0.4}], 0.1)
    True
    >>> gamed([before, before | {"reward": 0.7, "held_out": 0.55}], 0.1)
    False
    >>> gamed([before, {"reward": 0.7, "held_out": 0.65, "answering": 0.9, "abstaining": 0.1}], 0.1)
    True
    """
    best_so_far, last = max(reversed(rows), key=lambda row: row["held_out"]), rows[-1]
    if lost(rows[0], last):
        return bool(last["reward"] > rows[0]["reward"])
    return bool(last["held_out"] < best_so_far["held_out"] - margin and last["reward"] > best_so_far["reward"])


def _trained(model: Any) -> list[tuple[str, Any]]:
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def _put_back(model: Any, path: Path) -> None:
    kept = load_file(path)
    for name, parameter in _trained(model):
        parameter.data.copy_(kept[name])


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in whole_lines(path)]
