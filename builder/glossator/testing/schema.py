"""Settings and prompts: every name is known, every prompt says something and is plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import as_file

from glossator.domain import Domain
from glossator.errors import GlossatorError, RecipeError
from glossator.testing.material import Material
from glossator.testing.problem import Problem

SETTINGS = ("domain.yaml", "policy.yaml")
PROMPTS = ("prompts/system.txt", "prompts/abstention.txt")

_PLACEHOLDER = re.compile(r"\{+[^{}\n]*\}+")


def schema_problems(material: Material) -> Iterator[Problem]:
    yield from _settings(material)
    yield from _files(material)
    yield from _unknown_scorers(material)


def _settings(material: Material) -> Iterator[Problem]:
    """The files as they are now; a plugin that reads them when it is loaded would have been refused already."""
    try:
        Domain.from_content(material.domain.content)
    except RecipeError as error:
        for line in error.problems:
            place, _, what = line.partition(" ")
            yield Problem(where=place.rstrip(":"), what=what, remedy="write it as `glossator new` does")
    except GlossatorError:  # a file that is missing or no text: told below, by name
        return


def _files(material: Material) -> Iterator[Problem]:
    with as_file(material.domain.content) as folder:
        for name in (*SETTINGS, *PROMPTS):
            try:
                text = (folder / name).read_bytes().decode("utf-8")
            except OSError as error:
                what = f"cannot be read: {error.strerror}"
                yield Problem(where=name, what=what, remedy="`glossator new` writes one to start from")
            except UnicodeDecodeError as error:
                line = error.object[: error.start].count(b"\n") + 1
                what = f"byte {error.start} is not UTF-8"
                yield Problem(where=f"{name}:{line}", what=what, remedy="convert the file")
            else:
                yield from _prompt(name, text) if name in PROMPTS else ()


def _prompt(name: str, text: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(where=f"{name}:1", what="is empty", remedy="say what the assistant is told")
    for number, line in enumerate(text.split("\n"), 1):
        for found in _PLACEHOLDER.findall(line):
            what = f"the placeholder {found} would reach the model as it stands: nothing is filled in"
            yield Problem(where=f"{name}:{number}", what=what, remedy="write the words themselves")


def _unknown_scorers(material: Material) -> Iterator[Problem]:
    for name in material.policy_names:
        if name not in material.host.scorers:
            path = ["rewards", "weights", name] if name in material.domain.rewards.weights else ["rewards", "gates"]
            yield Problem(
                where=material.policy.place(path),
                what=f"names scorers that no loaded plugin registers: {name}",
                remedy=f"known are {', '.join(material.host.scorers)}",
            )
