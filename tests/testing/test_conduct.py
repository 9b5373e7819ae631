"""The suite lets sound domains pass and sees policies, scorers, checks and reviews that misbehave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import glossator_code
import glossator_common
import glossator_legal
import glossator_medical
from glossator import Answer, Document, Host, InputError, Question, Score, Scorer, Source, Span
from glossator.domain import RewardPolicy
from glossator.testing import EXPLOITS, SPOILS, answer_from, check_domain
from glossator.testing.material import read_material
from glossator.testing.trial import Trial, trials_of

from .conftest import Copy, told


def pay(copy: Copy, *gates: str, **weights: float) -> None:
    """Give the domain another reward policy."""
    copy.domain = replace(copy.domain, rewards=RewardPolicy(weights=weights, gates=gates))


def scorer(name: str, value: Callable[[Question, Answer], Any]) -> Scorer:
    return Scorer(name=name, score=lambda q, a: Score(name=name, value=value(q, a)), summary="planted")


@pytest.mark.parametrize("name", ["code", "legal", "medical"])
def test_our_own_domains_are_sound(name: str) -> None:
    plugins = {"code": glossator_code, "legal": glossator_legal, "medical": glossator_medical}
    assert check_domain(Host.of(common=glossator_common, own=plugins[name]), name) == []


def test_an_unknown_domain_is_an_error() -> None:
    with pytest.raises(InputError, match="did you mean 'medical'"):
        check_domain(Host.of(common=glossator_common, medical=glossator_medical), "medicine")


# What the policy pays


def test_a_policy_that_pays_for_citing_everything_is_found(copy: Copy) -> None:
    pay(copy, citation_recall=1.0, abstains_well=1.0)
    assert "the exploit 'every passage cited' is paid as much as the honest answer" in told(copy)
    assert "the exploit 'fabricated id beside the right one' is paid as much" in told(copy)


def test_a_policy_that_pays_every_answer_is_found(copy: Copy) -> None:
    copy.scorers.append(scorer("eager", lambda q, a: float(not a.abstained)))
    pay(copy, eager=1.0)
    assert "the reward policy pays the abstention less than 0.95" in told(copy)
    assert "is paid more than the abstention that is right" in told(copy)


def test_a_policy_that_pays_refusals_is_found(copy: Copy) -> None:
    copy.scorers.append(scorer("shy", lambda q, a: float(a.abstained)))
    pay(copy, shy=1.0)
    assert "the reward policy pays the gold less than 0.95" in told(copy)
    assert "the exploit 'refusal' is paid as much as the honest answer" in told(copy)


def test_a_policy_that_pays_a_near_miss_like_an_abstention_is_found(copy: Copy) -> None:
    pay(copy, "honest_form", citation_f1=2.0, evidence_f1=1.0, abstains_well=0.5)
    missed = "the exploit 'slivers of the right words', which cites no evidence, is paid as much as an abstention"
    assert missed in told(copy)


def test_a_gate_that_refuses_the_gold_says_why(harbour: Copy) -> None:
    shut = Scorer(name="shut", score=lambda q, a: Score(name="shut", value=0.0, why="Monday"), summary="", gate=True)
    harbour.scorers.append(shut)
    pay(harbour, "shut", abstains_well=1.0)
    assert "pays the gold less than 0.95 (shut: Monday) (10 of 15 questions; also gold/train.jsonl:2," in told(harbour)


@pytest.mark.parametrize("exploit", EXPLOITS)
def test_a_policy_that_falls_for_an_exploit_is_found(exploit: str, harbour: Copy) -> None:
    material, _ = read_material(harbour.host, harbour.domain)
    trials = [trial for trial in trials_of(material) if isinstance(trial, Trial)]
    texts = {(trial.question.id, EXPLOITS[exploit](trial)) for trial in trials}
    honest = {(trial.question.id, trial.honest) for trial in trials}
    fooled = scorer("fooled", lambda q, a: float((q.id, a.text) in texts | honest))
    harbour.scorers.append(fooled)
    pay(harbour, fooled=1.0)
    assert f"the exploit {exploit!r} is paid as much as the honest answer" in told(harbour)


def test_a_scorer_that_breaks_on_the_right_answer_is_found(harbour: Copy) -> None:
    def broken(question: Question, answer: Answer, /) -> Score:
        raise ZeroDivisionError("no words")

    harbour.scorers.append(Scorer(name="broken", score=broken, summary="breaks"))
    pay(harbour, "honest_form", abstains_well=1.0, citation_precision=1.0, broken=1.0)
    assert "scorer 'broken' fails on the right answer: ZeroDivisionError: no words (15 of 15 questions" in told(harbour)


def test_a_corpus_without_anything_to_distract_is_found(harbour: Copy) -> None:
    for path in (harbour.content / "corpus").iterdir():
        path.unlink()
    text = "---\nlicence: CC0-1.0\nsource: made up\n---\nIt costs four crowns."
    (harbour.content / "corpus" / "premiums.md").write_text(text, encoding="utf-8")
    span = {"doc_id": "premiums", "start": 0, "end": 21, "text": "It costs four crowns."}
    row = {"id": "a", "question": "Why?", "answerable": False, "kind": "near-miss"}
    harbour.write("train", [row])
    asked = row | {"id": "b", "question": "How much?", "answerable": True, "gold_spans": [span]}
    harbour.write("test", [asked, row | {"id": "c", "question": "Whither?"}])
    assert "question 'a': the corpus is too small for a distractor (3 of 3 questions" in told(harbour)


# What the domain's own scorers say to the gold


def test_an_own_scorer_that_pays_the_gold_less_than_one_is_found(copy: Copy) -> None:
    copy.scorers.append(scorer("half", lambda q, a: 0.5 if q.answerable else None))
    assert "scorer 'half' gives the quoted gold 0.5, not 1" in told(copy)


def test_an_own_scorer_is_asked_about_the_reference_over_passages_in_the_order_of_the_evidence(copy: Copy) -> None:
    line = copy.first("train")
    spans = copy.rows("train")[line - 1]["gold_spans"]
    reference = " ".join(f"So it is said: {span['text']} [{n}]" for n, span in enumerate(spans, 1))
    copy.edit(line, "train", reference=reference)

    def exact(question: Question, answer: Answer) -> float | None:
        if not answer.text.startswith("So it is said"):
            return None
        pairs = zip(question.evidence, answer.passages, strict=False)
        return float(all(shown.span.overlap(span) == span.end - span.start for span, shown in pairs))

    copy.scorers.append(scorer("exact", exact))
    assert copy.problems() == []
    copy.scorers.append(scorer("strict", lambda q, a: float("So it is" not in a.text)))
    (one,) = copy.found()
    assert one.what.startswith("scorer 'strict' gives the reference gold 0, not 1")
    assert one.where.startswith(f"gold/train.jsonl:{line} ")


def test_spans_of_one_paragraph_get_a_passage_each(harbour: Copy) -> None:
    line = next(n for n, row in enumerate(harbour.rows("train"), 1) if len(row["gold_spans"]) == 2)
    harbour.edit(line, "train", reference="At the green pontoon. [1] For five nights. [2]")
    harbour.scorers.append(
        scorer("apart", lambda q, a: float(len({p.id for p in a.passages}) == len(a.passages) and _apart(q, a)))
    )
    assert harbour.problems() == []


def _apart(question: Question, answer: Answer) -> bool:
    if not answer.text.startswith("At the green"):
        return True
    held = [sum(bool(p.span.overlap(span)) for span in question.evidence) for p in answer.passages]
    return held[:2] == [1, 1] and not any(held[2:])


# Spoils


def test_every_spoil_that_can_be_tried_is_caught_somewhere(copy: Copy) -> None:
    counts = copy.examine().spoils
    assert [count.spoil for count in counts] == list(SPOILS)
    assert all(count.caught for count in counts if count.applied)


@pytest.mark.parametrize("spoil", [name for name in SPOILS if name not in ("marker swapped", "negation dropped")])
def test_a_domain_that_catches_no_spoil_is_found(spoil: str, medical: Copy) -> None:
    medical.scorers.append(scorer("blind", lambda q, a: 1.0))
    medical.domain = replace(
        medical.domain,
        rewards=RewardPolicy(weights={"blind": 1.0}, gates=()),
        policy=medical.domain.policy.model_copy(update={"min_support": 0.0}),
    )
    assert f"the spoil {spoil!r} is never caught, in none of" in told(medical)


def test_a_reference_that_the_run_time_check_would_cut_is_counted(harbour: Copy) -> None:
    line = harbour.first("train")
    place = harbour.edit(line, "train", reference="Entirely other words describe whatever holds here. [1]")
    report = harbour.examine()
    assert (report.references, report.cut, report.problems) == (1, (place,), ())


# The right answer


def test_the_right_answer_quotes_each_gold_span_with_the_number_of_its_passage() -> None:
    texts = {
        name: f"The {name} is large. The {name} is also kind to everybody who meets it."
        for name in ("cat", "dog", "cow")
    }
    documents = {name: _document(name, text) for name, text in texts.items()}
    spans = tuple(Span(document_id=name, start=0, end=17) for name in ("cat", "dog"))
    text, passages = answer_from(Question(id="q", text="Which are large?", evidence=spans), documents, "No idea.")
    numbers = {passage.document_id: number for number, passage in enumerate(passages, 1)}
    assert text == f"[{numbers['cat']}]: “The cat is large.” [{numbers['dog']}]: “The dog is large.”"


def test_the_right_answer_to_an_unanswerable_question_is_the_abstention() -> None:
    documents = {"cat": _document("cat", "The cat is large.")}
    text, _ = answer_from(Question(id="q", text="Why?", answerable=False), documents, "No idea.")
    assert text == "No idea."


def test_the_matrix_holds_the_exploits_that_were_seen() -> None:
    assert len(EXPLOITS) >= 22


def _document(name: str, text: str) -> Document:
    return Document(
        id=name, title=name, text=text, source=Source(url="made up", licence="CC0-1.0", sha256=""), family=name
    )
