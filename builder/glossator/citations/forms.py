"""The written forms of a citation: which there are, what each names, and how it is spelt.

| style | form | keys |
|---|---|---|
| bracket | `[1]`, `[1, 2]`, `[1;2]`, `[1-3]`, `[1](https://a.org)` | numbers |
| footnote | `[^1]`, `[^iron]` | numbers and words |
| caret | `^1`, `^1,2`, `^1^` | numbers |
| superscript | `¹²`, `¹,³`, `¹⁻³` | numbers |
| lenticular | `【1】`, `【1†source】`, `【4:0†source】` | numbers; a file and a place in it as one word |
| named | `[doc1]`, `[Doc 2]`, `[doc:chunk]` | words; numbers after the first |
| author | `(Smith, 2020)`, `(Smith et al., 2020a; Lee, 2019)` | words |
| section | `(§ 4.2)`, `(§ 4; § 6)` | words |
| link | `[text](https://a.org)` | the address |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Key = int | str
"""What a marker names: the number of a shown passage, or a name of it."""
Style = Literal["bracket", "footnote", "caret", "superscript", "lenticular", "named", "author", "section", "link"]
WIDEST_RANGE = 50

NUMBERS = re.compile(r"\d{1,4}(?: ?[,;–-] ?\d{1,4}){0,30}")
_PART = re.compile(r"(\d+) ?([,;–-]?)")
_FOOTNOTE = re.compile(r"\^[\w.-]{1,40}(?:[,;] ?\^[\w.-]{1,40}){0,30}")
_KIND = r"(?:doc|docs|document|documents|source|sources|passage|passages|ref|refs|reference|chunk|snippet|result)"
_NAME = rf"(?:{_KIND}[ _#:-]?\d{{1,4}}|[A-Za-z][\w./-]{{1,80}}:[\w.:/#?=&%~+-]{{1,200}})"
_NAMED = re.compile(rf"{_NAME}(?:[,;] ?(?:{_NAME}|\d{{1,4}})){{0,30}}", re.IGNORECASE)
_SECTION = re.compile(r"§{1,2} ?\d[\w.-]{0,20}(?:[,;] ?(?:§ ?)?\d[\w.-]{0,20}){0,10}")
_LENTICULAR = re.compile(r"(\d{1,4}:\d{1,4}|[\d ,;–-]{1,100})(?:†.*)?")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻˒", "0123456789-,")
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

_WORD = (
    r"(?:(?:van|von|der|den|de|del|della|di|da|la|le|el|al|bin|ter|du|dos) ){0,3}"
    r"[A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁ][^\W\d_]{0,30}(?:[’'-][^\W\d_]{1,30}){0,3}\.?"
)
_YEAR = r"(?:1[5-9]\d\d|20\d\d)[a-z]?|n\.d\."
_AUTHOR = re.compile(
    r"(?:(?:see also|see|cf\.|e\.g\.,?|as in) )?"
    rf"(?P<who>{_WORD}(?:(?:,? (?:and|&|of|for|the|on) |,? ){_WORD}){{0,6}}(?P<others>,? et al\.?)?)"
    rf"(?P<comma>,?) (?P<years>(?:{_YEAR})(?:, (?:{_YEAR})){{0,5}})"
    r"(?:, (?:pp?\.|paras?\.?|ch\.|§) ?[\w.–-]{1,20})?"
)
_NO_AUTHOR = frozenset(
    "Act Acts Regulation Regulations Rules Order Directive Code Convention Treaty Bill Statute Amendment Edition "
    "Version Table Figure Copyright January February March April May June July August September October November "
    "December Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Monday Tuesday Wednesday Thursday Friday Saturday "
    "Sunday Spring Summer Autumn Fall Winter Easter Christmas".split()
)
"""Last words before a year that make a date or a law of it."""


def numbers(inside: str) -> tuple[int, ...]:
    """The numbers of a list in the order written, ranges spelt out.

    >>> numbers("1-3, 7"), numbers("4-2")
    ((1, 2, 3, 7), (4, 2))
    """
    found: list[int] = []
    joined = False
    for digits, separator in _PART.findall(inside):
        value = int(digits)
        if joined and found[-1] < value <= found[-1] + WIDEST_RANGE:
            found.extend(range(found[-1] + 1, value + 1))
        else:
            found.append(value)
        joined = separator in ("-", "–") and separator != ""
    return tuple(found)


def bracketed(inside: str) -> tuple[Style, tuple[Key, ...]] | None:
    """What stands in square brackets, read as a citation.

    >>> bracketed("1;2"), bracketed("^1"), bracketed("Doc 2, 3"), bracketed("sic")
    (('bracket', (1, 2)), ('footnote', (1,)), ('named', ('Doc 2', 3)), None)
    """
    if NUMBERS.fullmatch(inside):
        return "bracket", numbers(inside)
    if _FOOTNOTE.fullmatch(inside):
        return "footnote", tuple(_key(part.strip().removeprefix("^")) for part in re.split("[,;]", inside))
    if _NAMED.fullmatch(inside):
        return "named", tuple(_key(part.strip()) for part in re.split("[,;]", inside))
    return None


def parenthesised(inside: str) -> tuple[Style, tuple[Key, ...]] | None:
    """What stands in round brackets, read as a citation: authors with years, or sections.

    >>> parenthesised("Smith et al., 2020a; Lee, 2019")
    ('author', ('Smith et al., 2020a', 'Lee, 2019'))
    >>> parenthesised("§§ 4.2, 6"), parenthesised("May, 2020"), parenthesised("2020")
    (('section', ('§ 4.2', '§ 6')), None, None)
    """
    if _SECTION.fullmatch(inside):
        return "section", tuple(f"§ {part.strip(' §')}" for part in re.split("[,;]", inside))
    if inside[-1:].isspace() or not re.search(r"\d\d\d\d|n\.d\.", inside):
        return None
    keys: list[Key] = []
    for part in inside.split(";"):
        found = _AUTHOR.fullmatch(part.strip())
        if not found or not (found["comma"] or found["others"]) or found["who"].split()[-1] in _NO_AUTHOR:
            return None
        keys += [f"{found['who']}, {year}" for year in found["years"].split(", ")]
    return "author", tuple(keys)


def lenticular(inside: str) -> tuple[Style, tuple[Key, ...]] | None:
    """What stands in lenticular brackets: a number or a list, then † and a word that says nothing.

    >>> lenticular("1†source"), lenticular("4:0†a.pdf")
    (('lenticular', (1,)), ('lenticular', ('4:0',)))
    """
    found = _LENTICULAR.fullmatch(inside)
    if not found:
        return None
    listed = found[1].strip()
    return ("lenticular", numbers(listed) if NUMBERS.fullmatch(listed) else (listed,)) if listed else None


def raised(signs: str) -> tuple[int, ...]:
    """The numbers of a run of superscript signs.

    >>> raised("¹,³"), raised("¹⁻³"), raised("¹²")
    ((1, 3), (1, 2, 3), (12,))
    """
    return numbers(signs.translate(_SUPERSCRIPT))


def format_marker(keys: Sequence[Key], style: Style) -> str:
    """The keys as a marker of this style, or as a row of markers where one marker names one thing only.

    >>> format_marker([1, 3], "bracket"), format_marker(["iron", 2], "footnote"), format_marker([1, 12], "superscript")
    ('[1, 3]', '[^iron][^2]', '¹,¹²')
    """
    words = [str(key) for key in keys]
    match style:
        case "bracket" | "named":
            return f"[{', '.join(words)}]"
        case "author" | "section":
            return f"({'; '.join(words)})"
        case "caret":
            return f"^{','.join(words)}"
        case "superscript":
            return ",".join(words).translate(_RAISED)
        case "footnote":
            return "".join(f"[^{word}]" for word in words)
        case "lenticular":
            return "".join(f"【{word}†source】" for word in words)
        case "link":
            return " ".join(f"[source]({word})" for word in words)


def _key(word: str) -> Key:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 4 else word
