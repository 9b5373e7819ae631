"""Least figures that a run has to reach, and the file by which a build server shows which it missed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from glossator.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A figure and the least that it may be."""

    name: str
    least: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A threshold and what was measured."""

    threshold: Threshold
    value: float | None
    """None: nothing could be measured, which is a miss."""

    @property
    def missed(self) -> bool:
        return self.value is None or self.value < self.threshold.least

    def __str__(self) -> str:
        value = "nothing to measure" if self.value is None else f"{self.value:.4f}"
        return f"{self.threshold.name}: {value}, at least {self.threshold.least:g} is asked"


def read_thresholds(given: Sequence[str], known: Collection[str], errors: Collection[str] = ()) -> list[Threshold]:
    """`NAME=VALUE` of the command line. Raises InputError for an unknown figure, a rate of error, or no number."""
    return [_threshold(text, known, errors) for text in given]


def outcomes(thresholds: Sequence[Threshold], figures: Mapping[str, float | None]) -> list[Outcome]:
    """Each threshold with the figure it is about."""
    return [Outcome(threshold=one, value=figures.get(one.name)) for one in thresholds]


def junit(suite: str, found: Sequence[Outcome], figures: Mapping[str, float | None]) -> str:
    """The outcomes as JUnit XML: a test case for each threshold, every figure as a property."""
    missed = sum(one.missed for one in found)
    root = ElementTree.Element("testsuites")
    made = ElementTree.SubElement(root, "testsuite", name=suite, tests=str(len(found)), failures=str(missed))
    properties = ElementTree.SubElement(made, "properties")
    for name, value in figures.items():
        ElementTree.SubElement(properties, "property", name=name, value="" if value is None else f"{value:.4f}")
    for one in found:
        case = ElementTree.SubElement(made, "testcase", classname=suite, name=one.threshold.name)
        if one.missed:
            ElementTree.SubElement(case, "failure", message=str(one))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _threshold(text: str, known: Collection[str], errors: Collection[str]) -> Threshold:
    name, _, number = (part.strip() for part in text.partition("="))
    if any(name == error or name.startswith(f"{error}_") for error in errors):
        raise InputError(f"--fail-under {text}: {name!r} is a rate of error, where less is better")
    if name not in known:
        near = difflib.get_close_matches(name, list(known), n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"--fail-under {text}: no figure {name!r}; {hint}Known: {', '.join(known)}")
    try:
        least = float(number)
    except ValueError:
        least = float("nan")
    if not 0 <= least <= 1:
        raise InputError(f"--fail-under {text}: give a number from 0 to 1, such as {name}=0.8")
    return Threshold(name=name, least=least)
