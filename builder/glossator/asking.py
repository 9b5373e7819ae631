"""Sentences -> the questions that they answer, by the form of the sentence. English only, no model, no meaning.

    >>> ask("A queen excluder is a grid that only workers pass.", proper=frozenset()).text
    'What is a queen excluder?'

A sentence whose form is not known gives no question: a starter set may be small, but must not be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question and what is known about its answer."""

    text: str
    form: str
    """Which rule made it: "definition", "figure", "reason" and so on."""
    answer: str = ""
    """Short words that a right answer holds; empty where none are sure."""


_ONES = "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty ninety"
_COUNT = rf"(?:\d[\d.,]*\d|\d|(?:{'|'.join(_ONES.split())})(?:-[a-z]+)?)(?: (?:hundred|thousand|million))?"
_ROUGHLY = r"(?:about|around|roughly|nearly|only|at least|at most|up to|more than|less than|no more than|between) "
_AMOUNT = rf"(?:{_ROUGHLY})?(?P<number>{_COUNT}(?:(?: to | or | and |–|-){_COUNT})?)"
_SUBJECT = r"^(?P<subject>[A-Z0-9][^,;:()|]{1,60}?) "
_TIME = r"(?P<unit>(?:second|minute|hour|day|night|week|month|season|year|decade)s?)"
_BE = r"(?P<be>is|are|must be|should be|may be|can be)"
_DONE = r"(?P<done>[a-z]+(?:ed|en|wn|pt|ld|lt|id|ut|ung|ound))(?P<rest>(?: [a-z]+){0,3}?)"
_SEASONS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|spring|summer|autumn|winter"
)
_HOLDS = "have hold contain need lay carry make cover include require collect visit eat use get take produce give"
_DURES = "take last live stay need keep sleep remain"

_DEFINITION = re.compile(rf"{_SUBJECT}(?P<be>is|are) (?:an?|the|one of) \S+ .+\.$")
_PURPOSE = re.compile(rf"{_SUBJECT}(?P<be>is|are) used (?P<word>to|for|as) (?!{_ROUGHLY}|{_COUNT}\b)")
_LONG = re.compile(rf"{_SUBJECT}(?P<verb>{'|'.join(f'{v}s?' for v in _DURES.split())}) (?:for )?{_AMOUNT} {_TIME}\b")
_SIZE = re.compile(
    rf"{_SUBJECT}(?P<be>is|are) {_AMOUNT} (?P<unit>[a-z]+) (?P<how>long|wide|high|deep|tall|thick|old|apart)\b"
)
_WEIGHT = re.compile(rf"{_SUBJECT}(?P<verb>weighs?|costs?) {_AMOUNT} (?P<unit>[a-z]+)")
_TERM = re.compile(rf"{_SUBJECT}{_BE} {_DONE} (?P<word>within|after|for|at) {_AMOUNT} (?P<unit>[a-z]+s)\b")
_OFTEN = re.compile(
    rf"{_SUBJECT}{_BE} {_DONE} (?:{_ROUGHLY})?(?P<answer>every [a-z0-9 ]+|once an? [a-z]+|twice an? [a-z]+)"
)
_MANY = re.compile(
    rf"{_SUBJECT}(?P<verb>has|{'|'.join(f'{v}s?' for v in _HOLDS.split())}) {_AMOUNT} "
    r"(?P<unit>(?:[a-z]+ ){0,2}?[a-z]+s(?: of [a-z]+)?)\b"
)
_REASON = re.compile(
    rf"{_SUBJECT}(?P<be>is|are|must|should|can|may|cannot) (?P<rest>[^,;:]{{3,80}}?),? "
    r"because (?:of )?(?P<answer>.+)\.$"
)
_WHEN = re.compile(
    rf"{_SUBJECT}{_BE} {_DONE} (?P<answer>(?:when|before|until|as soon as|once|in (?:{_SEASONS})\b).*)\.$"
)
_BARRED = re.compile(rf"{_SUBJECT}(?P<be>is|are|may|can|must|should) not (?P<rest>[^,;:]{{3,70}})\.$")

_NO_SUBJECT = frozenset(
    "a about after all although an and another any as at because before below both but by each either every few for "
    "from he her here his how however i if in into it its many more most much neither no none nor not of on once one "
    "only or other others our several she since so some such that their them then there these they this those to "
    "until very we what when where which while who whose why with without you your".split()
)
_ARTICLES = frozenset({"a", "an", "the", "every", "each", "all", "most", "many", "some", "two", "three", "both"})
_HANGING = frozenset(
    "and are because but can could if is may might must not of or should than that the to was were when which who "
    "whose will with would".split()
)
_QUESTION_WORDS = ("How ", "What ", "When ", "Where ", "Which ", "Who ", "Why ")
_SUBJECT_WORDS = 7


def ask(sentence: str, proper: Collection[str]) -> Asked | None:
    """The question that a sentence answers, or None when its form is not known.

    `proper` holds the words that keep their capital inside a sentence.
    """
    bare = plain(sentence)
    for pattern, make in _FORMS:
        found = pattern.search(bare)
        if found and _can_be_asked_about(found["subject"]):
            return make(found, in_sentence(found["subject"], proper))
    return None


def ask_row(head: tuple[str, ...], cells: tuple[str, ...]) -> Asked | None:
    """The question that a row of a table answers: its second column for its first cell."""
    if len(head) < 2 or len(cells) < 2 or not all(re.search("[^\\W\\d_]", cell) for cell in (head[1], *cells[:2])):
        return None
    text = f"What does the table give as {plain(head[1]).lower()} for {plain(cells[0])}?"
    return Asked(text=text, form="table", answer=plain(cells[1]))


def ask_heading(heading: str, title: str, proper: Collection[str]) -> Asked:
    """What a document says about a heading of its own; a heading that is a question is asked as it stands."""
    bare = plain(heading)
    if bare.startswith(_QUESTION_WORDS) or bare.endswith("?"):
        return Asked(text=f"{bare.rstrip('?')}?", form="heading")
    topic = in_sentence(bare, proper)
    text = f"What is said about {topic}?" if bare == plain(title) else f"What does “{plain(title)}” say about {topic}?"
    return Asked(text=text, form="heading")


def plain(text: str) -> str:
    """The words without list marks, emphasis and doubled spaces.

    >>> plain("- **Smoke**  calms bees.")
    'Smoke calms bees.'
    """
    return " ".join(re.sub(r"^(?:[-*•+]|\d{1,3}[.)]|#{1,6}) +|[*`]|\b_|_\b", "", text.strip()).split())


def in_sentence(words: str, proper: Collection[str]) -> str:
    """The words as they stand inside a sentence: no capital that only the beginning gave.

    >>> in_sentence("Smoke", frozenset()), in_sentence("GDPR", frozenset()), in_sentence("Oslo", {"Oslo"})
    ('smoke', 'GDPR', 'Oslo')
    """
    first = words.split(" ", 1)[0]
    keeps = first.lower() not in _ARTICLES and (first in proper or not first[1:].islower())
    return words if keeps or not first[:1].isupper() else words[0].lower() + words[1:]


def proper_words(texts: Iterable[str]) -> frozenset[str]:
    """Words with a capital in the middle of a sentence: names, which keep it."""
    return frozenset(found[1] for text in texts for found in re.finditer(r"(?<=[a-z,] )([A-Z][\w'’-]*)", text))


def _can_be_asked_about(subject: str) -> bool:
    words = subject.lower().split()
    opened = words[1:] if words[0] in ("a", "an", "the", "every", "each", "all", "most") else words
    if not opened or opened[0] in _NO_SUBJECT or len(words) > _SUBJECT_WORDS:
        return False
    return not _HANGING.intersection(opened) - {"of", "and", "with", "the"} and opened[-1] not in _HANGING


def _base(verb: str) -> tuple[str, str]:
    """`do` or `does`, and the verb that follows it."""
    if verb == "has":
        return "does", "have"
    return ("does", verb[:-1]) if verb.endswith("s") else ("do", verb)


def _be(found: re.Match[str]) -> tuple[str, str]:
    """What comes before the subject, and the rest of the verb that comes after it."""
    first, _, second = found["be"].partition(" ")
    return first, f"{second} " if second else ""


def _definition(found: re.Match[str], subject: str) -> Asked | None:
    return Asked(text=f"What {found['be']} {subject}?", form="definition") if len(subject.split()) <= 4 else None


def _purpose(found: re.Match[str], subject: str) -> Asked:
    word = {"to": "for"}.get(found["word"], found["word"])
    return Asked(text=f"What {found['be']} {subject} used {word}?", form="purpose")


def _long(found: re.Match[str], subject: str) -> Asked:
    do, verb = _base(found["verb"])
    return Asked(text=f"How long {do} {subject} {verb}?", form="figure", answer=f"{found['number']} {found['unit']}")


def _size(found: re.Match[str], subject: str) -> Asked:
    how = "far apart" if found["how"] == "apart" else found["how"]
    answer = f"{found['number']} {found['unit']}"
    return Asked(text=f"How {how} {found['be']} {subject}?", form="figure", answer=answer)


def _weight(found: re.Match[str], subject: str) -> Asked:
    do, verb = _base(found["verb"])
    return Asked(text=f"How much {do} {subject} {verb}?", form="figure", answer=f"{found['number']} {found['unit']}")


def _term(found: re.Match[str], subject: str) -> Asked:
    first, second = _be(found)
    asked = f"{found['word'].capitalize()} how many {found['unit']} {first} {subject} {second}{found['done']}"
    return Asked(text=f"{asked}{found['rest']}?", form="figure", answer=f"{found['number']} {found['unit']}")


def _often(found: re.Match[str], subject: str) -> Asked:
    first, second = _be(found)
    return Asked(text=f"How often {first} {subject} {second}{found['done']}{found['rest']}?", form="figure")


def _many(found: re.Match[str], subject: str) -> Asked | None:
    if found["number"] in ("one", "1"):
        return None
    do, verb = _base(found["verb"])
    answer = f"{found['number']} {found['unit']}"
    return Asked(text=f"How many {found['unit']} {do} {subject} {verb}?", form="figure", answer=answer)


def _reason(found: re.Match[str], subject: str) -> Asked:
    be, rest = ("can", f"not {found['rest']}") if found["be"] == "cannot" else (found["be"], found["rest"])
    return Asked(text=f"Why {be} {subject} {rest}?", form="reason", answer=found["answer"])


def _when(found: re.Match[str], subject: str) -> Asked:
    first, second = _be(found)
    return Asked(text=f"When {first} {subject} {second}{found['done']}{found['rest']}?", form="time")


def _barred(found: re.Match[str], subject: str) -> Asked:
    be = "may" if found["be"] == "must" else found["be"]
    return Asked(text=f"{be.capitalize()} {subject} {found['rest']}?", form="yes or no")


_Maker = Callable[[re.Match[str], str], "Asked | None"]
_FORMS: tuple[tuple[re.Pattern[str], _Maker], ...] = (
    (_REASON, _reason),
    (_PURPOSE, _purpose),
    (_LONG, _long),
    (_SIZE, _size),
    (_WEIGHT, _weight),
    (_TERM, _term),
    (_OFTEN, _often),
    (_MANY, _many),
    (_WHEN, _when),
    (_BARRED, _barred),
    (_DEFINITION, _definition),
)
