"""Run a bundle over questions and measure it: the work behind `glossator eval`."""

from __future__ import annotations

from importlib.resources import as_file
from itertools import pairwise
from pathlib import Path

from glossator.artifacts import write_json
from glossator.assistant import Assistant, Bundle
from glossator.evaluate import EvalReport, System, difference, measure, missed, scorers_of
from glossator.host import Host
from glossator.records import Question
from glossator.rows import read_questions

COMPARED = ("citation_f1", "evidence_f1", "abstains_well")
"""Metrics whose paired differences between rungs are reported."""


def examine(
    bundle: Bundle,
    host: Host,
    questions: Path | None,
    *,
    limit: int | None = None,
    compare: bool = False,
    allow_download: bool = False,
) -> EvalReport:
    """Measure the live rung, or with `compare` every rung, and keep the report beside the bundle it was measured on.

    Without `questions` the domain's own test questions are asked. Raises QuestionsError for a malformed file.
    """
    asked, source = _questions(bundle, host, questions)
    asked = asked[:limit]
    scorers = scorers_of((*bundle.lock.scorers, *bundle.lock.gates), host.scorers)
    systems: list[System] = []
    for rung in bundle.rungs if compare else bundle.rungs[-1:]:
        assistant = Assistant.load(bundle, host, rung=rung, allow_download=allow_download)
        systems.append(measure(rung, asked, assistant.answer_all(asked), scorers, assistant.verifier))
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
    )
    if questions is None:
        write_json(bundle.folder.parent / "evaluation.json", report.model_dump(mode="json"))
    return report


def _questions(bundle: Bundle, host: Host, path: Path | None) -> tuple[list[Question], str]:
    if path is not None:
        return read_questions(path), path.name
    with as_file(host.domain(bundle.lock.domain).content / "gold" / "test.jsonl") as gold:
        return read_questions(gold), f"the test split of domain {bundle.lock.domain}"
