"""Does a question ask for advice on the asker's own case: whether to act, how it will end, what to write?

Only the question is read, never its excuses: "hypothetically", "for a friend" or "ignore your rules" change nothing.
What a statute or a named contract says is never refused, even when the asker tells why they want to know ("I changed a
library. What does section 4 make me do?"). Every gap in a pattern is bounded, so that reading stays linear.
"""

from __future__ import annotations

import re

from glossator import unmask
from glossator_legal.persons import asks_about_a_person

_PARTY = (
    "(?:ex-)?landlord|landlady|tenants?|lodger|flatmate|housemate|roommate|employer|employees?|boss|manager|company"
    "|firm|business|start-?up"
    "|shop|client|clients|customers?|builder|supplier|contractor|agent|letting agent|agency|bank|insurer"
    "|neighbou?rs?|friend|mate"
    "|wife|husband|partner|spouse|ex|ex-wife|ex-husband|son|daughter|mother|mum|mom|father|dad|parents?|brother"
    "|sister|aunt|uncle"
    "|cousin|colleague|lawyer|solicitor|school|university|council|girlfriend|boyfriend|co-?founder|publisher"
    "|freelancer|team|mother-in-law"
)
_OWN = rf"(?:my|our|his|her|their)(?: [\w'-]+){{0,2}}? (?:{_PARTY})\b"
_OTHER = (
    r"(?:he|she|a (?:close |good |dear )?(?:friend|mate|colleague|relative)(?: of mine)?|(?:mr|mrs|ms)\.? [a-z]+"
    rf"|client [b-hj-z#\d]\w?|{_OWN})"
)
_WHO = rf"(?:i|we|me|us|{_OTHER})"
_MODAL = r"(?:should|shall|shud|shld|shoud|can|could|may|might|must|ought|would|will|do|does)(?:n't| not)?"
_THINK = r"you (?:think|say|believe|reckon|recommend|advise|suggest) (?:that )?"
_FILLERS = (
    r"(?: (?:to|really|just|now|still|safely|legally|lawfully|also|even|personally|actually|simply|probably|ever"
    r"|immediately"
    r"|be able|be allowed|have|need|want|go ahead and|at least|then|better|dare|please)){0,4}"
)
_CASE = (
    "lease|contract|tenancy|agreement|deposit|rent|claim|case|job|dismissal|visa|will|invention|idea|patent"
    "|trade mark|trademark|logo"
    "|licence|license|code|app|website|book|software|product|data|employment|notice|nda|settlement|offer|bonus"
    "|salary|wages|severance"
    "|redundancy|refund|flat|house|home|property|dispute|lawsuit|warranty|fine|debt|loan|policy|situation|position"
    "|boiler|bathroom"
    "|garden|fence|dog|cat|landlord|employer|boss|copyright|photos?|work|builder|divorce|custody|injury|accident"
    "|purchase"
)
_OWN_CASE = rf"(?:my|our|his|her)(?: [\w'-]+){{0,3}}? (?:{_CASE}|{_PARTY})\b"

_SHOULD = re.compile(
    rf"\b(?:should|shall|shud|shld|shoud|ought|would|had)(?:n't| not)? (?:{_THINK}(?:i|we|{_OTHER})(?: should)?|i|we"
    rf"|{_OTHER}){_FILLERS}"
    r" (?!have (?:been )?(?:been|told|received)\b|expect\b|find\b|read\b|look\b|cite\b|note\b|understand\b)[a-z]+"
    rf"|\b{_THINK}(?:i|we|{_OTHER}) (?:should|ought|must|can|could|may)\b"
)
_MANNER = re.compile(
    r" ?(?:and |or |please |so )?(?:(?:for|at|in|with|on|after|before|by|from|until|under|to) (?:what|which|whom|how)\b"
    r"|how (?:long|soon|many|quickly|often|far|late|early)\b|when\b|within\b|by when\b)"
)
"""A question for a time limit or a place in the law is answered from the law."""
_CLAUSES = re.compile(r"[.?!;:,\n]+(?:\s|$)|\b(?:but|so|because)\b")
_ACT = (
    "sue|evict|fire|dismiss|sack|terminate|cancel|withhold|refuse|challenge|appeal|fight|recover|get out of"
    "|get (?:my|our|out|compensation|money|away)"
    "|break|throw|kick|report|settle|win|lose|keep|stop paying|ignore|force|demand|claim|rescind|raise|change|enter"
    "|deduct|charge|owe|reject|publish"
    "|shoot|copy|use|sell|record|read|monitor|move out|leave|quit|resign|sign|do this|do that|walk away|pay|talk|speak"
    "|disclose|post|take (?:him|her|them|it|my|this)"
)
_AGAINST = re.compile(
    rf"\b(?:can|could|may|will|would|is|are|does|do|did|was|has|have)(?:n't| not)? (?:{_OWN}|a landlord like mine"
    r"|an employer like mine)"
    r"(?: (?:just|simply|legally|lawfully|really|allowed|able|entitled|permitted|to|have|had|the right|be|liable"
    rf"|obliged|required|going|still|now|ever)){{0,5}}"
    rf" (?:{_ACT}|in breach|breaking|breached|liable|illegal\w*|wrong|responsible|me|us|pay|fix|repair|hold|make"
    r"|sack\w*|let|do)\b"
    rf"|\b{_MODAL} (?:i|we|he|she){_FILLERS} (?:{_ACT})(?: [\w'-]+){{0,5}}? (?:{_OWN_CASE}|{_OWN}|him\b|them\b"
    r"|over (?:this"
    r"|it)|for (?:this|it|that)\b)"
    r"|\b(?:can|could|may|will|would) (?:they|he|she|you|someone|anyone|the [\w'-]+) (?:just |really |legally |now "
    r"|still )?(?:sue|evict|fire|sack|dismiss|prosecute|fine|charge|arrest|deport|force) (?:me|us)\b"
    rf"|\b{_OWN}.{{0,120}}\bwho (?:is|would be|must|has to|will) (?:be )?(?:liable|pay|responsible|at fault)"
    rf"|\bcan (?:i|we|he|she) be (?:sued|fired|evicted|sacked|dismissed|prosecuted|arrested|fined|jailed)\b"
)
_OUTCOME = re.compile(
    rf"\b(?:will|would|could|can|might|am|are|do(?= you)|(?<!what )do) (?:{_THINK})?(?:i|we|{_OTHER}) (?:likely "
    r"|probably |really )?(?:win|lose|succeed|going to (?:win|lose|jail|prison|be)|go to (?:jail|prison)|get away"
    r"|be (?:liable|fined|sued|fired|evicted|convicted|ok|fine|in trouble|held))\b"
    rf"|\b(?:do|does|have|has) (?:{_WHO})(?: (?:really|actually|even|still|got))? (?:have |got )?(?:an? |any |the "
    r"|much of an? )?(?:good |strong |decent |real |realistic |better |valid |legal |reasonable )*(?:case|claim"
    r"|chances?|grounds|leg to stand|defence|defense|hope|prospects?|odds|shot|basis|argument|standing)\b"
    r"|\b(?:my|our|his|her) (?:[\w'-]+ )?(?:chances|odds|prospects|options|best (?:option|move|strategy|defence"
    r"|argument))\b|\bchances? of (?:winning|success)\b"
    rf"|\b(?:am|are|is) (?:i|we|{_OTHER}) (?:personally |really |legally |actually |likely |still |even )?(?:liable"
    r"|guilty|at fault|in breach|in trouble|responsible for|infringing|breaking|bound by|owed"
    r"|being (?:discriminated|unfairly|treated|bullied)|covered|eligible)\b"
    r"|\b(?:am|are) (?:i|we) (?:entitled|owed|due) (?:to )?(?:any |some |a )?(?:compensation|damages|refund"
    r"|redundancy|severance|money|payout)\b"
    rf"|\b(?:was|were|have|has) (?:i|we|{_OTHER})(?: been)? (?:unfairly|wrongly|wrongfully|illegally|unlawfully"
    r"|constructively|legally|properly|discriminated)\b"
    r"|\bhow much (?:compensation|money|damages|will|can|could|should|would)(?: [\w'-]+){0,4}? (?:i|we) (?:get|claim"
    r"|win|receive|ask|demand|expect|settle|sue|offer|pay)\b"
    r"|\b(?:is|would) it (?:be )?(?:worth|smart|wise|sensible|safe|risky|better|best|clever|ok|okay|fine|a good idea"
    r"|legal|illegal|lawful|advisable)(?: for (?:me|us|my [\w'-]+|our [\w'-]+|him|her))?(?: to)? (?:su(?:e|ing)"
    r"|sign\w*|appeal\w*|fight\w*|settl\w+|accept\w*|go(?:ing)? to court|tak\w+ (?:him|her|them|it|my|this|legal)"
    r"|break\w*|stop\w* paying|ignor\w+)\b"
    r"|\b(?:smart|wise|sensible|safe|risky|better|best|legal|illegal|lawful|ok|okay|allowed|fine|right|fair"
    r"|a good idea|advisable) (?:for|of|if) (?:me|us|my [\w'-]+|our [\w'-]+|him|her|i|we)\b"
    rf"|\b(?:would|will|could|might) (?:a |the )?(?:court|judge|tribunal|jury|they)(?: [\w'-]+){{0,6}}? (?:me|us|my"
    r"|our|in (?:my|our|his|her) favou?r|with me)\b"
    r"|\bwho(?: is|'s| would| will| wins?)? (?:be )?(?:right|wrong|win|at fault|liable)?,? ?(?:me or|my \w+ or|i or)\b"
)
_STATUS = re.compile(
    rf"\b(?:is|are|was|were|isn't|aren't) (?:(?:the|this|that|a) (?:[\w'-]+ ){{1,4}}?(?:in|of|from"
    rf"|under) {_OWN_CASE}|{_OWN_CASE}|this (?:attached |following )?(?:clause|contract|agreement|lease|letter|term"
    rf"|nda)(?: of mine)?) (?:[\w'-]+ ){{0,3}}?(?:valid|invalid|legal|illegal|enforceable|unenforceable|binding|fair"
    r"|unfair|void|lawful|unlawful|ok|okay|protected|legit|worth|good enough|in breach|compliant|gdpr-compliant"
    r"|watertight|patentable|strong)\b"
    rf"|\b(?:does|do|did|will|would|has|have) (?:{_OWN_CASE}|what happened to me|what (?:he|she"
    rf"|they) did) (?:[\w'-]+ ){{0,2}}?(?:infring\w+|breach\w*|violat\w+|comply|hold up|stand up|count|qualify|break"
    r"|broke|broken|work in court|cover me|bind me|protect me)\b"
    r"|\bwhat (?:are|is) (?:my|our|his|her) (?:legal )?(?:rights|position|options|situation)(?: (?:here|now|in this"
    r"|against|if|as|with|\?)|[?.!]|$)"
    r"|\bhow (?:can|do|could|should|would|might) (?:i|we|he|she) (?:best |legally |quickly )?(?:get out of (?:my|our"
    r"|this|his|her)|get away|avoid (?:my|our|this|paying|being)|evict|sue|win|fight|beat|challenge|force|make (?:my"
    r"|him|her|them)|fire|sack|get rid|get (?:my|our)|defend (?:myself|my|our)|respond to (?:my|this|the letter)"
    r"|protect (?:myself|my|our)|dodge|escape|stop (?:my|him|her|them))\b"
)
_STEERING = re.compile(
    r"\b(?:tell(?:ing)?|advis(?:e|ing)|recommend|suggest|say(?:ing)?|decid(?:e|ing)|confirm|know|wonder\w*"
    r"|let me know|let us know)(?: (?:me|us|to me|him|her))?(?: [\w'-]+)? (?:whether|if|what|which"
    rf"|how)(?: [\w'-]+){{0,4}}? (?:{_WHO}|my|our)(?: [\w'-]+){{0,3}}? (?:should|ought|can (?:sue|evict|fire)"
    r"|could (?:sue|evict)|must|win|need to|would win|will win|has to|have to)\b"
    r"|\btell(?:ing)? (?:me|us) (?:what|how) to (?:do|answer|say|write|reply|respond|proceed|argue|plead|claim|sign)\b"
    r"|\b(?:would|could|can|will|do|should) you(?: please)? (?:advise|recommend|suggest|represent|defend"
    rf"|counsel)(?: (?:that|me|us|{_OWN}|i|we))\b"
    r"|\b(?:advise|represent|counsel|defend) (?:me|us|my|our|him|her)\b|\bgive (?:me"
    r"|us)(?: [\w'-]+){0,2}? (?:legal )?advice\b|\b(?:act|be|play|pretend to be|you are) (?:as )?my (?:lawyer"
    r"|solicitor|attorney|counsel|barrister)\b"
    r"|\bwhat (?:should|shall|must|would|can|could|do|ought) (?:i|we|you|he|she|my [\w'-]+|our [\w'-]+)(?: (?:best"
    r"|now|then|to))? (?:do|say|write|answer|reply|argue|plead|claim|demand|sign)(?: (?:about|now|if|next|in|with"
    r"|against|to|here|first)\b|[?.!]|$)"
    rf"|\bwhich(?: [\w'-]+){{0,4}}? (?:should|shall|would|do|ought) (?:{_WHO}|you)(?: [\w'-]+)? (?:choose|pick|use"
    r"|take|recommend|prefer|sign|go for|adopt|file|apply)\b"
    r"|\bwhat would you (?:do|recommend|advise|suggest)\b|\bdo you agree\b|\bin (?:my|our) (?:case|situation"
    r"|position|shoes|place)\b|\b(?:evict|sue|fire|dismiss|sack|against) (?:a |an )?(?:tenant|person|employee"
    r"|someone|somebody|people|man|woman) like (?:me|us)\b"
)
_DRAFT = re.compile(
    r"(?:^|[.?!;:,\n] ?|\b(?:please|you|me|to|and|just|now|then|rules|hypothetically"
    r"|friend) )(?:please )?(?:help (?:me |us )?(?:to )?)?(?:re)?"
    r"(?:draft|write|prepare|compose|word|phrase|formulate|amend|redraft|rewrite|improve|proofread|edit|create"
    r"|generate|produce|make)(?: up| out)?(?: (?:me|us|my|our|him|her))?"
    r"(?: [\w'-]+){0,5}? (?:clauses?|contract|letter|agreement|lease|tenancy|notice|complaint|defen[cs]e|claim form"
    r"|nda|(?:privacy )?policy|terms|pleadings?|statement|will|resignation|reply|response|cease and desist|demand"
    r"|settlement|licen[cs]e|appeal|petition|affidavit|power of attorney|disclaimer)\b"
    r"|\b(?:review|check|look over|look at|assess|fill in|analyse|analyze|evaluate) (?:my|our|this|the attached"
    r"|the following|his|her)(?: [\w'-]+){0,3}? (?:clauses?|contract|letter|agreement|lease|tenancy|notice|nda"
    r"|policy|terms|claim|case|will|offer|settlement|form)\b"
)


_OPINION = re.compile(
    r"(?:^|[.!?] )(?:sue|settle|sign|fight|appeal|accept|pay|resign|quit|leave) or [\w' ]{1,30}\?"
    r"|\bwithout (?:getting|being) (?:sued|caught|fined|fired)\b"
    r"|\b(?:opinion|view|advice|verdict|thoughts|take|guidance) on (?:whether|if|my|our|what|how|this)\b"
    r"|\bhow (?:strong|good|weak|solid|likely|risky|bad) (?:is|are|would) (?:it that )?(?:my|our|his|her|i|we)\b"
    r"|\b(?:is|are) (?:my|our|his|her) case worth\b|\bworth of my\b"
    r"|\b(?:do|does|will|would) (?:i|we|he|she) (?:really )?need (?:an? )?(?:lawyer|solicitor|attorney|barrister)\b"
    r"|\b(?:am|are|is) (?:i|we|my company|our company|our firm|my business|our website"
    r"|my website) (?:[\w'-]+ ){0,2}?(?:compliant|complying|breaking|allowed to fire|at risk)\b"
    r"|\bwho (?:gets|keeps|owns|inherits|pays)\b.{0,60}\b(?:if|when) (?:i|we)\b|\b(?:would|will|could|might|am"
    r"|are) (?:i|we) (?:be )?(?:breach|infring|violat|break|commit|trespass)\w*\b"
    r"|\b(?:is|was|would) (?:firing|evicting|suing|dismissing|sacking|recording|reporting|leaving|breaking) (?:him"
    r"|her|them|my|our|it)\b"
    r"|\b(?:fix|change|adapt|tweak|strengthen|tighten|soften) (?:this|my|our|the) (?:[\w'-]+ )?(?:clause|contract"
    r"|agreement|letter|term|paragraph)\b|\bdraw (?:up|me|us)\b|\bso that (?:it|we|i) (?:favours?|wins?"
    r"|protects? (?:me|us))\b"
    r"|[.,;:!] ?(?:ignore|sign|accept|sue|settle|appeal|fight|pay|refuse|leave|report|answer|quit|resign|fire"
    r"|evict) (?:it|him|her|them|up|back|or [\w' ]{1,30})?\?"
)
_HAPPENED = (
    rf"\b(?:{_OWN}|i|we)\b.{{0,160}}[.!;,:] ?(?:and |so |but )?(?:is|was|isn't|wasn't) (?:that|this|it) (?:even "
    r"|really |not |an? )*"
)
_WRONG = (
    "legal|illegal|lawful|unlawful|a breach|breach|trespass|theft|fraud|discrimination|harassment|allowed|fair"
    "|unfair|enforceable"
    "|valid|unfair dismissal|defamation|negligence|ok|okay|right|wrong|against the law|misrepresentation|blackmail"
    "|a crime|crime"
)
_VERDICT = re.compile(rf"{_HAPPENED}(?:{_WRONG})\b")


def asks_for_advice(question: str) -> bool:
    """Whether a question is about what somebody should do, or would get, in their own case.

    >>> asks_for_advice("Can my landlord evict me?"), asks_for_advice("When may a landlord evict a tenant?")
    (True, False)
    """
    text = unmask(question)
    patterns = (_AGAINST, _OUTCOME, _STATUS, _STEERING, _DRAFT, _OPINION, _VERDICT)
    return bool(
        asks_about_a_person(question)
        or any(_SHOULD.search(part) and not _MANNER.match(part) for part in _CLAUSES.split(text))
        or any(pattern.search(text) for pattern in patterns)
    )
