"""Checkpoints that a kill cannot break."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from glossator.training.checkpoints import Checkpoints, MetricsLog


def save(checkpoints: Checkpoints, trainer: Path, step: int) -> None:
    """What the trainer does at a save: write a folder, then tell its callbacks."""
    folder = trainer / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "weights").write_text(f"weights of step {step}")
    args: Any = SimpleNamespace(output_dir=str(trainer))
    state: Any = SimpleNamespace(global_step=step)
    checkpoints.on_save(args, state, SimpleNamespace())  # type: ignore[arg-type]


def test_the_newest_sound_checkpoint_is_resumed_and_older_ones_go(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "kept")
    save(checkpoints, tmp_path / "trainer", 2)
    save(checkpoints, tmp_path / "trainer", 4)
    newest = checkpoints.newest()
    assert newest is not None
    assert (newest / "weights").read_text() == "weights of step 4"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["4"]


def test_a_damaged_checkpoint_is_never_resumed(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "kept")
    save(checkpoints, tmp_path / "trainer", 2)
    (tmp_path / "kept" / "2" / "weights").write_text("weights of step ?")
    assert checkpoints.newest() is None


def test_a_half_written_checkpoint_is_never_resumed(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "kept")
    save(checkpoints, tmp_path / "trainer", 2)
    (tmp_path / "kept" / "9").mkdir()
    (tmp_path / "kept" / "9" / "weights").write_text("half")
    newest = checkpoints.newest()
    assert newest is not None
    assert newest.name == "2"


def test_metrics_after_the_resumed_step_are_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(json.dumps({"step": step}) + "\n" for step in (1, 2, 3)) + '{"step": 4, "lo')
    log = MetricsLog(path, from_step=2)
    log.on_log(None, SimpleNamespace(global_step=3), None, {"loss": 0.5, "bad": float("nan")})  # type: ignore[arg-type]
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert rows == [{"step": 1}, {"step": 2}, {"step": 3, "loss": 0.5}]
