"""One judgement is metric, gate and reward; what could not be judged is never a number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glossator import Answer, Question, Score, Scorer
from glossator.citations.check import check_answer
from glossator.citations.read import read_answer
from glossator.citations.tensor import tensors
from glossator.citations.views import support_recall
from glossator.domain import RewardPolicy
from glossator.scoring import judge, reward
from glossator.verification.overlap import OverlapVerifier
from glossator_common.scorers import SCORERS

from .conftest import ABSTENTION, asked, document, passage, read

EXPLOITS = Path(__file__).resolve().parents[2] / "shared" / "data" / "security" / "handmade" / "reward_exploits.jsonl"
QUOTED = "“The appeal must be filed within 30 days of notification.” [1]"
UNQUOTED = {"trivial_claims", "sentence_split"}
"""Exploits that pass as short statements without a quote, see the expected failure below."""


def scores(**values: float | None) -> dict[str, Score]:
    return {name: Score(name=name, value=value) for name, value in values.items()}


def scorer(function: Any) -> Scorer:
    return Scorer(name="s", score=function, summary="")


def judged(function: Any) -> Score:
    return judge([scorer(function)], asked(), read(""))["s"]


def policy(*gates: str, **weights: float) -> RewardPolicy:
    return RewardPolicy(weights=weights, gates=gates)


def test_a_reward_is_the_weighted_mean_of_what_applies() -> None:
    assert reward(policy(a=3, b=1), scores(a=1.0, b=0.0)) == 0.75
    assert reward(policy(a=3, b=1), scores(a=None, b=0.5)) == 0.5


def test_nothing_judged_is_no_reward_rather_than_zero() -> None:
    assert reward(policy(a=1, b=1), scores(a=None, b=None)) is None


def test_a_gate_of_zero_makes_the_whole_reward_zero() -> None:
    assert reward(policy("g", a=1), scores(a=1.0, g=0.0)) == 0.0
    assert reward(policy("g", a=1), scores(a=None, g=0.0)) == 0.0
    assert reward(policy("g", a=1), scores(a=0.5, g=1.0)) == 0.5


def test_a_gate_that_failed_is_not_taken_for_open() -> None:
    assert reward(policy("g", a=1), scores(a=1.0) | {"g": Score(name="g", value=None, failed=True)}) is None


def test_a_scorer_that_raises_has_no_value_and_says_why() -> None:
    def fails(question: Question, answer: Answer) -> Score:
        raise TimeoutError("the judge sleeps")

    assert judged(fails) == Score(name="s", value=None, why="TimeoutError: the judge sleeps", failed=True)


@pytest.mark.parametrize("returned", [None, 0.5, Score(name="s", value=float("nan"))])
def test_a_scorer_that_returns_nonsense_has_failed(returned: Any) -> None:
    score = judged(lambda question, answer: returned)
    assert score.value is None and score.failed


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_an_infinite_score_has_failed(value: float) -> None:
    assert judged(lambda question, answer: Score(name="s", value=value)).failed


def test_a_score_that_does_not_apply_has_not_failed() -> None:
    score = judged(lambda question, answer: Score(name="s", value=None, why="nothing quoted"))
    assert (score.value, score.failed, score.why) == (None, False, "nothing quoted")


def test_every_scorer_of_the_house_has_its_own_name_and_a_summary() -> None:
    for item in SCORERS:
        assert item.summary and item.score(asked(), read("")).name == item.name


BLOOD = document("Ferritin falls before the haemoglobin does in iron deficiency.")
OTHER = document("Warfarin is monitored with the INR at every single visit.", "drugs")
SHOWN = passage(BLOOD), passage(OTHER)
GOLD = asked(SHOWN[0].span)


def paid(text: str, question: Question = GOLD) -> float | None:
    return reward(RewardPolicy(), judge(SCORERS, question, read(text, *SHOWN)))


def test_the_house_pays_wrong_less_than_abstaining_and_abstaining_less_than_right() -> None:
    wrong, silent, right = paid(f"“{OTHER.text}” [2]"), paid(ABSTENTION), paid(f"“{BLOOD.text}” [1]")
    assert wrong is not None and silent is not None and right is not None
    assert wrong < silent < right == 1


def test_the_house_pays_only_the_abstention_where_there_is_no_answer() -> None:
    assert paid(ABSTENTION, asked()) == 1
    assert paid(f"“{BLOOD.text}” [1]", asked()) == 0


@pytest.mark.parametrize("text", ["", "[1]", BLOOD.text, f"“{BLOOD.text}” [9]", f"“{BLOOD.text.upper()}” [1]"])
def test_a_shut_gate_pays_nothing(text: str) -> None:
    assert paid(text) == 0


def exploits() -> list[dict[str, Any]]:
    return [json.loads(line) for line in EXPLOITS.read_text(encoding="utf-8").splitlines()] if EXPLOITS.exists() else []


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(passage(document(text, f"d{n}")) for n, text in enumerate(row["contexts"]))


def earned(row: dict[str, Any], text: str) -> float:
    passages = shown(row)
    return reward(RewardPolicy(), judge(SCORERS, asked(passages[0].span), read(text, *passages))) or 0.0


def obeys(row: dict[str, Any]) -> bool:
    """Whether the answer is paid as its rule says, the honest answer being the true quote."""
    honest, silent = earned(row, QUOTED), earned(row, ABSTENTION)
    value = earned(row, row["answer"])
    return {
        "reference": silent < honest == 1 and value <= honest,
        "< honest": value < honest,
        "<= honest": value <= honest,
        "<= abstain": value <= silent,
        "<= true_no_cite": value <= earned(row, "The appeal must be filed within 30 days of notification."),
    }[row["rule"]]


@pytest.mark.shared
@pytest.mark.skipif(not EXPLOITS.exists(), reason="the reference data is not beside this checkout")
def test_no_collected_exploit_is_paid_more_than_its_rule_allows() -> None:
    rows = exploits()
    assert len(rows) == 28
    assert [row["id"] for row in rows if not obeys(row) and row["id"] not in UNQUOTED] == []


@pytest.mark.shared
@pytest.mark.skipif(not EXPLOITS.exists(), reason="the reference data is not beside this checkout")
def test_short_statements_without_a_quote_are_not_paid() -> None:
    assert [row["id"] for row in exploits() if row["id"] in UNQUOTED and not obeys(row)] == []


@pytest.mark.shared
@pytest.mark.skipif(not EXPLOITS.exists(), reason="the reference data is not beside this checkout")
@pytest.mark.parametrize("name", ["false_with_cite", "negation", "wrong_source", "trivial_claims", "one_long_sentence"])
def test_what_no_reward_reads_the_run_time_check_drops(name: str) -> None:
    (row,) = (row for row in exploits() if row["id"] == name)
    passages = shown(row)
    known = {p.document_id: document(p.text, p.document_id) for p in passages}
    answer = read(row["answer"], *passages)
    checked = check_answer(answer, OverlapVerifier(), min_support=0.8, abstention=ABSTENTION, documents=known)
    assert checked.abstained


def test_check_metric_and_reward_ask_one_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    known = document("Ferritin falls before the haemoglobin does.", "iron", title="Iron")
    answer = read_answer("Ferritin falls before the haemoglobin does [1].", [passage(known)], ABSTENTION)
    paid = next(scorer for scorer in SCORERS if scorer.name == "supported")

    def said() -> tuple[bool, float | None, float | None]:
        checked = check_answer(
            answer, OverlapVerifier(), min_support=0.5, abstention=ABSTENTION, documents={"iron": known}
        )
        (tensor,) = tensors([answer], OverlapVerifier(), gold=[()])
        return checked.abstained, support_recall(tensor).share, paid.score(Question(id="", text="?"), answer).value

    assert said() == (False, 1.0, 1.0)
    monkeypatch.setattr("glossator.citations.support.cited_words", lambda statement, answer: ["Bees make honey."])
    assert said() == (True, 0.0, 0.0)
