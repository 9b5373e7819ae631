"""Harbour: the rules of the made-up port of Wexmoor. An outside plugin, as `glossator new harbour` begins one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from glossator import Answer, Domain, Scorer, content, hookimpl

from glossator_harbour.scorers import SCORERS

WATCH = "In danger call the harbour watch on channel 12."


@hookimpl
def register_domains() -> Iterable[Domain]:
    """The domain in `content/`."""
    return [Domain.from_content(content("glossator_harbour", "content"))]


@hookimpl
def register_scorers() -> Iterable[Scorer]:
    """The scorers that a policy or a recipe may name."""
    return SCORERS


@hookimpl
def review_answer(domain: str, answer: Answer) -> Answer | None:
    """Every answer about the harbour says whom to call; those of other domains stay as they are."""
    return replace(answer, notes=(*answer.notes, WATCH)) if domain == "harbour" else None
