"""Claims whose support is known by construction: a sentence of a text, edited once.

An edit that `breaks` changes what the sentence says in one place (number, unit, date, entity, negation, modal,
comparator, role); one that keeps changes only how it says it. Every edit is a function of the sentence that gives None
where it does not apply.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foundry.text import Page

Edit = Callable[[str, Page, random.Random], str | None]

_NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.,-])\d+(?:\.\d+)?(?![\w]|[.,]\d)")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}(?: (?:of |the )?[A-Z][a-z]{2,}){0,3}\b")
_ASIDE = re.compile(r" \([^()]{3,80}\)|, (?:which|who) [^,.;]{8,90},")
_OPENER = re.compile(
    r"^(?:However|Therefore|Thus|For example|For instance|In addition|Moreover|Furthermore|In fact), (\w)"
)
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|have|had|can|could|will|would|may|might|must|should|does|do|did)\b(?! not|n't)"
)
_NEGATION = re.compile(r" (?:not|never)\b|(?<=\bcan)not\b")
_PLAIN_NUMBER = re.compile(r"\b\d{1,3}(?:,\d{3})+\b")
_THOUSANDS = re.compile(r"(?<=[a-z$] )(?!(?:1[5-9]|20)\d\d\b)\d{4,7}\b(?= [a-z])")

_UNITS = (
    ("milligrams", "grams", "kilograms", "micrograms"),
    ("mg", "g", "kg", "mcg"),
    ("mL", "L", "dL"),
    ("milliliters", "liters"),
    ("meters", "kilometers", "centimeters", "miles", "feet", "inches"),
    ("seconds", "minutes", "hours", "days", "weeks", "months", "years"),
    ("second", "minute", "hour", "day", "week", "month", "year"),
    ("bytes", "kilobytes", "megabytes", "gigabytes"),
    ("million", "billion", "thousand"),
    ("dollars", "euros", "cents"),
)
_MODALS = (
    ("must", "may"),
    ("shall", "may"),
    ("should", "need not"),
    ("may", "must"),
    ("can", "cannot"),
    ("cannot", "can"),
    ("may not", "may"),
    ("must not", "may"),
    ("always", "sometimes"),
    ("usually", "rarely"),
    ("often", "seldom"),
    ("rarely", "often"),
    ("never", "often"),
    ("all", "some"),
    ("most", "few"),
    ("some", "all"),
    ("both", "neither of the"),
    ("only", "also"),
    ("required", "permitted"),
    ("permitted", "forbidden"),
)
_COMPARATORS = (
    ("more than", "less than"),
    ("less than", "more than"),
    ("greater than", "less than"),
    ("at least", "at most"),
    ("at most", "at least"),
    ("higher", "lower"),
    ("lower", "higher"),
    ("larger", "smaller"),
    ("smaller", "larger"),
    ("increase", "decrease"),
    ("increases", "decreases"),
    ("increased", "decreased"),
    ("decrease", "increase"),
    ("decreases", "increases"),
    ("decreased", "increased"),
    ("before", "after"),
    ("after", "before"),
    ("above", "below"),
    ("below", "above"),
    ("first", "last"),
    ("earlier", "later"),
    ("faster", "slower"),
    ("better", "worse"),
    ("longer", "shorter"),
    ("maximum", "minimum"),
    ("minimum", "maximum"),
    ("up to", "from"),
    ("within", "beyond"),
    ("more", "fewer"),
    ("largest", "smallest"),
    ("highest", "lowest"),
    ("high", "low"),
    ("low", "high"),
)
_SAME = (
    ("more than", "over"),
    ("approximately", "about"),
    ("about", "approximately"),
    ("at least", "no fewer than"),
    ("because", "since"),
    ("however", "but"),
    ("such as", "like"),
    ("for example", "for instance"),
    ("many", "numerous"),
    ("also", "as well"),
    ("use", "make use of"),
    ("begin", "start"),
    ("begins", "starts"),
    ("called", "known as"),
    ("large", "big"),
    ("obtain", "get"),
    ("require", "need"),
    ("requires", "needs"),
    ("percent", "%"),
    ("United States", "U.S."),
    ("important", "significant"),
    ("often", "frequently"),
    ("usually", "generally"),
    ("in order to", "to"),
    ("help", "assist"),
    ("helps", "assists"),
    ("show", "demonstrate"),
    ("shows", "demonstrates"),
    ("children", "kids"),
    ("physician", "doctor"),
    ("cannot", "can not"),
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("is not", "isn't"),
    ("are not", "aren't"),
    ("did not", "didn't"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """An edited claim; `kind` is the name of the edit."""

    kind: str
    breaks: bool
    sentence: str
    claim: str


def number(text: str, page: Page, rng: random.Random) -> str | None:
    """Another value of a number that is no year and does not number an item."""
    found = [m for m in _NUMBER.finditer(text) if not _YEAR.fullmatch(m[0]) and text[m.start() - 1 : m.start()] != "("]
    return _swap(found, text, rng, _other_number)


def date(text: str, page: Page, rng: random.Random) -> str | None:
    """Another year or month."""
    return _swap([*_YEAR.finditer(text), *_MONTH.finditer(text)], text, rng, _other_date)


def unit(text: str, page: Page, rng: random.Random) -> str | None:
    """Another unit behind a number."""
    known = {name: [other for other in group if other != name] for group in _UNITS for name in group}
    pattern = re.compile(rf"(?<=\d )(?:{'|'.join(sorted(known, key=len, reverse=True))})\b")
    return _swap(list(pattern.finditer(text)), text, rng, lambda old, rng: rng.choice(known[old]))


def entity(text: str, page: Page, rng: random.Random) -> str | None:
    """Another name of the same page in the place of a name."""
    names = sorted({m[0] for sentence in page.sentences for m in _NAME.finditer(sentence)})
    others = [name for name in names if name not in text and not set(name.split()) & set(text.split())]
    return _swap(list(_NAME.finditer(text)), text, rng, lambda old, rng: rng.choice(others)) if others else None


def negation(text: str, page: Page, rng: random.Random) -> str | None:
    """A `not` taken out, or put behind the first auxiliary."""
    out = list(_NEGATION.finditer(text))
    if out:
        return _swap(out, text, rng, lambda old, rng: "")
    into = list(_AUXILIARY.finditer(text))[:1]
    return _swap(into, text, rng, lambda old, rng: "cannot" if old == "can" else f"{old} not")


def modal(text: str, page: Page, rng: random.Random) -> str | None:
    """Another strength: duty, permission, frequency, quantity."""
    return _reword(text, rng, _MODALS)


def comparator(text: str, page: Page, rng: random.Random) -> str | None:
    """The other direction of a comparison, change or order."""
    return _reword(text, rng, _COMPARATORS)


def role(text: str, page: Page, rng: random.Random) -> str | None:
    """Two names of the sentence change places."""
    names = list(_NAME.finditer(text))
    if len(names) < 2 or names[0][0] == names[1][0]:
        return None
    a, b = names[0], names[1]
    return text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def typography(text: str, page: Page, rng: random.Random) -> str | None:
    """Other quotation marks, dashes and spaces."""
    made = text.replace('"', "“").replace("'", "’").replace(" - ", " – ").replace("%", " %")
    return made if made != text else None


def grouping(text: str, page: Page, rng: random.Random) -> str | None:
    """The same number with or without its thousands separators."""
    if _PLAIN_NUMBER.search(text):
        return _PLAIN_NUMBER.sub(lambda m: m[0].replace(",", ""), text)
    return _THOUSANDS.sub(lambda m: f"{int(m[0]):,}", text) if _THOUSANDS.search(text) else None


def case(text: str, page: Page, rng: random.Random) -> str | None:
    """All small letters, without the full stop."""
    return text.lower().rstrip(".")


def synonym(text: str, page: Page, rng: random.Random) -> str | None:
    """A word that says the same."""
    return _reword(text, rng, _SAME)


def aside(text: str, page: Page, rng: random.Random) -> str | None:
    """Without a parenthesis or a relative clause between commas."""
    return _swap(list(_ASIDE.finditer(text)), text, rng, lambda old, rng: "")


def opener(text: str, page: Page, rng: random.Random) -> str | None:
    """Without the word that ties it to the sentence before."""
    return _OPENER.sub(lambda m: m[1].upper(), text) if _OPENER.search(text) else None


BREAKING: dict[str, Edit] = {
    edit.__name__: edit for edit in (number, unit, date, entity, negation, modal, comparator, role)
}
KEEPING: dict[str, Edit] = {edit.__name__: edit for edit in (typography, grouping, case, synonym, aside, opener)}


def mutants(page: Page, sentence: str, rng: random.Random) -> list[Mutant]:
    """Every single edit that applies to a sentence of a page."""
    return [
        Mutant(kind=name, breaks=breaks, sentence=sentence, claim=claim)
        for edits, breaks in ((BREAKING, True), (KEEPING, False))
        for name, edit in edits.items()
        if (claim := edit(sentence, page, rng)) is not None and claim != sentence
    ]


def _swap(
    found: Sequence[re.Match[str]], text: str, rng: random.Random, other: Callable[[str, random.Random], str]
) -> str | None:
    if not found:
        return None
    match = rng.choice(found)
    return f"{text[: match.start()]}{other(match[0], rng)}{text[match.end() :]}".replace("  ", " ")


def _reword(text: str, rng: random.Random, pairs: Sequence[tuple[str, str]]) -> str | None:
    known = dict(pairs)
    pattern = re.compile(rf"\b(?:{'|'.join(sorted(known, key=len, reverse=True))})\b")
    return _swap(list(pattern.finditer(text)), text, rng, lambda old, rng: known[old])


def _other_number(old: str, rng: random.Random) -> str:
    plain = old.replace(",", "")
    places = len(plain.partition(".")[2])
    value = float(plain)
    made = value
    while made == value:
        made = rng.choice(
            (value * rng.choice((2, 3, 10, 0.5)), value + rng.choice((1, 2, 5, -1, 10)), value * (1 + rng.random()))
        )
        made = round(abs(made), places) or value
    return f"{made:,.{places}f}" if "," in old else f"{made:.{places}f}"


def _other_date(old: str, rng: random.Random) -> str:
    if old in _MONTHS:
        return rng.choice([month for month in _MONTHS if month != old])
    return str(int(old) + rng.choice((-40, -11, -7, -3, -1, 1, 2, 5, 12, 30)))
