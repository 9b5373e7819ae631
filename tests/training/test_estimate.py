"""What a plan says of its training without weights, and what it refuses before any work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from glossator.content import weights
from glossator.errors import InputError
from glossator.host import Host
from glossator.plan import make_plan
from glossator.records import Question
from glossator.training.estimate import Estimate, estimate

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
    ],
)
def test_what_cannot_be_trained_is_refused(given: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        estimated(tmp_path, "embedded", given)


def test_pairs_of_quotes_need_a_model_whose_answers_can_be_bound(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2", "n_layer": 1, "n_positions": 2048}))
    peft = "sft.peft.target_modules=[c_attn]"
    with pytest.raises(InputError, match="not by a model of type 'gpt2'; take grpo or rloo"):
        estimated(tmp_path, folder, "rl.algorithm=dpo", peft)
    assert estimated(tmp_path, folder, "rl.algorithm=grpo", peft).trained


def test_what_a_server_cannot_serve_is_noted(tmp_path: Path) -> None:
    assert "vLLM serves lora" in estimated(tmp_path, "embedded", "sft.peft.method=ia3").notes[0]
    assert not estimated(tmp_path, "embedded").notes


def test_a_folder_without_a_configuration_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="backbone"):
        estimated(tmp_path, tmp_path / "empty")
