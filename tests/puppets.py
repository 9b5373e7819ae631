"""Models that say what they are told to, and an assistant whose model they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glossator import Document, Host, Passage, Verifier
from glossator.assistant import Assistant, Bundle, Lock
from glossator.domain import AnswerPolicy
from glossator.generation.grounding import Choice
from glossator.generation.heaviest import HeaviestChoice
from glossator.records import Message

from .conftest import ABSTENTION


@dataclass
class Puppet:
    """Says one text whatever it is asked; of given choices it takes the heaviest."""

    text: str
    cut: int = 1
    """Code points of a piece in a stream."""
    repairs: list[str] = field(default_factory=list)
    """The questions of constrained calls on free text: one a repair."""
    room: int = 10_000
    """Longest prompt, in code points."""

    def fits(self, messages: Sequence[Message], max_new_tokens: int) -> bool:
        return len(messages[-1]["content"]) <= self.room

    def complete(
        self,
        conversations: Sequence[Sequence[Message]],
        max_new_tokens: int,
        choices: Sequence[Sequence[Choice]] | None = None,
    ) -> list[str]:
        if choices is None:
            return [self.text] * len(conversations)
        self.repairs += [each[-1]["content"].rpartition("Question: ")[2] for each in conversations]
        return HeaviestChoice().complete(conversations, max_new_tokens, choices)

    def stream(
        self, messages: Sequence[Message], max_new_tokens: int, choices: Sequence[Choice] | None = None
    ) -> Iterator[str]:
        (text,) = self.complete([messages], max_new_tokens, None if choices is None else [choices])
        yield from (text[start : start + self.cut] for start in range(0, len(text), self.cut))


class Shelf:
    """Finds the same passages for every question."""

    def __init__(self, documents: Mapping[str, Document], passages: Sequence[Passage]) -> None:
        self.documents, self.passages = documents, list(passages)

    def search(self, *_: object) -> list[Passage]:
        return self.passages


def assistant_of(
    folder: Path,
    generator: Any,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    verifier: Verifier,
    host: Host | None = None,
    domain: str = "-",
    **policy: Any,
) -> Assistant:
    """An assistant over these passages, in cited grounding unless `policy` says otherwise."""
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "system.txt").write_text("Answer.")
    (folder / "prompts" / "abstention.txt").write_text(ABSTENTION)
    given: dict[str, Any] = dict.fromkeys(("name", "backbone", "backbone_identity", "verifier"), "-")
    lock = Lock(
        **given,
        domain=domain,
        adapters=(),
        modules={},
        answer=AnswerPolicy(**{"grounding": "cited", **policy}),
        k=3,
        evidence=0.0,
        rerank=None,
        per_document=None,
        reranker_identity=None,
        rewards=None,
        scorers=(),
        gates={},
    )
    shelf: Any = Shelf({document.id: document for document in documents}, passages)
    return Assistant(
        bundle=Bundle(folder, lock, "lock"),
        host=host or Host.of(),
        retriever=shelf,
        generator=generator,
        verifier=verifier,
    )
