"""The legal domain: notes on statutes, and contracts of fictional parties. General information, no legal advice.

It judges references, defined terms and quotations of answers, dates the sources of every answer, and answers no
question about the asker's own case, however it is put.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from glossator import Answer, Domain, Question, Scorer, content, hookimpl, refuse
from glossator_legal.quotes import verbatim_only
from glossator_legal.references import clauses_resolve
from glossator_legal.refusals import asks_for_advice
from glossator_legal.sources import sources_as_of
from glossator_legal.terms import terms_kept

WHY = "refused: the question asks for advice on somebody's own case"


@hookimpl
def register_domains() -> Iterable[Domain]:
    """The domain in `domains/legal`."""
    return [Domain.from_content(content("glossator_legal", "domains/legal"))]


@hookimpl
def register_scorers() -> Iterable[Scorer]:
    """What a legal answer must not invent: references, meanings of terms, quotations."""
    return [
        Scorer(
            name="clauses_resolve",
            score=clauses_resolve,
            summary="share of the clauses, articles and statutes an answer names that stand in a passage it cites",
        ),
        Scorer(
            name="terms_kept",
            score=terms_kept,
            summary="share of the explained defined terms that keep the words of their definition",
        ),
        Scorer(
            name="verbatim_only",
            score=verbatim_only,
            summary="share of the quotes of four words or more, in marks of any kind, that are verbatim",
        ),
    ]


@hookimpl
def review_answer(domain: str, question: Question, answer: Answer) -> Answer | None:
    """Refuse advice on somebody's own case; say how old the cited sources are."""
    if domain != "legal":
        return None
    if asks_for_advice(question.text):
        return refuse(answer, _refusal(), why=WHY)
    dated = sources_as_of(answer)
    return replace(answer, notes=(*answer.notes, dated)) if dated else None


def _refusal() -> str:
    folder = content("glossator_legal", "domains/legal")
    return folder.joinpath("prompts", "refusal.txt").read_text(encoding="utf-8").strip()
