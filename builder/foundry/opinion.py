"""What the embedded backbone's opinion is worth beside the prior: `python -m foundry.opinion RUN ...` fits it.

RUN is a folder that `glossator build` made; its examples are questions of the train split. As in `foundry.prior`, of
the abstention and the sentences shown one is chosen by a conditional logit, over three features: whether it is the
abstention, its log-prior, and how likely the backbone finds it among the possible answers (log-probability). The
weight of the prior over that of the backbone is what `answer.prior` should be.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from foundry.prior import Case, fit
from glossator.artifacts import load
from glossator.citations.metrics import citation_f1
from glossator.citations.read import read_answer
from glossator.content import weights
from glossator.errors import InputError
from glossator.generation.grounding import choices, gains, tree_of
from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.prompting import encode_completion, encode_prompt
from glossator.retrieval.relevance import prior
from glossator.stages.base import ExampleArtifact
from glossator.stages.preferences import tasks_of
from glossator.training.reward_functions import Task

DECIDED = 8
"""Tokens of an answer that are read: behind its marker, a lone sentence has nothing to choose."""


def cases(run: Path, model: Any, tokenizer: Any) -> Iterator[Case]:
    """A case for each example of a build that can be answered rightly. Raises InputError where there is no build."""
    examples = load(ExampleArtifact, run / "examples")
    if examples is None:
        raise InputError(f"{run}: no examples here; name a folder that `glossator build` made")
    tasks = tasks_of(examples)
    abstention = next(task.example.completion for task in tasks if not task.example.answerable)
    for task in tasks:
        among = [choice.text for choice in choices(task.passages, abstention)]
        gold = np.array([_right(task, text, abstention) for text in among])
        if gold.any():
            ways = prior(task.question.text, task.passages, 1.0), _opinions(task, among, model, tokenizer)
            silent = [1.0] + [0.0] * (len(among) - 1)
            yield Case(features=np.array([silent, *ways]).T, gold=gold, cluster=task.question.id)


def _right(task: Task, text: str, abstention: str) -> float:
    if not task.question.answerable:
        return float(text == abstention)
    return float((citation_f1(task.question, read_answer(text, task.passages, abstention)).value or 0) > 0)


def _opinions(task: Task, among: list[str], model: Any, tokenizer: Any) -> list[float]:
    """The log-probability of each answer under the backbone bound to them."""
    prompt = encode_prompt(tokenizer, task.example.messages)
    rows = [encode_completion(tokenizer, text)[:DECIDED] for text in among]
    answers = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    ids = torch.cat([torch.tensor([prompt] * len(rows)), answers], dim=1)
    with torch.inference_mode():
        logits = model(input_ids=ids, logits_to_keep=answers.shape[1] + 1).logits[:, :-1].float()
    chose, added = gains([tree_of(rows, [0.0] * len(rows))] * len(rows), answers, logits.shape[-1])
    said = (logits[chose] + added).log_softmax(-1).gather(-1, answers[chose][:, None])[:, 0]
    return list(torch.zeros(chose.shape).masked_scatter(chose, said).sum(-1).tolist())


def line(run: Path, model: Any, tokenizer: Any) -> str:
    found = list(cases(run, model, tokenizer))
    silent, prior_weight, own = fit([found])
    return (
        f"{run.name}: {len(found)} examples; prior {prior_weight:.2f}, backbone {own:.2f}, abstention {silent:.2f}: "
        f"the prior counts {prior_weight / own:.1f} times"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    model, tokenizer = load_model(str(weights())), load_tokenizer(str(weights()))
    for run in parser.parse_args().runs:
        print(line(run, model, tokenizer), flush=True)
