"""Records as JSON rows and back: the one place that knows how records stand on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glossator.errors import InputError, QuestionsError
from glossator.records import Document, Example, Passage, Question, Source, Span, Unit

R = TypeVar("R")


def document_row(document: Document) -> dict[str, Any]:
    return asdict(document)


def read_document(row: Mapping[str, Any]) -> Document:
    units = tuple(Unit(**unit) for unit in row["units"])
    source = {**row["source"], "groups": tuple(row["source"]["groups"])}
    return Document(**{**row, "source": Source(**source), "units": units})


def checked_document(row: Mapping[str, Any]) -> Document:
    """A document of a row that nobody vouches for. Raises ValueError or TypeError when it is none."""
    document = read_document(row)
    source, units = document.source, document.units
    words = (document.id, document.title, document.text, document.family, source.url, source.licence, source.sha256)
    more = (*source.groups, *document.labels, *document.labels.values(), *(unit.locator for unit in units))
    if not all(isinstance(word, str) for word in (*words, source.revised or "", *more)):
        raise ValueError("a field of a document is no text")
    ends = [0, *(offset for unit in units for offset in (unit.start, unit.end)), len(document.text)]
    if not all(type(offset) is int for offset in ends) or any(a > b for a, b in pairwise(ends)):
        raise ValueError(f"the units of document {document.id!r} are not in order within its text")
    return document


def passage_row(passage: Passage) -> dict[str, Any]:
    return asdict(passage)


def read_passage(row: Mapping[str, Any]) -> Passage:
    return Passage(**row)


def read_example(row: Mapping[str, Any]) -> Example:
    return Example(**{**row, **{name: tuple(row[name]) for name in ("messages", "passages", "scores")}})


def stored_question(row: Mapping[str, Any]) -> Question:
    """A question as stages keep it; gold files have a form of their own, see `read_questions`."""
    evidence = tuple(Span(**span) for span in row["evidence"])
    return Question(
        **{**row, "evidence": evidence, "documents": tuple(row["documents"]), "answers": tuple(row["answers"])}
    )


class GoldSpan(BaseModel):
    """Evidence of a gold question; `text` is what stands there, for the check."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    doc_id: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    text: str = ""


class GoldRow(BaseModel):
    """One line of a questions file; further keys of other tools are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    question: Annotated[str, Field(min_length=1)]
    answerable: bool
    answers: tuple[str, ...] = ()
    gold_doc_ids: tuple[str, ...] = ()
    gold_spans: tuple[GoldSpan, ...] = ()
    reference: str = ""
    kind: str = ""


def read_questions(path: Path) -> list[Question]:
    """Questions of a JSON-lines file. Raises QuestionsError with the line number of the first bad line."""
    lines = numbered_lines(path, "questions", QuestionsError)
    questions = [question_of(read_row(line, f"{path}:{number}")) for number, line in lines]
    if not questions:
        raise QuestionsError(f"{path} holds no questions")
    return questions


def numbered_lines(path: Path, what: str, kind: type[InputError] = InputError) -> list[tuple[int, str]]:
    """The lines of a file that are not blank, with their numbers from 1. Raises `kind` for a file that is no text."""
    if not path.is_file():
        raise kind(f"no {what} file at {path}")
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise kind(f"{path}: byte {error.start} is not UTF-8; convert the file first") from error
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def checked_row(line: str, place: str, check: Callable[[Any], R], kind: type[InputError] = InputError) -> R:
    """What `check` makes of the JSON of a line. Raises `kind`, beginning with `place`, where it is none or refused."""
    try:
        return check(strict_json(line))
    except ValidationError as error:
        first = error.errors()[0]
        raise kind(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise kind(f"{place}: not a JSON object: {error}") from error


def strict_json(text: str | bytes) -> Any:
    """JSON without NaN, Infinity or duplicate keys. Raises ValueError."""
    return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)


def read_row(line: str, place: str) -> GoldRow:
    """One line of a questions file. Raises QuestionsError that begins with `place`."""
    row = checked_row(line, place, GoldRow.model_validate, QuestionsError)
    if row.answerable and not (row.gold_doc_ids or row.gold_spans):
        raise QuestionsError(f"{place}: an answerable question needs gold_spans or gold_doc_ids")
    wrong = next((span for span in row.gold_spans if span.start >= span.end), None)
    if wrong:
        raise QuestionsError(
            f"{place}: span of {wrong.doc_id!r}: start {wrong.start} and end {wrong.end} are not in order"
        )
    return row


def question_of(row: GoldRow) -> Question:
    return Question(
        id=row.id,
        text=row.question,
        answerable=row.answerable,
        evidence=tuple(Span(document_id=span.doc_id, start=span.start, end=span.end) for span in row.gold_spans),
        documents=row.gold_doc_ids,
        answers=row.answers,
        reference=row.reference,
        kind=row.kind,
    )


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key occurs twice")
    return made
