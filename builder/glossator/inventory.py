"""What is installed, as rows: the lists of the command line."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Any

from glossator import hookspecs
from glossator.host import Host

Rows = list[dict[str, Any]]


def domains(host: Host) -> Rows:
    return [
        {"name": domain.name, "title": domain.title, "plugin": host.owners[f"domain:{domain.name}"]}
        for domain in host.domains.values()
    ]


def scorers(host: Host) -> Rows:
    return [
        {
            "name": scorer.name,
            "kind": "gate" if scorer.gate else "metric and reward",
            "needs": ", ".join(sorted(scorer.needs)),
            "plugin": host.owners[f"scorer:{scorer.name}"],
            "summary": scorer.summary,
        }
        for scorer in host.scorers.values()
    ]


def hooks() -> Rows:
    """Name, arguments and meaning of every hook."""
    found = inspect.getmembers(hookspecs, inspect.isfunction)
    return [
        {
            "hook": name,
            "arguments": f"({', '.join(inspect.signature(function).parameters)})",
            "meaning": (function.__doc__ or "").splitlines()[0],
        }
        for name, function in found
        if function.__module__ == hookspecs.__name__
    ]


def plugins(host: Host) -> Rows:
    """The loaded plugins, then those that could not be loaded."""
    loaded = [{**asdict(info), "hooks": ", ".join(info.hooks), "state": "loaded"} for info in host.plugins()]
    failed = [
        {"plugin": failure.plugin, "distribution": failure.distribution, "hooks": "", "state": failure.reason}
        for failure in host.failures
    ]
    return loaded + failed


def recipes() -> Rows:
    """The built-in recipes; the first comment line says what each shows."""
    from glossator.plan import built_in_recipes

    return [
        {
            "name": name,
            "shows": path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# "),
            "path": str(path),
        }
        for name, path in built_in_recipes().items()
    ]
