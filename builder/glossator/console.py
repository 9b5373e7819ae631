"""What a person sees: tables, progress, answers with their sources. Control characters never reach the terminal."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from glossator.amendments import Amendment
from glossator.hookspecs import hookimpl
from glossator.records import Answer
from glossator.streaming import Event, Finished, Retracted, Text

if TYPE_CHECKING:
    from glossator.artifacts import Artifact
    from glossator.training.estimate import Estimate

_out = Console(soft_wrap=True)
_err = Console(stderr=True, soft_wrap=True)


def clean(text: str) -> str:
    """The text without terminal control characters.

    >>> clean("a\\x1b[31mb\\tc")
    'a[31mb\\tc'
    """
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() and not "\x80" <= c <= "\x9f"))


def say(text: str) -> None:
    _out.print(escape(clean(text)), highlight=False)


def warn(text: str) -> None:
    _err.print(f"[yellow]warning[/] {escape(clean(text))}", highlight=False)


def complain(text: str) -> None:
    for line in text.splitlines():
        _err.print(f"[red]error[/] {escape(clean(line))}", highlight=False)


def light(ok: bool) -> str:
    return "ok" if ok else "NO"


def training(needs: Estimate) -> None:
    """What training takes."""
    rows = [
        ["parameters", f"{needs.parameters:,}, of which the adapter trains {needs.trained:,}"],
        ["memory", f"{needs.memory / 2**30:.1f} GiB at most, on the {needs.device}"],
        ["time", f"about {needs.minutes:,.0f} minutes on this machine"],
        *[["note", note] for note in needs.notes],
    ]
    table(["training", "estimate"], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A plain table; cells are text, never markup."""
    made = Table(*head, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*(escape(clean(str(cell))) for cell in row))
    _out.print(made)


def answer(question: str, given: Answer) -> None:
    """A question, its answer, and under it each cited passage with the cited words."""
    _out.print(f"\n[bold]{escape(clean(question))}[/]", highlight=False)
    _out.print(escape(clean(given.text)), highlight=False)
    _sources(given)


def stream(question: str, events: Iterable[Event]) -> None:
    """The same as it comes. What is taken back stays on the screen, and a line says so; then the text goes on."""
    _out.print(f"\n[bold]{escape(clean(question))}[/]", highlight=False)
    shown = ""
    for event in events:
        match event:
            case Text():
                shown += event.text
                _out.print(escape(clean(event.text)), end="", highlight=False)
            case Retracted():
                line = _withdrawn(shown, event)
                shown = shown[: event.start]
                _out.print(f"\n  [yellow]{escape(clean(line))}[/]", highlight=False)
            case Finished():
                _out.print("")
                _sources(event.answer)


def _withdrawn(shown: str, event: Retracted) -> str:
    again = f" It goes on after “…{shown[: event.start][-30:]}”." if event.start else ""
    return f"withdrawn: “{' '.join(shown[event.start :].split())}”: {event.why}.{again}"


def amended(amendment: Amendment) -> str:
    """What became of a statement that is not shown; its own words are kept from the reader."""
    support = "" if amendment.support is None else f", support {amendment.support:.2f}"
    fate = "a quote stands for a statement" if amendment.repaired else "a statement is left out"
    return f"{fate}: {amendment.fault}{support}"


def _sources(given: Answer) -> None:
    titles = {passage.id: passage for passage in given.passages}
    for citation in given.citations:
        if citation.passage_id and citation.span:
            passage = titles[citation.passage_id]
            at = f"{passage.document_id}:{citation.span.start}-{citation.span.end}"
            place = ", ".join(filter(None, [passage.locator, at]))
            support = "" if citation.support is None else f", support {citation.support:.2f}"
            _out.print(
                f"  [dim]{escape(clean(f'{citation.marker} {passage.title}, {place}{support}'))}[/]", highlight=False
            )
    for line in (*map(amended, given.amendments), *given.notes):
        _out.print(f"  [dim]{escape(clean(line))}[/]", highlight=False)


def quiet_libraries() -> None:
    """Libraries' own chatter off: progress bars, advisory warnings and info lines."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("trl").setLevel(logging.ERROR)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def left_out(report: dict[str, Any]) -> None:
    """Warn of the documents that a corpus does without; what its loaders pass over on purpose is no news."""
    from glossator.reading.ingest import NOTHING, SHOWN

    faults = [row for row in report["left_out"] if row["reason"] != NOTHING]
    for row in faults[:SHOWN]:
        warn(f"left out: {row['name']}: {row['reason']}")
    if faults:
        warn(f"{len(faults)} of {report['in']} documents are left out, all of them listed in the corpus's report.json")


class Progress:
    """A plugin that tells which stage runs and how long it took."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    @hookimpl
    def stage_started(self, stage: str) -> None:
        """Say what begins; the line below says how it ended."""
        if not self.quiet:
            _err.print(f"{stage} ...", highlight=False)

    @hookimpl
    def stage_finished(self, stage: str, artifact: Artifact, seconds: float) -> None:
        state = f"{seconds:.1f} s" if seconds else "unchanged"
        if not self.quiet:
            _err.print(f"{stage}: {state} [dim]{artifact.digest[:12]}[/]", highlight=False)
        if stage == "corpus":
            left_out(json.loads((artifact.folder / "report.json").read_bytes()))
