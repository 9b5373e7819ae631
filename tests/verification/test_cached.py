"""A verdict that was given once is not asked for again, here or in a file; what could not be judged is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator.claims import Claim, Place, Verdict
from glossator.errors import InputError
from glossator.verification.cached import CachedVerifier, key_of, remembered

FERRITIN = Claim("Ferritin falls", ("Ferritin falls first.",))
IRON = Claim("Iron falls", ("Iron is low.", "Iron is \ud800 lower."))
UNREAD = Claim("None", ("x",))


class Counting:
    """Judges by the length of the claim, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Claim] = []

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        self.asked += claims
        return [self._one(claim) for claim in claims]

    def _one(self, claim: Claim) -> Verdict:
        if claim.text == "None":
            return Verdict(full=None, reason="cannot")
        place = Place(evidence=0, start=0, end=3)
        return Verdict(full=1 / len(claim.text), partial=0.1, contradict=1e-17, best=(place,), reason="“why”")


def test_what_is_known_is_not_asked_again() -> None:
    inner = Counting()
    cached = CachedVerifier(inner, "a")
    first = cached.judge([FERRITIN, IRON, FERRITIN])
    assert cached.judge([IRON, FERRITIN]) == [first[1], first[0]]
    assert first == Counting().judge([FERRITIN, IRON, FERRITIN])
    assert inner.asked == [FERRITIN, IRON]


def test_what_could_not_be_judged_is_asked_again() -> None:
    inner = Counting()
    cached = CachedVerifier(inner, "a")
    assert [cached.judge([UNREAD, IRON])[0].full for _ in range(2)] == [None, None]
    assert inner.asked == [UNREAD, IRON, UNREAD]


def test_the_memory_is_bounded() -> None:
    inner = Counting()
    cached = CachedVerifier(inner, "a", room=2)
    claims = [Claim(f"Claim {n}", ("x",)) for n in range(5)]
    assert cached.judge(claims) == Counting().judge(claims)
    cached.judge(claims[-2:])
    assert len(inner.asked) == 5
    cached.judge(claims[:1])
    assert len(inner.asked) == 6


def test_a_file_outlives_the_process(tmp_path: Path) -> None:
    inner = Counting()
    first = CachedVerifier(Counting(), "a", file=tmp_path / "v.sqlite").judge([FERRITIN, IRON, UNREAD])
    again = CachedVerifier(inner, "a", file=tmp_path / "v.sqlite").judge([IRON, UNREAD, FERRITIN])
    assert again == [first[1], first[2], first[0]]
    assert inner.asked == [UNREAD]


def test_another_verifier_is_asked_anew(tmp_path: Path) -> None:
    inner = Counting()
    CachedVerifier(Counting(), "a", file=tmp_path / "v.sqlite").judge([FERRITIN])
    CachedVerifier(inner, "b", file=tmp_path / "v.sqlite").judge([FERRITIN])
    assert inner.asked == [FERRITIN]


def test_many_claims_are_recalled(tmp_path: Path) -> None:
    claims = [Claim(f"Claim {n}", ("x",)) for n in range(1200)]
    inner = Counting()
    first = CachedVerifier(Counting(), "a", file=tmp_path / "v.sqlite").judge(claims)
    assert CachedVerifier(inner, "a", file=tmp_path / "v.sqlite").judge(claims) == first
    assert inner.asked == []


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "v.sqlite").write_text("no database, but long enough to be looked at as one")
    with pytest.raises(InputError, match="verdicts cannot be kept here"):
        CachedVerifier(Counting(), "a", file=tmp_path / "v.sqlite")
    with pytest.raises(InputError, match="verdicts cannot be kept here"):
        CachedVerifier(Counting(), "a", file=tmp_path / "none" / "v.sqlite")


def test_a_file_that_went_away_costs_time_only(tmp_path: Path) -> None:
    cached = CachedVerifier(Counting(), "a", file=tmp_path / "v.sqlite")
    with closing(sqlite3.connect(tmp_path / "v.sqlite")) as base, base:
        base.execute("DROP TABLE verdicts")
    assert cached.judge([FERRITIN]) == Counting().judge([FERRITIN])


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLOSSATOR_VERDICTS", raising=False)
    remembered(Counting(), lambda: pytest.fail("nothing to hash for")).judge([FERRITIN])
    monkeypatch.setenv("GLOSSATOR_VERDICTS", str(tmp_path / "v.sqlite"))
    inner = Counting()
    remembered(Counting(), lambda: "a").judge([FERRITIN])
    remembered(inner, lambda: "a").judge([FERRITIN])
    assert inner.asked == []


@given(st.lists(st.text(max_size=3), min_size=1, max_size=3), st.text(max_size=3), st.text(max_size=3))
def test_a_key_tells_who_judges_what(evidence: list[str], claim: str, who: str) -> None:
    keys = {
        key_of(who, Claim(claim, tuple(evidence))),
        key_of(who, Claim(claim, (*evidence, ""))),
        key_of(who, Claim(claim + evidence[0] + "x", tuple(evidence[1:]))),
        key_of(who + "x", Claim(claim, tuple(evidence))),
    }
    assert len(keys) == 4
