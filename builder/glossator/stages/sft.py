"""Examples -> an adapter."""

from __future__ import annotations

from typing import Any

from glossator.artifacts import read_rows
from glossator.plan import Plan
from glossator.records import Example
from glossator.rows import read_example
from glossator.stages.base import TRAINERS, AdapterArtifact, ExampleArtifact, Stage, Work

ROWS = "examples.jsonl"


def setting_of(work: Work) -> Any:
    """Where and how a training of this stage runs."""
    from glossator.training.run import Setting

    recipe = work.plan.recipe
    return Setting(
        folder=work.folder,
        seed=recipe.seed,
        threads=recipe.threads,
        backbone=work.plan.backbone,
        checkpointing=recipe.sft is None or recipe.sft.peft.method != "prefix",
        backbone_name="embedded" if recipe.backbone == "embedded" else work.plan.backbone_identity,
    )


def training_key(plan: Plan) -> dict[str, Any]:
    """The part of the plan every training depends on."""
    return {"seed": plan.recipe.seed, "threads": plan.recipe.threads, "backbone": plan.backbone_identity}


def read_examples(artifact: ExampleArtifact) -> list[Example]:
    rows = read_rows(artifact.folder / ROWS)
    return [read_example(row) for row in rows]


def _reads(plan: Plan) -> dict[str, Any]:
    assert plan.recipe.sft is not None
    return training_key(plan) | {"sft": plan.recipe.sft.model_dump(mode="json", exclude={"save_steps"})}


def _make(work: Work, examples: ExampleArtifact) -> None:
    recipe, setting = work.plan.recipe.sft, setting_of(work)
    assert recipe is not None
    if work.launch is not None:
        from glossator.training.launch import launch_sft

        launch_sft(examples.folder / ROWS, recipe, setting, work.launch)
    else:
        from glossator.training.sft import train_sft

        train_sft(read_examples(examples), recipe, setting)


train_sft = Stage(name="sft", version=1, kind=AdapterArtifact, reads=_reads, make=_make, libraries=TRAINERS)
