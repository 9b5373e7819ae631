"""What a training will take, from the backbone's configuration alone: parameters, memory, minutes. No weights are read.

Memory is an upper bound, for rows as long as the recipe allows; minutes are for rows as full as search makes them.
Activations of a layer without recomputation take 34 bytes for every token and unit of width in 16 bits (Korthikanti et
al. 2022, arXiv 2205.05198, eq. 1, without the attention scores that fused attention never keeps), twice that in
float32; with recomputation 2 and 4. A token costs two operations a parameter forwards and two backwards, since frozen
weights have no gradient of their own; token vectors are looked up and cost none.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from glossator.domain import AdapterRecipe
from glossator.errors import InputError
from glossator.examples import most_rows
from glossator.plan import Plan
from glossator.records import Question
from glossator.training.prefix_tree import ARCHITECTURES
from glossator.training.shapes import shape_of

WEIGHT, LEARNT, KEPT, RECOMPUTED = 4, 16, 68, 4
"""Bytes of a weight in float32; of a trained one with gradient and two moments; of activations, see above."""
SENTENCE, HEAD = 48, 160
"""Tokens of a sentence, and of question, instruction and answer."""
REACHED = 0.55
"""Share of the speed of one large product that training reaches: the medical recipe on two cores, 2.9 minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a build's training takes."""

    parameters: int
    trained: int
    """Of the adapter."""
    memory: int
    """Bytes, at most."""
    minutes: float
    """On this machine, about."""
    device: str
    notes: tuple[str, ...]


def estimate(plan: Plan, questions: Sequence[Question]) -> Estimate:
    """The estimate of a plan that tunes on these questions. Raises InputError for one whose training cannot work."""
    assert plan.recipe.sft is not None
    config = _configuration(plan.backbone)
    _check(plan, config)
    shape = shape_of(plan.backbone, config, plan.recipe.sft.peft)
    used = shape.parameters - shape.embeddings
    operations = used * _operations(plan, most_rows(questions, plan.recipe.examples))
    device = "GPU" if torch.cuda.is_available() else "CPU"
    memory = WEIGHT * shape.parameters + LEARNT * shape.trained + _activations(plan, config)
    return Estimate(
        parameters=shape.parameters,
        trained=shape.trained,
        memory=memory,
        minutes=operations / (REACHED * _speed()) / 60,
        device=device,
        notes=tuple(_notes(plan.recipe.sft.peft)),
    )


def _configuration(backbone: str) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(backbone, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise InputError(f"backbone {backbone}: {str(error).splitlines()[0]}") from error


def _check(plan: Plan, config: Any) -> None:
    """Raises InputError for what would fail hours later."""
    recipe = plan.recipe
    assert recipe.sft is not None
    longest, window = recipe.examples.max_tokens + recipe.answer.max_new_tokens, config.max_position_embeddings
    if longest > window:
        raise InputError(
            f"examples.max_tokens + answer.max_new_tokens = {longest}: the backbone reads {window} tokens; lower one"
        )
    if "lm_head" in recipe.sft.peft.target_modules:
        raise InputError("sft.peft.target_modules: an adapter on lm_head is never trained by TRL; leave it out")
    bound = recipe.rl is not None and recipe.rl.off_policy and recipe.answer.grounding == "quoted"
    if bound and config.model_type not in ARCHITECTURES:
        raise InputError(
            f"rl.algorithm: pairs of quoted answers are learnt by {', '.join(ARCHITECTURES)}, not by a model of type "
            f"{config.model_type!r}; take grpo or rloo"
        )
    listed = recipe.rl is not None and recipe.rl.lists
    if listed and (config.model_type not in ARCHITECTURES or recipe.sft.peft.method == "prefix"):
        raise InputError(
            f"rl.generations: all is for {', '.join(ARCHITECTURES)} without a learnt prompt; say a number of samples"
        )


def _notes(adapter: AdapterRecipe) -> list[str]:
    if adapter.method in ("lora", "rslora"):
        return []
    return [f"vLLM serves lora and rslora adapters, not {adapter.method}; here it is served"]


def _activations(plan: Plan, config: Any) -> int:
    """Bytes that the widest pass keeps."""
    recipe, cpu = plan.recipe, not torch.cuda.is_available()
    assert recipe.sft is not None
    rows = 1 if cpu else recipe.sft.batch_size  # on a CPU a batch passes in parts
    tokens = rows * recipe.examples.max_tokens
    if recipe.rl is not None and recipe.rl.on_policy:
        tokens = max(
            tokens, recipe.rl.prompts * (recipe.examples.max_tokens + _answers(plan, recipe.answer.max_new_tokens))
        )
    recomputed = not cpu and recipe.sft.peft.method != "prefix"
    layers = tokens * config.hidden_size * config.num_hidden_layers * (RECOMPUTED if recomputed else KEPT)
    return layers + 3 * WEIGHT * config.vocab_size * recipe.answer.max_new_tokens * (recipe.sft.batch_size)


def _operations(plan: Plan, rows: int) -> float:
    """Of tuning and of alignment, for each parameter."""
    recipe = plan.recipe
    assert recipe.sft is not None
    long, new = _usual(plan), recipe.answer.max_new_tokens // 2
    done = 4.0 * rows * long * recipe.sft.epochs
    if recipe.rl is None:
        return done
    if recipe.rl.compares:
        done += 2.0 * recipe.rl.pairs.questions * (long + recipe.rl.pairs.samples * new)
    if recipe.rl.off_policy:
        done += 12.0 * recipe.rl.pairs.questions * (long + new) * recipe.rl.offline.epochs
    if recipe.rl.on_policy:  # sampled, read by the policy and its anchor, and learnt from
        done += 8.0 * recipe.rl.steps * recipe.rl.prompts * (long + _answers(plan, new))
    if recipe.rl.learns_rewards:
        done += 8.0 * recipe.rl.pairs.questions * (long + new) * recipe.rl.reward_model.epochs
    return done


def _answers(plan: Plan, long: int) -> int:
    """Tokens of the answers to one prompt that are read, of `long` tokens each. Of all that are possible, each first
    quote is read once."""
    assert plan.recipe.rl is not None
    sampled = plan.recipe.rl.generations
    return long * (plan.recipe.retrieval.k if sampled == "all" else sampled)


def _usual(plan: Plan) -> int:
    """Tokens of a prompt with its answer: what is shown, and HEAD of question and instruction."""
    retrieval = plan.recipe.retrieval
    alone = retrieval.rerank is not None and retrieval.rerank.show == "sentences"
    shown = retrieval.k * (SENTENCE if alone else retrieval.chunk_tokens)
    return min(plan.recipe.examples.max_tokens, HEAD + shown)


def _speed() -> float:
    """Operations a second of a large product on this machine, the best of three."""
    where, kind = ("cuda", torch.bfloat16) if torch.cuda.is_available() else ("cpu", torch.float32)
    one, best = torch.ones(1024, 1024, device=where, dtype=kind), float("inf")
    for _ in range(4):
        start = time.perf_counter()
        (one @ one).sum().item()
        best = min(best, time.perf_counter() - start)
    return float(2 * 1024**3 / best)
