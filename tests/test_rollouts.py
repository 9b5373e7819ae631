"""Sampled answers: why each was paid what it was, and what another policy would have paid."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from glossator import Passage, Question, Span
from glossator.artifacts import write_rows
from glossator.domain import RewardPolicy
from glossator.errors import InputError
from glossator.host import Host
from glossator.rollouts import FILE, Rollout, explained, read_rollouts, rescored, write_rollouts

TEXT = "Ferritin falls first of all blood tests in iron deficiency. Serum iron follows some weeks later."
GOLD = TEXT.index(" Serum")
QUESTION = Question(
    id="q", text="What falls first?", evidence=(Span(document_id="iron", start=0, end=GOLD),), answers=("ferritin",)
)
POLICY = RewardPolicy(weights={"citation_f1": 2.0, "abstains_well": 1.0}, gates=("honest_form",))
ABSTENTION = "The passages do not say."


def rollout(text: str, reward: float, right: float, step: int = 3, answerable: bool = True) -> Rollout:
    scores = {"honest_form": 1.0, "citation_f1": right, "abstains_well": right}
    return Rollout(
        step=step, question="q", answerable=answerable, passages=("p",), text=text, scores=scores, reward=reward
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "examples").mkdir()
    write_rows(tmp_path / "examples/questions.jsonl", [asdict(QUESTION)])
    passage = Passage(id="p", document_id="iron", title="Iron", text=TEXT, start=0, end=len(TEXT))
    write_rows(tmp_path / "examples/passages.jsonl", [asdict(passage)])
    return tmp_path


def test_an_answer_is_explained_down_to_the_stretch_it_cites(run: Path) -> None:
    wrong = rollout(f"[1]: “{TEXT[GOLD + 1 :]}”", 0.0, 0.0)
    found = explained(run, wrong, POLICY, Host.discover(), ABSTENTION)
    assert found["cited"] == [
        {"document": "iron", "start": GOLD + 1, "end": len(TEXT), "quote": TEXT[GOLD + 1 :], "hit": False}
    ]
    assert found["gold"] == [{"document": "iron", "start": 0, "end": GOLD}]
    assert found["sum"] == "(2 x 0.000 + 1 x 0.000) / 3 = 0.000"
    right = explained(run, rollout(f"[1]: “{TEXT[:GOLD]}”", 1.0, 1.0), POLICY, Host.discover(), ABSTENTION)
    assert right["cited"][0]["hit"] and right["reward"] == 1.0


def test_what_was_practised_is_explained_too(run: Path) -> None:
    (run / "examples").rename(run / "practice")
    right = explained(run, rollout(f"[1]: “{TEXT[:GOLD]}”", 1.0, 1.0), POLICY, Host.discover(), ABSTENTION)
    assert right["asked"] == QUESTION.text and right["reward"] == 1.0


def test_a_shut_gate_is_named(run: Path) -> None:
    found = explained(run, rollout("Ferritin [7].", 0.0, 0.0), POLICY, Host.discover(), ABSTENTION)
    assert found["sum"] == "0.0: the gate honest_form is shut"
    assert found["cited"][0] == {"document": "[7]", "start": None, "end": None, "quote": None, "hit": False}


def test_where_the_evidence_was_not_shown_abstaining_is_right(run: Path) -> None:
    silent = rollout(ABSTENTION, 1.0, 1.0, answerable=False)
    assert explained(run, silent, POLICY, Host.discover(), ABSTENTION)["sum"] == "(1 x 1.000) / 1 = 1.000"


def test_rollouts_are_paid_anew_from_the_scores_that_were_kept(run: Path) -> None:
    write_rollouts(run / FILE, [rollout("a", 1.0, 1.0), rollout("b", 0.0, 0.0), rollout("c", 0.5, 0.5, step=4)])
    kept = read_rollouts(run)
    found = rescored(kept, RewardPolicy(weights={"abstains_well": 1.0}, gates=()))
    assert (found["mean_before"], found["mean_after"], found["groups"]) == (0.5, 0.5, 2)
    assert found["groups_with_signal_before"] == found["groups_with_signal_after"] == 1
    assert found["groups_whose_best_differs"] == 0


def test_another_best_answer_is_counted(run: Path) -> None:
    group = [rollout("a", 1.0, 0.2), rollout("b", 0.0, 0.9)]
    assert rescored(group, RewardPolicy(weights={"citation_f1": 1.0}, gates=()))["groups_whose_best_differs"] == 1


def test_a_component_that_was_not_kept_is_named() -> None:
    with pytest.raises(InputError, match="the rollouts hold no evidence_f1; they hold abstains_well, citation_f1"):
        rescored([rollout("a", 1.0, 1.0)], RewardPolicy(weights={"evidence_f1": 1.0}, gates=()))


def test_damaged_and_missing_rollouts_are_said_to_be(run: Path) -> None:
    with pytest.raises(InputError, match="holds no rollouts"):
        read_rollouts(run)
    (run / FILE).parent.mkdir(parents=True)
    (run / FILE).write_text('{"step": 1}\n')
    with pytest.raises(InputError, match="is damaged"):
        read_rollouts(run)
