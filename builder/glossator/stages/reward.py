"""Preference pairs -> a reward model."""

from __future__ import annotations

from typing import Any

from glossator.artifacts import write_json
from glossator.plan import Plan
from glossator.stages.base import TRAINERS, PairArtifact, RewardModelArtifact, Stage, Work
from glossator.stages.preferences import read_pairs
from glossator.stages.sft import setting_of, training_key


def _reads(plan: Plan) -> dict[str, Any]:
    assert plan.recipe.rl is not None
    assert plan.recipe.sft is not None
    recipe = plan.recipe.rl.reward_model.model_dump(mode="json", exclude={"weight", "save_steps"})
    return training_key(plan) | {"reward_model": recipe, "peft": plan.recipe.sft.peft.model_dump(mode="json")}


def _make(work: Work, pairs: PairArtifact) -> None:
    from glossator.training.reward_model import train_reward_model

    rl, sft = work.plan.recipe.rl, work.plan.recipe.sft
    assert rl is not None
    assert sft is not None
    write_json(
        work.folder / "report.json", train_reward_model(read_pairs(pairs), rl.reward_model, sft.peft, setting_of(work))
    )


train_reward = Stage(name="reward", version=2, kind=RewardModelArtifact, reads=_reads, make=_make, libraries=TRAINERS)
