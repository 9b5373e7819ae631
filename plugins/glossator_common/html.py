"""Web pages -> documents: what a reader of the page reads, as Markdown, without menus, banners and footers."""

from __future__ import annotations

import logging
from typing import Any

from glossator import CorpusError, Document, NoTextError, NotInstalledError
from glossator_common.documents import made, sections, stem, usable

EMPHASIS = ("b", "strong", "i", "em", "u", "mark", "small", "big", "font")
"""Their marks would stand in quotes, so they are taken off."""


def read_html(data: bytes, name: str) -> list[Document]:
    """One document, cut by heading. Nothing that the page names is fetched.

    Raises CorpusError for what is no HTML, NoTextError for a page of nothing but menus.
    """
    try:
        import trafilatura
        from lxml import etree
    except ImportError as error:
        raise NotInstalledError(f"{name}: reading HTML needs trafilatura: pip install 'glossator[web]'") from error
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    tree = trafilatura.load_html(data) if data.strip() else None
    if tree is None:
        raise CorpusError(f"{name}: it is not HTML")
    title = " ".join((tree.findtext(".//title") or tree.findtext(".//h1") or "").split())
    etree.strip_tags(tree, *EMPHASIS)
    text = usable(_main_text(trafilatura, tree)).strip()
    if not text:
        raise NoTextError(f"{name}: no text besides menus and boilerplate")
    return [made(stem(name), usable(title) or stem(name), text, {}, tuple(sections(text)))]


def _main_text(trafilatura: Any, tree: Any) -> str:
    return trafilatura.extract(tree, output_format="markdown", favor_recall=True, include_comments=False) or ""
