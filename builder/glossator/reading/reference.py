"""How the process that reads is told which loader: by name, never by code."""

from __future__ import annotations

import importlib
import json
from dataclasses import asdict, is_dataclass
from functools import reduce
from typing import Any

from glossator.records import ReadFile

_PLAIN = (str, int, float, bool, type(None))


def reference_of(read: ReadFile) -> str:
    """A function of a module, or an instance of a dataclass with plain fields, as JSON.

    Raises ValueError, which says why, for what another process cannot find.

    >>> from glossator.reading.limits import confine
    >>> reference_of(confine)
    '{"module": "glossator.reading.limits", "name": "confine", "fields": null}'
    """
    fields: dict[str, Any] | None = None
    named: Any = read
    if is_dataclass(read):
        named, fields = type(read), asdict(read)
        odd = [name for name, value in fields.items() if not isinstance(value, _PLAIN)]
        if odd:
            raise ValueError(f"its field {odd[0]!r} is no plain value")
    told = json.dumps({"module": _of(named, "__module__"), "name": _of(named, "__qualname__"), "fields": fields})
    if resolve(told) != read:
        raise ValueError("its name means something else")
    return told


def resolve(told: str) -> ReadFile:
    """What a reference names. Raises ValueError when that cannot be found."""
    said = json.loads(told)
    if said["module"] == "__main__":
        raise ValueError("it stands in the script or notebook that runs, which no other process can import")
    try:
        found: Any = reduce(getattr, said["name"].split("."), importlib.import_module(said["module"]))
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{said['module']}.{said['name']} cannot be found: {error}") from error
    made: ReadFile = found if said["fields"] is None else found(**said["fields"])
    return made


def _of(named: Any, attribute: str) -> str:
    try:
        return str(getattr(named, attribute))
    except AttributeError as error:
        raise ValueError(f"a {type(named).__name__} has no name to be found by") from error
