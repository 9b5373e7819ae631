"""Citation recall and precision as ALCE publishes them, bug for bug, so that published numbers can be had again.

After `compute_autoais` and `remove_citations` of Gao et al. 2023 (princeton-nlp/ALCE, `eval.py`, `utils.py`). What it
does to an answer, on purpose here:

* only the first line is read; an empty answer is in no mean;
* `[1, 2]` and `[1-3]` cite 1; `[^1]` and `[doc1]` cite nothing; `arr[1]` cites 1; `[0]` cites the last passage;
* every `]` is deleted from the claim;
* a marker behind the full stop belongs to the next sentence;
* the fourth and later citations of a sentence are not seen;
* a number beyond the passages makes the sentence unsupported and costs no precision;
* every sentence needs a citation, a refusal too;
* a citation counts only where all together support the sentence, and then when it supports it alone or the others,
  without the first of its kind, do not.

Two things are the caller's: the verifier (ALCE's answers yes or no; here yes is a probability of LIKELY or more) and
how a line is cut into sentences (ALCE's is `nltk.sent_tokenize`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glossator.citations.tensor import LIKELY, Once
from glossator.claims import Claim, Verifier
from glossator.records import Passage

MOST = 3
"""Citations of a sentence that are seen: `--at_most_citations`."""

_CITED = re.compile(r"\[\d+")
_STOP = re.compile(r"(?<=[.!?])\s+(?=\S)")

Cut = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlceItem:
    """One answer and the passages it was given."""

    output: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlceScore:
    """Of one answer, 0 to 1; ALCE prints their means times 100."""

    recall: float | None
    precision: float | None
    why: str = ""
    """Why there is none: nothing was said, or a sentence could not be judged."""


def alce_compat(
    items: Sequence[AlceItem], verifier: Verifier, *, cut: Cut | None = None, least: float = LIKELY
) -> list[AlceScore]:
    """The score of each answer. What the loop will ask is asked before, in three calls for all answers together."""
    judge = _Judge(Once(verifier), least)
    parts = [[_sentence(text, item) for text in (cut or sentences)(_line(item.output))] for item in items]
    cited = [sentence for part in parts for sentence in part if sentence.seen]
    judge.ask([(sentence, sentence.seen) for sentence in cited])
    several = [sentence for sentence in cited if len(sentence.seen) > 1 and judge.says(sentence, sentence.seen)]
    judge.ask([(sentence, (number,)) for sentence in several for number in sentence.seen])
    alone = [(sentence, number) for sentence in several for number in sentence.seen]
    judge.ask([(sentence, sentence.but(n)) for sentence, n in alone if judge.says(sentence, (n,)) is False])
    return [_score(part, judge) for part in parts]


def sentences(line: str) -> list[str]:
    """A line cut behind each full stop, question or exclamation mark that a space follows: no abbreviation is known.

    >>> sentences("Iron falls. [1] Zinc rises [2].")
    ['Iron falls.', '[1] Zinc rises [2].']
    """
    return [part for part in _STOP.split(line) if part]


def remove_citations(sentence: str) -> str:
    """The claim that ALCE reads.

    >>> remove_citations("Iron falls [1][2]. See [^3] and x[4]."), remove_citations("Iron [1, 2] falls")
    ('Iron falls. See [^3 and x.', 'Iron, 2 falls')
    """
    return _CITED.sub("", re.sub(r" \[\d+", "", sentence)).replace(" |", "").replace("]", "")


@dataclass(frozen=True, slots=True)
class _Sentence:
    claim: str
    seen: tuple[int, ...]
    """Places of the cited passages; none where nothing is cited, or one that is not there."""
    passages: tuple[Passage, ...]

    def but(self, number: int) -> tuple[int, ...]:
        """The others: without the first of this number."""
        at = self.seen.index(number)
        return self.seen[:at] + self.seen[at + 1 :]

    def on(self, numbers: Sequence[int]) -> Claim:
        """The claim on these passages, joined as ALCE joins them."""
        cited = [self.passages[number] for number in numbers]
        return Claim(self.claim, ("\n".join(f"Title: {passage.title}\n{passage.text}" for passage in cited),))


@dataclass(frozen=True, slots=True)
class _Judge:
    once: Once
    least: float

    def ask(self, pairs: Sequence[tuple[_Sentence, tuple[int, ...]]]) -> None:
        self.once.judge([sentence.on(numbers) for sentence, numbers in pairs])

    def says(self, sentence: _Sentence, numbers: tuple[int, ...]) -> bool | None:
        """Whether these passages entail the sentence; None where that could not be judged."""
        full = self.once.judge([sentence.on(numbers)])[0].full
        return None if full is None else full >= self.least

    def surely(self, sentence: _Sentence, numbers: tuple[int, ...]) -> bool:
        said = self.says(sentence, numbers)
        if said is None:
            raise _UnjudgedError(sentence.claim)
        return said


class _UnjudgedError(Exception):
    """The verifier could not say yes or no; never leaves this file."""


def _line(output: str) -> str:
    return output.strip().split("\n")[0].replace("<|im_end|>", "")


def _sentence(text: str, item: AlceItem) -> _Sentence:
    cited = [int(found[1:]) - 1 for found in _CITED.findall(text)]
    there = item.passages and all(number < len(item.passages) for number in cited)
    return _Sentence(remove_citations(text).strip(), tuple(cited[:MOST]) if there else (), item.passages)


def _score(part: Sequence[_Sentence], judge: _Judge) -> AlceScore:
    if not part:
        return AlceScore(recall=None, precision=None, why="nothing is said")
    supported = precise = cited = 0
    try:
        for sentence in part:
            joint = bool(sentence.seen) and judge.surely(sentence, sentence.seen)
            several = joint and len(sentence.seen) > 1
            supported += joint
            precise += sum(_counts(sentence, n, judge) for n in sentence.seen) if several else joint
            cited += len(sentence.seen)
    except _UnjudgedError as error:
        return AlceScore(recall=None, precision=None, why=f"could not be judged: {error}")
    return AlceScore(recall=supported / len(part), precision=precise / cited if cited else 0.0)


def _counts(sentence: _Sentence, number: int, judge: _Judge) -> bool:
    """Whether a citation is precise: it supports the sentence alone, or without it the others do not."""
    return judge.surely(sentence, (number,)) or not judge.surely(sentence, sentence.but(number))
