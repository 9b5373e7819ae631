"""Our own decoding says what transformers' `generate` says, token for token, and samples what the model thinks."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from glossator.content import weights
from glossator.generation import decoding
from glossator.generation.backbone import read, unreadable
from glossator.generation.grounding import Tree, tree_of
from glossator.generation.transformers_local import LocalGenerator, load_model

pytestmark = pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"  # peft asks transformers by the old name
)

PAD, END, VOCABULARY = 0, 1, 96
SMALL: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 256,
    "initializer_range": 0.3, "pad_token_id": PAD, "eos_token_id": END, "bos_token_id": None,
    "tie_word_embeddings": False,
}  # fmt: skip
SCALED = {
    "rope_type": "llama3", "rope_theta": 1e4, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}  # fmt: skip
ROTATIONS = {
    "full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e5},
    "sliding_attention": {"rope_type": "default", "rope_theta": 1e3},
}
MODELS: dict[str, dict[str, Any]] = {
    "llama": {"attention_bias": True, "mlp_bias": True, "rope_parameters": SCALED},
    "qwen3": {"use_sliding_window": True, "sliding_window": 12, "max_window_layers": 1},
    "gemma3_text": {
        "sliding_window": 9, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        "rope_parameters": ROTATIONS, "query_pre_attn_scalar": 20,
    },
}  # fmt: skip


def made(name: str, **changed: Any) -> Any:
    """A model with random weights, its norms and biases too."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(name, **SMALL | MODELS.get(name, {}) | changed)
    ).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.3)
    return model


def generator(model: Any) -> LocalGenerator:
    return LocalGenerator(model, SimpleNamespace(eos_token_id=END, pad_token_id=PAD))


def left_to_transformers(model: Any) -> LocalGenerator:
    peer = generator(model)
    peer._read = False
    return peer


def prompts(*lengths: int) -> list[list[int]]:
    drawn = random.Random(5)
    return [[drawn.randrange(2, VOCABULARY) for _ in range(length)] for length in lengths]


def bush(drawn: random.Random) -> Tree:
    """Possible answers that part here and there and run on alone in between, of very different lengths."""
    stem = [drawn.randrange(2, VOCABULARY) for _ in range(drawn.randrange(4))]
    rows = []
    for _ in range(drawn.randrange(1, 6)):
        grown = list(stem)
        for _ in range(drawn.randrange(1, 8)):
            grown += [drawn.randrange(2, VOCABULARY)] * drawn.randrange(1, 4)
        rows.append([*grown, END])
    return tree_of(rows, [drawn.random() for _ in rows])


def rows_of(found: Any) -> list[list[int]]:
    return [row[: row.index(END) + 1] if END in row else row for row in found.tolist()]


UNEQUAL = prompts(20, 5, 1, 20, 13)
GROUPS = [UNEQUAL[place] for place in (0, 1, 0, 0, 1, 1, 4, 2, 2, 2, 4, 4)]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("batch", [UNEQUAL[:1], UNEQUAL, GROUPS], ids=["one", "unequal", "groups"])
def test_free_answers_are_those_of_generate(name: str, batch: list[list[int]]) -> None:
    model = made(name)
    ours, theirs = generator(model), left_to_transformers(model)
    said = rows_of(ours.generate(batch, 30, None))
    assert said == rows_of(theirs.generate(batch, 30, None))
    assert unreadable(model) == ""
    assert len({token for row in said for token in row}) > 2


def test_a_head_that_is_the_embedding_is_read() -> None:
    model = made("llama", tie_word_embeddings=True, initializer_range=0.1)
    expected = rows_of(left_to_transformers(model).generate(UNEQUAL, 20, None))
    assert rows_of(generator(model).generate(UNEQUAL, 20, None)) == expected
    taking = generator(model)
    taking._read = read(model, take=True)
    assert rows_of(taking.generate(UNEQUAL, 20, None)) == expected
    assert rows_of(left_to_transformers(model).generate(UNEQUAL, 20, None)) == expected


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("most", [4, 40])
@pytest.mark.parametrize("batch", [UNEQUAL[:1], UNEQUAL, GROUPS], ids=["one", "unequal", "groups"])
def test_bound_answers_are_those_of_generate(name: str, most: int, batch: list[list[int]]) -> None:
    model, drawn = made(name), random.Random(11)
    ours, theirs = generator(model), left_to_transformers(model)
    for _ in range(5):
        trees = [bush(drawn) for _ in batch]
        assert rows_of(ours.generate(batch, most, trees)) == rows_of(theirs.generate(batch, most, trees))


def forks(depth: int, first: int, second: int) -> Tree:
    """So many choices between the same two tokens, then the end."""
    tree = Tree(1.0, {END: Tree(1.0)})
    for _ in range(depth):
        tree = Tree(2 * tree.mass, {first: tree, second: tree})
    return tree


@pytest.mark.parametrize("name", MODELS)
def test_ended_answers_leave_and_the_others_go_on_as_before(name: str) -> None:
    model, drawn = made(name), random.Random(2)
    batch = [UNEQUAL[0]] * 12 + [UNEQUAL[4]] * 12
    depths = [drawn.choice([2, 5]) for _ in range(12)] + [drawn.choice([2, 5, 20]) for _ in range(12)]
    trees = [forks(depth, 2 + place, 40 + place) for place, depth in enumerate(depths)]
    expected = rows_of(left_to_transformers(model).generate(batch, 50, trees))
    assert rows_of(generator(model).generate(batch, 50, trees)) == expected
    assert {len(row) for row in expected} == {3, 6, 21}


def test_the_embedded_backbone_says_the_same_as_in_generate() -> None:
    from glossator.prompting import encode_prompt

    ours = LocalGenerator.load(str(weights()))
    theirs = LocalGenerator(load_model(str(weights())), ours.tokenizer)
    theirs._read = False
    asked = ["Why?", "Which value falls first in iron deficiency, and which one falls later?", "Why?"]
    batch = [encode_prompt(ours.tokenizer, [{"role": "user", "content": question}]) for question in asked]
    assert rows_of(ours.generate(batch, 24, None)) == rows_of(theirs.generate(batch, 24, None))


def adapted(model: Any) -> Any:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(8)
    wrapped = get_peft_model(
        model, LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
    )
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.3)
    return wrapped.eval()


@pytest.mark.parametrize("name", MODELS)
def test_an_adapter_in_training_counts_as_it_is_now(name: str) -> None:
    plain = rows_of(generator(made(name)).generate(UNEQUAL, 20, None))
    model = adapted(made(name))
    first = rows_of(generator(model).generate(UNEQUAL, 20, None))
    assert first == rows_of(left_to_transformers(model).generate(UNEQUAL, 20, None)) != plain
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.mul_(-1.5)
    second = rows_of(generator(model).generate(UNEQUAL, 20, None))
    assert second == rows_of(left_to_transformers(model).generate(UNEQUAL, 20, None)) != first


def test_reading_leaves_a_model_in_training_as_it_is() -> None:
    model = adapted(made("llama"))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    generator(model).generate(UNEQUAL, 3, None)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model.base_model.model.model.layers[0].self_attn.q_proj.base_layer.weight.is_contiguous()


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_adapter_is_merged_and_the_weights_are_held_once(name: str, tmp_path: Path) -> None:
    model = adapted(made(name))
    expected = rows_of(left_to_transformers(model).generate(UNEQUAL, 20, None))
    model.save_pretrained(str(tmp_path / "adapter"))
    made(name).save_pretrained(str(tmp_path / "backbone"))
    loaded = load_model(str(tmp_path / "backbone"), tmp_path / "adapter")
    taken = read(loaded, take=True)
    serving = generator(loaded)
    serving._read = taken
    assert rows_of(serving.generate(UNEQUAL, 20, None)) == expected
    assert rows_of(left_to_transformers(loaded).generate(UNEQUAL, 20, None)) == expected
    held = {each.untyped_storage().data_ptr() for layer in taken.layers for each in (layer.attend, layer.narrow)}
    assert held <= {each.untyped_storage().data_ptr() for each in loaded.parameters()}


def test_the_same_seed_gives_the_same_samples() -> None:
    ours, drawn = generator(made("llama")), []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(rows_of(ours.generate(GROUPS, 12, None, 1.0)))
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({tuple(row) for row in drawn[0]}) > 6


@pytest.mark.parametrize("temperature", [0.7, 2.0])
def test_free_samples_come_as_often_as_the_model_thinks(temperature: float) -> None:
    model, prompt, count = made("qwen3", initializer_range=0.15), UNEQUAL[4], 4000
    torch.manual_seed(0)
    pairs = Counter(tuple(row) for row in rows_of(generator(model).generate([prompt] * count, 2, None, temperature)))
    with torch.inference_mode():
        first = (model(input_ids=torch.tensor([prompt])).logits[0, -1] / temperature).softmax(-1)
        after = torch.tensor([[*prompt, token] for token in range(VOCABULARY)])
        second = (model(input_ids=after).logits[:, -1] / temperature).softmax(-1)
    expected = {(a, b): float(first[a] * second[a, b]) for a in range(2, VOCABULARY) for b in range(VOCABULARY)}
    for pair, chance in sorted(expected.items(), key=lambda each: -each[1])[:10]:
        assert pairs[pair] / count == pytest.approx(chance, abs=4 * (chance / count) ** 0.5)


@pytest.mark.parametrize("temperature", [0.5, 1.5])
def test_bound_samples_come_as_often_as_the_constrained_policy_says(temperature: float) -> None:
    model, prompt, count = made("gemma3_text", initializer_range=0.1), UNEQUAL[4], 3000
    rows = [[5, 6, 7, END], [5, 6, 8, END], [9, 9, END]]
    tree = tree_of(rows, [0.0, 1.0, 0.5])
    with torch.inference_mode():
        chances = [sequence_chance(model, prompt, row, tree, temperature) for row in rows]
    assert sum(chances) == pytest.approx(1, abs=1e-5)
    torch.manual_seed(0)
    drawn = Counter(map(tuple, rows_of(generator(model).generate([prompt] * count, 9, [tree] * count, temperature))))
    assert [drawn[tuple(row)] / count for row in rows] == pytest.approx(chances, abs=0.035)


def sequence_chance(model: Any, prompt: list[int], row: list[int], tree: Tree, temperature: float) -> float:
    """The product over the tokens of softmax((logit + gain) / temperature) over what is possible."""
    logits, chance = model(input_ids=torch.tensor([prompt + row])).logits[0], 1.0
    for place, token in enumerate(row):
        possible = tree.gains()
        scores = torch.tensor(
            [float(logits[len(prompt) + place - 1, other]) + gain for other, gain in possible.items()]
        )
        chance *= float((scores / temperature).softmax(-1)[list(possible).index(token)])
        tree = tree.after(token)
    return chance


def test_an_answer_without_choice_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "read_prompt", None)
    only = tree_of([[5, 6, 7, END]], [0.0])
    assert generator(made("llama")).generate(UNEQUAL[:1], 9, [only]).tolist() == [[5, 6, 7, END]]


def test_a_run_without_choice_is_read_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, feed = [], decoding.Slots.feed
    monkeypatch.setattr(decoding.Slots, "feed", lambda self, slots, new: runs.append(new) or feed(self, slots, new))
    fork = tree_of([[4, 4, 5, 6, 7, 8, END], [4, 4, 5, 6, 7, 9, 3, END]], [0.0, 0.0])
    generator(made("llama")).generate(UNEQUAL[:1], 20, [fork])
    assert runs == [[[4, 4, 5, 6, 7]]]


@pytest.mark.parametrize(
    ("name", "changed", "why"),
    [
        ("gpt2", {"n_embd": 32, "n_head": 2, "n_layer": 2}, "architecture"),
        ("gemma3_text", {"final_logit_softcapping": 5.0}, "final_logit_softcapping"),
        ("llama", {"hidden_act": "relu"}, "activation"),
        ("llama", {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}}, "rotary"),
    ],
)
def test_what_we_cannot_read_is_left_to_generate(name: str, changed: dict[str, Any], why: str) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    settings = SMALL | MODELS.get(name, {}) | changed
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(name, **settings)).eval()
    assert why in unreadable(model)
    found = generator(model).generate(UNEQUAL, 6, [tree_of([[5, 6, END], [7, END]], [0.0, 0.0])] * len(UNEQUAL))
    assert {tuple(row) for row in rows_of(found)} <= {(5, 6, END), (7, END)}


def test_other_numbers_and_other_adapters_are_left_to_generate() -> None:
    from peft import LoraConfig, get_peft_model

    assert "bfloat16" in unreadable(made("llama").to(torch.bfloat16))
    odd = get_peft_model(made("llama"), LoraConfig(target_modules=["q_proj"], use_dora=True, task_type="CAUSAL_LM"))
    assert "variant" in unreadable(odd)
