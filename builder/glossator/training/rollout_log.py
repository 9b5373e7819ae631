"""The log of answers that were paid; a run that is continued forgets what it will sample again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from glossator.rollouts import Rollout, write_rollouts
from glossator.training.checkpoints import whole_lines


class RolloutLog(TrainerCallback):
    """Adds to `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        kept = [line for line in whole_lines(self.path) if json.loads(line)["step"] < state.global_step]
        self.keep(kept)

    def keep(self, lines: Sequence[str]) -> None:
        """Forget all but these lines."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("".join(lines), encoding="utf-8")

    def add(self, rollouts: Sequence[Rollout]) -> None:
        write_rollouts(self.path, rollouts)
