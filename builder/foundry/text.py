"""Licensed text in, clean sentences out: what every foundry step reads.

Lines whose text answers a development or test question (`in_bench` ends in `:dev` or `:test`) are left out, and so are
lines that say eight words in a row as a question of `avoided` does, so that a score on those questions is a score on
unseen text. A page that says what another said before is left out too.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

_BREAK = re.compile(r"(?<=[.!?])\s+(?=[A-Z(“\"])|\n+")
_WORDY = re.compile(r"[A-Za-z]{3,}")
_MARK = re.compile(r"^(?:[-*•–]|\d{1,3}[.)]|Q:|A:)\s+")
_SUBJECT = re.compile(r"(?:What is \(are\)|Do you have information about) (?P<what>.{3,80}?) ?\?")
_BOILERPLATE = re.compile(
    "Human Phenotype Ontology|Medical Dictionary|signs and symptoms may vary|may also be listed|[Jj]ump to the next|"
    "The frequency of a sign|frequency of 25/25|first number of the fraction|In these cases, the sign|"
    "comes from Orphanet|If the information is available|^The resources from MedlinePlus|these frequencies are based"
)
"""Says the same in hundreds of answers."""
_ASKING = frozenset("what which when where whom whose does have should would could that this with there these".split())
SHINGLE = 8
"""Words in a row that make a line known from a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that a person wrote and the sentences of the answer below it."""

    question: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    domain: str
    title: str
    """Empty where only a collection is named; a verifier's pages are split by it."""
    subject: str
    """What the page is about."""
    text: str
    sentences: tuple[str, ...]
    asked: tuple[Asked, ...]


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


def asked(text: str) -> Iterator[Asked]:
    """Lines that are questions, each with the sentences up to the next one.

    >>> [one.question for one in asked("What is it for?\\n\\nThe liver stores glycogen and releases it when needed.")]
    ['What is it for?']
    """
    question, below = "", list[str]()
    for raw in [*text.split("\n"), "And what else is there?"]:
        line = _MARK.sub("", raw.strip())
        if not line.endswith("?"):
            below.append(line)
            continue
        told = tuple(one for one in sentences("\n".join(below)) if not one.endswith("?"))
        if question and told and not _BOILERPLATE.search(told[0]) and _stems(question) & _stems(told[0]):
            yield Asked(question=question, sentences=told)
        question, below = line.replace("??", "?") if 3 <= len(line.split()) <= 25 else "", []


def _stems(text: str) -> set[str]:
    """The beginnings of its longer words: an answer that shares none with its question seldom is one."""
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in _ASKING}


def shingles(text: str) -> set[bytes]:
    """Digests of every SHINGLE words in a row, whatever their case and punctuation."""
    words = re.findall(r"\w+", text.lower())
    rows = (" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))
    return {blake2b(row.encode(), digest_size=8).digest() for row in rows}


def questions_of(files: Iterable[Path]) -> Iterator[str]:
    """The text of every question of these `questions.jsonl` and gold files."""
    for path in files:
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line)["question"] for line in lines if line.strip())


def read_pages(folder: Path, avoided: Iterable[str] = ()) -> Iterator[Page]:
    """Every usable page of `<folder>/<domain>/*.jsonl.gz`, in a fixed order."""
    return (_page(path.parent.name, row) for path, row in read_rows(folder, avoided))


def read_rows(folder: Path, avoided: Iterable[str] = ()) -> Iterator[tuple[Path, dict[str, str]]]:
    """The rows of those pages, each with the file it stands in."""
    known = {one for question in avoided for one in shingles(question)}
    seen = set[bytes]()
    for path in sorted(folder.glob("*/*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                digest = blake2b(" ".join(row["text"].split()).encode(), digest_size=16).digest()
                if held_out(row.get("in_bench")) or digest in seen or (known and known & shingles(row["text"])):
                    continue
                seen.add(digest)
                yield path, row


def _page(domain: str, row: dict[str, str]) -> Page:
    text, collected = row["text"], row["title"].startswith("MedQuAD")
    found = _SUBJECT.match(text) if collected else None
    told = tuple(one for one in sentences(text) if not one.endswith("?") and not _BOILERPLATE.search(one))
    return Page(
        domain=domain,
        title="" if collected and text.partition("\n")[0].endswith("?") else row["title"],
        subject=found["what"] if found else "" if collected else row["title"],
        text=text,
        sentences=told,
        asked=tuple(asked(text)),
    )
