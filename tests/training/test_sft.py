"""Tuning computes logits where loss is taken, and nothing else changes: the loss and the gradients are TRL's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PrefixTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen3Config
from trl import SFTConfig, SFTTrainer

from glossator.content import weights
from glossator.generation.transformers_local import load_tokenizer
from glossator.training import sft
from glossator.training.constraint import IGNORED
from glossator.training.sft import CompletionTrainer

from ..tiny import SMALL

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing")

CONFIGS = {"llama": LlamaConfig(**SMALL), "qwen3": Qwen3Config(**SMALL, head_dim=8)}
ADAPTERS = {
    "lora": LoraConfig(r=4, target_modules=["q_proj", "down_proj"], init_lora_weights=False, task_type="CAUSAL_LM"),
    "prefix": PrefixTuningConfig(num_virtual_tokens=3, task_type="CAUSAL_LM"),
}
LENGTHS = ((9, 5), (4, 8), (17, 2))
"""Tokens of each row's prompt and completion."""


def rows() -> list[dict[str, list[int]]]:
    chance, made = torch.Generator().manual_seed(2), []
    for before, after in LENGTHS:
        ids = torch.randint(1, 97, (before + after,), generator=chance).tolist()
        made.append({"input_ids": ids, "labels": [IGNORED] * before + ids[before:]})
    return made


def learnt(
    kind: type[SFTTrainer], model: str, adapter: str, folder: Path, items: int | None
) -> tuple[float, dict[str, Any]]:
    """Loss and gradients of one batch."""
    torch.manual_seed(1)
    trainer = kind(
        model=get_peft_model(AutoModelForCausalLM.from_config(CONFIGS[model]).train(), ADAPTERS[adapter]),
        args=SFTConfig(
            output_dir=str(folder),
            use_cpu=True,
            bf16=False,
            activation_checkpointing=False,
            max_length=None,
            per_device_train_batch_size=3,
            report_to="none",
        ),
        train_dataset=Dataset.from_list(rows()),
        processing_class=load_tokenizer(str(weights())),
    )
    (batch,) = trainer.get_train_dataloader()
    trainer.current_gradient_accumulation_steps = 1  # set by `train`, which is not called
    loss = trainer.training_step(trainer.model, dict(batch), items and torch.tensor(items))
    gradients = {name: p.grad for name, p in trainer.model.named_parameters() if p.grad is not None}
    return loss.item(), gradients


@pytest.mark.parametrize("items", [None, 40])
@pytest.mark.parametrize("part", [2048, 30])
@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("model", CONFIGS)
def test_loss_and_gradients_are_trls(
    model: str, adapter: str, part: int, items: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sft, "PART", part)
    loss, gradients = learnt(CompletionTrainer, model, adapter, tmp_path, items)
    wanted, theirs = learnt(SFTTrainer, model, adapter, tmp_path, items)
    assert loss == pytest.approx(wanted, rel=1e-5)
    assert gradients.keys() == theirs.keys()
    for name, gradient in theirs.items():
        assert torch.allclose(gradients[name], gradient, rtol=1e-4, atol=1e-7), name
