"""Grounded decoding: whatever the weights, the answer is a sentence of a shown passage with its number."""

from __future__ import annotations

import math
from typing import Any

import pytest

from glossator import Passage, read_answer
from glossator.content import weights
from glossator.domain import Prompts
from glossator.errors import InputError
from glossator.generation.grounding import Choice, choices, tree_of
from glossator.generation.heaviest import HeaviestChoice
from glossator.prompting import render

ABSTENTION = "The passages do not answer this question."
PROMPTS = Prompts(system="Quote.", abstention=ABSTENTION)


def passage(name: str, text: str) -> Passage:
    return Passage(id=name, document_id=name, title=name, text=text, start=0, end=len(text))


BLOOD = passage("blood", "Ferritin falls first. The haemoglobin falls  later, §3.")
DRUGS = passage("drugs", "## Warfarin\n\n| drug | dose |\n|---|---|\n| Warfarin at night | 5 mg |")
PROMPT_A = render(PROMPTS, "What falls first?", [BLOOD, DRUGS])
PROMPT_B = render(PROMPTS, "What is the dose at night, and is it the same on every evening?", [DRUGS])


@pytest.fixture(scope="module")
def generator() -> Any:
    from glossator.generation.transformers_local import LocalGenerator

    return LocalGenerator.load(str(weights()))


def texts(among: list[Choice]) -> list[str]:
    return [choice.text for choice in among]


def test_every_choice_reads_back_as_an_exact_quote_with_a_true_marker() -> None:
    for text in texts(choices([BLOOD, DRUGS], ABSTENTION))[1:]:
        answer = read_answer(text, [BLOOD, DRUGS], ABSTENTION)
        (citation,) = answer.citations
        assert citation.quote is not None
        assert citation.quote in (BLOOD.text, DRUGS.text)[int(citation.marker[1]) - 1]
        assert not answer.statements[0].misquoted


def test_the_likeliest_answer_of_every_prompt_in_a_batch_is_one_of_its_own_choices(generator: Any) -> None:
    among = [choices([BLOOD, DRUGS], ABSTENTION), choices([DRUGS], ABSTENTION)]
    first, second = generator.complete([PROMPT_A, PROMPT_B], 60, among)
    assert first in texts(among[0])
    assert second in texts(among[1])


def test_samples_keep_to_the_choices_at_any_temperature(generator: Any) -> None:
    among = choices([BLOOD, DRUGS], ABSTENTION)
    drawn = generator.sample(PROMPT_A, 12, 60, 5.0, among)
    assert set(drawn) <= set(texts(among))
    assert len(set(drawn)) > 1


@pytest.mark.parametrize("favourite", range(4))
def test_a_heavy_prior_decides_for_model_and_sampler_alike(generator: Any, favourite: int) -> None:
    weights = [30.0 * (place == favourite) for place in range(4)]
    among = choices([BLOOD, DRUGS], ABSTENTION, weights)
    assert generator.complete([PROMPT_A], 60, [among]) == [among[favourite].text]
    assert set(generator.sample(PROMPT_A, 6, 60, 1.0, among)) == {among[favourite].text}
    assert HeaviestChoice().complete([PROMPT_A], 60, [among]) == [among[favourite].text]


def test_a_constant_added_to_every_weight_changes_nothing() -> None:
    rows, weights = [[1, 2], [1, 3, 4], [5]], [0.5, 2.0, -700.0]
    low, high = tree_of(rows, weights), tree_of(rows, [weight + 900 for weight in weights])
    assert low.gains() == pytest.approx(high.gains())
    assert low.then[1].gains() == pytest.approx(
        {2: math.log(1 / (1 + math.exp(1.5))), 3: -math.log(1 + math.exp(-1.5))}
    )


def test_without_a_model_free_text_is_refused() -> None:
    with pytest.raises(InputError, match="quoted"):
        HeaviestChoice().complete([PROMPT_A], 60)


def test_free_text_is_not_bound(generator: Any) -> None:
    among = choices([BLOOD, DRUGS], ABSTENTION)
    assert set(generator.sample(PROMPT_A, 4, 12, 5.0)) - set(texts(among))


def test_a_prompt_beyond_the_window_does_not_fit(generator: Any) -> None:
    assert generator.fits(PROMPT_A, 60)
    assert not generator.fits(render(PROMPTS, "why? " * 2100, [BLOOD]), 60)
