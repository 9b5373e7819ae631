"""The page of figures: its examples run, and no figure is missing from it."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from glossator.citations.views import VIEWS
from glossator_common.scorers import SCORERS

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "citation-quality.md").read_text(encoding="utf-8")


def test_the_examples_run() -> None:
    result = doctest.testfile(str(DOCS / "citation-quality.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 30 and result.failed == 0


@pytest.mark.parametrize("name", [*VIEWS, *(scorer.name for scorer in SCORERS)])
def test_every_figure_is_explained(name: str) -> None:
    assert f"`{name}`" in PAGE or f"**{name}**" in PAGE or f"# {name}" in PAGE
