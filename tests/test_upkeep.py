"""A bundle's index is kept current: only what changed is done, and a killed update changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glossator.assistant import open_bundle
from glossator.cli import cli
from glossator.encoding.embedding import MiniLm
from glossator.errors import CorpusError, InputError, OutputError
from glossator.pipeline import output_folder
from glossator.retrieval.generations import load_index, read_description
from glossator.upkeep import documents_of, update

from .conftest import document

SUBJECTS = ("ferritin", "warfarin", "migraine", "insulin", "asthma")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search-only bundle of five documents; `docs` beside it holds them."""
    home = tmp_path_factory.mktemp("home")
    (home / "docs").mkdir()
    for subject in SUBJECTS:
        text = f"# {subject}\n\nThe text about {subject} says that {subject} is measured weekly.\n"
        (home / "docs" / f"{subject}.md").write_text(text)
    recipe = home / "small.yaml"
    recipe.write_text(
        f"name: small\ndomain: medical\nbackbone: embedded\ncorpus: {{sources: [{home / 'docs'}]}}\nsft: null\nrl: null\n"
    )
    run("build", str(recipe), "--out", str(home / "out"))
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(built, tmp_path / "home")


def run(*arguments: str, code: int = 0) -> str:
    """What a command prints."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def found(home: Path, question: str) -> list[str]:
    index = load_index(open_bundle(home / "out").folder / "index")
    return [passage.document_id for passage in index.search(question, 3)]


def test_an_update_adds_changes_and_deletes_and_embeds_only_what_changed(home: Path, monkeypatch: Any) -> None:
    (home / "docs" / "asthma.md").unlink()
    (home / "docs" / "insulin.md").write_text("# insulin\n\nInsulin lowers glucose.\n")
    (home / "docs" / "zinc.md").write_text("# zinc\n\nZinc is a metal.\n")
    embedded: list[str] = []
    computed = MiniLm.embed_fixed
    monkeypatch.setattr(MiniLm, "embed_fixed", lambda self, texts: (embedded.extend(texts), computed(self, texts))[1])
    before = open_bundle(home / "out")
    told = json.loads(run("index", "update", str(home / "out"), str(home / "docs"), "--json"))
    assert (told["added"], told["updated"], told["deleted"], told["unchanged"]) == (
        ["zinc"],
        ["insulin"],
        ["asthma"],
        3,
    )
    assert all("insulin" in text.lower() or "zinc" in text.lower() for text in embedded)
    after = open_bundle(home / "out")
    assert told["bundle"] == after.digest != before.digest
    assert after.lock.modules["prompts"] == before.lock.modules["prompts"]
    assert after.lock.modules["index"] != before.lock.modules["index"]
    assert found(home, "zinc")[0] == "zinc" and "asthma" not in found(home, "asthma")
    assert b"asthma" not in b"".join(p.read_bytes() for p in (home / "out" / "bundle").rglob("*") if p.is_file())
    assert "the index is sound" in run("index", "verify", str(home / "out"))


def test_an_update_without_a_change_writes_nothing(home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (home / "out").rglob("*")}
    assert "0 added, 0 updated, 0 deleted, 5 unchanged" in run("index", "update", str(home / "out"), str(home / "docs"))
    assert {path: path.stat().st_mtime_ns for path in (home / "out").rglob("*")} == before


def test_one_document_is_deleted_and_the_others_stay(home: Path) -> None:
    run("index", "update", str(home / "out"), "--delete", "warfarin")
    bundle = open_bundle(home / "out")
    assert sorted(documents_of(bundle)) == sorted({*SUBJECTS} - {"warfarin"})
    assert read_description(bundle.folder / "index")["generation"] == 2
    with pytest.raises(InputError, match="holds no document 'warfarin'; nothing was deleted"):
        cli(["index", "update", str(home / "out"), "--delete", "warfarin"], standalone_mode=False)


def test_a_listing_that_failed_or_lost_most_deletes_nothing(home: Path) -> None:
    digest = open_bundle(home / "out").digest
    with pytest.raises(CorpusError, match="does not exist"):
        cli(["index", "update", str(home / "out"), str(home / "nowhere")], standalone_mode=False)
    (home / "docs" / "asthma.md").write_text(" ")
    with pytest.raises(CorpusError, match="asthma"):
        cli(["index", "update", str(home / "out"), str(home / "docs")], standalone_mode=False)
    with pytest.raises(CorpusError, match="4 of 5 documents are not among the sources"):
        update(home / "out", [document("Only one.", "ferritin")])
    assert open_bundle(home / "out").digest == digest
    update(home / "out", [document("Only one.", "ferritin")], delete_most=True)
    assert documents_of(open_bundle(home / "out")) == ["ferritin"]


def test_others_may_be_kept(home: Path) -> None:
    (home / "more").mkdir()
    (home / "more" / "zinc.md").write_text("# zinc\n\nZinc is a metal.\n")
    planned = run("index", "status", str(home / "out"), str(home / "more"), "--keep-others")
    assert "1 added, 0 updated, 0 deleted, 5 unchanged" in planned
    run("index", "update", str(home / "out"), str(home / "more"), "--keep-others")
    assert len(documents_of(open_bundle(home / "out"))) == 6


def test_a_bundle_that_is_being_built_is_not_updated(home: Path) -> None:
    with output_folder(home / "out"), pytest.raises(OutputError, match="in use by another build or update"):
        update(home / "out", [document("Only one.", "ferritin")], delete_most=True)


def test_a_build_after_an_update_is_that_of_the_recipe(home: Path) -> None:
    before = open_bundle(home / "out").digest
    run("index", "update", str(home / "out"), "--delete", "warfarin")
    recipe = home / "small.yaml"
    run("build", str(recipe), "--out", str(home / "out"))
    assert open_bundle(home / "out").digest == before


def test_search_explains_what_found_a_passage(home: Path) -> None:
    told = run("search", str(home / "out"), "warfarin", "--explain", "-k", "2")
    assert "cosine" in told and "half of words" in told and "warfarin:" in told and "probability that an answer" in told
    rows = json.loads(run("search", str(home / "out"), "warfarin", "--json"))
    assert rows[0]["document_id"] == "warfarin"
    assert run("search", str(home / "out"), "warfarin", "--label", "year=1", "--json").strip() == "[]"
    with pytest.raises(InputError, match="--label year: write KEY=VALUE"):
        cli(["search", str(home / "out"), "warfarin", "--label", "year"], standalone_mode=False)


def test_a_bundle_shows_no_more_of_a_document_than_it_is_locked_to(home: Path) -> None:
    (home / "docs" / "warfarin.md").write_text("\n\n".join(f"Warfarin is dosed by mouth ({n})." for n in range(20)))
    build, shown = ["build", str(home / "small.yaml"), "--out", str(home / "out")], []
    for bound in ("null", "1"):
        sets = (f"corpus.sources=[{home / 'docs'}]", f"retrieval.per_document={bound}")
        run(*build, *(word for key in sets for word in ("--set", key)))
        rows = json.loads(run("search", str(home / "out"), "warfarin", "--json"))
        shown.append([row["document_id"] for row in rows].count("warfarin"))
    assert shown[0] > shown[1] == 1 and open_bundle(home / "out").lock.per_document == 1


@pytest.mark.slow
def test_an_update_killed_at_any_moment_leaves_the_old_bundle_or_the_new_one(home: Path) -> None:
    command = [sys.executable, "-m", "glossator", "index", "update", str(home / "out")]
    old = open_bundle(home / "out").digest
    shutil.copytree(home / "out", home / "kept")
    (home / "docs" / "zinc.md").write_text("# zinc\n\nZinc is a metal.\n")
    start = time.monotonic()
    subprocess.run([*command, str(home / "docs")], check=True, capture_output=True)
    whole, new = time.monotonic() - start, open_bundle(home / "out").digest
    ends = set()
    for number in range(6):
        shutil.rmtree(home / "out")
        shutil.copytree(home / "kept", home / "out")
        process = subprocess.Popen([*command, str(home / "docs")], stdout=-3, stderr=-3)
        time.sleep(whole * (0.5 + 0.5 * number / 6))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        ends.add(open_bundle(home / "out").digest)
        load_index(home / "out" / "bundle" / "index")
        subprocess.run([*command, str(home / "docs")], check=True, capture_output=True)
        assert open_bundle(home / "out").digest == new
        assert sorted(p.name for p in (home / "out").iterdir() if p.name.startswith("bundle")) == ["bundle"]
    assert ends <= {old, new}
