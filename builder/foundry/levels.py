"""Fit the lexical and the aligned level, and the last layer of the cross-encoder: coefficients as JSON.

    python -m foundry.levels --data FOLDER --text FOLDER --out FOLDER [--cross FOLDER]

Every set weighs the same, and in a set yes and no; edited sentences weigh as much as two sets. The bias of `full` is
moved so that 0.5 is the threshold that docs/meta-evaluation.md asks for, found on tune. Figures are computed once and
kept in `<out>/figures-*.npz`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from foundry.labelled import Label, Labelled, read_labelled, split_of
from foundry.mutants import BREAKING, KEEPING, Edit
from foundry.text import Page, read_pages
from glossator.statistics.agreement import auroc

MAIN = ("attributionbench", "wice", "contract_nli", "scifact", "factcheckgpt")
"""The sets of the protocol's mean."""
PENALTY, STEPS = 3e-3, 200
EDITS = {"train": 4_000, "tune": 1_000, "test": 2_000}
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


def even(rows: Sequence[Labelled], yes: Any) -> Any:
    """Weights: sets alike, edits double, and in a set yes and no alike."""
    names = np.array([family_of(row) for row in rows])
    weights = np.zeros(len(rows))
    for name in sorted(set(names)):
        for flag in (True, False):
            here = (names == name) & (yes == flag)
            weights[here] = (2.0 if name == "edits" else 1.0) / max(1, here.sum())
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


def fitted(names: Sequence[str], figures: Any, rows: Sequence[Labelled]) -> dict[str, Any]:
    """Coefficients of the three heads."""
    splits = np.array([split_name(row) for row in rows])
    sets = np.array([family_of(row) for row in rows])
    labels = np.array([row.label for row in rows])
    train, tune = splits == "train", splits == "tune"
    mean, scale = figures[train].mean(axis=0), figures[train].std(axis=0) + 1e-6
    x, yes = (figures - mean) / scale, labels == "full"
    weights, bias = {}, {}
    train_rows = [row for row, here in zip(rows, train, strict=True) if here]
    weights["full"], bias["full"] = fit(x[train], yes[train], even(train_rows, yes[train]))
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
    found["mean"] = tuple(np.mean([found[name] for name in MAIN], axis=0))  # type: ignore[assignment]
    return found
