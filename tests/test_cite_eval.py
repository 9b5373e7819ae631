"""Scoring other systems' answers: figures with intervals, runs that go on, thresholds, and nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glossator import InputError
from glossator.cite_eval import CiteReport, Judge, cite_eval, figure_names
from glossator.cli import cli
from glossator.foreign import read_submissions
from glossator.statistics.correction import Corrected
from glossator.verification.lexical import LexicalVerifier

from .citations.judges import Letters
from .conftest import ABSTENTION

PASSAGES = [{"id": "one", "text": "A B"}, {"id": "two", "text": "B C"}]
ANSWERS = ["Say A [1].", "Say A [2]. Say B [1][9].", ABSTENTION, "Say Q [1].", ""]


def written(tmp_path: Path, *answers: str) -> Path:
    path = tmp_path / "answers.jsonl"
    rows = [{"question": f"q{n}", "answer": text, "passages": PASSAGES} for n, text in enumerate(answers)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def scored(path: Path, judge: Letters, rows_file: Path | None = None, identity: str = "letters 1") -> CiteReport:
    judge_ = Judge(name="letters", identity=identity, verifier=judge)
    return cite_eval(
        read_submissions(path, "glossator", ABSTENTION), judge_, source="-", alce=True, rows_file=rows_file
    )


def test_the_figures_of_five_answers(tmp_path: Path) -> None:
    support = scored(written(tmp_path, *ANSWERS), Letters()).support
    recall = support.metrics["support_recall"]
    assert (recall.mean, recall.n, recall.failed) == (0.5, 2, 1)
    assert support.micro["support_recall"].mean == 0.3333
    assert support.metrics["support_precision"].mean == round((1 + 1 / 3) / 2, 4)
    assert support.micro["support_precision"].mean == 0.5
    assert support.metrics["support_f1"].mean == 0.5
    assert (support.answers, support.abstained, support.empty) == (5, 1, 1)
    assert (
        support.unjudged
        == {
            "support_recall": 1,
            "support_recall_graded": 1,
            "support_precision": 1,
            "support_precision_strict": 1,
            "misattribution": 1,
            "contradiction": 1,
        }
        | support.unjudged
    )
    everything = support.everything["support_recall"]
    assert (everything.mean, everything.n) == (0.25, 4)


def test_a_verifier_without_human_labels_is_not_corrected(tmp_path: Path) -> None:
    found = scored(written(tmp_path, *ANSWERS), Letters()).support.corrected["support_recall"]
    assert found.raw.mean == 0.3333 and found.corrected.mean is None
    assert found.why == "no human labels of verifier 'letters'"


SAYINGS = ["Ferritin falls first.", "It is ferritin that falls first.", "Zinc is stored in bone."]


def of_lexical(tmp_path: Path, *sayings: str) -> Corrected:
    """The recall of answers that cite a passage which says the first of SAYINGS, as lexical says and as people would."""
    passages = [{"id": "iron", "text": f"{SAYINGS[0]} Take iron at night."}]
    rows = [{"question": f"q{n}", "answer": f"{text} [1]", "passages": passages} for n, text in enumerate(sayings)]
    path = tmp_path / "sayings.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    judge = Judge(name="lexical", identity="lexical", verifier=LexicalVerifier())
    read = read_submissions(path, "glossator", ABSTENTION)
    return cite_eval(read, judge, source="-", alce=False, rows_file=None).support.corrected["support_recall"]


def test_what_stands_word_for_word_needs_no_correction(tmp_path: Path) -> None:
    alone = of_lexical(tmp_path, *SAYINGS[:1] * 30)
    assert alone.raw.mean == 1.0 and alone.corrected == alone.raw and not alone.why
    others = of_lexical(tmp_path, *(SAYINGS[1:] * 20))
    mixed = of_lexical(tmp_path, *SAYINGS[:1] * 10, *(SAYINGS[1:] * 20))
    assert mixed.raw.mean == 0.6
    assert others.corrected.mean is not None and others.raw.mean == 0.5 != others.corrected.mean
    assert mixed.corrected.mean == pytest.approx((40 * others.corrected.mean + 10) / 50, abs=1e-4)


def test_a_run_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    path, rows = written(tmp_path, *ANSWERS), tmp_path / "rows.jsonl"
    whole = scored(path, Letters(), rows)
    lines = rows.read_text(encoding="utf-8").splitlines(keepends=True)
    rows.write_text("".join(lines[:2]) + lines[2][:30], encoding="utf-8")
    judge = Letters()
    assert scored(path, judge, rows) == whole
    assert {claim.text for call in judge.calls for claim in call} == {"Say Q .", "Say Q."}
    assert rows.read_text(encoding="utf-8") == "".join(lines)


def test_another_verifier_or_another_answer_is_judged_anew(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    scored(written(tmp_path, "Say A [1]."), Letters(), rows)
    for path, identity in (
        (written(tmp_path, "Say B [1]."), "letters 1"),
        (written(tmp_path, "Say B [1]."), "letters 2"),
    ):
        judge = Letters()
        scored(path, judge, rows, identity)
        assert judge.calls
        assert len(rows.read_text(encoding="utf-8").splitlines()) == 1


def test_a_file_that_is_no_rows_file_is_left_alone(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("my notes\n", encoding="utf-8")
    with pytest.raises(InputError, match="rows.jsonl:1"):
        scored(written(tmp_path, "Say A [1]."), Letters(), rows)
    assert rows.read_text(encoding="utf-8") == "my notes\n"


def test_every_figure_has_the_name_that_a_threshold_uses(tmp_path: Path) -> None:
    report = scored(written(tmp_path, *ANSWERS), Letters())
    assert set(report.figures()) <= set(figure_names(alce=True))


def test_the_command_ends_with_1_below_a_threshold_and_says_so(tmp_path: Path) -> None:
    path, out = written(tmp_path, "Say A [1]."), tmp_path / "out"
    base = [
        "cite-eval",
        str(path),
        "--verifier",
        "overlap",
        "--json",
        str(out / "r.json"),
        "--junit",
        str(out / "j.xml"),
        "--fail-under",
    ]
    assert CliRunner().invoke(cli, [*base, "support_recall=0"]).exit_code == 0
    failed = CliRunner().invoke(cli, [*base, "support_recall=1", "--fail-under", "fabricated=1"])
    assert isinstance(failed.exception, InputError) and "rate of error" in str(failed.exception)
    failed = CliRunner().invoke(cli, [*base, "support_recall=1", "--fail-under", "quotes_faithful=0.5"])
    assert failed.exit_code == 1 and "quotes_faithful: nothing to measure" in failed.output
    assert '<testcase classname="cite-eval" name="quotes_faithful">' in (out / "j.xml").read_text(encoding="utf-8")
    assert CiteReport.model_validate_json((out / "r.json").read_bytes()).support.answers == 1


def test_bad_input_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "x"}\n{"question": "y"}', encoding="utf-8")
    failed = CliRunner().invoke(cli, ["cite-eval", str(path), "--json", str(tmp_path / "out" / "r.json")])
    assert isinstance(failed.exception, InputError) and not (tmp_path / "out").exists()
