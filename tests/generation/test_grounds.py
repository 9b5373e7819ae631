"""What the prior alone answers, and when it quotes a second sentence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator import read_answer
from glossator.generation.grounds import Grounds
from glossator.generation.vocabulary import Vocabulary
from glossator.generation.written import start

from ..conftest import ABSTENTION, document, passage
from .test_automaton import embedded


@pytest.fixture(scope="module")
def usual() -> Vocabulary:
    return embedded()


def grounds(weighs: list[float], quotes: int = 1) -> Grounds:
    shown = tuple(ALONE[: len(weighs) - 1])
    return Grounds(passages=shown, abstention=ABSTENTION, weights=tuple(weighs), quotes=quotes)


ALONE = [passage(document(f"{word} falls first.", word)) for word in ("Ferritin", "Iron", "Zinc", "Copper")]


@given(weighs=st.lists(st.floats(-9, 9), min_size=5, max_size=5, unique=True), quotes=st.integers(1, 4))
def test_the_likeliest_answer_is_what_a_model_without_an_opinion_says(
    usual: Vocabulary, weighs: list[float], quotes: int
) -> None:
    basis = grounds(weighs, quotes)
    state, said = start(basis, usual, 200), b""
    while possible := state.gains():
        token = max(possible, key=lambda token: possible[token])
        said, state = said + usual.spelt.get(token, b""), state.after(token)
    assert said.decode() == basis.likeliest()


@pytest.mark.parametrize(
    ("masses", "expected"), [((4, 1.9, 1), 1), ((4, 2.1, 1), 2), ((4, 3.9, 2.7), 3), ((1, 1, 1), 3)]
)
def test_it_quotes_more_while_that_is_expected_to_raise_f1(masses: tuple[float, ...], expected: int) -> None:
    """By hand: the best k of 2 (mass of the k heaviest) / (k + 1)."""
    worth = [2 * sum(masses[:count]) / (count + 1) for count in (1, 2, 3)]
    assert worth.index(max(worth)) + 1 == expected
    basis = grounds([-9.0, *map(math.log, masses)], 3)
    assert len(read_answer(basis.likeliest(), ALONE[:3], ABSTENTION).citations) == expected
    assert grounds([math.log(sum(masses)) + 0.1, *map(math.log, masses)]).likeliest() == ABSTENTION
