"""Which stretches of a passage may be quoted, and how likely each is before a model has read anything.

With `sentences`, a stretch is one quotable piece, see citations.quotable. With `clauses`, it starts where a sentence or
a clause starts, ends where one ends, and may run on over the sentences of its paragraph, MOST_SENTENCES in all; a row
of a table is whole, and of a block of code any run of whole lines may be quoted, as many.

What would not be read back as it was said is no stretch: one with curly quotation marks that are not paired inside it,
with a character that the tokenizer cannot spell, or of fewer than two words. Of stretches with the same words only the
first is one, since that is where a reader is sent.

A piece's weight is shared by the stretches that start in it: a clause's start is CLAUSE_START below the sentence's
(log-odds), and a stretch that has come to an end stops there with log-odds STOP_SENTENCE or STOP_CLAUSE. The numbers
are those of the 2,764 evidence spans that people marked in legal_contractnli, legal_cuad and med_scifact (dev): 45
start inside a sentence and 2,043 with one, 0.37 inner clauses to a sentence; 95 of 100 stop at the first sentence end,
6 of 100 at a clause's end that they reach.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from glossator.citations.parse import CLOSE, OPEN
from glossator.citations.quotable import FEWEST_WORDS, Piece, words
from glossator.citations.segment import clauses

Spans = Literal["sentences", "clauses"]
CLAUSE_START, STOP_SENTENCE, STOP_CLAUSE = -2.8, 2.9, -2.8
MOST_SENTENCES = 3
"""Sentences, or lines of code, that one quote may hold."""
_FENCES = ("```", "~~~")
_LINE = re.compile(r"\S(?:.*\S)?")
_BETWEEN = re.compile(r"[^\S\n]*\n?[^\S\n]*")
_MARKS = re.compile(f"[{OPEN}{CLOSE}]")

End = tuple[int, float]
"""Where a stretch may end, and the log-odds that it stops there."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, a row, or a line of code."""

    piece: int
    """Its piece's place among those of the passage."""
    starts: tuple[int, ...]
    """Where stretches may start, its own start first."""
    ends: tuple[End, ...]
    """Where they may end, its own end last."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The stretches that start at one place. Offsets are code points of the passage's text."""

    start: int
    piece: int
    ends: tuple[int, ...]
    """In order."""
    masses: tuple[float, ...]
    """How likely each is; those of all stretches of a piece add up to 1."""

    def cut(self, count: int) -> Stretch:
        """Only the first ends: the last of them takes the mass of those that are gone."""
        masses = (*self.masses[: count - 1], sum(self.masses[count - 1 :]))
        return replace(self, ends=self.ends[:count], masses=masses)


def stretches(pieces: Sequence[Piece], spans: Spans, spells: Callable[[str], bool]) -> list[Stretch]:
    """What may be quoted of the passage that these are the pieces of. `spells`: whether tokens can spell a text.

    >>> from glossator.citations.quotable import pieces
    >>> from glossator.records import Passage
    >>> text = "Iron falls, but zinc rises. It is rare."
    >>> shown = Passage(id="a", document_id="a", title="A", text=text, start=0, end=len(text))
    >>> [text[s.start : end] for s in stretches(pieces([shown]), "clauses", lambda _: True) for end in s.ends][:4]
    ['Iron falls', 'Iron falls, but zinc rises.', 'Iron falls, but zinc rises. It is rare.', 'but zinc rises.']
    """
    made: list[Stretch] = []
    seen: set[str] = set()
    most = MOST_SENTENCES if spans == "clauses" else 1
    for run in _runs(pieces, spans):
        for place, unit in enumerate(run):
            ends = [end for later in run[place : place + most] for end in later.ends]
            for start, share in zip(unit.starts, _shares(len(unit.starts)), strict=True):
                after = [end for end in ends if end[0] > start]
                sound = list(_sound(pieces[unit.piece].passage.text, start, after, spells, seen))
                if sound:
                    made.append(_stretch(start, unit.piece, sound, share))
    return _shared(made)


def _runs(pieces: Sequence[Piece], spans: Spans) -> Iterator[list[Unit]]:
    """Units that a stretch may run over: the sentences of a paragraph, the lines of a block of code."""
    run: list[Unit] = []
    for place, piece in enumerate(pieces):
        start, end = piece.start, piece.start + len(piece.text)
        whole = spans == "sentences" or piece.text.startswith(("|", *_FENCES))
        if run and (whole or not _BETWEEN.fullmatch(piece.passage.text, run[-1].ends[-1][0], start)):
            yield run
            run = []
        if not whole:
            run.append(_sentence(piece, place))
        elif spans == "clauses" and piece.text.startswith(_FENCES):
            yield [_whole(start + line.start(), start + line.end(), place) for line in _lines(piece.text)]
        else:
            yield [_whole(start, end, place)]
    yield run


def _lines(block: str) -> Iterator[re.Match[str]]:
    return (line for line in _LINE.finditer(block) if not line[0].startswith(_FENCES))


def _whole(start: int, end: int, piece: int) -> Unit:
    return Unit(piece, (start,), ((end, STOP_SENTENCE),))


def _sentence(piece: Piece, place: int) -> Unit:
    found = clauses(piece.text)
    ends = [clause.end - (piece.text[clause.end - 1] in ",;") for clause in found[:-1]]
    return Unit(
        place,
        (piece.start, *(piece.start + clause.start for clause in found[1:])),
        (*((piece.start + end, STOP_CLAUSE) for end in ends), (piece.start + len(piece.text), STOP_SENTENCE)),
    )


def _shares(count: int) -> list[float]:
    """How likely the start of a sentence is, and those of its inner clauses."""
    return [1.0, *[math.exp(CLAUSE_START)] * (count - 1)]


def _sound(text: str, start: int, ends: Sequence[End], spells: Callable[[str], bool], seen: set[str]) -> Iterator[End]:
    """The ends up to which the text is read back as it stands, and has not been a stretch before."""
    depth, last, wordy = 0, start, False
    for end, odds in ends:
        for sign in _MARKS.findall(text, last, end):
            depth += 1 if sign == OPEN else -1
            if depth < 0:
                return
        if not spells(text[last:end]):
            return
        last = end
        wordy = wordy or words(text[start:end]) >= FEWEST_WORDS
        if depth == 0 and wordy and text[start:end] not in seen:
            seen.add(text[start:end])
            yield end, odds


def _stretch(start: int, piece: int, ends: Sequence[End], share: float) -> Stretch:
    """What comes to an end stops there by its odds, and at the last end in any case."""
    masses, left = [], share
    for _, odds in ends[:-1]:
        masses.append(left / (1 + math.exp(-odds)))
        left -= masses[-1]
    return Stretch(start, piece, tuple(end for end, _ in ends), (*masses, left))


def _shared(made: Sequence[Stretch]) -> list[Stretch]:
    """The masses of each piece's stretches add up to 1."""
    whole: dict[int, float] = defaultdict(float)
    for stretch in made:
        whole[stretch.piece] += sum(stretch.masses)
    return [replace(s, masses=tuple(mass / whole[s.piece] for mass in s.masses)) for s in made]
