"""Fit the lexical and the aligned level, and the last layer of the cross-encoder: coefficients as JSON.

    python -m foundry.levels --data FOLDER --text FOLDER --out FOLDER [--cross FOLDER]

Every set weighs the same, and in a set yes and no; edits that change what is said weigh BROKEN times
as much in the levels that can see them. The bias of `full` is
moved so that 0.5 is the threshold that docs/meta-evaluation.md asks for, found on tune. Figures are computed once and
kept in `<out>`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from foundry.labelled import Label, Labelled, read_labelled, split_of
from foundry.mutants import BREAKING, KEEPING, Edit
from foundry.text import Page, read_pages
from glossator.encoding.embedding import load_embedder
from glossator.statistics.agreement import auroc
from glossator.verification.cross_encoder import CrossEncoderVerifier
from glossator.verification.features import ALIGNED, LEXICAL, aligned_features
from glossator.verification.pairs import CLASSES, joined

MAIN = ("attributionbench", "wice", "contract_nli", "scifact", "factcheckgpt")
"""The sets of the protocol's mean."""
PENALTY, STEPS = 3e-3, 200
EDITS = {"train": 4_000, "tune": 1_000, "test": 2_000}
BROKEN = 4.0
SOUND_SHARE = 0.2
"""Of the supported sentences of ragtruth_faithjudge, nine of ten rows, this share is kept."""


def rows_of(data: Path, text: Path) -> list[Labelled]:
    """All rows of all splits, edits included, in a fixed order."""
    rng = random.Random(0)
    rows = [
        row
        for row in read_labelled(data)
        if row.set != "ragtruth_faithjudge" or row.label != "full" or rng.random() < SOUND_SHARE
    ]
    pages = [page for page in read_pages(text) if len(page.sentences) >= 6]
    return rows + [row for split in EDITS for row in edits(pages, split, EDITS[split], random.Random(1))]


def edits(pages: Sequence[Page], split: str, count: int, rng: random.Random) -> list[Labelled]:
    """Edited sentences of the pages of a split: as many of every edit, half of them changed in what they say."""
    here = [page for page in pages if split_of(f"edits {page.title}") == split]
    kinds = [(edits_, name) for edits_ in (BREAKING, KEEPING) for name in edits_]
    shares = [count // 2 // len(edits_) for edits_, _ in kinds]
    return [
        edited(here, edits_[name], name, edits_ is BREAKING, rng)
        for (edits_, name), share in zip(kinds, shares, strict=True)
        for _ in range(share)
    ]


def edited(pages: Sequence[Page], edit: Edit, kind: str, breaks: bool, rng: random.Random) -> Labelled:
    """A random sentence to which the edit applies, among its neighbours."""
    while True:
        page = rng.choice(pages)
        at = rng.randrange(len(page.sentences))
        claim = edit(page.sentences[at], page, rng)
        if claim is not None and claim != page.sentences[at]:
            near = page.sentences[max(0, at - rng.randint(0, 4)) : at + 1 + rng.randint(0, 4)]
            label: Label = "not" if breaks else "full"
            return Labelled(
                set=f"edits:{kind}", family=page.title, evidence=(" ".join(near),), claim=claim, label=label
            )


def family_of(row: Labelled) -> str:
    """Set of a row; all edits are one."""
    return row.set.partition(":")[0]


def split_name(row: Labelled) -> str:
    return split_of(f"{family_of(row)} {row.family}")


def even(rows: Sequence[Labelled], yes: Any, broken: float) -> Any:
    """Weights: sets alike, and in a set yes and no, but for edits that change what is said."""
    names = np.array([family_of(row) for row in rows])
    weights = np.zeros(len(rows))
    for name in sorted(set(names)):
        for flag in (True, False):
            here = (names == name) & (yes == flag)
            weights[here] = (broken if name == "edits" and not flag else 1.0) / max(1, here.sum())
    return weights / weights.mean()


def fit(figures: Any, yes: Any, weights: Any) -> tuple[Any, float]:
    """Weighted logistic regression with an L2 penalty (L-BFGS)."""
    x, y, w = (torch.tensor(np.asarray(part), dtype=torch.float64) for part in (figures, yes, weights))
    beta = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([beta], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = x @ beta[:-1] + beta[-1]
        value = (w * torch.nn.functional.binary_cross_entropy_with_logits(logits, y, reduction="none")).mean()
        total = value + PENALTY * beta[:-1].square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    return beta[:-1].detach().numpy(), float(beta[-1])


def balanced(yes: Any, said: Any) -> float:
    return float((said[yes].mean() + (~said[~yes]).mean()) / 2)


def threshold(logits: Any, yes: Any, sets: Any) -> float:
    """The logit that maximises the mean balanced accuracy over MAIN."""
    grid = np.quantile(logits, np.linspace(0.02, 0.98, 193))
    gains = [np.mean([balanced(yes[sets == name], logits[sets == name] >= at) for name in MAIN]) for at in grid]
    return float(grid[int(np.argmax(gains))])


def fitted(names: Sequence[str], figures: Any, rows: Sequence[Labelled], broken: float) -> dict[str, Any]:
    """Coefficients of the three heads."""
    splits = np.array([split_name(row) for row in rows])
    sets = np.array([family_of(row) for row in rows])
    labels = np.array([row.label for row in rows])
    train, tune = splits == "train", splits == "tune"
    mean, scale = figures[train].mean(axis=0), figures[train].std(axis=0) + 1e-6
    x, yes = (figures - mean) / scale, labels == "full"
    weights, bias = {}, {}
    train_rows = [row for row, here in zip(rows, train, strict=True) if here]
    weights["full"], bias["full"] = fit(x[train], yes[train], even(train_rows, yes[train], broken))
    bias["full"] -= threshold((x @ weights["full"] + bias["full"])[tune], yes[tune], sets[tune])
    for head in ("partial", "contradict"):
        known = train & np.isin(labels, ("partial", "contradict", "none"))
        weights[head], bias[head] = fit(x[known], labels[known] == head, np.ones(known.sum()))
    return {
        "names": list(names),
        "mean": [round(float(v), 5) for v in mean],
        "scale": [round(float(v), 5) for v in scale],
        "weights": {head: [round(float(v), 4) for v in row] for head, row in weights.items()},
        "bias": {head: round(float(v), 4) for head, v in bias.items()},
    }


def table(figures: Any, model: dict[str, Any], rows: Sequence[Labelled], split: str) -> dict[str, tuple[float, float]]:
    """Balanced accuracy and AUROC by set."""
    x = (figures - np.array(model["mean"])) / np.array(model["scale"])
    logits = x @ np.array(model["weights"]["full"]) + model["bias"]["full"]
    found = {}
    for name in sorted({family_of(row) for row in rows}):
        here = np.array([family_of(row) == name and split_name(row) == split for row in rows])
        yes = np.array([row.supported for row in rows])[here]
        found[name] = (balanced(yes, logits[here] >= 0), float(auroc(yes, logits[here])))
    found["mean"] = tuple(np.mean([found[name] for name in MAIN], axis=0))
    return found


def figures_of(rows: Sequence[Labelled], out: Path) -> Any:
    """The aligned level's figures of all rows; made once."""
    kept = out / "figures.npy"
    if not kept.exists():
        embedder = load_embedder("minilm")
        made = [aligned_features(row.evidence, row.claim, embedder) for row in rows]
        np.save(kept, np.array(made, dtype=np.float32), allow_pickle=False)
    return np.load(kept, allow_pickle=False).astype(np.float64)


def read_by(weights: Path, rows: Sequence[Labelled], out: Path) -> Any:
    """The cross-encoder's log-probabilities of all rows; made once."""
    kept = out / "read.npy"
    if not kept.exists():
        embedder = load_embedder("minilm")
        verifier = CrossEncoderVerifier(weights)
        pairs = [joined(row.evidence, row.claim, embedder.tokenizer, embedder) for row in rows]
        np.save(kept, verifier.logits(pairs).astype(np.float32), allow_pickle=False)
    return np.load(kept, allow_pickle=False).astype(np.float64)


def levels(figures: Any, read: Any | None) -> Iterator[tuple[str, Sequence[str], Any, float]]:
    """Name, names of figures, figures, and weight of changing edits of every level."""
    yield "lexical", LEXICAL, figures[:, : len(LEXICAL)], 1.0
    yield "aligned", ALIGNED, figures, BROKEN
    if read is not None:
        yield "cross_encoder", (*ALIGNED, *CLASSES), np.hstack([figures, read]), BROKEN


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cross", type=Path, help="the folder of the cross-encoder's adapter and head")
    given = parser.parse_args()
    everything = rows_of(given.data, given.text)
    given.out.mkdir(parents=True, exist_ok=True)
    known = figures_of(everything, given.out)
    crossed = read_by(given.cross, everything, given.out) if given.cross else None
    for level, names_, columns, broken_ in levels(known, crossed):
        model = fitted(names_, columns, everything, broken_)
        (given.out / f"{level}.json").write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
        for split in ("train", "tune"):
            shown = {k: f"{a:.3f}/{b:.3f}" for k, (a, b) in table(columns, model, everything, split).items()}
            print(level, split, shown)
