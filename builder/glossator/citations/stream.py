"""The text of a model in pieces, cut anywhere -> its statements, each as soon as it is sure to be complete.

A statement is complete when the next one has begun and enough of that is there to be sure of it. One that opens with
the marker of a shown passage and a quote, `[2]: “...`, is also given word by word, as long as the words so far stand
in that passage; a word that does not is a doubt, and the rest waits for the whole statement.

What comes out depends on the text alone, never on where the pieces were cut, except that words come in other portions.
Work is linear in the length of the text: what is incomplete is looked at again only when it has grown by an eighth.
What a later part of the text may still change (a footnote that is defined at its end) is not foreseen here: whoever
shows the statements compares them with the whole text in the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from glossator.citations.parse import CLOSE, OPEN
from glossator.citations.segment import statements

AHEAD = 64
"""Code points of the next statement that decide whether it is one: an abbreviation, a marker, a wrapped line."""
STEP = 24
"""Least code points between two looks."""

_HEAD = re.compile(rf"\[(\d{{1,4}})\]: {OPEN}")
_LONGEST_HEAD = len(f"[9999]: {OPEN}")


@dataclass(frozen=True, slots=True)
class Words:
    """More words of a statement that quotes a shown passage, marker and quotation marks included."""

    text: str
    gap: str
    """What stood before the statement, with its first words; "" with later ones."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """The words given so far are no quote after all."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A complete statement, or a definition of a footnote."""

    text: str
    gap: str
    """White space since the statement before."""


Found = Words | Doubt | Whole


@dataclass(slots=True)
class _Quote:
    """A quote that has begun, and where in its passage the words so far may end."""

    source: str
    ends: Sequence[int]
    depth: int = 1

    def holds(self, sign: str) -> bool:
        """Take one more sign; whether it is still a quote of the passage."""
        self.depth += (sign == OPEN) - (sign == CLOSE)
        if self.depth:
            self.ends = [end + 1 for end in self.ends if self.source.startswith(sign, end)]
        return bool(self.ends)


@dataclass(slots=True)
class StatementStream:
    """Feed it pieces, close it; what it gives in between is what is sure."""

    sources: Mapping[int, str]
    """The texts that may be quoted, by the number of their passage."""
    _pending: list[str] = field(default_factory=list)
    _gap: str = ""
    _look: int = STEP
    """Length of the pending text at which it is looked at again."""
    _quote: _Quote | None = None
    _sure: list[str] = field(default_factory=list)
    """Words that are sure and not yet given."""
    _given: bool = False
    """Whether words of the pending statement are given already."""

    def feed(self, piece: str) -> Iterator[Found]:
        """Take a piece of text, of any length."""
        for sign in piece:
            yield from self._take(sign)
        yield from self._words()

    def close(self) -> Iterator[Found]:
        """The text has ended: everything that is left is complete."""
        text = "".join(self._pending)
        yield from self._wholes(text, statements(text))
        self._pending = []

    def _take(self, sign: str) -> Iterator[Found]:
        if not self._pending and sign.isspace():
            self._gap += sign
            return
        self._pending.append(sign)
        if self._quote is not None:
            yield from self._quoted(sign)
        elif sign == OPEN and len(self._pending) <= _LONGEST_HEAD:
            self._begin("".join(self._pending))
        if len(self._pending) >= self._look:
            yield from self._release("".join(self._pending))

    def _begin(self, head: str) -> None:
        found = _HEAD.fullmatch(head)
        source = self.sources.get(int(found[1])) if found else None
        if source is not None:
            self._quote, self._sure = _Quote(source, range(len(source))), [head]

    def _quoted(self, sign: str) -> Iterator[Found]:
        quote = self._quote
        if quote is None or not quote.depth:
            return
        if quote.holds(sign):
            self._sure.append(sign)
            return
        yield from self._words()
        quote.depth = 0
        yield Doubt()

    def _words(self) -> Iterator[Found]:
        """The head alone is not given: a quote begins with its first word."""
        if len(self._sure) > (not self._given):
            yield Words("".join(self._sure), "" if self._given else self._gap)
            self._given, self._sure = True, []

    def _release(self, text: str) -> Iterator[Found]:
        """Give what is complete of the pending text, and take the rest up anew."""
        places = statements(text)
        sure = sum(begin + AHEAD <= len(text) for begin, _ in places[1:])
        while sure and _open(text[: places[sure][0]]):
            sure -= 1
        if not sure:
            self._look = len(text) + max(STEP, len(text) // 8)
            return
        yield from self._words()
        yield from self._wholes(text, places[:sure])
        rest = text[places[sure - 1][1] :]
        self._pending, self._gap, self._quote = [], "", None
        self._look = len(rest) + STEP
        for sign in rest:
            yield from self._take(sign)

    def _wholes(self, text: str, places: Sequence[tuple[int, int]]) -> Iterator[Found]:
        last = 0
        for begin, end in places:
            yield Whole(text[begin:end], self._gap + text[last:begin])
            self._gap, last = "", end
        self._sure, self._given = [], False


def _open(text: str) -> bool:
    """Whether code or a formula may have begun that ends later: then no border in it is sure."""
    last = text.rpartition("\n\n")[2]
    return last.count("`") % 2 == 1 or text.count("$$") % 2 == 1
