"""The medical domain: reference articles with gold questions. Educational text, no medical advice.

It judges the numbers and the negations of answers, and it answers no question about one person's diagnosis, dose or
treatment, however it is put.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from glossator import Answer, Domain, Question, Scorer, content, hookimpl, refuse
from glossator_medical.negation import negation_faithful
from glossator_medical.numbers import numbers_faithful
from glossator_medical.redflags import SEEK_CARE, is_emergency
from glossator_medical.refusals import asks_for_advice

WHY = "refused: the question asks for an individual diagnosis, dose or treatment decision"


@hookimpl
def register_domains() -> Iterable[Domain]:
    """The domain in `domains/medical`."""
    return [Domain.from_content(content("glossator_medical", "domains/medical"))]


@hookimpl
def register_scorers() -> Iterable[Scorer]:
    """What a medical answer must not change: numbers and negations."""
    return [
        Scorer(
            name="numbers_faithful",
            score=numbers_faithful,
            summary="share of the statements with numbers whose doses, units and limits stand in their source",
        ),
        Scorer(
            name="negation_faithful",
            score=negation_faithful,
            summary="share of the statements that deny exactly what the cited clauses deny",
        ),
    ]


@hookimpl
def review_answer(domain: str, question: Question, answer: Answer) -> Answer | None:
    """Refuse individual advice; point to emergency care first when somebody seems to be in danger."""
    if domain != "medical":
        return None
    urgent, refused = is_emergency(question.text), asks_for_advice(question.text)
    if urgent:
        answer = replace(answer, notes=(SEEK_CARE, *answer.notes))
    if refused:
        answer = refuse(answer, f"{SEEK_CARE} {_refusal()}" if urgent else _refusal(), why=WHY)
    return answer if urgent or refused else None


def _refusal() -> str:
    folder = content("glossator_medical", "domains/medical")
    return folder.joinpath("prompts", "refusal.txt").read_text(encoding="utf-8").strip()
