"""The run-time check: what may reach the user. An unsupported statement is replaced or dropped, never silently kept.

A quote that is not byte-equal to its passage loses its quotation marks and must be supported like any other claim. A
statement that says nothing on the matter needs no support, and stands only beside one that has it. What the verifier
cannot judge is not supported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from glossator.amendments import Amendment, Fault
from glossator.citations.asides import is_aside
from glossator.citations.composition import Composition, Part, dropped_note
from glossator.citations.links import foreign_link, odd_marker
from glossator.citations.parse import CLOSE, OPEN, find_definitions, find_markers
from glossator.citations.read import read_answer
from glossator.citations.segment import statements
from glossator.citations.support import supported, verdicts
from glossator.claims import Verdict, Verifier
from glossator.records import Answer, Document, Passage, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A statement of an answer and what the check says of it."""

    statement: Statement
    fault: Fault | None
    """None: it may be shown."""
    part: Part
    """What may be shown where there is no fault; otherwise its support tells how far it fell short."""


def check_answer(
    answer: Answer,
    verifier: Verifier,
    *,
    min_support: float,
    abstention: str,
    documents: Mapping[str, Document],
    question: str = "",
) -> Answer:
    """Keep the supported statements of an answer; abstain when none is left.

    The result is read again from its own text, so that every offset fits what is shown.
    """
    found = examine(answer, verifier, min_support=min_support, documents=documents, question=question)
    return settle(answer, found, [None] * len(found), abstention=abstention, documents=documents, question=question)


def examine(
    answer: Answer, verifier: Verifier, *, min_support: float, documents: Mapping[str, Document], question: str = ""
) -> list[Finding]:
    """What is wrong with each statement of an answer; nothing is for an abstention. The verifier is asked once."""
    context = _Context(answer, documents, question)
    faults = [context.fault(statement) for statement in answer.statements]
    judged = [s for s, fault in zip(answer.statements, faults, strict=True) if fault is None and s.citations]
    given = dict(zip(map(id, judged), verdicts(judged, answer, verifier), strict=True))
    return [
        _found(statement, fault, given.get(id(statement)), min_support)
        for statement, fault in zip(answer.statements, faults, strict=True)
    ]


def _found(statement: Statement, fault: Fault | None, verdict: Verdict | None, least: float) -> Finding:
    """An aside cites nothing and has no verdict; of all else without a fault the verifier was asked."""
    support = None if verdict is None else verdict.full
    if fault is None and statement.citations and not supported(verdict, least):
        fault = "unjudged" if support is None else "unsupported"
    return Finding(statement=statement, fault=fault, part=Part(shown(statement) or "", support))


def settle(
    answer: Answer,
    found: Sequence[Finding],
    repairs: Sequence[Part | None],
    *,
    abstention: str,
    documents: Mapping[str, Document],
    question: str = "",
) -> Answer:
    """The answer with each faulty statement replaced by its repair, or dropped where it has none.

    `repairs` stand in the order of the statements, and have been checked themselves.
    """
    if answer.abstained:
        return replace(answer, notes=(_searched(answer),))
    made, last = Composition(), 0
    for finding, repair in zip(found, repairs, strict=True):
        one = finding.statement
        made.add(answer.text[last : one.start], one.text, finding.fault, finding.part, repair)
        last = one.end
    for text in made.texts:
        read = read_answer(text, answer.passages, abstention, question=question, documents=documents)
        if [statement.text for statement in read.statements] == [part.text for part in made.parts]:
            return replace(
                _with_support(read, made.parts),
                dropped=made.dropped,
                notes=made.notes,
                amendments=tuple(made.amendments),
            )
    return _emptied(answer, found, abstention)


def _emptied(answer: Answer, found: Sequence[Finding], abstention: str) -> Answer:
    """The abstention in the place of an answer of which nothing can be shown."""
    gone = tuple(
        Amendment(statement=finding.statement.text, fault=finding.fault or "run together", support=finding.part.support)
        for finding in found
        if finding.fault is not None or finding.part.support is not None
    )
    return replace(
        read_answer(abstention, answer.passages, abstention),
        dropped=len(gone),
        notes=(*dropped_note(len(gone)), _searched(answer)),
        amendments=gone,
    )


class _Context:
    """What an answer may name."""

    def __init__(self, answer: Answer, documents: Mapping[str, Document], question: str) -> None:
        named = [documents[p.document_id] for p in answer.passages if p.document_id in documents]
        self._answer = answer
        self._addresses = {document.source.url for document in named}
        self._true = {passage.id: stands(passage, documents) for passage in answer.passages}
        self._footnotes = {note.key for note in find_definitions(answer.text)}
        self.known = " ".join([question, *(passage.title for passage in answer.passages)])

    def fault(self, statement: Statement) -> Fault | None:
        """What is wrong with a statement before any verifier is asked."""
        text, cited = shown(statement), [self._answer.citations[index] for index in statement.citations]
        if foreign_link(text or statement.text, self._addresses):
            return "foreign link"
        if odd_marker(text or statement.text) or any(citation.passage_id is None for citation in cited):
            return "foreign marker"
        if not cited:
            return None if is_aside(statement, self.known) else "uncited"
        if text is None:
            return "misquoted"
        if self._noted(text):
            return "foreign marker"
        true = all(self._true[citation.passage_id] for citation in cited if citation.passage_id is not None)
        return None if true else "altered source"

    def _noted(self, text: str) -> bool:
        """Whether it cites through a footnote: that is not shown, so the marker alone would name something else."""
        notes = self._footnotes
        return bool(notes) and any(key in notes for marker in find_markers(text) for key in marker.keys)


def stands(passage: Passage, documents: Mapping[str, Document]) -> bool:
    """Whether the document still says what the passage shows."""
    document = documents.get(passage.document_id)
    return document is not None and document.text[passage.start : passage.end] == passage.text


def shown(statement: Statement) -> str | None:
    """The statement as it may be shown: without its quotation marks when it misquotes.

    None when the bare words would read as something else: as several statements, or with other markers.
    """
    if not statement.misquoted:
        return statement.text
    bare = statement.text.replace(OPEN, "").replace(CLOSE, "")
    markers = [marker.keys for marker in find_markers(statement.text)]
    same = len(statements(bare)) == 1 and [marker.keys for marker in find_markers(bare)] == markers
    return bare if same else None


def _with_support(answer: Answer, parts: Sequence[Part]) -> Answer:
    citations = list(answer.citations)
    for statement, part in zip(answer.statements, parts, strict=True):
        if part.support is not None:
            for index in statement.citations:
                citations[index] = replace(citations[index], support=round(part.support, 4))
    return replace(answer, citations=tuple(citations))


def _searched(answer: Answer) -> str:
    titles = list(dict.fromkeys(passage.title for passage in answer.passages))
    return (
        f"searched {len(answer.passages)} passages of: {', '.join(titles)}" if titles else "nothing was found to search"
    )
