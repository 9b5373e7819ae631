"""Commands that score what answers cite, whoever wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glossator import console
from glossator.cli_options import (
    BundlePath,
    Download,
    FailUnder,
    HtmlOut,
    JsonOut,
    JUnitOut,
    Network,
    Strict,
    host_of,
    write_text,
)
from glossator.errors import InputError

if TYPE_CHECKING:
    from glossator.cite_eval import CiteReport, Judge
    from glossator.thresholds import Outcome


class Form(StrEnum):
    """Forms of a file of answers."""

    glossator = "glossator"
    alce = "alce"
    ragas = "ragas"
    openai = "openai"


def evaluate(
    bundle: BundlePath,
    questions: Annotated[
        Path | None, typer.Option(help="Questions file; the domain's test questions by default.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first questions.")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also measure search alone, the backbone alone and each earlier rung.")
    ] = False,
    verifier: Annotated[
        str | None, typer.Option(help="Who judges whether evidence supports a statement; the bundle's own by default.")
    ] = None,
    stress: Annotated[
        bool,
        typer.Option("--stress", help="Also over passages made worse: distractors, order, copies, poison, orders."),
    ] = False,
    json_out: JsonOut = None,
    html_out: HtmlOut = None,
    markdown_out: Annotated[Path | None, typer.Option("--markdown", help="Write the report as Markdown.")] = None,
    fail_under: FailUnder = None,
    junit_out: JUnitOut = None,
    allow_download: Download = False,
    allow_network: Network = False,
    strict: Strict = False,
) -> None:
    """Measure citation quality on gold questions, with counts and intervals. Exit code 1 when a gate is missed."""
    from glossator.assistant import open_bundle
    from glossator.examine import examine, figure_names
    from glossator.scoreboard import ERRORS
    from glossator.thresholds import outcomes, read_thresholds

    opened, host = open_bundle(bundle), host_of(strict)
    thresholds = read_thresholds(fail_under or [], figure_names(opened), ERRORS)
    console.quiet_libraries()
    report = examine(
        opened,
        host,
        questions,
        limit=limit,
        compare=compare,
        verifier=verifier,
        stress=stress,
        allow_download=allow_download,
        allow_network=allow_network,
    )
    from glossator import report as reports

    for path, text in ((json_out, report.model_dump_json(indent=1)), (markdown_out, reports.to_markdown(report))):
        if path is not None:
            write_text(path, text)
    if html_out is not None:
        write_text(html_out, reports.to_html(report))
    _table(reports.table(report))
    for item in report.differences:
        console.say(f"{item.better} - {item.base}, {item.metric}: {reports.figure(item.estimate)}")
    live = report.systems[-1]
    if live.support is not None:
        _table(reports.corrected_table(live.support))
    for note, count in live.engine.items():
        console.say(f"{count} of {report.questions} answers: {note}")
    if report.stress:
        _table(reports.stress_table(report.stress))
    for path in filter(None, (json_out, markdown_out, html_out)):
        console.say(f"wrote {path}")
    figures = live.figures()
    conclude("eval", outcomes(thresholds, figures), figures, junit_out, report.missed_gates)


def cite_eval(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Answers with the passages they were given.")],
    form: Annotated[Form, typer.Option("--format", help="Who wrote the file.")] = Form.glossator,
    verifier: Annotated[str, typer.Option(help="Who judges whether evidence supports a statement.")] = "aligned",
    abstention: Annotated[str, typer.Option(help="The sentence by which the system says it cannot answer.")] = "",
    alce: Annotated[bool, typer.Option("--alce", help="Also the figures as ALCE defines them, bug for bug.")] = False,
    json_out: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write the report; OUT.rows.jsonl lets a run go on.")
    ] = None,
    fail_under: FailUnder = None,
    junit_out: JUnitOut = None,
    strict: Strict = False,
) -> None:
    """Score the answers of any system by what they cite: support, precision, errors. Exit code 1 below a threshold.

    A line of FILE: {"question","answer","passages":[{"id","text","title"?}],"gold"?:[...],"answerable"?}
    """
    from glossator import cite_eval as citing
    from glossator.foreign import read_submissions
    from glossator.scoreboard import ERRORS
    from glossator.thresholds import outcomes, read_thresholds

    thresholds = read_thresholds(fail_under or [], citing.figure_names(alce), ERRORS)
    judge = _judge(verifier, strict)
    submissions = read_submissions(file, form.value, abstention)
    rows_file = _rows_file(json_out)
    report = citing.cite_eval(submissions, judge, source=file.name, alce=alce, rows_file=rows_file)
    if json_out is not None:
        write_text(json_out, report.model_dump_json(indent=1))
    _show(report)
    for path in filter(None, (json_out, rows_file)):
        console.say(f"wrote {path}")
    figures = report.figures()
    conclude("cite-eval", outcomes(thresholds, figures), figures, junit_out)


def conclude(
    suite: str,
    found: Sequence[Outcome],
    figures: dict[str, float | None],
    junit: Path | None,
    gates: Sequence[str] = (),
) -> None:
    """Write the file for a build server, list what was missed, and end with exit code 1 where something was."""
    from glossator import thresholds

    if junit is not None:
        write_text(junit, thresholds.junit(suite, found, figures))
        console.say(f"wrote {junit}")
    named = [f"missed gates: {', '.join(gates)}"] if gates else []
    missed = [*named, *(f"missed {one}" for one in found if one.missed)]
    for line in missed:
        console.complain(line)
    if missed:
        raise typer.Exit(1)


def _judge(name: str, strict: bool) -> Judge:
    from glossator.cite_eval import Judge

    host = host_of(strict)
    spec = host.verifier(name)
    owner = host.owners[f"verifier:{name}"]
    identity = f"{name} of {host.distributions.get(owner, owner)}"
    return Judge(name=name, identity=identity, verifier=spec.load())


def _rows_file(json_out: Path | None) -> Path | None:
    """Beside the report. Its folder must be there before anything is judged."""
    if json_out is None:
        return None
    try:
        json_out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {json_out}: {error.strerror}") from error
    return json_out.with_name(json_out.name + ".rows.jsonl")


def _show(report: CiteReport) -> None:
    """The table that a person reads."""
    from glossator.report import corrected_table, figure

    support = report.support
    rows = [
        [name, figure(found), figure(support.micro[name]) if name in support.micro else ""]
        for name, found in support.metrics.items()
        if found.n or found.failed
    ]
    console.table(["metric", "mean over answers", "over statements or citations"], rows)
    _table(corrected_table(support))
    for name, found in report.abstention.items():
        console.say(f"abstention_{name}: {figure(found)}")
    console.say(f"{support.answers} answers, {support.abstained} abstain, {support.empty} claim nothing")


def _table(rows: list[list[str]]) -> None:
    head, *body = rows
    console.table(head, body)
