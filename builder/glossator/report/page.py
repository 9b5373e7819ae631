"""An evaluation as one HTML page: headline, slices, plots, and every answer beside its passages."""

from __future__ import annotations

from collections import Counter

from glossator.evaluate import EvalReport
from glossator.report.cards import card
from glossator.report.plots import calibrated, risky, rungs
from glossator.report.render import render
from glossator.report.slices import slices
from glossator.report.tables import corrected_table, figure, headline, stress_table, table

SLICED = ("citation_precision", "citation_recall", "citation_f1", "quote_fidelity", "abstains_well")


def to_html(report: EvalReport) -> str:
    """One page without outside links; readable without its script, which only lights what a marker cites."""
    live = report.systems[-1]
    columns = [name for name in live.metrics if name in SLICED or name.startswith("support_")]
    cards = sorted((card(row, f"q{n}") for n, row in enumerate(live.rows)), key=lambda shown: shown.order)
    return render(
        "page.html.j2",
        report=report,
        live=live,
        headline=headline(live),
        table=table(report),
        corrected=corrected_table(live.support) if live.support else [],
        stress=stress_table(report.stress) if report.stress else [],
        figure=figure,
        columns=columns,
        slices=slices(live.rows, columns),
        plots=[rungs(report.systems), calibrated(live.rows), risky(live.rows)],
        cards=cards,
        counts=Counter(name for shown in cards for name in ("all", *shown.filters)),
    )
