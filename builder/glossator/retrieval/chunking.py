"""Cut documents into passages with exact offsets, none longer than the embedder can read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from semchunk import chunk

from glossator.records import Document, Passage, Unit
from glossator.retrieval.passages import passage_of

_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


def cut(document: Document, limit: int, count: Callable[[str], int]) -> Iterator[Passage]:
    """Passages of at most `limit` tokens as counted by `count`, in order.

    White space between passages is left out, and so is a heading that would stand alone: it is the locator of what
    follows. No passage crosses the border of a unit.

    Boundaries fall between paragraphs, else sentences, else words (semchunk's hierarchy of separators).
    """
    headings = [(found.start(), found[1].strip()) for found in _HEADING.finditer(document.text)]
    for unit, start, end in _stretches(document, limit, count):
        if _is_heading(document.text[start:end], unit):
            continue
        heading = next((title for at, title in reversed(headings) if at <= start), "")
        yield passage_of(document, start, end, unit.locator or heading)


def _is_heading(text: str, unit: Unit) -> bool:
    """Nothing but headings; in a unit with a name only that name is one, so that `# comments` of code stay."""
    titles = tuple(found[1].strip() for found in _HEADING.finditer(text))
    return not _HEADING.sub("", text).strip() and (not unit.locator or unit.locator.startswith(titles or ("",)))


def _stretches(document: Document, limit: int, count: Callable[[str], int]) -> Iterator[tuple[Unit, int, int]]:
    for unit in document.units or (Unit(start=0, end=len(document.text)),):
        text = document.text[unit.start : unit.end]
        _, offsets = chunk(text, chunk_size=limit, token_counter=count, offsets=True)
        yield from ((unit, unit.start + start, unit.start + end) for start, end in offsets)
