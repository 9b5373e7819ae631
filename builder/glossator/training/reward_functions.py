"""Scorers and the reward model as TRL reward functions: adapted once, at the edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glossator.citations.read import read_answer
from glossator.domain import RewardPolicy
from glossator.generation.transformers_local import load_tokenizer
from glossator.prompting import encode_completion, encode_prompt
from glossator.records import Example, Message, Passage, Question, Score, Scorer
from glossator.rollouts import Rollout
from glossator.scoring import judge, reward
from glossator.training.rollout_log import RolloutLog

RewardFunction = Callable[..., list[float | None]]


@dataclass(frozen=True, slots=True)
class Reward:
    """One of the rewards of a training."""

    function: RewardFunction
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One prompt that can be answered and judged."""

    example: Example
    question: Question
    """As far as this prompt can answer it: unanswerable when the evidence was left out."""
    passages: tuple[Passage, ...]


def make_task(example: Example, questions: dict[str, Question], passages: dict[str, Passage]) -> Task:
    """Join an example with its question and its passages."""
    question = questions[example.question_id]
    if not example.answerable:
        question = question.without_evidence()
    shown = zip(example.passages, example.scores, strict=True)
    return Task(
        example=example,
        question=question,
        passages=tuple(replace(passages[name], score=score) for name, score in shown),
    )


def policy_reward(
    tasks: Sequence[Task], policy: RewardPolicy, scorers: Sequence[Scorer], abstention: str, log: RolloutLog
) -> RewardFunction:
    """The domain's reward policy. Each component's mean goes to the metrics, every answer with its scores to `log`."""

    def policy_reward(
        completions: list[list[Message]], task: list[int], log_metric: Any, trainer_state: Any, **_: Any
    ) -> list[float | None]:
        rows = []
        for messages, index in zip(completions, task, strict=True):
            question, shown, text = tasks[index].question, tasks[index].passages, messages[-1]["content"]
            scores = judge(scorers, question, read_answer(text, shown, abstention, question=question.text))
            rows.append(_rollout(trainer_state.global_step, tasks[index], text, scores, reward(policy, scores)))
        for name in rows[0].scores:
            values = [value for row in rows if (value := row.scores[name]) is not None]
            if values:
                log_metric(f"scores/{name}", sum(values) / len(values))
        log.add(rows)
        return [row.reward for row in rows]

    return policy_reward


def _rollout(step: int, task: Task, text: str, scores: dict[str, Score], paid: float | None) -> Rollout:
    return Rollout(
        step=step,
        question=task.question.id,
        answerable=task.question.answerable,
        passages=tuple(passage.id for passage in task.passages),
        text=text,
        scores={name: score.value for name, score in scores.items()},
        reward=paid,
    )


def model_reward(backbone: str, adapter: Path) -> RewardFunction:
    """The reward model's opinion, squashed to 0..1."""
    import torch

    from glossator.training.reward_model import load_reward_model, opinions

    tokenizer, model = load_tokenizer(backbone), load_reward_model(backbone, adapter)

    def reward_model(prompts: list[list[Message]], completions: list[list[Message]], **_: Any) -> list[float | None]:
        rows = [
            (tuple(encode_prompt(tokenizer, prompt)), tuple(encode_completion(tokenizer, messages[-1]["content"])))
            for prompt, messages in zip(prompts, completions, strict=True)
        ]
        different = list(dict.fromkeys(rows))  # a sure policy says the same many times
        given = torch.tensor(opinions(model, *zip(*different, strict=True))).sigmoid().tolist()
        known = dict(zip(different, given, strict=True))
        return [known[row] for row in rows]

    return reward_model
