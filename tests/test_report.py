"""The report shows every answer beside its sources, and hostile text stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from glossator import Answer, Question
from glossator.evaluate import EvalReport, difference, measure
from glossator.report import figure, marked, table, to_html, to_markdown
from glossator.statistics.estimates import estimate
from glossator_common.scorers import SCORERS

from .conftest import ABSTENTION, asked, document, holding, passage, read

EVIL = '</div><script>alert(1)</script><img src="https://evil.example/x.png" onerror=alert(2)>'
SAID = "Ferritin falls before the haemoglobin does in iron deficiency."
BLOOD = document(f"{EVIL} {SAID} {EVIL}", title=f"Blood {EVIL}")
QUESTION = asked(holding(BLOOD, SAID).span, text=f"What falls {EVIL}?")
ANSWER = read(f"“{SAID}” [1] {EVIL}", replace(passage(BLOOD), locator=EVIL))
UNANSWERABLE = asked(text="How high is the moon?", name="q2")


def report(*pairs: tuple[Question, Answer], gates: dict[str, float] | None = None) -> EvalReport:
    """A report of two rungs that answered alike."""
    pairs = pairs or ((QUESTION, ANSWER), (UNANSWERABLE, read(ABSTENTION, passage(BLOOD))))
    questions, answers = [q for q, _ in pairs], [a for _, a in pairs]
    base, sft = (measure(rung, questions, answers, SCORERS) for rung in ("base", "sft"))
    return EvalReport(
        name="medical",
        lock="abc",
        questions=len(questions),
        unanswerable=sum(not question.answerable for question in questions),
        source=f"gold {EVIL}",
        systems=(base, sft),
        differences=(difference(sft, base, "citation_f1", questions),),
        gates=gates or {},
        missed_gates=tuple(gates or ()),
    )


@pytest.fixture(scope="module")
def page() -> str:
    return to_html(report())


class Tags(HTMLParser):
    """Every tag of a page and every attribute."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_hostile_text_stays_text(page: str) -> None:
    assert not Tags(page).names & {"script", "img", "iframe", "object", "embed", "form", "base", "link"}
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    assert not [name for name, _ in Tags(page).attributes if name.startswith("on")]


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    loading = [
        value for name, value in Tags(page).attributes if name in ("src", "href", "xlink:href", "action", "data")
    ]
    assert all(value.startswith("#") for value in loading)
    assert "url(http" not in page and "@import" not in page and "javascript:" not in page
    assert "default-src 'none'" in page


def test_cited_and_gold_stretches_are_marked_where_they_stand(page: str) -> None:
    assert f"<mark><u>{SAID}</u></mark>" in page


def test_a_page_is_the_same_every_time(page: str) -> None:
    assert to_html(report()) == page


def shown(passage_text: str, cited: list[tuple[int, int]], gold: list[tuple[int, int]], at: int = 100) -> str:
    """A passage that begins at `at`, marked at these places of its document."""
    row = {"document_id": "d", "start": at, "end": at + len(passage_text), "text": passage_text}
    spans: Any = lambda places: [{"document_id": "d", "start": a, "end": b} for a, b in places]  # noqa: E731
    return "".join(marked(row, spans(cited), spans(gold)))


@pytest.mark.parametrize(
    ("cited", "gold", "html"),
    [
        ([], [], "abcdefgh"),
        ([(102, 104)], [], "ab<mark>cd</mark>efgh"),
        ([], [(100, 108)], "<u>abcdefgh</u>"),
        ([(102, 106)], [(104, 108)], "ab<mark>cd</mark><mark><u>ef</u></mark><u>gh</u>"),
        ([(90, 102), (107, 200)], [], "<mark>ab</mark>cdefg<mark>h</mark>"),
        ([(0, 100), (108, 120)], [], "abcdefgh"),
        ([(101, 103), (102, 104)], [], "a<mark>b</mark><mark>c</mark><mark>d</mark>efgh"),
    ],
)
def test_marks_stand_at_exact_offsets(cited: list[tuple[int, int]], gold: list[tuple[int, int]], html: str) -> None:
    assert shown("abcdefgh", cited, gold) == html


def test_marks_of_another_document_are_left_out() -> None:
    row = {"document_id": "other", "start": 0, "end": 3, "text": "abc"}
    assert "".join(marked(row, [{"document_id": "d", "start": 0, "end": 3}], [])) == "abc"


def test_marked_text_is_escaped_and_otherwise_unchanged() -> None:
    text = "<b> & “q” 🙂 </b>"
    html = shown(text, [(101, 105)], [(103, 110)])
    assert unescape(re.sub("</?(?:mark|u)>", "", html)) == text
    assert "<b>" not in html


def test_markdown_is_a_table_with_a_column_for_each_rung() -> None:
    lines = to_markdown(report(gates={"citation_f1": 0.9})).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert rows[0] == "| metric | base | sft |" and rows[1] == "|---|---|---|"
    assert {row.count("|") for row in rows} == {4}
    assert len(rows) == 2 + len(SCORERS) + 3 + 1
    assert any(line.startswith("sft - base, citation_f1: 0.00 [0.00, 0.00] n=1") for line in lines)
    assert "Missed gates: citation_f1" in lines and lines[-1].startswith("Bundle abc.")


def test_a_figure_shows_interval_count_and_failures() -> None:
    assert figure(estimate([1.0, 1.0], ["a", "b"])) == "1.00 [1.00, 1.00] n=2"
    assert figure(estimate([1.0], ["a"], failed=2)) == "1.00 [1.00, 1.00] n=1 failed=2"
    assert figure(estimate([None], ["a"], failed=2)) == "none applies failed=2"


def test_every_metric_and_the_abstention_stand_in_the_table() -> None:
    names = [row[0] for row in table(report())]
    assert names[1:] == [
        *(scorer.name for scorer in SCORERS),
        *(f"abstention_{name}" for name in ("precision", "recall", "f1")),
        "seconds per question",
    ]


def test_a_report_survives_json() -> None:
    text = report().model_dump_json()
    assert EvalReport.model_validate_json(text).model_dump_json() == text


def test_a_metric_without_value_does_not_spoil_the_plot() -> None:
    assert "none applies" in to_html(report((UNANSWERABLE, read(ABSTENTION))))
    silent = report((UNANSWERABLE, read(ABSTENTION)))
    assert all(f"<!-- {system.rung} -->" in to_html(silent) for system in silent.systems), "every rung is in the legend"
