"""Training rows made from text by construction, in the product's own form: passages, a question, a quote or a refusal.

Questions are of many kinds: those that people wrote above an answer, words of a sentence (some replaced by near ones),
a sentence turned round, a sentence of another page that says something near, a heading. What is shown beside the answer
comes from the same page, from the answers to other questions about the same subject, or from anywhere. A row may go on
with more questions on the same passages: choices are what a model learns from, and one prompt carries several.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from foundry.questions import STOP, keywords_question, replaced, turned_round
from foundry.text import Page, sentences
from glossator.citations.parse import format_citation
from glossator.domain import Prompts
from glossator.prompting import render
from glossator.records import Message, Passage

TITLED = 0.7
"""Share of rows that show titles."""
REFUSAL = "The passages do not answer this question."
PROMPTS = Prompts(system="Quote what answers.", abstention=REFUSAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares of the kinds of rows at one point of the curriculum, and how much a row shows."""

    lines: float
    """Lines of a few words and a question of one to three of them: the bare skill at a fifth of the length."""
    words: float
    turned: float
    near: float
    asked: float
    heading: float
    read: float
    missing: float
    """Share of rows whose answer is not shown."""
    passages: tuple[int, int]
    runs: float
    """Share of rows whose passages hold several sentences."""
    follow_ups: tuple[int, int]
    """How many more questions are asked on the same passages."""


EARLY = Mix(
    lines=0.8,
    words=0.1,
    turned=0.0,
    near=0.0,
    asked=0.05,
    heading=0.0,
    read=0.05,
    missing=0.1,
    passages=(3, 6),
    runs=0.0,
    follow_ups=(6, 10),
)
LATE = Mix(
    lines=0.05,
    words=0.2,
    turned=0.12,
    near=0.2,
    asked=0.3,
    heading=0.05,
    read=0.08,
    missing=0.2,
    passages=(3, 6),
    runs=0.3,
    follow_ups=(0, 3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Two sentences of different pages that say something near."""

    claim: str
    sentence: str
    page: Page
    """Where `sentence` stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What rows are made of."""

    pages: Sequence[Page]
    asking: Sequence[Page]
    """Those with questions."""
    near: Sequence[Near]
    words: Mapping[str, tuple[str, ...]]
    """Of a word the words near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A conversation and its completion; plain text to read where there are no messages."""

    messages: tuple[Message, ...]
    completion: str
    kind: str
    follow_ups: tuple[tuple[str, str], ...] = ()
    """More questions on the same passages, each with its completion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quest:
    """A question, the passage that answers it, the sentence in it, and passages that do not."""

    question: str
    right: tuple[str, str]
    """Title and text."""
    sentence: str
    others: list[tuple[str, str]]
    """Passages that do not answer."""


def make_row(material: Material, mix: Mix, rng: random.Random) -> Row:
    """One row of the mix."""
    kinds = ("lines", "words", "turned", "near", "asked", "heading", "read")
    kind = rng.choices(kinds, [getattr(mix, one) for one in kinds])[0]
    if kind == "read":
        return _read(material, rng)
    quest = _QUESTS[kind](material, mix, rng)
    return _shown(quest, kind, material, mix, rng)


def _read(material: Material, rng: random.Random) -> Row:
    text = rng.choice(material.pages).text
    start = rng.randrange(max(1, len(text) - 1200))
    return Row(messages=(), completion=text[start : start + 1200], kind="read")


def _shown(quest: _Quest, kind: str, material: Material, mix: Mix, rng: random.Random) -> Row:
    others = [one for one in dict.fromkeys(quest.others) if quest.sentence not in one[1]]
    count = rng.randint(*mix.passages)
    missing = rng.random() < mix.missing and bool(others)
    shown = others[: count - (not missing)] + ([] if missing else [quest.right])
    rng.shuffle(shown)
    titled = rng.random() < TITLED
    passages = [_passage(number, title if titled else "", text) for number, (title, text) in enumerate(shown)]
    completion = REFUSAL if missing else format_citation(quest.sentence, 1 + shown.index(quest.right))
    question = quest.question if rng.random() > 0.15 else quest.question.rstrip("?.").lower()
    follow_ups = [_follow_up(shown, kind, material, rng) for _ in range(rng.randint(*mix.follow_ups))]
    return Row(
        messages=render(PROMPTS, question, passages), completion=completion, kind=kind, follow_ups=tuple(follow_ups)
    )


def _follow_up(shown: Sequence[tuple[str, str]], kind: str, material: Material, rng: random.Random) -> tuple[str, str]:
    """Another question on what is shown, by its words."""
    place = rng.randrange(len(shown))
    text = shown[place][1]
    if kind == "lines":
        return _few(text, rng), format_citation(text, 1 + place)
    sentence = rng.choice(sentences(text) or (text,))
    question = turned_round(sentence, rng) if rng.random() < 0.4 else ""
    asked = replaced(question, material.words, 0.15, rng) or keywords_question(sentence, material.words, rng)
    return asked, format_citation(sentence, 1 + place)


def _passage(number: int, title: str, text: str) -> Passage:
    return Passage(id=str(number), document_id=str(number), title=title or "Text", text=text, start=0, end=len(text))


def _lines(material: Material, mix: Mix, rng: random.Random) -> _Quest:
    size = rng.randint(1, 4)
    words = [w for _ in range(8) for w in re.findall(r"[\w-]{3,}", _sentence(rng.choice(material.pages), rng))]
    words = [word for word in dict.fromkeys(words) if word.lower() not in STOP]
    rng.shuffle(words)
    lines = [("", " ".join(words[i : i + size])) for i in range(0, len(words) - size, size)]
    if not lines:
        return _lines(material, mix, rng)
    right = lines[0]
    return _Quest(question=_few(right[1], rng), right=right, sentence=right[1], others=lines[1:])


def _few(text: str, rng: random.Random) -> str:
    """One to three of the words."""
    words = text.split(" ")
    return " ".join(rng.sample(words, min(len(words), rng.randint(1, 3))))


def _words(material: Material, mix: Mix, rng: random.Random) -> _Quest:
    page = rng.choice(material.pages)
    sentence = _sentence(page, rng)
    return _quest(keywords_question(sentence, material.words, rng), sentence, page, material, mix, rng)


def _turned(material: Material, mix: Mix, rng: random.Random) -> _Quest:
    for _ in range(20):
        page = rng.choice(material.pages)
        sentence = _sentence(page, rng)
        question = turned_round(sentence, rng)
        if question:
            return _quest(replaced(question, material.words, 0.15, rng), sentence, page, material, mix, rng)
    return _words(material, mix, rng)


def _near(material: Material, mix: Mix, rng: random.Random) -> _Quest:
    if not material.near:
        return _words(material, mix, rng)
    pair = rng.choice(material.near)
    claim = pair.claim if rng.random() < 0.7 else keywords_question(pair.claim, material.words, rng)
    return _quest(claim, pair.sentence, pair.page, material, mix, rng)


def _asked(material: Material, mix: Mix, rng: random.Random) -> _Quest:
    """A question that a person wrote; beside its answer stand answers to other questions of the page."""
    page = rng.choice(material.asking)
    one = rng.choice(page.asked)
    beside = [sentence for other in page.asked if other is not one for sentence in other.sentences]
    return _quest(one.question, one.sentences[0], page, material, mix, rng, one.sentences, beside)


def _heading(material: Material, mix: Mix, rng: random.Random) -> _Quest:
    """A heading as the question; no title gives it away."""
    page = rng.choice(material.pages)
    if not page.subject:
        return _words(material, mix, rng)
    sentence = page.sentences[min(len(page.sentences) - 1, rng.randint(0, 2))]
    others = [("", text) for _, text in _elsewhere(material, mix, rng)]
    asked = rng.choice(("{}", "What is {}?", "What is said about {}?", "Tell me about {}.")).format(short(page.subject))
    return _Quest(question=asked, right=("", sentence), sentence=sentence, others=others)


_QUESTS: dict[str, Callable[[Material, Mix, random.Random], _Quest]] = {
    "lines": _lines,
    "words": _words,
    "turned": _turned,
    "near": _near,
    "asked": _asked,
    "heading": _heading,
}


def _quest(
    question: str,
    sentence: str,
    page: Page,
    material: Material,
    mix: Mix,
    rng: random.Random,
    run: Sequence[str] | None = None,
    beside: Sequence[str] | None = None,
) -> _Quest:
    """The sentence alone or among its neighbours in `run`; up to four others are of `beside`. Default: the page's."""
    title, alone = short(page.subject), rng.random() >= mix.runs
    run, beside = page.sentences if run is None else run, page.sentences if beside is None else beside
    right = (title, sentence if alone else " ".join(_around(run, sentence, rng)))
    same = [(title, _part(beside, alone, rng)) for _ in range(rng.randint(0, 4) if beside else 0)]
    others = same + _elsewhere(material, mix, rng, alone)
    return _Quest(question=question, right=right, sentence=sentence, others=others)


def _elsewhere(material: Material, mix: Mix, rng: random.Random, alone: bool = True) -> list[tuple[str, str]]:
    """Passages of any pages; half of the time all of one page."""
    pages = [rng.choice(material.pages) for _ in range(mix.passages[1])]
    if rng.random() < 0.5:
        pages = pages[:1] * len(pages)
    return [(short(page.subject), _part(page.sentences, alone, rng)) for page in pages]


def _around(run: Sequence[str], sentence: str, rng: random.Random) -> Sequence[str]:
    place = run.index(sentence)
    start = max(0, place - rng.randint(0, 2))
    return run[start : max(place + 1, start + rng.randint(2, 3))]


def _part(told: Sequence[str], alone: bool, rng: random.Random) -> str:
    """One of the sentences, or two or three in a row."""
    if alone:
        return rng.choice(told)
    size = rng.randint(2, 3)
    start = rng.randrange(max(1, len(told) - size))
    return " ".join(told[start : start + size])


def _sentence(page: Page, rng: random.Random) -> str:
    return rng.choice(page.sentences)


def short(title: str) -> str:
    """The last part of a title.

    >>> short("Chemistry 2e — Kinetics: Collision Theory")
    'Collision Theory'
    """
    return re.split(r"[:—] ", title)[-1].strip()
