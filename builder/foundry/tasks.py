"""Training rows made from text by construction, in the product's own form: passages, a question, a quote or a refusal.

Questions are of many kinds: those that people wrote above an answer, words of a sentence (some replaced by near ones),
a sentence turned round, a sentence of another page that says something near, a heading, a name of code, a version. What
is shown beside the answer comes from the same page, from the answers to other questions about the same subject, from
passages that share words with the question, or from anywhere. A row may go on with more questions on the same passages:
choices are what a model learns from, and one prompt carries several.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from foundry.questions import keywords_question, replaced, turned_round
from foundry.quests import QUESTS, Material, Mix, Quest, few
from foundry.text import sentences
from glossator.citations.parse import format_citation
from glossator.domain import Prompts
from glossator.prompting import render
from glossator.records import Message, Passage

TITLED = 0.7
"""Share of rows that show titles."""
REFUSAL = "The passages do not answer this question."
PROMPTS = Prompts(system="Quote what answers.", abstention=REFUSAL)


EARLY = Mix(
    lines=0.8,
    words=0.1,
    turned=0.0,
    near=0.0,
    asked=0.05,
    heading=0.0,
    symbol=0.0,
    revised=0.0,
    read=0.05,
    missing=0.1,
    passages=(3, 6),
    runs=0.0,
    follow_ups=(6, 10),
    silent=0.0,
)
LATE = Mix(
    lines=0.05,
    words=0.12,
    turned=0.1,
    near=0.18,
    asked=0.38,
    heading=0.04,
    symbol=0.04,
    revised=0.06,
    read=0.03,
    missing=0.3,
    passages=(3, 7),
    runs=0.3,
    follow_ups=(1, 4),
    silent=0.2,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A conversation and its completion; plain text to read where there are no messages."""

    messages: tuple[Message, ...]
    completion: str
    kind: str
    follow_ups: tuple[tuple[str, str], ...] = ()
    """More questions on the same passages, each with its completion."""


def make_row(material: Material, mix: Mix, rng: random.Random) -> Row:
    """One row of the mix."""
    kinds = (*QUESTS, "read")
    kind = rng.choices(kinds, [getattr(mix, one) for one in kinds])[0]
    if kind == "read":
        return _read(material, rng)
    quest = QUESTS[kind](material, mix, rng)
    return _shown(quest, kind, material, mix, rng)


def _read(material: Material, rng: random.Random) -> Row:
    text = rng.choice(material.pages).text
    start = rng.randrange(max(1, len(text) - 1200))
    return Row(messages=(), completion=text[start : start + 1200], kind="read")


def _shown(quest: Quest, kind: str, material: Material, mix: Mix, rng: random.Random) -> Row:
    others = [one for one in dict.fromkeys(quest.others) if quest.sentence not in one[1]]
    count = rng.randint(*mix.passages)
    missing = rng.random() < mix.missing and bool(others)
    shown = others[: count - (not missing)] + ([] if missing else [quest.right])
    rng.shuffle(shown)
    titled = quest.by_title or rng.random() < TITLED
    passages = [_passage(number, title if titled else "", text) for number, (title, text) in enumerate(shown)]
    completion = REFUSAL if missing else format_citation(quest.sentence, 1 + shown.index(quest.right))
    question = quest.question if rng.random() > 0.15 else quest.question.rstrip("?.").lower()
    more = 0 if quest.by_title else rng.randint(*mix.follow_ups)
    told = " ".join(text for _, text in shown)
    spare = [text for _, text in others if not any(sentence in told for sentence in (text, *sentences(text)))]
    follow_ups = [
        _unanswered(spare, kind, material, rng)
        if spare and rng.random() < mix.silent
        else _follow_up(shown, kind, material, rng)
        for _ in range(more)
    ]
    return Row(
        messages=render(PROMPTS, question, passages), completion=completion, kind=kind, follow_ups=tuple(follow_ups)
    )


def _follow_up(shown: Sequence[tuple[str, str]], kind: str, material: Material, rng: random.Random) -> tuple[str, str]:
    """Another question on what is shown, by its words."""
    place = rng.randrange(len(shown))
    text = shown[place][1]
    if kind == "lines":
        return few(text, rng), format_citation(text, 1 + place)
    sentence = rng.choice(sentences(text) or (text,))
    question = turned_round(sentence, rng) if rng.random() < 0.4 else ""
    asked = replaced(question, material.words, 0.15, rng) or keywords_question(sentence, material.words, rng)
    return asked, format_citation(sentence, 1 + place)


def _unanswered(spare: Sequence[str], kind: str, material: Material, rng: random.Random) -> tuple[str, str]:
    """A question on what is not shown, often from a page of which something is."""
    asked, _ = _follow_up([("", rng.choice(spare))], kind, material, rng)
    return asked, REFUSAL


def _passage(number: int, title: str, text: str) -> Passage:
    return Passage(id=str(number), document_id=str(number), title=title or "Text", text=text, start=0, end=len(text))
