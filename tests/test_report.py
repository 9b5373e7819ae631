"""The report shows every answer beside its sources, and hostile text stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from glossator import Answer, Question, Score, Scorer
from glossator.amendments import Amendment
from glossator.claims import Verdict
from glossator.evaluate import EvalReport, difference, measure
from glossator.report import figure, table, to_html, to_markdown
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


def judged_report(*supports: tuple[float, bool | None]) -> EvalReport:
    """Answers that hit their gold or not, each of one statement with this support."""
    rows = []
    for number, (full, hit) in enumerate(supports):
        question = (
            QUESTION if hit in (None, True) else replace(QUESTION, evidence=(passage(document("x", "other")).span,))
        )
        row = measure("sft", [replace(question, id=f"q{number}")], [ANSWER], SCORERS).rows[0]
        rows.append(row.model_copy(update={"verdicts": (Verdict(full=full),) * len(row.answer.statements)}))
    made = report()
    return made.model_copy(update={"systems": (made.systems[-1].model_copy(update={"rows": tuple(rows)}),)})


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
    assert not Tags(page).names & {"img", "iframe", "object", "embed", "form", "base", "link"}
    assert page.count("<script") == 1, "our own"
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    assert not [name for name, _ in Tags(page).attributes if name.startswith("on")]
    assert not [value for _, value in Tags(page).attributes if "evil" in value], "nothing measured is in an attribute"


def test_only_our_own_script_may_run(page: str) -> None:
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(value for name, value in Tags(page).attributes if name == "content" and "default-src" in value)
    assert f"script-src 'sha256-{digest}';" in policy and "default-src 'none'" in policy
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    loading = [
        value for name, value in Tags(page).attributes if name in ("src", "href", "xlink:href", "action", "data")
    ]
    assert all(value.startswith("#") for value in loading)
    assert "url(http" not in page and "@import" not in page and "javascript:" not in page


def test_the_headline_comes_first_with_intervals_and_counts(page: str) -> None:
    names = re.findall("<dt>(.*?)</dt>", page)
    assert names == ["citation precision", "citation recall", "citation F1", "quote fidelity"] + [
        f"abstention {name}" for name in ("precision", "recall", "F1")
    ]
    first = page.partition("</dl>")[0]
    assert first.count(" · n ") == len(names) and "<table" not in first


def test_figures_of_a_verifier_are_shown_whatever_they_are_called() -> None:
    score = Scorer(name="support_anything", score=lambda q, a: Score(name="support_anything", value=0.25), summary="")
    system = measure("sft", [QUESTION], [ANSWER], [*SCORERS, score])
    page = to_html(report().model_copy(update={"systems": (system,), "differences": ()}))
    assert "<dt>support anything</dt>" in page and page.count("support anything") >= 3, "tile, table, slices"


def test_a_plot_without_data_says_why(page: str) -> None:
    assert page.count("Left out: no statement was judged by a verifier.") == 2
    sure = judged_report((0.9, None), (0.9, None))
    assert to_html(sure).count("Left out: every judged statement has the same support: 0.90.") == 2


def test_supports_that_differ_are_plotted() -> None:
    page = to_html(judged_report((0.9, True), (0.2, False)))
    assert "Left out" not in page and page.count('role="img"') == 3
    assert "ECE" in page and "Area under the curve" in page


def test_plots_take_the_colours_of_the_page(page: str) -> None:
    drawn = page.partition("<svg xmlns")[2].partition("</svg>")[0]
    assert "var(--ink)" in drawn and "var(--c1)" in drawn
    assert not set(re.findall("#[0-9a-f]{6}", drawn)) - {"#ffffff", "#000000"}


def test_a_page_is_the_same_every_time(page: str) -> None:
    assert to_html(report()) == page


def test_markdown_is_a_table_with_a_column_for_each_rung() -> None:
    lines = to_markdown(report(gates={"citation_f1": 0.9})).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert rows[0] == "| metric | base | sft |" and rows[1] == "|---|---|---|"
    assert {row.count("|") for row in rows} == {4}
    assert len(rows) == 2 + len(SCORERS) + 3 + 1 + 4
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
        "statements repaired",
        "statements dropped",
        "check, ms per answer",
        "repair, ms per answer",
    ]


def test_what_the_check_changed_is_in_the_table_and_beside_the_answer() -> None:
    gone = Amendment(statement=f"The moon is cheese {EVIL}.", fault="unsupported", support=0.1)
    other = Amendment(statement="Iron rises.", fault="uncited", replacement=SAID)
    timings = {"check": 0.002, "repair": 0.0305}
    answer = replace(ANSWER, dropped=1, amendments=(gone, other), timings=timings)
    made = report((QUESTION, answer))
    rows = {row[0]: row[-1] for row in table(made)}
    written = len(ANSWER.statements) + 1
    assert rows["statements repaired"] == rows["statements dropped"] == figure(made.systems[-1].mending.drop_rate)
    assert made.systems[-1].mending.drop_rate.mean == round(1 / written, 4)
    assert (rows["check, ms per answer"], rows["repair, ms per answer"]) == ("2.0", "30.5")
    page = to_html(made)
    assert "dropped, unsupported: <s>The moon is cheese &lt;/div&gt;" in page and "replaced, uncited: <s>Iron" in page
    assert not Tags(page).names & {"img", "iframe"}


def test_a_report_from_before_the_repairs_is_shown_without_them() -> None:
    old = [system.model_copy(update={"mending": None}) for system in report().systems]
    assert "statements repaired" not in to_markdown(report().model_copy(update={"systems": tuple(old)}))


def test_a_report_survives_json() -> None:
    answer = replace(ANSWER, amendments=(Amendment(statement="x", fault="uncited", replacement=SAID),))
    mended = report((QUESTION, answer)).model_dump_json()
    assert EvalReport.model_validate_json(mended).systems[0].rows[0].answer == answer
    text = report().model_dump_json()
    assert EvalReport.model_validate_json(text).model_dump_json() == text


def test_a_metric_without_value_does_not_spoil_the_plot() -> None:
    assert "none applies" in to_html(report((UNANSWERABLE, read(ABSTENTION))))
    silent = report((UNANSWERABLE, read(ABSTENTION)))
    assert all(f">{system.rung}</text>" in to_html(silent) for system in silent.systems), "every rung is in the legend"
