"""What only looks like a citation, told by what stands around it.

A bracket with numbers is no citation when it is

* an index: glued to a name that prose does not have (`x[1]`, `my_list[1]`, `self.rows[1]`, `f(x)[1]`), or to any word
  that is assigned to or read from (`falls[1] = 2`, `row[1].name`); `falls[1]` in a sentence is a citation;
* an array: after a mathematical sign or an opening call (`x = [1, 2]`, `f([1, 2])`), or followed by one;
* an interval: a list of numbers after a word such as "interval", "range", "vector" or "CI", or one that holds 0 after
  "in", "on", "over", "from", "to" or "between", for passages count from 1;
* a year: `[2020] EWCA Civ 12`, unless a colon follows, which opens a quote of passage 2020;
* a paragraph of a judgment: `[2020] EWCA Civ 12 at [34]`, `para [34]`.

A raised number is an exponent after a digit, a single letter, a unit, a function or a short formula (10^6, x², cm²,
sin², CO²) and after a closing bracket that holds no word; it is a citation after a word or a punctuation mark.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[\w.]{1,40}$")
_VARIABLE = frozenset(
    "arr vec lst argv args nums buf idx dict tmp xs ys df ptr str mat params kwargs elem elems".split()
)
_DOTTED = re.compile(r"[a-z_]\w*\.[a-z_]\w*")
_CALL = re.compile(r"\w\([^()\s]{0,60}\)$")
_USED = re.compile(r"\s?[-+*/:|&]?=|\.[a-z_]|\s?[∪∩×∈]|\s\+\s|\(|\[(?=[a-z]\])")
_MATHS = re.compile(r"\s?=[^=]|\s?[∪∩×∈]|\s\+\s|\.[a-z]+\(")
_OPERATOR = re.compile(r"(?:[=∈∉⊂⊆∪∩×≈≤≥±]\s?|\$|\w\()$")
_ASSIGNED = re.compile(r"[=+]\s?$")
_INTERVAL = re.compile(
    r"\b(?:interval|range|array|list|vector|tuple|matrix|shape|sequence|CI|IQR|coordinate|bound|limit)s?"
    r"(?: of| is| are|:)? ?$",
    re.IGNORECASE,
)
_INTO = re.compile(r"\b(?:in|on|over|from|between|to|and|within) $", re.IGNORECASE)
_PINPOINT = re.compile(r"(?:\b[A-Z][\w.()]* \d{1,4},? at|\b[Pp]ara(?:graph)?s?\.?) $")
_BEFORE_PARAGRAPH = ("at ", "para ", "paras ", "paragraph ", "paragraphs ", ". ")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_LETTERS = re.compile(r"[^\W\d_]{1,20}$")
_WORDY = re.compile(r"[^\W\d_]{3,}[^()]*\)$")
_UNIT = frozenset(
    "cm mm km dm nm µm um μm ft yd mi kg mg ml dl ha mol hz in sec min sin cos tan log ln exp chi det".split()
)
BESIDE = 60
"""Code points before and after a bracket that are looked at."""


def is_reference(inside: str, before: str, after: str) -> bool:
    """Whether numbers in square brackets are a citation, told by the text before and after the brackets.

    >>> [is_reference("1", before, after) for before, after in (("iron falls", "."), ("x", " falls"), ("row", ".name"))]
    [True, False, False]
    >>> [is_reference("0, 1", before, "") for before in ("iron falls ", "x in ", "x = ")]
    [True, False, False]
    >>> is_reference("2020", "", " EWCA Civ 12"), is_reference("2020", "", ": “Iron falls.”")
    (False, True)
    """
    if _YEAR.fullmatch(inside) and not after.startswith(":"):
        return False
    listed = "," in inside or ";" in inside
    if listed and (_MATHS.match(after) or before.endswith((" + ", " +"))):
        return False
    if not before:
        return True
    if before[-1].isalnum() or before[-1] in "_)":
        return not _index(before, after)
    if _OPERATOR.search(before[-3:]) or (before.endswith(_BEFORE_PARAGRAPH) and _PINPOINT.search(before)):
        return False
    return not listed or not (_INTERVAL.search(before) or (inside.startswith("0") and _INTO.search(before)))


def is_exponent(text: str, start: int, end: int) -> bool:
    """Whether the raised number at `start` to `end` is a power, a charge or part of a formula.

    >>> [is_exponent(text, text.index("²"), text.index("²") + 1) for text in ("m²", "10²", "iron²", "(a+b)²")]
    [True, True, False, True]
    """
    if text[end : end + 1].isalnum() or text[end : end + 1] in tuple("⁺⁻ⁿ_{"):
        return True
    before = text[max(0, start - BESIDE) : start]
    if not before.strip():
        return True
    if before[-1] == ")":
        return not _WORDY.search(before)
    word = _LETTERS.search(before)
    if word is None:
        return before[-1] not in ".,;:!?…”’\"']】 "
    short = len(word[0]) == 1 or (len(word[0]) == 2 and word[0].isupper())
    return short or word[0].casefold() in _UNIT


def _index(before: str, after: str) -> bool:
    if _USED.match(after):
        return True
    if before[-1] == ")":
        return bool(_CALL.search(before))
    found = _NAME.search(before)
    name = found[0] if found else ""
    bare = name.rstrip("0123456789")
    return (
        "_" in name
        or bare in _VARIABLE
        or (len(bare) == 1 and bare.islower())
        or bool(_DOTTED.search(name))
        or bool(_ASSIGNED.search(before[: len(before) - len(name)]))
    )
