"""Signs of conflict: each planted one is seen, and its absence is not."""

from __future__ import annotations

import pytest

from glossator.verification.conflicts import NAMES, Held, conflicts
from glossator.verification.features import ALIGNED, LEXICAL, aligned_features, clauses, lexical_features
from glossator.verification.words import words

SAID = "Adults may take at most 5 mg of Warfarin within 30 days, and the INR increased before May 1998."
ALIKE = "Adults may take at most 5 mg of warfarin within thirty days"


def signs(claim: str) -> dict[str, float]:
    stems = words(SAID)
    return dict(zip(NAMES, conflicts(claim, stems, Held.of([stems])), strict=True))


@pytest.mark.parametrize(
    ("claim", "sign"),
    [
        ("Adults may take at most 6 mg of Warfarin", "numbers missing"),
        ("Adults may take at most 5 g of Warfarin", "unit differs"),
        ("The INR increased before May 1997", "date missing"),
        ("The INR increased before June 1998", "date missing"),
        ("Adults may not take 5 mg of Warfarin", "denied or not"),
        ("Adults may not take 5 mg of Warfarin", "negations odd"),
        ("Adults must take at most 5 mg of Warfarin", "opposite words"),
        ("The INR decreased before May 1998", "opposite words"),
        ("The INR increased after May 1998", "opposite words"),
        ("Adults may take 5 mg of Heparin", "names missing"),
        ("Warfarin may take at most 5 mg of adults", "order differs"),
    ],
)
def test_a_planted_conflict_is_seen(claim: str, sign: str) -> None:
    assert signs(claim)[sign] > 0


def test_without_a_conflict_there_is_no_sign() -> None:
    found = signs(ALIKE)
    assert {name: value for name, value in found.items() if value and name != "marked words left out"} == {}


def test_a_long_claim_is_looked_at_clause_by_clause() -> None:
    assert (
        len(clauses("The dose is 5 mg a day, and treatment must stop after 30 days; tests are weekly in adults.")) == 3
    )


def test_the_figures_have_names() -> None:
    class Flat:
        def embed_long(self, texts: list[str]) -> object:
            import numpy as np

            return np.ones((len(texts), 384)) / 384**0.5

    assert len(lexical_features([SAID], ALIKE)) == len(LEXICAL)
    assert len(aligned_features([SAID], ALIKE, Flat())) == len(ALIGNED)  # type: ignore[arg-type]
    assert len(aligned_features([], ALIKE, Flat())) == len(ALIGNED)  # type: ignore[arg-type]
