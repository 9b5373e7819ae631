"""Deprecated names in an answer, and what to use instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from glossator import Answer, Settings, content, read_yaml, validated

FILE = "deprecations.yaml"


class Deprecation(Settings):
    """A name that still works and should not be used any more."""

    old: str
    """As the library's documents write it, with its owner: `Queue.push`."""
    new: str
    removed_in: str
    """The version without it."""


class Deprecations(Settings):
    """`deprecations.yaml`."""

    library: str
    """A word in documents of that library, so that answers about others are left alone."""
    deprecations: tuple[Deprecation, ...]


def read_deprecations() -> Deprecations:
    """The table of the domain. Raises RecipeError with file, line and column for every wrong key."""
    return _parsed((content("glossator_code", "domains/code") / FILE).read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> Deprecations:
    """Read once for all answers."""
    return validated(Deprecations, read_yaml(text, FILE))


def deprecation_notes(answer: Answer, table: Deprecations) -> Iterator[str]:
    """A note for each deprecated name that the answer says, or that one of its quotes is taken from."""
    shown = " ".join(f"{p.document_id} {p.title} {p.locator} {p.text}" for p in answer.passages).casefold()
    if table.library.casefold() not in shown:
        return
    quoted = {citation.passage_id for citation in answer.citations if citation.quote}
    places = [passage.locator.partition(",")[0] for passage in answer.passages if passage.id in quoted]
    for entry in table.deprecations:
        if _says(entry.old, answer.text) or any(f".{place}".endswith(f".{entry.old}") for place in places):
            yield f"`{entry.old}` is deprecated, use `{entry.new}` (removed in {entry.removed_in})"


def _says(old: str, text: str) -> bool:
    """Whether the text names the symbol: with its owner, or alone where the word alone cannot be English."""
    owners, _, own = old.rpartition(".")
    owner = owners.rsplit(".", 1)[-1]
    if re.search(rf"(?<!\w){re.escape(owner)}\.{own}\b", text, re.IGNORECASE):
        return True
    if "_" in own or own != own.lower():
        return re.search(rf"(?<![\w.]){own}\b", text) is not None
    return re.search(rf"`{own}(?:\([^`\n]{{0,200}}\))?`|(?<![\w.]){own}\(", text) is not None
