"""Small true records that every room's tests share, and a host of our own plugins."""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import glossator_common
import glossator_medical
from glossator import Answer, Document, Host, Passage, Question, Source, Span, read_answer
from glossator.plan import Root
from glossator.stages.corpus import read_sources

from .served import Play, Served, Start

ABSTENTION = "The passages do not answer this question."


def document(text: str, name: str = "blood", **given: str) -> Document:
    """A document whose family is its own name."""
    source = Source(
        url="-", licence="CC0-1.0", sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    )
    return Document(id=name, title=given.get("title", name), text=text, family=given.get("family", name), source=source)


def passage(of: Document, start: int = 0, end: int | None = None) -> Passage:
    """A stretch of a document; all of it when no place is given."""
    end = len(of.text) if end is None else end
    name = f"{of.id}:{start}-{end}"
    return Passage(id=name, document_id=of.id, title=of.title, text=of.text[start:end], start=start, end=end)


def holding(of: Document, words: str) -> Passage:
    """The passage that is exactly these words of a document."""
    start = of.text.index(words)
    return passage(of, start, start + len(words))


def asked(*evidence: Span, text: str = "What falls first?", name: str = "q") -> Question:
    """A question, answerable when there is evidence."""
    return Question(id=name, text=text, answerable=bool(evidence), evidence=evidence)


def read(text: str, *shown: Passage) -> Answer:
    return read_answer(text, shown, ABSTENTION)


def cpu_seconds(work: Callable[[str], object], text: str) -> float:
    """The least of three runs, without waits for other processes and without the garbage collector."""
    spent = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            start = time.process_time()
            work(text)
            spent.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(spent)


def takes_linear_time(work: Callable[[str], object], unit: str, size: int = 32_000) -> bool:
    """Whether eight times the text takes about eight times as long; a second look at everything would take 64."""
    part, whole = (cpu_seconds(work, (unit * (length // len(unit) + 1))[:length]) for length in (size // 8, size))
    return whole < 20 * part + 0.05


def wrongly_read(domain: str, refuses: Callable[[str], object], *splits: str) -> list[str]:
    """Of the gold questions of our own domain: advice that is not refused, and questions for a fact that are."""
    gold = Path(__file__).parents[1] / "domains" / domain / "gold"
    lines = [line for split in splits for line in (gold / f"{split}.jsonl").read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    return [row["question"] for row in rows if bool(refuses(row["question"])) != (row["kind"] == "advice")]


@pytest.fixture(scope="session")
def host() -> Host:
    """Our own plugins, whatever else is installed."""
    return Host.of(common=glossator_common, medical=glossator_medical)


@pytest.fixture(scope="session")
def tutorial(host: Host) -> list[Document]:
    """The documents of the tutorial, as they are read."""
    return read_sources([Root(path=Path(__file__).parent / "data" / "tutorial_docs")], host)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers on the loopback, see `served`."""
    made: list[Served] = []

    def one(play: Play, **given: Any) -> Served:
        made.append(Served(play, **given))
        return made[-1]

    yield one
    for each in made:
        each.close()
