"""The nouns that flow through glossator. Offsets count Unicode code points; `end` is exclusive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from glossator.amendments import Amendment

Kind = Literal["factual", "echo", "derived", "meta", "refusal", "code"]
Message = dict[str, str]
"""One chat message: `{"role": ..., "content": ...}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a document comes from."""

    url: str
    """Address or a sentence of provenance."""
    licence: str
    """SPDX identifier, or "unknown"."""
    sha256: str
    """Hash of the document's text in UTF-8: the revision a citation names."""
    revised: str | None = None
    """Date of the revision, as the document gives it."""
    groups: tuple[str, ...] = ()
    """Who may read it; empty: everybody whom the index serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A stretch of a document that belongs together: a section, a clause, a symbol."""

    start: int
    end: int
    locator: str = ""
    """Where a reader finds it: heading, clause number, symbol with its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text that may be cited."""

    id: str
    title: str
    text: str
    source: Source
    family: str
    """Documents of one family never stand on both sides of a split; the id where none is given."""
    units: tuple[Unit, ...] = ()
    """What passages are cut from, in order and without overlap; text outside is not searched. Empty: the whole text."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What a search may be narrowed by: department, product, year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of one document."""

    document_id: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"span of {self.document_id!r}: start {self.start} and end {self.end} are not in order")

    def overlap(self, other: Span) -> int:
        """Code points shared with `other`; 0 in different documents.

        >>> Span(document_id="a", start=0, end=10).overlap(Span(document_id="a", start=4, end=20))
        6
        """
        if self.document_id != other.document_id:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which documents a search may see."""

    groups: frozenset[str] | None = None
    """Groups of the person who asks. None: whoever asks may read everything."""
    labels: frozenset[tuple[str, str]] = frozenset()
    """Labels that a document must have."""

    def sees(self, groups: Iterable[str], labels: Iterable[tuple[str, str]]) -> bool:
        """Whether a document of these groups and labels may be shown.

        >>> Scope(groups=frozenset({"nurses"})).sees(["doctors"], []), Scope(groups=frozenset()).sees([], [])
        (False, True)
        """
        readers = frozenset(groups)
        allowed = self.groups is None or not readers or not readers.isdisjoint(self.groups)
        return allowed and self.labels <= frozenset(labels)


EVERYTHING = Scope()
"""No narrowing and no rights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is retrieved and shown. Invariant: `document.text[start:end] == text`."""

    id: str
    document_id: str
    title: str
    text: str
    start: int
    end: int
    locator: str = ""
    """Where a reader finds it: heading path, page, line range."""
    revised: str | None = None
    """Date of the document's revision, as the document gives it."""
    score: float | None = None
    """Retrieval score, higher is better; None before retrieval."""

    @property
    def span(self) -> Span:
        return Span(document_id=self.document_id, start=self.start, end=self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with what is known about its right answer."""

    id: str
    text: str
    answerable: bool = True
    evidence: tuple[Span, ...] = ()
    """Gold spans, where known."""
    documents: tuple[str, ...] = ()
    """Gold documents, where spans are not known."""
    answers: tuple[str, ...] = ()
    """Short strings that a right answer holds."""
    reference: str = ""
    """A right answer in full sentences; its `[n]` names the n-th span of `evidence`."""
    kind: str = ""

    @property
    def gold_documents(self) -> frozenset[str]:
        return frozenset(self.documents) | {span.document_id for span in self.evidence}

    def without_evidence(self) -> Question:
        """The same question where its evidence is not shown: to abstain is right."""
        return replace(self, answerable=False, evidence=(), documents=(), answers=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One marker in an answer and what it points to. Ids that were not shown are kept, so that they can be counted."""

    marker: str
    """As written, for example `[2]`."""
    passage_id: str | None
    """None when the marker names no passage that was shown."""
    span: Span | None
    """The exact place of the quote, or of the whole passage when nothing is quoted; None for an invalid marker."""
    quote: str | None
    """The quoted words, only when they are byte-equal to the document at `span`."""
    answer_start: int
    answer_end: int
    support: float | None = None
    """Verifier's score of the statement against the cited words, 0 to 1; None when not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A stretch of the answer that claims something, with the indices of its citations in `Answer.citations`."""

    text: str
    start: int
    end: int
    citations: tuple[int, ...] = ()
    claim: str = ""
    """The statement without markers and quotation marks: what has to be supported."""
    misquoted: bool = False
    """It puts words in quotation marks that its cited passage does not contain."""
    kind: Kind = "factual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A text, its parts, and exactly what the model was shown."""

    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    abstained: bool
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step."""
    lock: str = ""
    """Digest of the bundle that answered."""
    dropped: int = 0
    """Statements that the run-time check took out."""
    notes: tuple[str, ...] = ()
    """What the checks changed, and what was searched when nothing was found."""
    amendments: tuple[Amendment, ...] = ()
    """The statements that were replaced or dropped, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One SFT row in prompt/completion form."""

    question_id: str
    messages: tuple[Message, ...]
    completion: str
    passages: tuple[str, ...]
    """Ids of the passages shown, in order."""
    scores: tuple[float, ...]
    """What search gives each of them for this question."""
    answerable: bool
    """Whether the evidence stands in the passages; else the completion abstains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two completions of one prompt, the better first, with the scores that say so."""

    question_id: str
    messages: tuple[Message, ...]
    chosen: str
    rejected: str
    chosen_scores: Mapping[str, float | None]
    rejected_scores: Mapping[str, float | None]
    chosen_from: Literal["sample", "reference", "person"] = "sample"
    """Whether the adapter said it, the gold alone, or it is of a comparison that a person made."""
    rejected_from: Literal["sample", "reference", "person"] = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The verdict of one scorer on one answer. Higher is better."""

    name: str
    value: float | None
    """None: does not apply or could not be judged. Never 0 for "could not judge"."""
    why: str = ""
    failed: bool = False
    """True when it should have been judged and could not: counted, never averaged."""


class ScoreFunction(Protocol):
    """Judges one answer; raises an ordinary error when it cannot."""

    def __call__(self, question: Question, answer: Answer, /) -> Score: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """One function, used as metric, as reward and as gate."""

    name: str
    score: ScoreFunction
    summary: str
    """One line for `glossator scorers`."""
    needs: frozenset[str] = frozenset()
    """What the question must bring: any of "evidence", "answers"."""
    gate: bool = False
    """A gate answers 0 or 1; as part of a reward its 0 makes the whole reward 0."""


class FindFolder(Protocol):
    def __call__(self) -> Path: ...


class ReadFile(Protocol):
    def __call__(self, data: bytes, name: str, /) -> list[Document]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Loader:
    """Turns the bytes of one file into documents."""

    name: str
    suffixes: tuple[str, ...]
    read: ReadFile
    """Bytes and name of a file (its path below the source) -> documents. Raises CorpusError."""
    summary: str
    folder: FindFolder | None = None
    """A folder that this loader knows: the source `NAME:` of a recipe. Only files of `suffixes` are read there."""
    skip: frozenset[str] = frozenset()
    """Names of files and folders that are left out there."""
