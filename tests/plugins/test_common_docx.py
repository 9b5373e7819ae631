"""A Word document is cut by heading; a swollen or booby-trapped one is refused."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import docx
import pytest

import glossator_common
from glossator import CorpusError, Host, NoTextError, NotInstalledError
from glossator.reading.process import Reader
from glossator_common.docx import read_docx

LOADER = Host.of(common=glossator_common).loaders["docx"]


def word(**parts: bytes) -> bytes:
    """A document; `parts` replace or add files of the archive."""
    made = docx.Document()
    made.add_heading("Aspirin", 1)
    made.add_paragraph("It thins the blood.")
    made.add_heading("Dosing", 2)
    made.add_heading("Children", 3)
    made.add_paragraph("None under twelve.", style="List Bullet")
    table = made.add_table(2, 2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("Age", "Dose", "adult", "two"), strict=True):
        cell.text = text
    made.core_properties.title = "Leaflet"
    return swapped(saved(made), {name.replace("__", "/").replace("_dot_", "."): data for name, data in parts.items()})


def saved(made: docx.document.Document) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def swapped(data: bytes, parts: dict[str, bytes]) -> bytes:
    old, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return stream.getvalue()


def body(inner: str, doctype: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{space}"><w:body>{inner}</w:body></w:document>'.encode()


def test_headings_lists_and_tables_in_order() -> None:
    (made,) = read_docx(word(), "a.docx")
    assert (made.id, made.title) == ("a", "Leaflet")
    assert [unit.locator for unit in made.units] == ["Aspirin", "Dosing", "Dosing > Children"]
    assert made.text == (
        "# Aspirin\n\nIt thins the blood.\n\n## Dosing\n\n### Children\n\n- None under twelve.\n\n"
        "| Age | Dose |\n|---|---|\n| adult | two |"
    )


def test_a_document_without_text_says_so() -> None:
    with pytest.raises(NoTextError, match="a.docx: it holds no paragraph with text"):
        read_docx(saved(docx.Document()), "a.docx")


@pytest.mark.parametrize("data", [b"", b"no archive", b"\xd0\xcf\x11\xe0" * 100, b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_docx_is_refused(data: bytes) -> None:
    with pytest.raises(CorpusError, match="a.docx: it is no DOCX: .* must be converted first"):
        read_docx(data, "a.docx")


def test_an_archive_that_is_no_document_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("a.txt", "Text.")
    with pytest.raises(CorpusError, match="a.docx: it cannot be read as DOCX"):
        read_docx(stream.getvalue(), "a.docx")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = word(word__media__zeros_dot_bin=bytes(250 * 1024 * 1024))
    assert len(bomb) < 1_000_000
    with pytest.raises(CorpusError, match=r"a.docx: it unpacks to 262,\d+,\d+ bytes"):
        read_docx(bomb, "a.docx")


def test_a_file_outside_the_document_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    doctype = f'<!DOCTYPE w [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    data = word(word__document_dot_xml=body("<w:p><w:r><w:t>Seen &x; here</w:t></w:r></w:p>", doctype))
    with Reader() as reader:
        outcome = reader.read(LOADER, "a.docx", data)
    assert outcome.refused or all("secret" not in document.text for document in outcome.documents)


NASTY = {
    "laughs": body(
        "<w:p><w:r><w:t>&j;</w:t></w:r></w:p>",
        "<!DOCTYPE w [<!ENTITY a 'ha'>"
        + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
        + "]>",
    ),
    "deep": body("<w:tbl><w:tr><w:tc>" * 5_000 + "</w:tc></w:tr></w:tbl>" * 5_000),
    "broken": b"<w:document",
    "NUL": b"\0" * 1000,
    "other root": b"<a/>",
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_body_has_a_typed_outcome(name: str) -> None:
    with Reader() as reader:
        outcome = reader.read(LOADER, "a.docx", word(word__document_dot_xml=NASTY[name]))
        assert reader.read(LOADER, "b.docx", word()).documents
    assert not any("haha" in document.text for document in outcome.documents)
    assert bool(outcome.documents) + bool(outcome.refused) + bool(outcome.empty) == 1


def test_without_the_library_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(NotInstalledError, match=r"pip install 'glossator\[office\]'"):
        read_docx(word(), "a.docx")
