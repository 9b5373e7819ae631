"""One table of verdicts per answer: what is asked, how often, and that asking together changes nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from glossator import Claim
from glossator.citations.support import verdicts
from glossator.citations.tensor import Once, tensors
from glossator.verification.overlap import OverlapVerifier

from ..conftest import ABSTENTION
from .judges import Letters, answer

TEXTS = ("A B", "B C", "A", "a D")
LETTERS = st.lists(st.sampled_from("ABCDQ"), min_size=1, max_size=3, unique=True)
MARKERS = st.lists(st.integers(0, 6).map(lambda n: f"[{n}]"), max_size=5)
STATEMENT = st.builds(lambda said, cited: f"Say {' '.join(said)} {''.join(cited)}.", LETTERS, MARKERS)
ANSWERS = st.lists(STATEMENT, max_size=4).map(" ".join)


def test_the_rows_of_a_supported_statement_with_two_citations() -> None:
    (tensor,) = tensors([answer("Say A C [1][2].", *TEXTS)], Letters(), gold=[["A B C"]])
    (row,) = tensor.rows
    assert row.union and row.union.full == 1
    assert [verdict and (verdict.full, verdict.partial) for verdict in row.alone] == [(0, 1), (0, 1)]
    assert [verdict and verdict.full for verdict in row.without] == [0, 0]
    assert row.shown == () and row.gold and row.gold.full == 1


def test_what_is_shown_is_asked_only_where_the_citations_do_not_support() -> None:
    (tensor,) = tensors([answer("Say A [2]. Say A [3]. Say A.", *TEXTS)], Letters(), gold=[[]])
    wrong, right, bare = tensor.rows
    assert [verdict.full for verdict in wrong.shown] == [1, 0, 1, 0]
    assert right.shown == bare.shown == () and bare.union is None and bare.alone == ()


def test_an_invalid_marker_leaves_nothing_to_rest_on() -> None:
    (tensor,) = tensors([answer("Say A [1][9].", *TEXTS)], Letters(), gold=[[]])
    (row,) = tensor.rows
    assert row.union is None and row.without == () and row.alone[1] is None
    assert row.alone[0] and row.alone[0].full == 1


def test_an_abstention_has_no_rows() -> None:
    (tensor,) = tensors([answer(ABSTENTION, *TEXTS)], Letters(), gold=[[]])
    assert tensor.rows == () and tensor.silent


def test_two_calls_for_any_number_of_answers_and_nothing_twice() -> None:
    judge = Letters()
    tensors([answer("Say A [1]. Say C [1].", *TEXTS)] * 8, judge, gold=[[]] * 8)
    asked = [claim for call in judge.calls for claim in call]
    assert len(judge.calls) == 2 and len(set(asked)) == len(asked)
    assert Claim("Say A .", ("A B",)) in judge.calls[0] and len(asked) == 2 + 3


def test_equal_claims_share_a_verdict() -> None:
    judge = Letters()
    once = Once(judge)
    claim = Claim("A", ("A",))
    assert once.judge([claim, claim, claim]) == once.judge([claim]) * 3
    assert judge.calls == [[claim]]


@settings(deadline=None)
@given(st.lists(ANSWERS, max_size=4))
def test_together_is_the_same_as_one_by_one(texts: list[str]) -> None:
    read = [answer(text, *TEXTS) for text in texts]
    together = tensors(read, Letters(), gold=[["A"]] * len(read))
    assert together == [tensors([each], Letters(), gold=[["A"]])[0] for each in read]


@settings(deadline=None)
@given(ANSWERS)
def test_the_union_is_what_the_run_time_check_asks(text: str) -> None:
    read = answer(text, *TEXTS)
    (tensor,) = tensors([read], OverlapVerifier(), gold=[[]])
    statements = [row.statement for row in tensor.rows]
    assert [row.union for row in tensor.rows] == verdicts(statements, read, OverlapVerifier())
