"""Facts of a right answer: stated, in part, and grounded."""

from __future__ import annotations

from glossator.citations.nuggets import Nugget, nugget_views, stated
from glossator.citations.tensor import tensors

from ..conftest import ABSTENTION
from .judges import Letters, answer

NUGGETS = [Nugget(text="A"), Nugget(text="B D"), Nugget(text="C", vital=False), Nugget(text="Q")]


def shares(text: str, nuggets: list[Nugget]) -> dict[str, float | None]:
    judge = Letters()
    made = tensors([answer(text, "A", "B")], judge, gold=[[]])
    return {name: found.share for name, found in nugget_views(stated(made, [nuggets], judge)[0], 0.5).items()}


def test_coverage_counts_what_is_said_and_grounded_what_is_supported_too() -> None:
    assert shares("Say A [1]. Say B [1]. Say C now.", NUGGETS) == {
        "nugget_recall": (1 + 0.5 + 1) / 3,
        "nugget_recall_strict": 2 / 3,
        "nugget_recall_vital": 1.5 / 2,
        "nugget_recall_vital_strict": 1 / 2,
        "nugget_recall_grounded": 1 / 3,
    }


def test_what_a_conclusion_states_is_stated_though_nothing_supports_it() -> None:
    found = shares("Say B [1]. Therefore A now.", NUGGETS[:1])
    assert (found["nugget_recall"], found["nugget_recall_grounded"]) == (1, 0)


def test_without_nuggets_there_is_no_figure() -> None:
    assert set(shares("Say A [1].", []).values()) == {None}


def test_an_abstention_states_nothing() -> None:
    assert set(shares(ABSTENTION, NUGGETS[:3]).values()) == {0.0}
