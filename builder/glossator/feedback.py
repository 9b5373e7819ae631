"""What people said of answers: which of two is better, what it should have been, thumbs; as preference pairs.

A line of a feedback file holds the question and the passages that were shown, as `glossator ask --json` prints them, so
that a pair is learnt over what its judge saw, whatever the index holds today. One of two forms:

    {"question": ..., "passages": [...], "better": TEXT, "worse": TEXT}                  # two answers, or an edit
    {"question": ..., "passages": [...], "text": TEXT, "answer": true, "source": false}  # thumbs

A thumb on the answer says whether it helps, one on the source whether what it cites supports it. An answer with both up
is good, any other is bad; a good and a bad one to the same question over the same passages are a pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from glossator.records import Passage
from glossator.rows import checked_row, numbered_lines

Words = Annotated[str, Field(min_length=1)]


class Shown(BaseModel):
    """A passage as `ask --json` prints it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Words
    document_id: Words
    title: str = ""
    text: Words
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    locator: str = ""
    revised: str | None = None
    score: float | None = None

    @model_validator(mode="after")
    def _of_one_length(self) -> Shown:
        if self.end - self.start != len(self.text):
            raise ValueError(f"the text of passage {self.id!r} is not as long as its span")
        return self


class Asked(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    question: Words
    passages: Annotated[tuple[Shown, ...], Field(min_length=1)]


class Comparison(Asked):
    better: Words
    worse: Words


class Thumbs(Asked):
    text: Words
    answer: bool
    source: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Two answers to a question over the same passages, as people ordered them."""

    id: str
    """Of the line, or the two lines, that say so."""
    question: str
    passages: tuple[Passage, ...]
    better: str
    worse: str


def read_feedback(path: Path) -> tuple[list[Preference], int]:
    """The pairs of a feedback file, and how many thumbs found no partner.

    Raises InputError with the line number of the first bad line.
    """
    lines = numbered_lines(path, "feedback")
    rows = {number: checked_row(line, f"{path}:{number}", _row) for number, line in lines}
    compared = [
        _preference(f"line {number}", row, row.better, row.worse)
        for number, row in rows.items()
        if isinstance(row, Comparison)
    ]
    thumbs = {number: row for number, row in rows.items() if isinstance(row, Thumbs)}
    matched = list(_matched(thumbs))
    used = {number for good, bad in matched for number in (good, bad)}
    pairs = [
        _preference(f"lines {good} and {bad}", thumbs[good], thumbs[good].text, thumbs[bad].text)
        for good, bad in matched
    ]
    return [pair for pair in (*compared, *pairs) if pair.better != pair.worse], len(thumbs) - len(used)


def _row(row: Any) -> Comparison | Thumbs:
    form: type[Comparison | Thumbs] = Comparison if isinstance(row, dict) and "better" in row else Thumbs
    return form.model_validate(row)


def _matched(thumbs: dict[int, Thumbs]) -> Iterator[tuple[int, int]]:
    """Each good answer with each bad one to the same question over the same passages, by their lines."""
    same: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, row in thumbs.items():
        same.setdefault((row.question, tuple(shown.id for shown in row.passages)), []).append(number)
    for numbers in same.values():
        good = [n for n in numbers if thumbs[n].answer and thumbs[n].source]
        bad = [n for n in numbers if n not in good]
        yield from product(good, bad)


def _preference(name: str, row: Asked, better: str, worse: str) -> Preference:
    return Preference(
        id=name,
        question=row.question,
        passages=tuple(Passage(**shown.model_dump()) for shown in row.passages),
        better=better.strip(),
        worse=worse.strip(),
    )


def not_asked(pairs: Sequence[Preference], questions: Sequence[str]) -> list[Preference]:
    """The pairs whose question is none of these, compared by its words."""
    kept_apart = {" ".join(question.lower().split()) for question in questions}
    return [pair for pair in pairs if " ".join(pair.question.lower().split()) not in kept_apart]
