"""Right answers made wrong in one place: the run-time check or a scorer must give each less than the gold.

A spoil that does not apply to an answer (no number in it) yields nothing. A question counts as caught when every
spoiled form of its every right answer is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from glossator.citations.check import check_answer
from glossator.citations.forms import format_marker
from glossator.citations.parse import find_markers
from glossator.citations.read import read_answer
from glossator.claims import Verifier
from glossator.records import Answer, Passage, Question
from glossator.scoring import judge
from glossator.testing.forms import Form
from glossator.testing.material import Material
from glossator.testing.problem import Problem, SpoilCount

ENOUGH = 5
"""Questions that a spoil must apply to before never being caught is a finding."""
CHECK = "run-time check"
SHORTEST = 20
"""Code points of a passage that is left when its evidence is cut out."""

Spoil = Callable[[Form], Iterator[Form]]
Verdict = Mapping[str, float | None]

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_DENIED = re.compile(r"\b(?:not|never|no|cannot)\b ?|n['’]t\b", re.IGNORECASE)
_VERB = re.compile(r"\b(?:is|are|was|were|can|may|must|should|shall|will|has|have|does|do)\b")


@dataclass(frozen=True, slots=True)
class Court:
    """Who judges: the run-time check with the domain's threshold, and the domain's scorers."""

    material: Material
    verifier: Verifier

    def verdict(self, question: Question, form: Form) -> Verdict:
        """Share of the statements that the run-time check keeps, and the value of each scorer."""
        answer = self._read(form)
        return {CHECK: self._kept(answer), **self._scores(question, answer)}

    def lowers(self, question: Question, spoiled: Form, right: Verdict) -> bool:
        """Whether anyone gives a spoiled answer less than the right one; the run-time check is slow and asked last."""
        answer = self._read(spoiled)
        scores = self._scores(question, answer)
        return any(_less(value, right[name]) for name, value in scores.items()) or _less(
            self._kept(answer), right[CHECK]
        )

    def _read(self, form: Form) -> Answer:
        return read_answer(form.text, form.passages, self.material.domain.prompts.abstention)

    def _scores(self, question: Question, answer: Answer) -> Verdict:
        return {name: score.value for name, score in judge(self.material.scorers, question, answer).items()}

    def _kept(self, answer: Answer) -> float:
        domain = self.material.domain
        checked = check_answer(
            answer,
            self.verifier,
            min_support=domain.policy.min_support,
            abstention=domain.prompts.abstention,
            documents=self.material.documents,
        )
        return 0.0 if checked.abstained else 1 - checked.dropped / len(answer.statements)


@dataclass(slots=True)
class Trials:
    """What the court found."""

    found: dict[str, list[bool]]
    references: int = 0
    cut: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[SpoilCount, ...]:
        return tuple(SpoilCount(spoil=name, applied=len(s), caught=sum(s)) for name, s in self.found.items())


def try_spoils(material: Material) -> Trials:
    """For each spoil, the questions it applies to and those where it is caught."""
    court = Court(material, material.host.verifier("aligned").load())
    trials = Trials({name: [] for name in SPOILS})
    for row in material.rows:
        if row.question.answerable:
            gold = [(form, court.verdict(row.question, form)) for form in material.forms(row)]
            _caught(row.question, gold, court, trials)
            for _, verdict in gold[1:]:
                trials.references += 1
                trials.cut += (row.where,) if verdict[CHECK] != 1 else ()
    return trials


def spoil_problems(material: Material, counts: tuple[SpoilCount, ...]) -> Iterator[Problem]:
    for count in counts:
        if count.applied >= ENOUGH and not count.caught:
            yield Problem(
                where=material.policy.place(["answer", "min_support"]),
                what=f"the spoil {count.spoil!r} is never caught, in none of {count.applied} questions",
                remedy="raise answer.min_support, or reward a scorer that sees it",
            )


def _caught(question: Question, gold: Sequence[tuple[Form, Verdict]], court: Court, trials: Trials) -> None:
    for name, spoil in SPOILS.items():
        tried = [(bad, right) for form, right in gold for bad in spoil(form)]
        if tried:
            trials.found[name].append(all(court.lowers(question, bad, right) for bad, right in tried))


def _less(value: float | None, right: float | None) -> bool:
    return value is not None and right is not None and value < right


def _wrong_number(form: Form) -> Iterator[Form]:
    """Each number one off, one at a time; those of markers stay."""
    markers = [(marker.start, marker.end) for marker in find_markers(form.text)]
    for found in _NUMBER.finditer(form.text):
        if not any(start <= found.start() < end for start, end in markers):
            last = (int(found[0][-1]) + 1) % 10
            yield _with(form, form.text[: found.end() - 1] + str(last) + form.text[found.end() :])


def _wrong_document(form: Form) -> Iterator[Form]:
    """Every marker names a passage of another document, or at least one without evidence."""
    gold = {span.document_id for span in form.evidence}
    free = [n for n, p in enumerate(form.passages, 1) if not any(p.span.overlap(span) for span in form.evidence)]
    others = [number for number in free if form.passages[number - 1].document_id not in gold]
    for number in (others or free)[:1]:
        yield _with(form, _renumbered(form.text, dict.fromkeys(_numbers(form.text), number)))


def _negation_dropped(form: Form) -> Iterator[Form]:
    for found in _DENIED.finditer(form.text):
        yield _with(form, form.text[: found.start()] + form.text[found.end() :])


def _negation_added(form: Form) -> Iterator[Form]:
    """A plain statement denied; one that denies already is left alone."""
    verb = _VERB.search(form.text)
    if verb and not _DENIED.search(form.text):
        yield _with(form, f"{form.text[: verb.end()]} not{form.text[verb.end() :]}")


def _swapped_marker(form: Form) -> Iterator[Form]:
    """The numbers of the first two passages that are cited change places."""
    used = _numbers(form.text)
    if len(used) > 1:
        yield _with(form, _renumbered(form.text, {used[0]: used[1], used[1]: used[0]}))


def _evidence_cut(form: Form) -> Iterator[Form]:
    """The same answer over passages that end before their evidence, or begin after it."""
    passages = tuple(_without(passage, form) for passage in form.passages)
    if passages != form.passages:
        yield replace(form, passages=passages)


def _without(passage: Passage, form: Form) -> Passage:
    inside = [span for span in form.evidence if span.overlap(passage.span)]
    if not inside:
        return passage
    first, last = min(span.start for span in inside), max(span.end for span in inside)
    before, after = (passage.start, min(first, passage.end)), (max(last, passage.start), passage.end)
    start, end = max(before, after, key=lambda part: part[1] - part[0])
    if end - start < SHORTEST:
        return passage
    text = passage.text[start - passage.start : end - passage.start]
    return replace(passage, id=f"{passage.document_id}:{start}-{end}", start=start, end=end, text=text)


def _numbers(text: str) -> list[int]:
    """The passages that a text cites, in order, each once."""
    return list(dict.fromkeys(number for marker in find_markers(text) for number in marker.numbers))


def _renumbered(text: str, change: Mapping[int, int]) -> str:
    """The text with each marker spelt anew."""
    parts, last = [], 0
    for marker in find_markers(text):
        parts += [
            text[last : marker.start],
            format_marker([change.get(key, key) if isinstance(key, int) else key for key in marker.keys], marker.style),
        ]
        last = marker.end
    return "".join([*parts, text[last:]])


def _with(form: Form, text: str) -> Form:
    return replace(form, text=text)


SPOILS: Mapping[str, Spoil] = {
    "wrong number": _wrong_number,
    "wrong document": _wrong_document,
    "negation dropped": _negation_dropped,
    "negation added": _negation_added,
    "marker swapped": _swapped_marker,
    "evidence cut": _evidence_cut,
}
"""What makes a right answer wrong, by name."""
