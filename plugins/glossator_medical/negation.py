"""Does an answer deny what its source denies, and nothing else?

Every clause of a statement is laid beside the cited clause that shares most of its words; both must hold the same
number of negations. "Unsafe" is a negation beside "safe".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glossator import Answer, Question, Score, cited_words, unmask

_NEGATION = frozenset(
    "no not never none neither nothing nobody nowhere without cannot avoid avoided avoiding avoids forbidden prohibited"
    " contraindicated contraindication contraindications contraindicate contraindicates".split()
)
_PREFIXES = ("contra", "non", "un", "in", "im", "ir", "il", "dis")
_STOP = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her his if in into is it its may"
    " might must of on or shall she should so such than that the their them then there these they this those to was"
    " were which while who will with would you your nor".split()
)
_NO_NEGATIONS = re.compile(
    r"\bno\. ?(?=\d)|\bnot only\b|\bwith or without\b|\bwhether or not\b|\bnot exceed(?:ing)?\b|^ ?(?:no|yes), "
    r"|\b(?:not|no|never)(?: \w+)? (?:more|less|fewer|longer|later|greater|higher|lower) than\b"
)
_CONTRACTED = re.compile(r"\b(do|does|did|is|are|was|were|should|would|could|must|has|have|had|wo|need|ca)n'?t\b")
_NOR = re.compile(r"(?<![a-z,] )\bnor (?=(?:do|does|did|is|are|was|were|can|may|must|shall|should|will)\b)")
_HYPHEN = re.compile(r"\b(contra|non|un)-(?=[a-z])")
_VERB = "is|are|was|were|be|should|must|can|may|will|has|have|does|do|need|needs|cannot"
_CLAUSE = re.compile(
    r"[.;:!?|]+(?:\s|$)|\n+"
    r"|, (?:so|because|but|which|who|where|while|whereas|although|since|unless|except|however|yet)\b"
    rf"|, (?=(?:the|an?|it|they|there|this|that|these|those|such|each) (?:[^\s,]+ ){{0,5}}(?:{_VERB})\b)"
    rf"|,? (?:and|or) (?=(?:[^\s,]+ ){{1,6}}(?:{_VERB})\b)"
    r"|\b(?:but|whereas|although|because|however)\b"
)
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Clause:
    """The words that say something, and how often they are denied."""

    content: frozenset[str]
    negations: int

    def likeness(self, other: Clause) -> tuple[int, float, bool]:
        """Shared words, their share of all, and whether both deny alike: the last only decides between equals."""
        shared = len(self.content & other.content)
        return shared, shared / max(1, len(self.content | other.content)), self.negations == other.negations


def negation_faithful(question: Question, answer: Answer) -> Score:
    """Share of the statements that deny exactly what the cited clauses deny; None when nothing is denied anywhere."""
    verdicts = [_verdict(statement.claim, cited_words(statement, answer)) for statement in answer.statements]
    known = [verdict for verdict in verdicts if verdict is not None]
    if not known:
        return Score(name="negation_faithful", value=None, why="no negation in the statements or the clauses they cite")
    return Score(
        name="negation_faithful", value=sum(known) / len(known), why=f"{sum(known)} of {len(known)} deny what is denied"
    )


def _verdict(claim: str, cited: Sequence[str]) -> bool | None:
    """None when neither side denies anything."""
    said, held = _clean(claim), [_clean(text) for text in cited]
    said_words, held_words = _words(said), {word for text in held for word in _words(text)}
    clauses = [clause for text in held for clause in _clauses(text, said_words)]
    index = _index(clauses)
    pairs = [(clause, _nearest(clause, clauses, index)) for clause in _clauses(said, held_words)]
    denied = [(clause.negations, near.negations) for clause, near in pairs if clause.negations or near.negations]
    return all(one == other for one, other in denied) if denied else None


def _clean(text: str) -> str:
    """Quotes and markers stay in words; what only looks like a negation is taken out."""
    lines = "\n".join(unmask(line) for line in text.split("\n"))
    return _NO_NEGATIONS.sub(" ", _NOR.sub("not ", _HYPHEN.sub(r"\1", _CONTRACTED.sub(r"\1 not", lines))))


def _clauses(text: str, others: set[str]) -> list[Clause]:
    """The clauses of a text. A prefixed word ("unsafe") is a negation when the other side has it bare."""
    made = []
    for part in filter(None, _CLAUSE.split(text)):
        words = _WORD.findall(part)
        bare = [_bare(word, others) for word in words]
        content = frozenset(_stem(word) for word in bare if word not in _NEGATION and word not in _STOP)
        negations = sum(word in _NEGATION for word in words)
        negations += sum(new != word and word not in _NEGATION for new, word in zip(bare, words, strict=True))
        if content or negations:
            made.append(Clause(content, negations))
    return list(dict.fromkeys(made))


def _bare(word: str, others: set[str]) -> str:
    if word in others:
        return word
    return next((word[len(p) :] for p in _PREFIXES if word.startswith(p) and word[len(p) :] in others), word)


def _index(clauses: Sequence[Clause]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for place, clause in enumerate(clauses):
        for word in clause.content:
            index.setdefault(word, []).append(place)
    return index


def _nearest(clause: Clause, clauses: Sequence[Clause], index: dict[str, list[int]]) -> Clause:
    places = {place for word in clause.content for place in index.get(word, ())}
    return max((clauses[place] for place in places), key=clause.likeness, default=Clause(frozenset(), 0))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
