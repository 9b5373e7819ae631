"""The plugin is sound: its data, its gold, its scorers, and no exploit is paid like an honest answer."""

from __future__ import annotations

from glossator import Host, Passage, Question, read_answer
from glossator.testing import check_domain

from glossator_harbour import WATCH, review_answer
from glossator_harbour.scorers import measures

QUESTION = Question(id="any", text="How fast may I go in the basin?")
RULE = Passage(id="p", document_id="d", title="Speed", text="At most 3 knots in the basin.", start=0, end=29)


def test_the_domain_is_sound() -> None:
    host = Host.discover(only=("common", "harbour"), strict=True)
    assert check_domain(host, "harbour") == []


def test_a_measure_that_no_passage_states_earns_nothing() -> None:
    right, wrong = (read_answer(f"At most {speed} knots. [1]", (RULE,), "I do not know.") for speed in (3, 30))
    assert (measures(QUESTION, right).value, measures(QUESTION, wrong).value) == (1.0, 0.0)


def test_an_answer_about_the_harbour_says_whom_to_call() -> None:
    reviewed = review_answer("harbour", QUESTION, read_answer("At most 3 knots. [1]", (RULE,), "I do not know."))
    assert reviewed is not None
    assert reviewed.notes == (WATCH,)


def test_what_a_skipper_has_to_decide_is_not_answered() -> None:
    question = Question(id="any", text="SHOULD  I sail today?")
    reviewed = review_answer("harbour", question, read_answer("At most 3 knots. [1]", (RULE,), "I do not know."))
    assert reviewed is not None
    assert reviewed.abstained
