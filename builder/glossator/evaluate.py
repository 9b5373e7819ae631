"""Measure a bundle on gold questions: every scorer, with counts and 95 % intervals, rung by rung."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from glossator.citations.metrics import hits
from glossator.citations.support import verdicts
from glossator.claims import Verdict, Verifier
from glossator.records import Answer, Question, Scorer, Span
from glossator.scoring import judge
from glossator.statistics.abstention import abstention
from glossator.statistics.differences import deltas
from glossator.statistics.estimates import Estimate, estimate


class Report(BaseModel):
    """Base of everything in an evaluation report."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(Report):
    """One question and its answer."""

    question_id: str
    question: str
    answerable: bool
    gold: tuple[dict[str, Any], ...]
    """Gold spans, or gold documents without span."""
    answer: Answer
    scores: dict[str, float | None]
    reasons: dict[str, str]
    kind: str = ""
    """Kind of the question, as the gold says."""
    verdicts: tuple[Verdict | None, ...] = ()
    """The verdict on each statement of the answer; empty where no verifier was asked."""

    @property
    def asked(self) -> Question:
        """The question with its gold."""
        spans = [gold for gold in self.gold if "start" in gold]
        return Question(
            id=self.question_id,
            text=self.question,
            answerable=self.answerable,
            evidence=tuple(Span(**gold) for gold in spans),
            documents=() if spans else tuple(gold["document_id"] for gold in self.gold),
            kind=self.kind,
        )

    @property
    def outcome(self) -> Literal["wrong", "abstained", "right"]:
        """Right: a hit, or an abstention where nothing can be found. Abstained: nothing said where it could have."""
        if self.answer.abstained:
            return "abstained" if self.answerable else "right"
        question = self.asked
        return "right" if any(hits(citation, question) for citation in self.answer.citations) else "wrong"


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


def measure(
    rung: str,
    questions: Sequence[Question],
    answers: Sequence[Answer],
    scorers: Sequence[Scorer],
    verifier: Verifier | None = None,
) -> System:
    """All figures of one rung; with a verifier also its verdict on every statement."""
    judged = [judge(scorers, question, answer) for question, answer in zip(questions, answers, strict=True)]
    clusters = [cluster(question) for question in questions]
    metrics = {
        scorer.name: estimate(
            [scores[scorer.name].value for scores in judged],
            clusters,
            failed=sum(scores[scorer.name].failed for scores in judged),
        )
        for scorer in scorers
    }
    rows = [
        Row(
            question_id=question.id,
            question=question.text,
            answerable=question.answerable,
            gold=_gold(question),
            answer=answer,
            scores={name: score.value for name, score in scores.items()},
            reasons={name: score.why for name, score in scores.items()},
            kind=question.kind,
            verdicts=tuple(verdicts(answer.statements, answer, verifier)) if verifier else (),
        )
        for question, answer, scores in zip(questions, answers, judged, strict=True)
    ]
    return System(
        rung=rung,
        metrics=metrics,
        abstention=abstention(
            [answer.abstained for answer in answers], [not question.answerable for question in questions], clusters
        ),
        dropped_statements=sum(answer.dropped for answer in answers),
        seconds_per_question=round(sum(sum(a.timings.values()) for a in answers) / len(answers), 3),
        rows=tuple(rows),
    )


def difference(better: System, base: System, metric: str, questions: Sequence[Question]) -> Difference:
    """Mean paired difference over the questions where both rungs have a value."""
    apart = deltas([row.scores[metric] for row in better.rows], [row.scores[metric] for row in base.rows])
    found = estimate(apart, [cluster(question) for question in questions])
    return Difference(metric=metric, better=better.rung, base=base.rung, estimate=found)


def missed(system: System, gates: dict[str, float]) -> tuple[str, ...]:
    """Gates that the system does not keep, a metric without value included."""
    means = {name: system.metrics[name].mean for name in gates}
    return tuple(name for name, least in gates.items() if (mean := means[name]) is None or mean < least)


def scorers_of(names: Iterable[str], known: dict[str, Scorer]) -> list[Scorer]:
    """Scorers by name, each once, in order."""
    return [known[name] for name in dict.fromkeys(names)]


def cluster(question: Question) -> str:
    """Questions that share a gold document are resampled together."""
    return min(question.gold_documents, default=question.id)


def _gold(question: Question) -> tuple[dict[str, Any], ...]:
    if question.evidence:
        return tuple(asdict(span) for span in question.evidence)
    return tuple({"document_id": name} for name in question.documents)
