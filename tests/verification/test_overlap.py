"""The verifier without a model: words held, and hard conflicts of numbers and negation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator.claims import Claim
from glossator.verification.overlap import OverlapVerifier

SAID = "Warfarin 5 mg is taken at night, and the INR must not exceed 3.0."


def support(claim: str, *evidence: str) -> float | None:
    return OverlapVerifier().judge([Claim(claim, evidence or (SAID,))])[0].full


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        (SAID, 1.0),
        ("warfarin at NIGHT", 1.0),
        ("Warfarin is taken at noon", 2 / 3),
        ("Zebras gallop", 0.0),
        ("Warfarins are taken", 1.0),
        ("Warfarin 10 mg is taken at night", 0.0),
        ("The INR must not exceed 3.5", 0.0),
        ("The INR must not exceed 30", 0.0),
        ("Warfarin is never taken at night", 0.0),
        ("Warfarin is taken without INR", 0.0),
    ],
)
def test_support_is_the_share_of_the_claims_words(claim: str, value: float) -> None:
    assert support(claim) == pytest.approx(value)


@pytest.mark.parametrize("claim", ["", "is it the", "…", "“”"])
def test_a_claim_without_content_cannot_be_judged(claim: str) -> None:
    assert support(claim) is None


def test_words_may_stand_in_several_pieces_of_evidence() -> None:
    assert support("Ferritin falls while transferrin rises", "Ferritin falls.", "Transferrin rises.") == pytest.approx(
        1.0
    )


def test_without_evidence_nothing_is_supported() -> None:
    assert OverlapVerifier().judge([Claim("Ferritin falls", ())])[0].full == 0.0


def test_a_negation_that_the_claim_leaves_out_is_a_conflict() -> None:
    assert support("Warfarin is safe in pregnancy", "Warfarin is not safe in pregnancy.") == 0.0


def test_a_contracted_negation_is_a_negation() -> None:
    assert support("Warfarin isn't monitored with the INR weekly", "Warfarin is monitored with the INR weekly.") == 0.0


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_judged_between_none_and_fully(evidence: str, claim: str) -> None:
    value = support(claim, evidence)
    assert value is None or 0 <= value <= 1


@given(st.text(st.sampled_from("ab1. n't§no "), max_size=60))
def test_a_text_supports_itself(text: str) -> None:
    assert support(text, text) in (None, 1.0)
