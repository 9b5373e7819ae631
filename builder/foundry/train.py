"""Cast the embedded backbone: `python -m foundry.train --text FOLDER --out FOLDER --tokens 12e6`.

One process, bf16 autocast over fp32 weights, length-sorted batches by token budget. Writes `metrics.jsonl` and a
checkpoint every few hundred steps; the same command continues a stopped run. When done, the weights, tokenizer and
curve figures stand in `<out>/weights`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from foundry.model import CONTEXT, new_model
from foundry.tasks import EARLY, LATE, Mix, Row, make_row, question_of, scene
from foundry.text import Page, read_pages
from foundry.tokenizer import SPECIALS, train_tokenizer

VOCABULARY, BUDGET, PEAK, WARMUP, HELD_OUT = 8192, 1536, 8e-4, 60, 200
DRILLED = 0.04
"""Share of the run that is mostly drill; copying must be firm before word frequencies are learnt."""
SHARES = {"medical": 0.4, "legal": 0.2, "code": 0.15, "general": 0.25}

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def blend(progress: float) -> Mix:
    """The curriculum: the bare skill up to 8 % of the run, the full task from 28 %."""
    t = min(1.0, max(0.0, progress - 0.08) / 0.2)
    shares = ("repeat", "label", "pick", "asked", "chat", "read", "missing")
    mid = {k: (1 - t) * getattr(EARLY, k) + t * getattr(LATE, k) for k in shares}
    top = 2 + round(3 * t)
    return Mix(**mid, passages=(1 + round(t), top), sentences=(1 + round(t), 3 + round(t)))


def encode(row: Row, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[float]]:
    ids: list[int] = []
    weights: list[float] = []
    for text, weight in row:
        piece = tokenizer.encode(text, add_special_tokens=False)
        ids += piece
        weights += [weight] * len(piece)
    return ids[:CONTEXT], weights[:CONTEXT]


def drill(rng: random.Random) -> tuple[list[int], list[float]]:
    """Random tokens, twice: only the second half gives loss, and only looking back predicts it."""
    line = [rng.randrange(len(SPECIALS), VOCABULARY) for _ in range(rng.randint(8, 60))]
    return line * 2, [0.0] * len(line) + [1.0] * len(line)


def batches(
    pools: dict[str, list[Page]],
    tokenizer: PreTrainedTokenizerFast,
    rng: random.Random,
    at: Sequence[float],
    drilled: float,
) -> Iterator[Batch]:
    """Endless batches of about BUDGET tokens; `at[0]` is the progress that chooses the mix.

    Up to progress `drilled`, nine rows of ten are drill.
    """
    while True:
        rows = []
        for _ in range(96):
            pool = pools[rng.choices(list(SHARES), list(SHARES.values()))[0]]
            window = [rng.choice(pool) for _ in range(8)]
            drills = rng.random() < (0.9 if at[0] < drilled else 0.06)
            rows.append(drill(rng) if drills else encode(make_row(window, blend(at[0]), rng), tokenizer))
        rows.sort(key=lambda row: len(row[0]))
        groups: list[list[tuple[list[int], list[float]]]] = [[]]
        for row in rows:
            if len(row[0]) * (len(groups[-1]) + 1) > BUDGET:
                groups.append([])
            groups[-1].append(row)
        rng.shuffle(groups)
        yield from (collate(group) for group in groups if group)


def collate(rows: Sequence[tuple[list[int], list[float]]]) -> Batch:
    """Ids, loss weights and the mask of real tokens, right-padded: each (rows, longest)."""
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([r + [0] * (longest - len(r)) for r, _ in rows])
    weights = torch.tensor([w + [0.0] * (longest - len(w)) for _, w in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (longest - len(r)) for r, _ in rows])
    return ids, weights, mask


def loss_of(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Next-token loss on a sample of tokens as large as their weight; a weight above 1 multiplies.

    Sampling instead of weighting spares the output layer, a third of the work. Padding stands on the right, where a
    causal model never looks, so no mask is passed.
    """
    ids, weights, _ = batch
    kept = torch.rand(weights[:, 1:].shape) < weights[:, 1:]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
        logits = model.lm_head(hidden[kept])
    losses = torch.nn.functional.cross_entropy(logits.float(), ids[:, 1:][kept], reduction="none")
    weight = weights[:, 1:][kept].clamp(min=1.0)
    return (losses * weight).sum() / weight.sum()


def rate(progress: float, step: int) -> float:
    """Warm-up, plateau, linear cool-down over the last 30 % (WSD)."""
    return PEAK * min(1.0, (step + 1) / WARMUP) * (1.0 if progress < 0.7 else max(0.02, (1 - progress) / 0.3))


def optimizer_for(model: LlamaForCausalLM) -> torch.optim.AdamW:
    decay = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": decay, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.98), fused=True)


@torch.no_grad()
def probe(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, pages: list[Page], count: int = 48
) -> dict[str, float]:
    """Greedy answers on held-out pages: share of exact quotes, of right sentences, of right passage numbers."""
    model.eval()
    rng, exact, right, placed = random.Random(0), 0, 0, 0
    for _ in range(count):
        context, places = scene([rng.choice(pages) for _ in range(8)], LATE, rng)
        sentence, number = rng.choice(list(places.items()))
        ids = torch.tensor([tokenizer.encode(f"{context}\n\nQuestion: {question_of(sentence, rng)}\nAnswer:")])
        out = model.generate(ids, max_new_tokens=90, do_sample=False, attention_mask=torch.ones_like(ids))
        text = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
        marker, _, quote = text.partition("] ")
        exact += bool(quote) and quote in context
        right += quote == sentence
        placed += marker == f"[{number}"
    model.train()
    return {"exact": exact / count, "right_sentence": right / count, "right_passage": placed / count}


def save(model: LlamaForCausalLM, optimizer: torch.optim.Optimizer, state: dict[str, object], out: Path) -> None:
    """Publish a checkpoint by rename, so that a stop never leaves half of one."""
    partial = out / "checkpoint.partial"
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), **state}, partial)
    os.replace(partial, out / "checkpoint.pt")


def split_pages(folder: Path) -> tuple[dict[str, list[Page]], list[Page]]:
    pages = [page for page in read_pages(folder) if len(page.sentences) >= 6]
    random.Random(0).shuffle(pages)
    held, rest = pages[:HELD_OUT], pages[HELD_OUT:]
    return {domain: [p for p in rest if p.domain == domain] for domain in SHARES}, held


def prepare_tokenizer(pools: dict[str, list[Page]], out: Path) -> PreTrainedTokenizerFast:
    folder = out / "tokenizer"
    if not folder.exists():
        rng = random.Random(0)
        sample = [p.text[:20_000] for pool in pools.values() for p in rng.sample(pool, min(700, len(pool)))]
        train_tokenizer(sample, VOCABULARY).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def train(text: Path, out: Path, tokens: int, seed: int, start: Path | None) -> None:
    """Cast for `tokens` tokens; `start` names weights and a tokenizer to go on from."""
    out.mkdir(parents=True, exist_ok=True)
    pools, held = split_pages(text)
    if start is not None and not (out / "tokenizer").exists():
        PreTrainedTokenizerFast.from_pretrained(start).save_pretrained(out / "tokenizer")
    tokenizer = prepare_tokenizer(pools, out)
    torch.manual_seed(seed)
    model = LlamaForCausalLM.from_pretrained(start, dtype="float32") if start else new_model(tokenizer)
    optimizer = optimizer_for(model)
    step, seen, spent = 0, 0, 0.0
    if (out / "checkpoint.pt").exists():
        state = torch.load(out / "checkpoint.pt", weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, seen, spent = state["step"], state["seen"], state["spent"]
    at = [seen / tokens]
    stream = batches(pools, tokenizer, random.Random(seed * 1_000_003 + step), at, 0.0 if start else DRILLED)
    model.train()
    with (out / "metrics.jsonl").open("a", encoding="utf-8") as log:
        while seen < tokens:
            began = time.process_time()
            at[0] = seen / tokens
            for group in optimizer.param_groups:
                group["lr"] = rate(at[0], step)
            batch = next(stream)
            loss = loss_of(model, batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step, seen = step + 1, seen + int(batch[2].sum())
            spent += time.process_time() - began
            row: dict[str, float] = {
                "step": step,
                "tokens": seen,
                "loss": round(loss.item(), 4),
                "cpu_minutes": round(spent / 60, 2),
            }
            if step % 500 == 0:
                row |= probe(model, tokenizer, held)
                save(model, optimizer, {"step": step, "seen": seen, "spent": spent}, out)
            if step % 20 == 0:
                print(json.dumps(row), file=log, flush=True)
    publish(model, tokenizer, held, out)


def publish(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, held: list[Page], out: Path) -> None:
    """Write bf16 weights and the tokenizer; the final probe counts 200 held-out rows."""
    figures = probe(model, tokenizer, held, 200)
    model.to(torch.bfloat16).save_pretrained(out / "weights")
    tokenizer.save_pretrained(out / "weights")
    (out / "weights" / "probe.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    assert not any(math.isnan(v) for v in figures.values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=float, default=12e6)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=Path, help="a folder of weights and tokenizer to go on from")
    given = parser.parse_args()
    train(given.text, given.out, int(given.tokens), given.seed, given.start)
