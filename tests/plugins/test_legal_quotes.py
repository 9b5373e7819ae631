"""What stands in quotation marks, of whatever kind, is the cited source's own words."""

from __future__ import annotations

import pytest

from glossator_legal.quotes import own_words, quotes, verbatim_only

from ..conftest import asked, document, passage, read, takes_linear_time

LEASE = passage(
    document("The Tenant's deposit must be protected within 30 days. The tenants' rights stay as they are.", "lease")
)
OTHER = passage(document("Either party may end the agreement with one month of notice.", "other"))
VERBATIM = [
    "“deposit must be protected within 30 days” [1]",
    '"deposit must be protected within 30 days" [1]',
    "‘deposit must be protected within 30 days’ [1]",
    "'deposit must be protected within 30 days' [1]",
    "«deposit must be protected within 30 days» [1]",
    "« deposit must be protected within 30 days » [1]",
    "„deposit must be protected within 30 days” [1]",
    "‘The tenants' rights stay as they are’ [1]",
    "'The tenants' rights stay as they are' [1]",
    'It says: "protected within 30 days. The tenants\' rights stay" [1]',
    "“Either party may end the agreement” [2]",
]
NOT_VERBATIM = [
    "“Deposit must be protected within 30 days” [1]",
    "“DEPOSIT MUST BE PROTECTED” [1]",
    '"deposit must be protected within 60 days" [1]',
    "‘deposit should be protected within 30 days’ [1]",
    "'deposit must be protected … 30 days' [1]",
    "«deposit must be protected in 30 days» [1]",
    "„deposit may be protected within 30 days“ [1]",
    "“deposit\u200b must be protected within 30 days” [1]",
    "“deposit m\u0443st be protected within 30 days” [1]",
    "“deposit-must-be-secured-within-30-days” [1]",
    '"deposit must be protected within 30 days" [2]',
    '"deposit must be protected within 30 days"',
    "“deposit may be protected within 30 days [1]",
    '"deposit may be protected within 30 days [1]',
    "“it says “deposit must be protected within 30 days” there” [1]",
    "＂deposit may be protected within 30 days＂ [1]",
    "「deposit may be protected within 30 days」 [1]",
    "‹deposit may be protected within 30 days› [1]",
]


def value(text: str) -> float | None:
    return verbatim_only(asked(), read(text, LEASE, OTHER)).value


@pytest.mark.parametrize("text", VERBATIM)
def test_true_quotes_pass_in_marks_of_any_kind(text: str) -> None:
    assert value(text) == 1


@pytest.mark.parametrize("text", NOT_VERBATIM)
def test_anything_else_in_quotation_marks_fails(text: str) -> None:
    assert value(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "The tenant's and the landlord's duty. [1]",
        "“The Deposit” is protected. [1]",
        'A 5" pipe and a 6" pipe are the landlord\'s. [1]',
        "The tenants' rights and the landlords' duties stay. [1]",
        "",
    ],
)
def test_apostrophes_and_short_quotes_are_no_quotations(text: str) -> None:
    assert value(text) is None


def test_the_value_is_a_share() -> None:
    assert value('"deposit must be protected within" [1] and «deposit may be protected within» [1]') == 0.5


def test_own_words_keep_their_places_and_an_unclosed_quote_hides_nothing() -> None:
    assert own_words('a "b c" d') == "a       d"
    assert own_words("a “b c d") == "a “b c d"


@pytest.mark.parametrize("part", ['"', "“", "‘a ", "'a ", "‘a’ ", "‘tenants’ a ", "„", "«a» ", "'", '"a '])
def test_finding_quotes_is_linear(part: str) -> None:
    assert takes_linear_time(quotes, part)
    assert takes_linear_time(lambda text: value(f"{text} [1]"), part)
