"""Run a bundle over questions and measure it: the work behind `glossator eval`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.resources import as_file
from itertools import pairwise
from pathlib import Path
from random import Random

from glossator.artifacts import write_json
from glossator.assistant import Assistant, Bundle
from glossator.evaluate import EvalReport, Stress, System, cluster, difference, measure, missed, scorers_of
from glossator.host import Host
from glossator.records import Answer, Question
from glossator.rows import read_questions
from glossator.scoreboard import support_names
from glossator.statistics.estimates import estimate, rate
from glossator.stress import CHANGES, apply, harmed

COMPARED = ("citation_f1", "evidence_f1", "abstains_well")
"""Metrics whose paired differences between rungs are reported."""
POOL = 500
"""Passages of the index that distractors are drawn from."""


def examine(
    bundle: Bundle,
    host: Host,
    questions: Path | None,
    *,
    limit: int | None = None,
    compare: bool = False,
    verifier: str | None = None,
    stress: bool = False,
    allow_download: bool = False,
    allow_network: bool = False,
) -> EvalReport:
    """Measure the live rung, or with `compare` every rung, and keep the report beside the bundle it was measured on.

    Without `questions` the domain's own test questions are asked. Raises QuestionsError for a malformed file.
    `verifier` names who judges the answers: the bundle's own when it is left out. That one has already dropped what it
    does not support, so that its recall says little; the corrected figure, or another verifier, says more. With
    `stress` the live rung answers again over passages that were made worse.
    """
    asked, source = _questions(bundle, host, questions)
    asked = asked[:limit]
    scorers = scorers_of((*bundle.lock.scorers, *bundle.lock.gates), host.scorers)
    judge = verifier or bundle.lock.verifier
    loaded, systems, stressed = host.verifier(judge).load(), list[System](), list[Stress]()
    for rung in bundle.rungs if compare else bundle.rungs[-1:]:
        assistant = Assistant.load(bundle, host, rung=rung, allow_download=allow_download, allow_network=allow_network)
        answers, gold = assistant.answer_all(asked), [_gold(question, assistant) for question in asked]
        measured = partial(measure, rung, asked, scorers=scorers, verifier=loaded, verifier_name=judge)
        systems.append(measured(answers, gold=gold))
        if stress and rung == bundle.rungs[-1]:
            stressed += stress_tests(assistant, asked, systems[-1], measured)
    steps = [*pairwise(systems), *([(systems[0], systems[-1])] if len(systems) > 2 else [])]
    report = EvalReport(
        name=bundle.lock.name,
        lock=bundle.digest,
        questions=len(asked),
        unanswerable=sum(not question.answerable for question in asked),
        source=source,
        systems=tuple(systems),
        differences=tuple(
            difference(better, base, metric, asked)
            for base, better in steps
            for metric in COMPARED
            if metric in base.metrics
        ),
        gates=bundle.lock.gates,
        missed_gates=missed(systems[-1], bundle.lock.gates),
        stress=tuple(stressed),
    )
    if questions is None:
        write_json(bundle.folder.parent / "evaluation.json", report.model_dump(mode="json"))
    return report


def stress_tests(
    assistant: Assistant, asked: Sequence[Question], base: System, measured: Callable[[Sequence[Answer]], System]
) -> Iterator[Stress]:
    """Answer once more under each change, and compare question by question with `base`."""
    found, documents = assistant.search_all(asked), assistant.retriever.documents
    everything = assistant.retriever.passages
    pool = Random(0).sample(everything, min(POOL, len(everything)))
    clusters = [cluster(question) for question in asked]
    for change in CHANGES:
        shown = [apply(change, question, each, pool, documents) for question, each in zip(asked, found, strict=True)]
        answers = assistant.answer_over(asked, [each.passages for each in shown], [each.documents for each in shown])
        system, harm = measured(answers), [harmed(change, answer) for answer in answers]
        silent = [float(new.abstained) - row.answer.abstained for new, row in zip(answers, base.rows, strict=True)]
        yield Stress(
            change=change,
            metrics={name: difference(system, base, name, asked).estimate for name in base.metrics},
            abstained=estimate(silent, clusters),
            harmed=None if None in harm else rate([bool(one) for one in harm], clusters),
        )


def figure_names(bundle: Bundle) -> list[str]:
    """The names of the figures of an evaluation, before it is run."""
    scorers = dict.fromkeys((*bundle.lock.scorers, *bundle.lock.gates))
    return [*scorers, *(f"abstention_{name}" for name in ("precision", "recall", "f1")), *support_names(())]


def _gold(question: Question, assistant: Assistant) -> list[str]:
    """The gold evidence, as far as the index still holds it."""
    documents = assistant.retriever.documents
    known = [span for span in question.evidence if span.document_id in documents]
    return [text for span in known if (text := documents[span.document_id].text[span.start : span.end])]


def _questions(bundle: Bundle, host: Host, path: Path | None) -> tuple[list[Question], str]:
    if path is not None:
        return read_questions(path), path.name
    with as_file(host.domain(bundle.lock.domain).content / "gold" / "test.jsonl") as gold:
        return read_questions(gold), f"the test split of domain {bundle.lock.domain}"
