"""Bad input gives one clear message and exit code 2, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import run

GOOD = "name: a\ndomain: medical\nsft: {max_steps: 1}\n"


def refused(tmp_path: Path, recipe: str, *words: object, **env: str) -> str:
    """The message of a build that must be refused before it starts."""
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe, encoding="utf-8")
    done = run("build", path, "--out", tmp_path / "out", *words, **env)
    assert done.code == 2, done.out + done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()
    return done.err


def test_an_unknown_key(tmp_path: Path) -> None:
    message = refused(tmp_path, "name: a\ndomain: medical\nsft:\n  max_step: 20\n")
    assert "recipe.yaml:4:3 sft.max_step: unknown key (did you mean 'max_steps'?)" in message


def test_a_misplaced_key(tmp_path: Path) -> None:
    message = refused(tmp_path, "name: a\ndomain: medical\nepochs: 2\n")
    assert "recipe.yaml:3:1 epochs: unknown key ('epochs' belongs under 'sft:')" in message


def test_a_wrong_type(tmp_path: Path) -> None:
    message = refused(tmp_path, "name: a\ndomain: medical\nseed: many\n")
    assert "recipe.yaml:3:1 seed:" in message and "'many'" in message


def test_all_problems_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, "name: a\ndomain: medical\nseed: many\nretreival: {}\n")
    assert "recipe.yaml:3:1" in message and "recipe.yaml:4:1" in message and "'retrieval'" in message


def test_a_missing_recipe(tmp_path: Path) -> None:
    done = run("build", tmp_path / "none.yaml", "--out", tmp_path / "out")
    assert done.code == 2
    assert "no recipe at" in done.err
    assert not (tmp_path / "out").exists()


def test_words_for_accelerate_that_nobody_takes(tmp_path: Path) -> None:
    message = refused(tmp_path, GOOD, "--", "--num_processes", "2")
    assert "--num_processes 2 is one word too many; words for accelerate need --launch accelerate" in message


def test_a_missing_corpus(tmp_path: Path) -> None:
    message = refused(tmp_path, GOOD, "--set", "corpus.sources=['nowhere']")
    assert "corpus source nowhere does not exist" in message


def test_an_empty_corpus(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    message = refused(tmp_path, GOOD, "--set", f"corpus.sources=['{tmp_path}/docs']")
    assert "the corpus is empty" in message


def test_a_document_without_text(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id":"a","text":"Some text."}\n{"id":"b","text":"  "}\n')
    message = refused(tmp_path, GOOD, "--set", f"corpus.sources=['{tmp_path}/c.jsonl']")
    assert "b: holds no text" in message and "1 of 2 documents cannot be used" in message


def test_a_missing_bundle(tmp_path: Path) -> None:
    done = run("ask", tmp_path, "why?")
    assert done.code == 2
    assert f"no bundle at {tmp_path}" in done.err


def test_an_unknown_domain(tmp_path: Path) -> None:
    message = refused(tmp_path, "name: a\ndomain: medicine\n")
    assert "unknown domain 'medicine'; did you mean 'medical'?" in message and "Known: code, legal, medical" in message


def test_a_hub_id_without_consent(tmp_path: Path) -> None:
    message = refused(tmp_path, "name: a\ndomain: medical\nbackbone: some/model\n")
    assert "'some/model'" in message and "--allow-download" in message


def test_a_broken_setting(tmp_path: Path) -> None:
    assert "expected key=value" in refused(tmp_path, GOOD, "--set", "sft.epochs")


def test_an_output_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    done = run("build", "recipes/medical.yaml", "--out", tmp_path / "mine", cwd=Path(__file__).parents[2])
    assert done.code == 2
    assert "holds something else" in done.err
    assert [item.name for item in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def distribution(folder: Path, name: str, body: str, plugin: str | None = None) -> None:
    """A distribution as pip would leave it in `folder`."""
    (folder / f"{name}.py").write_text(body, encoding="utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[glossator]\n{plugin or name} = {name}\n")


def test_two_plugins_of_one_name(tmp_path: Path) -> None:
    distribution(tmp_path, "one", "", plugin="twin")
    distribution(tmp_path, "other", "", plugin="twin")
    done = run("plugins", PYTHONPATH=str(tmp_path))
    assert done.code == 2
    assert "'twin'" in done.err and "one 1.0" in done.err and "other 1.0" in done.err


def test_a_plugin_that_raises_is_named_and_skipped(tmp_path: Path) -> None:
    distribution(tmp_path, "shaky", "raise RuntimeError('no luck')")
    done = run("domains", PYTHONPATH=str(tmp_path))
    assert done.code == 0
    assert "medical" in done.out
    assert "shaky" in done.err and "no luck" in done.err


def test_a_plugin_that_raises_fails_in_strict_mode(tmp_path: Path) -> None:
    distribution(tmp_path, "shaky", "raise RuntimeError('no luck')")
    done = run("domains", "--strict", PYTHONPATH=str(tmp_path))
    assert done.code == 2
    assert "'shaky' of shaky 1.0 raised RuntimeError: no luck" in done.err


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", disk], check=False).returncode:
        pytest.skip("this machine does not allow mounts")
    try:
        done = run("build", "recipes/medical.yaml", "--out", disk / "out", cwd=Path(__file__).parents[2])
        assert done.code == 2, done.err
        assert "stage 'corpus': the disk refused to write" in done.err and "free space" in done.err
        assert not (disk / "out" / "corpus").exists()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_help_is_quick_and_loads_no_heavy_library() -> None:
    code = "import sys; sys.argv = ['glossator', '--help']\nfrom glossator.cli import main\n"
    code += "try: main()\nfinally: print(sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "'glossator'" in done.stdout
    for name in ("torch", "transformers", "llama_index", "faiss", "trl", "peft", "numpy", "copier"):
        assert f"'{name}'" not in done.stdout
