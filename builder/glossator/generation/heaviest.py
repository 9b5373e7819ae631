"""Answers without a model: of the possible answers, the one that is likeliest beforehand.

The honest baseline of every rung, since it costs a search and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from glossator.errors import InputError
from glossator.generation.grounds import Grounds, Possible
from glossator.records import Message


class HeaviestChoice:
    """A generator that reads no prompt."""

    def fits(self, messages: Sequence[Message], max_new_tokens: int) -> bool:
        """Always: there is no window."""
        return True

    def complete(
        self,
        conversations: Sequence[Sequence[Message]],
        max_new_tokens: int,
        choices: Sequence[Possible] | None = None,
    ) -> list[str]:
        """The likeliest answer of each conversation, the first of equals. Raises InputError for free text."""
        if choices is None:
            raise InputError("free text needs a model; the rung 'search' exists with answer.grounding: quoted only")
        return [_likeliest(among) for among in choices]

    def stream(
        self, messages: Sequence[Message], max_new_tokens: int, choices: Possible | None = None
    ) -> Iterator[str]:
        """The same for one conversation, in one piece."""
        yield from self.complete([messages], max_new_tokens, None if choices is None else [choices])


def _likeliest(among: Possible) -> str:
    if isinstance(among, Grounds):
        return among.likeliest()
    return max(among, key=lambda choice: choice.weight).text
