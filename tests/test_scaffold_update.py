"""A domain that `glossator new` wrote takes in a later template and keeps what its owner changed. Offline, with git."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest

import glossator
from glossator.scaffold import new

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = Path("builder/glossator/scaffold_template")
SCORERS = "glossator_insurance/scorers.py"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="copier update needs git")


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str, tag: str | None = None) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)
    if tag:
        git(folder, "tag", tag)


def replaced(path: Path, old: str, new_words: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new_words), encoding="utf-8")


def later_template(folder: Path) -> None:
    """What a next version might change: a docstring, and a file is new."""
    replaced(folder / "glossator_{{name}}" / "scorers.py.in", "Scorers of this domain.", "What this domain measures.")
    (folder / "NOTES.md.in").write_text("Notes on {{title}}\n", encoding="utf-8")


def own_work(folder: Path) -> None:
    """What an owner does: edits a file that the template changes too, removes an example, adds a document."""
    replaced(folder / SCORERS, "ENOUGH = 2", "ENOUGH = 3")
    (folder / "glossator_insurance" / "content" / "corpus" / "premiums.md").unlink()
    (folder / "glossator_insurance" / "content" / "corpus" / "mine.md").write_text("Mine.\n", encoding="utf-8")
    git(folder, "init", "-q")
    commit(folder, "my domain")


def check_updated(folder: Path) -> None:
    corpus = folder / "glossator_insurance" / "content" / "corpus"
    scorers = (folder / SCORERS).read_text(encoding="utf-8")
    assert "ENOUGH = 3" in scorers
    assert "What this domain measures." in scorers
    assert "<<<<" not in scorers
    assert (folder / "NOTES.md").read_text(encoding="utf-8") == "Notes on Insurance\n"
    assert not (corpus / "premiums.md").exists()
    assert (corpus / "mine.md").read_text(encoding="utf-8") == "Mine.\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What matters of a clone of glossator, at its present version and at a next one."""
    folder = tmp_path / "glossator"
    shutil.copytree(ROOT / TEMPLATE, folder / TEMPLATE, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "copier.yml", folder)
    git(folder, "init", "-q")
    commit(folder, "now", f"v{glossator.__version__}")
    later_template(folder / TEMPLATE)
    commit(folder, "next", "v99.0.0")
    return folder


def test_copier_moves_a_domain_from_one_version_of_the_template_to_the_next(tmp_path: Path) -> None:
    template, folder = tmp_path / "template", tmp_path / "glossator-insurance"
    shutil.copytree(ROOT / TEMPLATE, template, ignore=shutil.ignore_patterns("__pycache__"))
    git(template, "init", "-q")
    commit(template, "one", "v1")
    copier.run_copy(str(template), folder, data={"name": "insurance"}, defaults=True, quiet=True, vcs_ref="v1")
    own_work(folder)
    later_template(template)
    commit(template, "two", "v2")
    copier.run_update(folder, defaults=True, overwrite=True, quiet=True)
    check_updated(folder)
    assert "_commit: v2" in (folder / ".copier-answers.yml").read_text(encoding="utf-8")


def test_the_command_of_the_readme_updates_what_glossator_new_wrote(tmp_path: Path, clone: Path) -> None:
    folder = new("insurance", tmp_path).folder
    own_work(folder)
    command = re.search(r"^copier update.*$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert command
    run_in(folder, command[0])
    check_updated(folder)
    answers = (folder / ".copier-answers.yml").read_text(encoding="utf-8")
    assert "_commit: v99.0.0" in answers
    assert "_src_path: ../glossator\n" in answers


def test_an_update_brings_no_examples_to_a_domain_over_own_documents(
    tmp_path: Path, clone: Path, tutorial: list[glossator.Document]
) -> None:
    folder = new("bees", tmp_path, documents=tutorial).folder
    before = {path: path.read_bytes() for path in (folder / "glossator_bees" / "content").rglob("*") if path.is_file()}
    git(folder, "init", "-q")
    commit(folder, "my bees")
    run_in(folder, "copier update --defaults")
    after = {path: path.read_bytes() for path in (folder / "glossator_bees" / "content").rglob("*") if path.is_file()}
    assert after == before
    assert (folder / "NOTES.md").is_file()


def run_in(folder: Path, command: str) -> None:
    """Run copier's command line as the interpreter of the tests has it."""
    words = [sys.executable, "-m", *command.split()]
    done = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 0, done.stdout + done.stderr
