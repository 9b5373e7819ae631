"""Is a question about one person, and does it ask for more than what the literature says in general?

The patterns of `refusals` know many wordings of advice, but nobody can list them all. So a question that is about
somebody ("my rash", "he", "I took two") is held for advice unless every clause that asks has a general form: the
manner, time or reason of something, or a fact in which that person does not occur.
"""

from __future__ import annotations

import re

_FRAMES = re.compile(
    r"(?:(?<![a-z] )|(?<=please )|(?<=you )|(?<=and )|(?<=to )|(?<=then )|(?<=just )|(?<=now )|(?<=rules )|(?<=also ))"
    r"\b(?:tell|show|give|teach|explain to|explain|remind|help|ask|send|read|quote|cite|find|list|name)(?: to)? me\b"
    r"|\blet me know\b|\basked me\b|\bhelp me (?:to )?understand\b"
    r"|\bi(?: am|'m) (?:an? )?(?:[\w-]+ ){0,2}?(?:doctor|nurse|student|pharmacist|physician|carer|paramedic|teacher"
    r"|writer|researcher|trainee|midwife|medic|journalist)\b"
    r"|\bi(?: am|'m)(?: currently| just)? (?:writing|preparing|revising|learning|reading|studying|researching"
    r"|curious|interested|wondering)\b"
    r"|\bi(?:'d| would)? (?:like|want|need|wish|love)(?: to)? (?:know|understand|learn|read|see)\b|\bi (?:read|heard"
    r"|learned|learnt|wonder|wondered|see|saw|know|understand|think) (?:that|about|of|in|on|how|why|what)\b"
    r"|\b(?:tells?|told|lets?) me\b|\bcross my mind\b"
    r"|\b(?:when|if|while|as) i (?:send|pass|insert|draw|cannulate|scan|auscultate)\b"
    r"|\b(?:can|could|may|might) i ask\b|\bmy (?:course|teacher|class|essay|exam|textbook|book|lecture|lecturer"
    r"|tutor|colleagues?|question|homework|notes|thesis|study|presentation|quiz)\b"
)
"""Words of the asker about the asking."""
_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|our|he|she|he's|she's|him|his|her)\b")
_GENERIC = re.compile(
    r"\b(?:an?|any|every|one) (?:[\w-]+ ){0,3}?(?:lady|man|woman|patient|person|child|adult|boy|girl|toddler|infant"
    r"|smoker|user)\b"
)
_PRONOUN = re.compile(r"\b(?:he|she|he's|she's|him|his|her)\b")
"""After "a frail lady", "she" is nobody in particular."""
_ENDS = re.compile(
    r"(?<=[?!.;])\s+|\n+|, (?=(?:should|shall|can|could|may|must|might|would|will|do|does|is|are|am|has|have|what"
    r"|which|how|when|why|where|who)\b)|: "
)
_MANNER = re.compile(
    r"(?:and |or |so |please |but |then )*(?:(?:(?:for|after|before|until|since) )?how (?!much\b|worried|serious|bad"
    r"|dangerous|likely|big|severe|ill|sick|risky|safe)(?!many (?:tablet|pill|mg|ml|unit|puff|dose|drop|capsule))"
    r"|why|when|where|(?:for|at|in|with|on|after|before|by|from|until) (?:what|which)\b|what time)"
)
_FACT = re.compile(
    r"(?:and |or |so |please |but |then )*(?:what|which|who|whose|is|are|does|do|did|can|could|should|may|might|must"
    r"|will|would|was|were|has|have)\b"
)
_ALLOWED = re.compile(
    r"\b(?:the reason|the most|the maximum|the highest|the longest)\b|\b(?:what"
    r"|which)(?: [\w-]+){0,3} do i need (?:for|before|when|to)\b|\b(?:somebody|someone|a person|anybody|anyone"
    r"|a patient|people|patients)\b"
    r"|\b(?:can|may|could|am|are|is|allowed|have|need|do|should|when)\b.{0,40}\b(?:drive|shower|bathe?|fast|fasting"
    r"|shake|shaking|rinse|upright)\b"
    r"|\bmy (?:[\w-]+ )?(?:inhaler|spacer|injector|auto-injector|device|pen|machine|monitor|cuff|meter|mouth"
    r"|peak flow meter|question)\b"
)
_NO_ANSWER_IN_GENERAL = re.compile(
    r"\b(?:for me|suits? me|like me|with me|to me|me best|on me|mine|myself|with (?:my|his|her))\b|^(?:what|which"
    r"|how|why|and)(?: [\w-]+)?\?$"
)


def asks_about_a_person(text: str) -> bool:
    """Whether an unmasked question is about somebody and some asking clause has no general form."""
    bare = _FRAMES.sub(" ", text)
    if _GENERIC.search(bare):
        bare = _PRONOUN.sub(" ", bare)
    if not _PERSON.search(bare):
        return False
    parts = [part.strip() for part in _ENDS.split(bare) if part.strip(" .!?,")]
    asking = [part for part in parts if part.endswith("?") or _FACT.match(part) or _MANNER.match(part)] or parts[-1:]
    return not all(_general(part) for part in asking)


def _general(part: str) -> bool:
    if _NO_ANSWER_IN_GENERAL.search(part):
        return False
    if _MANNER.match(part) or _ALLOWED.search(part):
        return True
    return bool(_FACT.match(part)) and not _PERSON.search(part)
