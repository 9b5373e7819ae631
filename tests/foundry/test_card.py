"""What the model card is written from: curves, the licence ledger, tokens per word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from foundry.curves import draw
from foundry.fertility import fertility
from foundry.ledger import ledger
from foundry.text import Page


def test_curves_show_every_domain_and_are_the_same_twice(tmp_path: Path) -> None:
    shares = {"exact": 0.5, "passage": 0.5, "sentence": 0.4, "abstention_f1": 0.0}
    rows = [{"tokens": n * 10**6, "loss": 3.0 / n} for n in range(1, 5)]
    rows[3] |= {"probe": {"medical": shares, "legal": shares}}  # type: ignore[dict-item]
    for name in ("one.svg", "two.svg"):
        draw(rows, tmp_path / name)
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert drawn == (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert {"medical", "legal", "loss", "right passage"} <= set(re.findall(r"<text[^>]*>(.*?)</text>", drawn))


def test_the_ledger_counts_each_licence_of_a_file_apart() -> None:
    rows = [
        (Path("legal/policy.jsonl.gz"), {"licence": "CC0", "text": "one two"}),
        (Path("legal/policy.jsonl.gz"), {"licence": "CC BY", "text": "one two three"}),
        (Path("code/guide.jsonl.gz"), {"licence": "CC BY", "text": "one"}),
    ]
    assert list(ledger(rows))[2:] == [
        "| code | guide | CC BY | 1 | 1 |",
        "| legal | policy | CC BY | 1 | 3 |",
        "| legal | policy | CC0 | 1 | 2 |",
        "| all | | | 3 | 6 |",
    ]


def test_fertility_is_tokens_by_words() -> None:
    page = Page(domain="code", title="", subject="", text="two words", sentences=(), asked=())
    assert fertility([page, page], len) == pytest.approx(9 / 2)
