"""Measure a bundle on gold questions: every scorer, with counts and 95 % intervals, rung by rung."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from glossator.records import Answer, Question, Scorer
from glossator.scoring import judge

RESAMPLES = 2000


class Report(BaseModel):
    """Base of everything in an evaluation report."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(Report):
    """A mean with its 95 % interval (bootstrap over clusters of questions that share a gold document)."""

    mean: float | None
    low: float | None
    high: float | None
    n: int
    """Questions the figure rests on."""
    failed: int = 0
    """Questions whose scorer failed: counted here, in no mean."""


class Row(Report):
    """One question and its answer."""

    question_id: str
    question: str
    answerable: bool
    gold: tuple[dict[str, Any], ...]
    """Gold spans, or gold documents without span."""
    answer: dict[str, Any]
    scores: dict[str, float | None]
    reasons: dict[str, str]


class System(Report):
    """One rung: all its figures and rows."""

    rung: str
    metrics: dict[str, Estimate]
    abstention: dict[str, Estimate]
    """Precision, recall and F1 of abstaining, the unanswerable questions being the positives."""
    dropped_statements: int
    seconds_per_question: float
    rows: tuple[Row, ...]


class Difference(Report):
    """A paired difference of two rungs on the same questions."""

    metric: str
    better: str
    base: str
    estimate: Estimate


class EvalReport(Report):
    """What `glossator eval` writes."""

    name: str
    lock: str
    """Digest of the bundle that was measured."""
    questions: int
    unanswerable: int
    source: str
    systems: tuple[System, ...]
    differences: tuple[Difference, ...]
    gates: dict[str, float]
    missed_gates: tuple[str, ...]


def measure(rung: str, questions: Sequence[Question], answers: Sequence[Answer], scorers: Sequence[Scorer]) -> System:
    """All figures of one rung."""
    verdicts = [judge(scorers, question, answer) for question, answer in zip(questions, answers, strict=True)]
    clusters = [_cluster(question) for question in questions]
    metrics = {
        scorer.name: estimate(
            [verdict[scorer.name].value for verdict in verdicts],
            clusters,
            failed=sum(verdict[scorer.name].failed for verdict in verdicts),
        )
        for scorer in scorers
    }
    rows = [
        Row(
            question_id=question.id,
            question=question.text,
            answerable=question.answerable,
            gold=_gold(question),
            answer=asdict(answer),
            scores={name: score.value for name, score in verdict.items()},
            reasons={name: score.why for name, score in verdict.items()},
        )
        for question, answer, verdict in zip(questions, answers, verdicts, strict=True)
    ]
    return System(
        rung=rung,
        metrics=metrics,
        abstention=abstention(questions, answers, clusters),
        dropped_statements=sum(answer.dropped for answer in answers),
        seconds_per_question=round(sum(sum(a.timings.values()) for a in answers) / len(answers), 3),
        rows=tuple(rows),
    )


def estimate(values: Sequence[float | None], clusters: Sequence[str], failed: int = 0) -> Estimate:
    """Mean and interval of the values that apply; None stays out and is not counted in `n`."""
    known = [(value, cluster) for value, cluster in zip(values, clusters, strict=True) if value is not None]
    if not known:
        return Estimate(mean=None, low=None, high=None, n=0, failed=failed)
    rows = np.array([value for value, _ in known])
    low, high = bootstrap(lambda picked: float(rows[picked].mean()), [cluster for _, cluster in known])
    return Estimate(mean=round(float(rows.mean()), 4), low=low, high=high, n=len(known), failed=failed)


def abstention(
    questions: Sequence[Question], answers: Sequence[Answer], clusters: Sequence[str]
) -> dict[str, Estimate]:
    """How well the system knows what it cannot answer."""
    said = np.array([answer.abstained for answer in answers])
    right = np.array([not question.answerable for question in questions])
    measures: dict[str, Callable[[Any, Any], float]] = {"precision": _precision, "recall": _recall, "f1": _f1}
    figures = {}
    for name, measure_of in measures.items():
        low, high = bootstrap(lambda rows, of=measure_of: of(said[rows], right[rows]), clusters)  # type: ignore[misc]
        mean = round(measure_of(said, right), 4)
        figures[name] = Estimate(mean=mean, low=low, high=high, n=len(questions))
    return figures


def difference(better: System, base: System, metric: str, questions: Sequence[Question]) -> Difference:
    """Mean paired difference over the questions where both rungs have a value."""
    pairs = zip(better.rows, base.rows, strict=True)
    deltas = [_minus(a.scores[metric], b.scores[metric]) for a, b in pairs]
    found = estimate(deltas, [_cluster(question) for question in questions])
    return Difference(metric=metric, better=better.rung, base=base.rung, estimate=found)


def bootstrap(statistic: Callable[[Any], float], clusters: Sequence[str]) -> tuple[float, float]:
    """95 % percentile interval of `statistic(rows)`, resampling whole clusters (Efron & Tibshirani 1993, ch. 13)."""
    names = sorted(set(clusters))
    members = [np.array([i for i, cluster in enumerate(clusters) if cluster == name]) for name in names]
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(names), size=(RESAMPLES, len(names)))
    values = [statistic(np.concatenate([members[i] for i in draw])) for draw in draws]
    low, high = np.percentile(values, [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)


def missed(system: System, gates: dict[str, float]) -> tuple[str, ...]:
    """Gates that the system does not keep, a metric without value included."""
    means = {name: system.metrics[name].mean for name in gates}
    return tuple(name for name, least in gates.items() if (mean := means[name]) is None or mean < least)


def scorers_of(names: Iterable[str], known: dict[str, Scorer]) -> list[Scorer]:
    """Scorers by name, each once, in order."""
    return [known[name] for name in dict.fromkeys(names)]


def _cluster(question: Question) -> str:
    return min(question.gold_documents, default=question.id)


def _gold(question: Question) -> tuple[dict[str, Any], ...]:
    if question.evidence:
        return tuple(asdict(span) for span in question.evidence)
    return tuple({"document_id": name} for name in question.documents)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _precision(said: Any, right: Any) -> float:
    return float((said & right).sum() / max(1, said.sum()))


def _recall(said: Any, right: Any) -> float:
    return float((said & right).sum() / max(1, right.sum()))


def _f1(said: Any, right: Any) -> float:
    return float(2 * (said & right).sum() / max(1, said.sum() + right.sum()))
