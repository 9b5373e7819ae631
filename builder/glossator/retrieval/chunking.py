"""Cut documents into passages with exact offsets, none longer than the embedder can read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from semchunk import chunk

from glossator.records import Document, Passage

_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


def cut(document: Document, limit: int, count: Callable[[str], int]) -> Iterator[Passage]:
    """Passages of at most `limit` tokens as counted by `count`, in order.

    White space between passages is left out, and so is a heading that would stand alone: it is the locator of what
    follows.

    Boundaries fall between paragraphs, else sentences, else words (semchunk's hierarchy of separators).
    """
    _, offsets = chunk(document.text, chunk_size=limit, token_counter=count, offsets=True)
    headings = [(found.start(), found[1].strip()) for found in _HEADING.finditer(document.text)]
    for start, end in offsets:
        if not _HEADING.sub("", document.text[start:end]).strip():
            continue
        yield Passage(
            id=f"{document.id}:{start}-{end}",
            document_id=document.id,
            title=document.title,
            text=document.text[start:end],
            start=start,
            end=end,
            locator=next((title for at, title in reversed(headings) if at <= start), ""),
        )
