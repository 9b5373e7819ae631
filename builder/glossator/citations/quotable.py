"""What can be quoted of a passage: its sentences and table rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from glossator.citations.segment import statements
from glossator.records import Passage

FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence or table row of a shown passage."""

    number: int
    """Of its passage, from 1."""
    passage: Passage
    text: str
    start: int
    """Offset in the passage's text."""

    @property
    def alone(self) -> Passage:
        """The piece as a passage of its own."""
        start = self.passage.start + self.start
        end = start + len(self.text)
        return replace(
            self.passage, id=f"{self.passage.document_id}:{start}-{end}", start=start, end=end, text=self.text
        )


def pieces(passages: Sequence[Passage]) -> list[Piece]:
    """The quotable pieces of the passages, in order; what a passage says twice is one piece."""
    found = (
        Piece(number, passage, passage.text[start:end], start)
        for number, passage in enumerate(passages, 1)
        for start, end in sentences(passage.text)
    )
    first: dict[tuple[int, str], Piece] = {}
    for piece in found:
        first.setdefault((piece.number, piece.text), piece)
    return list(first.values())


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the quotable pieces of a text: no headings, no head or rule of a table, at least two words.

    >>> text = "# Iron\\n\\nFerritin falls first. Then iron falls."
    >>> [text[start:end] for start, end in sentences(text)]
    ['Ferritin falls first.', 'Then iron falls.']
    """
    places = statements(text)
    parts = [text[start:end] for start, end in places]
    for place, part, following in zip(places, parts, [*parts, ""][1:], strict=True):
        head = following.startswith("|") and not words(following)
        if not head and not part.startswith("#") and words(part) >= FEWEST_WORDS:
            yield place


def words(part: str) -> int:
    """How many words with a letter or a digit."""
    return sum(any(sign.isalnum() for sign in word) for word in part.split())
