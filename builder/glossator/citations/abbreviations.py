"""Full stops that end no sentence: abbreviations of law, medicine and code, initials, numbers of a list.

Three kinds. Some abbreviations never end a sentence (`v.`, `e.g.`, `Dr.`). Some stand before a number, and only there
(`No. 4`, `para. 3`, `10 mg. 3 times`). Some may end one (`Ltd.`, `U.S.`, `p.o.`, an initial): they do when the next
word is one that opens sentences, such as `The`.
"""

from __future__ import annotations

import re

NEVER = re.compile(
    r"(?:\b(?:e\.g|i\.e|viz|cf|v|vs|[Aa]pprox|ca|Dr|Mr|Mrs|Ms|Prof|Hon|Rev|Gen|Sen|St|Fed|Civ|Crim|Evid|Bankr|App|Cir|Supp"
    r"|Reg|Stat|Ct|Rptr|Cal|"
    r"(?:Civ|Crim|App|Bankr)\. P)\.|\bcompare id\.)$"
)
_NUMBERED = re.compile(
    r"\b(?:arts?|chs?|cls?|figs?|nos?|paras?|pp?|regs?|scheds?|schs?|secs?|ss?|eds?|vols?|tab|eq|mg|ml|mcg|kg|g|hrs?|mins?)\.$",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    r"(?:\b(?:Ltd|Inc|Co|Corp|al|[Ii]d|[Ii]bid|spp|subsp|Jr|Sr|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
    r"|\b(?:[A-Za-z]\.){1,5}[A-Za-z]|\bPh\.D)\.$"
)
_INITIAL = re.compile(
    r"(?:^|\(|(?:\b(?:by|of|from|with|see|to|in)|\b[A-Z][\w’'-]*[,.]?|&|\band(?= [^IVXLCDM]\.)) )(?:[A-Z]\. ?)*[A-Z]\.$"
)
_NO_INITIAL = re.compile(
    r"\b(?:vitamin|hepatitis|type|group|class|factor|schedule|appendix|annex|part|plan|figure|table|section|article|"
    r"exhibit|grade|phase|protein) [A-Z]\.$",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"\[?(?:\d|[IVXLC]+\b|[A-Z]\d?\b(?![’']))")
_STARTER = re.compile(
    r"(?:The|An?|This|That|These|Those|It|Its|He|She|They|Their|His|Her|We|Our|You|Your|I|There|Here|If|When|While|Where|"
    r"After|Before|In|On|At|For|From|With|Without|However|Therefore|Thus|Hence|Also|But|And|Or|As|To|By|Both|Each|All|"
    r"Some|Any|No|Not|Such|Then|Once|Under|Although|Because|Since|Until|Unless|Most|Many|Other|Only|So|Per|Of|Do|Give|"
    r"Take|Use|See|Do|Does|Is|Are|What|Which|Who|Why|How)\b"
)
_ITEM = re.compile(r"\s*(?:[-*+•] )?(?:\(?\d{1,3}|\(?[a-zA-Z]|[ivxIVX]{1,5})[.)]")
LONGEST = 24
"""Code points before a full stop that an abbreviation may take, and after it that decide."""


def goes_on(text: str, begin: int, stop: int, following: int) -> bool:
    """Whether the sentence that began at `begin` goes on behind the full stop before `stop`, at `following`.

    >>> for text in "See No. 4", "No. The", "Acme Ltd. The", "Acme Ltd. Holdings", "by J. Smith", "1. Iron":
    ...     at = text.rindex(". ") + 1
    ...     print(goes_on(text, 0, at, at + 1))
    True
    False
    False
    True
    True
    True
    """
    if text[stop - 1] not in ".)":
        return False
    if stop - begin < LONGEST and _ITEM.fullmatch(text, begin, stop):
        return True
    before, after = text[max(begin, stop - LONGEST) : stop], text[following : following + LONGEST]
    if before[-1] == ")":
        return False
    if NEVER.search(before):
        return True
    if _NUMBERED.search(before):
        return bool(_NUMERAL.match(after))
    opens = _STARTER.match(after) or after[:1] in '“"‘['
    return not opens and bool(_MAYBE.search(before) or _initial(before, after))


def _initial(before: str, after: str) -> bool:
    """Whether one capital letter and its stop begin a name: after a name, at the start, or after "by"."""
    named = after[:1].isalpha() and _INITIAL.search(before)
    return bool(named) and not _NO_INITIAL.search(before)
