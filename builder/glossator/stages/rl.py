"""The SFT adapter under the domain's rewards -> an adapter that cites and abstains better."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glossator.plan import Plan
from glossator.stages.base import (
    TRAINERS,
    AdapterArtifact,
    ExampleArtifact,
    RewardModelArtifact,
    Stage,
    Work,
)
from glossator.stages.preferences import answer_key, choices_of, policy_scorers, rewards_key, tasks_of
from glossator.stages.sft import setting_of, training_key

if TYPE_CHECKING:
    from glossator.training.reward_functions import Task


def _reads(plan: Plan) -> dict[str, Any]:
    assert plan.recipe.rl is not None
    used = plan.recipe.rl.model_dump(mode="json", exclude={"pairs", "save_steps", "rewards", "gates"})
    return training_key(plan) | rewards_key(plan) | answer_key(plan) | {"rl": used}


def balanced(tasks: Sequence[Task], most: float, seed: int) -> list[Task]:
    """The tasks in their order, with so few to abstain on that they are at most the share `most`."""
    silent = [place for place, task in enumerate(tasks) if not task.question.answerable]
    allowed = int(most * (len(tasks) - len(silent)) / (1 - most))
    left_out = set(random.Random(seed).sample(silent, max(0, len(silent) - allowed)))
    return [task for place, task in enumerate(tasks) if place not in left_out]


def _make(work: Work, examples: ExampleArtifact, sft: AdapterArtifact, reward: RewardModelArtifact) -> None:
    from glossator.training.reward_functions import model_reward, policy_reward
    from glossator.training.rl import train_rl

    plan, rl, policy = work.plan, work.plan.recipe.rl, work.plan.rewards
    assert rl is not None
    assert policy is not None
    tasks = balanced(tasks_of(examples), rl.abstentions, plan.recipe.seed)
    rewards = [policy_reward(tasks, policy, policy_scorers(policy, work.host), plan.domain.prompts.abstention)]
    weights = [1.0]
    if rl.reward_model.weight:
        rewards.append(model_reward(plan.backbone, reward.folder / "adapter"))
        weights.append(rl.reward_model.weight)
    among = choices_of(tasks, plan)
    length = plan.recipe.answer.max_new_tokens
    train_rl(tasks, among, rewards, weights, rl, sft.folder / "adapter", length, setting_of(work))


train_rl = Stage(name="rl", version=5, kind=AdapterArtifact, reads=_reads, make=_make, libraries=TRAINERS)
