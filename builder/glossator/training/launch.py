"""Tuning in several processes: `accelerate launch` starts each of them on the same job, and they share every batch.

What is learnt is what one process learns, up to the order in which floats are added: a batch of the recipe is divided
among the processes, and gradients are averaged over tokens, not over processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from glossator.artifacts import read_rows, write_json
from glossator.errors import StageError
from glossator.recipe import SftRecipe
from glossator.rows import read_example
from glossator.training.run import Setting
from glossator.training.sft import train_sft

ALIKE = ("NO", "MULTI_CPU", "MULTI_GPU")
"""What accelerate calls one process, and several that each hold the whole model."""


def launch_sft(examples: Path, recipe: SftRecipe, setting: Setting, words: Sequence[str]) -> None:
    """As `train_sft` on the rows of a file, in the processes that `accelerate launch WORDS` starts.

    Raises StageError when they fail; what they say goes where this process speaks.
    """
    job = setting.scratch / "job.json"
    job.parent.mkdir(parents=True, exist_ok=True)
    given = asdict(setting) | {"folder": str(setting.folder)}
    write_json(job, {"examples": str(examples), "recipe": recipe.model_dump(mode="json"), "setting": given})
    launch, module = ("-m", "accelerate.commands.launch"), ("-m", "glossator.training.launch")
    said = [sys.executable, *launch, *words, *module, str(job)]
    done = subprocess.run(said, check=False, close_fds=False)  # noqa: S603 - our own interpreter; the user's own words
    if done.returncode:
        raise StageError(f"stage 'sft': `accelerate launch {' '.join(words)}` failed with code {done.returncode}")


def main() -> None:
    """One of the processes."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    recipe = SftRecipe.model_validate(job["recipe"])
    _check(recipe)
    setting = Setting(**job["setting"] | {"folder": Path(job["setting"]["folder"])})
    train_sft([read_example(row) for row in read_rows(Path(job["examples"]))], recipe, setting)


def _check(recipe: SftRecipe) -> None:
    """Raise StageError for an arrangement of processes that would not learn the same."""
    import torch
    from accelerate import PartialState

    here = PartialState(cpu=not torch.cuda.is_available())
    if here.distributed_type.value not in ALIKE:
        raise StageError(
            f"stage 'sft': {here.distributed_type.value} divides the model; launch data parallel processes"
        )
    if recipe.batch_size % here.num_processes:
        raise StageError(f"stage 'sft': {here.num_processes} processes cannot share batches of {recipe.batch_size}")


if __name__ == "__main__":
    main()
