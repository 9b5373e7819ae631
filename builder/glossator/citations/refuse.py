"""An answer that is not given."""

from __future__ import annotations

from dataclasses import replace

from glossator.records import Answer


def refuse(answer: Answer, text: str, *, why: str) -> Answer:
    """The answer with `text` in the place of everything it said. Its notes stay and `why` follows them."""
    return replace(answer, text=text, statements=(), citations=(), abstained=True, notes=(*answer.notes, why))
