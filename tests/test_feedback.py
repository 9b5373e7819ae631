"""What people said becomes pairs over the passages they saw; what cannot be learnt is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glossator import Host, InputError
from glossator.content import weights
from glossator.errors import RecipeError
from glossator.feedback import not_asked, read_feedback
from glossator.generation.transformers_local import LocalGenerator
from glossator.plan import Plan, make_plan
from glossator.stages.base import PairArtifact
from glossator.stages.examples import gold
from glossator.stages.people import people_pairs, people_tasks
from glossator.wire import answer_json

from .conftest import ABSTENTION, document, passage

SHOWN = [passage(document("Ferritin falls first. Iron is rare.", "blood")), passage(document("No rent.", "rent"))]
RIGHT, WRONG = "[1]: “Ferritin falls first.”", "[2]: “No rent.”"


def passages() -> list[dict[str, Any]]:
    """As `ask --json` prints them."""
    from glossator import read_answer

    printed: list[dict[str, Any]] = answer_json(read_answer(RIGHT, SHOWN, ABSTENTION))["passages"]
    return printed


def asked(question: str = "What falls first?", **more: Any) -> dict[str, Any]:
    return {"question": question, "passages": passages(), **more}


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "feedback.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def thumbs(text: str, answer: bool, source: bool, **more: Any) -> dict[str, Any]:
    return asked(text=text, answer=answer, source=source, **more)


def test_a_comparison_is_a_pair_over_what_was_shown(tmp_path: Path) -> None:
    (pair,), alone = read_feedback(written(tmp_path, asked(better=RIGHT, worse=WRONG)))
    assert (pair.better, pair.worse, pair.id, alone) == (RIGHT, WRONG, "line 1", 0)
    assert [shown.text for shown in pair.passages] == [shown.text for shown in SHOWN]


def test_a_good_and_a_bad_answer_to_the_same_prompt_are_a_pair(tmp_path: Path) -> None:
    """A source that does not support it makes an answer bad, however much it helps."""
    rows = [thumbs(RIGHT, True, True), thumbs(WRONG, True, False), thumbs(WRONG, False, True, question="Else?")]
    (pair,), alone = read_feedback(written(tmp_path, *rows))
    assert (pair.better, pair.worse, pair.id, alone) == (RIGHT, WRONG, "lines 1 and 2", 1)


def test_an_answer_is_not_better_than_itself(tmp_path: Path) -> None:
    assert read_feedback(written(tmp_path, asked(better=RIGHT, worse=f" {RIGHT}"))) == ([], 0)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"question": "?", "passages": []}, "2: passages: Tuple should have at least 1 item"),
        (asked(better=RIGHT), "2: worse: Field required"),
        (asked(text=RIGHT, answer=True), "2: source: Field required"),
        ([1], "2: "),
        ({**asked(better=RIGHT, worse=WRONG), "passages": [{**passages()[0], "end": 3}]}, "not as long as its span"),
    ],
)
def test_a_bad_line_is_named(row: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_feedback(written(tmp_path, asked(better=RIGHT, worse=WRONG), row))


def test_a_missing_file_and_one_that_is_no_text_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no feedback file at"):
        read_feedback(tmp_path / "none.jsonl")
    (tmp_path / "odd.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="byte 0 is not UTF-8"):
        read_feedback(tmp_path / "odd.jsonl")


def test_a_question_that_measures_is_not_learnt_from(tmp_path: Path) -> None:
    pairs, _ = read_feedback(written(tmp_path, asked(better=RIGHT, worse=WRONG)))
    assert not_asked(pairs, ["what  falls FIRST?"]) == []
    assert not_asked(pairs, ["What falls last?"]) == pairs


def plan(folder: Path, feedback: Path, *sets: str, algorithm: str = "dpo") -> Plan:
    path = folder / "r.yaml"
    path.write_text(
        "name: t\ndomain: medical\nbackbone: embedded\nsft: {}\n"
        f"rl: {{algorithm: {algorithm}, pairs: {{feedback: {feedback}}}}}\n"
    )
    return make_plan(path, Host.discover(), sets=sets)


def test_what_the_policy_cannot_say_and_what_is_measured_is_left_out(tmp_path: Path) -> None:
    measured = gold(plan(tmp_path, written(tmp_path)), "test")[0].text
    rows = [
        asked(better=RIGHT, worse=WRONG),
        asked(better="Ferritin, of course.", worse=WRONG),
        asked(measured, better=RIGHT, worse=WRONG),
        thumbs(RIGHT, True, True),
    ]
    made = plan(tmp_path, written(tmp_path, *rows))
    generator = LocalGenerator.load(str(weights()))
    pairs, told = people_pairs(made, generator, tmp_path)
    assert [(pair.chosen, pair.rejected, pair.chosen_from) for pair in pairs] == [(RIGHT, WRONG, "person")]
    assert told == {"pairs": 1, "thumbs_without_a_partner": 1, "of_test_questions": 1, "not_sayable": 1}
    (task,) = people_tasks(PairArtifact(tmp_path, manifest=None), made)  # type: ignore[arg-type]
    assert task.example.messages == pairs[0].messages
    assert [(shown.id, shown.text, shown.score) for shown in task.passages] == [(p.id, p.text, p.score) for p in SHOWN]


@pytest.mark.parametrize(
    ("algorithm", "exists", "said"), [("grpo", True, "learns from no pairs"), ("dpo", False, "no file at")]
)
def test_feedback_that_would_be_ignored_or_is_not_there_is_refused(
    algorithm: str, exists: bool, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path) if exists else tmp_path / "none.jsonl"
    with pytest.raises(RecipeError, match=f"rl.pairs.feedback: .*{said}"):
        plan(tmp_path, path, algorithm=algorithm)
