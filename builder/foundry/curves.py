"""A run's learning curves as one SVG for the model card: `python -m foundry.curves METRICS.jsonl CURVES.svg`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROBED = {
    "exact": "quote stands in a passage",
    "passage": "right passage",
    "sentence": "right sentence",
    "abstention_f1": "abstention F1",
}
"""Figures of the probe, and what they are called."""


def draw(rows: Sequence[dict[str, Any]], out: Path) -> None:
    """Loss, and each probed figure by domain, over tokens."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "curves", "svg.fonttype": "none", "font.size": 9}):
        chart, panels = plt.subplots(1, 1 + len(PROBED), figsize=(14, 2.8), layout="constrained")
        panels[0].plot(_tokens(rows), [row["loss"] for row in rows], lw=1)
        panels[0].set_title("loss")
        probed = [row for row in rows if "probe" in row]
        for panel, (name, title) in zip(panels[1:], PROBED.items(), strict=True):
            for domain in probed[0]["probe"] if probed else ():
                values = [row["probe"][domain][name] for row in probed]
                panel.plot(_tokens(probed), values, "o-", ms=3, lw=1, label=domain)
            panel.set(title=title, ylim=(0, 1.02))
        for panel in panels:
            panel.set_xlabel("million tokens")
        panels[-1].legend(fontsize=7)
        chart.savefig(out, metadata={"Date": None})


def _tokens(rows: Sequence[dict[str, Any]]) -> list[float]:
    return [row["tokens"] / 1e6 for row in rows]


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:3])
    draw([json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()], target)
