"""Do the words in quotation marks, of whatever kind, stand in the cited passages?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from glossator import Answer, Question, Score
from glossator_legal.sources import cited_passages

LEAST_WORDS = 4
"""Shorter quotes name a word or a term rather than repeat a source."""

_CLOSERS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", "❝": "❞", "〝": "〞"}
_STRAIGHT = "\"'‘‚＂″"
_OPENER = re.compile(rf"[{''.join(_CLOSERS)}]|(?<!\w)[{_STRAIGHT}](?=\S)")
_STRAIGHT_CLOSERS = {
    '"': re.compile(r'(?<=\S)"(?!\w)'),
    "＂": re.compile("＂"),
    "″": re.compile("″"),
    "'": re.compile(r"(?<=\S)'(?!\w)"),
    "‘": re.compile(r"(?<=\S)’(?!\w)"),
    "‚": re.compile("[‘’]"),
}
_POSSESSIVE = re.compile(r"(?<=s)['’] \w")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words in quotation marks; `start` and `end` enclose the marks."""

    start: int
    end: int
    text: str
    closed: bool
    """False when the closing mark is missing and the quote runs to the end."""


def quotes(text: str) -> list[Quoted]:
    """The outermost quotes of a text, left to right. An apostrophe is no quotation mark.

    >>> [quote.text for quote in quotes("The tenants' «right to quiet» and 'the landlord's duty' [1]")]
    ['right to quiet', "the landlord's duty"]
    """
    found: list[Quoted] = []
    place, hopeless = 0, set()
    while opener := _OPENER.search(text, place):
        mark, start = opener[0], opener.start()
        end = -1 if mark in hopeless else _closing(text, mark, start + 1)
        if end >= 0:
            found.append(Quoted(start, end + 1, text[start + 1 : end].strip(), True))
        elif mark in "'‘‚":
            hopeless.add(mark)
        else:
            return [*found, Quoted(start, len(text), text[start + 1 :].strip(), False)]
        place = end + 1 if end >= 0 else start + 1
    return found


def own_words(text: str) -> str:
    """The text with closed quotes blanked, offset for offset. An unclosed quote hides nothing."""
    kept, last = [], 0
    for quote in quotes(text):
        if quote.closed:
            kept += [text[last : quote.start], " " * (quote.end - quote.start)]
            last = quote.end
    return "".join([*kept, text[last:]])


def verbatim_only(question: Question, answer: Answer) -> Score:
    """Share of the quotes of four words or more that stand, letter for letter, in a passage their statement cites."""
    long = [quote for quote in quotes(answer.text) if len(_WORD.findall(quote.text)) >= LEAST_WORDS]
    if answer.abstained or not long:
        return Score(name="verbatim_only", value=None, why="nothing of four words or more is quoted")
    exact = sum(_stands(quote, answer) for quote in long)
    return Score(name="verbatim_only", value=exact / len(long), why=f"{exact} of {len(long)} verbatim")


def _stands(quote: Quoted, answer: Answer) -> bool:
    around = (s for s in answer.statements if s.start < quote.end and quote.start < s.end)
    return any(quote.text in passage.text for passage in cited_passages(around, answer))


def _closing(text: str, mark: str, start: int) -> int:
    """Place of the closing mark; -1 when there is none."""
    if mark in _CLOSERS:
        return _nested(text, mark, start)
    possible = -1
    limit = text.find(mark, start) if mark == "‘" else -1
    for found in _STRAIGHT_CLOSERS[mark].finditer(text, start, limit if limit >= 0 else len(text)):
        possible = found.start()
        if not _POSSESSIVE.match(text, possible):
            return possible
    return possible


def _nested(text: str, mark: str, start: int) -> int:
    depth = 1
    for found in re.compile(f"[{mark}{_CLOSERS[mark]}]").finditer(text, start):
        depth += 1 if found[0] == mark else -1
        if depth == 0:
            return found.start()
    return -1
