"""Word documents -> Markdown: headings, paragraphs, lists and tables, in order. Notes and headers are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from glossator import CorpusError, Document, NoTextError, NotInstalledError
from glossator_common.documents import made, sections, stem, usable

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.table import Table
    from docx.text.paragraph import Paragraph

MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes of all its parts; what a part declares is also what is unpacked of it at most."""
MOST_PARTS = 10_000
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)


def read_docx(data: bytes, name: str) -> list[Document]:
    """One document, cut by heading. Raises CorpusError for a broken or swollen file, NoTextError for a blank one."""
    word = _open(data, name)
    try:
        text = usable("\n\n".join(_blocks(word)))
        title = usable(word.core_properties.title or "").strip()
    except MemoryError:
        raise
    except Exception as error:
        raise _broken(name, error) from error
    if not text.strip():
        raise NoTextError(f"{name}: it holds no paragraph with text")
    return [made(stem(name), title or _first_heading(text) or stem(name), text, {}, tuple(sections(text)))]


def _open(data: bytes, name: str) -> Word:
    try:
        from docx import Document as open_word
    except ImportError as error:
        raise NotInstalledError(f"{name}: reading DOCX needs python-docx: pip install 'glossator[office]'") from error
    _measure(data, name)
    try:
        return open_word(BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:
        raise _broken(name, error) from error


def _measure(data: bytes, name: str) -> None:
    """Before anything is unpacked."""
    try:
        parts = ZipFile(BytesIO(data)).infolist()
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise CorpusError(f"{name}: it is no DOCX: {error}; old .doc files must be converted first") from error
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise CorpusError(f"{name}: it unpacks to {unpacked:,} bytes in {len(parts):,} parts; that is no document")


def _broken(name: str, error: Exception) -> CorpusError:
    return CorpusError(f"{name}: it cannot be read as DOCX: {type(error).__name__}: {error}")


def _blocks(word: Word) -> Iterator[str]:
    from docx.table import Table

    for block in word.iter_inner_content():
        text = "\n".join(_rows(block)) if isinstance(block, Table) else _paragraph(block)
        if text.strip():
            yield text


def _paragraph(paragraph: Paragraph) -> str:
    text, style = paragraph.text.strip(), (paragraph.style and paragraph.style.name) or ""
    heading = _HEADING.fullmatch(style)
    if text and (heading or style == "Title"):
        level = min(int(heading[1]), 6) if heading else 1
        return f"{'#' * level} {' '.join(text.split())}"
    return f"- {text}" if text and style.startswith("List") else text


def _rows(table: Table) -> Iterator[str]:
    """A row a line; a merged cell once."""
    for number, row in enumerate(table.rows):
        cells = list({id(cell._tc): " ".join(cell.text.split()) for cell in row.cells}.values())
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            yield f"|{'---|' * len(cells)}"


def _first_heading(text: str) -> str:
    found = re.search(r"^#+ (.+)$", text, re.MULTILINE)
    return found[1] if found else ""
