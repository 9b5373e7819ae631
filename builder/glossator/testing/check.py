"""The order of the examination, on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from glossator.errors import GlossatorError
from glossator.host import Host
from glossator.testing.corpus import corpus_problems
from glossator.testing.exploits import payment_problems
from glossator.testing.gold import gold_problems
from glossator.testing.material import Material, read_material
from glossator.testing.problem import Problem, Report
from glossator.testing.refusals import refusal_problems
from glossator.testing.schema import schema_problems
from glossator.testing.scorers import gold_score_problems, scorer_problems
from glossator.testing.split import split_problems
from glossator.testing.spoils import spoil_problems, try_spoils

Check = Callable[[Material], Iterator[Problem]]

DATA: tuple[Check, ...] = (schema_problems, corpus_problems, gold_problems)
"""What the files say."""
CONDUCT: tuple[Check, ...] = (split_problems, payment_problems, gold_score_problems, scorer_problems, refusal_problems)
"""What follows from it: asked of the questions whose data are in order, so that one fault is told once."""


def check_domain(host: Host, name: str) -> list[Problem]:
    """The problems of a domain; empty when it is sound.

    Raises InputError when no loaded plugin registers a domain of that name.
    """
    return list(examine(host, name).problems)


def examine(host: Host, name: str) -> Report:
    """The problems of a domain, and how often each spoil was caught. Raises InputError as `check_domain` does."""
    material, problems = read_material(host, host.domain(name))
    problems += _found(material, DATA)
    sound = material.without({problem.where for problem in problems})
    if not sound.documents or not sound.rows:
        return Report(problems=tuple(problems))
    problems += _found(sound, CONDUCT)
    try:
        trials = try_spoils(sound)
    except GlossatorError as error:
        return Report(problems=(*problems, _ended(error)))
    problems += spoil_problems(sound, trials.counts)
    return Report(problems=tuple(problems), spoils=trials.counts, references=trials.references, cut=trials.cut)


def _found(material: Material, checks: tuple[Check, ...]) -> list[Problem]:
    return list(chain.from_iterable(_complete(check, material) for check in checks))


def _complete(check: Check, material: Material) -> Iterator[Problem]:
    """The problems that a check finds; an error that ends it, from a plugin, is one of them."""
    try:
        yield from check(material)
    except GlossatorError as error:
        yield _ended(error)


def _ended(error: GlossatorError) -> Problem:
    return Problem(where="plugin", what=str(error), remedy="repair the plugin and check again")
