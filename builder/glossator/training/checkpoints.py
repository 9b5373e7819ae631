"""Checkpoints that a kill cannot break, and metrics that stream.

The trainer writes a checkpoint folder in place, without sync. When it is done, its files are hashed and synced and the
folder is renamed to its published name; only then are older ones removed. Resuming takes the newest one whose hashes
are right, never the trainer's own guess.
"""

from __future__ import annotations

import json
import os
import shutil
from math import isfinite
from pathlib import Path
from typing import Any

from accelerate import PartialState
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from glossator.artifacts import changed_files, folder_files, write_json

SEAL = "seal.json"


class Checkpoints(TrainerCallback):
    """Publishes what the trainer saved; of several processes the first does it, when all have written their part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def newest(self) -> Path | None:
        """The newest published checkpoint with right hashes; anything else is removed."""
        found = sorted((path for path in self.folder.iterdir() if path.name.isdigit()), key=lambda p: int(p.name))
        sound = [path for path in found if _sealed(path)]
        for path in self.folder.iterdir():
            if path not in sound[-1:]:
                shutil.rmtree(path)
        return sound[-1] if sound else None

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        assert args.output_dir is not None
        processes = PartialState()
        processes.wait_for_everyone()
        if processes.is_main_process:
            self._publish(args.output_dir, state.global_step)
        processes.wait_for_everyone()

    def _publish(self, folder: str, step: int) -> None:
        made = Path(folder) / f"checkpoint-{step}"
        write_json(made / SEAL, folder_files(made))
        for path in made.rglob("*"):
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        os.rename(made, self.folder / str(step))
        self.newest()


def _sealed(folder: Path) -> bool:
    try:
        files = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return not any(changed_files(folder, files))


class MetricsLog(TrainerCallback):
    """Appends each row the trainer logs to `metrics.jsonl`; rows after the resumed step are dropped first."""

    def __init__(self, path: Path, from_step: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [line for line in whole_lines(path) if json.loads(line)["step"] <= from_step]
        path.write_text("".join(kept), encoding="utf-8")
        self.path = path

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, float], **_: Any
    ) -> None:
        figures = {name: round(v, 6) for name, v in logs.items() if isinstance(v, float) and isfinite(v)}
        row = {"step": state.global_step} | figures
        with self.path.open("a", encoding="utf-8") as stream:
            print(json.dumps(row), file=stream)


def whole_lines(path: Path) -> list[str]:
    """Lines of a log, of which a kill may have cut the last."""
    if not path.is_file():
        return []
    return [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
