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

CONTEXT_WEIGHT, COPY_WEIGHT, DECISION_WEIGHT = 0.1, 0.4, 6.0
"""Below 1: the share of such tokens that give loss; above 1: how much each counts."""
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
_WHO = ("What", "What", "Which thing", "Who or what")
_PREDICATE = re.compile(
    r"(?P<subject>[^,;:()]{3,60}?) (?P<verb>is|are|was|were|can|may|must|should|will|has|have|had|means|includes) "
    r"(?P<rest>.{20,}?)[.!]$"
)
_REFUSALS = ("None of the passages says so.", "No passage mentions that.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares of the tasks at one point of the curriculum, and how much text a row holds."""

    repeat: float
    label: float
    pick: float
    asked: float
    chat: float
    read: float
    missing: float
    """Share of the questions of `pick` whose sentence is not shown."""
    passages: tuple[int, int]
    sentences: tuple[int, int]


EARLY = Mix(
    repeat=0.05, label=0.8, pick=0.05, asked=0.0, chat=0.05, read=0.05, missing=0.0, passages=(1, 2), sentences=(1, 3)
)
LATE = Mix(
    repeat=0.03, label=0.1, pick=0.57, asked=0.1, chat=0.1, read=0.1, missing=0.1, passages=(2, 5), sentences=(2, 4)
)


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
    tasks = {
        "repeat": mix.repeat,
        "label": mix.label,
        "pick": mix.pick,
        "asked": mix.asked,
        "chat": mix.chat,
        "read": mix.read,
    }
    task = rng.choices(list(tasks), list(tasks.values()))[0]
    if task == "repeat":
        return repeat(pages, rng)
    if task == "label":
        return label(pages, rng)
    if task == "read":
        return read(pages, rng)
    return {"pick": pick, "asked": asked, "chat": chat}[task](pages, mix, rng)


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


def label(pages: Sequence[Page], rng: random.Random) -> Row:
    """Numbered lines of a few words and many short questions: which line holds these words?

    The bare skill of `pick` at a tenth of its length: knowing one's line, meeting a word again, naming the line.
    """
    count, size = rng.randint(2, 6), rng.randint(1, 8)
    words = list(dict.fromkeys(w for _ in range(8) for w in rng.choice(rng.choice(pages).sentences).split()))
    words = [word for word in words if len(word) > 2 and word.lower() not in _STOP]
    rng.shuffle(words)
    lines = [line for line in (words[i * size : (i + 1) * size] for i in range(count)) if line]
    row: Row = [(_numbered([("", " ".join(line)) for line in lines]) + "\n", CONTEXT_WEIGHT / 4)]
    for _ in range(rng.randint(4, 8)):
        number = rng.randrange(len(lines))
        asked = rng.sample(lines[number], min(len(lines[number]), rng.randint(1, 3)))
        row.append((f"\nQuestion: {' '.join(asked)}\nAnswer: [", CONTEXT_WEIGHT / 4))
        row += [(str(number + 1), DECISION_WEIGHT), ("]", CONTEXT_WEIGHT)]
    return row


def pick(pages: Sequence[Page], mix: Mix, rng: random.Random) -> Row:
    """Numbered passages and several questions on them: name the passage first, then quote its sentence.

    One context carries several choices, and the tokens that choose weigh most: the number, the first words, the
    refusal. A question asks for one sentence by its words, or about something that is not shown.
    """
    context, places = scene(pages, mix, rng)
    row: Row = [(context + "\n", CONTEXT_WEIGHT)]
    for sentence, number in rng.sample(list(places.items()), min(len(places), rng.randint(1, 4))):
        missing = rng.random() < mix.missing
        asked = rng.choice(rng.choice(pages).sentences) if missing else sentence
        row.append((f"\nQuestion: {question_of(asked, rng)}\nAnswer:", CONTEXT_WEIGHT))
        row += _refusal(rng) if missing else _picked(number, sentence)
    return row


def scene(pages: Sequence[Page], mix: Mix, rng: random.Random) -> tuple[str, dict[str, int]]:
    """Numbered passages, and the number of the first passage that holds each of their sentences."""
    runs = _runs(pages, mix, rng)
    places: dict[str, int] = {}
    for number, (_, run) in enumerate(runs, 1):
        for sentence in run:
            places.setdefault(sentence, number)
    return _numbered([(title, " ".join(run)) for title, run in runs]), places


def asked(pages: Sequence[Page], mix: Mix, rng: random.Random) -> Row:
    """A question that a person wrote, with the beginning of its answer among other passages."""
    known = [page for page in pages if page.question]
    if not known:
        return pick(pages, mix, rng)
    page = rng.choice(known)
    runs = [("", page.sentences[: rng.randint(*mix.sentences)])]
    runs += [run for run in _runs(pages, mix, rng) if run[1][0] not in page.sentences][: mix.passages[1] - 1]
    rng.shuffle(runs)
    number = next(i for i, (_, run) in enumerate(runs, 1) if run[0] == page.sentences[0])
    context = _numbered([(title, " ".join(run)) for title, run in runs])
    head: Row = [(f"{context}\n\nQuestion: {page.question}\nAnswer:", CONTEXT_WEIGHT)]
    return head + _picked(number, page.sentences[0])


def question_of(sentence: str, rng: random.Random) -> str:
    """A question that the sentence answers: its own words turned round, or a few of them.

    >>> question_of("Metformin is the first drug for most adults.", random.Random(3))
    'What is the first drug for most adults?'
    """
    turned = _PREDICATE.match(sentence)
    if turned and rng.random() < 0.5:
        words = turned["rest"].split()
        return f"{rng.choice(_WHO)} {turned['verb']} {' '.join(words[: rng.randint(5, 14)])}?"
    return rng.choice(_QUERIES).format(keywords(sentence, rng))


def _picked(number: int, sentence: str) -> Row:
    words = sentence.split(" ")
    first, rest = " ".join(words[:3]), " ".join(words[3:])
    return [
        (" [", DECISION_WEIGHT),
        (str(number), DECISION_WEIGHT),
        ("]", CONTEXT_WEIGHT),
        (f" {first}", DECISION_WEIGHT / 2),
        (f" {rest}<|end|>" if rest else "<|end|>", COPY_WEIGHT),
    ]


def _refusal(rng: random.Random) -> Row:
    first, rest = rng.choice(_REFUSALS).split(" ", 1)
    return [(f" {first}", DECISION_WEIGHT), (f" {rest}<|end|>", COPY_WEIGHT)]


def chat(pages: Sequence[Page], mix: Mix, rng: random.Random) -> Row:
    """The same skills behind the chat template, without numbers: a sentence by its words or by its place."""
    runs = _runs(pages, mix, rng)
    place = rng.randrange(len(runs))
    if rng.random() < 0.6:
        target = rng.choice(runs[place][1])
        ask = f"Repeat the sentence with: {keywords(target, rng)}"
    else:
        target = " ".join(runs[place][1])
        ask = f"Repeat passage {place + 1}."
    context = _numbered([(title, " ".join(run)) for title, run in runs])
    user = f"<|system|>\nYou work with text.<|end|>\n<|user|>\n{context}\n\n{ask}<|end|>\n<|assistant|>\n"
    return [(user, CONTEXT_WEIGHT), (f"“{target}”<|end|>", 1.0)]


def _runs(pages: Sequence[Page], mix: Mix, rng: random.Random) -> list[tuple[str, tuple[str, ...]]]:
    """Passages as (title, sentences), no two the same."""
    same = rng.random() < 0.5  # distractors of the same page share words with the target
    page = rng.choice(pages)
    chosen = [page if same else rng.choice(pages) for _ in range(rng.randint(*mix.passages))]
    runs = {(_short(p.title), _run(p, mix, rng)): None for p in chosen}
    return list(runs)


def _short(title: str) -> str:
    return re.split(r"[:—] ", title)[-1].strip()


def _run(page: Page, mix: Mix, rng: random.Random) -> tuple[str, ...]:
    size = rng.randint(*mix.sentences)
    start = rng.randrange(max(1, len(page.sentences) - size))
    return page.sentences[start : start + size]


def _numbered(passages: Sequence[tuple[str, str]]) -> str:
    lines = (f"{title}: {text}" if title else text for title, text in passages)
    return "\n".join(f"[{number}] {line}" for number, line in enumerate(lines, 1))
