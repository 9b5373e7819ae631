"""Questions with the sentence that answers, and passages beside it that do not: one function for each kind."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from foundry.questions import STOP, keywords_question, replaced, turned_round
from foundry.text import Page


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
    symbol: float
    """A name of code, and the sentence that says something of it."""
    revised: float
    """Two versions that differ in a number; the question names one."""
    read: float
    missing: float
    """Share of rows whose answer is not shown."""
    passages: tuple[int, int]
    runs: float
    """Share of rows whose passages hold several sentences."""
    follow_ups: tuple[int, int]
    """How many more questions are asked on the same passages."""
    silent: float
    """Share of those that no passage answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Two sentences of different pages that say something near."""

    claim: str
    sentence: str
    page: Page
    """Where `sentence` stands."""


AMOUNTS, ALIKE, TRIES = 0.3, 0.5, 20
"""Shares of rows of lines that have a number each, and of others that show passages with words of the question;
sentences that are looked at for what a kind of question needs."""
UNITS = ("mg", "ml", "kg", "km", "cm", "%", "h", "s", "MB", "°C", "€", "$")
_SYMBOL = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b(?:\(\))?|\b[a-z]+\.[a-z_]+\b(?:\(\))?|\b[a-z]+\(\)|--[a-z][a-z-]+")
_USES = ("What does {} do?", "{}", "How is {} used?", "What is {}?", "When would I use {}?")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*\d\b|(?<![\w.,])\d\b")

Place = tuple[Page, int]
"""A sentence, by its number on its page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What rows are made of."""

    pages: Sequence[Page]
    asking: Sequence[Page]
    """Those with questions."""
    near: Sequence[Near]
    words: Mapping[str, tuple[str, ...]]
    """Of a word the words near it."""
    sharing: Mapping[str, Sequence[Place]]
    """Of a word sentences that have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quest:
    """A question, the passage that answers it, the sentence in it, and passages that do not."""

    question: str
    right: tuple[str, str]
    """Title and text."""
    sentence: str
    others: list[tuple[str, str]]
    """Passages that do not answer."""
    by_title: bool = False
    """Whether nothing but a title tells the right one."""


def _lines(material: Material, mix: Mix, rng: random.Random) -> Quest:
    size, amounts = rng.randint(1, 4), rng.random() < AMOUNTS
    words = [w for _ in range(8) for w in re.findall(r"[\w-]{3,}", rng.choice(rng.choice(material.pages).sentences))]
    words = [word for word in dict.fromkeys(words) if word.lower() not in STOP]
    rng.shuffle(words)
    lines = [("", " ".join(words[i : i + size]) + _amount(rng) * amounts) for i in range(0, len(words) - size, size)]
    if not lines:
        return _lines(material, mix, rng)
    right = lines[0]
    return Quest(question=few(right[1], rng), right=right, sentence=right[1], others=lines[1:])


def _amount(rng: random.Random) -> str:
    """The second column of a table: a number with its unit."""
    return (
        f"{rng.choice((' |', ':'))} {_number(rng.choice(('7', '4.5', '25', '120', '1,500')), rng)} {rng.choice(UNITS)}"
    )


def few(text: str, rng: random.Random) -> str:
    """One to three of the words of a line, none of its amount."""
    words = re.findall(r"[\w-]{3,}", text.partition(" |")[0].partition(":")[0])
    return " ".join(rng.sample(words, min(len(words), rng.randint(1, 3))))


def _words(material: Material, mix: Mix, rng: random.Random) -> Quest:
    page = rng.choice(material.pages)
    sentence = rng.choice(page.sentences)
    return _quest(keywords_question(sentence, material.words, rng), sentence, page, material, mix, rng)


def _turned(material: Material, mix: Mix, rng: random.Random) -> Quest:
    drawn = _drawn(material, rng, lambda sentence: turned_round(sentence, rng))
    if not drawn:
        return _words(material, mix, rng)
    page, sentence, question = drawn
    return _quest(replaced(question, material.words, 0.15, rng), sentence, page, material, mix, rng)


def _near(material: Material, mix: Mix, rng: random.Random) -> Quest:
    if not material.near:
        return _words(material, mix, rng)
    pair = rng.choice(material.near)
    claim = pair.claim if rng.random() < 0.7 else keywords_question(pair.claim, material.words, rng)
    return _quest(claim, pair.sentence, pair.page, material, mix, rng)


def _asked(material: Material, mix: Mix, rng: random.Random) -> Quest:
    """A question that a person wrote; beside its answer stand answers to other questions of the page."""
    if not material.asking:
        return _words(material, mix, rng)
    page = rng.choice(material.asking)
    one = rng.choice(page.asked)
    beside = [sentence for other in page.asked if other is not one for sentence in other.sentences]
    return _quest(one.question, one.sentences[0], page, material, mix, rng, one.sentences, beside)


def _heading(material: Material, mix: Mix, rng: random.Random) -> Quest:
    """A heading as the question; no title gives it away."""
    page = rng.choice(material.pages)
    if not page.subject:
        return _words(material, mix, rng)
    sentence = page.sentences[min(len(page.sentences) - 1, rng.randint(0, 2))]
    others = [("", text) for _, text in _elsewhere(material, mix, rng)]
    asked = rng.choice(("{}", "What is {}?", "What is said about {}?", "Tell me about {}.")).format(short(page.subject))
    return Quest(question=asked, right=("", sentence), sentence=sentence, others=others)


def _symbol(material: Material, mix: Mix, rng: random.Random) -> Quest:
    drawn = _drawn(material, rng, _SYMBOL.findall)
    if not drawn:
        return _words(material, mix, rng)
    page, sentence, names = drawn
    name = rng.choice(names)
    quest = _quest(rng.choice(_USES).format(name), sentence, page, material, mix, rng)
    return replace(quest, others=[(title, text) for title, text in quest.others if name not in text])


def _revised(material: Material, mix: Mix, rng: random.Random) -> Quest:
    """One of two versions, told apart by their titles; where only the other is shown, the question has no answer."""
    drawn = _drawn(material, rng, _NUMBER.findall)
    if not drawn:
        return _words(material, mix, rng)
    page, sentence, amounts = drawn
    amount = rng.choice(amounts)
    other = sentence.replace(amount, _number(amount, rng))
    one, two = rng.choice(_VERSIONS)(rng)
    asked = keywords_question(sentence.replace(amount, ""), material.words, rng).rstrip("?.")
    form, title = rng.choice(("{} ({})", "{}, {}", "{} {}")), short(page.subject)
    return Quest(
        question=rng.choice(("{}, {}?", "{} in {}?", "{} ({})", "According to {1}: {0}?")).format(asked, one),
        right=(form.format(title, one), sentence),
        sentence=sentence,
        others=[(form.format(title, two), other)] * (other != sentence) + _elsewhere(material, mix, rng),
        by_title=True,
    )


def _drawn(material: Material, rng: random.Random, find: Callable[[str], Any]) -> tuple[Page, str, Any] | None:
    """A page, a sentence of it and what is found in it; None where TRIES sentences hold nothing of the kind."""
    for _ in range(TRIES):
        page = rng.choice(material.pages)
        sentence = rng.choice(page.sentences)
        found = find(sentence)
        if found:
            return page, sentence, found
    return None


def _number(like: str, rng: random.Random) -> str:
    """Another number of the same form.

    >>> _number("1,500", random.Random(2))
    '1,226'
    """
    return re.sub(r"\d", lambda _: str(rng.randint(1, 9)), like)


def _years(rng: random.Random) -> list[str]:
    return [str(year) for year in rng.sample(range(1990, 2027), 2)]


def _releases(rng: random.Random) -> list[str]:
    return [f"version {rng.randint(1, 9)}.{minor}" for minor in rng.sample(range(10), 2)]


_VERSIONS = (_years, _releases)


QUESTS: dict[str, Callable[[Material, Mix, random.Random], Quest]] = {
    "lines": _lines,
    "words": _words,
    "turned": _turned,
    "near": _near,
    "asked": _asked,
    "heading": _heading,
    "symbol": _symbol,
    "revised": _revised,
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
) -> Quest:
    """The sentence alone or among its neighbours in `run`; up to four others are of `beside`. Default: the page's."""
    title, alone = short(page.subject), rng.random() >= mix.runs
    run, beside = page.sentences if run is None else run, page.sentences if beside is None else beside
    right = (title, sentence if alone else " ".join(_around(run, sentence, rng)))
    same = [(title, _part(beside, alone, rng)) for _ in range(rng.randint(0, 4) if beside else 0)]
    alike = _alike(question, page, material, alone, rng) if rng.random() < ALIKE else []
    close = same + alike
    rng.shuffle(close)
    others = close + _elsewhere(material, mix, rng, alone)
    return Quest(question=question, right=right, sentence=sentence, others=others)


def _elsewhere(material: Material, mix: Mix, rng: random.Random, alone: bool = True) -> list[tuple[str, str]]:
    """Passages of any pages; half of the time all of one page."""
    pages = [rng.choice(material.pages) for _ in range(mix.passages[1])]
    if rng.random() < 0.5:
        pages = pages[:1] * len(pages)
    return [(short(page.subject), _part(page.sentences, alone, rng)) for page in pages]


def _alike(question: str, page: Page, material: Material, alone: bool, rng: random.Random) -> list[tuple[str, str]]:
    """Up to three passages on other subjects that share a rare word with the question."""
    words = {w for w in re.findall(r"[a-z]{4,}", question.lower()) if w in material.sharing}
    rare = sorted(words, key=lambda word: (len(material.sharing[word]), word))[:3]
    found = [rng.choice(material.sharing[rng.choice(rare)]) for _ in range(rng.randint(1, 3) if rare else 0)]
    size = 1 if alone else rng.randint(2, 3)
    return [
        (short(other.subject), " ".join(other.sentences[place : place + size]))
        for other, place in found
        if other.subject.lower() != page.subject.lower()
    ]


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


def short(title: str) -> str:
    """The last part of a title.

    >>> short("Chemistry 2e — Kinetics: Collision Theory")
    'Collision Theory'
    """
    return re.split(r"[:—] ", title)[-1].strip()
