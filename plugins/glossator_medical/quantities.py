"""The numbers of a text as records: amounts with unit and comparator, frequencies, and which dose is how often."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from glossator_medical.notation import NUMBER, UNIT, plain_number, sentences, unit_name

DOSES = frozenset("mg g kg μg ng ml l unit mmol tablet capsule puff drop sachet injection spray teaspoon %".split())
_TO = r"(?: ?(?:to|-|through) ?| or )"
_START = r"(?<![\w.])(?<![a-z]-)"
"""Where a number begins: not inside another, nor in a name such as B12 or CURB-65."""
_SIGNED = rf"{_START}(?:(?<![\w)])-)?{NUMBER}"
_QUANTITY = re.compile(
    r"(?P<limit>\b(?:maximum|max|ceiling|highest dose|top dose|the most|limited to|allows?|limit of|limit is|minimum"
    r"|the least)\b)"
    rf"|\bevery (?P<every>{NUMBER})(?:{_TO}(?P<every_to>{NUMBER}))?[ -](?P<every_unit>{UNIT})"
    rf"|{_START}(?P<hourly>{NUMBER})(?:{_TO}(?P<hourly_to>{NUMBER}))?[ -]hourly\b"
    rf"|{_START}(?P<times>{NUMBER})(?:{_TO}(?P<times_to>{NUMBER}))?[ -]times?\b-? ?(?P<of>@\w+)?"
    r"|(?P<each>@\w+)"
    rf"|(?:(?P<op>[<>]=?|\b(?:within|after|before|over)) ?)?(?P<low>{_SIGNED})(?:[ -]?(?P<low_unit>{UNIT}))?"
    rf"(?: ?(?:to|-|through) ?(?P<high>-?{NUMBER})(?:[ -]?(?P<high_unit>{UNIT}))?)?"
    r"(?P<more> (?:or|and) (?:more|above|over|higher|greater|older|longer|later)\b|\+)?"
    r"(?P<less> (?:or|and) (?:less|fewer|below|under|lower|younger)\b"
    r"|(?=(?: @day| in a day)? as (?:the|a|its) (?:highest|maximum|top)\b))?"
)
_SHORT_TIME = frozenset({"second", "minute", "hour", "day"})
MOST_LISTED = 9
"""Doses that a list may hold before the last one."""
_LIST = re.compile(r",? (?:or|and) |, ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One number, range or frequency, in one notation."""

    comparator: str
    amount: str
    """Value and unit, both ends of a range: `500 mg - 1 g`; `2 times @day` for a frequency."""
    frequency: bool = False
    start: int = 0
    end: int = 0
    """Place in its sentence."""

    lone: bool = False
    """It fills a cell of a table, whose heading says whether it is a limit; a passage may not show the heading."""

    @property
    def unit(self) -> str:
        return self.amount.rpartition(" ")[2] if " " in self.amount else ""

    @property
    def is_dose(self) -> bool:
        return not self.frequency and self.unit.split("/")[0] in DOSES


def quantities(text: str) -> list[Quantity]:
    """Every number of a text, in order.

    >>> [q.comparator + q.amount for q in quantities("No more than 500 micrograms two to four times daily for 5 days")]
    ['<=500 μg', '2 - 4 times @day', '5 day']
    """
    return [quantity for sentence in sentences(text) for quantity in _read(sentence)]


def schedules(text: str) -> set[tuple[str, str]]:
    """Each frequency with the dose it belongs to: the last before it in its sentence, else the next after.

    >>> sorted(schedules("Naproxen 750 mg once, followed by 250 mg every 8 hours."))
    [('250 mg', 'every 8 hour'), ('750 mg', '1 times')]
    """
    return {pair for sentence in sentences(text) for pair in _schedules(_read(sentence), sentence)}


def _schedules(row: list[Quantity], sentence: str) -> Iterator[tuple[str, str]]:
    """Doses of one list ("5, 10 or 20 mg once daily") share their frequency."""
    doses: list[Quantity] = []
    waiting: list[str] = []
    for quantity in row:
        if quantity.frequency:
            yield from ((dose.amount, quantity.amount) for dose in doses)
            waiting += [] if doses else [quantity.amount]
        elif quantity.is_dose:
            listed = doses and _LIST.fullmatch(sentence, doses[-1].end, quantity.start)
            doses = [*doses[-MOST_LISTED:], quantity] if listed else [quantity]
            yield from ((quantity.amount, how_often) for how_often in dict.fromkeys(waiting))
            waiting = []


def _read(sentence: str) -> list[Quantity]:
    return _shared_units(list(_found(sentence)), sentence)


def _found(sentence: str) -> Iterator[Quantity]:
    limit = ""
    for found in _QUANTITY.finditer(sentence):
        if found["limit"]:
            limit = ">=" if found["limit"] in ("minimum", "the least") else "<="
            continue
        quantity = _frequency(found) or _amount(found, limit)
        limit = limit if quantity.frequency else ""
        yield replace(quantity, start=found.start(), end=found.end(), lone=_fills_cell(sentence, found))


def _fills_cell(sentence: str, found: re.Match[str]) -> bool:
    return sentence[max(0, found.start() - 2) : found.start()] == "| " and sentence.startswith(" |", found.end())


def _frequency(found: re.Match[str]) -> Quantity | None:
    if found["every"] or found["hourly"]:
        number = _range(found["every"] or found["hourly"], found["every_to"] or found["hourly_to"])
        amount = f"every {number} {unit_name(found['every_unit'] or 'hour')}"
    elif found["times"]:
        amount = f"{_range(found['times'], found['times_to'])} times {found['of'] or ''}".strip()
    else:
        amount = found["each"] or ""
    return Quantity(comparator="", amount=amount, frequency=True) if amount else None


def _amount(found: re.Match[str], limit: str) -> Quantity:
    low_unit, high_unit = (unit_name(found[name] or "") for name in ("low_unit", "high_unit"))
    low = f"{plain_number(found['low'])} {low_unit or high_unit}".strip()
    high = f" - {plain_number(found['high'])} {high_unit or low_unit}".rstrip() if found["high"] else ""
    operator = found["op"] or (">=" if found["more"] else "<=" if found["less"] is not None else limit)
    if operator == "over" and (high_unit or low_unit) not in _SHORT_TIME:
        operator = ">"
    return Quantity(comparator=operator, amount=low + high)


def _range(low: str, high: str | None) -> str:
    return f"{plain_number(low)} - {plain_number(high)}" if high else plain_number(low)


def _shared_units(row: list[Quantity], sentence: str) -> list[Quantity]:
    """In "5, 10 or 20 mg" the unit belongs to all three."""
    shared = False
    for place in range(len(row) - 2, -1, -1):
        here, after = row[place], row[place + 1]
        bare = not here.frequency and not here.unit and not after.frequency and after.unit
        joint = _LIST.fullmatch(sentence, here.end, after.start) if bare else None
        shared = joint is not None and (shared or joint[0] != ", ")
        if shared:
            row[place] = replace(here, amount=f"{here.amount} {after.unit}")
    return row
