"""Commands over evaluation reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glossator import console
from glossator.cli_options import HtmlOut, JsonOut, write_text

ReportPath = Annotated[
    Path, typer.Argument(help="A report as JSON, or the output folder of a build that was measured.")
]


def compare(a: ReportPath, b: ReportPath, json_out: JsonOut = None, html_out: HtmlOut = None) -> None:
    """Compare two evaluations of the same questions: paired differences, and the answers that changed."""
    from glossator import comparison
    from glossator import report as reports

    compared = comparison.compare(comparison.read_report(a), comparison.read_report(b))
    if json_out is not None:
        write_text(json_out, compared.model_dump_json(indent=1))
    if html_out is not None:
        write_text(html_out, reports.comparison_to_html(compared))
    console.say(reports.comparison_to_markdown(compared))
    for path in filter(None, (json_out, html_out)):
        console.say(f"wrote {path}")
