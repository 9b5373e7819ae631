"""Two evaluations side by side: the same questions, paired; fixed, broken and changed answers; clear refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glossator import Answer, Question
from glossator.cli import cli
from glossator.comparison import compare, read_report
from glossator.errors import InputError
from glossator.evaluate import EvalReport, measure
from glossator.report import comparison_to_html, comparison_to_markdown
from glossator_common.scorers import SCORERS

from .conftest import ABSTENTION, asked, document, passage, read

EVIL = "<script>alert(1)</script>"
SHOWN = [
    passage(document(f"Fact number {n} is that iron matters a great deal to blood. {EVIL}", f"d{n}")) for n in range(4)
]
QUESTIONS = [asked(of.span, name=f"q{n}", text=f"Which fact is {n} {EVIL}?") for n, of in enumerate(SHOWN)]
RIGHT = [read(f"“{of.text}” [1]", of) for of in SHOWN]
WRONG = [read(f"“{SHOWN[n - 1].text}” [1]", SHOWN[n - 1]) for n in range(4)]
OTHER = read(f"So: “{SHOWN[3].text}” [1]", SHOWN[3])
SILENT = read(ABSTENTION, SHOWN[1])


def report(answers: list[Answer], questions: list[Question] = QUESTIONS, lock: str = "a" * 64) -> EvalReport:
    return EvalReport(
        name="medical",
        lock=lock,
        questions=len(questions),
        unanswerable=0,
        source="gold",
        systems=(measure("rl", questions, answers, SCORERS),),
        differences=(),
        gates={},
        missed_gates=(),
    )


A = report([WRONG[0], RIGHT[1], RIGHT[2], RIGHT[3]])
B = report([RIGHT[0], SILENT, RIGHT[2], OTHER], lock="b" * 64)


def test_answers_are_fixed_broken_or_changed_in_this_order() -> None:
    found = compare(A, B)
    assert [(change.kind, change.a.question_id) for change in found.changes] == [
        ("fixed", "q0"), ("broken", "q1"), ("changed", "q3"),
    ]  # fmt: skip
    assert {change.kind for change in compare(B, A).changes} == {"fixed", "broken", "changed"}
    assert compare(A, A).changes == ()


def test_differences_are_paired_and_b_minus_a() -> None:
    recall = compare(A, B).metrics["citation_recall"]
    assert (recall.a, recall.b, recall.difference.mean, recall.difference.n) == (0.75, 0.75, 0.0, 4)
    precision = compare(A, B).metrics["citation_precision"]
    assert (precision.a, precision.b, precision.difference.n) == (0.6667, 1.0, 3), "the silent question is out of both"
    assert precision.p is not None and precision.adjusted is not None and precision.adjusted >= precision.p


def test_a_metric_that_only_one_side_has_is_named() -> None:
    system = A.systems[0].model_copy(
        update={"metrics": {**A.systems[0].metrics, "mine": A.systems[0].metrics["citation_f1"]}}
    )
    found = compare(A.model_copy(update={"systems": (system,)}), B)
    assert found.left_out == ("mine",) and "Only one side has: mine." in comparison_to_markdown(found)


def test_other_questions_are_refused_with_how_many_match() -> None:
    fewer = report([RIGHT[0], RIGHT[1]], QUESTIONS[:2])
    with pytest.raises(InputError, match="A asked 4 and B 2; 2 match by id, and 2 of these also in text and gold"):
        compare(A, fewer)
    reworded = [asked(of.span, name=f"q{n}", text=f"Which fact is {n}, then?") for n, of in enumerate(SHOWN)]
    with pytest.raises(InputError, match="A asked 4 and B 4; 4 match by id, and 0 of these also"):
        compare(A, report(RIGHT, reworded))
    regilded = [asked(SHOWN[n - 1].span, name=f"q{n}", text=QUESTIONS[n].text) for n in range(4)]
    with pytest.raises(InputError, match="4 match by id, and 0 of these also in text and gold"):
        compare(A, report(RIGHT, regilded))


def test_markdown_has_a_line_for_each_metric_and_each_change() -> None:
    lines = comparison_to_markdown(compare(A, B)).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert rows[0] == "| metric | A | B | B - A | p | adjusted |" and len(rows) == 2 + len(SCORERS)
    assert "1 fixed, 1 broken, 1 changed, 1 the same." in lines
    assert [line.partition(":")[0] for line in lines if line.startswith("- ")] == ["- fixed", "- broken", "- changed"]


def test_the_page_shows_both_sides_and_hostile_text_as_text() -> None:
    page = comparison_to_html(compare(A, B))
    assert page.count("<script") == 1 and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert [page.count(f'href="#{name}-0"') for name in ("a0", "b0", "a1", "b1")] == [1, 1, 1, 0], "b1 is silent"
    assert "Every answer is the same" in comparison_to_html(compare(A, A))


def test_the_command_reads_files_and_folders_and_writes_both_forms(tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_text(A.model_dump_json())
    (tmp_path / "b.json").write_text(B.model_dump_json())
    made = [str(tmp_path / name) for name in ("", "b.json", "c.json", "c.html")]
    done = CliRunner().invoke(cli, ["compare", *made[:2], "--json", made[2], "--html", made[3]])
    assert done.exit_code == 0 and "| citation_f1 | 0.75 |" in done.output
    assert json.loads((tmp_path / "c.json").read_text())["questions"] == 4
    assert (tmp_path / "c.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot read .*r.json: .*glossator eval BUNDLE"),
        ("{", "r.json is no evaluation report"),
        ('{"name": 3}', "r.json is no evaluation report .name: "),
    ],
)
def test_what_is_no_report_is_refused_by_name(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "r.json").write_text(text)
    with pytest.raises(InputError, match=message):
        read_report(tmp_path / "r.json")
