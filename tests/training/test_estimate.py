"""What a plan says of its training without weights, and what it refuses before any work."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glossator.content import weights
from glossator.domain import AdapterRecipe
from glossator.errors import InputError, RecipeError
from glossator.host import Host
from glossator.plan import make_plan
from glossator.records import Question
from glossator.training.estimate import Estimate, estimate
from glossator.training.shapes import _made, shape_of

from ..tiny import SMALL

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing", "ignore:fan_in_fan_out")

LARGE = {
    "model_type": "qwen3", "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "head_dim": 128,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 151936, "tie_word_embeddings": False,
    "max_position_embeddings": 40960,
}  # fmt: skip
QUESTIONS = [Question(id=str(number), text="?") for number in range(100)]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """The shape of an 8B model with a tokenizer, without weights."""
    folder = tmp_path / "large"
    shutil.copytree(weights(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "config.json").write_text(json.dumps(LARGE))
    return folder


def estimated(folder: Path, backbone: object, *sets: str) -> Estimate:
    path = folder / "r.yaml"
    path.write_text(f"name: t\ndomain: medical\nbackbone: {backbone}\nsft: {{}}\n")
    return estimate(make_plan(path, Host.discover(), sets=sets), QUESTIONS)


def test_an_8b_model_is_estimated_without_weights(large: Path, tmp_path: Path) -> None:
    found = estimated(tmp_path, large)
    assert found.parameters == 8_190_735_360
    assert found.trained == 36 * 16 * (2 * 8192 + 2 * 5120 + 3 * 16384)  # layers, rank, in + out of q o, k v, the MLP
    assert found.memory > 4 * found.parameters
    assert found.minutes > 60


@pytest.mark.parametrize(
    "given",
    [
        {"model_type": "llama"},
        {"model_type": "llama", "head_dim": 24, "tie_word_embeddings": True},
        {"model_type": "llama", "attention_bias": True},
        {"model_type": "llama", "mlp_bias": True},
        {"model_type": "mistral"},
        {"model_type": "qwen2"},
        {"model_type": "qwen3", "head_dim": 24},
    ],
)
def test_arithmetic_counts_what_a_model_of_the_shape_has(given: dict[str, object]) -> None:
    from transformers import AutoConfig

    config = AutoConfig.for_model(**{**SMALL, "tie_word_embeddings": False, **given})
    for targets in (("q_proj", "v_proj"), ("down_proj", "o_proj")):
        peft = AdapterRecipe(r=3, target_modules=targets)
        assert shape_of("here", config, peft) == _made("here", config, peft)


def test_the_shape_of_a_usual_model_is_known_without_peft(large: Path) -> None:
    code = (
        "import sys; from glossator.domain import AdapterRecipe; from glossator.training.shapes import shape_of\n"
        "from transformers import AutoConfig\n"
        f"shape_of('here', AutoConfig.from_pretrained({str(large)!r}), AdapterRecipe())\n"
        "assert 'peft' not in sys.modules and 'transformers.models.qwen3.modeling_qwen3' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_twice_the_epochs_take_twice_the_minutes(tmp_path: Path) -> None:
    one, two = (estimated(tmp_path, "embedded", f"sft.epochs={n}") for n in (2, 20))
    assert two.minutes > 3 * one.minutes
    assert two.memory == one.memory


def test_alignment_takes_its_own_time(tmp_path: Path) -> None:
    alone, aligned = (estimated(tmp_path, "embedded", *sets) for sets in ((), ("rl={steps: 5000}",)))
    assert aligned.minutes > 3 * alone.minutes


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("sft.peft.target_modules=[nowhere]", "Target modules"),
        ("sft.peft.target_modules=[lm_head]", "never trained by TRL"),
        ("examples.max_tokens=2048", "the backbone reads 2048 tokens"),
        (("rl={generations: all}", "sft.peft.method=prefix"), "without a learnt prompt; say a number of samples"),
    ],
)
def test_what_cannot_be_trained_is_refused(given: str | tuple[str, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        estimated(tmp_path, "embedded", *([given] if isinstance(given, str) else given))


def test_pairs_of_quotes_need_a_model_whose_answers_can_be_bound(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2", "n_layer": 1, "n_positions": 2048}))
    peft = "sft.peft.target_modules=[c_attn]"
    with pytest.raises(InputError, match="not by a model of type 'gpt2'; take grpo or rloo"):
        estimated(tmp_path, folder, "rl.algorithm=dpo", peft)
    with pytest.raises(InputError, match="rl.generations: all is for llama"):
        estimated(tmp_path, folder, "rl.algorithm=grpo", peft)
    assert estimated(tmp_path, folder, "rl={generations: 8}", peft).trained


@pytest.mark.parametrize("sets", [("answer.connect=20",), ("answer.grounding=cited",), ("answer.spans=clauses",)])
def test_answers_that_cannot_be_listed_are_refused_where_all_are_wanted(sets: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="rl.generations: all: only answers that quote whole sentences"):
        estimated(tmp_path, "embedded", "rl={generations: all}", *sets)


def test_what_a_server_cannot_serve_is_noted(tmp_path: Path) -> None:
    assert "vLLM serves lora" in estimated(tmp_path, "embedded", "sft.peft.method=ia3").notes[0]
    assert not estimated(tmp_path, "embedded").notes


def test_a_folder_without_a_configuration_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="backbone"):
        estimated(tmp_path, tmp_path / "empty")
