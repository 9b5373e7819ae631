"""Does a question describe an emergency that is happening now?

When in doubt it does: a notice too many costs a line, a notice too few may cost a life. General questions ("What are
the signs of a stroke?") describe nobody and get none.
"""

from __future__ import annotations

import re

from glossator import unmask

SEEK_CARE = "This may be an emergency: call the emergency number now."

_SOMEBODY = re.compile(
    r"\b(?:i|i'm|im (?:having|going|not|so|bleeding|feeling|choking)|i've|ive|me|my|mine|we|our|he|she|he's|she's"
    r"|they|somebody|someone|this (?:man|woman|child|baby)"
    r"|(?:a|the) (?:friend|neighbour|neighbor|stranger|relative|colleague)|just now|right now|help)\b"
)
_SIGNS = re.compile(
    r"\b(?:chest|heart) (?:pain|pains|pressure|tightness|hurts|feels tight|is tight|aches)"
    r"|\b(?:pain|pressure|tightness|crushing|squeezing)(?: \w+){0,4} (?:in|on|across|over) (?:my|his|her|the"
    r"|their) chest"
    r"|\b(?:can't|cannot|can not|can hardly|can barely|hardly|barely|struggling to|fighting to|unable to) "
    r"(?:breathe|breath|get (?:any )?(?:air|breath)|swallow)"
    r"|\b(?:stopped|not|isn't|stops) breathing|\bgasping\b|\bchoking\b|\b(?:lips|face) (?:are|is|have|has|went|gone"
    r"|going|turned|turning)(?: \w+)? blue|\bblue lips"
    r"|\b(?:face|mouth|smile) (?:is |has |side )?(?:\w+ )?(?:droop|dropp|lopsided|crooked|hanging|hangs|fallen)"
    r"|\bdrooping face|\b(?:speech|words) (?:is|are|has|have|became|got|went|suddenly|come|comes|coming)(?: \w+){0,3} "
    r"(?:slurred|jumbled|garbled)|\bslurr(?:ed|ing)\b|\bsudden(?:ly)?(?: \w+){0,4} "
    r"(?:weak|weakness|numb|numbness|paralysed|blind|confused|can't (?:see|speak|move))"
    r"|\bhav(?:e|ing) a (?:stroke|heart attack|seizure|fit)\b|\banaphyla\w+|\bhav(?:e|ing) an? (?:severe|bad) allergic"
    r"|\b(?:tongue|throat|lips|face)(?: \w+){0,3} (?:swell\w*|swollen|closing|closed up)|\bswollen (?:tongue|throat)"
    r"|\b(?:kill|hurt|hang|harm) (?:my|him|her|them)sel(?:f|ves)|\bsuicid\w+|\bend (?:my|his|her"
    r"|their) (?:own )?li(?:fe|ves)"
    r"|\b(?:want|wants|wish|going|plan\w*|ready) to die\b|\b(?:don't|do not|doesn't) want to (?:live|be alive|wake up)"
    r"|\btake (?:my|his|her) own life|\bbetter off dead"
    r"|\b(?:bleeding|blood)(?: \w+){0,6} (?:won't|will not|doesn't|does not|cannot|can't|not) (?:be )?stop\w*"
    r"|\b(?:severe|heavy|massive|uncontroll\w+) bleeding|\bbleeding (?:heavily|badly|a lot|to death|everywhere)"
    r"|\b(?:spurting|gushing|pouring|pumping)(?: \w+)? blood|\bblood (?:is )?(?:spurting|gushing|pouring|pumping)"
    r"|\b(?:vomit\w*|throwing up|cough\w*(?: up)?|bringing up)(?: \w+){0,2} blood\b"
    r"|\b(?:rash|spots|bruises|blotches)(?: \w+){0,8} (?:fade|blanch|disappear|go away|vanish)\b"
    r"|\bnon-? ?blanching|\b(?:glass|tumbler) test"
    r"|\b(?:unconscious|unresponsive|passed out|collapsed|blacked out|(?:won't|will not|can't|cannot) wake"
    r"|not responding"
    r"|(?:can't|cannot|can not) (?:be woken|wake))\b"
    r"|\b(?:been )?(?:fitting|seizing|convulsing)\b|\bwon't stop (?:fitting|shaking|seizing)"
    r"|\b(?:took|taken|swallowed) (?:\d{2,}|twenty|thirty|forty|fifty|a whole|a lot of) (?:\w+ )?(?:\w+ )?(?:tablet"
    r"|pill|capsule)s"
    r"|\b(?:took|taken|swallowed|drank|drunk|eaten|ate)(?: \w+){0,5} (?:overdose|bleach|poison|whole (?:bottle|box"
    r"|packet|pack|blister)|all (?:the|of|his|her|my)|too many)|\boverdosed\b|\btaken an overdose"
    r"|\bworst headache|\bthunderclap\b"
)


def is_emergency(question: str) -> bool:
    """Whether somebody seems to be in danger now.

    >>> is_emergency("I have chest pain and I am short of breath"), is_emergency("What does FAST stand for?")
    (True, False)
    """
    text = unmask(question)
    return bool(_SIGNS.search(text) and _SOMEBODY.search(text))
