"""`glossator new`: a domain plugin to start from, complete and sound, of the shape of the built-in ones.

copier fills the template in `scaffold_template/`, offline and without running anything. What a user gives is checked
before it is used, and is never evaluated: not as a template, not as TOML, YAML or Python.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

import glossator
from glossator.errors import InputError, OutputError
from glossator.intake import UNKNOWN, Taken, take, write
from glossator.records import Document

BUILT_IN = frozenset({"code", "common", "legal", "medical"})
"""Names of glossator's own plugins."""

_TEMPLATE = Path(__file__).parent / "scaffold_template"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A new distribution."""

    folder: Path
    files: tuple[Path, ...]
    """Relative to the folder, sorted."""
    taken: Taken | None
    """What was made of the user's documents; None when the template's examples were written."""

    @property
    def told(self) -> list[str]:
        """What a person should know about it, one line each."""
        lines = [f"wrote {len(self.files)} files to {self.folder}"]
        return lines + self.taken.told if self.taken else lines


def new(
    name: str,
    parent: Path,
    *,
    title: str | None = None,
    licence: str | None = None,
    documents: Sequence[Document] = (),
    ask: bool = False,
) -> Written:
    """Write the distribution `<parent>/glossator-<name>`, over the user's documents or with examples.

    It appears whole or not at all, and nothing is ever overwritten. With `ask`, a title or licence that is not given
    is asked for on the terminal. Raises InputError for a name, title or licence that cannot be used, OutputError when
    the folder exists or cannot be made, QuestionsError when the documents give no starter questions.
    """
    _check_name(name)
    _check_licence(licence)
    target = parent / f"glossator-{name}"
    if os.path.lexists(target):
        raise OutputError(f"{target} exists; choose another name, or another folder with --in")
    if not parent.is_dir():
        raise OutputError(f"{parent} is not a folder; make it first")
    given = {"name": name, "title": title, "licence": licence, "examples": not documents}
    try:
        with TemporaryDirectory(prefix=f".{target.name}-", dir=parent) as scratch:
            folder = Path(scratch, target.name)
            answers = _fill(folder, {key: value for key, value in given.items() if value is not None}, ask)
            _check_licence(answers["licence"])
            taken = take(documents, answers["licence"]) if documents else None
            if taken:
                write(taken, folder / f"glossator_{name}" / "content", answers["title"])
            files = tuple(sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file()))
            folder.rename(target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error
    return Written(folder=target, files=files, taken=taken)


def _check_name(name: str) -> None:
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


def _check_licence(licence: str | None) -> None:
    """Raise InputError unless a build backend takes the licence; "unknown" is left out of what it reads."""
    if licence is None or licence == UNKNOWN:
        return
    try:
        canonicalize_license_expression(licence)
    except InvalidLicenseExpression as error:
        raise InputError(
            f"{licence[:60]!r} is no SPDX licence such as Apache-2.0 or CC-BY-4.0; what you own and do not licence is "
            "'LicenseRef-Proprietary', what you do not know yet is 'unknown'"
        ) from error


def _fill(folder: Path, given: Mapping[str, Any], ask: bool) -> Mapping[str, Any]:
    """Let copier write the template; returns all answers."""
    from copier import run_copy
    from copier.errors import CopierError

    data = {**given, "glossator_version": glossator.__version__}
    try:
        worker = run_copy(str(_TEMPLATE), folder, data=data, defaults=not ask, quiet=True)
    except CopierError as error:
        raise InputError(f"nothing was written: {error}") from error
    except ValueError as error:
        raise InputError(str(error).rpartition("': ")[2]) from error
    return worker.answers.combined
