"""Alignment without sampling: where the answers to a prompt can be listed, their expected reward has an exact gradient.

GRPO and RLOO estimate the gradient of sum over answers of p(answer) reward(answer) from a group of samples. A group
that holds every answer, each as often as it is likely, is that sum: nothing is decoded, no group is without a signal
by chance, and what is left of noise is which prompts a step takes (all-actions policy gradient: Allen et al. 2017,
arXiv 1709.00503; over the outputs of a sequence model: Shen et al. 2016, arXiv 1512.02433).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import torch
from transformers import Trainer, TrainingArguments

from glossator.errors import StageError
from glossator.generation.transformers_local import LocalGenerator, load_tokenizer
from glossator.prompting import encode_prompt
from glossator.recipe import RlRecipe
from glossator.records import Message
from glossator.training.answers import Answers, every_answer, log_probabilities
from glossator.training.course import Course
from glossator.training.guard import Guard
from glossator.training.parts import PART, alike
from glossator.training.reward_functions import Reward
from glossator.training.run import Setting, common_arguments, continued, save_adapter, train

MOST = 400
"""Answers to one prompt that are still listed: three quotes of seven sentences."""
LEAST = 1e-6
"""Rewards that differ by less say nothing."""
HEALTH = ("reward", "reward_best", "kl", "entropy")
"""What the screen shows of a step: means over its prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One prompt, the answers to it, and what each is paid."""

    prompt: Sequence[int]
    answers: Answers
    paid: torch.Tensor
    """(answers,)"""
    anchor: torch.Tensor | None = None
    """Their log-probabilities before, (answers,); None where nothing holds the policy."""


class ExpectedRewardTrainer(Trainer):
    """Raises the expected reward of the prompts of a step, less `beta` times the divergence from the anchor."""

    def __init__(self, *, heat: float, beta: float, **given: Any) -> None:
        super().__init__(**given)
        self.heat, self.beta = heat, beta
        self.figures: dict[str, list[float]] = defaultdict(list)

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        cases: list[Case] = inputs["cases"]
        most = PART if self.args.use_cpu else sys.maxsize
        parts = alike([len(case.prompt) + case.answers.length for case in cases], most)
        given = [{"cases": [cases[row] for row in rows], "of": len(cases)} for rows in parts]
        return torch.stack([super(ExpectedRewardTrainer, self).training_step(model, part) for part in given]).sum()

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> torch.Tensor:
        cases: list[Case] = inputs["cases"]
        logps = log_probabilities(model, [case.prompt for case in cases], [case.answers for case in cases], self.heat)
        return torch.stack([self._loss(*one) for one in zip(cases, logps, strict=True)]).sum() / inputs["of"]

    def _loss(self, case: Case, said: torch.Tensor) -> torch.Tensor:
        """Minus what the answers to one prompt are expected to be paid; (answers,) log-probabilities are given."""
        likely, paid = said.exp(), case.paid.to(said.device)
        figures = {"reward": likely @ paid, "reward_best": paid.max(), "entropy": -likely @ said}
        loss = -figures["reward"]
        if case.anchor is not None:
            figures["kl"] = likely @ (said - case.anchor.to(said.device))
            loss = loss + self.beta * figures["kl"]
        for name, value in figures.items():
            self.figures[name].append(value.item())
        return loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        super().log(logs | {name: sum(v) / len(v) for name, v in self.figures.items()}, start_time)
        self.figures.clear()


def train_expected(course: Course, rewards: Sequence[Reward], recipe: RlRecipe, setting: Setting) -> None:
    """Continue the adapter and write it to the setting's folder. All answers are paid before the first step.

    Raises StageError where a prompt has too many answers to list, or no prompt has answers that are paid unlike.
    """
    from transformers import set_seed

    set_seed(setting.seed)
    arguments = TrainingArguments(
        **common_arguments(setting)
        | {
            "max_steps": recipe.steps,
            "per_device_train_batch_size": recipe.prompts,
            "learning_rate": recipe.learning_rate,
            "save_steps": recipe.save_steps,
            "warmup_steps": 0,  # a step is sure of its direction, and there are few
        }
    )
    model = continued(setting, course.start)
    cases = [case for case in cases_of(course, rewards, model, setting) if case.paid.max() - case.paid.min() > LEAST]
    if not cases:
        raise StageError("stage 'rl': to no prompt is one answer paid more than another; change rl.rewards")
    trainer = ExpectedRewardTrainer(
        heat=course.heat * recipe.temperature,
        beta=recipe.beta,
        model=model,
        args=arguments,
        train_dataset=_anchored(cases, course, recipe, setting) if recipe.beta else cases,
        data_collator=lambda rows: {"cases": rows},
    )
    guards = [Guard(course.exam, recipe.guard, setting, course.max_new_tokens)] if course.exam else []
    train(trainer, setting, recipe.algorithm, HEALTH, guards)
    save_adapter(model, setting)


def cases_of(course: Course, rewards: Sequence[Reward], model: Any, setting: Setting) -> Iterator[Case]:
    """Each prompt with all answers to it, and what the rewards pay for each. Raises StageError where they are many."""
    generator = LocalGenerator(model, load_tokenizer(setting.backbone))
    for number, (task, among) in enumerate(zip(course.tasks, course.among, strict=True)):
        start = None if among is None else generator.start(among, course.max_new_tokens)
        answers = None if start is None else every_answer(start, MOST)
        if answers is None:
            what = "is free text" if start is None else f"may be one of more than {MOST}"
            raise StageError(
                f"stage 'rl': the answer to {task.question.id!r} {what}; set rl.generations to a number of samples"
            )
        texts = [str(generator.tokenizer.decode(ids, skip_special_tokens=True)) for ids in answers.tokens]
        yield Case(
            prompt=encode_prompt(generator.tokenizer, task.example.messages),
            answers=answers,
            paid=torch.tensor(_paid(rewards, number, task.example.messages, texts)),
        )


def _paid(rewards: Sequence[Reward], task: int, prompt: Sequence[Message], texts: Sequence[str]) -> list[float]:
    """The weighted sum of the rewards of each answer; one that could not be judged adds nothing, as in TRL."""
    total = [0.0] * len(texts)
    completions = [[Message(role="assistant", content=text)] for text in texts]
    for reward in rewards:
        given = reward.function(
            prompts=[list(prompt)] * len(texts),
            completions=completions,
            task=[task] * len(texts),
            log_metric=lambda *_: None,
            trainer_state=SimpleNamespace(global_step=0),
        )
        total = [so_far + reward.weight * (value or 0.0) for so_far, value in zip(total, given, strict=True)]
    return total


def _anchored(cases: Sequence[Case], course: Course, recipe: RlRecipe, setting: Setting) -> list[Case]:
    """The cases with what the anchor thinks of their answers."""
    anchor, size = continued(setting, course.anchor).eval(), recipe.prompts
    heat, held = course.heat * recipe.temperature, list[Case]()
    with torch.inference_mode():
        for first in range(0, len(cases), size):
            some = cases[first : first + size]
            logps = log_probabilities(anchor, [case.prompt for case in some], [case.answers for case in some], heat)
            held += [replace(case, anchor=said.clone()) for case, said in zip(some, logps, strict=True)]
    return held
