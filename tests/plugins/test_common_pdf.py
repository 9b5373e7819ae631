"""A PDF is cited by page, or says why it cannot be."""

from __future__ import annotations

import io
import sys
import time

import pytest
from pypdf import PdfReader, PdfWriter
from small_pdf import pdf, stream, text, whole

import glossator_common
from glossator import CorpusError, Host, NoTextError, NotInstalledError
from glossator.reading.process import Outcome, Reader
from glossator_common.pdf import read_pdf

LOADER = Host.of(common=glossator_common).loaders["pdf"]


def test_each_page_with_text_is_a_unit_with_its_number() -> None:
    (made,) = read_pdf(pdf(text("First words."), b"", text("Third words."), title="Two pages"), "deep/a.pdf")
    assert (made.id, made.title, made.family) == ("deep/a", "Two pages", "deep/a")
    cut = [(unit.locator, made.text[unit.start : unit.end]) for unit in made.units]
    assert cut == [("page 1", "First words."), ("page 3", "Third words.")]
    assert made.text == "First words.\n\n\n\nThird words."


def test_without_a_title_it_is_called_by_its_name() -> None:
    assert read_pdf(pdf(text("Words.")), "a.pdf")[0].title == "a"


def test_pages_of_images_want_ocr() -> None:
    with pytest.raises(NoTextError, match=r"a.pdf: none of its 2 pages has a text layer; .* \(OCR\)"):
        read_pdf(pdf(b"0 0 100 100 re f", b""), "a.pdf")


def test_a_password_is_asked_for_and_an_empty_one_is_tried() -> None:
    for password, expected in (("secret", "it needs a password"), ("", "")):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(text("Words.")))))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        locked = io.BytesIO()
        writer.write(locked)
        if expected:
            with pytest.raises(CorpusError, match=expected):
                read_pdf(locked.getvalue(), "a.pdf")
        else:
            assert read_pdf(locked.getvalue(), "a.pdf")[0].text == "Words."


def _looped_pages() -> bytes:
    return whole({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"})


def _looped_table() -> bytes:
    good = pdf(text("Words."))
    start = good.rindex(b"xref\n0")
    return good.replace(b"/Root 1 0 R", f"/Root 1 0 R /Prev {start}".encode())


def _deep(opening: bytes) -> bytes:
    return whole({1: b"<< /Type /Catalog /Pages 2 0 R /Deep " + opening * 50_000 + b" >>", 2: b"<< /Type /Pages >>"})


def _chain() -> bytes:
    """Packed two hundred times: each layer is small."""
    body = b"\0" * 1000
    for _ in range(200):
        body = stream(body, packed=True).split(b"stream\n", 1)[1].removesuffix(b"\nendstream")
    content = f"<< /Length {len(body)} /Filter [{'/FlateDecode ' * 200}] >>\nstream\n".encode() + body + b"\nendstream"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return whole({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: pages, 3: page, 4: content})


NASTY = {
    "nothing": b"",
    "no pdf": b"Text.",
    "head alone": b"%PDF-1.7\n",
    "NUL bytes": b"%PDF-1.7\n" + b"\0" * 100_000,
    "half a file": pdf(text("Words."))[:200],
    "pages in a loop": _looped_pages(),
    "table in a loop": _looped_table(),
    "deep arrays": _deep(b"["),
    "deep dictionaries": _deep(b"<</A "),
    "huge stream": pdf(b" " * 300_000_000, packed=True),
    "packed often": _chain(),
    "endless operands": pdf(b"[" * 200_000),
    "a billion pages": whole({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Count 999999999 >>"}),
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_has_a_typed_outcome_in_time(name: str) -> None:
    start = time.monotonic()
    with Reader() as reader:
        outcome = reader.read(LOADER, "a.pdf", NASTY[name])
        assert reader.read(LOADER, "b.pdf", pdf(text("Words."))).documents[0].text == "Words."
    assert time.monotonic() - start < 65
    assert isinstance(outcome, Outcome)
    reason = outcome.refused or outcome.empty
    assert reason.startswith("a.pdf: ") if reason else name == "table in a loop"


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(NotInstalledError, match="reading PDF needs pypdf"):
        read_pdf(b"", "a.pdf")
