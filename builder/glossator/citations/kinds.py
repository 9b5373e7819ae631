"""What kind of statement it is, and so whether it needs a citation. Rules and short word lists; English.

In this order, the first that holds:

* code: a fenced block, or nothing outside backticks;
* factual: it quotes in “curly quotes”, for that is a claim of what a source says;
* refusal: it says that the answer cannot be given, or is not in the sources;
* meta: it speaks of the answer and not of the matter: an opening ("Here is what I found:"), a heading, a closing
  ("Let me know ...", "I hope this helps"), a sentence whose only content is that sources were read;
* echo: a question, or a sentence whose words of content nearly all stand in the question;
* derived: it draws on other statements, with a word that says so ("therefore", "in total") or a sum;
* factual: everything else. A statement that names a source, such as "According to passage 2, iron falls", is factual.
"""

from __future__ import annotations

import re

from glossator.citations.parse import OPEN
from glossator.records import Kind

ECHOED = 0.8
"""Share of its words of content that an echo has from the question, counted without repeats."""
FEWEST = 3
"""Words of content of an echo, so that a short answer is none, and of what follows an opening that makes a claim."""

_MARKER = re.compile(r"\[\^?[\w ,;:.–-]{1,80}\]|【[^【】]{1,80}】")
_CODE = re.compile(r"\s*(?:(?:```|~~~).*|`[^`]+`[.:]?\s*)", re.DOTALL)
_SOURCES = (
    r"(?:the |these |those |any of the )?(?:given |provided |retrieved |available |cited )?"
    r"(?:passages?|sources?|documents?|context|text|information|excerpts?|materials?|search results)"
)
_NOT = r"(?:do|does|did)(?: not|n't)"
_CANNOT = r"(?:can ?not|can't|could not|couldn't|(?:am |are |is )?unable to|am not able to)"
_GIVEN = r"(?:answered|mentioned|stated|found|addressed|specified|covered|discussed|given|available|provided|present)"
_REFUSAL = re.compile(
    rf"\b(?:{_CANNOT} (?:be )?"
    r"(?:answer|determine|tell|find|say|provide|help|confirm|verify|give|assist|locate)(?:e?d|n|)\b"
    rf"|i {_NOT} (?:know|have)\b|we {_NOT} know\b"
    rf"|{_SOURCES} {_NOT} "
    r"(?:answer|contain|mention|say|state|address|include|provide|cover|specify|discuss)"
    rf"|(?:not|nothing|nowhere|never) (?:\w+ )?{_GIVEN} (?:in|by) {_SOURCES}"
    r"|(?:no|insufficient|not enough|nothing) (?:relevant |such |sufficient )?"
    rf"(?:information|evidence|answer|passage|details?)(?: (?:is|was|were|are))? (?:{_GIVEN}|in|to|about|on)\b"
    r"|i (?:must|have to) (?:decline|abstain|refuse))",
    re.IGNORECASE,
)
_APOLOGY = re.compile(r"(?:i am|i'm|we are) (?:sorry|afraid)|sorry|unfortunately|i apologi[sz]e", re.IGNORECASE)
_HEADING = re.compile(r"\s*(?:#{1,6} .*|\|?(?:\s*:?-{3,}:?\s*\|?)+|\*\*[^*]+\*\*:?|[-*_]{3,})\s*")
_OPENING = re.compile(
    rf"(?:(?:based on|according to|from|given|using|in) {_SOURCES}"
    r"(?: (?:above|below|provided|shown|i was given|you gave me))?"
    r"|(?:here|below) (?:is|are)|here's|the following|as follows|(?:in )?summary|to summari[sz]e|in short|sure"
    r"|certainly|of course|great question|good question|let me|i will|i'll|i found|i have (?:found|read|looked)"
    r"|we found|answer|the answer is|this answers|you asked|your question|key points?|main points?|sources?"
    r"|references?)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:please )?let me know|i hope|feel free|would you like|do you want|is there anything"
    r"|if you (?:have|need|want|would like) (?:any |more |further )|please ask|hope this|happy to help|thank you)\b",
    re.IGNORECASE,
)
_DERIVED = re.compile(
    r"^(?:and |so )?(?:therefore|thus|hence|consequently|accordingly|so,|as a result|it follows|in total|in sum"
    r"|th(?:is|at) (?:means|implies|shows)|altogether|overall|in conclusion|to conclude|taken together|together,"
    r"|in other words|put differently|combined)(?!\w)"
    r"|\b(?:in total|altogether|adds? up to|sums? (?:up )?to|for a total of|we can conclude|it follows that)\b"
    r"|\d\s?[%\w]{0,9}\s?[-+−×*/÷]\s?\d[\d.,]{0,20}\s?[%\w]{0,9}\s?=\s?\d",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")
_EMPTY = frozenset(
    "a an the this that these those it its is are was were be been being do does did has have had of in on at to for "
    "from by with as and or but not if then than so such what which who whom whose when where why how there here i you "
    "he she we they me my your our their his her us can could may might must shall should will would about into over "
    "under also found find answer question information passages passage sources source documents document context "
    "provided given following".split()
)


def kind_of(statement: str, question: str = "") -> Kind:
    """The kind of a statement in an answer to `question`.

    >>> [kind_of(text) for text in ("Ferritin falls first [1].", "Here is what I found:", "Therefore it is iron.")]
    ['factual', 'meta', 'derived']
    >>> kind_of("The passages do not say this."), kind_of("Which test falls first?", "Which test falls first?")
    ('refusal', 'echo')
    """
    if _CODE.fullmatch(statement):
        return "code"
    if OPEN in statement:
        return "factual"
    claim = " ".join(_MARKER.sub(" ", statement).split()).lstrip("-*+•> :")
    if _REFUSAL.search(claim) or (_APOLOGY.match(claim) and len(content_words(claim)) <= FEWEST):
        return "refusal"
    if _meta(claim, statement):
        return "meta"
    if _echo(claim, question):
        return "echo"
    return "derived" if _DERIVED.search(claim) else "factual"


def needs_citation(kind: Kind) -> bool:
    """Whether a statement of this kind has to name its evidence.

    >>> needs_citation("factual"), needs_citation("derived")
    (True, False)
    """
    return kind == "factual"


def _meta(claim: str, statement: str) -> bool:
    if _HEADING.fullmatch(statement) or not _WORD.search(claim) or _CLOSING.match(claim):
        return True
    opening = _OPENING.match(claim)
    if not opening:
        return False
    return claim.endswith(":") or (len(content_words(claim[opening.end() :])) < FEWEST and not re.search(r"\d", claim))


def _echo(claim: str, question: str) -> bool:
    if claim.endswith("?"):
        return True
    said, asked = content_words(claim), content_words(question)
    return len(said) >= FEWEST and len(said & asked) >= ECHOED * len(said)


def content_words(text: str) -> set[str]:
    """The words of a text that say something, each once and without case."""
    return {word for found in _WORD.findall(text) if (word := found.casefold()) not in _EMPTY}
