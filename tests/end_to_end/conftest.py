"""A tiny backbone made on the spot, and the command line as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..tiny import tiny_llama

RECIPE = """\
name: tiny
domain: medical
backbone: {backbone}
threads: 1
examples: {{variants: 1}}
sft: {{max_steps: 6, save_steps: 2, batch_size: 2}}
rl:
  steps: 4
  save_steps: 1
  prompts: 1
  generations: 2
  pairs: {{questions: 6, samples: 2}}
  reward_model: {{epochs: 1, weight: 0.1}}
answer: {{max_new_tokens: 12}}
"""


@dataclass(frozen=True)
class Finished:
    code: int
    out: str
    err: str


def run(*words: object, cwd: Path | None = None, **env: str) -> Finished:
    """`glossator WORDS...` in a process of its own, with the network refused."""
    command = [sys.executable, "-m", "glossator", *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env={**os.environ, "COLUMNS": "200", **env}, check=False
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Knows nothing, trains in seconds."""
    return tiny_llama(tmp_path_factory.mktemp("backbone"))


@pytest.fixture(scope="session")
def recipe(tmp_path_factory: pytest.TempPathFactory, backbone: Path) -> Path:
    path = tmp_path_factory.mktemp("recipes") / "tiny.yaml"
    path.write_text(RECIPE.format(backbone=backbone), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, recipe: Path) -> Path:
    """The output folder of one whole, uninterrupted build."""
    out = tmp_path_factory.mktemp("runs") / "tiny"
    done = run("build", recipe, "--out", out)
    assert done.code == 0, done.err
    return out


def digest(out: Path) -> dict[str, str]:
    """Hashes of everything in a built bundle."""
    files: dict[str, str] = json.loads((out / "bundle" / "artifact.json").read_text())["files"]
    return files
