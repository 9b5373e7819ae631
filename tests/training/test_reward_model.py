"""What a reward model thinks of answers does not depend on how they are read."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, PrefixTuningConfig, get_peft_model

from glossator.content import weights
from glossator.training.prefix_tree import can_share
from glossator.training.reward_model import load_base, opinions

ADAPTERS = {
    "lora": LoraConfig(r=4, init_lora_weights=False, task_type="SEQ_CLS"),
    "prefix": PrefixTuningConfig(num_virtual_tokens=3, task_type="SEQ_CLS"),
}
PROMPTS = [[5, 60, 700], [8, 9], [5, 60, 700], [8, 9]]
ANSWERS = [[70, 80, 2], [2], [7, 2], [300, 301, 302, 303, 2]]


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing")
def test_opinions_are_those_of_each_row_alone(adapter: str) -> None:
    torch.manual_seed(1)
    model = get_peft_model(load_base(str(weights())), ADAPTERS[adapter]).eval()
    assert can_share(model) == (adapter == "lora")
    with torch.inference_mode():
        alone = [
            float(model(input_ids=torch.tensor([prompt + answer])).logits[0, 0])
            for prompt, answer in zip(PROMPTS, ANSWERS, strict=True)
        ]
    assert opinions(model, PROMPTS, ANSWERS) == pytest.approx(alone, abs=1e-5)
    assert len(set(alone)) == len(alone)
