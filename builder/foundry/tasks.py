"""Training rows made from text by construction: read, repeat, find and quote, notice what is missing.

A row is a list of `(text, weight)` pieces. The plain forms teach finding, copying and numbering; the chat forms
teach what the control tokens mean. The product's own answer form is left to the domain's SFT.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from foundry.text import Page

Row = list[tuple[str, float]]

CONTEXT_WEIGHT = 0.3
_STOP = frozenset(
    "the and for with that this from are was were has have had its their which when what than then they them these"
    " those not can may will would could should into also such been being but who whom how why where there here each"
    " any all some more most other one two use used using between because about after before during while only"
    " very".split()
)
_QUERIES = (
    "What about {}?",
    "What is said about {}?",
    "{}",
    "How are {} related?",
    "Tell me about {}.",
    "Which sentence mentions {}?",
    "When or why {}?",
    "What does the text say on {}?",
)
_REFUSALS = ("None of the passages says so.", "No passage mentions that.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares of the tasks at one point of the curriculum, and how much text a row holds."""

    repeat: float
    find: float
    missing: float
    chat: float
    passages: tuple[int, int]
    sentences: tuple[int, int]


EARLY = Mix(repeat=0.35, find=0.35, missing=0.0, chat=0.15, passages=(1, 2), sentences=(1, 3))
LATE = Mix(repeat=0.05, find=0.60, missing=0.02, chat=0.18, passages=(2, 5), sentences=(2, 4))


def keywords(sentence: str, rng: random.Random) -> str:
    """Three to six content words of a sentence, now and then reordered, as a person would type them.

    >>> keywords("Metformin lowers glucose output of the liver.", random.Random(1))
    'Metformin lowers glucose output liver'
    """
    words = [w for w in re.findall(r"[A-Za-z][\w-]*|\d[\d.,]*", sentence) if len(w) > 2 and w.lower() not in _STOP]
    picked = sorted(rng.sample(range(len(words)), min(len(words), rng.randint(3, 6))))
    chosen = [words[i] for i in picked]
    if rng.random() < 0.3:
        rng.shuffle(chosen)
    return " ".join(chosen)


def make_row(pages: Sequence[Page], mix: Mix, rng: random.Random) -> Row:
    """One row of the mix, drawn from `pages`."""
    draw = rng.random()
    if draw < mix.repeat:
        return repeat(pages, rng)
    if draw < mix.repeat + mix.find:
        return find(pages, mix, rng)
    if draw < mix.repeat + mix.find + mix.missing:
        return missing(pages, mix, rng)
    if draw < mix.repeat + mix.find + mix.missing + mix.chat:
        return chat(pages, mix, rng)
    return read(pages, rng)


def read(pages: Sequence[Page], rng: random.Random) -> Row:
    """Plain language modelling on a window of about 200 words."""
    text = rng.choice(pages).text
    start = rng.randrange(max(1, len(text) - 1200))
    return [(text[start : start + 1200], 1.0)]


def repeat(pages: Sequence[Page], rng: random.Random) -> Row:
    """Words in random order, twice: predictable only by looking back."""
    words = [w for _ in range(3) for w in rng.choice(pages).title.split()]
    words += rng.choice(rng.choice(pages).sentences).split() + rng.choice(rng.choice(pages).sentences).split()
    rng.shuffle(words)
    line = " ".join(words[: rng.randint(12, 40)])
    return [(line + "\n", CONTEXT_WEIGHT), (line + "\n", 1.0)]


def find(pages: Sequence[Page], mix: Mix, rng: random.Random) -> Row:
    """Numbered passages and keywords: quote the sentence that holds them and give its number."""
    passages, target, place = _scene(pages, mix, rng)
    query = rng.choice(_QUERIES).format(keywords(target, rng))
    return [
        (f"{_numbered(passages)}\nQuestion: {query}\nAnswer:", CONTEXT_WEIGHT),
        (f" {target} [{place}]<|end|>", 1.0),
    ]


def missing(pages: Sequence[Page], mix: Mix, rng: random.Random) -> Row:
    """The keywords come from a sentence that is not shown."""
    passages, _, _ = _scene(pages, mix, rng)
    query = rng.choice(_QUERIES).format(keywords(rng.choice(rng.choice(pages).sentences), rng))
    return [
        (f"{_numbered(passages)}\nQuestion: {query}\nAnswer:", CONTEXT_WEIGHT),
        (f" {rng.choice(_REFUSALS)}<|end|>", 1.0),
    ]


def chat(pages: Sequence[Page], mix: Mix, rng: random.Random) -> Row:
    """The same skills behind the chat template, without numbers: a sentence by its words or by its place."""
    passages, target, place = _scene(pages, mix, rng)
    if rng.random() < 0.6:
        ask = f"Repeat the sentence with: {keywords(target, rng)}"
    else:
        place = rng.randrange(len(passages)) + 1
        target = passages[place - 1].split("\n", 1)[-1]
        ask = f"Repeat passage {place}."
    user = f"<|system|>\nYou work with text.<|end|>\n<|user|>\n{_numbered(passages)}\n{ask}<|end|>\n<|assistant|>\n"
    return [(user, CONTEXT_WEIGHT), (f"“{target}”<|end|>", 1.0)]


def _scene(pages: Sequence[Page], mix: Mix, rng: random.Random) -> tuple[list[str], str, int]:
    """Passages, the target sentence, and the number of the passage that holds it."""
    count = rng.randint(*mix.passages)
    same = rng.random() < 0.5  # distractors of the same page share words with the target
    page = rng.choice(pages)
    chosen = [page if same else rng.choice(pages) for _ in range(count)]
    runs = [_run(p, mix, rng) for p in chosen]
    place = rng.randrange(count)
    return [" ".join(run) for run in runs], rng.choice(runs[place]), place + 1


def _run(page: Page, mix: Mix, rng: random.Random) -> tuple[str, ...]:
    size = rng.randint(*mix.sentences)
    start = rng.randrange(max(1, len(page.sentences) - size))
    return page.sentences[start : start + size]


def _numbered(passages: Sequence[str]) -> str:
    return "\n".join(f"[{i}] {passage}" for i, passage in enumerate(passages, 1))
