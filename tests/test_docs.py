"""The pages are true: examples run, no figure is missing, what a command is said to print is printed."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import peers
import pytest
from typer.testing import CliRunner

from glossator.citations.views import VIEWS
from glossator.cite_eval import figure_names
from glossator.cli import cli
from glossator_common.scorers import SCORERS
from glossator_common.verifiers import VERIFIERS

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "citation-quality.md").read_text(encoding="utf-8")
FIGURES = [
    *dict.fromkeys(
        [
            *VIEWS,
            *(scorer.name for scorer in SCORERS),
            *(re.sub(r"_(micro|everything)$", "", name) for name in figure_names(alce=True)),
        ]
    )
]


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_examples_of_a_page_run(page: Path) -> None:
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted > 90 or page.name != "citation-quality.md"


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_section(name: str) -> None:
    assert re.search(rf"^### .*`{name}`", PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", [spec.name for spec in VERIFIERS])
def test_every_verifier_of_ours_is_described(name: str) -> None:
    assert f"\n| `{name}` |" in PAGE


def test_the_counts_of_the_cases_are_those_of_the_program() -> None:
    for name, counted in peers.counts().items():
        cells = " | ".join("-" if count is None else str(count) for count in counted)
        assert f"| {name} | {cells} |" in PAGE


def test_cite_eval_prints_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = dict(re.findall(r"```(json|console)\n(.*?)```", PAGE.split("\n| key of a row")[0], re.DOTALL)[:2])
    shown = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.jsonl").write_text(blocks["json"], encoding="utf-8")
    done = CliRunner().invoke(cli, shlex.split(blocks["console"])[2:])
    said = [line.split() for line in done.output.splitlines()]
    assert done.exit_code == 1
    assert [line for line in shown if line != "..." and line.split() not in said] == []
