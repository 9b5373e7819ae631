"""Documents: each with text, licence, source, a name of its own, a true date, and the hash of what it says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date

from glossator.testing.material import Material, Placed
from glossator.testing.problem import Problem

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def corpus_problems(material: Material) -> Iterator[Problem]:
    if not material.placed:
        yield Problem(where="corpus", what="holds no document", remedy="add one")
    first: dict[str, Placed] = {}
    for placed in material.placed:
        yield from _document(placed)
        before = first.setdefault(placed.document.id, placed)
        if before is not placed:
            what = f"the id is that of a document in {before.file} too"
            yield Problem(where=placed.where(), what=what, remedy="rename one of the two")


def _document(placed: Placed) -> Iterator[Problem]:
    document, source = placed.document, placed.document.source
    if not document.text.strip():
        yield Problem(where=placed.where(), what="holds no text", remedy="write or remove it")
    if source.licence.strip().casefold() in ("", "unknown"):
        remedy = "add `licence:` to its front matter, or let its loader find an SPDX identifier"
        yield Problem(where=placed.where("licence"), what="names no licence", remedy=remedy)
    if not source.url.strip() or _left_out(placed):
        remedy = "add `source:` to its front matter, or let its loader say where it comes from"
        yield Problem(where=placed.where("source"), what="names no source", remedy=remedy)
    if source.revised is not None and not _is_day(source.revised):
        what = f"the revision date {source.revised!r} is no day"
        yield Problem(where=placed.where("revised"), what=what, remedy="write it as in 2026-05-31")
    if source.sha256 != hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest():
        what = "its sha256 is not that of its text, so citations would name a revision that nobody has"
        yield Problem(where=placed.where("sha256"), what=what, remedy="let its loader hash the text that it returns")


def _left_out(placed: Placed) -> bool:
    """Front matter without a source: the loader took the file's name, which tells a reader nothing."""
    return (
        placed.document.source.url == placed.document.id and bool(placed.line("licence")) and not placed.line("source")
    )


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
