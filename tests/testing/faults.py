"""Planting faults: what the tests of files and of gold share."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Copy

Plant = Callable[[Copy], str]
"""Plants one fault; returns how the problem that tells of it begins."""


def assert_only(fault: Plant, copy: Copy) -> None:
    """The planted fault is the only problem, and the problem has a remedy."""
    expected = fault(copy)
    told = copy.problems()
    assert len(told) == 1, told
    assert told[0].startswith(expected)
    assert "; " in told[0][len(expected) - 1 :]


def some_document(copy: Copy, split: str = "test") -> str:
    """A document that no question of the other split rests on."""
    name: str = copy.rows(split)[copy.first(split) - 1]["gold_doc_ids"][0]
    return f"corpus/{name}.md"


def front_line(copy: Copy, name: str, key: str) -> int:
    lines = (copy.content / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:"))


def set_front(copy: Copy, key: str, value: str | None) -> str:
    """Set or remove a key of the front matter; returns the place of what is left."""
    name = some_document(copy)
    path, line = copy.content / name, front_line(copy, name, key)
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[line - 1 : line] = [] if value is None else [f"{key}: {value}"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return f"{name}:{1 if value is None else line} document {path.stem!r}: "


def line_of(copy: Copy, words: str, name: str = "policy.yaml") -> int:
    lines = (copy.content / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)
