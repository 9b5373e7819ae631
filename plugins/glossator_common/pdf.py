"""PDF -> one document with a unit for each page. Needs a text layer: pages that are images want OCR first."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from glossator import CorpusError, Document, NoTextError, NotInstalledError, Unit
from glossator_common.documents import made, stem, usable

if TYPE_CHECKING:
    from pypdf import PdfReader

BETWEEN = "\n\n"
"""What stands between two pages."""


def read_pdf(data: bytes, name: str) -> list[Document]:
    """One document; the locator of a passage is its page, counted from 1.

    Raises CorpusError for a file that is broken or needs a password, NoTextError for one without a text layer.
    """
    reader = _open(data, name)
    pages = [usable(page) for page in _pages(reader, name)]
    if not any(page.strip() for page in pages):
        raise NoTextError(f"{name}: none of its {len(pages)} pages has a text layer; recognise the text first (OCR)")
    return [made(stem(name), _title(reader) or stem(name), BETWEEN.join(pages), {}, tuple(_units(pages)))]


def _open(data: bytes, name: str) -> PdfReader:
    try:
        from pypdf import PasswordType, PdfReader
    except ImportError as error:
        raise NotInstalledError(f"{name}: reading PDF needs pypdf: pip install pypdf") from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(data))
        locked = reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED
    except MemoryError:
        raise
    except Exception as error:
        raise _broken(name, "it", error) from error
    if locked:
        raise CorpusError(f"{name}: it needs a password; save it without one")
    return reader


def _pages(reader: PdfReader, name: str) -> Iterator[str]:
    what = "its list of pages"
    try:
        for number, page in enumerate(reader.pages, 1):
            what = f"page {number}"
            yield page.extract_text()
    except MemoryError:
        raise
    except Exception as error:
        raise _broken(name, what, error) from error


def _broken(name: str, what: str, error: Exception) -> CorpusError:
    """Broken files make the library raise nearly anything."""
    from pypdf.errors import DependencyError

    if isinstance(error, DependencyError):
        return CorpusError(f"{name}: it is encrypted; save it without encryption, or: pip install cryptography")
    return CorpusError(f"{name}: {what} cannot be read as PDF: {type(error).__name__}: {error}")


def _title(reader: PdfReader) -> str:
    """As the file gives it; files are careless about that, which is no reason to refuse them."""
    try:
        return usable(str((reader.metadata and reader.metadata.title) or "")).strip()
    except MemoryError:
        raise
    except Exception:
        return ""


def _units(pages: list[str]) -> Iterator[Unit]:
    start = 0
    for number, page in enumerate(pages, 1):
        if page.strip():
            yield Unit(start=start, end=start + len(page), locator=f"page {number}")
        start += len(page) + len(BETWEEN)
