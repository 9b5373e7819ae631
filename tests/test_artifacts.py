"""An artifact is published whole, read back only when unchanged, and known by its content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glossator.artifacts import (
    MANIFEST,
    Artifact,
    changed_files,
    digest_of,
    load,
    open_partial,
    publish,
    read_rows,
    verify,
    versions,
    write_json,
    write_rows,
)
from glossator.errors import BundleError


def made(folder: Path, seconds: float = 1.0, words: str = "hello") -> Artifact:
    """An artifact of three files, one of them for people only."""
    partial = open_partial(folder, "key")
    (partial / "deep").mkdir(exist_ok=True)
    (partial / "logs").mkdir(exist_ok=True)
    (partial / "deep" / "a.txt").write_text(words)
    (partial / "b.bin").write_bytes(b"\x00\x01")
    (partial / "logs" / "log.txt").write_text(f"took {seconds}")
    return publish(Artifact, partial, folder, stage="corpus", key="key", seconds=seconds)


def test_what_is_published_is_loaded(tmp_path: Path) -> None:
    published = made(tmp_path / "corpus")
    assert load(Artifact, tmp_path / "corpus") == published
    assert sorted(published.manifest.files) == ["b.bin", "deep/a.txt"]
    assert not (tmp_path / "corpus.partial").exists() and not (tmp_path / "corpus" / ".key").exists()


@pytest.mark.parametrize("name", ["b.bin", "deep/a.txt"])
def test_one_flipped_byte_is_seen_and_named(tmp_path: Path, name: str) -> None:
    artifact = made(tmp_path / "corpus")
    path = artifact.folder / name
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    assert load(Artifact, artifact.folder) is None
    assert list(changed_files(artifact.folder, artifact.manifest.files)) == [name]
    with pytest.raises(BundleError, match=f"{name} was changed since this bundle was built"):
        verify(artifact.folder, artifact.manifest.files)


def test_a_missing_file_is_seen_and_named(tmp_path: Path) -> None:
    artifact = made(tmp_path / "corpus")
    (artifact.folder / "b.bin").unlink()
    assert load(Artifact, artifact.folder) is None
    with pytest.raises(BundleError, match=r"b.bin is missing"):
        verify(artifact.folder, artifact.manifest.files)


@pytest.mark.parametrize("text", ["", "{}", "[1", '{"stage": "corpus", "key": 1, "files": {}, "seconds": 1, "x": 2}'])
def test_a_broken_manifest_is_no_artifact(tmp_path: Path, text: str) -> None:
    artifact = made(tmp_path / "corpus")
    (artifact.folder / MANIFEST).write_text(text)
    assert load(Artifact, artifact.folder) is None


def test_nothing_at_all_is_no_artifact(tmp_path: Path) -> None:
    assert load(Artifact, tmp_path / "nowhere") is None


def test_logs_may_change(tmp_path: Path) -> None:
    artifact = made(tmp_path / "corpus")
    (artifact.folder / "logs" / "log.txt").write_text("edited")
    assert load(Artifact, artifact.folder) == artifact


def test_the_digest_depends_on_content_not_on_place_or_time(tmp_path: Path) -> None:
    here, there = made(tmp_path / "one", 1.0), made(tmp_path / "far" / "two", 99.0)
    assert here.digest == there.digest
    assert made(tmp_path / "three", words="other").digest != here.digest


def test_work_in_progress_is_kept_for_the_same_key(tmp_path: Path) -> None:
    (open_partial(tmp_path / "sft", "k1") / "checkpoint").write_text("step 40")
    assert (open_partial(tmp_path / "sft", "k1") / "checkpoint").read_text() == "step 40"


def test_work_in_progress_is_emptied_for_another_key(tmp_path: Path) -> None:
    (open_partial(tmp_path / "sft", "k1") / "checkpoint").write_text("step 40")
    assert [path.name for path in open_partial(tmp_path / "sft", "k2").iterdir()] == [".key"]


def test_work_in_progress_without_a_key_is_emptied(tmp_path: Path) -> None:
    partial = open_partial(tmp_path / "sft", "k1")
    (partial / "half.bin").write_text("?")
    (partial / ".key").unlink()
    assert not (open_partial(tmp_path / "sft", "k1") / "half.bin").exists()


def test_publishing_replaces_the_old_artifact_whole(tmp_path: Path) -> None:
    made(tmp_path / "corpus")
    (tmp_path / "corpus" / "stray.txt").write_text("left over")
    again = made(tmp_path / "corpus", words="new")
    assert load(Artifact, tmp_path / "corpus") == again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus"]
    assert not (tmp_path / "corpus" / "stray.txt").exists()


def test_a_digest_ignores_the_order_of_keys_and_refuses_nan() -> None:
    assert digest_of({"a": 1, "b": [1, 2]}) == digest_of({"b": [1, 2], "a": 1}) != digest_of({"a": 1, "b": [2, 1]})
    with pytest.raises(ValueError, match="Out of range float"):
        digest_of({"a": float("nan")})


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [{"text": "a\u2028b\nc “q”", "n": 1.5}, {"text": "\x85 \x0b 🙂", "n": None}]
    write_rows(tmp_path / "rows.jsonl", rows)
    assert read_rows(tmp_path / "rows.jsonl") == rows


def test_json_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_json(tmp_path / "report.json", {"a": 1})
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "report.json", {"a": float("nan")})
    assert json.loads((tmp_path / "report.json").read_text()) == {"a": 1}


def test_a_library_that_is_not_installed_has_an_empty_version() -> None:
    assert versions(["pydantic", "no-such-library"])["no-such-library"] == ""
