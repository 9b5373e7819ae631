"""Find markers and quotes in an answer, with offsets into the original text. Linear in the length of the text.

The forms of a marker stand in `forms`, what only looks like one in `context`; a quote stands in “curly quotes”, which
may nest. Markers inside a quote or in code are text.

Some forms are citations whatever they name: what names nothing that was shown is a false citation, and is counted.
Others are words of the text as often as citations: a section in round brackets, `(§ 4.2)`, a bare word in square
brackets, `[iron]`, and a link to no web address, `[text](page.md)`. These are markers only when the caller knows the
name, and text otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from glossator.citations.context import BESIDE, is_exponent, is_reference
from glossator.citations.forms import NUMBERS, Key, Style, bracketed, lenticular, numbers, parenthesised, raised

OPEN, CLOSE = "“", "”"
BLOCK = "\ufffc"
"""What `mask` puts in the place of a fenced block: one sign that is neither word, space nor punctuation."""

_QUOTE = re.compile(f"[{OPEN}{CLOSE}]")
_FENCE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}+|~{3,}+)[^\n`]*+(?:\n(?:.*\n)*? {0,3}(?P=fence)[`~]*[ \t]*$|\n(?s:.*)|\Z)", re.MULTILINE
)
_TICKS = re.compile(r"`+")
_MATHS = re.compile(r"\$\$[^$]+\$\$")
_CANDIDATE = re.compile(
    r"\[(?P<square>[^\[\]\n]{1,300})\]|\((?P<round>[^()\[\]\n]{2,300})\)|【(?P<lens>[^【】\n]{1,200})】"
    r"|\^(?P<caret>\d{1,3}(?:,\d{1,3}){0,9})(?![\w,.]?\d)(?:\^(?!\d))?"
    r"|(?P<raised>[⁰¹²³⁴-⁹]{1,4}(?:[,˒⁻][⁰¹²³⁴-⁹]{1,4}){0,9})"
)
_TARGET = re.compile(
    r"\(<?(?P<url>[^\s()<>]{1,500}(?:\([^\s()]{0,100}\)[^\s()<>]{0,100})?)>?(?: \"[^\"\n]{0,200}\")?\)"
)
_DEFINES = re.compile(r"\[\^|\]: ?<?http|[¹²³⁴-⁹]")
_DEFINITION = re.compile(
    r"^ {0,3}(?:\[\^(?P<name>[\w.-]{1,40})\]:|\[(?P<number>\d{1,4})\]:(?= <?https?://)|(?P<raised>[¹²³⁴-⁹]{1,3})(?= ))"
    r"[ \t]*(?P<what>.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted words; `start` and `end` enclose the quotation marks, `text` does not."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker as it stands in the text."""

    start: int
    end: int
    keys: tuple[Key, ...]
    """What it names, in the order written, ranges spelt out: numbers of shown passages, or names."""
    style: Style = "bracket"
    label: str = ""
    """The words of a link: they belong to the sentence."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The keys that are numbers."""
        return tuple(key for key in self.keys if isinstance(key, int))


@dataclass(frozen=True, slots=True)
class Definition:
    """A line that says what a footnote names: no statement of the answer."""

    start: int
    end: int
    key: Key
    text: str


def nothing_known(_name: str) -> bool:
    """No name is known: what may be text is text."""
    return False


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


def find_markers(text: str, known: Callable[[str], bool] = nothing_known) -> list[Marker]:
    """Markers outside quotes, code and definitions, left to right. `known` says whether a name is one of a source.

    >>> [marker.keys for marker in find_markers("A [1], b [2, 4], c `x[3]` and “d [5]” [1-3], e (Lee, 2020).")]
    [(1,), (2, 4), (1, 2, 3), ('Lee, 2020',)]
    >>> [marker.keys for marker in find_markers("See [iron], [sic] (§ 4).", {"iron"}.__contains__)]
    [('iron',)]
    """
    return markers_in(mask(text), known)


def markers_in(masked: str, known: Callable[[str], bool] = nothing_known) -> list[Marker]:
    """`find_markers` of a text that is masked already."""
    found: list[Marker] = []
    rejected = -1
    for candidate in _CANDIDATE.finditer(masked):
        marker = None if candidate.start() == rejected else _marker(candidate, masked, known)
        if marker is not None:
            found.append(marker)
        elif candidate["square"] and NUMBERS.fullmatch(candidate["square"]):
            rejected = candidate.end()
    defined = {definition.start for definition in definitions(masked)} if found else set()
    return [marker for marker in found if marker.start not in defined] if defined else found


def definitions(masked: str) -> list[Definition]:
    """The lines that define footnotes, in a text that is masked or holds no code.

    >>> definitions("Iron falls.[^1]\\n\\n[^1]: Blood, page 2")
    [Definition(start=17, end=36, key=1, text='Blood, page 2')]
    """
    found: list[Definition] = []
    if not _DEFINES.search(masked):
        return found
    for line in _DEFINITION.finditer(masked):
        start = line.start() + len(line[0]) - len(line[0].lstrip(" "))
        name = line["name"] or line["number"]
        key: Key = raised(line["raised"])[0] if line["raised"] else int(name) if name.isdecimal() else name
        found.append(Definition(start, line.end(), key, line["what"].strip()))
    return found


def find_definitions(text: str) -> list[Definition]:
    """The lines of an answer that define footnotes."""
    return definitions(mask(text)) if _DEFINES.search(text) else []


def mask(text: str) -> str:
    """The text with the inside of quotes and code blanked by `x`, and fenced blocks by `BLOCK`, offset for offset."""
    if OPEN in text:
        text = blank(text, ((quote.start + 1, quote.end - 1) for quote in find_quotes(text)))
    if "```" in text or "~~~" in text:
        text = blank(text, (found.span() for found in _FENCE.finditer(text)), BLOCK)
    if "`" in text:
        text = blank(text, _code(text))
    if "$$" in text:
        text = blank(text, (found.span() for found in _MATHS.finditer(text)))
    return text


def blank(text: str, places: Iterable[tuple[int, int]], sign: str = "x") -> str:
    """The text with `sign` in these places, which are in order and apart."""
    parts, last = [], 0
    for start, end in places:
        parts += [text[last:start], sign * (end - start)]
        last = max(start, end)
    return "".join([*parts, text[last:]])


def format_citation(quote: str, number: int) -> str:
    """The form the parser reads back: the marker, then the quoted words.

    The source comes first: a model chooses where to look before it copies, and a reader of a stream knows it at once.

    >>> format_citation("Ferritin falls first.", 2)
    '[2]: “Ferritin falls first.”'
    """
    return f"[{number}]: {OPEN}{quote}{CLOSE}"


def _marker(found: re.Match[str], text: str, known: Callable[[str], bool]) -> Marker | None:
    start, end = found.span()
    if found["square"]:
        return _square(found["square"], start, end, text, known)
    if found["round"]:
        read = parenthesised(found["round"])
        sure = read is not None and (read[0] != "section" or all(known(str(key)) for key in read[1]))
        return Marker(start, end, read[1], read[0]) if read and sure else None
    if found["lens"]:
        read = lenticular(found["lens"])
        return Marker(start, end, read[1], read[0]) if read else None
    if is_exponent(text, start, end):
        return None
    if found["caret"]:
        return Marker(start, end, numbers(found["caret"]), "caret")
    return Marker(start, end, raised(found["raised"]), "superscript")


def _square(inside: str, start: int, end: int, text: str, known: Callable[[str], bool]) -> Marker | None:
    target = _TARGET.match(text, end) if text.startswith("(", end) else None
    if target and not NUMBERS.fullmatch(inside.strip("^")):
        address = target["url"]
        sure = address.startswith(("http://", "https://")) or known(address)
        image = text.startswith("!", start - 1) and start > 0
        return Marker(start, target.end(), (address,), "link", inside) if sure and not image else None
    read = bracketed(inside)
    if read is None:
        return Marker(start, end, (inside,), "named") if known(inside) else None
    style, keys = read
    end = target.end() if target else end
    before, after = text[max(0, start - BESIDE) : start], text[end : end + BESIDE]
    if style != "footnote" and not is_reference(inside, before, after):
        return None
    return Marker(start, end, keys, style)


def _code(text: str) -> Iterator[tuple[int, int]]:
    """The inside of each stretch of inline code: as many backticks close it as open it, in the same paragraph."""
    runs = [(run.start(), run.end()) for run in _TICKS.finditer(text)]
    following: dict[int, int] = {}
    closes: list[int | None] = [None] * len(runs)
    for place in range(len(runs) - 1, -1, -1):
        length = runs[place][1] - runs[place][0]
        closes[place] = following.get(length)
        following[length] = place
    place = 0
    while place < len(runs):
        close = closes[place]
        if close is not None and text.find("\n\n", runs[place][1], runs[close][0]) < 0:
            yield runs[place][1], runs[close][0]
            place = close
        place += 1
