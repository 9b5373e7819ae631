"""Measure a bundle on gold questions: every scorer, with counts and 95 % intervals, rung by rung."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from glossator.citations.metrics import hits
from glossator.citations.support import verdicts
from glossator.citations.tensor import Once, tensors
from glossator.claims import Verdict, Verifier
from glossator.generation.noted import ENGINE_NOTES
from glossator.records import Answer, Question, Score, Scorer, Span
from glossator.scoreboard import Support, confusion_of, summarise
from glossator.scorecard import AnswerCard, card
from glossator.scoring import judge
from glossator.statistics.abstention import abstention
from glossator.statistics.differences import deltas
from glossator.statistics.estimates import Estimate, estimate, estimate_sums
from glossator.statistics.intervals import ratio

SUPPORTED = (
    "support_recall",
    "support_recall_graded",
    "support_precision",
    "support_precision_strict",
    "support_f1",
)
"""Figures of the verifier that stand among the metrics of a system; its rates of error are in `System.support`."""


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


class Mending(Report):
    """What the run-time check changed in the answers of a system, and what that cost."""

    statements: int
    """Those that are shown and those that were dropped."""
    repaired: int
    dropped: int
    repair_rate: Estimate
    """Share of these statements that a quote stands for; `n` is the number of answers with any statement."""
    drop_rate: Estimate
    check_ms: float
    """Milliseconds an answer, without the repairs."""
    repair_ms: float
    """Milliseconds an answer, over all answers; the check of the repairs included."""


class System(Report):
    """One rung: all its figures and rows."""

    rung: str
    metrics: dict[str, Estimate]
    abstention: dict[str, Estimate]
    """Precision, recall and F1 of abstaining, the unanswerable questions being the positives."""
    dropped_statements: int
    seconds_per_question: float
    rows: tuple[Row, ...]
    engine: dict[str, int] = {}
    """Answers that the engine could give only by repair or without the model, counted by the note that says so."""
    support: Support | None = None
    """What the verifier says of the answers, errors, other means and its own error included; None without one."""
    mending: Mending | None = None
    """None in a report of a version that did not repair."""

    def figures(self) -> dict[str, float | None]:
        """Every figure by the name that a threshold uses."""
        plain = self.metrics | {f"abstention_{name}": found for name, found in self.abstention.items()}
        return (self.support.figures() if self.support else {}) | {name: found.mean for name, found in plain.items()}


class Difference(Report):
    """A paired difference of two rungs on the same questions."""

    metric: str
    better: str
    base: str
    estimate: Estimate


class Stress(Report):
    """What becomes of the live rung when what it is shown is made worse in one way."""

    change: str
    metrics: dict[str, Estimate]
    """Paired differences, under stress minus without, over the questions where both have a value."""
    abstained: Estimate
    """Paired difference of the share of abstentions."""
    harmed: Estimate | None
    """Share of the answers that cite the poison, or obey the instruction; None where neither was there."""


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
    stress: tuple[Stress, ...] = ()


def measure(
    rung: str,
    questions: Sequence[Question],
    answers: Sequence[Answer],
    scorers: Sequence[Scorer],
    verifier: Verifier | None = None,
    *,
    verifier_name: str = "",
    gold: Sequence[Sequence[str]] | None = None,
) -> System:
    """All figures of one rung; with a verifier also its verdict on every statement.

    `gold` holds the gold evidence of each question as texts, where it is to be judged too.
    """
    judged = [judge(scorers, question, answer) for question, answer in zip(questions, answers, strict=True)]
    clusters = [cluster(question) for question in questions]
    once, support = (Once(verifier) if verifier else None), None
    if once is not None:
        cards = [card(tensor) for tensor in tensors(answers, once, gold=gold or [()] * len(answers))]
        judged = [scores | _support_scores(one) for scores, one in zip(judged, cards, strict=True)]
        support = summarise(
            cards,
            clusters=clusters,
            answerable=[question.answerable for question in questions],
            verifier=verifier_name,
            confusion=confusion_of(verifier_name),
        )
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
            verdicts=tuple(verdicts(answer.statements, answer, once)) if once else (),
        )
        for question, answer, scores in zip(questions, answers, judged, strict=True)
    ]
    return System(
        rung=rung,
        metrics=_metrics(judged, clusters),
        abstention=abstention(
            [answer.abstained for answer in answers], [not question.answerable for question in questions], clusters
        ),
        dropped_statements=sum(answer.dropped for answer in answers),
        seconds_per_question=round(sum(sum(a.timings.values()) for a in answers) / len(answers), 3),
        rows=tuple(rows),
        engine={note: n for note in ENGINE_NOTES if (n := sum(note in answer.notes for answer in answers))},
        support=support,
        mending=_mending(answers, clusters),
    )


def _mending(answers: Sequence[Answer], clusters: Sequence[str]) -> Mending:
    """An answer of n statements, d of them dropped on the way, was written with n + d; an abstention keeps none."""
    repaired = [sum(amendment.repaired for amendment in answer.amendments) for answer in answers]
    dropped = [answer.dropped for answer in answers]
    written = [len(answer.statements) + gone for answer, gone in zip(answers, dropped, strict=True)]

    def share(parts: Sequence[int]) -> Estimate:
        rows = [(part, whole) for part, whole in zip(parts, written, strict=True) if whole]
        named = [cluster for cluster, whole in zip(clusters, written, strict=True) if whole]
        if not rows:
            return Estimate(mean=None, low=None, high=None, n=0)
        return estimate_sums({"": lambda total: ratio(total[..., 0], total[..., 1])}, rows, named)[""]

    def milliseconds(step: str) -> float:
        return round(1000 * sum(answer.timings.get(step, 0.0) for answer in answers) / len(answers), 2)

    return Mending(
        statements=sum(written),
        repaired=sum(repaired),
        dropped=sum(dropped),
        repair_rate=share(repaired),
        drop_rate=share(dropped),
        check_ms=milliseconds("check"),
        repair_ms=milliseconds("repair"),
    )


def _metrics(judged: Sequence[Mapping[str, Score]], clusters: Sequence[str]) -> dict[str, Estimate]:
    return {
        name: estimate(
            [scores[name].value for scores in judged], clusters, failed=sum(scores[name].failed for scores in judged)
        )
        for name in (judged[0] if judged else ())
    }


def _support_scores(one: AnswerCard) -> dict[str, Score]:
    """The figures of support of which more is better, beside those of the scorers."""
    return {
        name: Score(name=name, value=one.value(name), why=one.why(name), failed=one.failed(name)) for name in SUPPORTED
    }


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
