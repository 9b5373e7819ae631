"""What the backbone does on pages that it has never seen, answering freely and greedily."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from foundry.quests import Material
from foundry.tasks import LATE, REFUSAL, Row, make_row
from glossator.citations.parse import CLOSE, OPEN
from glossator.generation.transformers_local import LocalGenerator

LONGEST = 96
"""Tokens of an answer."""


def probe(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, held: Mapping[str, Material], count: int = 24
) -> dict[str, dict[str, float]]:
    """Of each domain, shares over `count` rows of the late mix.

    Of answers to rows that show the answer: `exact`, the quoted words stand in a shown passage; `passage`, the right
    one is named; `sentence`, the right one is quoted. `abstention_f1` is over all rows.
    """
    model.eval()
    generator = LocalGenerator(model, tokenizer)
    told = dict[str, dict[str, float]]()
    for domain, material in held.items():
        rows = rows_of(material, count)
        told[domain] = figures(rows, generator.complete([row.messages for row in rows], LONGEST))
    model.train()
    return told


def rows_of(held: Material, count: int) -> list[Row]:
    """Rows with a question, the same at every call."""
    rng, rows = random.Random(0), list[Row]()
    while len(rows) < count:
        row = make_row(held, LATE, rng)
        rows += [row] if row.messages else []
    return rows


def figures(rows: list[Row], answers: list[str]) -> dict[str, float]:
    """The shares, see `probe`."""
    told = Counter[str]()
    for row, answer in zip(rows, answers, strict=True):
        silent, refused = row.completion == REFUSAL, answer == REFUSAL
        told["silent"] += silent
        told["refused"] += refused
        told["rightly"] += silent and refused
        if silent:
            continue
        marker, _, quote = answer.partition(OPEN)
        words = quote.rstrip(CLOSE)
        told["answered"] += 1
        told["exact"] += bool(words) and words in row.messages[-1]["content"]
        told["passage"] += marker == row.completion.partition(OPEN)[0]
        told["sentence"] += answer == row.completion
    shares = {name: told[name] / max(1, told["answered"]) for name in ("exact", "passage", "sentence")}
    return shares | {"abstention_f1": 2 * told["rightly"] / max(1, told["silent"] + told["refused"])}
