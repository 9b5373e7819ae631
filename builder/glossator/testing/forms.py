"""The right answers to a gold question, each over the passages that it is given over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from glossator.gold import evidence_of, passages_for, passages_in_order
from glossator.prompting import target
from glossator.records import Document, Passage, Question, Span

SHOWN = 4
"""Passages of a trial, unless the evidence needs more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One right answer over the passages that it is given over."""

    name: str
    """quoted, reference or abstention."""
    text: str
    passages: tuple[Passage, ...]
    evidence: tuple[Span, ...]


def answer_from(
    question: Question, documents: Mapping[str, Document], abstention: str
) -> tuple[str, tuple[Passage, ...]]:
    """The right answer to a gold question, and the few passages it is given over.

    Each gold span is quoted with the number of its passage; where only gold documents are known, each one's first
    paragraph. An unanswerable question gets the abstention. The same question always gives the same passages.
    """
    passages = passages_for(question, documents, SHOWN)
    known = replace(question, evidence=evidence_of(question, documents))
    return target(known, passages, abstention) or "", passages


def forms_of(question: Question, documents: Mapping[str, Document], abstention: str) -> Iterator[Form]:
    """The right answers: the quoted one (or the abstention) and, where gold gives one, the reference."""
    text, passages = answer_from(question, documents, abstention)
    evidence = evidence_of(question, documents) if question.answerable else ()
    name = "quoted" if question.answerable else "abstention"
    yield Form(name=name, text=text, passages=passages, evidence=evidence)
    if question.answerable and question.reference.strip():
        ordered = passages_in_order(question, documents, SHOWN)
        yield Form(name="reference", text=question.reference, passages=ordered, evidence=evidence)
