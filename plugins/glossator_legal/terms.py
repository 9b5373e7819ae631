"""Does an answer that says what a defined term means keep the words of the definition?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from glossator import Answer, Passage, Question, Score, Statement, fold, unmask, visible
from glossator_legal.sources import cited_passages

LEAST_KEPT = 0.9
"""Share of the stated content words that the definition must hold."""

_MEANS = r"(?:means|shall mean|(?:is|are) defined (?:as|to mean)|denotes?|refers? to)"
_DEFINITION = re.compile(
    r"(?:[“\"‘'*]{1,3}(?P<quoted>[^“”\"‘*\n]{1,80}?)[”\"’'*]{1,3}"
    r"|(?<![\w’'])(?P<capital>(?:[A-Z][\w-]{0,40} ){0,5}[A-Z][\w-]{0,40}))"
    rf",? {_MEANS}\b:?"
)
_STATED = re.compile(rf"[\"'*]{{0,3}},? {_MEANS}\b:?")
_ENDS = re.compile(r"\n\s*\n|\n\s{0,4}\d{1,3}\.\d|\n#")
_NUMBERS = {
    word: str(value) for value, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
}
_NUMBERS |= {
    "eleven": "11",
    "twelve": "12",
    "fourteen": "14",
    "twenty": "20",
    "thirty": "30",
    "sixty": "60",
    "ninety": "90",
}
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_NEGATION = frozenset(
    "no not never without neither nor none except excluding excludes exclude unless cannot non".split()
)
_NOT = re.compile(r"\b(do|does|did|is|are|was|were|should|would|could|must|has|have|had|wo|need|ca)n'?t\b")
_STOP = frozenset(
    "a an and are as at be been but by can could do does for from had has have if in into is it its may might must"
    " of on or shall should so such than that the their them then there these they this those to was were which"
    " while who will with would".split()
)


def terms_kept(question: Question, answer: Answer) -> Score:
    """Share of the stated definitions that keep the words, numbers and negations of the source's definition."""
    verdicts = [kept for statement in answer.statements for kept in _verdicts(statement, answer)]
    if not verdicts:
        return Score(name="terms_kept", value=None, why="no defined term is explained")
    return Score(name="terms_kept", value=sum(verdicts) / len(verdicts), why=f"{sum(verdicts)} of {len(verdicts)} kept")


def definitions(passages: Iterable[Passage]) -> dict[str, list[str]]:
    """Each defined term with its definitions, folded.

    A definition ends where the next one, a new clause or a new paragraph begins.
    """
    made: dict[str, list[str]] = {}
    for passage in passages:
        text = visible(passage.text)
        found = list(_DEFINITION.finditer(text))
        ends = [after.start() for after in found[1:]] + [len(text)]
        for here, after in zip(found, ends, strict=False):
            end = _ENDS.search(text, here.end(), after)
            words = text[here.end() : end.start() if end else after]
            made.setdefault(fold(here["quoted"] or here["capital"]), []).append(words)
    return made


def _verdicts(statement: Statement, answer: Answer) -> Iterator[bool]:
    """For every defined term that the statement explains: whether the explanation keeps to the definition.

    Of several shown definitions those of the cited passages count.
    """
    claim = fold(statement.claim)
    stated = list(_STATED.finditer(claim))
    if not stated:
        return
    cited, shown = definitions(cited_passages([statement], answer)), definitions(answer.passages)
    for here, after in zip(stated, [*(s.start() for s in stated[1:]), len(claim)], strict=True):
        term = _term_before(claim[max(0, here.start() - 90) : here.start()], shown)
        if term:
            yield any(_keeps(claim[here.end() : after], words) for words in cited.get(term) or shown[term])


def _term_before(text: str, known: Iterable[str]) -> str:
    ends = [term for term in known if text.endswith(term) and not text[: -len(term)][-1:].isalnum()]
    return max(ends, key=len, default="")


def _keeps(stated: str, definition: str) -> bool:
    said, held = _words(stated), _words(definition)
    content = [word for word in said if word not in _STOP and word not in _NEGATION]
    if not content:
        return False
    known = set(held)
    recall = sum(word in known for word in content) / len(content)
    same_numbers = _counted(said) <= _counted(held)
    return recall >= LEAST_KEPT and same_numbers and _denials(said) == _denied(held, set(content))


def _words(text: str) -> list[str]:
    return [_NUMBERS.get(word, word) for word in _WORD.findall(_NOT.sub(r"\1 not", unmask(text)))]


def _counted(words: list[str]) -> set[tuple[str, str]]:
    """Each number with the word it counts: "30 days" is not "30 months"."""
    return {(word, after) for word, after in zip(words, [*words[1:], ""], strict=True) if word[0].isdigit()}


def _denials(words: list[str]) -> int:
    return sum(word in _NEGATION for word in words)


def _denied(held: list[str], said: set[str]) -> int:
    """The negations of the definition whose next two content words were stated, so that they must be stated too."""
    count, ahead = 0, list[str]()
    for word in reversed(held):
        if word in _NEGATION:
            count += bool(ahead) and all(near in said for near in ahead)
        elif word not in _STOP:
            ahead = [word, *ahead[:1]]
    return count
