"""Harbour: the rules of the made-up port of Wexmoor. An outside plugin, as `glossator new harbour` begins one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from glossator import Answer, Domain, Question, Scorer, content, hookimpl, read_answer

from glossator_harbour.scorers import SCORERS

WATCH = "In danger call the harbour watch on channel 12."

_ADVICE = re.compile(r"\b(?:should|shall|ought)\s+(?:i|we)\b", re.IGNORECASE)


@hookimpl
def register_domains() -> Iterable[Domain]:
    """The domain in `content/`."""
    return [Domain.from_content(content("glossator_harbour", "content"))]


@hookimpl
def register_scorers() -> Iterable[Scorer]:
    """The scorers that a policy or a recipe may name."""
    return SCORERS


@hookimpl
def review_answer(domain: str, question: Question, answer: Answer) -> Answer | None:
    """Every answer about the harbour says whom to call; what a skipper has to decide is not answered at all."""
    if domain != "harbour":
        return None
    noted = replace(answer, notes=(*answer.notes, WATCH))
    return _refused(noted) if _ADVICE.search(question.text) else noted


def _refused(answer: Answer) -> Answer:
    folder = content("glossator_harbour", "content")
    abstention = (folder / "prompts" / "abstention.txt").read_text(encoding="utf-8").strip()
    return replace(read_answer(abstention, answer.passages, abstention), notes=answer.notes)
