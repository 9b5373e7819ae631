"""Cast the embedded backbone: `python -m foundry.train --text FOLDER --out FOLDER --tokens 12e6`.

One process, length-sorted batches by token budget, bf16 autocast over fp32 weights where the CPU multiplies bf16.
Writes `metrics.jsonl` and a checkpoint every so many chunks; the same command continues a stopped run and ends at the
same weights to the bit, on the same number of threads. When done, weights and tokenizer stand in `<out>/weights`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from foundry.checkpoint import save
from foundry.material import Stock, prepare
from foundry.model import CONTEXT, new_model
from foundry.muon import Muon
from foundry.probe import probe
from foundry.quests import Mix
from foundry.tasks import EARLY, LATE, Row, make_row
from glossator.encoding.bert import best_number
from glossator.prompting import encode_completion, encode_prompt

BUDGET, PEAK, WARMUP, CHUNK, SAVED = 3072, 8e-4, 60, 96, 5
"""Tokens of a batch, highest rate, steps up to it, rows of a chunk, chunks from one checkpoint to the next."""
CONTEXT_SHARE, COPY_SHARE, DECISION, OPENING = 0.04, 0.8, 6.0, 3.0
"""Share of the tokens of prompt and quote that give loss; how much the choice and the quote's first words count."""
CHOICE, OPENED = 4, 4
"""Tokens up to a quote, the first two of which are the choice, and tokens of a quote that are its first words."""
FULL = 0.25
"""Share of the run from which on the mix is the late one."""

NUMBER = best_number(torch.device("cpu"))

Encoded = tuple[list[int], list[float]]
Batch = tuple[torch.Tensor, torch.Tensor]


def blend(progress: float) -> Mix:
    """The curriculum: from the early mix in a straight line to the late one."""
    t = min(1.0, progress / FULL)

    def between(early: Any, late: Any) -> Any:
        if isinstance(early, tuple):
            return tuple(round(between(a, b)) for a, b in zip(early, late, strict=True))
        return (1 - t) * early + t * late

    return Mix(**{f.name: between(getattr(EARLY, f.name), getattr(LATE, f.name)) for f in fields(Mix)})


def encode(row: Row, tokenizer: PreTrainedTokenizerFast) -> Encoded:
    """Ids of a row and how much each counts: the choice most, then the quote's first words."""
    if not row.messages:
        ids = tokenizer.encode(row.completion, add_special_tokens=False, split_special_tokens=True)[:400]
        return ids, [0.5] * len(ids)
    ids, weights = list[int](), list[float]()
    for prompt, completion in _turns(row, tokenizer):
        answer = encode_completion(tokenizer, completion)
        opening = min(CHOICE + OPENED, len(answer)) - 2
        ids += [*prompt, *answer]
        weights += [CONTEXT_SHARE] * len(prompt) + [DECISION] * 2 + [OPENING] * opening
        weights += [COPY_SHARE] * (len(answer) - opening - 3) + [1.0]
    return ids[:CONTEXT], weights[:CONTEXT]


def _turns(row: Row, tokenizer: PreTrainedTokenizerFast) -> Iterator[tuple[list[int], str]]:
    """Each prompt, as far as it is new, and its completion."""
    yield encode_prompt(tokenizer, row.messages), row.completion
    for question, completion in row.follow_ups:
        asked = f"\nQuestion: {question}\nAnswer: "
        yield tokenizer.encode(asked, add_special_tokens=False, split_special_tokens=True), completion


def batches(stock: Stock, tokenizer: PreTrainedTokenizerFast, mix: Mix, rng: random.Random) -> Iterator[Batch]:
    """The batches of one chunk of rows, each of at most BUDGET tokens."""
    rows = [encode(make_row(stock.draw(rng), mix, rng), tokenizer) for _ in range(CHUNK)]
    rows.sort(key=lambda row: len(row[0]))
    groups: list[list[Encoded]] = [[]]
    for row in rows:
        if len(row[0]) * (len(groups[-1]) + 1) > BUDGET and groups[-1]:
            groups.append([])
        groups[-1].append(row)
    rng.shuffle(groups)
    return map(collate, groups)


def collate(rows: Sequence[Encoded]) -> Batch:
    """Ids and loss weights, right-padded: each (rows, longest). A causal model never looks at what stands right."""
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([r + [0] * (longest - len(r)) for r, _ in rows])
    weights = torch.tensor([w + [0.0] * (longest - len(w)) for _, w in rows])
    return ids, weights


def loss_of(model: LlamaForCausalLM, batch: Batch, chance: torch.Generator) -> torch.Tensor:
    """Next-token loss on a sample of tokens as large as their weight; a weight above 1 multiplies.

    Sampling instead of weighting spares the output layer, a third of the work.
    """
    ids, weights = batch
    kept = torch.rand(weights[:, 1:].shape, generator=chance) < weights[:, 1:]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=NUMBER is torch.bfloat16):
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
        logits = model.lm_head(hidden[kept])
    losses = torch.nn.functional.cross_entropy(logits.float(), ids[:, 1:][kept], reduction="none")
    weight = weights[:, 1:][kept].clamp(min=1.0)
    return (losses * weight).sum() / weight.sum()


def rate(progress: float, step: int) -> float:
    """Warm-up, plateau, linear cool-down over the last 30 % (WSD)."""
    return PEAK * min(1.0, (step + 1) / WARMUP) * (1.0 if progress < 0.7 else max(0.02, (1 - progress) / 0.3))


def train(
    text: Path, out: Path, tokens: int, seed: int, avoided: Sequence[Path], start: Path | None = None, probed: int = 8
) -> None:
    """Cast for `tokens` tokens; held-out rows are answered at every `probed`th checkpoint.

    With `start`, the weights of another run are the first ones, at half the rate, and there is no early mix.
    """
    out.mkdir(parents=True, exist_ok=True)
    stock, tokenizer, vectors = prepare(text, out, avoided)
    torch.manual_seed(seed)
    model = new_model(tokenizer, vectors)
    optimizer = Muon(model.named_parameters(), PEAK)
    state = {"step": 0, "chunk": 0, "seen": 0, "spent": 0.0}
    if (out / "checkpoint.pt").exists():
        kept = torch.load(out / "checkpoint.pt", weights_only=True)
        model.load_state_dict(kept.pop("model"))
        optimizer.load_state_dict(kept.pop("optimizer"))
        state = kept
    elif start is not None:
        model.load_state_dict(torch.load(start, weights_only=True)["model"])
    model.train()
    with (out / "metrics.jsonl").open("a", encoding="utf-8") as log:
        while state["seen"] < tokens:
            row = _chunk(model, optimizer, stock, tokenizer, state, tokens, seed, again=start is not None)
            if state["chunk"] % SAVED == 0:
                if state["chunk"] % (SAVED * probed) == 0:
                    row["probe"] = probe(model, tokenizer, stock.held)
                save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), **state}, out)
            print(json.dumps(row), file=log, flush=True)
    publish(model, tokenizer, stock, out)


def _chunk(
    model: LlamaForCausalLM,
    optimizer: torch.optim.Optimizer,
    stock: Stock,
    tokenizer: PreTrainedTokenizerFast,
    state: dict[str, float],
    tokens: int,
    seed: int,
    again: bool,
) -> dict[str, Any]:
    """Learn one chunk of rows; what `metrics.jsonl` says of it. Everything drawn is drawn from the chunk's number."""
    began, losses = time.process_time(), []
    progress = state["seen"] / tokens
    rng = random.Random(f"{seed}/{state['chunk']}")
    chance = torch.Generator().manual_seed(seed * 1_000_003 + int(state["chunk"]))
    for batch in batches(stock, tokenizer, LATE if again else blend(progress), rng):
        for group in optimizer.param_groups:
            group["lr"] = rate(progress, int(state["step"])) / (1 + again)
        loss = loss_of(model, batch, chance)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        state["step"] += 1
        state["seen"] += int((batch[1] > 0).sum())
    state["chunk"] += 1
    state["spent"] += time.process_time() - began
    mean = sum(losses) / len(losses)
    return {
        "step": state["step"],
        "tokens": state["seen"],
        "loss": round(mean, 4),
        "cpu_minutes": round(state["spent"] / 60, 2),
    }


def publish(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, stock: Stock, out: Path) -> None:
    """Write bf16 weights and the tokenizer; the final probe counts 200 held-out rows of each domain."""
    figures = probe(model, tokenizer, stock.held, 200)
    model.to(torch.bfloat16).save_pretrained(out / "weights")
    tokenizer.save_pretrained(out / "weights")
    (out / "weights" / "probe.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=float, default=12e6)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--avoid", type=Path, nargs="*", default=(), help="files of questions that must stay unseen")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help="checkpoint of a run whose weights are the first ones")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    train(given.text, given.out, int(given.tokens), given.seed, given.avoid, given.start)
