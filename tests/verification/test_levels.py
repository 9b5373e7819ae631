"""The levels: what they tell apart, and that a verdict depends on its claim alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glossator import Claim, Verifier
from glossator.verification.aligned import AlignedVerifier
from glossator.verification.alignment import CHANGES, changes
from glossator.verification.cross_encoder import CrossEncoderVerifier
from glossator.verification.features import ALIGNED, LEXICAL
from glossator.verification.lexical import LexicalVerifier
from glossator.verification.logistic import shipped
from glossator.verification.pairs import CLASSES
from glossator.verification.windows import units

EVIDENCE = (
    "The maximum dose of paracetamol for adults is 4 g in 24 hours. It must not be taken with alcohol.",
    "Dr Smith of Boston founded the clinic in 1950. The fee shall be paid within 30 days after receipt of the invoice.",
)
TRUE = (
    "Paracetamol must not be taken with alcohol.",
    "The clinic was founded by Dr Smith of Boston in 1950.",
    "The fee shall be paid within 30 days after receipt of the invoice.",
    "For adults the maximum dose of paracetamol is 4 g in 24 hours.",
)
FALSE = (
    "The maximum dose of paracetamol for adults is 8 g in 24 hours.",
    "The maximum dose of paracetamol for adults is 4 mg in 24 hours.",
    "The minimum dose of paracetamol for adults is 4 g in 24 hours.",
    "Dr Smith of Boston founded the clinic in 1960.",
    "Dr Jones of Boston founded the clinic in 1950.",
    "It must be taken with alcohol.",
    "The fee may be paid within 30 days after receipt of the invoice.",
    "The fee shall be paid within 30 days before receipt of the invoice.",
    "The clinic keeps bees on its roof.",
)
LEVELS: dict[str, Callable[[], Verifier]] = {
    "lexical": LexicalVerifier,
    "aligned": AlignedVerifier,
    "cross_encoder": CrossEncoderVerifier,
}


@cache
def level(name: str) -> Verifier:
    return LEVELS[name]()


def full(name: str, claim: str) -> float:
    value = level(name).judge([Claim(claim, EVIDENCE)])[0].full
    assert value is not None
    return value


@pytest.mark.parametrize("name", ["aligned", "cross_encoder"])
@pytest.mark.parametrize("claim", TRUE)
def test_what_the_evidence_says_is_supported(name: str, claim: str) -> None:
    assert full(name, claim) >= 0.5


@pytest.mark.parametrize("name", ["aligned", "cross_encoder"])
@pytest.mark.parametrize("claim", FALSE)
def test_one_changed_word_is_not(name: str, claim: str) -> None:
    assert full(name, claim) < 0.5


@pytest.mark.parametrize("name", LEVELS)
def test_a_verdict_depends_on_its_claim_alone(name: str) -> None:
    claims = [Claim(text, EVIDENCE) for text in (*TRUE, *FALSE, TRUE[0])]
    together = level(name).judge(claims)
    assert together == [level(name).judge([claim])[0] for claim in claims]
    assert together[0] == together[-1]


@pytest.mark.parametrize("name", LEVELS)
def test_the_order_of_judging_is_the_order_of_asking(name: str) -> None:
    verdicts = level(name).judge([Claim("Is it?", EVIDENCE), Claim(TRUE[0], EVIDENCE), Claim("Bees fly", ())])
    assert verdicts[0].full is None and verdicts[1].full is not None and verdicts[2].full == 0.0


@pytest.mark.parametrize("name", LEVELS)
@given(claim=st.text(max_size=60), evidence=st.lists(st.text(max_size=80), max_size=3))
@settings(max_examples=25, deadline=None)
def test_probabilities_are_probabilities_and_places_are_places(name: str, claim: str, evidence: list[str]) -> None:
    verdict = level(name).judge([Claim(claim, tuple(evidence))])[0]
    if verdict.full is not None:
        assert 0 <= verdict.full <= 1 and verdict.full + verdict.partial + verdict.contradict <= 1 + 1e-3
    for place in verdict.best:
        assert 0 <= place.start <= place.end <= len(evidence[place.evidence])


def test_the_shipped_coefficients_are_those_of_the_figures() -> None:
    assert shipped("lexical").names == LEXICAL
    assert shipped("aligned").names == ALIGNED
    assert shipped("cross_encoder").names == (*ALIGNED, *CLASSES)


@pytest.mark.parametrize(
    ("claim", "change"),
    [
        ("Dr Jones of Boston founded the clinic in 1950.", "replaced name"),
        ("Dr Smith of Boston founded the clinic in 1960.", "replaced number"),
        ("The maximum dose of paracetamol for adults is 4 mg in 24 hours.", "replaced unit"),
        ("The fee shall not be paid within 30 days after receipt of the invoice.", "added negation"),
        ("It must be taken with alcohol.", "left out negation"),
        ("The fee may be paid within 30 days after receipt of the invoice.", "replaced marked"),
        ("The fee shall be paid within 30 days after receipt of the parcel.", "replaced word"),
    ],
)
def test_a_change_in_a_near_copy_is_named(claim: str, change: str) -> None:
    found = dict(zip(CHANGES, changes(claim, units(EVIDENCE)), strict=True))
    assert found[change] > 0
    assert dict(zip(CHANGES, changes(TRUE[2], units(EVIDENCE)), strict=True))[change] == 0


def test_claims_are_judged_the_same_in_parts_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [Claim(claim, EVIDENCE[:n]) for claim in TRUE for n in (1, 2)]
    whole = AlignedVerifier().judge(claims)
    for size in (1, 3, len(claims)):
        monkeypatch.setattr("glossator.verification.aligned.TOGETHER", size)
        assert AlignedVerifier().judge(claims) == whole
    assert AlignedVerifier().judge([]) == []


def test_a_claim_that_is_longer_than_can_be_read_is_not_judged() -> None:
    said = "The clinic was founded in 1950 by Dr Smith of Boston, "
    long, short = Claim(said * 20, EVIDENCE), Claim(TRUE[1], EVIDENCE)
    first, second = level("cross_encoder").judge([long, short])
    assert first.full is None and "tokens" in first.reason
    assert second == level("cross_encoder").judge([short])[0]
    assert level("cross_encoder").judge([Claim(said * 20, (said * 20,))])[0].full == 1.0, "it stands word for word"
