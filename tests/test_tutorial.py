"""The tutorial can be followed: its commands are taken from the page and run, and print what the page shows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
STEPS = dict(re.findall(r"^\$ (.+)\n((?:(?!```|\$ ).*\n)*)", PAGE, re.MULTILINE))
"""Command -> what the page shows under it."""
PIP = "-m pip install -q --no-deps --no-build-isolation --disable-pip-version-check --target"
QUICK = {"build": ("--set", "sft.max_steps=2"), "eval": ("--limit", "2")}
"""What makes a long step short; its words are then not compared."""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder beside what the tutorial needs of a clone of glossator."""
    folder = tmp_path_factory.mktemp("walk")
    shutil.copytree(
        ROOT / "tests" / "data" / "tutorial_docs", folder / "glossator" / "tests" / "data" / "tutorial_docs"
    )
    (folder / "bees").mkdir()
    return folder / "bees"


def run(command: str, folder: Path) -> str:
    """What a command of the page prints; installing goes to a folder beside, so that nothing else changes."""
    program, *words = shlex.split(command)
    site = folder.parent / "site"
    if program == "pip":
        words = [*PIP.split(), str(site), f"./{words[-1]}"]
    else:
        words = ["-m", program, *words, *QUICK.get(words[0], ())]
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, "PIP_NO_INDEX": "1", "COLUMNS": "120"}
    done = subprocess.run(
        [sys.executable, *words], check=False, capture_output=True, text=True, cwd=folder, env=environment
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def steps(*verbs: str) -> list[str]:
    return [command for command in STEPS if command.split()[1] in verbs]


def test_at_most_six_commands_lead_to_a_cited_answer() -> None:
    assert [command.split()[1] for command in STEPS] == ["new", "install", "check", "build", "ask", "eval"]


def test_a_domain_over_the_documents_is_written_installed_and_sound(walk: Path) -> None:
    for command in steps("new", "install", "check"):
        assert run(command, walk).split() == STEPS[command].split()


@pytest.mark.slow
def test_it_builds_answers_and_is_measured(walk: Path) -> None:
    for command in steps("build", "ask", "eval"):
        said = run(command, walk)
        if command in steps("ask"):
            assert all(question in said for question in shlex.split(command)[3:])
    assert (walk / "runs" / "beekeeping" / "bundle" / "bundle.json").is_file()
