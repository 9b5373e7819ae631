"""Where an answer may stand, byte by byte: the places of the automaton and what may follow each.

Every place has a mass, the share of the prior that lies behind it; the masses of what follows a place and of ending
there add up to its own. A quote is bound to its stretch and the offset in it, so the place behind its closing mark
knows which words of which passage were said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from glossator.citations.parse import CLOSE
from glossator.generation.sources import Quoted, Source, Used
from glossator.generation.stretches import Stretch
from glossator.generation.vocabulary import Kind

CLOSING = CLOSE.encode()


@dataclass(frozen=True, slots=True)
class Choices:
    """The tokens that may follow a place."""

    places: Mapping[int, Place]
    gains: Mapping[int, float]
    """What each adds to its logit: the log of its share of the place's mass."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer has said in whole rounds."""

    text: bytes = b""
    quotes: tuple[Quoted, ...] = ()


@dataclass(slots=True, kw_only=True)
class Place:
    """How far the bytes of an answer have come."""

    mass: float
    final: float = 0.0
    """The part of the mass that ends here; 0: an answer cannot."""
    told: Told = Told()
    choices: Choices | None = field(init=False, default=None)
    """The tokens that may follow, once they were looked for."""
    usual: tuple[Sequence[int], Place] | None = field(init=False, default=None)
    """The tokenizer's own tokens up to the next choice and the place there, likewise."""

    def options(self) -> dict[int, Place]:
        """Each possible next byte and the place behind it."""
        return {}

    def ways(self) -> Iterator[bytes]:
        """Bytes that lead to an end, one way for each stretch that is open: to where it may end next."""
        yield b""

    def ahead(self) -> tuple[bytes, Place]:
        """The bytes that must follow, and the place where there is a choice again."""
        return b"", self

    def narrowed(self, left: Mapping[int, Place]) -> Place:
        """The place when only these of its options are left."""
        mass = self.final + sum(option.mass for option in left.values())
        return Rest(mass=mass, final=self.final, told=self.told, left=left)


@dataclass(slots=True, kw_only=True)
class Text(Place):
    """Inside words that the language prescribes."""

    rest: bytes
    then: Callable[[], Place]
    """Gives the place behind them, the same each time."""

    def options(self) -> dict[int, Place]:
        following = self.rest[1:]
        if not following:
            return {self.rest[0]: self.then()}
        return {self.rest[0]: Text(mass=self.mass, told=self.told, rest=following, then=self.then)}

    def ways(self) -> Iterator[bytes]:
        return (self.rest + way for way in self.then().ways())

    def ahead(self) -> tuple[bytes, Place]:
        more, place = self.then().ahead()
        return self.rest + more, place


@dataclass(slots=True, kw_only=True)
class Several(Place):
    """In several places at once: what was said so far leads to each."""

    parts: tuple[Place, ...]

    def options(self) -> dict[int, Place]:
        found: dict[int, list[Place]] = {}
        for part in self.parts:
            for byte, place in part.options().items():
                found.setdefault(byte, []).append(place)
        return {byte: together(places) for byte, places in found.items()}

    def ways(self) -> Iterator[bytes]:
        return (way for part in self.parts for way in part.ways())


def together(places: Sequence[Place]) -> Place:
    """All of these places as one; at least one."""
    if len(places) == 1:
        return places[0]
    mass, final = sum(place.mass for place in places), sum(place.final for place in places)
    return Several(mass=mass, final=final, told=places[0].told, parts=tuple(places))


@dataclass(slots=True, kw_only=True)
class Rest(Place):
    """A place that may not be left in every way: some are spelt by longer tokens."""

    left: Mapping[int, Place]

    def options(self) -> dict[int, Place]:
        return dict(self.left)

    def ways(self) -> Iterator[bytes]:
        if self.final:
            yield b""
        for byte, place in self.left.items():
            yield from (bytes([byte]) + way for way in place.ways())

    def ahead(self) -> tuple[bytes, Place]:
        if self.final or len(self.left) > 1:
            return b"", self
        ((byte, place),) = self.left.items()
        more, place = place.ahead()
        return bytes([byte]) + more, place


Said = Callable[[Stretch, int, float], Place]
"""What follows a closed quote: a stretch up to one of its ends, with a mass."""


@dataclass(slots=True, kw_only=True)
class Inside(Place):
    """Inside a quote."""

    source: Source
    stretch: Stretch
    at: int
    """Byte offset in the passage."""
    end: int = 0
    """Place of the next end among the stretch's."""
    scale: float
    """Mass of the answers so far for a mass of 1 of the stretch."""
    said: Said

    @classmethod
    def at_start(cls, source: Source, stretch: Stretch, scale: float, told: Told, said: Said) -> Inside:
        """At the first byte of a stretch; `scale` is the mass of one of weight 1."""
        return cls(
            mass=source.mass([stretch]) * scale,
            told=told,
            source=source,
            stretch=stretch,
            at=source.places[stretch.start],
            scale=source.weights[stretch.piece] * scale,
            said=said,
        )

    @property
    def stop(self) -> int:
        """Byte offset of the next end."""
        return self.source.places[self.stretch.ends[self.end]]

    def options(self) -> dict[int, Place]:
        byte = self.source.data[self.at]
        return {byte: self._arrived() if self.at + 1 == self.stop else self._moved(self.at + 1, self.end)}

    def ways(self) -> Iterator[bytes]:
        yield self.source.data[self.at : self.stop] + CLOSING

    def ahead(self) -> tuple[bytes, Place]:
        more, place = self._arrived().ahead()
        return self.source.data[self.at : self.stop] + more, place

    def _arrived(self) -> Place:
        """Where the quote may end: at its closing mark, and further on when there are later ends."""
        mass = self.stretch.masses[self.end] * self.scale
        stretch, end = self.stretch, self.stretch.ends[self.end]
        closing = Text(mass=mass, told=self.told, rest=CLOSING, then=cache(lambda: self.said(stretch, end, mass)))
        if self.end + 1 == len(self.stretch.ends):
            return closing
        return together([closing, self._moved(self.stop, self.end + 1)])

    def _moved(self, at: int, end: int) -> Inside:
        return Inside(
            mass=sum(self.stretch.masses[end:]) * self.scale,
            told=self.told,
            source=self.source,
            stretch=self.stretch,
            at=at,
            end=end,
            scale=self.scale,
            said=self.said,
        )


@dataclass(slots=True, kw_only=True)
class Closed(Place):
    """Behind a whole answer: it may end, or go on with a further round."""

    further: Place | None

    def options(self) -> dict[int, Place]:
        return {} if self.further is None else {ord(" "): self.further}


@dataclass(slots=True, kw_only=True)
class Words(Place):
    """Where connecting words may come, or go on, token by token; byte by byte it is its base."""

    base: Place
    kind: Kind
    left: int
    """Characters of connecting words that may still come."""
    lead: bytes
    """What stands between the last whole round and here."""
    used: Used

    def options(self) -> dict[int, Place]:
        return self.base.options()

    def ways(self) -> Iterator[bytes]:
        return self.base.ways()

    def narrowed(self, left: Mapping[int, Place]) -> Place:
        base = self.base.narrowed(left)
        return replace(self, mass=base.mass, base=base)
