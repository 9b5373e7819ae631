"""The expected reward over all answers, and its gradient, are those that sampling estimates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen3Config

from glossator import read_answer
from glossator.errors import StageError
from glossator.generation.grounding import Choice
from glossator.generation.grounding import tree_of as choices_of
from glossator.generation.grounds import Grounds, Possible
from glossator.generation.transformers_local import LocalGenerator, load_model
from glossator.generation.written import read, start
from glossator.recipe import RlRecipe
from glossator.records import Message, Question
from glossator.training.answers import every_answer, log_probabilities
from glossator.training.course import Course
from glossator.training.expected import cases_of, train_expected
from glossator.training.reward_functions import Reward, Task

from ..conftest import ABSTENTION, document, passage
from ..generation.test_automaton import embedded
from ..tiny import SMALL
from .conftest import setting
from .test_resume import AMONG, example, message

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing", "ignore:.*pin_memory")

CONFIGS = {"llama": LlamaConfig(**SMALL), "qwen3": Qwen3Config(**SMALL, head_dim=8)}
SHOWN = [passage(document("Ferritin falls first. Iron is rare.", "blood")), passage(document("No rent.", "rent"))]
HEAT = 2.5


def grounds(quotes: int, weights: Sequence[float] = (0.3, 1.0, -0.5, 0.2), **given: Any) -> Grounds:
    return Grounds(passages=tuple(SHOWN), abstention=ABSTENTION, weights=tuple(weights), quotes=quotes, **given)


@pytest.mark.parametrize(("quotes", "count"), [(1, 4), (2, 10), (3, 16)])
def test_every_answer_is_listed_once_as_the_decoder_says_it(quotes: int, count: int) -> None:
    """By hand: an abstention and what quotes up to so many of three sentences, in any order, none twice."""
    begun = start(grounds(quotes), embedded(), 200)
    found = every_answer(begun, 100)
    assert found is not None
    texts = [read(begun, tokens).text.decode() for tokens in found.tokens]
    assert len(texts) == len(set(texts)) == count == 1 + sum(math.perm(3, used) for used in range(1, quotes + 1))
    cited = [read_answer(text, SHOWN, ABSTENTION).citations for text in texts]
    assert sorted(map(len, cited)) == sorted(n for n in range(quotes + 1) for _ in range(math.perm(3, n)))
    assert ABSTENTION in texts


@pytest.mark.parametrize("more", [{}, {"spans": "clauses"}, {"connect": 30}])
def test_what_cannot_be_listed_is_given_up_soon(more: dict[str, Any]) -> None:
    assert every_answer(start(grounds(2, **more), embedded(), 200), 9) is None


def model_of(name: str) -> Any:
    torch.manual_seed(1)
    config = LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_config(CONFIGS[name]), config)
    for parameter in model.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    return model


ROWS = [[3, 4, 5, 1], [3, 4, 6, 7, 1], [3, 8, 1], [9, 1]]
WEIGHTS = [0.4, -1.0, 0.7, 0.0]
PAID = torch.tensor([0.2, 1.0, 0.0, 0.5])
PROMPTS = [[11, 12, 13, 14, 15], [21, 22]]


def by_rows(model: Any, trees: Sequence[Any]) -> list[torch.Tensor]:
    """The log-probability of each answer by TRL's path: a row for each, all of its tokens."""
    from glossator.training.grounded import GroundedGRPOTrainer

    longest, most = max(map(len, ROWS)), max(map(len, PROMPTS))
    rows = [(prompt, row) for prompt in PROMPTS for row in ROWS]
    ids = [[0] * (most - len(p)) + p + row + [0] * (longest - len(row)) for p, row in rows]
    mask = [[0] * (most - len(p)) + [1] * len(p + row) + [0] * (longest - len(row)) for p, row in rows]
    trainer = SimpleNamespace(
        temperature=HEAT,
        starts={tuple(prompt): tree for prompt, tree in zip(PROMPTS, trees, strict=True)},
        accelerator=SimpleNamespace(autocast=nullcontext, unwrap_model=lambda model: model),
    )
    logps, _, _ = GroundedGRPOTrainer._get_per_token_logps_and_entropies(
        trainer, model, torch.tensor(ids), torch.tensor(mask), longest
    )
    return list(logps.sum(-1).split(len(ROWS)))


def by_forks(model: Any, trees: Sequence[Any]) -> list[torch.Tensor]:
    listed = [every_answer(tree, 10) for tree in trees]
    found = [answers for answers in listed if answers is not None]
    assert [[list(ids) for ids in answers.tokens] for answers in found] == [ROWS] * len(PROMPTS)
    return log_probabilities(model, PROMPTS, found, HEAT)


@pytest.mark.parametrize("name", CONFIGS)
def test_probabilities_and_gradients_are_those_of_a_row_for_each_answer(name: str) -> None:
    trees = [choices_of(ROWS, WEIGHTS), choices_of(ROWS, WEIGHTS[::-1])]
    values, gradients = list[Any](), list[dict[str, torch.Tensor]]()
    way: Callable[[Any, Sequence[Any]], list[torch.Tensor]]
    for way in (by_rows, by_forks):
        model = model_of(name)
        logps = way(model, trees)
        assert [said.exp().sum().item() for said in logps] == pytest.approx([1.0, 1.0], abs=1e-5)
        torch.stack([said.exp() @ PAID for said in logps]).mean().backward()
        values.append(torch.cat(logps).detach())
        gradients.append({name: p.grad for name, p in model.named_parameters() if p.grad is not None})
    assert torch.allclose(*values, atol=1e-4)
    assert gradients[0].keys() == gradients[1].keys() and gradients[0]
    for key, one in gradients[0].items():
        assert (one - gradients[1][key]).norm() <= 1e-4 * one.norm() + 1e-8, key


def test_an_answer_without_alternative_is_certain() -> None:
    answers = every_answer(choices_of([[3, 4, 1]], [0.0]), 10)
    assert answers is not None
    (logps,) = log_probabilities(model_of("llama"), [[5, 6]], [answers])
    assert logps.tolist() == [0.0]


TASKS = [Task(example=example(n), question=Question(id=str(n), text="?"), passages=()) for n in range(4)]


def course(home: Path, among: Possible | None) -> Course:
    start = home / "sft" / "adapter"
    return Course(tasks=TASKS, among=[among] * 4, start=start, anchor=start, max_new_tokens=20)


def pays(wanted: str) -> Reward:
    def reward(completions: list[list[Message]], **_: Any) -> list[float | None]:
        return [1.0 if one[0]["content"] == wanted else 0.0 for one in completions]

    return Reward(reward, 2.0)


def likely(home: Path, adapter: Path) -> list[float]:
    """How likely each answer to the first prompt is."""
    from glossator.prompting import encode_prompt

    generator = LocalGenerator.load(str(home / "backbone"), adapter)
    answers = every_answer(generator.start(AMONG, 20), 10)
    assert answers is not None
    with torch.inference_mode():
        (logps,) = log_probabilities(generator.model, [encode_prompt(generator.tokenizer, message(0))], [answers])
    return [float(one) for one in logps.exp()]


@pytest.mark.parametrize("beta", [0.0, 50.0])
def test_what_is_paid_becomes_likely_unless_the_anchor_holds_it(home: Path, tmp_path: Path, beta: float) -> None:
    recipe = RlRecipe(steps=30, prompts=2, learning_rate=0.02, beta=beta, save_steps=100)
    train_expected(course(home, AMONG), [pays(AMONG[1].text)], recipe, setting(home, tmp_path))
    before, after = likely(home, home / "sft" / "adapter"), likely(home, tmp_path / "adapter")
    if beta:
        assert after == pytest.approx(before, abs=0.1)
    else:
        assert after[1] > before[1] + 0.2


def test_a_case_holds_what_each_answer_is_paid(home: Path, tmp_path: Path) -> None:
    model = load_model(str(home / "backbone"))
    first, *_ = cases_of(course(home, AMONG), [pays(AMONG[0].text)] * 2, model, setting(home, tmp_path))
    assert first.paid.tolist() == [4.0, 0.0, 0.0]


def test_prompts_whose_answers_are_paid_alike_teach_nothing(home: Path, tmp_path: Path) -> None:
    recipe = RlRecipe(steps=2)
    with pytest.raises(StageError, match="to no prompt is one answer paid more than another"):
        train_expected(course(home, AMONG), [pays("never said")], recipe, setting(home, tmp_path))


@pytest.mark.parametrize(
    ("among", "what"),
    [(None, "is free text"), ([Choice(f"{n} falls first.") for n in range(500)], "may be one of more than 400")],
)
def test_answers_that_cannot_be_listed_are_refused_by_name(
    home: Path, tmp_path: Path, among: Possible | None, what: str
) -> None:
    recipe = RlRecipe(steps=2)
    with pytest.raises(StageError, match=f"the answer to '0' {what}; set rl.generations to a number"):
        train_expected(course(home, among), [pays("never said")], recipe, setting(home, tmp_path))
