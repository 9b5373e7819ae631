"""What a run draws its rows from: made once, kept beside the run, read again when it goes on."""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from foundry.meaning import near_sentences, near_words, token_vectors
from foundry.quests import Material, Near, Place
from foundry.sketch import VECTOR
from foundry.text import Page, questions_of, read_pages
from foundry.tokenizer import train_tokenizer
from glossator.encoding.embedding import load_embedder

VOCABULARY, HELD_OUT, SENTENCES, OFTEN = 12_288, 240, 24_000, 60
"""Tokens, pages held out, sentences that get near ones, sentences kept for a word."""
SHARES = {"medical": 0.4, "legal": 0.2, "code": 0.15, "general": 0.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Material by domain, and that of held-out pages."""

    domains: Mapping[str, Material]
    held: Mapping[str, Material]

    def draw(self, rng: random.Random) -> Material:
        """The material of one domain, by SHARES."""
        return self.domains[rng.choices(list(SHARES), list(SHARES.values()))[0]]


def prepare(text: Path, out: Path, avoided: Sequence[Path]) -> tuple[Stock, PreTrainedTokenizerFast, torch.Tensor]:
    """Material, tokenizer and first token vectors of a run."""
    held, rest = divided(text, avoided)
    tokenizer = _tokenizer(rest, out)
    kept = _kept(out / "near.json", lambda: {"words": near_words(rest), "pairs": _pairs(rest)})
    words = {word: tuple(kin) for word, kin in kept["words"].items()}
    owner = {sentence: page for page in rest for sentence in page.sentences}
    pairs = [Near(claim=a, sentence=b, page=owner[b]) for a, b in kept["pairs"] if b in owner]
    stock = Stock(domains=_by_domain(rest, pairs, words), held=_by_domain(held, [], words))
    return stock, tokenizer, _vectors(tokenizer)


def divided(text: Path, avoided: Sequence[Path]) -> tuple[list[Page], list[Page]]:
    """The pages held out, and the others."""
    pages = [page for page in read_pages(text, questions_of(avoided)) if len(page.sentences) >= 5]
    random.Random(0).shuffle(pages)
    return pages[:HELD_OUT], pages[HELD_OUT:]


def _by_domain(
    pages: Sequence[Page], pairs: Sequence[Near], words: Mapping[str, tuple[str, ...]]
) -> dict[str, Material]:
    parts = {domain: [page for page in pages if page.domain == domain] for domain in SHARES}
    return {domain: _material(part, pairs, words) for domain, part in parts.items() if part}


def _material(pages: Sequence[Page], pairs: Iterable[Near], words: Mapping[str, tuple[str, ...]]) -> Material:
    domains = {page.domain for page in pages}
    return Material(
        pages=pages,
        asking=[page for page in pages if page.asked],
        near=[pair for pair in pairs if pair.page.domain in domains],
        words=words,
        sharing=_sharing(pages),
    )


def _sharing(pages: Sequence[Page]) -> dict[str, list[Place]]:
    """Of each word up to OFTEN sentences that have it, drawn from all that do; words of one sentence are left out."""
    rng, seen, kept = random.Random(2), Counter[str](), defaultdict[str, list[Place]](list)
    for page in pages:
        for place, sentence in enumerate(page.sentences):
            for word in sorted(set(re.findall(r"[a-z]{4,}", sentence.lower()))):
                seen[word] += 1
                if seen[word] <= OFTEN:
                    kept[word].append((page, place))
                elif rng.random() < OFTEN / seen[word]:
                    kept[word][rng.randrange(OFTEN)] = (page, place)
    return {word: places for word, places in kept.items() if len(places) > 1}


def _pairs(pages: Sequence[Page]) -> list[tuple[str, str]]:
    """A claim and a sentence that says something near."""
    rng = random.Random(1)
    drawn = sorted({rng.choice(page.sentences) for _ in range(3) for page in pages})
    chosen = rng.sample(drawn, min(SENTENCES, len(drawn)))
    near = near_sentences(chosen, load_embedder("minilm").embed_fixed(chosen))
    return [(chosen[a], chosen[b]) for a, b in near]


def _tokenizer(pages: Sequence[Page], out: Path) -> PreTrainedTokenizerFast:
    folder = out / "tokenizer"
    if not folder.exists():
        rng = random.Random(0)
        pools = [[page for page in pages if page.domain == domain] for domain in SHARES]
        sample = [p.text[:20_000] for pool in pools for p in rng.sample(pool, min(700, len(pool)))]
        train_tokenizer(sample, VOCABULARY).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _vectors(tokenizer: PreTrainedTokenizerFast) -> torch.Tensor:
    tokens = [tokenizer.decode([number]) for number in range(len(tokenizer))]
    vectors = token_vectors(tokens, VECTOR, np.random.default_rng(0))
    return torch.from_numpy(vectors).float()


def _kept(path: Path, make: Any) -> Any:
    if not path.exists():
        path.write_text(json.dumps(make()), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))
