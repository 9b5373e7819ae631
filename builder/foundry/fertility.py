"""Tokens a word costs, by domain, beside a public tokenizer: `python -m foundry.fertility TOKENIZER --text FOLDER`.

The other is BERT's WordPiece of 30,522 entries (Devlin et al. 2019), which comes with the embedder; it folds case and
drops spaces, so it says less with its tokens. Read are pages that the tokenizer was not made from: those held out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from foundry.material import SHARES, divided
from foundry.text import Page
from glossator.encoding.embedding import load_embedder


def fertility(pages: Sequence[Page], count: Callable[[str], int]) -> float:
    """Tokens per word divided by spaces."""
    return sum(count(page.text) for page in pages) / sum(len(page.text.split()) for page in pages)


def table(held: Sequence[Page], ours: PreTrainedTokenizerFast) -> Iterator[str]:
    """A line for each domain."""
    public = load_embedder("minilm")
    yield f"| domain | words | ours, {len(ours):,} entries | WordPiece, 30,522 entries |"
    yield "|---|---|---|---|"
    for domain in SHARES:
        pages = [page for page in held if page.domain == domain]
        words = sum(len(page.text.split()) for page in pages)
        own = fertility(pages, lambda text: len(ours.encode(text, add_special_tokens=False)))
        yield f"| {domain} | {words:,} | {own:.2f} | {fertility(pages, public.count):.2f} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--avoid", type=Path, nargs="*", default=())
    given = parser.parse_args()
    held, _ = divided(given.text, given.avoid)
    print(*table(held, PreTrainedTokenizerFast.from_pretrained(given.tokenizer)), sep="\n")
