"""The standard library of the running interpreter: what its docstrings say, cited by module and line.

A document holds the whole module, so that line numbers and hashes are those of the file; only docstrings, with the
signature above them, are searched. Symbols that begin with an underscore are left out; modules that do are not, since
public classes live there (`pathlib.Path` in `pathlib._local`, `decimal.Decimal` in `_pydecimal`).
"""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from glossator import Document, Source, Unit
from glossator_code.loaders import digest, locator, module_name
from glossator_code.source import Lines, decode, parse
from glossator_code.symbols import docstring_of, symbols

TESTS = frozenset({"test", "tests", "idle_test"})
TOOLS = frozenset({"idlelib", "lib2to3", "turtledemo", "ensurepip", "pydoc_data"})
BUILT = frozenset({"site-packages", "dist-packages", "__pycache__", "lib-dynload"})
URL = f"https://docs.python.org/{sys.version_info.major}.{sys.version_info.minor}/library/"


def folder() -> Path:
    """Where the running interpreter keeps its modules."""
    return Path(sysconfig.get_path("stdlib"))


def skipped() -> frozenset[str]:
    """Names of files and folders there that are no library: tests, tools, what was installed or built."""
    return TESTS | TOOLS | BUILT | {path.name for path in folder().glob("config-*")}


def read_stdlib(data: bytes, name: str) -> list[Document]:
    """One document for a module that documents something; none for the others."""
    module = module_name(name)
    text = decode(data, name)
    tree = parse(text)
    units = tuple(_units(tree, Lines.of(text), module)) if tree else ()
    source = Source(url=URL, licence="PSF-2.0", sha256=digest(text))
    family = module.split(".", 1)[0]
    return [Document(id=name, title=module, text=text, source=source, family=family, units=units)] if units else []


def _units(tree: ast.Module, lines: Lines, module: str) -> Iterator[Unit]:
    """The module's docstring, then each public symbol from its decorators to the end of its docstring."""
    literal = docstring_of(tree)
    if literal is not None:
        yield _unit(lines, module, literal.lineno, literal)
    for symbol in symbols(tree, lines):
        described = docstring_of(symbol.node) if symbol.public else None
        if described is not None:
            yield _unit(lines, f"{module}.{symbol.name}", symbol.first, described)


def _unit(lines: Lines, place: str, first: int, literal: ast.Constant) -> Unit:
    last, column = literal.end_lineno, literal.end_col_offset
    assert last is not None
    assert column is not None
    return Unit(start=lines.starts[first - 1], end=lines.offset(last, column), locator=locator(place, first, last))
