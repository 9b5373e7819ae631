"""The account of what was read adds up: every file and every document has one outcome, each with a reason."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import odd_loaders
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glossator_common
from glossator import CorpusError, Host, console, hookimpl
from glossator.plan import Root
from glossator.reading.ingest import NOTHING, Ingest, LeftOut, ingest
from glossator.stages.base import Work
from glossator.stages.corpus import make_corpus, read_corpus, read_sources


class Odd:
    @hookimpl
    def register_loaders(self) -> list[Any]:
        return [odd_loaders.ODD, odd_loaders.FINE]


HOST = Host.of(common=glossator_common, odd=Odd())

FILES = {
    "good.md": b"# Head\n\nText.",
    "blank.md": b"---\ntitle: Blank\n---\n \n\t\n",
    "latin.txt": "Gr\u00fc\u00dfe".encode("latin-1"),
    "rows.jsonl": b'{"id": "x", "text": "X."}\n{"id": "y", "text": " "}\n{"id": "z", "text": "Z."}\n',
    "broken.jsonl": b'{"id": "x"',
    "table.xls": b"\0",
    "README": b"no suffix",
    "nul.txt": b"a\0b",
    "void.txt": b"",
    "killed.odd": b"killed",
    "raises.odd": b"raises",
    "pictures.odd": b"blank",
    "passed.odd": b"none",
    "white.odd": b"white",
}
GIVES = {"good.md": ("good",), "rows.jsonl": ("x", "z"), "nul.txt": ("nul",)}


def folder(at: Path, names: Any) -> Path:
    for name in names:
        (at / name).write_bytes(FILES[name])
    return at


def read(at: Path) -> Ingest:
    return ingest([Root(path=at)], HOST)


@settings(max_examples=12, deadline=None)
@given(st.sets(st.sampled_from(sorted(FILES))))
def test_it_adds_up(names: set[str]) -> None:
    with tempfile.TemporaryDirectory() as made:
        found = read(folder(Path(made), names))
    report = found.report
    assert report["in"] == report["indexed"] + report["empty"] + report["refused"]
    assert report["indexed"] == len(found.documents) == sum(map(len, found.names.values()))
    assert len(report["left_out"]) == report["empty"] + report["refused"]
    assert all(row["reason"] for row in report["left_out"])
    assert found.names == {name: GIVES.get(name, ()) for name in sorted(names)}
    assert {item.name for item in found.left_out} == {*(names - GIVES.keys()), *(["y"] * ("rows.jsonl" in names))}


def test_each_outcome_has_its_reason(tmp_path: Path) -> None:
    left_out = {item.name: (item.outcome, item.reason) for item in read(folder(tmp_path, FILES)).left_out}
    assert left_out["blank.md"] == left_out["void.txt"] == left_out["white.odd"] == ("empty", "holds no text")
    assert left_out["y"] == ("empty", "holds no text")
    assert left_out["pictures.odd"] == ("empty", "only pictures")
    assert left_out["passed.odd"] == ("empty", NOTHING)
    assert left_out["latin.txt"] == ("refused", "byte 2 is not UTF-8; convert the file first")
    assert left_out["killed.odd"] == ("refused", "the reader crashed: signal 9 (SIGKILL)")
    assert left_out["raises.odd"] == ("refused", "loader 'odd' raised KeyError: 'no luck'")
    assert left_out["table.xls"][0] == "refused" and "no loader for .xls" in left_out["table.xls"][1]
    assert left_out["broken.jsonl"][1].startswith("broken.jsonl:1: not a JSON object")


def test_all_offenders_are_named_at_most_five(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        read_sources([Root(path=folder(tmp_path, FILES))], HOST)
    lines = str(caught.value).split("\n")
    assert len(lines) == 7 and lines[5] == "... and 6 more"
    assert lines[6].startswith("11 of 15 documents cannot be used; repair or remove them, or leave them out")


def test_a_file_that_a_loader_passes_over_is_no_fault(tmp_path: Path) -> None:
    assert [d.id for d in read_sources([Root(path=folder(tmp_path, ["good.md", "passed.odd"]))], HOST)] == ["good"]


def test_files_of_one_name_in_two_sources_are_both_counted(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.jsonl").write_text(json.dumps({"id": name, "text": "Text."}))
    found = ingest([Root(path=tmp_path / "one"), Root(path=tmp_path / "two")], HOST)
    assert found.names == {"rows.jsonl": ("one",), "rows.jsonl (2)": ("two",)}


def plan(at: Path, refused: str) -> Any:
    recipe = SimpleNamespace(corpus=SimpleNamespace(refused=refused))
    return SimpleNamespace(recipe=recipe, sources=(Root(path=at),))


def test_the_report_of_the_stage_lists_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    docs = folder(tmp_path / "docs", ["good.md", "blank.md", "latin.txt"])
    make_corpus.make(Work(plan(docs, "report"), HOST, tmp_path))
    report = json.loads((tmp_path / "report.json").read_text())
    assert {key: report[key] for key in ("in", "indexed", "empty", "refused", "files", "documents")} == {
        "in": 3, "indexed": 1, "empty": 1, "refused": 1, "files": 3, "documents": 1,
    }  # fmt: skip
    assert report["left_out"] == [
        {"name": "blank.md", "outcome": "empty", "reason": "holds no text"},
        {"name": "latin.txt", "outcome": "refused", "reason": "byte 2 is not UTF-8; convert the file first"},
    ]
    assert len((tmp_path / "documents.jsonl").read_text().splitlines()) == 1


def test_what_was_left_out_by_a_fault_is_warned_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console.left_out(read(folder(tmp_path, ["good.md", "passed.odd"])).report)
    assert capsys.readouterr().err == ""
    console.left_out(read(folder(tmp_path, ["latin.txt"])).report)
    told = capsys.readouterr().err
    assert "left out: latin.txt: byte 2 is not UTF-8" in told and "1 of 3 documents are left out" in told


def test_stop_and_report_have_other_keys(tmp_path: Path) -> None:
    assert make_corpus.reads(plan(tmp_path, "stop")) != make_corpus.reads(plan(tmp_path, "report"))


def test_a_corpus_of_which_nothing_is_left_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"blank.md: holds no text\n1 of 1 documents cannot be used; none is left"):
        read_corpus(plan(folder(tmp_path, ["blank.md"]), "report"), HOST)


def test_one_id_twice_stops_in_every_mode(tmp_path: Path) -> None:
    folder(tmp_path, ["good.md"])
    (tmp_path / "good.txt").write_text("Text.")
    with pytest.raises(CorpusError, match="1 document ids occur twice: good"):
        read_corpus(plan(tmp_path, "report"), HOST)


def test_a_file_that_may_not_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("glossator.reading.ingest.bytes_of", denied)
    reason = "it cannot be opened: Permission denied"
    assert read(folder(tmp_path, ["good.md"])).left_out == (LeftOut(name="good.md", outcome="refused", reason=reason),)
