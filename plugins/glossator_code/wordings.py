"""The wordings of requests that are refused, by reason. Lower case; `ASK` stands for a person who wants it done."""

from __future__ import annotations

import re


def _any(choices: str) -> str:
    """One of several wordings, written over lines."""
    return "(?:" + "".join(line.strip() for line in choices.splitlines()) + ")"


ASK = (
    r"\b"
    + _any(
        r"""how (?:do|can|could|would|might|should|to)|(?:i|we) (?:want|need|can|could|would like|plan)
        |so (?:that )?(?:i|we|my)|help|show|tell|teach|explain how|give|provide|write|make (?:me|us|an?|the|it|my)|craft
        |create|build|generate|develop|code|design|script|handler that|job that|please|let (?:me|us)|walk (?:me|us)
        |pretend|steps|way to|trick to|best way"""
    )
    + r"\b.{0,80}?\b"
)
START = r"(?:^|[.!?:;,] ?)"

ATTACKS = _any(
    r"""exploits?|shell ?code|reverse shell|zero[- ]?days?|ransomware|malware|malicious|key ?loggers?|trojans?|rootkits?
    |botnets?|spyware|worm|virus(?:es)?|logic bomb|fork bomb|zip bomb|crypto ?miners?|info ?stealers?|phishing
    |back ?doors?|privilege escalation|remote code execution|rce|sql injection"""
)
THREADS = r"(?:the |all |several |more )?(?:parallel|concurren|multi|cores?|cpus?|cache|locality|processors?|threads?)"
NOT_ATTACKS = rf"(?! ?(?:scan|check|detect|protect|filter|definition|{THREADS}))"
HARM = (
    _any(
        r"""flood|ddos|dos|hijack|hack|sabotage|deface|spy on|eavesdrop on|exfiltrate|steal|impersonate|infect|attack
        |brings? down|takes? down|knocks? out|breaks? in ?to|wipe|brute[- ]?force"""
    )
    + "(?:s|es|ing|ed)?"
)
VICTIMS = _any(
    r"""some(?:one|body)(?: else)?|else's|others?|another|competitors?|colleagues?|coworkers?|victims?|targets?
    |customers?|tenants?|web ?sites?|servers?|networks?|accounts?|neighbou?rs?|their|his|her|users?|boss
    |compan(?:y|ies)|api|environment|data|databases?|tokens?"""
)

EVADE = (
    _any(
        r"""bypass|circumvent|evade|defeat|crack|trick|fool|subvert|outsmart|sidestep|neutrali[sz]e|patch out
        |get (?:a?round|past)|work around|(?:slip|sneak) (?:it |them |one )?past|break|cheat"""
    )
    + "(?:s|es|ing|ed)?"
)
GUARDS = _any(
    r"""licen[cs]e|licen[cs]ing|activation|drm|copy[- ]protection|paywall|trial (?:period|version|limit)|authenticat\w+
    |authori[sz]ation|log-?in|password|security|signature|certificate|sandbox|anti-?virus|edr|firewall|captcha|2fa|mfa
    |access control|permissions?|approvals?|code review|audit|safeguards?|id check|path check"""
)
OFF = (
    _any(r"disable|turn(?:ing)? off|switch(?:ing)? off|skip|remove|strip|delete|hide|get rid of|comment out|patch")
    + "(?:s|es|ing|ed)?"
)
OWED = _any(
    r"""licen[cs]e (?:check|key|server|header|notice|text|validation)s?|licensing|activation|drm|copy[- ]protection
    |paywall|trial (?:period|limit)|authentication|authori[sz]ation|log-?in (?:check|prompt)|password (?:check|prompt)
    |sandbox|anti-?virus|firewall|audit (?:log|trail)|(?:apache|copyright|licen[cs]e) notices?
    |attributions?|watermarks?"""
)

SECRETS = _any(
    r"""passwords?|passwd|passphrases?|credentials?|(?:api|access|secret|private|ssh|signing|encryption|aws) keys?
    |(?:api|access|auth\w*|bearer|session|github|pypi|oauth|refresh|admin|lease) tokens?|session cookies?"""
)
TAKE = (
    _any("steal|dump|crack|harvest|exfiltrate|leak|guess|brute[- ]?force|sniff|phish|fish for|grab")
    + "(?:s|es|ing|ed)?"
)
GET = _any("extract|obtain|intercept|decrypt|recover|retrieve|reveal|read|find|get|see|use") + "(?:s|ing)?"
OWNERS = _any(
    r"""some(?:one|body)(?: else)?'?s?|another|others?|other \w+'?s?|\w+'s|admin\w*|root|colleagues?'?|coworkers?'?
    |customers?'?|maintainers?'?|production|victims?'?|tenants?'?|neighbou?rs?'?|their|his|her|all users'?"""
)
HAND_OVER = r"(?:give|tell|hand|show|print|send(?= me| us)|reveal|list|share|what(?:'s| is| are))(?: me| us| over)?"
FEW_WORDS = r"(?: (?!how|difference|purpose|meaning|way|name|type|between|of|a\b|an\b)[\w'-]+){0,3}?"
ABOUT = (
    r"(?! "
    + _any(
        r"""argument|parameter|field|option|setting|callback|keyword|attribute|hash|prompt|manager|format|type|file|class
        |function|method|module|mean|for|used|in"""
    )
    + r"s?\b)"
)

CODE = _any(
    r"""code(?:base)?|scripts?|functions?|class(?:es)?|modules?|programs?|repo(?:sitory|s)?|(?:pull|merge) requests?|pr
    |mr|patch(?:es)?|diffs?|snippets?|projects?|apps?|applications?|services?|implementations?|notebooks?|commits?
    |branch|handlers?|methods?|packages?|unit tests?|test suite|\w+\.py"""
)
TELLING = (
    r"(?:^|[.!?:;,-] ?|\b"
    + _any(
        r"""please|(?:can|could|would|will) (?:you|u)|help (?:me|us)(?: to)?|(?:need|want|like|ask) you to|you to
        |you must|and|then|just|now|kindly|but|so"""
    )
    + r" )(?:\w+ly )?"
)
REVIEW = _any(
    r"""review|debug|fix|repair|audit|refactor|rewrite|critique|improve|optimi[sz]e|proofread|correct|check|inspect|grade
    |diagnose|analy[sz]e|clean up|go (?:over|through)|look (?:at|over|through|into)|(?:take|have) a look at
    |(?:find|spot|search for|look for) (?:the |any |all |some )?
    (?:bugs?|errors?|mistakes?|problems?|issues?|race conditions?) in"""
)
OURS = "(?:my|our|this|these|the following|the attached|attached|the pasted|below)"
FAULT = _any(
    r"""review|debug|fix|repair|audit|refactor|improve|check|wrong|bugs?|broken|fails?|crash\w*|mistakes?
    |(?:not|n't) work\w*"""
)
MADE = _any(
    r"""here(?:'s| is| are)|below (?:is|are)|this is|attached (?:is|are)
    |i(?:'ve| have)?(?: just)? (?:wrote|written|pasted|attached|uploaded)"""
)
FILL = "(?:stuff|fill|flood|clog|overload|overwhelm|swamp|exhaust|bog down)" + "(?:s|es|ing|ed)?"
RIVALS = "(?:rivals?|competitors?|other (?:teams|people|customers|tenants)|another (?:team|customer|tenant|company))"
FORGE = "(?:forge|falsify|back-?date)" + "(?:s|d|ing)?"
RECORDS = r"(?:entr(?:y|ies)|logs?|records?|events?|history|audit\w*|time ?stamps?|reports?|lines?)"
WATCHERS = _any(
    r"""(?:no |any )?auditors?|data protection officers?|dpo|compliance|regulators?|police|boss|management
    |security team"""
)
NOTICE = "(?:notic|find|know|believ|see|suspect|learn|realis|realiz|detect)\\w*"
DO_IT = _any(
    r"""log ?in(?:to)?|ssh|restart|reboot|deploy|roll out|install|merge|push|commit|open (?:the|a|an|my|our)
    \ (?:pull|merge) request|open (?:the|a|my) (?:pr|ticket|issue)|run|send|e-?mail|phone|call"""
)
PRIVATE = rf"(?:private|internal|closed[- ]source|proprietary|confidential) (?:\w+ )?{CODE}"
PROGRAM = "(?:code|script|program|function|app|application|snippet|project|repo)"
KNOWN = r"(?:`|\w_\w|\w(?:error|exception|lost|locked)\b|\[dw)"
"""Signs of a name that the documents may explain."""

WORDINGS = {
    "asks for an attack": (
        rf"{ASK}{ATTACKS}\b{NOT_ATTACKS}",
        rf"(?:{ASK}|{START}){HARM}\b.{{0,60}}?\b{VICTIMS}\b",
        r"\b(?:how (?:do|can|could|would|might|to)(?: i| we| one)?|help me|let's) exploit\b"
        rf"(?! {THREADS})",
    ),
    "asks to do harm or to hide it": (
        rf"\b{FILL}\b.{{0,30}}?\b{RIVALS}\b",
        rf"(?:{ASK}|{START}){FORGE}\b.{{0,30}}?\b{RECORDS}\b",
        rf"\b(?:so that|without) (?:the |our |my |any )?{WATCHERS} (?:ever )?{NOTICE}",
    ),
    "asks for something to be done": (
        rf"\bplease {DO_IT}\b(?=.{{0,80}}?\b(?:my|our|for (?:me|us))\b)",
        r"\b(?:find|spot|solve) (?:the|my|our|this) (?:bug|error|mistake|problem|leak|deadlock) for (?:me|us)\b",
    ),
    "asks for advice that is not about code": (
        r"\bshould (?:i|we) (?:sue|resign|divorce|(?:quit|leave) (?:because|(?:my|the) (?:job|team|company)))\b",
        r"\boffers?\b.{0,120}?\bwhich (?:one )?should i (?:take|accept)\b",
    ),
    "asks to get round a licence or a security check": (
        rf"\b{EVADE}\b.{{0,50}}?\b{GUARDS}\b",
        rf"\b{OFF}\b.{{0,40}}?\b{OWED}\b",
        r"\b(?:patch|comment|strip)(?:ing|ed)? out\b.{0,40}?\bchecks?\b",
        r"\b(?:defeat|crack|trick|cheat|subvert)\b.{0,30}?\block\b",
    ),
    "asks for credentials": (
        rf"(?:{ASK}|{START}){TAKE}\b.{{0,40}}?\b{SECRETS}\b",
        rf"(?:{ASK}|{START}){GET}\b.{{0,15}}?\b{OWNERS} (?:\w+ ){{0,2}}{SECRETS}\b{ABOUT}",
        rf"\b{HAND_OVER}(?: the| your| all| some| any)*{FEW_WORDS} {SECRETS}\b{ABOUT}",
        r"\b(?:read|print|cat|open|dump|leak|expose|fetch)s?\b.{0,40}?/etc/(?:passwd|shadow)\b",
        r"\blog ?in as (?:another|some(?:one|body)|the admin|an admin|admin|root)\b",
    ),
    "asks to review code that is not in the index": (
        rf"{TELLING}{REVIEW}\b.{{0,40}}?\b{OURS}\b.{{0,40}}?\b{CODE}\b",
        rf"\b{MADE}\b.{{0,30}}?\b{CODE}\b.{{0,120}}?\b{FAULT}\b",
        rf"\bwhat(?:'s| is| do you think is)? wrong (?:with|in) {OURS} (?:\w+ ){{0,3}}{CODE}\b",
        rf"\bwhy (?:do|does|did|is|are|won't|doesn't|isn't|can't) {OURS} (?:\w+ ){{0,2}}{PROGRAM}\b"
        rf"(?!.{{0,200}}{KNOWN})",
        rf"\b{FAULT}\b.{{0,60}}?\b{PRIVATE}\b",
        rf"\b{PRIVATE}\b.{{0,60}}?\b{FAULT}\b",
        r"^(?=.*```.{20})(?=.*\b(?:review|debug|fix|audit|refactor|improve|wrong|bugs?|broken|(?:not|n't) work))",
    ),
}

REASONS = tuple((reason, tuple(re.compile(wording) for wording in wordings)) for reason, wordings in WORDINGS.items())
