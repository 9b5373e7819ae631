"""Questions made of a sentence: its words, some of them replaced by near ones, or the sentence turned round."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

STOP = frozenset(
    "the and for with that this from are was were has have had its their which when what than then they them these"
    " those not can may will would could should into also such been being but who whom how why where there here each"
    " any all some more most other one two use used using between because about after before during while only"
    " very".split()
)
_QUERIES = (
    "What about {}?",
    "What is said about {}?",
    "{}",
    "{}",
    "How are {} related?",
    "Tell me about {}.",
    "Which sentence mentions {}?",
    "When or why {}?",
    "What does the text say on {}?",
)
_PREDICATE = re.compile(
    r"(?P<subject>[^,;:()]{3,60}?) (?P<verb>is|are|was|were|can|may|must|should|will|has|have|had|means|includes) "
    r"(?P<rest>.{20,}?)[.!]$"
)
_WORD = re.compile(r"[A-Za-z](?:[\w.-]*\w)?|\d(?:[\d.,]*\d)?")
_PEOPLE = re.compile(r"\b(?:[A-Z]\w+ ){1,2}(?:said|wrote|argued|was born|became|founded|discovered)\b")


def keywords(sentence: str, rng: random.Random) -> str:
    """Three to six content words of a sentence, now and then reordered, as a person would type them.

    >>> keywords("Metformin lowers glucose output of the liver.", random.Random(1))
    'Metformin lowers output liver'
    """
    words = [word for word in _WORD.findall(sentence) if len(word) > 2 and word.lower() not in STOP]
    picked = sorted(rng.sample(range(len(words)), min(len(words), rng.randint(3, 6))))
    chosen = [words[i] for i in picked]
    if rng.random() < 0.3:
        rng.shuffle(chosen)
    return " ".join(chosen)


def keywords_question(sentence: str, near: Mapping[str, tuple[str, ...]], rng: random.Random) -> str:
    """Some of a sentence's words, a third of them replaced by near ones, as a question or alone."""
    return rng.choice(_QUERIES).format(replaced(keywords(sentence, rng), near, 0.33, rng))


def replaced(text: str, near: Mapping[str, tuple[str, ...]], share: float, rng: random.Random) -> str:
    """The text with this share of its words replaced by near ones, where there are any.

    >>> replaced("the drug works", {"drug": ("medicine",)}, 1.0, random.Random(0))
    'the medicine works'
    """
    words = text.split(" ")
    return " ".join(rng.choice(near[w.lower()]) if w.lower() in near and rng.random() < share else w for w in words)


def turned_round(sentence: str, rng: random.Random) -> str:
    """The sentence as a question for its subject, or for what its subject is; empty where it has no plain verb.

    >>> turned_round("Metformin is the first drug for most adults.", random.Random(3))
    'What is the first drug for most adults?'
    """
    found = _PREDICATE.match(sentence)
    if not found:
        return ""
    if found["verb"] in ("is", "are", "means") and rng.random() < 0.2:
        verb = "are" if found["verb"] == "are" else "is"
        return rng.choice(("What {} {}?", "{1}", "Define {1}.", "What does {1} mean?")).format(verb, found["subject"])
    words = found["rest"].split()
    asking = "Who" if _PEOPLE.search(sentence) else "What"
    return f"{asking} {found['verb']} {' '.join(words[: rng.randint(5, 14)])}?"
