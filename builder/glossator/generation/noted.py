"""A text that says what had to be done to get it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

REPAIRED = "The server's first answer was none of the possible ones; asked again, it chose this one."
REPLACED = "The server gave none of the possible answers; this one is the likeliest by the prior."
ENGINE_NOTES = (REPAIRED, REPLACED)


class Noted(str):
    """A text with a note, which the answer made of it carries."""

    __slots__ = ("note",)
    note: str

    def __new__(cls, text: str, note: str) -> Noted:
        made = super().__new__(cls, text)
        made.note = note
        return made


def notes_of(text: str) -> tuple[str, ...]:
    """The notes of a text.

    >>> notes_of("a"), notes_of(Noted("a", "guessed"))
    ((), ('guessed',))
    """
    return (text.note,) if isinstance(text, Noted) else ()


@dataclass(slots=True)
class Noting:
    """Pieces of a text, and the notes of those that have passed.

    >>> pieces = Noting(["a", Noted("b", "guessed")])
    >>> "".join(pieces), pieces.notes
    ('ab', ['guessed'])
    """

    pieces: Iterable[str]
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        for piece in self.pieces:
            self.notes += notes_of(piece)
            yield piece
