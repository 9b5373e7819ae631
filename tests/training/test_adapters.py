"""Every way to adapt a backbone trains, is saved without a path, is loaded again and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig

from glossator.domain import AdapterRecipe
from glossator.errors import InputError
from glossator.generation.grounding import Choice
from glossator.generation.transformers_local import LocalGenerator
from glossator.recipe import SftRecipe
from glossator.records import Example, Message
from glossator.training.adapters import adapted
from glossator.training.run import Setting, continued
from glossator.training.sft import train_sft

from ..tiny import tiny_llama

pytestmark = pytest.mark.filterwarnings(
    "ignore:.is_gradient_checkpointing", "ignore:.*pin_memory", "ignore:Position ids are not supported"
)

METHODS = get_args(AdapterRecipe.model_fields["method"].annotation)
PROMPT = (Message(role="user", content="What falls first?"),)
AMONG = [Choice("Ferritin falls first."), Choice("Nobody knows.")]


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("backbone"))


def taught(method: Any, backbone: Path, folder: Path, completion: str) -> Path:
    """An adapter that has learnt one answer."""
    example = Example(question_id="q", messages=PROMPT, completion=completion, passages=(), scores=(), answerable=True)
    setting = Setting(folder=folder, seed=1, threads=1, backbone=str(backbone), backbone_name="tiny")
    recipe = SftRecipe(peft=AdapterRecipe(method=method, r=8), max_steps=12, batch_size=2, learning_rate=0.1)
    train_sft([example] * 24, recipe, setting)
    return folder / "adapter"


@pytest.mark.parametrize("method", METHODS)
def test_an_adapter_learns_is_kept_and_answers(method: str, backbone: Path, tmp_path: Path) -> None:
    for number, choice in enumerate(AMONG):
        kept = taught(method, backbone, tmp_path / str(number), choice.text)
        generator = LocalGenerator.load(str(backbone), kept)
        assert generator.complete([PROMPT], 30, [AMONG]) == [choice.text]
        assert "".join(generator.stream(PROMPT, 30, AMONG)) == choice.text
    config = json.loads((kept / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny"


@pytest.mark.parametrize("method", METHODS)
def test_a_continued_adapter_begins_where_it_was_left_and_learns(method: str, backbone: Path, tmp_path: Path) -> None:
    kept = taught(method, backbone, tmp_path / "a", AMONG[0].text)
    setting = Setting(folder=tmp_path / "b", seed=1, threads=1, backbone=str(backbone), backbone_name="tiny")
    model, ids = continued(setting, kept), torch.arange(10, 20)[None]
    served = LocalGenerator.load(str(backbone), kept).model
    with torch.inference_mode():
        assert torch.allclose(model.eval()(input_ids=ids).logits, served(input_ids=ids).logits, atol=1e-4)
    assert any(parameter.requires_grad for parameter in model.parameters())


def test_a_zero_row_and_a_missing_module_are_said() -> None:
    model = AutoModelForCausalLM.from_config(
        LlamaConfig(vocab_size=50, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    )
    with pytest.raises(InputError, match="lora does not fit this backbone: Target modules"):
        adapted(model, AdapterRecipe(target_modules=("nowhere",)), "CAUSAL_LM")
    torch.nn.init.zeros_(model.model.layers[0].self_attn.v_proj.weight)
    with pytest.raises(InputError, match=r"rows of this backbone are zero \(model.layers.0.self_attn.v_proj\)"):
        adapted(model, AdapterRecipe(method="dora"), "CAUSAL_LM")
