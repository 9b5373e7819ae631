"""Answers of other systems, with the passages that they were given: four forms of file, one record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glossator.artifacts import digest_of
from glossator.citations.annotated import Annotation, read_annotated
from glossator.citations.nuggets import Nugget
from glossator.citations.read import read_answer
from glossator.errors import InputError
from glossator.foreign_forms import FORMS, Convert
from glossator.records import Answer, Passage, Question, Span
from glossator.rows import strict_json

Text = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """Base of the parts of a row; further keys of other tools are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class PassageRow(Row):
    """One passage, as it was shown to the system."""

    id: Text
    text: str
    title: str = ""


class GoldPlace(Row):
    """Where the evidence stands: offsets in the text of one passage; all of it when they are left out."""

    id: Text
    start: Annotated[int, Field(ge=0)] = 0
    end: int | None = None


class NuggetRow(Row):
    """One fact of a right answer."""

    text: Text
    vital: bool = True


class Mark(Row):
    """A citation beside the answer: code points of the answer, and the id of a passage."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    id: str


class AnswerRow(Row):
    """One answer of another system: a line of a file of the form `glossator`."""

    id: str = ""
    question: str
    answer: str
    passages: tuple[PassageRow, ...]
    """In the order shown: `[1]` is the first."""
    gold: tuple[str | GoldPlace, ...] = ()
    """The evidence of a right answer: ids or places of passages, else its words."""
    nuggets: tuple[str | NuggetRow, ...] = ()
    answerable: bool | None = None
    abstained: bool | None = None
    """Whether it says that it cannot answer. Left out: read from its statements."""
    citations: tuple[Mark, ...] | None = None
    """Given: exactly these are its citations, and none is read from the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One answer, read."""

    id: str
    question: Question
    answerable: bool | None
    answer: Answer
    gold: tuple[str, ...]
    """The evidence of a right answer, as texts."""
    nuggets: tuple[Nugget, ...]
    digest: str
    """Of the row's content."""


def read_submissions(path: Path, form: str, abstention: str) -> list[Submission]:
    """The answers of a file. Raises InputError that names the file, the line and what is wrong with it.

    `abstention` is a sentence by which the system says that it cannot answer, where it has one.
    """
    convert = FORMS[form].convert
    submissions = [_submission(_row(convert, record, place), place, abstention) for place, record in _records(path)]
    if not submissions:
        raise InputError(f"{path} holds no answers; each line is one: {FORMS[form].shape}")
    return submissions


def _records(path: Path) -> Iterator[tuple[str, Any]]:
    """Each record with its place: the lines of a file, or the items of one JSON array, or of its key `data`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; give a file of answers") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; convert the file first") from error
    whole = _whole(text)
    if whole is not None:
        yield from ((f"{path}: item {number}", record) for number, record in enumerate(whole, 1))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{path}:{number}"
            try:
                yield place, strict_json(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{place}: not JSON: {error}; write one answer as a JSON object a line") from error


def _whole(text: str) -> list[Any] | None:
    """The records of a file that is one JSON document; None for one of lines."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        document = strict_json(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        return list(document["data"])
    if isinstance(document, list):
        return document
    return [document] if "\n" in text.strip() else None


def _row(convert: Convert, record: Any, place: str) -> AnswerRow:
    if not isinstance(record, dict):
        raise InputError(f"{place}: an answer is a JSON object, not {type(record).__name__}")
    try:
        return AnswerRow.model_validate(convert(record))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{place}: {where}: {first['msg']}; `glossator cite-eval --help` shows the forms") from error
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise InputError(f"{place}: not of this form ({type(error).__name__}: {error}); is --format right?") from error


def _submission(row: AnswerRow, place: str, abstention: str) -> Submission:
    shown = tuple(
        Passage(id=p.id, document_id=p.id, title=p.title, text=p.text, start=0, end=len(p.text)) for p in row.passages
    )
    texts = {passage.id: passage.text for passage in shown}
    if len(texts) < len(shown):
        raise InputError(f"{place}: passages: two passages have the same id; give each its own")
    answer = _answer(row, shown, place, abstention)
    spans = _evidence(row, texts, place)
    gold = [texts[span.document_id][span.start : span.end] for span in spans]
    return Submission(
        id=row.id or place,
        question=Question(id=row.id, text=row.question, answerable=row.answerable is not False, evidence=tuple(spans)),
        answerable=row.answerable,
        answer=answer if row.abstained is None else replace(answer, abstained=row.abstained),
        gold=(*gold, *(given for given in row.gold if isinstance(given, str) and given not in texts)),
        nuggets=tuple(
            Nugget(text=n) if isinstance(n, str) else Nugget(text=n.text, vital=n.vital) for n in row.nuggets
        ),
        digest=digest_of(row.model_dump(mode="json")),
    )


def _answer(row: AnswerRow, shown: Sequence[Passage], place: str, abstention: str) -> Answer:
    if row.citations is None:
        read = read_answer(row.answer, shown, abstention, question=row.question)
    else:
        if any(not mark.start <= mark.end <= len(row.answer) for mark in row.citations):
            raise InputError(
                f"{place}: citations: a place is not in order or beyond the answer; offsets are code points"
            )
        marks = [Annotation(start=mark.start, end=mark.end, passage_id=mark.id) for mark in row.citations]
        read = read_annotated(row.answer, marks, shown, abstention, question=row.question)
    kinds = {statement.kind for statement in read.statements}
    return replace(read, abstained=read.abstained or ("refusal" in kinds and kinds <= {"refusal", "meta", "echo"}))


def _evidence(row: AnswerRow, texts: Mapping[str, str], place: str) -> list[Span]:
    """The places of gold that stand in passages that were given."""
    spans = []
    for given in row.gold:
        if isinstance(given, str):
            if texts.get(given):
                spans.append(Span(document_id=given, start=0, end=len(texts[given])))
            continue
        text = texts.get(given.id)
        if text is None:
            raise InputError(f"{place}: gold: no passage {given.id!r} among the passages")
        end = len(text) if given.end is None else given.end
        if not given.start < end <= len(text):
            raise InputError(f"{place}: gold: {given.start} to {end} is no place in passage {given.id!r}")
        spans.append(Span(document_id=given.id, start=given.start, end=end))
    return spans
