"""Every metric of support by hand, and what no answer may do to them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glossator.citations.tensor import Tensor, tensors
from glossator.citations.views import VIEWS, Tally, f1

from ..conftest import ABSTENTION
from .judges import Letters, answer
from .test_tensor import ANSWERS, LETTERS, MARKERS

TEXTS = ("A B", "B C", "A", "a D")


def tensor(text: str, *gold: str) -> Tensor:
    return tensors([answer(text, *TEXTS)], Letters(), gold=[gold])[0]


def view(name: str, text: str, *gold: str) -> tuple[float, int]:
    found = VIEWS[name](tensor(text, *gold))
    return found.part, found.whole


@pytest.mark.parametrize(
    ("name", "text", "part", "whole"),
    [
        ("support_recall", "Say A [1].", 1, 1),
        ("support_recall", "Say A C [1][2].", 1, 1),
        ("support_recall", "Say A C [1].", 0, 1),
        ("support_recall", "Say A [1][9].", 0, 1),
        ("support_recall", "Say A.", 0, 1),
        ("support_recall", "Say A [1]. Say D [1]. Say B.", 1, 3),
        ("support_recall_graded", "Say A C [1]. Say A [1]. Say D [1].", 1.5, 3),
        ("support_recall_graded", "Say A.", 0, 1),
        ("support_precision", "Say A [1].", 1, 1),
        ("support_precision", "Say A C [1][2].", 2, 2),
        ("support_precision", "Say A [1][2].", 1, 2),
        ("support_precision", "Say A [1][9].", 1, 2),
        ("support_precision", "Say A [1][1][1].", 1, 3),
        ("support_precision", "Say B [1][2][3][4][1].", 2, 5),
        ("support_precision", "Say A.", 0, 0),
        ("support_precision", "Say C [1]. Say A [1].", 1, 2),
        ("support_precision_strict", "Say A C [1][2].", 0, 2),
        ("support_precision_strict", "Say A [1][3].", 2, 2),
        ("redundancy", "Say A [1][3].", 2, 2),
        ("redundancy", "Say A [1][2].", 1, 2),
        ("redundancy", "Say A C [1][2].", 0, 2),
        ("redundancy", "Say A [1]. Say D [1][2].", 0, 1),
        ("misattribution", "Say A [2]. Say D [4]. Say C [1].", 2, 3),
        ("misattribution", "Say A now. Say E [1].", 0, 2),
        ("misattribution", "Say A [9].", 1, 1),
        ("contradiction", "Say A [4]. Say A [1]. Say A.", 1, 2),
        ("uncited", "Say A now. Say B [1].", 1, 2),
        ("fabricated", "Say A [1][9][0]. Say B [7].", 3, 4),
        ("over_citation", "Say B [1][2][3][4][1]. Say A [1].", 2, 6),
    ],
)
def test_by_hand(name: str, text: str, part: float, whole: int) -> None:
    assert view(name, text) == (part, whole)


def test_what_gold_supports_whatever_is_cited() -> None:
    assert view("support_by_gold", "Say A now. Say D [4].", "A B") == (1, 2)
    assert view("support_by_gold", "Say A.") == (0, 0)


def test_what_cannot_be_judged_is_counted_and_in_no_share() -> None:
    found = VIEWS["support_recall"](tensor("Say Q [1]. Say A [1]."))
    assert found == Tally(part=1, whole=1, unjudged=1)
    assert VIEWS["support_precision"](tensor("Say Q [1].")) == Tally(part=0, whole=0, unjudged=1)


@pytest.mark.parametrize("text", [ABSTENTION, ""])
def test_where_nothing_is_said_there_is_no_share(text: str) -> None:
    assert all(take(tensor(text)).share is None for take in VIEWS.values())


def test_a_bare_marker_needs_no_evidence_and_costs_precision() -> None:
    assert view("support_recall", "[9]") == (0, 0)
    assert view("support_precision", "[9]") == (0, 1)


def test_f1_without_citations_is_nothing() -> None:
    assert f1(None, 0.0) == 0 and f1(None, None) is None and f1(0.0, 1.0) == 0


@settings(deadline=None)
@given(ANSWERS)
def test_shares_lie_between_nought_and_one(text: str) -> None:
    made = tensor(text, "A B C")
    shares = [take(made).share for take in VIEWS.values()]
    assert all(share is None or 0 <= share <= 1 for share in shares)


@settings(deadline=None)
@given(LETTERS, MARKERS, st.randoms())
def test_the_order_of_citations_does_not_matter(said: list[str], cited: list[str], chance: object) -> None:
    mixed = sorted(cited, key=lambda _: chance.random())  # type: ignore[attr-defined]
    one, two = (tensor(f"Say {' '.join(said)} {''.join(markers)}.") for markers in (cited, mixed))
    assert [take(one) for take in VIEWS.values()] == [take(two) for take in VIEWS.values()]


@settings(deadline=None)
@given(LETTERS, MARKERS, st.sampled_from(["[0]", "[9]", "[77]"]))
def test_an_invalid_marker_never_raises_anything(said: list[str], cited: list[str], wrong: str) -> None:
    start = f"Say {' '.join(said)} {''.join(cited)}"
    less, more = tensor(f"{start}."), tensor(f"{start}{wrong}.")
    for name in ("support_recall", "support_recall_graded", "support_precision", "support_precision_strict"):
        before, after = VIEWS[name](less), VIEWS[name](more)
        assert after.part <= before.part
        assert after.share is None or before.share is None or after.share <= before.share
