"""What every domain shares: citation scorers, file formats, verifiers. A plugin like any other."""

from __future__ import annotations

from collections.abc import Iterable

from glossator import Loader, Scorer, VerifierSpec, hookimpl
from glossator_common.adapters import ADAPTERS
from glossator_common.docx import read_docx
from glossator_common.html import read_html
from glossator_common.loaders import read_jsonl, read_markdown, read_text
from glossator_common.pdf import read_pdf
from glossator_common.scorers import SCORERS
from glossator_common.verifiers import VERIFIERS


@hookimpl
def register_scorers() -> Iterable[Scorer]:
    """The citation metrics."""
    return SCORERS


@hookimpl
def register_loaders() -> Iterable[Loader]:
    """Markdown, plain text, JSON lines, PDF, HTML and DOCX."""
    return [
        Loader(name="markdown", suffixes=(".md",), read=read_markdown, summary="a document with optional front matter"),
        Loader(name="text", suffixes=(".txt",), read=read_text, summary="a document, its first line the title"),
        Loader(name="jsonl", suffixes=(".jsonl",), read=read_jsonl, summary='rows of {"id","title","text","source"}'),
        Loader(name="pdf", suffixes=(".pdf",), read=read_pdf, summary="a document, cut by page; needs a text layer"),
        Loader(name="html", suffixes=(".html", ".htm"), read=read_html, summary="what a page says, cut by heading"),
        Loader(name="docx", suffixes=(".docx",), read=read_docx, summary="a Word document, cut by heading"),
    ]


@hookimpl
def register_verifiers() -> Iterable[VerifierSpec]:
    """The four that need nothing but what is installed, and adapters of what others made."""
    return (*VERIFIERS, *ADAPTERS)
