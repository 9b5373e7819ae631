"""`glossator new`: a domain plugin to start from, complete and sound, of the shape of the built-in ones.

Templates are plain files. Their tokens are replaced literally, in file names too; nothing in them is ever evaluated.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from keyword import iskeyword
from pathlib import Path
from tempfile import TemporaryDirectory

from glossator.errors import InputError, OutputError

BUILT_IN = frozenset({"code", "common", "legal", "medical"})
"""Names of glossator's own plugins."""
SUFFIX = ".in"
"""Ends the name of every template, so that no tool takes one for a finished file."""

_TEMPLATE = Path(__file__).parent / "scaffold_template"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def new(name: str, parent: Path) -> tuple[Path, ...]:
    """Write the distribution `<parent>/glossator-<name>` and return its files, relative to it and sorted.

    It appears whole or not at all, and nothing is ever overwritten. Raises InputError for a name that cannot be a
    plugin's, OutputError when the folder exists or cannot be made.
    """
    _check(name)
    target = parent / f"glossator-{name}"
    if os.path.lexists(target):
        raise OutputError(f"{target} exists; choose another name, or another folder with --in")
    if not parent.is_dir():
        raise OutputError(f"{parent} is not a folder; make it first")
    try:
        with TemporaryDirectory(prefix=f".{target.name}-", dir=parent) as scratch:
            written = _fill(Path(scratch, target.name), {"{{name}}": name, "{{title}}": _title(name)})
            Path(scratch, target.name).rename(target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from error
    return written


def _check(name: str) -> None:
    """Raise InputError unless the name can be an entry point, a part of a package name and a domain."""
    if not _NAME.fullmatch(name) or name.endswith("_"):
        near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        hint = f"; did you mean {near!r}?" if _NAME.fullmatch(near) and near != name else ""
        raise InputError(
            f"{name!r} cannot be a plugin's name: it takes 1 to 40 of the characters a-z, 0-9 and _, "
            f"with a letter first and no _ last{hint}"
        )
    taken = {"is a word of Python": iskeyword(name), "is a module of Python": name in sys.stdlib_module_names}
    taken["is a plugin of glossator itself"] = name in BUILT_IN
    for why, applies in taken.items():
        if applies:
            raise InputError(f"{name!r} {why}; choose another name, for example {f'my_{name}'[:40]!r}")


def _title(name: str) -> str:
    return " ".join(name.split("_")).capitalize()


def _fill(folder: Path, tokens: Mapping[str, str]) -> tuple[Path, ...]:
    templates = sorted(path for path in _TEMPLATE.rglob(f"*{SUFFIX}") if path.is_file())
    written = []
    for path in templates:
        name = Path(_replaced(path.relative_to(_TEMPLATE).as_posix().removesuffix(SUFFIX), tokens))
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(_replaced(path.read_text(encoding="utf-8"), tokens).encode())
        written.append(name)
    return tuple(sorted(written))


def _replaced(text: str, tokens: Mapping[str, str]) -> str:
    for token, value in tokens.items():
        text = text.replace(token, value)
    return text
