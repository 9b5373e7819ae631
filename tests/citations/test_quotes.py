"""A quote has the class that it was made to have, and quotation marks are told from apostrophes."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from quote_cases import FIRST, QUOTES, SECOND, SPANS

from glossator.citations.quotes import judge_quote, judge_quotes
from glossator.citations.spans import find_spans

from ..conftest import document, passage, read, takes_linear_time

LEASE, DRUG = passage(document(FIRST, "lease")), passage(document(SECOND, "drug"))
WORDS = FIRST.split()
PLACE = st.integers(0, len(WORDS) - 1)


@pytest.mark.parametrize(("quote", "kind"), QUOTES)
def test_a_quote_has_its_class(quote: str, kind: str) -> None:
    assert judge_quote(quote, [LEASE], [LEASE, DRUG]).kind == kind


@pytest.mark.parametrize(("text", "spans"), SPANS)
def test_quotes_are_found_in_any_marks(text: str, spans: list[str]) -> None:
    assert [quote.text for quote in find_spans(text)] == spans


@settings(deadline=None)
@given(PLACE, st.integers(3, 20))
def test_every_stretch_of_a_passage_is_exact_and_folds_to_normalised(first: int, count: int) -> None:
    quote = " ".join(WORDS[first : first + count])
    assume(len(quote.split()) == count)
    assert judge_quote(quote, [LEASE]).kind == "exact"
    assert judge_quote(quote.upper(), [LEASE]).faithful
    assert judge_quote(quote, [DRUG], [LEASE, DRUG]).faithful is False


@settings(deadline=None)
@given(st.sampled_from(["500", "24", "not", "shall", "may", "without"]), st.sampled_from(["7", "never", "must"]))
def test_a_telling_word_that_is_another_one_is_never_faithful_nor_fuzzy(word: str, other: str) -> None:
    assert judge_quote(FIRST.replace(f" {word} ", f" {other} "), [LEASE]).kind == "manipulated"


@example("'“”'")
@settings(deadline=None)
@given(st.text(st.sampled_from("ab '\"‘’“”s.\n"), max_size=60))
def test_found_quotes_stand_where_they_say(text: str) -> None:
    for quote in find_spans(text, 1):
        assert text[quote.start + 1 : quote.end - 1] == quote.text


def test_the_quotes_of_an_answer_are_judged_against_what_its_statements_cite() -> None:
    answer = read(
        "“The landlord may enter” [1]. “Adults take 5 mg” [1]. “Adults take 9 mg of folic acid” [2].", LEASE, DRUG
    )
    assert [verdict.kind for verdict in judge_quotes(answer)] == ["exact", "wrong_document", "manipulated"]


def test_an_answer_may_quote_in_other_marks_and_code_is_no_quote() -> None:
    answer = read(
        '"The landlord may enter" and \'Adults take 9 mg of folic acid\' [1][2]. A "term" and `x["a b c"]` [1].',
        LEASE,
        DRUG,
    )
    assert [verdict.kind for verdict in judge_quotes(answer)] == ["exact", "manipulated"]


def test_a_quote_inside_a_quote_is_judged_with_it() -> None:
    answer = read('The lease says "the “landlord may enter” at noon" [1].', LEASE, DRUG)
    assert [verdict.quote for verdict in judge_quotes(answer)] == ["the “landlord may enter” at noon"]


@pytest.mark.parametrize("unit", ['"', "'", "‘a ", "s' ", '"a b c" ', "…", "a "])
def test_hostile_quotes_take_linear_time(unit: str) -> None:
    assert takes_linear_time(find_spans, unit)
    assert takes_linear_time(lambda quote: judge_quote(quote, [LEASE, DRUG]), unit)
