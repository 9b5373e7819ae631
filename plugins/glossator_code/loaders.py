"""Python files -> documents that are cut by symbol, so that a citation names module, class, method and lines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import groupby

from glossator import Document, Source, Unit
from glossator_code.source import Lines, decode, parse
from glossator_code.symbols import docstring_of, last_line, symbols

_LICENCE = re.compile(r"SPDX-License-Identifier:[ \t]*([\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*)")
HEAD = 2000
"""Code points in which the licence line is looked for."""
REST = -1
"""Owner of the lines that belong to no symbol: imports, constants, the code of a script."""


def read_python(data: bytes, name: str) -> list[Document]:
    """One document, with a unit for each symbol and for what stands between them; a blank file gives none.

    A file that does not parse is cut as plain text. The licence is that of its `SPDX-License-Identifier` line.
    """
    text = decode(data, name)
    licence = _LICENCE.search(text[:HEAD])
    source = Source(url=name, licence=licence[1] if licence else "unknown", sha256=digest(text))
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


def _units(text: str, module: str) -> Iterator[Unit]:
    """Every line has one owner, the innermost symbol around it; a run of lines of one owner is a unit."""
    tree = parse(text)
    if tree is None:
        return
    lines = Lines.of(text)
    found = list(symbols(tree, lines))
    names = [module, *(f"{module}.{symbol.name}" for symbol in found)]
    owners = [REST] * (len(lines) + 1)
    literal = docstring_of(tree)
    if literal is not None:
        owners[literal.lineno : last_line(literal) + 1] = [0] * (last_line(literal) + 1 - literal.lineno)
    for number, symbol in enumerate(found, 1):
        owners[symbol.above : symbol.last + 1] = [number] * (symbol.last + 1 - symbol.above)
    for owner, run in groupby(range(1, len(lines) + 1), key=owners.__getitem__):
        filled = [number for number in run if lines[number].strip()]
        if filled:
            yield _unit(lines, module if owner == REST else names[owner], filled[0], filled[-1])


def _unit(lines: Lines, place: str, first: int, last: int) -> Unit:
    start = lines.starts[first - 1]
    end = lines.starts[last - 1] + len(lines[last].rstrip("\r\n"))
    return Unit(start=start, end=end, locator=locator(place, first, last))
