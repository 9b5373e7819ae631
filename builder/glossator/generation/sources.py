"""The shown passages as what may be quoted of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from glossator.generation.stretches import Stretch
from glossator.records import Passage

Used = frozenset[tuple[int, int]]
"""Pieces that were quoted from: number of the passage, place of the piece in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote of an answer: `text` is `document.text[start:end]`."""

    number: int
    """Of its passage, from 1."""
    passage_id: str
    document_id: str
    start: int
    end: int
    text: str
    times: int
    """How often the passage holds these words; more than one: the place is that of the first."""


@dataclass(frozen=True)
class Source:
    """A shown passage and the stretches of it that may be quoted."""

    number: int
    """From 1."""
    passage: Passage
    stretches: Sequence[Stretch]
    pieces: Sequence[int]
    """Where its pieces start, in code points."""
    weights: Sequence[float]
    """The mass of each piece."""

    @cached_property
    def data(self) -> bytes:
        """The passage's text; what cannot be encoded is in no stretch."""
        return self.passage.text.encode("utf-8", "replace")

    @cached_property
    def places(self) -> Sequence[int]:
        """Byte offset of each code point."""
        if self.passage.text.isascii():
            return range(len(self.passage.text) + 1)
        found, at = [0], 0
        for sign in self.passage.text:
            at += len(sign.encode("utf-8", "replace"))
            found.append(at)
        return found

    def unused(self, used: Used) -> Sequence[Stretch]:
        """The stretches that share no piece with those in `used`."""
        bars = [self.pieces[piece] for piece in self.among(used)]
        if not bars:
            return self.stretches
        kept = []
        for stretch in self.stretches:
            bar = next((at for at in bars if at > stretch.start), len(self.passage.text))
            count = sum(end <= bar for end in stretch.ends)
            if (self.number, stretch.piece) not in used and count:
                kept.append(stretch.cut(count))
        return kept

    def mass(self, stretches: Sequence[Stretch]) -> float:
        """The mass of some of its stretches."""
        return sum(self.weights[stretch.piece] * sum(stretch.masses) for stretch in stretches)

    def among(self, used: Used) -> list[int]:
        """The places of its pieces among those in `used`."""
        return sorted(piece for number, piece in used if number == self.number)

    def heaviest(self, used: Used) -> float:
        """The most mass of a piece that can still be quoted."""
        return max(self.weights[stretch.piece] for stretch in self.unused(used))

    def quoted(self, start: int, end: int) -> Quoted:
        """The quote of these code points of the passage, at the first place where its words stand."""
        text = self.passage.text[start:end]
        first = self.passage.start + self.passage.text.find(text)
        return Quoted(
            number=self.number,
            passage_id=self.passage.id,
            document_id=self.passage.document_id,
            start=first,
            end=first + len(text),
            text=text,
            times=self.passage.text.count(text),
        )

    def touched(self, stretch: Stretch, end: int) -> Used:
        """The pieces that a stretch lies in up to one of its ends."""
        later = range(stretch.piece, len(self.pieces))
        return frozenset((self.number, piece) for piece in later if self.pieces[piece] < end)
