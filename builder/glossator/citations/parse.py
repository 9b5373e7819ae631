"""Find markers and quotes in an answer, with offsets into the original text. Linear in the length of the text.

A marker is `[2]`, `[1, 3]` or `[1-3]`; a quote stands in “curly quotes”, which may nest. Markers inside a quote or
inside backticks are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

OPEN, CLOSE = "“", "”"
WIDEST_RANGE = 50

_MARKER = re.compile(r"\[(\d{1,4}(?: ?[,;–-] ?\d{1,4}){0,30})\]")
_QUOTE = re.compile(f"[{OPEN}{CLOSE}]")
_PART = re.compile(r"(\d+) ?([,;–-]?)")


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted words; `start` and `end` enclose the quotation marks, `text` does not."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Marker:
    """One bracket; `numbers` in the order written, ranges spelt out."""

    start: int
    end: int
    numbers: tuple[int, ...]


def find_quotes(text: str) -> list[Quote]:
    """Outermost quotes, left to right; an unclosed quote reaches to the end.

    >>> [quote.text for quote in find_quotes("So: “a “nested” quote” [1], “next”")]
    ['a “nested” quote', 'next']
    """
    quotes, depth, start = [], 0, 0
    for mark in _QUOTE.finditer(text):
        place = mark.start()
        if mark[0] == OPEN:
            start = place if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                quotes.append(Quote(start, place + 1, text[start + 1 : place]))
    if depth:
        quotes.append(Quote(start, len(text), text[start + 1 :]))
    return quotes


def find_markers(text: str) -> list[Marker]:
    """Markers outside quotes and code.

    >>> [marker.numbers for marker in find_markers("A [1], b [2, 4], c `x[3]` and “d [5]” [1-3].")]
    [(1,), (2, 4), (1, 2, 3)]
    """
    return [Marker(m.start(), m.end(), _numbers(m[1])) for m in _MARKER.finditer(mask(text))]


def mask(text: str) -> str:
    """The text with the inside of quotes and code blanked by `x`, offset for offset."""
    characters = list(text)
    for quote in find_quotes(text):
        characters[quote.start + 1 : quote.end - 1] = "x" * (quote.end - quote.start - 2)
    code: int | None = None
    for place, character in enumerate(characters):
        if character == "`" and code is None:
            code = place
        elif character == "`" and code is not None:
            characters[code + 1 : place] = "x" * (place - code - 1)
            code = None
    return "".join(characters)


def format_citation(quote: str, number: int) -> str:
    """The form the parser reads back: the marker, then the quoted words.

    The source comes first: a model chooses where to look before it copies, and a reader of a stream knows it at once.

    >>> format_citation("Ferritin falls first.", 2)
    '[2]: “Ferritin falls first.”'
    """
    return f"[{number}]: {OPEN}{quote}{CLOSE}"


def _numbers(inside: str) -> tuple[int, ...]:
    numbers: list[int] = []
    joint: Literal["", "range"] = ""
    for digits, separator in _PART.findall(inside):
        value = int(digits)
        if joint and numbers and numbers[-1] < value <= numbers[-1] + WIDEST_RANGE:
            numbers.extend(range(numbers[-1] + 1, value + 1))
        else:
            numbers.append(value)
        joint = "range" if separator in ("-", "–") and separator else ""
    return tuple(numbers)
