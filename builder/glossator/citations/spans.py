"""Words in any quotation marks: “curly”, "straight", ‘single’ and 'typed', in answers that do not keep to one kind.

A mark opens a quote when nothing, a space, a bracket or a dash stands before it and no space after it; it closes one
when no space stands before it and no letter or digit after it. So the apostrophes of "isn't" and "tenant's" are none.
The apostrophe of a plural ("the tenants' rights") may close a quote: it does when no later mark of the same paragraph
can.
"""

from __future__ import annotations

import re

from glossator.citations.parse import Quote, blank, find_quotes

FEWEST_WORDS = 3
"""Words of a quote: fewer in marks is a term, a title or irony."""
_PAIR = {'"': '"', "‘": "’", "'": "'"}
_MARK = re.compile(r"\"|‘|’|'|\n\s*\n")
_BEFORE = re.compile(r"[\s(\[{—–:-]")


def find_spans(text: str, fewest: int = FEWEST_WORDS) -> list[Quote]:
    """The outermost quotes of at least `fewest` words, left to right, in whatever marks; one that is open is none.

    >>> [quote.text for quote in find_spans("It isn't clear the tenant's “rent must be paid” or 'is not due'.")]
    ['rent must be paid', 'is not due']
    """
    curly = [quote for quote in find_quotes(text) if quote.end - quote.start == len(quote.text) + 2]
    rest = blank(text, ((quote.start, quote.end) for quote in curly))
    straight = [Quote(q.start, q.end, text[q.start + 1 : q.end - 1]) for q in _straight(rest)]
    outer = [quote for quote in curly if not any(q.start < quote.start and quote.end < q.end for q in straight)]
    found = sorted([*outer, *straight], key=lambda quote: quote.start)
    return [quote for quote in found if len(quote.text.split()) >= fewest]


def _straight(text: str) -> list[Quote]:
    quotes: list[Quote] = []
    start, last, closing = -1, -1, ""
    for mark in [*_MARK.finditer(text), None]:
        place = mark.start() if mark else len(text)
        ends = mark is None or mark[0].startswith("\n") or (mark[0] in _PAIR and _opens(text, place, closing))
        if closing and ends and last > start:
            quotes.append(Quote(start, last + 1, text[start + 1 : last]))
            start, closing = -1, ""
        if mark is None or mark[0].startswith("\n"):
            start, closing = -1, ""
        elif closing and mark[0] == closing and _closes(text, place):
            last = place
            if not _plural(text, place, closing):
                quotes.append(Quote(start, place + 1, text[start + 1 : place]))
                start, closing = -1, ""
        elif not closing and mark[0] in _PAIR and _opens(text, place, ""):
            start, last, closing = place, -1, _PAIR[mark[0]]
    return quotes


def _opens(text: str, place: int, closing: str) -> bool:
    """Whether a mark opens a quote; inside another one only a mark of the same kind matters."""
    if closing and _PAIR[text[place]] != closing:
        return False
    before, after = text[place - 1 : place] if place else " ", text[place + 1 : place + 2]
    return bool(_BEFORE.match(before)) and after != "" and not after.isspace()


def _closes(text: str, place: int) -> bool:
    return not text[place - 1].isspace() and not text[place + 1 : place + 2].isalnum()


def _plural(text: str, place: int, closing: str) -> bool:
    """Whether the mark may be the apostrophe of a plural: behind an s and before a small letter."""
    return closing in "’'" and text[place - 1] == "s" and text[place + 1 : place + 3].strip().islower()
