"""The loss sees the policy that was sampled: probabilities over the possible answers of a prompt."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch

ANSWERS = ["Ferritin falls first.", "Ferritin falls later.", "Nobody knows."]


@pytest.fixture(scope="module")
def generator() -> Any:
    from glossator.content import weights
    from glossator.generation.transformers_local import LocalGenerator

    return LocalGenerator.load(str(weights()))


def log_probabilities(generator: Any, trees: Any, temperature: float = 1.0) -> list[Any]:
    """Per-token log-probabilities of each of ANSWERS after one prompt, without the padding."""
    from glossator.prompting import encode_completion, encode_prompt
    from glossator.training.rl import GroundedGRPOTrainer

    prompt = encode_prompt(generator.tokenizer, [{"role": "user", "content": "What falls first?"}])
    answers = [encode_completion(generator.tokenizer, text) for text in ANSWERS]
    longest, left = max(map(len, answers)), 3
    rows = [[0] * left + prompt + ids + [0] * (longest - len(ids)) for ids in answers]
    mask = [[0] * left + [1] * len(prompt + ids) + [0] * (longest - len(ids)) for ids in answers]
    trainer = SimpleNamespace(
        temperature=temperature,
        trees=trees and {tuple(prompt): trees},
        accelerator=SimpleNamespace(autocast=nullcontext),
    )
    with torch.inference_mode():
        logps, entropies, _ = GroundedGRPOTrainer._get_per_token_logps_and_entropies(
            trainer, generator.model, torch.tensor(rows), torch.tensor(mask), longest
        )
    assert entropies.shape == logps.shape == (len(rows), longest)
    return [row[: len(ids)] for row, ids in zip(logps, answers, strict=True)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_possible_answers_share_all_probability(generator: Any, temperature: float) -> None:
    logps = log_probabilities(generator, generator.tree(ANSWERS), temperature)
    assert sum(row.sum().exp().item() for row in logps) == pytest.approx(1.0, abs=1e-5)


def test_a_token_without_alternative_teaches_nothing(generator: Any) -> None:
    (alone, *_) = log_probabilities(generator, generator.tree(ANSWERS[:1]))
    assert alone.abs().max().item() == pytest.approx(0.0, abs=1e-6)


def test_choices_are_weighed_as_the_free_model_weighs_them(generator: Any) -> None:
    bound = log_probabilities(generator, generator.tree(ANSWERS[:2]))
    free = log_probabilities(generator, None)
    place = next(i for i, (a, b) in enumerate(zip(bound[0], bound[1], strict=False)) if not torch.isclose(a, b))
    by_hand = torch.stack([free[0][place], free[1][place]]).log_softmax(0)
    assert torch.allclose(torch.stack([bound[0][place], bound[1][place]]), by_hand, atol=1e-5)


def test_padding_after_a_tree_has_ended_rules_nothing_out() -> None:
    from glossator.generation.grounding import impossible

    mask = impossible([{1: {2: {}}}], torch.tensor([[1, 2, 0]]), 4)
    assert mask.tolist() == [[[True, False, True, True], [True, True, False, True], [False] * 4]]


def test_answers_end_at_their_end_mark() -> None:
    from glossator.training.rl import _up_to

    assert _up_to([5, 6, 1, 0, 0], 1) == [5, 6, 1]
    assert _up_to([5, 6], 1) == [5, 6]


@pytest.mark.parametrize(("most", "silent"), [(0.0, 0), (0.1, 1), (0.25, 4), (0.9, 8)])
def test_prompts_to_abstain_on_stay_below_their_share(most: float, silent: int) -> None:
    from glossator.stages.rl import balanced

    tasks: Any = [SimpleNamespace(number=n, question=SimpleNamespace(answerable=n % 5 < 3)) for n in range(20)]
    kept: Any = balanced(tasks, most, 7)
    assert [task.number for task in kept] == sorted(task.number for task in kept)
    assert sum(task.question.answerable for task in kept) == 12
    assert sum(not task.question.answerable for task in kept) == silent
