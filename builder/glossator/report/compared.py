"""Two evaluations side by side: Markdown for a terminal or a pull request, and one HTML page."""

from __future__ import annotations

from collections import Counter

from glossator.comparison import Comparison, Metric
from glossator.report.cards import card
from glossator.report.plots import differences
from glossator.report.render import render
from glossator.report.tables import figure, markdown_table

NOTE = (
    "A and B: means over the questions where both have a value. B - A: paired by question, with its 95 % interval,"
    " bootstrap over gold documents. p: signs of gold documents flipped; adjusted: after Holm over these metrics."
)


def comparison_table(compared: Comparison) -> list[list[str]]:
    """Header and one line per metric."""
    head = ["metric", "A", "B", "B - A", "p", "adjusted"]
    return [head, *([name, *_cells(metric)] for name, metric in compared.metrics.items())]


def comparison_to_markdown(compared: Comparison) -> str:
    """Differences, then the questions whose answers changed."""
    a, b = compared.a, compared.b
    lines = [
        f"# A: {a.name} {a.rung} ({a.lock[:12]}), B: {b.name} {b.rung} ({b.lock[:12]}), {compared.questions} questions",
        "",
        *markdown_table(comparison_table(compared)),
        "",
        f"{summary(compared)}.",
        "",
        *(f"- {change.kind}: {_line(change.a.question)} ({change.a.question_id})" for change in compared.changes),
    ]
    left_out = [f"Only one side has: {', '.join(compared.left_out)}.", ""] if compared.left_out else []
    return "\n".join([*lines, "", *left_out, NOTE, ""])


def comparison_to_html(compared: Comparison) -> str:
    """One page: the differences, then every changed answer on both sides with its passages."""
    return render(
        "comparison.html.j2",
        compared=compared,
        table=comparison_table(compared),
        summary=summary(compared),
        note=NOTE,
        plot=differences({name: metric.difference for name, metric in compared.metrics.items()}),
        cards=[
            (change.kind, card(change.a, f"a{n}"), card(change.b, f"b{n}")) for n, change in enumerate(compared.changes)
        ],
        counts=Counter(name for change in compared.changes for name in (change.kind, "all")),
    )


def summary(compared: Comparison) -> str:
    """`3 fixed, 1 broken, 7 changed, 21 the same`."""
    counts = Counter(change.kind for change in compared.changes)
    same = compared.questions - len(compared.changes)
    return f"{counts['fixed']} fixed, {counts['broken']} broken, {counts['changed']} changed, {same} the same"


def _cells(metric: Metric) -> list[str]:
    return [_number(metric.a), _number(metric.b), figure(metric.difference), _p(metric.p), _p(metric.adjusted)]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _p(value: float | None) -> str:
    return "-" if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"


def _line(text: str) -> str:
    return " ".join(text.split())
