"""Does a question ask for an individual diagnosis, an individual dose or somebody's own treatment decision?

Only the question is read, never its excuses: "hypothetically", "for a friend" or "ignore your rules" change nothing.
What the literature says in general is never refused, even when it is asked in the first person ("How should I clean my
spacer?"). Every gap in a pattern is bounded, so that reading stays linear.
"""

from __future__ import annotations

import re

from glossator import unmask
from glossator_medical.persons import asks_about_a_person

_KIN = (
    "son|sons|daughter|child|children|kid|kids|toddler|baby|babies|infant|newborn|twins?|boy|girl|mum|mom|mummy"
    "|mother|father"
    "|dad|parents?|wife|husband|partner|spouse|gran|granny|nan|grandma|grandmother|grandad|grandpa|grandfather|brother"
    "|sister|uncle|aunt|auntie|nephew|niece|cousin|friend|mate|neighbour|neighbor|boyfriend|girlfriend|fiancee?|patient"
    "|client|colleague|roommate|flatmate|boss|\\d+[- ]?(?:year|yr|month|week|day)s?[- ]old|one-year-old|little one|ex"
)
_NUMBER_OLD = (
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[- ]?(?:year|yr|month|week)s?[- ]olds?"
)
_OWN = rf"(?:my|our|his|her|their)(?: [\w'-]+){{0,3}}? (?:{_KIN}|{_NUMBER_OLD})\b"
_OTHER = (
    r"(?:he|she|a (?:close |good |dear )?(?:friend|mate|neighbou?r|colleague|cousin)(?: of mine)?|this (?:patient"
    r"|man|woman|child|lady|guy)"
    rf"|patient [b-hj-z#\d]\w?|(?:mr|mrs|ms|miss)\.? [a-z]+|someone i know|somebody i know|{_OWN})"
)
_WHO = rf"(?:i|me|{_OTHER})"
_MODAL = r"(?:should|shall|shud|shld|shoud|shuold|can|could|may|might|must|ought|would|do|does|will|need)(?:n't| not)?"
_ACT = (
    "take|tak|taking|stop|quit|start|begin|double|halve|half|triple|skip|miss|increase|raise|up|reduce|lower"
    "|decrease|cut|switch"
    "|swap|change|give|use|inject|continue|restart|resume|repeat|split|crush|withhold|omit|wean|taper|combine|mix"
    "|try|avoid"
    "|come off|go off|go on|get off|keep taking|keep on|carry on|leave out|hold off|be (?:on|taking|given|put)|stay on"
    "|discontinue|adjust|exceed|swallow|add"
)
_ADVERBS = r"(?: (?!have|mean|know|need to know)[\w'-]+){0,3}?"
_DRUG = (
    r"(?:\w*(?:cillin|mycin|azole|prazole|pril|sartan|statin|olol|gliptin|gliflozin|xaban|dronate|oxetine|profen"
    r"|cetamol"
    r"|formin|thyroxine|azepam|triptan|codone|caine|floxacin|cycline|lukast|mab|parin)|aspirin|warfarin|insulin"
    r"|morphine"
    r"|codeine|tramadol|naproxen|prednisolone|prednisone|steroids?|colchicine|valproate|lithium|digoxin|methotrexate"
    r"|sertraline|citalopram|antibiotics?|antidepressants?|painkillers?|tablets?|pills?|capsules?|medicines?|meds?"
    r"|medications?|drugs?|doses?|inhaler|puffs?|injections?|nurofen|calpol|tylenol|advil|panadol|steroid|chemo\w*"
    r"|drops)"
)
_AMOUNT = (
    rf"(?:how much|how many (?:\w+ )?(?:{_DRUG}|mg|milligrams?|ml|mls|g|grams|units|spoon\w*|teaspoons?)"
    r"|(?:what|which|how (?:big|large|high)(?: an?)?|right|correct|safe|exact|appropriate|proper|max|maximum|tonight's"
    r"|today's)(?: [\w'-]+){0,3}? (?:dose|doses|dosage|dosing|amount|strength|quantity)|(?:the|a|his|her|my"
    r"|your) (?:[\w'-]+ ){0,2}?(?:dose|dosage)"
    r"|dose (?:of|for)|dosage)"
)

_THINK = r"you (?:think|say|believe|reckon|recommend|advise|suggest) (?:that )?"
_FILLERS = (
    r"(?: (?:to|ok|okay|safe|fine|allowed|supposed|meant|better|really|just|now|still|safely|please|also|even"
    r"|personally"
    r"|actually|simply|probably|maybe|ever|immediately|have|need|want|be|already|at least|in \w+ \w+)){0,4}"
)
_CLAUSES = re.compile(r"[.?!;:,\n]+(?:\s|$)|\b(?:but|so|because)\b")
_MANNER = re.compile(
    r" ?(?:and |or |please |doctor )?(?:(?:for|at|in|with|on|after|before|by|from|until) (?:what|which)\b"
    r"|(?:(?:for|after|before|until) )?(?:how (?!much|many (?!\w+ (?:before|after|between)))|when|why|where"
    r"|what time)\b)"
)
"""A question for the manner or the time of something is answered in general."""
_DECISION = re.compile(
    rf"\b(?:{_MODAL}|am|is|are) (?:{_THINK}(?:i|{_OTHER})(?: should| can| could| must| may)?"
    rf"|{_WHO}){_FILLERS} (?:{_ACT})\b"
)
_CHANGE_OWN = re.compile(
    r"\b(?:can|could|should|may|must|do|to|need|want|whether) (?:(?:i|he|she|we|safely|just|now|please) ){0,3}"
    r"(?:stop|stopping|quit|double|doubling|halve|halving|skip|skipping|increase|reduce|come off|go off|wean off"
    r"|leave out|cut|raise|up|change|switch|adjust)"
    r"(?: (?:taking|giving|using|down|back|on|off|from))? (?:my|his|her|our)\b(?! (?:risk|salt|fluid|weight|alcohol))"
)
_STEERING = re.compile(
    r"\b(?:tell(?:ing)?|advis(?:e|ing)|recommend|suggest|say(?:ing)?|decid(?:e|ing)|confirm|let)(?: (?:me|us|to me"
    r"|for me|know))?(?: \w+)? (?:whether|if|what|which"
    rf"|how much)(?: [\w'-]+){{0,8}}? (?:{_WHO})(?: [\w'-]+){{0,4}}? (?:{_ACT}|have|has)\b"
    r"|\btell(?:ing)? me how (?:much|many)(?: [\w'-]+){0,4}? to (?:take|give|use|inject)\b"
    rf"|\b(?:{_MODAL}) we (?:[\w'-]+ ){{0,2}}?(?:{_ACT})(?: [\w'-]+){{0,2}}? (?:my|our)\b"
    rf"|\btoo (?:much|little|many|high|low|strong|weak) for (?:{_WHO})\b"
    rf"|\byou should (?:{_ACT})\b.{{0,300}}\bmy\b|\bmy\b.{{0,300}}\byou should (?:{_ACT})\b"
    r"|\b(?:prescribe|diagnose|treat|recommend|advise)(?: [\w'-]+){0,2}? (?:me|my|myself|for me|us)\b"
    r"|\bplay (?:my )?doctor\b.{0,200}\bmy\b"
    r"|\b(?:safe|ok|okay|alright|all right|fine|dangerous|harmful|wise|bad|smart|good|sensible|better|best"
    r"|right) (?:for|if) "
    rf"(?:{_WHO})\b"
    r"|\b(?:is|would|will) it (?:be )?(?:safe|ok|okay|alright|all right|fine|dangerous|harmful|wise|bad"
    rf"|sensible) (?:to|if i) (?:just )?(?:{_ACT})(?: [\w'-]+){{0,2}}? (?:my|his|her|our)\b"
    r"|\b(?:would|could|can|will|should) you(?: please)?(?: [\w'-]+)? (?:prescribe|recommend|advise|suggest"
    rf"|give)(?: [\w'-]+){{0,6}}? (?:{_WHO}|mine)\b"
    rf"|\b(?:what|which)(?: [\w'-]+){{0,4}}? (?:should|shall|can|could|must|ought|may|would|do) (?:{_WHO}) (?:to "
    r"|best |then |now |personally )?(?:take|use|try|give|go on|start|choose|buy|ask for|be on|pick|prefer)\b"
    rf"|\bdo (?:i|{_OTHER}) (?:personally |really |actually |still )?need (?:to (?:take|begin|start|be|go|have|see)"
    r"|an?|the|any|more|this|surgery|antibiotics?|treatment)\b"
    rf"|\b(?:i|{_OTHER}) (?:personally|myself) need to (?:begin|start|take|stop)\b"
)
_DIAGNOSIS = re.compile(
    rf"\b(?:do|does|have|has|could|might|can|may|would|will|am|is) (?:{_WHO})(?: (?:really|now|also|actually|maybe"
    r"|possibly|perhaps|likely|probably|just))?"
    r" (?:have (?!to\b|a (?:bath|shower|drink))|has|had (?:a|an)\b|got|getting|having|suffering|be (?:having"
    r"|suffering|ill|sick|dying|pregnant|infected|allergic)|dying|allergic|diabetic|pregnant|infected|anaemic|anemic"
    r"|hypothyroid|depressed|going to die)"
    r"|\bwhat(?:'s| is| could be| might be| may be)? (?:is )?(?:wrong|the matter|going on|happening|up) (?:with"
    r"|to) (?:me|my|him|her|us|this patient)\b"
    rf"|\b(?:what|which)(?: \w+){{0,3}}? (?:do|does|have|has|could|might) (?:{_WHO}) (?:have|has|got)\b(?! to)"
    r"|\bwhat (?:does|do|did|is|are)(?: [\w'-]+){0,2}? (?:my|his|her)(?: [\w'-]+){0,4} mean\b|\b(?:diagnose"
    r"|diagnosis)\b.{0,60}\b(?:me|my|him|her|mine|i)\b"
    r"|\b(?:my|his|her) (?:[\w'-]+ ){0,3}diagnosis\b|\byou think (?:mine|it|this|that|i|he|she|my)\b"
    r"|\bis (?:my|his|her)(?: [\w'-]+){1,5} (?:serious|dangerous|normal|abnormal|cancer\w*|broken|infected|benign"
    r"|too (?:high|low)|worrying|bad|ok|okay|an? emergency)\b"
)
_FINDING = re.compile(
    r"\bi'm\b|\bmy (?:doctor|gp|nurse|pharmacist|consultant|specialist|surgeon|dentist) \w+\b|\b(?:i|he|she|we|i've"
    r"|he's|she's|i'm|my(?: [\w'-]+){1,3}?) (?:have|has|had|'?ve|got|get|gets|feel|feels|felt|am|is|are|was|came"
    r"|come|comes|keeps?|hurts?|weigh\w*|started|noticed|woke|been|vomited|suffer\w*|takes?|aches?|bleeds?)\b"
    r"|\bmy (?:[\w'-]+ ){0,3}(?:pain|rash|lump|cough|fever|headache|swelling|bleeding|result|results|test|scan"
    r"|level|reading|count|inr|hba1c|ferritin|tsh|egfr|potassium|sodium|calcium|blood pressure)\b"
)
_IS_IT = re.compile(
    r"\b(?:is|could|might|may|would|can|does|was) (?:it|this|that|these|they|those)(?: (?:just|really|possibly|maybe"
    r"|only|likely|perhaps|probably|be|sound like|look like|mean|all))*"
    r" (?:an?|the|my|his|her|cancer|serious|dangerous|normal|broken|infected|allergic|asthma|gout|pneumonia"
    r"|appendicitis|diabetes|flu|covid|something|anything|bad|fatal|ok|okay|menopause|migraine|arthritis|shingles"
    r"|dvt|sepsis|meningitis|i|you think)\b"
    r"|\bwhat (?:is|could|might|can) (?:it|this|that)(?: be)?\b|\bwhat do i do\b|\bwhat (?:should|can|must|shall"
    r"|would) (?:i|we|you) (?:do|say)\b"
    r"|\bdo you agree\b|\bwhat do you (?:think|advise)\b|\byour (?:opinion|advice)\b|\bhow serious\b"
    r"|\bshould i (?:be )?(?:worr\w+|concern\w*)"
)
_DOSE = re.compile(_AMOUNT)
_DOSE_FOR = re.compile(
    rf"\b(?:for|give|to|on|in|feed|than) (?:{_OWN}|{_OTHER}|me\b|mine\b|someone like me|somebody like me"
    r"|a person like me)"
    rf"|\b(?:should|shall|do|can|could|must|may|ought|would) (?:{_WHO})(?: (?:safely|now|still|to))? (?:take|give"
    r"|use|inject|have|eat|swallow|need|go|get|put|start|administer)\b"
    rf"|\b(?:tonight|tonight's|tomorrow|right now|this (?:evening|morning|week)|today)\b"
    r"|\bweigh(?:s|ing)? (?:about |only |around )?\d+(?:\.\d+)? ?(?:kg|kilos?|kilograms?|lbs?|pounds"
    r"|stone)?(?! (?:or|and) (?:more|less|over|under))"
    r"|\b(?:like me|who is me|my weight|i weigh|he weighs|she weighs)\b|\bpatient [b-hj-z#\d]\b"
)
_MOST = re.compile(r"\b(?:the most|the maximum|the highest|the longest|is the limit)\b")


_OWN_VALUE = re.compile(
    r"\bmy (?:[\w'-]+ ){0,3}?(?:is|are|was|were|came back(?: at| as)?|came out(?: at| as)?|has been|of|at) (?:now "
    r"|only |about )?-?\d"
    r"|\b(?:i|he|she|me)\b.{0,80}\b(?:with|has|have|having) (?:an?|the) (?:[\w'-]+ ){1,3}?of -?\d"
)
_CLOSED = re.compile(
    r" ?(?:and |or |but |please |now |then |so |ok |well )*(?:should|shall|can|could|may|must|might|would|will|do"
    r"|does|is|are|am|has|have|did|was)\b"
)
_SHORT_ASK = re.compile(
    r"[.,;:!] ?(?:[\w'-]+ or [\w'-]+(?:,? [\w'-]+){0,3}|(?:stop|skip|double|continue|take|give|keep|start|call"
    r"|ignore|worry|wait|go) (?:it|them|him|her|on|again|now|or [\w' ]{1,30})"
    r"|your (?:diagnosis|verdict|opinion|thoughts?|guess|call)|thoughts|any ideas?|normal|serious|dangerous|what now)\?"
)
_CHANGING = (
    r"(?:increasing|stopping|changing|doubling|halving|skipping|lowering|raising|reducing|quitting|switching|taking"
    r"|dropping|starting)"
)
_OPINION = re.compile(
    rf"\b(?:would|will|could|can|should|does|is) {_CHANGING} (?:my|his|her)\b|\bwhich (?:one )?of (?:my|his|her)\b"
    r"|\b(?:opinion|view|advice|verdict|guess|thoughts|take) on (?:whether|if|my|what|how)\b|\b(?:interpret|assess"
    r"|evaluate|explain|read|check|judge) (?:my|his|her)\b"
    r"|\bwould you (?:take|stop|go|have|do|start|give|keep|skip)\b|\b(?:do|does|would|will) (?:i|he|she) qualify\b"
    r"|\bhow long (?:should|must|shall|do|can|may) (?:i|he|she) (?:stay on|keep taking|continue|carry on|take"
    r"|go on)\b.{0,60}\b(?:my|his|her)\b"
    r"|\blike (?:i|me) (?:do|have|am)\b|\bcan i go ahead\b|\b(?:be|play|act as|you're|you are) (?:dr\b|doctor"
    r"|my (?:doctor|gp|physician|nurse|pharmacist))"
)
_KIN_NAMED = re.compile(rf"\b(?:my|our)(?: [\w'-]+){{0,2}}? (?:{_KIN})\b")


def asks_for_advice(question: str) -> bool:
    """Whether a question is about one person's own diagnosis, dose or treatment.

    >>> asks_for_advice("Should I double my tablets?"), asks_for_advice("What is the usual adult dose of paracetamol?")
    (True, False)
    """
    text = unmask(question)
    parts = _CLAUSES.split(text)
    return bool(
        asks_about_a_person(text)
        or any(_DECISION.search(part) and not _MANNER.match(part) for part in parts)
        or any(pattern.search(text) for pattern in (_CHANGE_OWN, _STEERING, _DIAGNOSIS, _OPINION))
        or (_FINDING.search(text) and (_IS_IT.search(text) or _SHORT_ASK.search(text)))
        or (_DOSE.search(text) and _DOSE_FOR.search(text) and not _MOST.search(text))
        or ((_KIN_NAMED.search(text) or _OWN_VALUE.search(text)) and _asks_closed(text, parts))
    )


def _asks_closed(text: str, parts: list[str]) -> bool:
    """Whether something is to be decided, yes or no, this or that: about a relative or a value of one's own."""
    return bool(_SHORT_ASK.search(text)) or any(_CLOSED.match(part) for part in parts)
