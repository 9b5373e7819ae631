"""Score the answers of another system by what they cite: the work behind `glossator cite-eval`.

Answers are scored in batches. Each finished one is a line of a rows file, and a run that finds it there, of equal
content and by the same verifier, does not score it again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from glossator.artifacts import digest_of
from glossator.citations.alce import AlceItem, alce_compat
from glossator.citations.metrics import evidence_f1, evidence_iou, evidence_precision, evidence_recall
from glossator.citations.nuggets import stated
from glossator.citations.tensor import LIKELY, tensors
from glossator.claims import Verifier
from glossator.errors import InputError
from glossator.foreign import Submission
from glossator.scoreboard import Support, confusion_of, summarise, support_names
from glossator.scorecard import AnswerCard, Card, card
from glossator.statistics.abstention import abstention
from glossator.statistics.estimates import Estimate

VERSION = 2
"""Of the figures: raised when the same answers would get others."""
BATCH = 64
"""Answers that are judged together."""
EVIDENCE = (evidence_precision, evidence_recall, evidence_f1, evidence_iou)


class ScoredRow(Card):
    """One line of a rows file."""

    key: str
    """Hash of the answer's content, the verifier and what was asked."""
    id: str
    question: str
    answer: str
    answerable: bool | None
    card: AnswerCard


class CiteReport(Card):
    """What `cite-eval --json` writes."""

    source: str
    verifier: str
    """Name and release."""
    least: float
    """Probability from which a statement counts as supported."""
    support: Support
    abstention: dict[str, Estimate]
    """Precision, recall and F1 of abstaining, over the answers whose question is known to have an answer or none."""
    rows: tuple[ScoredRow, ...]

    def figures(self) -> dict[str, float | None]:
        """Every figure by the name that a threshold uses."""
        abstained = {f"abstention_{name}": found.mean for name, found in self.abstention.items()}
        return self.support.figures() | abstained


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A verifier with its name and, as `identity`, everything that may change its verdicts."""

    name: str
    identity: str
    verifier: Verifier


def cite_eval(
    submissions: Sequence[Submission], judge: Judge, *, source: str, alce: bool = False, rows_file: Path | None = None
) -> CiteReport:
    """Score all answers; those that `rows_file` holds already are taken from there.

    The file is appended to after every batch, and at the end holds these answers and no others.
    """
    keys = [digest_of([VERSION, judge.identity, LIKELY, alce, one.digest]) for one in submissions]
    known = _known(rows_file) if rows_file is not None else {}
    todo = {key: one for key, one in zip(keys, submissions, strict=True) if key not in known}
    for start in range(0, len(todo), BATCH):
        batch = list(todo.items())[start : start + BATCH]
        made = [
            _row(key, one, scored)
            for (key, one), scored in zip(batch, _scored([one for _, one in batch], judge, alce), strict=True)
        ]
        known.update((row.key, row) for row in made)
        if rows_file is not None:
            _append(rows_file, made)
    rows = [known[key] for key in keys]
    if rows_file is not None:
        _write(rows_file, {row.key: row for row in rows})
    return CiteReport(
        source=source,
        verifier=judge.identity,
        least=LIKELY,
        support=_support(submissions, rows, judge),
        abstention=_abstention(submissions, rows),
        rows=tuple(rows),
    )


def figure_names(alce: bool) -> list[str]:
    """The names of the figures, before anything is scored."""
    scores = (*(of.__name__ for of in EVIDENCE), *(("alce_recall", "alce_precision") if alce else ()))
    return [*support_names(scores), *(f"abstention_{name}" for name in ("precision", "recall", "f1"))]


def _scored(submissions: Sequence[Submission], judge: Judge, alce: bool) -> list[AnswerCard]:
    """The figures of a batch, judged together."""
    made = tensors([one.answer for one in submissions], judge.verifier, gold=[one.gold for one in submissions])
    nuggets = stated(made, [one.nuggets for one in submissions], judge.verifier)
    more = [
        {score.name: score.value for score in (of(one.question, one.answer) for of in EVIDENCE)} for one in submissions
    ]
    if alce:
        items = [AlceItem(output=one.answer.text, passages=one.answer.passages) for one in submissions]
        for values, score in zip(more, alce_compat(items, judge.verifier), strict=True):
            values |= {"alce_recall": score.recall, "alce_precision": score.precision}
    return [card(tensor, found, values) for tensor, found, values in zip(made, nuggets, more, strict=True)]


def _row(key: str, one: Submission, scored: AnswerCard) -> ScoredRow:
    return ScoredRow(
        key=key,
        id=one.id,
        question=one.question.text,
        answer=one.answer.text,
        answerable=one.answerable,
        card=scored,
    )


def _support(submissions: Sequence[Submission], rows: Sequence[ScoredRow], judge: Judge) -> Support:
    return summarise(
        [row.card for row in rows],
        clusters=[one.question.text for one in submissions],
        answerable=[one.answerable for one in submissions],
        verifier=judge.name,
        confusion=confusion_of(judge.name),
    )


def _abstention(submissions: Sequence[Submission], rows: Sequence[ScoredRow]) -> dict[str, Estimate]:
    known = [(row, one) for row, one in zip(rows, submissions, strict=True) if one.answerable is not None]
    if not known:
        return {}
    said, right = [row.card.abstained for row, _ in known], [not one.answerable for _, one in known]
    return abstention(said, right, [one.question.text for _, one in known])


def _known(path: Path) -> dict[str, ScoredRow]:
    """The rows of an earlier run. A last line that was cut off is dropped; any other bad line is an error."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").split("\n")
    rows: dict[str, ScoredRow] = {}
    for number, line in enumerate(lines[:-1], 1):
        try:
            row = ScoredRow.model_validate_json(line)
        except ValidationError as error:
            raise InputError(
                f"{path}:{number}: no row of an earlier run; remove the file or name another --json"
            ) from error
        rows[row.key] = row
    if lines[-1]:
        _write(path, rows)
    return rows


def _append(path: Path, rows: Sequence[ScoredRow]) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.writelines(row.model_dump_json() + "\n" for row in rows)
        stream.flush()
        os.fsync(stream.fileno())


def _write(path: Path, rows: Mapping[str, ScoredRow]) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text("".join(row.model_dump_json() + "\n" for row in rows.values()), encoding="utf-8")
    os.replace(partial, path)
