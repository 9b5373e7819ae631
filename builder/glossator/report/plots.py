"""Plots as inline SVG in the colours of the page, light or dark; a plot that nothing can be drawn for says why."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from glossator.citations.metrics import hits
from glossator.evaluate import Row, System, cluster
from glossator.report.tables import figure, headline, words
from glossator.statistics.abstention import risk_coverage, selective_risk
from glossator.statistics.calibration import BINS, calibration, reliability
from glossator.statistics.estimates import Estimate

INK, FAINT, SERIES = "#a1b2c0", "#a1b2c1", "#a1b2d"
"""Colours that stand for those of the page, which differ by light and dark; `SERIES` takes a digit."""
FLAT = "no statement was judged by a verifier", "every judged statement has the same support: {:.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing, or the reason why there is none."""

    title: str
    svg: Markup
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sure:
    """How sure the verifier is of something, and whether the gold agrees."""

    confidence: float
    correct: bool
    cluster: str


def rungs(systems: Sequence[System]) -> Plot:
    """Means and intervals of every rung."""
    figures = {system.rung: headline(system) for system in systems}
    return Plot(
        title="Rung by rung",
        svg=_intervals(figures, (0.0, 1.0)),
        caption="Means with 95 % intervals, on all questions.",
    )


def differences(figures: Mapping[str, Estimate]) -> Plot:
    """Paired differences around 0."""
    ends = [abs(end) for value in figures.values() for end in (value.low, value.high) if end is not None]
    most = max([0.05, *ends])
    svg = _intervals({"": figures}, (-most, most), zero=True)
    return Plot(title="Differences", svg=svg, caption="B minus A with 95 % intervals; right of 0, B is better.")


def calibrated(rows: Sequence[Row]) -> Plot:
    """Reliability: how often statements of a support hit the gold."""
    title, known = "Reliability", _statements(rows)
    if why := _flat(known):
        return Plot(title=title, svg=Markup(), caption=f"Left out: {why}.")
    confidence, correct, clusters = (
        [s.confidence for s in known],
        [s.correct for s in known],
        [s.cluster for s in known],
    )
    bins = reliability(confidence, correct)
    chart, axes = _square("support by the verifier", "share that hits the gold")
    axes.plot([0, 1], [0, 1], color=FAINT, lw=1, ls="--")
    axes.plot([b.confidence for b in bins], [b.observed for b in bins], "o-", color=SERIES + "0", lw=1.5)
    found = calibration(confidence, correct, clusters)
    return Plot(
        title=title,
        svg=_svg(chart, title),
        caption=f"Statements in {BINS} bins of equal mass; on the diagonal, support is the chance to hit the gold."
        f" ECE {figure(found['ece'])}, Brier score {figure(found['brier'])}.",
    )


def risky(rows: Sequence[Row]) -> Plot:
    """Risk and coverage: how many answers would be wrong, were only the best supported given."""
    title, known = "Risk and coverage", _answers(rows)
    if why := _flat(known):
        return Plot(title=title, svg=Markup(), caption=f"Left out: {why}.")
    confidence, correct = [s.confidence for s in known], [s.correct for s in known]
    points = risk_coverage(confidence, correct)
    chart, axes = _square("share of answers given, best supported first", "share of these that is wrong")
    axes.plot([p.coverage for p in points], [p.risk for p in points], "o-", ms=3, color=SERIES + "0", lw=1.5)
    area = selective_risk(confidence, correct, [s.cluster for s in known])
    return Plot(
        title=title,
        svg=_svg(chart, title),
        caption=f"An answer is as sure as its least supported statement. Area under the curve {figure(area)}.",
    )


def _statements(rows: Sequence[Row]) -> list[_Sure]:
    """Every judged statement, with whether it hits the gold."""
    return [
        _Sure(
            confidence=verdict.full,
            correct=any(hits(row.answer.citations[index], row.asked) for index in said.citations),
            cluster=cluster(row.asked),
        )
        for row in rows
        for said, verdict in zip(row.answer.statements, row.verdicts, strict=False)
        if verdict is not None and verdict.full is not None
    ]


def _answers(rows: Sequence[Row]) -> list[_Sure]:
    """Every answer with a judged statement, with whether it is right."""
    judged = {row.question_id: _statements([row]) for row in rows}
    return [
        _Sure(
            confidence=min(sure.confidence for sure in judged[row.question_id]),
            correct=row.outcome == "right",
            cluster=cluster(row.asked),
        )
        for row in rows
        if judged[row.question_id]
    ]


def _flat(known: Sequence[_Sure]) -> str:
    """Why confidences show nothing; empty when they do."""
    levels = {sure.confidence for sure in known}
    return "" if len(levels) > 1 else FLAT[len(levels)].format(*levels)


def _intervals(figures: Mapping[str, Mapping[str, Estimate]], ends: tuple[float, float], zero: bool = False) -> Markup:
    """One line of each series for every figure."""
    names = list(dict.fromkeys(name for series in figures.values() for name in series))
    gap = 0.7 / len(figures)
    chart, axes = _axes(9.8, (0.11 * len(figures) + 0.2) * len(names) + 0.7)
    for index, (label, series) in enumerate(figures.items()):
        color = f"{SERIES}{index % 6}"
        axes.plot([], [], "o", color=color, label=label)
        for place, name in enumerate(names):
            value = series.get(name)
            if value is not None and value.mean is not None:
                y = -place + gap * ((len(figures) - 1) / 2 - index)
                axes.plot([value.low, value.high], [y, y], color=color, lw=2, solid_capstyle="round")
                axes.plot(value.mean, y, "o", ms=4.5, color=color)
    axes.set_yticks([-place for place in range(len(names))], [words(name) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(ends[0] - 0.02 * (ends[1] - ends[0]), ends[1] + 0.02 * (ends[1] - ends[0]))
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, lw=0.6)
    if zero:
        axes.axvline(0, color=INK, lw=1)
    if len(figures) > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=6, frameon=False, handletextpad=0.1)
    return _svg(chart, "means and intervals")


def _square(x: str, y: str) -> tuple[Any, Any]:
    chart, axes = _axes(4.4, 3.4)
    axes.set(xlabel=x, ylabel=y, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.grid(color=FAINT, lw=0.6)
    return chart, axes


def _axes(width: float, height: float) -> tuple[Any, Any]:
    """An empty chart of the page's look."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    colors = {f"{part}.{key}": INK for part in ("xtick", "ytick") for key in ("color", "labelcolor")}
    look = {
        "svg.fonttype": "none",
        "text.parse_math": False,
        "font.size": 10,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
    }
    mpl.rcParams.update(look | colors)
    chart, axes = pyplot.subplots(figsize=(width, height))
    return chart, axes


def _svg(chart: Any, title: str) -> Markup:
    """The chart as an element of a page: no ids of matplotlib, our colours as variables, the same every time."""
    import matplotlib as mpl
    from matplotlib import pyplot

    stream = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": title}):
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        chart.savefig(stream, format="svg", metadata=nothing, bbox_inches="tight", transparent=True)
    pyplot.close(chart)
    drawn = stream.getvalue()
    drawn = re.sub(r'<g id="[^"]*"', "<g", drawn[drawn.index("<svg") :])
    drawn = drawn.replace(INK, "var(--ink)").replace(FAINT, "var(--line)")
    drawn = re.sub(SERIES + "([0-5])", r"var(--c\1)", drawn)
    return Markup(drawn)  # noqa: S704  matplotlib escapes what it writes
