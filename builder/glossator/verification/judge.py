"""A language model behind an OpenAI-compatible endpoint as judge.

Claim and evidence travel as one JSON object, apart from the instructions in `judge.txt`; angle brackets and control
words such as [INST] are written as escapes, so that no text can end its string or open a turn of the conversation.
A verdict counts only with a quote that stands in the evidence.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from glossator.artifacts import digest_of
from glossator.citations.fold import fold
from glossator.claims import Claim, Place, Verdict
from glossator.endpoint import Endpoint, Unanswered, is_address
from glossator.errors import InputError
from glossator.verification.cached import CachedVerifier, remembered
from glossator.verification.verbatim import empty
from glossator.verification.words import content

URL, MODEL, KEY = "GLOSSATOR_JUDGE_URL", "GLOSSATOR_JUDGE_MODEL", "GLOSSATOR_JUDGE_KEY"
AT_ONCE = 4
"""Claims asked about at a time."""
_CONTROL = re.compile(r"[<>]|\[(?=/?[A-Z_]+\])")


class _Said(BaseModel):
    """The judge's answer; what else it says is ignored."""

    verdict: Literal["full", "partial", "contradict", "none"]
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Asks an endpoint about each claim; every failure is a verdict without a number."""

    url: str
    """Base of the interface, for example http://127.0.0.1:8000/v1."""
    model: str
    key: str = field(default="", repr=False)
    """Sent as bearer token; empty: none."""
    seconds: float = 60.0
    """Longest wait for one answer of the server."""
    pause: float = 1.0
    """Seconds before the second try; twice that before the third."""

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._judged, claims))

    def _judged(self, claim: Claim) -> Verdict:
        if (verdict := empty(claim)) is not None:
            return verdict
        asked = Endpoint(url=self.url, key=self.key, seconds=self.seconds, pause=self.pause)
        try:
            return _verdict(_read(asked.post("chat/completions", request(self.model, claim))), claim)
        except Unanswered as failure:
            return Verdict(full=None, reason=f"the judge {failure}")


def load_judge() -> CachedVerifier:
    """The judge that the environment names; nothing is sent yet. Raises InputError when URL or model is not set."""
    url, model, key = (os.environ.get(name, "").strip() for name in (URL, MODEL, KEY))
    if not is_address(url) or not model:
        raise InputError(
            f"verifier 'judge' sends claims and evidence to a server that you choose: set {URL} (for example "
            f"http://127.0.0.1:8000/v1) and {MODEL}, and {KEY} if it wants a key"
        )
    identity = digest_of({"verifier": "judge", "url": url, "model": model, "prompt": instructions()})
    return remembered(Judge(url=url, model=model, key=key), lambda: identity)


def request(model: str, claim: Claim) -> dict[str, Any]:
    """The body of the request: instructions, and claim and evidence as data."""
    data = json.dumps({"claim": claim.text, "evidence": claim.evidence}, ensure_ascii=False)
    escaped = _CONTROL.sub(lambda sign: f"\\u{ord(sign[0]):04x}", data)
    turns = [{"role": "system", "content": instructions()}, {"role": "user", "content": escaped}]
    return {"model": model, "temperature": 0, "messages": turns}


@cache
def instructions() -> str:
    """What the judge is told."""
    return (files("glossator") / "verification" / "judge.txt").read_text(encoding="utf-8")


def _read(answer: bytes) -> _Said:
    """The JSON object in the answer, whatever stands around it."""
    try:
        said = str(json.loads(answer)["choices"][0]["message"]["content"])
        return _Said.model_validate_json(said[said.find("{") : said.rfind("}") + 1])
    except (ValueError, ValidationError, LookupError, TypeError, RecursionError) as error:
        raise Unanswered(f"gave no answer that can be read: {type(error).__name__}") from error


def _verdict(said: _Said, claim: Claim) -> Verdict:
    if said.verdict == "none":
        return Verdict(full=0.0)
    best = (_place(said.quote, claim.evidence),)
    if said.verdict == "full":
        return Verdict(full=1.0, best=best)
    return Verdict(
        full=0.0,
        partial=float(said.verdict == "partial"),
        contradict=float(said.verdict == "contradict"),
        best=best,
    )


def _place(quote: str, evidence: Sequence[str]) -> Place:
    """Where the quote stands; the whole text where it stands there in other typography."""
    quote = quote.strip()
    if not content(quote):
        raise Unanswered("quoted nothing")
    for number, text in enumerate(evidence):
        if (start := text.find(quote)) >= 0:
            return Place(evidence=number, start=start, end=start + len(quote))
    for number, text in enumerate(evidence):
        if fold(quote) in fold(text):
            return Place(evidence=number, start=0, end=len(text))
    raise Unanswered("quoted words that are not in the evidence")
