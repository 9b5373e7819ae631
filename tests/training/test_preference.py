"""Learning from pairs sees the policy that answers, and makes the better answer likelier."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model

from glossator.content import weights
from glossator.generation.grounding import Choice
from glossator.generation.grounds import Grounds
from glossator.generation.transformers_local import LocalGenerator, load_model, load_tokenizer
from glossator.prompting import encode_completion, encode_prompt
from glossator.recipe import GuardRecipe, OfflineRecipe
from glossator.records import Example, Message, Pair, Question
from glossator.training.constraint import IGNORED, read_answers_only, starts_of
from glossator.training.course import Course
from glossator.training.preference import train_offline, unpaired
from glossator.training.reward_functions import Task
from glossator.training.run import Setting, save_adapter

from ..conftest import document, passage

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing", "ignore:.*pin_memory")

PROMPT = (Message(role="user", content="What falls first?"),)
ANSWERS = ("Ferritin falls first.", "Ferritin falls later.", "Nobody knows.")
AMONG = [Choice(text, weight) for text, weight in zip(ANSWERS, (1.5, -0.5, 0.3), strict=True)]


def rows(tokenizer: Any) -> tuple[Any, Any, Any]:
    """Ids, mask and labels of the prompt with each answer, padded on the right."""
    prompt = encode_prompt(tokenizer, PROMPT)
    answers = [encode_completion(tokenizer, text) for text in ANSWERS]
    longest = len(prompt) + max(map(len, answers))
    whole = [prompt + answer for answer in answers]
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in whole])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in whole])
    labels = ids.masked_fill(mask == 0, IGNORED)
    labels[:, : len(prompt)] = IGNORED
    return ids, mask, labels


def said(bound: bool, heat: float = 1.0) -> Any:
    """The log-probability of each answer by the layer that trainers read."""
    from trl.trainer.utils import add_fused_lm_head

    tokenizer, model = load_tokenizer(str(weights())), load_model(str(weights()))
    add_fused_lm_head(model, outputs=("log_probs", "entropy", "mean_logits", "is_top1"))
    if bound:
        read_answers_only(model, starts_of([PROMPT], [AMONG], LocalGenerator(model, tokenizer), 40), heat)
    ids, mask, labels = rows(tokenizer)
    with torch.inference_mode():
        found = model(input_ids=ids, attention_mask=mask, labels=labels, fused_lm_head=True)
    assert found.log_probs.shape == found.entropy.shape == found.is_top1.shape == labels[:, 1:].shape
    return found.log_probs.sum(-1)


def test_the_possible_answers_share_all_probability() -> None:
    assert said(bound=True).exp().sum().item() == pytest.approx(1.0, abs=1e-4)
    assert said(bound=False).exp().sum().item() < 1e-3
    warm = said(bound=True, heat=4.0)
    assert warm.exp().sum().item() == pytest.approx(1.0, abs=1e-4)
    assert warm.max() < said(bound=True).max()


def test_other_architectures_keep_their_layer_and_are_not_bound() -> None:
    from transformers import AutoModelForCausalLM, GPT2Config

    model = AutoModelForCausalLM.from_config(GPT2Config(n_layer=1, n_embd=8, n_head=1, vocab_size=50))
    before = model.forward
    read_answers_only(model)
    assert model.forward == before
    with pytest.raises(ValueError, match="gpt2"):
        read_answers_only(model, {})


def adapter(folder: Path) -> Setting:
    """An untrained adapter, as SFT would leave it."""
    setting = Setting(folder=folder, seed=1, threads=1, backbone=str(weights()), backbone_name="embedded")
    torch.manual_seed(0)
    plan = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    save_adapter(get_peft_model(load_model(str(weights())), plan), setting)
    return setting


def task() -> Task:
    example = Example(question_id="q", messages=PROMPT, completion=ANSWERS[0], passages=(), scores=(), answerable=True)
    return Task(example=example, question=Question(id="q", text="What falls first?"), passages=())


@pytest.mark.parametrize("algorithm", ["dpo", "kto"])
def test_the_better_answer_becomes_likelier(algorithm: Any, tmp_path: Path) -> None:
    start = adapter(tmp_path / "sft")
    pair = Pair(
        question_id="q", messages=PROMPT, chosen=ANSWERS[2], rejected=ANSWERS[0], chosen_scores={}, rejected_scores={}
    )
    course = Course(
        tasks=[task()],
        among=[AMONG],
        start=start.folder / "adapter",
        anchor=start.folder / "adapter",
        max_new_tokens=40,
    )
    setting = Setting(folder=tmp_path / "rl", seed=1, threads=1, backbone=str(weights()), backbone_name="embedded")
    recipe = OfflineRecipe(algorithm=algorithm, epochs=3, batch_size=2, learning_rate=1e-2)
    before = best_answer(start.folder / "adapter")
    train_offline([pair] * 8, course, recipe, GuardRecipe(), setting)
    after = best_answer(tmp_path / "rl" / "adapter")
    assert (before, after) == (ANSWERS[0], ANSWERS[2])
    logged = [json.loads(line) for line in (tmp_path / "rl/logs/metrics.jsonl").read_text().splitlines()]
    margins = [row["rewards/margins"] for row in logged if "rewards/margins" in row]
    assert margins[-1] > margins[0]


def best_answer(folder: Path, among: Any = AMONG) -> str:
    return LocalGenerator.load(str(weights()), folder).complete([PROMPT], 60, [among])[0]


def test_a_second_quote_is_learnt_from_pairs(tmp_path: Path) -> None:
    shown = passage(document("Ferritin falls first.", "a")), passage(document("Iron is rare.", "b"))
    among = Grounds(passages=shown, abstention=ANSWERS[2], weights=(-9.0, 2.0, -2.0), quotes=2)
    one = "[1]: “Ferritin falls first.”"
    pair = Pair(
        question_id="q", messages=PROMPT, chosen=f"{one} [2]: “Iron is rare.”", rejected=one,
        chosen_scores={}, rejected_scores={},
    )  # fmt: skip
    begun = adapter(tmp_path / "sft").folder / "adapter"
    course = Course(tasks=[task()], among=[among], start=begun, anchor=begun, max_new_tokens=60, heat=2.0)
    setting = Setting(folder=tmp_path / "rl", seed=1, threads=1, backbone=str(weights()), backbone_name="embedded")
    assert best_answer(begun, among) == one
    train_offline([pair] * 8, course, OfflineRecipe(epochs=4, batch_size=2, learning_rate=1e-2), GuardRecipe(), setting)
    assert best_answer(tmp_path / "rl" / "adapter", among) == pair.chosen
    with pytest.raises(ValueError, match="no bound answer says 'Iron'"):
        train_offline([replace(pair, chosen="Iron")], course, OfflineRecipe(), GuardRecipe(), setting)


def test_the_other_answer_of_a_pair_is_what_ktos_kl_term_looks_at() -> None:
    good, bad = unpaired({"prompt_ids": [1], "chosen_ids": [2], "rejected_ids": [3]})
    assert (good["completion_ids"], good["KL_completion_ids"], good["label"]) == ([2], [3], True)
    assert (bad["completion_ids"], bad["KL_completion_ids"], bad["label"]) == ([3], [2], False)
