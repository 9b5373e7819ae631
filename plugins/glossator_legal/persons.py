"""Is a question about the asker's own affairs, and does it ask for more than what a named source says?

The patterns of `refusals` know many wordings of advice, but nobody can list them all. So a question about the asker
("my ex", "we", "they refused my refund") is held for advice unless it names a source to read (a statute, an article, a
jurisdiction, a document or party by its name), or every clause that asks has a general form.
"""

from __future__ import annotations

import re

from glossator import fold, unmask, visible

_FRAMES = re.compile(
    r"(?:(?<![a-z] )|(?<=please )|(?<=you )|(?<=and )|(?<=to )|(?<=then )|(?<=just )|(?<=now )|(?<=rules )|(?<=also ))"
    r"\b(?:tell|show|give|teach|explain to|explain|remind|help|ask|send|read|quote|cite|find|list|name)(?: to)? me\b"
    r"|\blet me know\b|\basked me\b|\bhelp me (?:to )?understand\b"
    r"|\bi(?: am|'m) (?:an? )?(?:[\w-]+ ){0,2}?(?:lawyer|solicitor|student|paralegal|barrister|judge|teacher|writer"
    r"|researcher|trainee|journalist)\b"
    r"|\bi(?: am|'m)(?: currently| just)? (?:writing|preparing|revising|learning|reading|studying|researching"
    r"|curious|interested|wondering)\b"
    r"|\bi(?:'d| would)? (?:like|want|need|wish|love)(?: to)? (?:know|understand|learn|read|see)\b|\bi (?:read|heard"
    r"|learned|learnt|wonder|wondered|see|saw|know|understand|think) (?:that|about|of|in|on|how|why|what|the)\b"
    r"|\b(?:can|could|may|might) i ask\b|\bmy (?:course|teacher|class|essay|exam|textbook|book|lecture|lecturer"
    r"|tutor|question|homework|notes|thesis|study|presentation|quiz)\b"
)
"""Words of the asker about the asking."""
_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|us|our|ours|he|she|him|he's|she's)\b")
_SOURCE = re.compile(
    r"\b(?:gdpr|ucta|article \d|art\. ?\d|articles \d|sections? \d|s\. ?\d|clauses? \d|english law|england|english"
    r"|scotland|scottish|wales|welsh|uk"
    r"|united kingdom|great britain|eu|european|act|regulations|directive|case law|statute|mit|apache|gpl|lgpl|bsd"
    r"|promissory estoppel|postal rule)\b"
    r"|\bdata breach(?:es)?\b|\bpersonal data\b|\b(?:access|erasure|deletion) request|\bportability\b|\b(?:1[6-9]"
    r"|20)\d\d\b"
)
_NAME = re.compile(r"(?<=[a-z0-9,;:'’)] )(?!I\b)[A-Z][a-z]{2,}")
"""A name: capitalised inside a sentence that is not written in capitals throughout."""
_ENDS = re.compile(
    r"(?<=[?!.;])\s+|\n+|, (?=(?:should|shall|can|could|may|must|might|would|will|do|does|is|are|am|has|have|what"
    r"|which|how|when|why|where|who)\b)|: "
)
_MANNER = re.compile(
    r"(?:and |or |so |please |but |then )*(?:how (?:long|soon|many|quickly|often|far|late|early)\b|(?:by )?when\b"
    r"|where\b|what time"
    r"|(?:for|at|in|with|on|after|before|from|until|under|within) (?:what|which|how|when)\b|how (?:do|can|does"
    r"|would) (?:i|we|one|you)\b(?!.*\b(?:him|her|my|our|me|us)\b))"
)
_FACT = re.compile(
    r"(?:and |or |so |please |but |then )*(?:what|which|who|whose|why|how|is|are|does|do|did|can|could|should|may"
    r"|might|must|will|would|was|were|has|have)\b"
)
_DUTY = re.compile(
    r"(?:and |or |so |please |but |then )*(?:do|does|did|what do|what does) (?:i|we|he|she|they)"
    r"(?: (?:still|also|really|actually|even|now))? (?:have|need)(?: to| an?| [\w-]+ [a-z]+s)\b"
    r"(?!.*\b(?:my|our|his)\b)(?!.*\b(?:this|it|him|them)\b)"
)
"""Whether something has to be done is answered from the law, unless it is about what is one's own."""
_REACTION = re.compile(
    r"\b(?:now what|what now|any risks?|thoughts|good idea|opinion|verdict)\b|^(?:does|is|was|would) (?:this"
    r"|that) (?:count|qualify|amount|really)\b|^(?:what|which|how|why|and)(?: [\w-]+)?\?$"
)


def asks_about_a_person(question: str) -> bool:
    """Whether a question is about somebody's own affairs, and not about what a named source says in general."""
    bare = _FRAMES.sub(" ", unmask(question))
    if not _PERSON.search(bare) or _SOURCE.search(fold(question)) or _NAME.search(visible(question)):
        return False
    parts = [part.strip() for part in _ENDS.split(bare) if part.strip(" .!?,")]
    asking = [part for part in parts if part.endswith("?") or _FACT.match(part) or _MANNER.match(part)] or parts[-1:]
    return not all(_general(part) for part in asking)


def _general(part: str) -> bool:
    if _REACTION.search(part):
        return False
    return bool(_MANNER.match(part) or _DUTY.match(part) or (_FACT.match(part) and not _PERSON.search(part)))
