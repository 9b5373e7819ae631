"""A generator without a model, for tests: it quotes the first sentence of the first passage."""

from __future__ import annotations

import re
from collections.abc import Sequence

from glossator.citations.parse import format_citation
from glossator.records import Message

_FIRST = re.compile(r"^\[1\] [^:\n]*: (?P<text>.*?(?:[.!?](?=\s)|$))", re.MULTILINE | re.DOTALL)


class Echo:
    """Deterministic, instant, and honest: what it quotes stands in the prompt."""

    def fits(self, messages: Sequence[Message], max_new_tokens: int) -> bool:
        return True

    def complete(
        self,
        conversations: Sequence[Sequence[Message]],
        max_new_tokens: int,
        choices: Sequence[Sequence[str]] | None = None,
    ) -> list[str]:
        return [self._answer(messages[-1]["content"]) for messages in conversations]

    def _answer(self, prompt: str) -> str:
        found = _FIRST.search(prompt.split("\n\nQuestion: ")[0])
        return format_citation(found["text"].strip(), 1) if found else ""
