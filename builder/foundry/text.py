"""Licensed text in, clean sentences out: what every foundry step reads.

Lines whose text answers a development question (`in_bench` ends in `:dev` or `:test`) are left out, so that a
score on those benches is a score on unseen text.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BREAK = re.compile(r"(?<=[.!?])\s+(?=[A-Z(“\"])|\n+")
_BOILERPLATE = "Human Phenotype Ontology"
"""Opens hundreds of answers in the same words."""
_WORDY = re.compile(r"[A-Za-z]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    domain: str
    title: str
    text: str
    sentences: tuple[str, ...]
    question: str = ""
    """The question that the page answers, where a person wrote one."""


def held_out(in_bench: object) -> bool:
    """Whether a line belongs to a bench split that must stay unseen.

    >>> held_out(["med_openstax:test"]), held_out(["code_pyfaq:corpus"]), held_out(None)
    (True, False, False)
    """
    marks = [in_bench] if isinstance(in_bench, str) else in_bench or []
    assert isinstance(marks, list)
    return any(str(mark).endswith((":dev", ":test")) for mark in marks)


def sentences(text: str) -> tuple[str, ...]:
    """Full sentences of 6 to 40 words, as they stand in the text.

    >>> sentences("Short one. The liver stores glycogen and releases it when blood glucose falls.")
    ('The liver stores glycogen and releases it when blood glucose falls.',)
    """
    pieces = (piece.strip() for piece in _BREAK.split(text))
    return tuple(p for p in pieces if 6 <= len(p.split()) <= 40 and p[-1] in ".!?" and len(_WORDY.findall(p)) >= 5)


def read_pages(folder: Path) -> Iterator[Page]:
    """Every usable page of `<folder>/<domain>/*.jsonl.gz`, in a fixed order."""
    for path in sorted(folder.glob("*/*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if not held_out(row.get("in_bench")):
                    yield _page(path.parent.name, row)


def _page(domain: str, row: dict[str, str]) -> Page:
    first, _, rest = row["text"].partition("\n")
    if row["title"].startswith("MedQuAD") and first.endswith("?"):
        told = tuple(piece for piece in sentences(rest) if not piece.endswith("?"))
        question = first if told and _BOILERPLATE not in told[0] else ""
        return Page(domain=domain, title="", text=rest, sentences=told, question=question)
    return Page(domain=domain, title=row["title"], text=row["text"], sentences=sentences(row["text"]))
