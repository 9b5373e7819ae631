"""One GRPO update, loss and backward pass: TRL's trainer against ours, 4 prompts x 8 answers, 192 + 48 and 1,000 + 100.

    python tests/bench/grpo_update.py

The gate: gradients of every weight of the adapter, relative to the peer's, within GATE in float32.
"""

from __future__ import annotations

import sys
import tempfile
from typing import Any

import torch
from datasets import Dataset
from measure import in_turns, release, verdict
from peft import LoraConfig, get_peft_model
from trl import GRPOConfig, GRPOTrainer

from glossator.content import weights
from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.training.grounded import GroundedGRPOTrainer

PROMPTS, SAMPLES, SHAPES, GATE = 4, 8, ((192, 48), (1000, 100)), 1e-4
PLAIN: dict[str, Any] = {"use_cpu": True, "bf16": False, "activation_checkpointing": False, "report_to": "none"}
"""Arguments of a trainer in float32 on a CPU."""


def trainer_of(kind: type[GRPOTrainer], folder: str) -> Any:
    """A trainer of one kind on the embedded backbone with a LoRA adapter, its second matrices not zero."""
    torch.manual_seed(0)
    rank = LoraConfig(
        r=16, lora_alpha=32, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"], task_type="CAUSAL_LM"
    )
    model = get_peft_model(load_model(str(weights())), rank)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    arguments = GRPOConfig(
        output_dir=folder,
        **PLAIN,
        beta=0.0,
        num_generations=SAMPLES,
        per_device_train_batch_size=PROMPTS * SAMPLES,
        max_completion_length=max(after for _, after in SHAPES),
    )
    trainer = kind(
        model=model,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=arguments,
        train_dataset=Dataset.from_list([{"prompt": "a"}]),
        processing_class=load_tokenizer(str(weights())),
    )
    trainer.current_gradient_accumulation_steps = 1  # set by `train`, which is not called
    return trainer


def inputs(before: int, after: int) -> dict[str, torch.Tensor]:
    """What TRL hands to the loss: each prompt SAMPLES times, answers of random tokens, advantages."""
    chance = torch.Generator().manual_seed(1)
    prompts = torch.randint(10, 8192, (PROMPTS, before), generator=chance).repeat_interleave(SAMPLES, 0)
    answers = torch.randint(10, 8192, (PROMPTS * SAMPLES, after), generator=chance)
    return {
        "prompt_ids": prompts,
        "prompt_mask": torch.ones_like(prompts),
        "completion_ids": answers,
        "completion_mask": torch.ones_like(answers),
        "advantages": torch.randn(PROMPTS * SAMPLES, generator=chance),
        "num_items_in_batch": torch.tensor(PROMPTS * SAMPLES * after),
    }


def update(trainer: Any, given: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Loss and backward pass; the gradients."""
    model = trainer.model.train()
    model.zero_grad(set_to_none=True)
    trainer._compute_loss(model, dict(given)).backward()
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def apart(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> str:
    """What is wrong with gradients that should be the same; empty where nothing is."""
    worst = max(float((ours[name] - one).norm() / one.norm()) for name, one in theirs.items())
    return "" if worst <= GATE else f"gradients differ by {worst:.1e}"


def bench() -> bool:
    torch.set_num_threads(1)  # torch is imported before measure
    good = True
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = trainer_of(GroundedGRPOTrainer, folder), trainer_of(GRPOTrainer, folder)
        for before, after in SHAPES:
            given = inputs(before, after)
            wrong = apart(update(ours, given), update(theirs, given))
            peer, mine = in_turns(lambda g=given: update(theirs, g), lambda g=given: update(ours, g))
            what = f"grpo-update, {PROMPTS} x {SAMPLES} x ({before} + {after})"
            good &= verdict(what, release("trl"), peer, mine, wrong=wrong)
    return good


if __name__ == "__main__":
    sys.exit(0 if bench() else 1)
