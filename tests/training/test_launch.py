"""Two processes that share every batch learn what one learns."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from glossator.artifacts import write_rows
from glossator.errors import StageError
from glossator.recipe import SftRecipe
from glossator.records import Example, Message
from glossator.training.launch import launch_sft
from glossator.training.sft import train_sft

from .conftest import ADAPTER, setting

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing")]

WORDS = (
    "--multi_gpu",
    "--num_processes",
    "2",
    "--num_machines",
    "1",
    "--mixed_precision",
    "no",
    "--dynamo_backend",
    "no",
)
"""`--multi_gpu` is accelerate's name for several processes; where there is no GPU they speak through gloo."""
RECIPE = SftRecipe(batch_size=4, max_steps=5, save_steps=2, peft=ADAPTER.model_copy(update={"dropout": 0.0}))
ROWS = [
    Example(
        question_id=str(number),
        messages=(Message(role="user", content="What falls first? " * (1 + number % 3)),),
        completion=" ".join(f"Value {n} falls." for n in range(1 + number % 5)),
        passages=(),
        scores=(),
        answerable=True,
    )
    for number in range(16)
]


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    write_rows(tmp_path / "examples.jsonl", map(asdict, ROWS))
    return tmp_path / "examples.jsonl"


def losses(folder: Path) -> list[float]:
    rows = [json.loads(line) for line in (folder / "logs" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row["loss"] for row in rows if "loss" in row]


def test_two_processes_have_the_loss_curve_and_the_adapter_of_one(home: Path, examples: Path, tmp_path: Path) -> None:
    train_sft(ROWS, RECIPE, setting(home, tmp_path / "one"))
    launch_sft(examples, RECIPE, setting(home, tmp_path / "two"), WORDS)
    assert len(losses(tmp_path / "one")) == 5
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
    one, two = (load_file(tmp_path / name / "adapter" / "adapter_model.safetensors") for name in ("one", "two"))
    assert all(torch.allclose(one[name], two[name], rtol=1e-3, atol=1e-5) for name in one)
    assert not (tmp_path / "two" / "scratch").exists()


def test_a_batch_that_cannot_be_shared_is_refused(home: Path, examples: Path, tmp_path: Path) -> None:
    odd = RECIPE.model_copy(update={"batch_size": 3})
    with pytest.raises(StageError, match="failed with code"):
        launch_sft(examples, odd, setting(home, tmp_path / "odd"), WORDS)
    assert not (tmp_path / "odd" / "adapter").exists()
