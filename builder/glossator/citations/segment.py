"""Cut an answer into statements, with offsets.

A marker after the full stop belongs to the sentence before; a marker with a colon, `[2]:`, opens a statement.
"""

from __future__ import annotations

import re

from glossator.citations.parse import CLOSE, OPEN, find_markers, mask

_BREAK = re.compile(r"(?<=[.!?\]”])\s+(?=[A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁ0-9“\"'*•-]|\[\d{1,4}\]:)|\n+")
LONG_LINE, INDENT = 50, 40
"""Code points: a shorter line ends where its author ended it; how far a wrapped line may be indented."""
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|Dr|Mr|Ms|No|Art|vs|approx|cf|al|Fig|Sec|v)\.)$")

_BEFORE_NUMBER = re.compile(r"\b(?:arts?|chs?|cls?|nos?|paras?|pp?|regs?|schs?|secs?|ss?)\.$", re.IGNORECASE)


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
    cuts, start = [], 0
    for found in _BREAK.finditer(masked):
        if not _goes_on(masked, found.start(), found.end()):
            cuts.append((start, found.start()))
            start = found.end()
    cuts.append((start, len(text)))
    trimmed = [_trim(text, a, b) for a, b in cuts]
    return [(a, b) for a, b in trimmed if a < b]


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether what looks like a border stands inside a sentence: after an abbreviation, or where a line was wrapped."""
    before = text[max(0, start - 8) : start]
    numbered = text[end : end + 1].isdigit() and _BEFORE_NUMBER.search(before)
    return bool(_ABBREVIATION.search(before) or numbered) or _wrapped(text, start, end)


def _wrapped(text: str, start: int, end: int) -> bool:
    """Whether a line break stands inside a sentence: a long line that does not end it, and a small letter after."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    following = text[end : end + INDENT].lstrip()[:1]
    return (
        text[start:end] == "\n"
        and len(line) >= LONG_LINE
        and not line.startswith(("#", "|"))
        and (line[-1].isalnum() or line[-1] in ",–—-)’\"'”`")
        and (following.islower() or (following != "" and following in "(“\"'`"))
    )


def claim_of(statement: str) -> str:
    """What a statement claims: its words without markers and outer quotation marks.

    >>> claim_of("“Ferritin falls first.” [2]")
    'Ferritin falls first.'
    """
    kept, last = [], 0
    for marker in find_markers(statement):
        kept.append(statement[last : marker.start])
        last = marker.end
    bare = "".join([*kept, statement[last:]])
    return " ".join(bare.replace(OPEN, "").replace(CLOSE, "").split()).lstrip(": ")


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
