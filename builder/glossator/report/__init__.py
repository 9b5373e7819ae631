"""An evaluation, or two, as people read it: Markdown, and one HTML page that needs nothing else."""

from __future__ import annotations

from glossator.report.compared import comparison_to_html, comparison_to_markdown
from glossator.report.page import to_html
from glossator.report.tables import corrected_table, figure, stress_table, table, to_markdown

__all__ = [
    "comparison_to_html",
    "comparison_to_markdown",
    "corrected_table",
    "figure",
    "stress_table",
    "table",
    "to_html",
    "to_markdown",
]
