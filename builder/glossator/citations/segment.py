"""Cut an answer into statements and clauses, with offsets. Linear in the length of the text.

A marker after the full stop belongs to the sentence before; a marker with a colon, `[2]:`, or at the head of a line
opens a statement. An item of a list, a row of a table, the definition of a footnote and a fenced block are each one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from glossator.citations.abbreviations import goes_on
from glossator.citations.parse import BLOCK, CLOSE, OPEN, Marker, blank, definitions, find_markers, markers_in, mask

_BREAK = re.compile(
    r"(?:(?<=[.!?…\]”])|(?<=[.!?…][)\"'’»*_])|(?<=[.!?]\*\*))\s+"
    r"(?=[A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁ0-9“‘\"'`*•§-]|\([A-Z]|\[[A-Z]\]|\[\d{1,4}\]:)|\n+"
)
SQUARE = frozenset({"bracket", "footnote", "named"})
"""Styles of marker that stand in square brackets as they are written."""
LONG_LINE, INDENT = 50, 40
"""Code points: a shorter line ends where its author ended it; how far a wrapped line may be indented."""
_LEADS_IN = re.compile(
    r"(?:\b(?:in|to|see|per|by|of|and|or|from|under|with|cf\.|like|as|than|on|at|for|both|is|are|compare|via|that|than)"
    r"|,)$",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r";\s+|\s+[–—]\s+|,\s+(?=(?:and|but|or|nor|so|yet|while|whereas|which|because|although|though|since|unless|if|when|"
    r"where|who)\b)|\s+(?=(?:but|whereas|because|although|unless)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A part of a statement and the markers that speak for it: its own, up to the next clause."""

    start: int
    end: int
    markers: tuple[Marker, ...]


def statements(text: str) -> list[tuple[int, int]]:
    """Start and end of each statement, without the space between.

    >>> text = "Ferritin falls. [1] “B12 is low.” [2] See No. 4 below."
    >>> [text[a:b] for a, b in statements(text)]
    ['Ferritin falls. [1]', '“B12 is low.” [2]', 'See No. 4 below.']
    >>> statements("Liability is capped under s. 9.2 and art. 4. [1]")
    [(0, 48)]
    >>> text = "[1]: “Ferritin falls.” [2]: “B12 is low.”"
    >>> [text[a:b] for a, b in statements(text)]
    ['[1]: “Ferritin falls.”', '[2]: “B12 is low.”']
    >>> text = "A line that was wrapped by its author goes on in the\\nnext one. A new sentence.\\n- An item"
    >>> [text[a:b] for a, b in statements(text)]
    ['A line that was wrapped by its author goes on in the\\nnext one.', 'A new sentence.', '- An item']
    """
    masked = mask(text)
    markers = markers_in(masked)
    shape = _shape(masked, markers)
    runs = {marker.end: marker for marker in markers}
    cuts, begin, line = [], 0, 0
    for found in _BREAK.finditer(shape):
        start, end = found.span()
        newline = "\n" in found[0]
        inside = _wrapped if newline else _goes_on
        if not inside(shape, line, begin, start, end, runs):
            cuts.append((begin, start))
            begin = end
        line = end if newline else line
    cuts.append((begin, len(text)))
    trimmed = [_trim(text, a, b) for a, b in cuts]
    return [(a, b) for a, b in trimmed if a < b]


def clauses(text: str) -> list[Clause]:
    """The clauses of a statement: a marker ends the one that it speaks for, and so do signs and words that join two.

    A marker behind the full stop speaks for the last clause; one at the head, or with a colon, for the first that
    follows. The clauses are apart, in order, and hold every word.

    >>> text = "Iron falls [1], and zinc, which is rare, rises [2][3]."
    >>> [(text[c.start : c.end], [m.keys[0] for m in c.markers]) for c in clauses(text)]
    [('Iron falls [1],', [1]), ('and zinc,', []), ('which is rare, rises [2][3].', [2, 3])]
    """
    masked = mask(text)
    markers = markers_in(masked)
    covered = blank(masked, ((marker.start, marker.end) for marker in markers), BLOCK)
    head = next((place for place, sign in enumerate(covered) if sign.isalnum()), len(text))
    cuts = {found.end() for found in _SPLIT.finditer(covered)}
    for marker, after in zip_longest(markers, markers[1:]):
        adjoins = after is not None and not _wordy(covered[marker.end : after.start])
        if not adjoins and not text.startswith(":", marker.end) and head < marker.start:
            cuts.add(_skip(text, marker.end))
    return _clauses(text, sorted(cuts | {0, len(text)}), covered, markers)


def claim_of(statement: str, markers: Sequence[Marker] | None = None) -> str:
    """What a statement claims: its words without markers and outer quotation marks. The words of a link stay.

    >>> claim_of("“Ferritin falls first.” [2]")
    'Ferritin falls first.'
    >>> claim_of("[Ferritin](https://a.org) falls first (Lee, 2020).")
    'Ferritin falls first .'
    """
    kept, last = [], 0
    for marker in find_markers(statement) if markers is None else markers:
        kept += [statement[last : marker.start], marker.label]
        last = marker.end
    bare = "".join([*kept, statement[last:]])
    return " ".join(bare.replace(OPEN, "").replace(CLOSE, "").split()).lstrip(": ")


def _shape(masked: str, markers: Sequence[Marker]) -> str:
    """The text as borders see it, offset for offset.

    Every marker is a bracket, or a word when it opens a sentence, and every definition one block.
    """
    text = blank(masked, ((line.start, line.end) for line in definitions(masked)), BLOCK)
    parts, last = [], 0
    for marker in markers:
        if marker.style not in SQUARE:
            inside, final = ("X", "X") if _opens(masked, marker) else ("[", "]")
            parts += [text[last : marker.start], inside * (marker.end - marker.start - 1), final]
            last = marker.end
    return "".join([*parts, text[last:]]) if parts else text


def _opens(text: str, marker: Marker) -> bool:
    """Whether a link is a word of the sentence after it."""
    return marker.style == "link" and text[marker.end : marker.end + 2].strip().islower()


def _goes_on(text: str, line: int, begin: int, start: int, end: int, runs: dict[int, Marker]) -> bool:
    """Whether what looks like a border stands inside a sentence, an item or a row."""
    if text[line : line + INDENT].lstrip(" ").startswith("|"):
        return True
    if text[start - 1] == "]":
        return _noun(text, max(line, begin), start, runs)
    return goes_on(text, max(line, begin), start, end)


def _noun(text: str, begin: int, end: int, runs: dict[int, Marker]) -> bool:
    """Whether the markers before `end` are a part of the sentence: they open it, or a word leads in to them.

    A number in square brackets otherwise ends what it stands behind, with or without a full stop.
    """
    style = runs[end].style if end in runs else None
    place = end
    while place in runs:
        place = runs[place].start
        while place > begin and text[place - 1] == " ":
            place -= 1
    before = text[max(begin, place - INDENT) : place]
    if style is None or not before.strip(" -*+•"):
        return style is not None
    if before.rstrip("*_)\"'’»")[-1:] in tuple(".!?…") or before[-1] in "”:":
        return False
    return style not in ("bracket", "footnote", "named", "lenticular") or bool(_LEADS_IN.search(before))


def _wrapped(text: str, line: int, begin: int, start: int, end: int, _runs: dict[int, Marker]) -> bool:
    """Whether a line break stands inside a statement: a long line that does not end it, and a small letter after."""
    if end - start > 1 or start - line < LONG_LINE or text[line] in "#|":
        return False
    if goes_on(text, max(line, begin), start, end):
        return True
    following = text[end : end + INDENT].lstrip()[:1]
    return (text[start - 1].isalnum() or text[start - 1] in ",–—-)’\"'”`") and (
        following.islower() or (following != "" and following in "(“\"'`")
    )


def _clauses(text: str, cuts: Sequence[int], covered: str, markers: Sequence[Marker]) -> list[Clause]:
    """The stretches between the cuts; one without a word of its own joins the one before."""
    places: list[tuple[int, int]] = []
    for start, end in pairwise(cuts):
        if places and not (_wordy(covered[start:end]) and _wordy(covered[slice(*places[-1])])):
            places[-1] = places[-1][0], end
        else:
            places.append((start, end))
    trimmed = [(*_trim(text, start, end), end) for start, end in places]
    made, first = [], 0
    for start, end, border in trimmed:
        last = first
        while last < len(markers) and markers[last].start < border:
            last += 1
        made.append(Clause(start=start, end=end, markers=tuple(markers[first:last])))
        first = last
    return [clause for clause in made if clause.start < clause.end]


def _skip(text: str, place: int) -> int:
    """Behind the punctuation and spaces that follow."""
    while place < len(text) and text[place] in " ,;.!?":
        place += 1
    return place


def _wordy(part: str) -> bool:
    return any(sign.isalnum() for sign in part)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
