"""One notation for the numbers of medical text: digits, units, comparators and frequencies written in one way.

Only the writing changes, never the amount.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from glossator import fold, visible

_ALIASES = {
    "mg": "milligram milligrams mgs",
    "g": "gram grams gramme grammes",
    "kg": "kilogram kilograms kilo kilos",
    "μg": "microgram micrograms mcg ug",
    "ng": "nanogram nanograms",
    "pg": "picogram picograms",
    "l": "litre litres liter liters",
    "dl": "decilitre decilitres deciliter deciliters",
    "ml": "millilitre millilitres milliliter milliliters cc",
    "mol": "mole moles",
    "mmol": "millimole millimoles",
    "μmol": "micromole micromoles umol",
    "nmol": "nanomole nanomoles",
    "pmol": "picomole picomoles",
    "mosm": "mosmol milliosmole milliosmoles",
    "meq": "milliequivalent milliequivalents",
    "unit": "units iu u",
    "%": "percent",
    "second": "seconds sec secs s",
    "minute": "minutes min mins",
    "hour": "hours hr hrs h",
    "day": "days",
    "week": "weeks wk wks",
    "month": "months",
    "year": "years yr yrs",
    "mmhg": "",
    "cmh2o": "",
    "kpa": "kilopascal kilopascals",
    "kcal": "kilocalorie kilocalories",
    "cm": "centimetre centimetres centimeter centimeters",
    "mm": "millimetre millimetres millimeter millimeters",
    "m": "metre metres meter meters",
    "m2": "m^2",
    "beat": "beats",
    "breath": "breaths",
    "bpm": "",
    "°c": "degrees degree °",
    "tablet": "tablets tabs tab pill pills",
    "capsule": "capsules",
    "puff": "puffs",
    "drop": "drops",
    "dose": "doses",
    "sachet": "sachets",
    "injection": "injections",
    "spray": "sprays",
    "teaspoon": "teaspoons",
}
_UNIT_OF = {alias: unit for unit, aliases in _ALIASES.items() for alias in [unit, *aliases.split()]}
_ATOM = (
    r"(?:10\^\d+|" + "|".join(re.escape(alias) for alias in sorted(_UNIT_OF, key=len, reverse=True)) + r")(?![^\W_])"
)
_PERIOD = r"(?:days?|weeks?|months?|years?|nights?|mornings?|evenings?|doses?)"
UNIT = rf"(?:x ?)?{_ATOM}(?:(?: ?/ ?| per )(?:1\.73 ?)?(?!{_PERIOD}\b){_ATOM})*|(?<=\d)[^\W\d_]+"
NUMBER = r"\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)?"

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORTH = {
    "a": 1,
    **{word: value for value, word in enumerate([*_ONES, *_TEENS], 1)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
}
_SCALE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)})"
_BELOW_1000 = rf"(?:(?:{_SMALL}|a) hundred(?:(?: and)? {_SMALL})?|{_SMALL})"
_WORDS = re.compile(
    rf"\b(?:{_BELOW_1000}|a(?= thousand| million))(?: thousand(?:(?: and)? {_BELOW_1000})?| million)?\b"
)
_COUNTED = re.compile(rf"(?:[- ]| (?:or|to) )(?:{_ATOM}|times|\d|{_SMALL})")

_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")
_FRACTIONS = {"½": "5", "¼": "25", "¾": "75"}
_FRACTION = re.compile(r"(?<!\d)(\d*)([½¼¾])")
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_POWER = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_THOUSANDS = re.compile(
    r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d)|(?<!\d)\d{1,3}(?:(?:[\u2009\u202f\u00a0]\d{3})+|(?: 000)+)(?!\d)"
)
_EACH = r"(?:(?:\b(?:a|an|per|each|every)|/) ?{}s?\b|\b{}\b)"
_SHORT = {"bd": 2, "tds": 3, "tid": 3, "qds": 4, "qid": 4}
_DATING = (
    "the|in|since|until|dated|revised|printed|january|february|march|april|may|june|july|august|september|october"
    "|november|december"
)
"""A year after one of these dates a source; it is no amount."""
_NOT = r"\b(?:not|n't|never|no|cannot)"
_RULES: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (rf"\b({_DATING}) (?:19|20)\d\d\b(?! ?(?:{_ATOM}))", r"\1 "),
    (r"\b\d (documents|sources|passages|pages|texts|editions|versions|leaflets|guides)\b", r"\1"),
    (r"\bper cent\b", "%"),
    (r"(?<=\d)\s*×\s*(?=10)", " x "),
    (r"\bmm hg\b", "mmhg"),
    (r"\bcm (?:of )?(?:h2o|water)\b", "cmh2o"),
    (r"\bdegrees? c(?:elsius)?\b", "°c"),
    (r"\b(?:international|iu) units?\b", "units"),
    (r"(?<=[a-z0-9] )(bd|tds|tid|qds|qid)\b", lambda found: f"{_SHORT[found[1]]} times daily"),
    (r"\bevery (?:other|second|alternate) |\balternate (?=days?\b)", "every 2 "),
    (r"\bonce(?= or twice| to twice|[ -](?:daily|weekly|monthly|an? |per |each |every )|[,.;)]|$)", "1 times"),
    (r"\btwice\b", "2 times"),
    (r"\bthrice\b", "3 times"),
    (r"1 times (or|to) 2 times", r"1 \1 2 times"),
    (r"\b(within|after|in|for|least|most|than|over|under) an? (?=(?:hour|minute|day|week|month|year)\b)", r"\1 1 "),
    *(
        (_EACH.format(period, adverb), f" @{period} ")
        for period, adverb in (
            ("day", "daily"),
            ("week", "weekly"),
            ("month", "monthly"),
            ("year", "(?:yearly|annually)"),
            ("night", "nightly"),
            ("dose", "(?!)"),
            ("morning", "(?!)"),
            ("evening", "(?!)"),
        )
    ),
    (r"\b(?:about|approximately|approx\.?|around|roughly|nearly|circa|some)(?= (?:\d|<|>))|[~≈](?= ?\d)", ""),
    (
        rf"{_NOT}(?: \w+)?? (?:(?:more|greater|higher|larger|longer|later|older) than|exceed(?:ing)?|above|over)\b",
        "<=",
    ),
    (
        rf"{_NOT}(?: be)? (?:(?:less|fewer|lower|smaller|shorter|earlier|younger) than|below|under)\b",
        ">=",
    ),
    (r"\b(?:less|lower|fewer|smaller) than or equal to\b|\bat (?:the )?most\b|\bup to\b|≤|=<", "<="),
    (r"\b(?:more|greater|higher) than or equal to\b|\bat (?:the )?least\b|≥|=>", ">="),
    (r"\b(?:below|under|(?:less|fewer|lower|smaller|shorter|younger|earlier) than)\b", "<"),
    (r"\b(?:above|beyond|exceed(?:s|ing)?|(?:more|greater|higher|larger|longer|older|later) than)\b", ">"),
    (r"\bthe age of (?=\d)", ""),
    (rf"\bbetween ({NUMBER}(?: ?(?:{UNIT}))?) and (?=\d)", r"\1 - "),
    (r"([<>]=?) +(?:an?|the|age of|another|further|additional|total of| )+(?=\d)", r"\1 "),
]
_COMPILED = [(re.compile(pattern), new) for pattern, new in _RULES]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each in one notation."""
    return (_one_notation(part) for part in _SENTENCE.split(visible(text)) if part)


def unit_name(written: str) -> str:
    """The canonical unit.

    >>> unit_name("micrograms per kilogram")
    'μg/kg'
    """
    parts = re.split(r" ?/ ?| per ", written.removeprefix("x").strip())
    return "/".join(_UNIT_OF.get(part, part.replace(" ", "").replace("m^2", "m2")) for part in parts)


def plain_number(written: str) -> str:
    """Digits without zeros that say nothing.

    >>> plain_number("08.50"), plain_number("140/90.0")
    ('8.5', '140/90')
    """
    return "/".join(_shortest(part) for part in written.split("/"))


def _one_notation(sentence: str) -> str:
    text = _FRACTION.sub(lambda found: f"{found[1] or 0}.{_FRACTIONS[found[2]]}", sentence)
    text = _POWER.sub(lambda found: "^" + found[0].translate(_POWERS), text)
    text = _THOUSANDS.sub(lambda found: re.sub(r"\D", "", found[0]), text)
    text = re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", text)
    text = re.sub(r"[^\x00-\x7f]", _ascii_digit, fold(text))
    text = _WORDS.sub(_digits, text)
    text = re.sub(
        r"(?<!\d)(\d{1,9}) (hundred|thousand|million)\b", lambda found: str(int(found[1]) * _SCALE[found[2]]), text
    )
    for pattern, new in _COMPILED:
        text = pattern.sub(new, text)
    return " ".join(text.split())


def _ascii_digit(found: re.Match[str]) -> str:
    value = unicodedata.decimal(found[0], -1)
    return found[0] if value < 0 else str(value)


def _digits(found: re.Match[str]) -> str:
    """A number in words as digits; a lone "one" only where it counts something."""
    if found[0] == "one" and not _COUNTED.match(found.string, found.end()):
        return found[0]
    total = part = 0
    for word in re.split(r"[- ]", found[0]):
        if word == "hundred":
            part *= 100
        elif word in _SCALE:
            total, part = total + part * _SCALE[word], 0
        else:
            part += _WORTH.get(word, 0)
    return str(total + part)


def _shortest(digits: str) -> str:
    whole, _, rest = digits.partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")
