"""Python files -> documents that are cut by symbol, so that a citation names module, class, method and lines."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from glossator import Document, Source, Unit
from glossator_code.source import Lines, decode, parse
from glossator_code.symbols import docstring_of, last_line, symbols

_LICENCE = re.compile(r"SPDX-License-Identifier:[ \t]*([\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*)")
HEAD = 2000
"""Code points in which the licence line is looked for."""
REST = -1
"""Owner of the lines that belong to no symbol: imports, constants, the code of a script."""
Span = tuple[str, int, int]
"""A name, and the first and last line that it stands for."""


def read_python(data: bytes, name: str) -> list[Document]:
    """One document, with a unit for each symbol and for what stands between them; a blank file gives none.

    A file that does not parse is cut as plain text. The licence is that of its `SPDX-License-Identifier` line.
    """
    text = decode(data, name)
    source = Source(url=name, licence=licence_of(text), sha256=digest(text))
    module = module_name(name)
    document = Document(id=name, title=module, text=text, source=source, family=name, units=tuple(_units(text, module)))
    return [document] if text.strip() else []


def module_name(name: str) -> str:
    """The dotted name under which a file is imported.

    >>> module_name("src/draywork/queue.py"), module_name("json/__init__.py")
    ('draywork.queue', 'json')
    """
    parts = name.rsplit(".", 1)[0].split("/")
    inner = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
    return ".".join(inner[:-1] if inner[-1] == "__init__" and len(inner) > 1 else inner)


def locator(place: str, first: int, last: int) -> str:
    """Where a reader finds it.

    >>> locator("draywork.queue.Queue.put", 46, 92), locator("draywork", 3, 3)
    ('draywork.queue.Queue.put, lines 46-92', 'draywork, line 3')
    """
    return f"{place}, line {first}" if first == last else f"{place}, lines {first}-{last}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def cut(lines: Lines, module: str, spans: Iterable[Span]) -> Iterator[Unit]:
    """Every line has one owner, the last span around it; a run of lines of one owner is a unit."""
    named = list(spans)
    owners = [REST] * (len(lines) + 1)
    for number, (_, first, last) in enumerate(named):
        owners[first : last + 1] = [number] * (last + 1 - first)
    for owner, run in groupby(range(1, len(lines) + 1), key=owners.__getitem__):
        filled = [number for number in run if lines[number].strip()]
        if filled:
            yield _unit(lines, module if owner == REST else named[owner][0], filled[0], filled[-1])


def licence_of(text: str) -> str:
    """That of the `SPDX-License-Identifier` line at its head."""
    licence = _LICENCE.search(text[:HEAD])
    return licence[1] if licence else "unknown"


def _units(text: str, module: str) -> Iterator[Unit]:
    tree = parse(text)
    return iter(()) if tree is None else cut(Lines.of(text), module, _spans(tree, Lines.of(text), module))


def _spans(tree: ast.Module, lines: Lines, module: str) -> Iterator[Span]:
    """The module's docstring, then its symbols, outer ones first."""
    literal = docstring_of(tree)
    if literal is not None:
        yield module, literal.lineno, last_line(literal)
    for symbol in symbols(tree, lines):
        yield f"{module}.{symbol.name}", symbol.above, symbol.last


def _unit(lines: Lines, place: str, first: int, last: int) -> Unit:
    start = lines.starts[first - 1]
    end = lines.starts[last - 1] + len(lines[last].rstrip("\r\n"))
    return Unit(start=start, end=end, locator=locator(place, first, last))
