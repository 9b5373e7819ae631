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
from glossator.records import Example, Message, Passage, Question, Scorer
from glossator.scoring import judge, reward

RewardFunction = Callable[..., list[float | None]]


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
        question = replace(question, answerable=False, evidence=(), documents=(), answers=())
    shown = zip(example.passages, example.scores, strict=True)
    return Task(
        example=example,
        question=question,
        passages=tuple(replace(passages[name], score=score) for name, score in shown),
    )


def policy_reward(
    tasks: Sequence[Task], policy: RewardPolicy, scorers: Sequence[Scorer], abstention: str
) -> RewardFunction:
    """The domain's reward policy; each component's mean goes to the metrics."""

    def policy_reward(
        completions: list[list[Message]], task: list[int], log_metric: Any, **_: Any
    ) -> list[float | None]:
        rewards, parts = [], []
        for messages, index in zip(completions, task, strict=True):
            question, shown = tasks[index].question, tasks[index].passages
            answer = read_answer(messages[-1]["content"], shown, abstention, question=question.text)
            scores = judge(scorers, question, answer)
            rewards.append(reward(policy, scores))
            parts.append(scores)
        for name in parts[0]:
            values = [scores[name].value for scores in parts if scores[name].value is not None]
            if values:
                log_metric(f"scores/{name}", sum(v for v in values if v is not None) / len(values))
        return rewards

    return policy_reward


def model_reward(backbone: str, adapter: Path) -> RewardFunction:
    """The reward model's opinion, squashed to 0..1."""
    import torch

    from glossator.training.reward_model import load_reward_model

    tokenizer, model = load_tokenizer(backbone), load_reward_model(backbone, adapter)

    def reward_model(prompts: list[list[Message]], completions: list[list[Message]], **_: Any) -> list[float | None]:
        values: list[float | None] = []
        for prompt, messages in zip(prompts, completions, strict=True):
            ids = encode_prompt(tokenizer, prompt) + encode_completion(tokenizer, messages[-1]["content"])
            with torch.inference_mode():
                values.append(torch.sigmoid(model(input_ids=torch.tensor([ids])).logits[0, 0]).item())
        return values

    return reward_model
