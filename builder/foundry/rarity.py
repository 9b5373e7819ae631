"""How rare words are: `python -m foundry.rarity --text FOLDER --out FILE` writes the table of verification.words."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path

from foundry.text import read_pages
from glossator.verification.words import words

PIECE, KEPT = 100, 12_000
"""Words of a piece of text; stems in the table."""


def count(folder: Path) -> tuple[Counter[str], int]:
    """In how many pieces each stem stands, and how many pieces there are."""
    held: Counter[str] = Counter()
    pieces = 0
    for page in read_pages(folder):
        found = words(page.text)
        for start in range(0, len(found), PIECE):
            held.update(set(found[start : start + PIECE]))
            pieces += 1
    return held, pieces


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    held, pieces = count(given.text)
    rows = sorted(held.most_common(KEPT))
    given.out.write_text("".join(f"{word} {math.log(pieces / n):.2f}\n" for word, n in rows), encoding="utf-8")
    print(pieces, "pieces")
