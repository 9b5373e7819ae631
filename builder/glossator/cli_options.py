"""What the commands share: options, the host, and how rows are printed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from glossator import console
from glossator.errors import InputError
from glossator.host import Host

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail when a plugin cannot be loaded.")]
Sets = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe key.")]
Download = Annotated[bool, typer.Option("--allow-download", help="Consent to fetching a hub id.")]
Network = Annotated[
    bool, typer.Option("--allow-network", help="Consent to sending questions and passages to a server elsewhere.")
]
Ray = Annotated[int | None, typer.Option(min=1, metavar="N", help="Cut and embed on N workers of Ray.")]
Launch = Annotated[
    Literal["accelerate"] | None,
    typer.Option(help="Tune in processes of `accelerate launch`; its words stand behind --."),
]
JsonOut = Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")]
HtmlOut = Annotated[Path | None, typer.Option("--html", help="Write the report as one HTML page.")]
FailUnder = Annotated[
    list[str] | None, typer.Option("--fail-under", metavar="METRIC=VALUE", help="Least value; may be given again.")
]
JUnitOut = Annotated[Path | None, typer.Option("--junit", help="Write the thresholds as JUnit XML.")]
RecipePath = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe file, or the name of a built-in one.")]
BundlePath = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Output folder of a build.")]


def host_of(strict: bool = False, only: tuple[str, ...] | None = None) -> Host:
    """The installed plugins; those that cannot be loaded are warned about."""
    host = Host.discover(strict=strict, only=only)
    for failure in host.failures:
        console.warn(f"{failure.reason}; the plugin is skipped")
    return host


def launch_words(launch: str | None, words: list[str]) -> tuple[str, ...] | None:
    """What `accelerate launch` is told; None where it is not asked for. Raises InputError for stray words."""
    if words and launch is None:
        raise InputError(
            f"build: {' '.join(words)} is one word too many; words for accelerate need --launch accelerate"
        )
    return None if launch is None else tuple(words)


def print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    """A table for people, JSON for programs."""
    if as_json:
        print_json(rows)
    elif rows:
        console.table(list(rows[0]), [[str(value) for value in row.values()] for row in rows])


def print_json(value: Any) -> None:
    """Readable JSON on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises InputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
