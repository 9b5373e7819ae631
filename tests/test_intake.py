"""A user's own documents become a sound domain: nothing lost, nothing evaluated, nothing half-written."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

import glossator_common
from glossator import Document, Host
from glossator.errors import CorpusError, InputError, QuestionsError
from glossator.gold import check_gold, check_leakage
from glossator.intake import take
from glossator.plan import Root
from glossator.rows import read_questions
from glossator.scaffold import new
from glossator.stages.corpus import read_sources
from glossator.testing import check_domain

from .conftest import document

PLAIN = Host.of(common=glossator_common)
TITLE = "Bees"
BEE, HIVE, WAX = "A bee is an animal with wings.\n", "A hive is a box for bees.\n", "Wax is a soft matter of bees.\n"


def content(folder: Path, name: str = "bees") -> Path:
    return folder / f"glossator_{name}" / "content"


def corpus(folder: Path) -> dict[str, Document]:
    return {item.id: item for item in read_sources([Root(path=content(folder) / "corpus")], PLAIN)}


def test_a_domain_over_own_documents_is_sound_at_once(
    tmp_path: Path, tutorial: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new("bees", tmp_path, documents=tutorial, licence="CC0-1.0").folder
    monkeypatch.syspath_prepend(str(folder))
    import glossator_bees  # type: ignore[import-not-found]

    assert check_domain(Host.of(common=glossator_common, bees=glossator_bees), "bees") == []


def test_text_arrives_unchanged_with_its_front_matter(tmp_path: Path, tutorial: list[Document]) -> None:
    found = corpus(new("bees", tmp_path, documents=tutorial, licence="CC0-1.0").folder)
    assert {name: item.text for name, item in found.items()} == {item.id: item.text for item in tutorial}
    assert found["varroa"].title == "Varroa mites"
    assert found["varroa"].source.revised == "2026-04-02"
    assert {item.source.licence for item in found.values()} == {"CC0-1.0"}
    assert all(item.family == item.id for item in found.values())


def test_what_is_proposed_can_be_read_and_does_not_leak(tmp_path: Path, tutorial: list[Document]) -> None:
    written = new("bees", tmp_path, documents=tutorial)
    gold, known = content(written.folder) / "gold", corpus(written.folder)
    train, test = read_questions(gold / "train.jsonl"), read_questions(gold / "test.jsonl")
    check_gold([*train, *test], known)
    check_leakage(train, test, known, 0.8)
    lines = [line for split in ("train", "test") for line in (gold / f"{split}.jsonl").read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    assert {row["kind"] for row in rows} == {"proposal"}
    assert f"**{len(rows)} of {len(rows)}**" in (content(written.folder) / "DATASHEET.md").read_text(encoding="utf-8")
    for row in rows:
        for span in row["gold_spans"]:
            assert known[span["doc_id"]].text[span["start"] : span["end"]] == span["text"]


def test_no_example_is_left_beside_own_documents(tmp_path: Path, tutorial: list[Document]) -> None:
    folder = new("bees", tmp_path, documents=tutorial).folder
    assert not any(
        "premium" in path.read_text(encoding="utf-8").lower() for path in folder.rglob("*") if path.is_file()
    )


def test_documents_without_a_licence_are_counted_and_left_to_fill_in(tmp_path: Path) -> None:
    named = replace(document(BEE, "bee"), source=replace(document(BEE).source, licence="unknown"))
    written = new("bees", tmp_path, documents=[named, document(HIVE, "hive"), document(WAX, "wax")])
    assert any("1 of 3 documents name no licence" in line for line in written.told)
    assert {name: item.source.licence for name, item in corpus(written.folder).items()} == {
        "bee": "unknown",
        "hive": "CC0-1.0",
        "wax": "CC0-1.0",
    }


HOSTILE = ["../../up", "/etc/passwd", "{{7*7}}", "a\nb: c", "__pycache__", ".hidden", "x" * 300, "{% raw %}", "A", "a"]


def test_no_name_or_title_of_a_document_leaves_its_folder_or_is_evaluated(tmp_path: Path) -> None:
    hostile = [
        document(
            f"Thing{n} is the name of number {n}.\n\n{{{{7*7}}}} {{% raw %}}\n", name, title=f"{name}\nlicence: MIT"
        )
        for n, name in enumerate(HOSTILE)
    ]
    written = new("bees", tmp_path, documents=hostile)
    found = corpus(written.folder)
    assert len(found) == len(HOSTILE)
    assert sorted(item.text for item in found.values()) == sorted(item.text for item in hostile)
    assert {item.source.licence for item in found.values()} == {"CC0-1.0"}
    assert list(tmp_path.iterdir()) == [written.folder]


def test_equal_texts_are_one_family_and_line_ends_are_one_kind() -> None:
    taken = take([document("A bee is an animal.\r\n", "one"), document("A bee is an animal.\n", "two"),
                  document(HIVE, "hive"), document(WAX, "wax")], "unknown")  # fmt: skip
    assert [item.family for item in taken.documents] == ["one", "one", "hive", "wax"]
    assert taken.documents[0].text == taken.documents[1].text


def test_a_document_that_no_file_can_hold_is_named() -> None:
    with pytest.raises(CorpusError, match="odd: half of a surrogate pair"):
        take([document("A bee is \ud83d.", "odd")], "unknown")


def test_too_few_documents_leave_nothing_half_written(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="two are needed"):
        new("bees", tmp_path, documents=[document(BEE, "bee")])
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leaves_a_pipe_an_empty_file_and_an_unknown_format_are_refused(tmp_path: Path) -> None:
    def refuse(name: str, reason: str) -> None:
        with pytest.raises(InputError, match=reason):
            read_sources([Root(path=tmp_path / name)], PLAIN)

    for name in ("link", "pipe", "empty", "tiff", "nothing"):
        (tmp_path / name).mkdir()
    (tmp_path / "link" / "a.md").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe" / "a.md")
    (tmp_path / "empty" / "a.md").write_text("\n", encoding="utf-8")
    (tmp_path / "tiff" / "a.tiff").write_bytes(b"II")
    refuse("link", "leaves")
    refuse("pipe", "not a regular file")
    refuse("empty", "1 of 1 documents cannot be used")
    refuse("tiff", "no loader for .tiff")
    refuse("nothing", "holds no document|hold no document")
    refuse("nowhere", "does not exist")
