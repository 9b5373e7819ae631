"""Statements that may stand without evidence, since they say nothing on the matter.

Their kind alone does not tell: a heading, a question or "I hope ..." can carry any claim. So an aside is of the kind
meta or refusal, or a question, and all its words of content stand in what is known (the question, the titles of the
passages) or are words for speaking of answers; it holds no marker, no quote, no number that is not known, and, unless
it asks or refuses, neither a negation nor a verb that says how things are.
"""

from __future__ import annotations

import re

from glossator.citations.kinds import content_words
from glossator.records import Statement

_SPOKEN = frozenset(
    "able addressed afraid above according ask available based below cannot can't certainly clarify contain contains "
    "couldn't cover covered covers course data describe described describes detail detailed details determine didn't "
    "discuss discussed doesn't don't enough everything evidence excerpt excerpts exact exactly feel follow follows "
    "free full fully further give given gives glad good great happy help helpful helps here's hope however i'd i'll "
    "i'm i've include included includes insufficient key know let like locate main material materials mention "
    "mentioned mentions more need no notes nothing overview part please point points present question questions "
    "quote quoted quotes reading ready reference references relevant reply result results retrieved said say says "
    "search searched section sections short shown sorry specific specifically specified specify state stated states "
    "sufficient suggest sum summarise summarize summary sure tell text texts thank thanks unable unfortunately want "
    "well whether wish".split()
)
_NUMBER = re.compile(r"\d+")
_SAYS = re.compile(
    r"\b(?:not|never|no|none|nor|cannot|without)\b|n[’']t\b"
    r"|(?<!here )(?<!this )(?<!answer )\b(?:is|are|was|were|has|have|had|does|do|did|can|could|may|might|must|shall|"
    r"should|will|would)\b(?! you\b)",
    re.IGNORECASE,
)


def is_aside(statement: Statement, known: str) -> bool:
    """Whether a statement makes no claim; `known` is the question with the titles of what was shown.

    >>> def aside(text, kind):
    ...     return is_aside(Statement(text=text, start=0, end=1, claim=text, kind=kind), "Does iron help?")
    >>> aside("Here is what I found:", "meta"), aside("## Iron", "meta"), aside("## Iron does help", "meta")
    (True, True, False)
    >>> aside("I cannot say.", "refusal"), aside("I cannot say, but zinc does.", "refusal")
    (True, False)
    """
    if statement.citations or statement.misquoted or "“" in statement.text:
        return False
    asks, words = statement.claim.endswith("?"), statement.claim
    if not (asks or statement.kind in ("meta", "refusal")):
        return False
    if content_words(words) - content_words(known) - _SPOKEN or set(_NUMBER.findall(words)) - set(
        _NUMBER.findall(known)
    ):
        return False
    return asks or statement.kind == "refusal" or not _SAYS.search(words)
