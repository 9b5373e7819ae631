"""Compare two evaluations on the same questions: what got better, by how much, and which answers changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from glossator.errors import InputError
from glossator.evaluate import EvalReport, Report, Row, System, cluster
from glossator.statistics.differences import deltas, holm, sign_flip
from glossator.statistics.estimates import Estimate, estimate

RISE = ("wrong", "abstained", "right")
"""Outcomes from the worst to the best."""


class Side(Report):
    """One of the two evaluations."""

    name: str
    lock: str
    rung: str


class Metric(Report):
    """One figure on both sides."""

    a: float | None
    """Mean over the questions where both sides have a value, as is `b`."""
    b: float | None
    difference: Estimate
    """B minus A, paired by question."""
    p: float | None
    """Two-sided p value of "no difference", by flipping the signs of clusters; None where nothing is paired."""
    adjusted: float | None
    """The same after Holm over all metrics that are compared here."""


class Change(Report):
    """One question that is answered in another way."""

    kind: Literal["fixed", "broken", "changed"]
    """B's outcome is better than A's, worse, or the same with other words."""
    a: Row
    b: Row


class Comparison(Report):
    """What `glossator compare` writes."""

    a: Side
    b: Side
    questions: int
    metrics: dict[str, Metric]
    left_out: tuple[str, ...]
    """Metrics that only one side has."""
    changes: tuple[Change, ...]
    """Fixed, broken, changed; the others are answered in the same words."""


def read_report(path: Path) -> EvalReport:
    """The report in a file, or in `evaluation.json` of a folder. Raises InputError."""
    file = path / "evaluation.json" if path.is_dir() else path
    try:
        return EvalReport.model_validate_json(file.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}; `glossator eval BUNDLE` writes it") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        message = f"{file} is no evaluation report ({where}: {error.errors()[0]['msg']}); `glossator eval` writes one"
        raise InputError(message) from error


def compare(a: EvalReport, b: EvalReport) -> Comparison:
    """The live rungs of both, question by question. Raises InputError when they were not asked the same."""
    before, after = a.systems[-1], b.systems[-1]
    pairs = _paired(before, after)
    shared = [name for name in before.metrics if name in after.metrics]
    return Comparison(
        a=Side(name=a.name, lock=a.lock, rung=before.rung),
        b=Side(name=b.name, lock=b.lock, rung=after.rung),
        questions=len(pairs),
        metrics=_metrics(pairs, shared),
        left_out=tuple(name for name in {**before.metrics, **after.metrics} if name not in shared),
        changes=_changes(pairs),
    )


def _paired(a: System, b: System) -> list[tuple[Row, Row]]:
    """The rows of both that asked the same with the same gold, which must be all."""
    other = {row.question_id: row for row in b.rows}
    pairs = [(row, other[row.question_id]) for row in a.rows if row.question_id in other]
    same = [(one, two) for one, two in pairs if one.asked == two.asked]
    if len(same) < max(len(a.rows), len(b.rows)) or not same:
        raise InputError(
            f"not the same questions: A asked {len(a.rows)} and B {len(b.rows)}; {len(pairs)} match by id, and"
            f" {len(same)} of these also in text and gold. Evaluate both with the same --questions and --limit"
        )
    return same


def _metrics(pairs: Sequence[tuple[Row, Row]], names: Sequence[str]) -> dict[str, Metric]:
    clusters = [cluster(row.asked) for row, _ in pairs]
    apart = {name: deltas([b.scores[name] for _, b in pairs], [a.scores[name] for a, _ in pairs]) for name in names}
    p_values = {name: sign_flip(apart[name], clusters) for name in names}
    adjusted = holm({name: p for name, p in p_values.items() if p is not None})
    return {
        name: Metric(
            a=_mean([a.scores[name] for a, b in pairs if b.scores[name] is not None]),
            b=_mean([b.scores[name] for a, b in pairs if a.scores[name] is not None]),
            difference=estimate(apart[name], clusters),
            p=p_values[name],
            adjusted=adjusted.get(name),
        )
        for name in names
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None


def _changes(pairs: Sequence[tuple[Row, Row]]) -> tuple[Change, ...]:
    found: Mapping[str, list[Change]] = {"fixed": [], "broken": [], "changed": []}
    for a, b in pairs:
        risen = RISE.index(b.outcome) - RISE.index(a.outcome)
        kind: Literal["fixed", "broken", "changed"] = "fixed" if risen > 0 else "broken" if risen < 0 else "changed"
        if risen or a.answer.text != b.answer.text:
            found[kind].append(Change(kind=kind, a=a, b=b))
    return tuple(change for changes in found.values() for change in changes)
