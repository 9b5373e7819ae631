"""An evaluation report as Markdown and as one self-contained HTML page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import pairwise
from typing import Any

from glossator.evaluate import EvalReport, Row
from glossator.statistics.estimates import Estimate

SHOWN = (
    "retrieval_recall",
    "citation_precision",
    "citation_recall",
    "citation_f1",
    "evidence_f1",
    "quote_fidelity",
    "abstains_well",
)


def table(report: EvalReport) -> list[list[str]]:
    """Header and one line per figure: the columns are the rungs."""
    rows = [["metric", *(system.rung for system in report.systems)]]
    for name in report.systems[0].metrics:
        rows.append([name, *(figure(system.metrics[name]) for system in report.systems)])
    for name in report.systems[0].abstention:
        rows.append([f"abstention_{name}", *(figure(system.abstention[name]) for system in report.systems)])
    rows.append(["seconds per question", *(f"{system.seconds_per_question:.2f}" for system in report.systems)])
    return rows


def figure(value: Estimate) -> str:
    """`0.81 [0.70, 0.90] n=55`; failures are shown beside it."""
    if value.mean is None:
        text = "none applies"
    else:
        text = f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}] n={value.n}"
    return text + (f" failed={value.failed}" if value.failed else "")


def to_markdown(report: EvalReport) -> str:
    """The tables, for a terminal or a pull request."""
    head, *body = table(report)
    lines = [f"# {report.name}: {report.questions} questions, {report.unanswerable} unanswerable", ""]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in body]
    for item in report.differences:
        lines.append(f"\n{item.better} - {item.base}, {item.metric}: {figure(item.estimate)}")
    lines += [f"\nMissed gates: {', '.join(report.missed_gates)}"] if report.missed_gates else []
    return "\n".join([*lines, "", f"Bundle {report.lock}. 95 % intervals: bootstrap over gold documents.", ""])


def to_html(report: EvalReport) -> str:
    """One page without scripts or outside links: figures, plot, and every answer beside its sources."""
    import jinja2

    source = (files("glossator") / "report.html.j2").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(source)
    return template.render(
        report=report, table=table(report), figure=figure, plot=_plot(report), cards=[_card(r) for r in _live(report)]
    )


def _live(report: EvalReport) -> tuple[Row, ...]:
    return report.systems[-1].rows


def _card(row: Row) -> dict[str, Any]:
    answer = row.answer
    cited = [c["span"] for c in answer["citations"] if c["span"]]
    gold = [span for span in row.gold if "start" in span]
    passages = [
        {"number": n, "title": p["title"], "locator": p["locator"], "html": "".join(marked(p, cited, gold))}
        for n, p in enumerate(answer["passages"], 1)
    ]
    return {"row": row, "text": answer["text"], "passages": passages, "notes": answer["notes"]}


def marked(passage: dict[str, Any], cited: list[dict[str, Any]], gold: list[dict[str, Any]]) -> Iterator[str]:
    """The passage as HTML: cited stretches in `<mark>`, gold ones underlined."""
    start, end, text = passage["start"], passage["end"], passage["text"]
    spans = [("mark", s) for s in cited] + [("u", s) for s in gold]
    inside = [
        (tag, s)
        for tag, s in spans
        if s["document_id"] == passage["document_id"] and s["start"] < end and s["end"] > start
    ]
    cuts = sorted({start, end, *(min(max(s[edge], start), end) for _, s in inside for edge in ("start", "end"))})
    for a, b in pairwise(cuts):
        tags = sorted({tag for tag, s in inside if s["start"] <= a and b <= s["end"]})
        yield (
            "".join(f"<{t}>" for t in tags)
            + escape(text[a - start : b - start])
            + "".join(f"</{t}>" for t in tags[::-1])
        )


def _plot(report: EvalReport) -> str:
    """Means and intervals of every rung as inline SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    mpl.rcParams.update(
        {"svg.hashsalt": report.lock, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    names = [name for name in SHOWN if name in report.systems[0].metrics]
    chart, axes = pyplot.subplots(figsize=(8, 0.55 * len(names) + 1))
    for index, system in enumerate(report.systems):
        axes.plot([], [], "o", color=f"C{index}", label=system.rung)
        for place, name in enumerate(names):
            value = system.metrics[name]
            if value.mean is not None and value.low is not None and value.high is not None:
                y = -place + 0.18 * (len(report.systems) / 2 - index)
                axes.plot([value.low, value.high], [y, y], color=f"C{index}", lw=2)
                axes.plot(value.mean, y, "o", color=f"C{index}")
    axes.set_yticks([-p for p in range(len(names))], names)
    axes.set_xlim(0, 1.02)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
    stream = io.StringIO()
    chart.savefig(stream, format="svg", metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(chart)
    return stream.getvalue().partition("?>")[2].partition("<svg")[1:][0] + stream.getvalue().partition("<svg")[2]
