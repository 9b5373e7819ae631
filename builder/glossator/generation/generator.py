"""What every engine is to the rest of the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from glossator.generation.grounds import Possible
from glossator.records import Message


class Generator(Protocol):
    """Text out of a model."""

    def fits(self, messages: Sequence[Message], max_new_tokens: int) -> bool: ...

    def complete(
        self,
        conversations: Sequence[Sequence[Message]],
        max_new_tokens: int,
        choices: Sequence[Possible] | None = None,
    ) -> list[str]: ...

    def stream(
        self, messages: Sequence[Message], max_new_tokens: int, choices: Possible | None = None
    ) -> Iterator[str]:
        """What `complete` gives for one conversation, in pieces as they are decoded."""
