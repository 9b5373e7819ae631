"""The constrained policy is a distribution over the possible answers: against an enumeration by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import torch

from glossator.citations.parse import format_citation
from glossator.generation.grounding import gains
from glossator.generation.grounds import Grounds
from glossator.generation.stretches import CLAUSE_START, STOP_CLAUSE, STOP_SENTENCE
from glossator.generation.vocabulary import Vocabulary
from glossator.generation.written import Written, read, start

from ..conftest import document, passage

MERGED = ["Ab", "ab", "abc", "a b", "b.", ". ", "]: ", "“A", "c.”", "” [", "[1", "no", "1]: “Ab", " c"]
BYTES = {token: bytes([token]) for token in range(256)}
TOY = Vocabulary(BYTES | {256 + place: text.encode() for place, text in enumerate(MERGED)}, end=300)
SIZE = 301
SHOWN = [passage(document(text, name)) for text, name in (("Ab abc. Cab, but b c.", "x"), ("Abc ab c. Bab c.", "y"))]
BASIS = Grounds(passages=tuple(SHOWN), abstention="no a", weights=(0.7, 0.1, -0.4, 1.3, 0.2), quotes=2, spans="clauses")
SENTENCES: dict[int, Sequence[str]] = {1: ("Ab abc.", "Cab, but b c."), 2: ("Abc ab c.", "Bab c.")}


def chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def logits(said: Sequence[int]) -> Any:
    """What a model without sense thinks comes next: (vocabulary,)."""
    return torch.randn(SIZE, generator=torch.Generator().manual_seed(hash(tuple(said)) % 2**31)) * 2


def quotes_by_hand(used: frozenset[str]) -> Iterator[tuple[str, frozenset[str], float]]:
    """Each quote with its marker, the sentences it touches, and its mass, from the definition of `stretches`."""
    stop, clause, inner = chance(STOP_SENTENCE), chance(STOP_CLAUSE), math.exp(CLAUSE_START)
    mass = dict(zip([*SENTENCES[1], *SENTENCES[2]], map(math.exp, BASIS.weights[1:]), strict=True))
    one, two = SENTENCES[1]
    three, four = SENTENCES[2]
    on = one not in used and two not in used
    parts = [
        (1, one, {one}, mass[one] * (stop if on else 1)),
        (1, f"{one} Cab", {one, two}, mass[one] * (1 - stop) * clause if on else 0.0),
        (1, f"{one} {two}", {one, two}, mass[one] * (1 - stop) * (1 - clause) if on else 0.0),
        (1, "but b c.", {two}, mass[two] * inner / (1 + inner)),
        (1, two, {two}, mass[two] / (1 + inner)),
        (2, three, {three}, mass[three] * (stop if four not in used else 1)),
        (2, f"{three} {four}", {three, four}, mass[three] * (1 - stop) if four not in used else 0.0),
        (2, four, {four}, mass[four]),
    ]
    for number, text, touched, part in parts:
        if part and not touched & used:
            yield format_citation(text, number), frozenset(touched), part


def answers_by_hand() -> dict[str, float]:
    """Every answer of one or two quotes and the abstention, with its prior."""
    masses = {BASIS.abstention: math.exp(BASIS.weights[0])}
    weight = dict(zip([*SENTENCES[1], *SENTENCES[2]], map(math.exp, BASIS.weights[1:]), strict=True))
    for first, used, mass in quotes_by_hand(frozenset()):
        seconds = list(quotes_by_hand(used))
        whole = sum(part for *_, part in seconds)
        heaviest = max(of for sentence, of in weight.items() if sentence not in used)
        odds = (len(used) + 1) * heaviest / sum(weight[sentence] for sentence in used)
        further = odds / (1 + odds)
        masses[first] = mass * (1 - further)
        masses |= {f"{first} {second}": mass * further * part / whole for second, _, part in seconds}
    whole = sum(masses.values())
    return {text: mass / whole for text, mass in masses.items()}


def spellings() -> dict[str, list[int]]:
    """The tokens of every answer that the automaton allows."""
    found: dict[str, list[int]] = {}

    def go(state: Written, said: list[int]) -> None:
        if not state.gains():
            text = state.told.text.decode()
            assert text not in found, f"two spellings of {text!r}"
            found[text] = said
        for token in state.gains():
            go(state.after(token), [*said, token])

    go(start(BASIS, TOY, 200), [])
    return found


@pytest.fixture(scope="module")
def spelt() -> dict[str, list[int]]:
    return spellings()


def test_the_automaton_allows_what_the_definition_says(spelt: dict[str, list[int]]) -> None:
    assert spelt.keys() == answers_by_hand().keys()
    assert len(spelt) == 45


def test_log_probabilities_are_those_of_an_enumeration(spelt: dict[str, list[int]]) -> None:
    """By hand: what may follow is what some answer goes on with, its gain the log of its share of the prior."""
    prior, total = answers_by_hand(), 0.0
    for text, tokens in spelt.items():
        ours = by_loss(tokens)
        by_hand = 0.0
        for place, token in enumerate(tokens):
            begun = [other for other, row in spelt.items() if row[:place] == tokens[:place]]
            masses: dict[int, float] = {}
            for other in begun:
                masses[spelt[other][place]] = masses.get(spelt[other][place], 0.0) + prior[other]
            opinion = logits(tokens[:place])
            scores = {t: float(opinion[t]) + math.log(mass / sum(masses.values())) for t, mass in masses.items()}
            by_hand += scores[token] - math.log(sum(map(math.exp, scores.values())))
        assert ours == pytest.approx(by_hand, abs=1e-5), text
        total += math.exp(ours)
    assert total == pytest.approx(1.0, abs=1e-5)


def by_loss(tokens: Sequence[int]) -> float:
    """The log-probability of an answer as the loss of GRPO takes it."""
    rows = torch.tensor([tokens])
    opinions = torch.stack([logits(tokens[:place]) for place in range(len(tokens))])[None]
    chose, added = gains([start(BASIS, TOY, 200)], rows, SIZE)
    logps = (opinions[chose] + added).log_softmax(-1).gather(-1, rows[chose][:, None])
    return float(logps.double().sum())


def test_a_model_without_an_opinion_answers_by_the_prior(spelt: dict[str, list[int]]) -> None:
    prior = answers_by_hand()
    for text, tokens in spelt.items():
        state, total = start(BASIS, TOY, 200), 0.0
        for token in tokens:
            total += state.gains()[token]
            state = state.after(token)
        assert total == pytest.approx(math.log(prior[text]), abs=1e-9), text


def test_the_state_that_ends_an_answer_knows_its_quotes(spelt: dict[str, list[int]]) -> None:
    texts = {of.id: of.text for of in SHOWN}
    for text, tokens in spelt.items():
        told = read(start(BASIS, TOY, 200), tokens)
        for quote in told.quotes:
            assert texts[quote.passage_id][quote.start : quote.end] == quote.text
        said = " ".join(format_citation(quote.text, quote.number) for quote in told.quotes)
        assert (said or BASIS.abstention) == text
