"""Which plugins are installed, and which of them are wanted: entry points, pinned by an argument or the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Sequence
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise

from glossator.errors import InputError, PluginError


def wanted(group: str, only: Sequence[str] | None) -> list[EntryPoint]:
    """The entry points of a group, or only those named; `only` defaults to the names in GLOSSATOR_PLUGINS.

    Raises InputError for a name that is not installed, PluginError for two plugins of one name.
    """
    found = sorted(entry_points(group=group), key=lambda point: (point.name, point.value))
    names = only if only is not None else _pinned()
    if names is not None:
        known = {point.name for point in found}
        chosen = [choose(sorted(known), name, "plugin") for name in dict.fromkeys(names)]
        found = [point for name in chosen for point in found if point.name == name]
    return _one_of_each(found)


def distribution_of(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown distribution"


def choose(known: Collection[str], name: str, kind: str) -> str:
    """The name, if it is known; else InputError lists the known names and guesses."""
    if name in known:
        return name
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(f"unknown {kind} {name!r}{hint} Known: {', '.join(known) or 'none'}")


def _one_of_each(points: Sequence[EntryPoint]) -> list[EntryPoint]:
    """The points, in order; one that two distributions declare alike counts once."""
    for before, after in pairwise(points):
        if before.name == after.name and before.value != after.value:
            raise PluginError(
                f"two installed plugins are named {after.name!r}: {before.value} of {distribution_of(before)} and "
                f"{after.value} of {distribution_of(after)}; uninstall one of the two distributions, or leave the "
                "name out of GLOSSATOR_PLUGINS"
            )
    return list({point.name: point for point in points}.values())


def _pinned() -> list[str] | None:
    value = os.environ.get("GLOSSATOR_PLUGINS")
    return None if value is None else [name.strip() for name in value.split(",") if name.strip()]
