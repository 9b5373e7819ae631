"""One row for all answers to a prompt gives what a row for each gives: logits, log-probabilities, gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import LoraConfig, PrefixTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen3Config

from glossator.training.prefix_tree import answer_logits, can_share, grouped

from ..tiny import SMALL

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing")

CONFIGS = {"llama": LlamaConfig(**SMALL), "qwen3": Qwen3Config(**SMALL, head_dim=8)}
LENGTHS = ((9, (5, 1, 8)), (4, (8, 3)), (17, (2,)))
"""Tokens of prompts, and of the answers to each."""


def model_of(name: str, attention: str = "sdpa") -> Any:
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(CONFIGS[name], attn_implementation=attention)
    model = get_peft_model(
        model, LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
    )
    for parameter in model.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def batch() -> tuple[torch.Tensor, torch.Tensor, int]:
    """Prompts padded on the left, answers on the right, the rows of a prompt not side by side."""
    chance, longest, most = torch.Generator().manual_seed(2), 8, 17
    ids, mask = [], []
    for length, answers in LENGTHS:
        prompt = torch.randint(1, 97, (length,), generator=chance)
        for size in answers:
            answer = torch.randint(1, 97, (size,), generator=chance)
            before, after = torch.zeros(most - length, dtype=torch.long), torch.zeros(longest - size, dtype=torch.long)
            ids.append(torch.cat([before, prompt, answer, after]))
            mask.append(torch.cat([before, torch.ones(length + size, dtype=torch.long), after]))
    ids, mask = [*ids, ids[1]], [*mask, mask[1]]  # an answer that was given twice
    order = torch.randperm(len(ids), generator=chance)
    return torch.stack(ids)[order], torch.stack(mask)[order], longest


def repeated(model: Any, ids: torch.Tensor, mask: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The wanted logits of a row for each answer."""
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    said = model(input_ids=ids, attention_mask=mask, position_ids=positions, logits_to_keep=wanted.shape[1] + 1)
    return said.logits[:, :-1][wanted]


def loss_of(logits: torch.Tensor, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    said = logits.log_softmax(-1).gather(-1, ids[:, -wanted.shape[1] :][wanted][:, None]).squeeze(-1)
    weight = torch.linspace(-1, 1, len(ids))[:, None].expand_as(wanted)[wanted]
    return -(said * weight).mean()


def wanted_of(mask: torch.Tensor, longest: int, every: int = 1) -> torch.Tensor:
    """Every so-manieth token of the answers."""
    return mask[:, -longest:].bool() & (torch.arange(longest) % every == 0)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("name", CONFIGS)
def test_loss_and_gradients_are_those_of_a_row_for_each_answer(name: str, attention: str, every: int) -> None:
    ids, mask, longest = batch()
    wanted, losses, gradients = wanted_of(mask, longest, every), [], []
    for way in (repeated, answer_logits):
        model = model_of(name, attention)
        loss = loss_of(way(model, ids, mask, wanted), ids, wanted)
        loss.backward()
        losses.append(loss.item())
        gradients.append({name: p.grad for name, p in model.named_parameters() if p.grad is not None})
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for name, one in gradients[0].items():
        assert one is not None
        assert (one - gradients[1][name]).norm() <= 1e-4 * one.norm() + 1e-8, name


@pytest.mark.parametrize("name", CONFIGS)
def test_every_token_of_every_answer_has_its_own_logits(name: str) -> None:
    ids, mask, longest = batch()
    model = model_of(name).eval()
    with torch.inference_mode():
        wanted = wanted_of(mask, longest)
        apart = repeated(model, ids, mask, wanted) - answer_logits(model, ids, mask, wanted)
    assert apart.shape[0] == wanted.sum() and float(apart.abs().max()) < 1e-4


def test_a_prompt_stands_once() -> None:
    tree, stands = grouped([[1, 2, 3]] * 4 + [[4]], [[5], [6, 7], [8], [9], [10]])
    assert tree.ids.shape == (2, 8) and [row for row, _ in stands] == [0, 0, 0, 0, 1]


def test_what_a_mask_cannot_be_given_to_is_not_shared() -> None:
    model = model_of("llama")
    assert can_share(model)
    model.config.model_type = "gpt2"
    assert not can_share(model)
    windowed = model_of("qwen3")
    windowed.config.use_sliding_window, windowed.config.sliding_window = True, 16
    assert not can_share(windowed)
    bare = AutoModelForCausalLM.from_config(LlamaConfig(**SMALL))
    assert can_share(bare)
    assert not can_share(get_peft_model(bare, PrefixTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM")))
