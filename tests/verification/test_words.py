"""Words, windows and verbatim claims: what every level stands on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator import Claim
from glossator.verification.verbatim import settled
from glossator.verification.windows import LONGEST, choose, shares, units, weighed
from glossator.verification.words import content, rarity, words

TEXT = (
    "Ferritin falls first. The haemoglobin stays normal until stores are empty. Adults take 100 mg of iron a day.",
    "Iron must not be taken with tea. Warfarin needs weekly tests.",
)


def test_negations_are_words_however_they_are_written() -> None:
    assert words("It can't, cannot and won't; it doesn’t") == words("It can not, can not and will not; it do not")


def test_numbers_have_one_spelling() -> None:
    assert words("1,500 and 2.50") == words("1500 and 2.5") == ["1500", "and", "2.5"]


def test_content_leaves_out_what_carries_no_meaning_but_keeps_negations() -> None:
    assert content("It is not in the blood") == ["not", "blood"]


def test_rare_words_weigh_more_and_unknown_ones_most() -> None:
    assert rarity("the") < rarity("patient") < rarity("ferritin") <= rarity("xyzzyqq")


@given(st.text(max_size=300))
def test_units_are_stretches_of_the_text(text: str) -> None:
    for unit in units([text]):
        assert text[unit.start : unit.end] == unit.text
        assert unit.words


def test_a_long_sentence_is_cut() -> None:
    long = " ".join(f"word{i}" for i in range(200))
    assert all(len(unit.text.split()) <= LONGEST for unit in units([long]))
    assert "".join(unit.text for unit in units([long])).replace(" ", "") == long.replace(" ", "")


def test_evidence_in_two_texts_is_found_as_a_union() -> None:
    found, claim = units(TEXT), weighed(words("Iron 100 mg must not be taken with tea"))
    chosen = choose(claim, found, [0.0] * len(found), room=40, most=2)
    assert [found[i].source for i in chosen] == [0, 1]


def test_a_sentence_that_repeats_another_adds_nothing() -> None:
    found = units(["Ferritin falls first.", "Ferritin falls first.", "Iron falls later."])
    claim = weighed(words("Ferritin falls and iron falls"))
    assert choose(claim, found, [0.0] * 3, room=40, most=2) == [0, 2]


@given(st.text(max_size=200), st.text(max_size=80))
def test_shares_are_shares(text: str, claim: str) -> None:
    assert all(0 <= share <= 1 + 1e-9 for share in shares(weighed(words(claim)), units([text])))


@pytest.mark.parametrize(
    ("claim", "full"),
    [
        ("Ferritin falls first.", 1.0),
        ("ferritin falls first", 1.0),
        ("Iron must not be taken with tea", 1.0),
        ("The haemoglobin stays normal", None),
        ("Iron must not be taken", None),
        ("Ferritin falls", None),
    ],
)
def test_a_claim_is_settled_only_as_a_whole_sentence(claim: str, full: float | None) -> None:
    verdict = settled(Claim(claim, TEXT))
    assert (verdict and verdict.full) == full


def test_nothing_claimed_cannot_be_judged_and_no_evidence_supports_nothing() -> None:
    nothing, without = settled(Claim("Is it?", TEXT)), settled(Claim("Ferritin falls", ()))
    assert nothing is not None and nothing.full is None and nothing.reason
    assert without is not None and without.full == 0.0
