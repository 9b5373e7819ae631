"""The loss sees the policy that was sampled: probabilities over the possible answers of a prompt."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from glossator.generation.grounding import Choice

ANSWERS = ["Ferritin falls first.", "Ferritin falls later.", "Nobody knows."]
EVEN, UNEVEN = (0.0, 0.0, 0.0), (1.5, -0.5, 0.3)


@pytest.fixture(scope="module")
def generator() -> Any:
    from glossator.content import weights
    from glossator.generation.transformers_local import LocalGenerator

    return LocalGenerator.load(str(weights()))


def tree(generator: Any, weights: tuple[float, ...] = EVEN) -> Any:
    """The first answers, as many as there are weights."""
    return generator.start([Choice(text, weight) for text, weight in zip(ANSWERS, weights, strict=False)], 60)


def log_probabilities(generator: Any, trees: Any, temperature: float = 1.0) -> list[Any]:
    """Per-token log-probabilities of each of ANSWERS after one prompt, without the padding."""
    from glossator.prompting import encode_completion, encode_prompt
    from glossator.training.grounded import GroundedGRPOTrainer

    prompt = encode_prompt(generator.tokenizer, [{"role": "user", "content": "What falls first?"}])
    answers = [encode_completion(generator.tokenizer, text) for text in ANSWERS]
    longest, left = max(map(len, answers)), 3
    rows = [[0] * left + prompt + ids + [0] * (longest - len(ids)) for ids in answers]
    mask = [[0] * left + [1] * len(prompt + ids) + [0] * (longest - len(ids)) for ids in answers]
    trainer = SimpleNamespace(
        temperature=temperature,
        starts=trees and {tuple(prompt): trees},
        accelerator=SimpleNamespace(autocast=nullcontext, unwrap_model=lambda model: model),
    )
    with torch.inference_mode():
        logps, entropies, _ = GroundedGRPOTrainer._get_per_token_logps_and_entropies(
            trainer, generator.model, torch.tensor(rows), torch.tensor(mask), longest
        )
    assert entropies.shape == logps.shape == (len(rows), longest)
    return [row[: len(ids)] for row, ids in zip(logps, answers, strict=True)]


@pytest.mark.parametrize("weights", [EVEN, UNEVEN])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_possible_answers_share_all_probability(
    generator: Any, temperature: float, weights: tuple[float, ...]
) -> None:
    logps = log_probabilities(generator, tree(generator, weights), temperature)
    assert sum(row.sum().exp().item() for row in logps) == pytest.approx(1.0, abs=1e-5)


def test_an_answer_that_was_given_twice_is_read_once_and_counts_twice(generator: Any) -> None:
    from glossator.prompting import encode_completion, encode_prompt
    from glossator.training.grounded import GroundedGRPOTrainer

    prompt = encode_prompt(generator.tokenizer, [{"role": "user", "content": "What falls first?"}])
    one, two = (prompt + encode_completion(generator.tokenizer, text)[:6] for text in ANSWERS[:2])
    read = []

    def model(**given: Any) -> Any:
        read.append(given["input_ids"].shape)
        return generator.model(**given)

    accelerator = SimpleNamespace(autocast=nullcontext, unwrap_model=lambda _: generator.model)
    trainer = SimpleNamespace(temperature=1.0, starts=None, accelerator=accelerator)
    ids = torch.tensor([two, one, two])
    model.parameters = generator.model.parameters  # type: ignore[attr-defined]
    logps, _, _ = GroundedGRPOTrainer._get_per_token_logps_and_entropies(trainer, model, ids, torch.ones_like(ids), 6)
    assert read == [(1, len(prompt) + 12)]
    assert torch.equal(logps[0], logps[2]) and not torch.allclose(logps[0], logps[1])


def test_a_token_without_alternative_teaches_nothing(generator: Any) -> None:
    (alone, *_) = log_probabilities(generator, tree(generator, (0.0,)))
    assert alone.abs().max().item() == pytest.approx(0.0, abs=1e-6)


def fork(bound: list[Any]) -> int:
    """The place where the first two answers part."""
    return next(i for i, (a, b) in enumerate(zip(bound[0], bound[1], strict=False)) if not torch.isclose(a, b))


def test_choices_are_weighed_as_the_free_model_weighs_them(generator: Any) -> None:
    bound, free = log_probabilities(generator, tree(generator, (0.0, 0.0))), log_probabilities(generator, None)
    place = fork(bound)
    by_hand = torch.stack([free[0][place], free[1][place]]).log_softmax(0)
    assert torch.allclose(torch.stack([bound[0][place], bound[1][place]]), by_hand, atol=1e-5)


def test_the_prior_multiplies_what_the_model_thinks_where_answers_part(generator: Any) -> None:
    bound, free = log_probabilities(generator, tree(generator, (2.0, 0.5))), log_probabilities(generator, None)
    place = fork(bound)
    by_hand = torch.stack([free[0][place] + 2.0, free[1][place] + 0.5]).log_softmax(0)
    assert torch.allclose(torch.stack([bound[0][place], bound[1][place]]), by_hand, atol=1e-5)


def test_samples_come_as_often_as_the_loss_thinks_they_do(generator: Any) -> None:
    among = [Choice(text, weight) for text, weight in zip(ANSWERS, UNEVEN, strict=True)]
    expected = [row.sum().exp().item() for row in log_probabilities(generator, tree(generator, UNEVEN))]
    torch.manual_seed(0)
    drawn = generator.sample([{"role": "user", "content": "What falls first?"}], 600, 20, 1.0, among)
    assert [drawn.count(text) / 600 for text in ANSWERS] == pytest.approx(expected, abs=0.06)


def test_only_choices_are_bound_an_impossible_token_has_no_chance_and_padding_is_left_alone() -> None:
    from glossator.generation.grounding import NEVER, gains, tree_of

    start, half = tree_of([[1, 2], [1, 3]], [0.0, 0.0]), pytest.approx(-0.693147, abs=1e-5)
    chose, added = gains([start, start], torch.tensor([[1, 2, 0], [3, 1, 0]]), 4)
    assert chose.tolist() == [[False, True, False], [True, False, False]]
    assert added.tolist() == [[NEVER, NEVER, half, half], [NEVER, 0.0, NEVER, NEVER]]


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing")
@pytest.mark.parametrize("algorithm", ["GRPO", "RLOO"])
@pytest.mark.parametrize("silent", [(), (0,), (0, 1)])
def test_a_group_that_is_paid_alike_is_not_read_and_changes_no_gradient(
    algorithm: str, silent: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glossator.training import grounded

    trainer, read = sampler(algorithm, tmp_path), list[int]()
    given = sampled(silent)
    whole = gradients(super(type(trainer), trainer)._compute_loss, trainer.model, given)
    asked = grounded.answer_logits
    monkeypatch.setattr(
        grounded, "answer_logits", lambda m, ids, *rest: [read.append(len(ids)), asked(m, ids, *rest)][1]
    )
    told = gradients(trainer._compute_loss, trainer.model, given)
    assert read == [max(1, 8 - 4 * len(silent))]
    assert whole and whole.keys() == told.keys()
    assert any(one.any() for one in whole.values()) == (len(silent) < 2)
    for name, one in whole.items():
        assert torch.allclose(told[name], one, rtol=1e-4, atol=1e-7 * float(one.abs().max() + 1))


def sampler(algorithm: str, folder: Path) -> Any:
    """A trainer on the embedded backbone, two prompts of four answers of free text."""
    import trl
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model

    from glossator.content import weights
    from glossator.generation.transformers_local import load_model, load_tokenizer
    from glossator.training import grounded

    torch.manual_seed(0)
    model = get_peft_model(load_model(str(weights())), LoraConfig(target_modules=["q_proj", "v_proj"]))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    arguments = getattr(trl, f"{algorithm}Config")(
        output_dir=str(folder), use_cpu=True, bf16=False, activation_checkpointing=False, report_to="none",
        beta=0.0, num_generations=4, per_device_train_batch_size=8,
    )  # fmt: skip
    trainer = getattr(grounded, f"Grounded{algorithm}Trainer")(
        model=model,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=arguments,
        train_dataset=Dataset.from_list([{"prompt": "a"}]),
        processing_class=load_tokenizer(str(weights())),
    )
    trainer.current_gradient_accumulation_steps = 1  # set by `train`, which is not called
    return trainer


def sampled(silent: tuple[int, ...]) -> dict[str, Any]:
    """What TRL hands to the loss: two prompts of four answers, and the groups that are paid alike."""
    chance = torch.Generator().manual_seed(1)
    prompts = torch.randint(10, 8192, (2, 12), generator=chance).repeat_interleave(4, 0)
    answers = torch.randint(10, 8192, (8, 6), generator=chance)
    advantages = torch.randn(2, 4, generator=chance)
    advantages[list(silent)] = 0.0
    return {
        "prompt_ids": prompts, "prompt_mask": torch.ones_like(prompts), "completion_ids": answers,
        "completion_mask": torch.ones_like(answers), "advantages": advantages.flatten(),
        "num_items_in_batch": torch.tensor(48), "old_logps": torch.full((8,), -60.0),
    }  # fmt: skip


def gradients(loss: Any, model: Any, given: dict[str, Any]) -> dict[str, torch.Tensor]:
    model.zero_grad(set_to_none=True)
    loss(model.train(), dict(given)).backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def test_answers_end_at_their_end_mark() -> None:
    from glossator.training.grounded import _up_to

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
