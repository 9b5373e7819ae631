"""The classes and functions of a module, with the lines and the docstring of each.

The standard library's `ast` is used rather than a parser for many languages: it is exact for the Python that runs,
knows decorators and docstrings as such, and is no further dependency.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from glossator_code.source import Lines

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One class or function that is not inside a function."""

    name: str
    """Dotted, below its module: `Queue.put`."""
    node: Definition
    above: int
    """Its first line, comments directly above included."""
    first: int
    """Its first line, decorators included."""
    last: int

    @property
    def public(self) -> bool:
        """Whether no part of its name begins with an underscore; the constructor of a public class is public."""
        *owners, own = self.name.split(".")
        return not any(part.startswith("_") for part in owners) and (own in CONSTRUCTORS or not own.startswith("_"))


CONSTRUCTORS = frozenset({"__init__", "__new__"})


def symbols(tree: ast.Module, lines: Lines) -> Iterator[Symbol]:
    """Symbols in order of their lines, a class before its members; those in `if` and `try` blocks too.

    A stack and no recursion: a long chain of `elif` is nested as deeply as it is long.
    """
    stack = _below(tree, "", 0)
    while stack:
        node, prefix, floor = stack.pop()
        if isinstance(node, Definition):
            name = prefix + node.name
            yield _symbol(node, name, lines, floor)
            stack += _below(node, f"{name}.", node.lineno) if isinstance(node, ast.ClassDef) else []
        else:
            stack += _below(node, prefix, node.lineno)


def docstring_of(node: ast.Module | Definition) -> ast.Constant | None:
    """The literal that documents a module, class or function; None where none says anything."""
    if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
        literal = node.body[0].value
        return literal if isinstance(literal.value, str) and literal.value.strip() else None
    return None


def last_line(node: ast.expr | ast.stmt) -> int:
    """The line a node ends on; a parsed node always has one."""
    return node.end_lineno or node.lineno


Entry = tuple[ast.stmt, str, int]
"""A statement, the prefix of names in it, and the line that it surely stands below."""


def _below(node: ast.Module | ast.stmt, prefix: str, floor: int) -> list[Entry]:
    """The statements directly in a block, last one first."""
    inner = list(_statements(node))
    floors = [floor, *(last_line(before) for before, _ in pairwise(inner))]
    return [(statement, prefix, above) for statement, above in zip(inner, floors, strict=False)][::-1]


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from _statements(child)


def _symbol(node: Definition, name: str, lines: Lines, floor: int) -> Symbol:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    while node.decorator_list and first > floor + 1 and not lines[first].lstrip().startswith("@"):
        first -= 1  # of `@(` with the rest on further lines, `ast` names the rest
    above = first
    while above > floor + 1 and lines[above - 1].lstrip().startswith("#"):
        above -= 1
    return Symbol(name=name, node=node, above=above, first=first, last=last_line(node))
