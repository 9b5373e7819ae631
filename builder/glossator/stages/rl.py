"""The SFT adapter, aligned by what the domain pays -> an adapter that cites and abstains better."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glossator.plan import Plan
from glossator.recipe import RlRecipe
from glossator.stages.base import (
    TRAINERS,
    AdapterArtifact,
    ExampleArtifact,
    PairArtifact,
    RewardModelArtifact,
    Stage,
    Work,
)
from glossator.stages.people import people_tasks
from glossator.stages.preferences import (
    answer_key,
    choices_of,
    parted,
    policy_scorers,
    read_pairs,
    rewards_key,
    tasks_of,
)
from glossator.stages.sft import setting_of, training_key

if TYPE_CHECKING:
    from glossator.training.course import Course
    from glossator.training.guard import Exam
    from glossator.training.reward_functions import Reward, Task
    from glossator.training.rollout_log import RolloutLog
    from glossator.training.run import Setting


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


def _make(
    work: Work,
    practice: ExampleArtifact,
    sft: AdapterArtifact,
    pairs: PairArtifact | None,
    reward: RewardModelArtifact | None,
) -> None:
    """Off-policy, on-policy, or one after the other; each half continues where a kill left it."""
    from glossator.training.preference import train_offline
    from glossator.training.rollout_log import RolloutLog

    plan, rl, setting = work.plan, work.plan.recipe.rl, setting_of(work)
    assert rl is not None
    taught, frozen = parted(tasks_of(practice), plan)
    exam = exam_of(work, balanced(frozen, rl.abstentions, plan.recipe.seed))  # of the mix that is taught
    start = sft.folder / "adapter"
    if rl.off_policy:
        assert pairs is not None
        first = replace(setting, folder=setting.folder / "logs" / "offline") if rl.on_policy else setting
        if not first.done:
            course = course_of(work, [*taught, *people_tasks(pairs, plan)], exam, start, start)
            train_offline(read_pairs(pairs), course, rl.offline_part, rl.guard, first)
        start = first.folder / "adapter"
    if rl.on_policy:
        tasks = balanced(taught, rl.abstentions, plan.recipe.seed)
        course = course_of(work, tasks, exam, start, sft.folder / "adapter")
        log = RolloutLog(work.folder / "logs" / "rollouts.jsonl")
        learn(course, _rewards(work, tasks, reward, log), rl, setting, log)


def learn(course: Course, rewards: Sequence[Reward], rl: RlRecipe, setting: Setting, log: RolloutLog) -> None:
    """On-policy: from all answers, or from samples."""
    from glossator.training.expected import train_expected
    from glossator.training.rl import train_rl

    if rl.lists:
        log.keep([])  # every answer is paid again before the first step
        train_expected(course, rewards, rl, setting)
    else:
        train_rl(course, rewards, rl, setting, [log])


def course_of(work: Work, tasks: Sequence[Task], exam: Exam | None, start: Path, anchor: Path) -> Course:
    from glossator.training.course import Course

    return Course(
        tasks=tasks,
        among=choices_of(tasks, work.plan),
        start=start,
        anchor=anchor,
        max_new_tokens=work.plan.recipe.answer.max_new_tokens,
        heat=work.plan.recipe.answer.heat,
        exam=exam,
    )


def exam_of(work: Work, frozen: Sequence[Task]) -> Exam | None:
    """The guard's questions and judges; None without questions, or where there is nothing that it could see."""
    from glossator.training.guard import Exam

    plan = work.plan
    assert plan.rewards is not None
    assert plan.recipe.rl is not None
    if not frozen:
        return None
    exam = Exam(
        tasks=frozen,
        among=choices_of(frozen, plan),
        policy=plan.rewards,
        scorers=policy_scorers(plan.rewards, work.host),
        held_out=work.host.scorer(plan.recipe.rl.guard.scorer),
        abstention=plan.domain.prompts.abstention,
    )
    if exam.sees():
        return exam
    said = "the guard is off: %r can judge none of its questions; list short answers in the gold, or name a scorer"
    logging.getLogger(__name__).warning(said, plan.recipe.rl.guard.scorer)
    return None


def _rewards(work: Work, tasks: Sequence[Task], reward: RewardModelArtifact | None, log: RolloutLog) -> list[Reward]:
    """The domain's policy, and the reward model where it has a weight."""
    from glossator.training.reward_functions import Reward, model_reward, policy_reward

    plan = work.plan
    assert plan.rewards is not None
    assert plan.recipe.rl is not None
    scorers, weight = policy_scorers(plan.rewards, work.host), plan.recipe.rl.reward_model.weight
    rewards = [Reward(policy_reward(tasks, plan.rewards, scorers, plan.domain.prompts.abstention, log), 1.0)]
    if reward is not None and weight:
        rewards.append(Reward(model_reward(plan.backbone, reward.folder / "adapter"), weight))
    return rewards


train_rl = Stage(name="rl", version=12, kind=AdapterArtifact, reads=_reads, make=_make, libraries=TRAINERS)
