"""A defined term means what its definition says."""

from __future__ import annotations

import pytest

from glossator_legal.terms import terms_kept

from ..conftest import asked, document, passage, read, takes_linear_time

NEW = passage(
    document(
        "1.1 “Confidential Information” means all information that a party marks as confidential or discloses in writing within"
        " 30 days, but not information that is already public.\n1.2 “Business Day” means a day other than a Saturday, a Sunday"
        ' or a public holiday in England.\n1.3 "Fee" means the monthly sum of £500.\n\nThe Fee is paid each Business Day.',
        "new",
    )
)
OLD = passage(
    document("“Business Day” means any day of the week. Service Credit means a sum set off against the Fee.", "old")
)
KEPT = [
    "“Business Day” means a day other than a Saturday, a Sunday or a public holiday in England. [1]",
    "Business Day means a day other than a Saturday, Sunday or public holiday in England. [1]",
    '"business day" is defined as a day other than a Saturday or Sunday. [1]',
    "Confidential Information means information that a party marks as confidential. [1]",
    "Confidential Information means information disclosed in writing within thirty days, but not information that is already public. [1]".replace(
        "disclosed", "a party discloses"
    ),
    "The Fee means the monthly sum of £500. [1]",
    "A Business Day means any day of the week. [2]",
    "Service Credit means a sum set off against the Fee. [2]",
]
CHANGED = [
    "Business Day means a day that the parties choose freely among themselves. [1]",
    "Business Day means any day of the week. [1]",
    "Business Day means a day other than a Saturday, a Sunday or a public holiday in England. [2]",
    "Business Day means the monthly sum of £500. [1]",
    "Confidential Information means all information that a party marks as confidential or discloses in writing within 60 days. [1]",
    "Confidential Information means all information that a party marks as confidential or discloses in writing within 30 weeks. [1]",
    "Confidential Information means information that is already public. [1]",
    "Confidential Information means all information that a party does not mark as confidential. [1]",
    "Confidential Information means all information that a party marks as n\u200bot confidential. [1]",
    "Confidential Information shall mean information that isn’t in writing. [1]",
    "The Fee means the monthly sum of £5000. [1]",
    "The Fee means the monthly sum of five hundred and one. [1]",
    "The Fee means. [1]",
]


def value(text: str) -> float | None:
    return terms_kept(asked(), read(text, NEW, OLD)).value


@pytest.mark.parametrize("text", KEPT)
def test_a_definition_in_its_own_words_is_kept(text: str) -> None:
    assert value(text) == 1


@pytest.mark.parametrize("text", CHANGED)
def test_another_definition_is_not(text: str) -> None:
    assert value(text) == 0


@pytest.mark.parametrize("text", ["The Fee is paid. [1]", "Rent means money. [1]", "This means a delay. [1]", ""])
def test_where_no_defined_term_is_explained_it_does_not_apply(text: str) -> None:
    assert value(text) is None


def test_the_value_is_a_share() -> None:
    assert value("The Fee means the monthly sum of £500. [1] The Fee means the yearly amount of £900. [1]") == 0.5


@pytest.mark.parametrize(
    "part", ["fee means ", "means ", "“a” means ", "not ", "A ", "a", "“", "fee means a not b. ", '"']
)
def test_reading_terms_is_linear(part: str) -> None:
    assert takes_linear_time(lambda text: value(f"{text} [1]"), part)


def test_a_word_that_ends_like_a_contraction_denies_nothing() -> None:
    rent = passage(document("“Rent” means the payment under the agreement that a tenant makes each month.", "rent"))
    stated = read("Rent means the payment that a tenant makes each month. [1]", rent)
    assert terms_kept(asked(), stated).value == 1


def test_a_passage_without_definitions_defines_nothing() -> None:
    plain = passage(document("the deposit is kept in a scheme.", "plain"))
    assert terms_kept(asked(), read("This means that it is safe. [1]", plain)).value is None
