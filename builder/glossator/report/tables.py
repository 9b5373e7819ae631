"""The figures of an evaluation: which lead, and all of them as a table."""

from __future__ import annotations

from collections.abc import Sequence

from glossator.evaluate import EvalReport, Stress, System
from glossator.scoreboard import Support
from glossator.statistics.estimates import Estimate

FIRST = ("citation_precision", "citation_recall", "citation_f1", "quote_fidelity")
"""Figures that head a report, before those of the verifier and of abstaining."""


def figures(system: System) -> dict[str, Estimate]:
    """Every figure of a rung, those of abstaining included."""
    return system.metrics | {f"abstention_{name}": value for name, value in system.abstention.items()}


def headline(system: System) -> dict[str, Estimate]:
    """The figures that tell most, in their order."""
    known = figures(system)
    rest = (name for start in ("support_", "abstention_") for name in known if name.startswith(start))
    return {name: known[name] for name in (*FIRST, *rest) if name in known}


def words(name: str) -> str:
    """A figure's name as people read it.

    >>> words("citation_f1")
    'citation F1'
    """
    return name.replace("_", " ").replace(" f1", " F1")


def table(report: EvalReport) -> list[list[str]]:
    """Header and one line per figure: the columns are the rungs."""
    rows = [["metric", *(system.rung for system in report.systems)]]
    known = [figures(system) for system in report.systems]
    rows += [[name, *(figure(each[name]) for each in known)] for name in known[0]]
    rows.append(["seconds per question", *(f"{system.seconds_per_question:.2f}" for system in report.systems)])
    return rows + _mended(report.systems)


def _mended(systems: Sequence[System]) -> list[list[str]]:
    """What the run-time check replaced and dropped, and its cost; nothing where no system has been asked for it."""
    found = [system.mending for system in systems]
    if not any(found):
        return []
    return [
        ["statements repaired", *("" if m is None else figure(m.repair_rate) for m in found)],
        ["statements dropped", *("" if m is None else figure(m.drop_rate) for m in found)],
        ["check, ms per answer", *("" if m is None else f"{m.check_ms:.1f}" for m in found)],
        ["repair, ms per answer", *("" if m is None else f"{m.repair_ms:.1f}" for m in found)],
    ]


def corrected_table(support: Support) -> list[list[str]]:
    """Header and one line per rate: as the verifier gives it, and as people would."""
    rows = [
        [f"{name}_micro", figure(made.raw), made.why or figure(made.corrected)]
        for name, made in support.corrected.items()
    ]
    return [["over all statements or citations", f"by {support.verifier}", "corrected for its errors"], *rows]


def stress_table(stress: Sequence[Stress]) -> list[list[str]]:
    """Header and one line per figure: what each way of making the passages worse changes."""
    rows = [[name, *(figure(one.metrics[name]) for one in stress)] for name in stress[0].metrics]
    rows.append(["abstained", *(figure(one.abstained) for one in stress)])
    rows.append(["cites the poison, obeys", *(figure(one.harmed) if one.harmed else "" for one in stress)])
    return [["change of", *(one.change for one in stress)], *rows]


def figure(value: Estimate) -> str:
    """`0.81 [0.70, 0.90] n=55`; failures are shown beside it."""
    if value.mean is None:
        text = "none applies"
    else:
        text = f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}] n={value.n}"
    return text + (f" failed={value.failed}" if value.failed else "")


def markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Header and lines as lines of Markdown."""
    head, *body = rows
    lines = ["| " + " | ".join(row) + " |" for row in (head, *body)]
    return [lines[0], "|" + "---|" * len(head), *lines[1:]]


def to_markdown(report: EvalReport) -> str:
    """The tables, for a terminal or a pull request."""
    lines = [f"# {report.name}: {report.questions} questions, {report.unanswerable} unanswerable", ""]
    lines += markdown_table(table(report))
    support = report.systems[-1].support
    lines += ["", *markdown_table(corrected_table(support))] if support else []
    lines += ["", *markdown_table(stress_table(report.stress))] if report.stress else []
    for item in report.differences:
        lines.append(f"\n{item.better} - {item.base}, {item.metric}: {figure(item.estimate)}")
    lines += [f"\nMissed gates: {', '.join(report.missed_gates)}"] if report.missed_gates else []
    return "\n".join([*lines, "", f"Bundle {report.lock}. 95 % intervals: bootstrap over gold documents.", ""])
