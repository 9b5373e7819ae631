"""Citation metrics of one answer against gold. Higher is better; None where a metric does not apply.

A citation *hits* when it covers at least half of a gold span, or lies at least half inside one and is as long as a
short sentence (gold spans known), or when it names a gold document (only documents known). Invalid markers and repeats
stay in every denominator. Definitions follow the precision and recall of ALCE (Gao et al. 2023) with gold evidence in
the place of its verifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from glossator.records import Answer, Citation, Question, Score, Span, Statement

MOST_PASSAGES, MOST_SHOWN, MOST_OWN_WORDS = 3, 0.65, 6
"""Beyond these an answer cites everything, copies its context, or says more than it quotes."""
SENTENCE = 40
"""Code points of a short sentence: less inside a gold span is no citation of it."""


def hits(citation: Citation, question: Question) -> bool:
    """Whether the citation points at gold evidence."""
    span = citation.span
    if span is None:
        return False
    if not question.evidence:
        return span.document_id in question.documents
    return any(_mostly(span, gold) for gold in question.evidence)


def citation_precision(question: Question, answer: Answer) -> Score:
    """Share of the citations that hit. Citing anything for an unanswerable question is 0."""
    if not answer.citations:
        return Score(name="citation_precision", value=None, why="no citation")
    good = sum(len(_distinct_hits(statement, question, answer)) for statement in answer.statements)
    return Score(
        name="citation_precision", value=good / len(answer.citations), why=f"{good} of {len(answer.citations)} hit"
    )


def citation_recall(question: Question, answer: Answer) -> Score:
    """Share of the gold evidence that is cited; an abstention on an answerable question recalls nothing."""
    if not question.answerable:
        return Score(name="citation_recall", value=None, why="unanswerable")
    cited = [citation.span for citation in answer.citations if citation.span]
    found, gold = _found(question, cited), len(question.evidence) or len(question.documents)
    return Score(name="citation_recall", value=found / gold, why=f"{found} of {gold} cited")


def citation_f1(question: Question, answer: Answer) -> Score:
    """Harmonic mean of precision and recall on answerable questions; 0 for an abstention there."""
    recall = citation_recall(question, answer).value
    if recall is None:
        return Score(name="citation_f1", value=None, why="unanswerable")
    precision = citation_precision(question, answer).value or 0.0
    value = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(name="citation_f1", value=value, why=f"precision {precision:.2f}, recall {recall:.2f}")


def retrieval_recall(question: Question, answer: Answer) -> Score:
    """Share of the gold evidence that was shown to the model: recall@k of search, by the definition of a hit."""
    if not question.answerable:
        return Score(name="retrieval_recall", value=None, why="unanswerable")
    shown, gold = [passage.span for passage in answer.passages], len(question.evidence) or len(question.documents)
    found = _found(question, shown)
    return Score(name="retrieval_recall", value=found / gold, why=f"{found} of {gold} in {len(shown)} passages")


def evidence_f1(question: Question, answer: Answer) -> Score:
    """F1 over code points of the cited stretches against the gold spans."""
    return _evidence("evidence_f1", question, answer, lambda shared, cited, gold: (2 * shared, cited + gold))


def evidence_precision(question: Question, answer: Answer) -> Score:
    """Share of the cited code points that lie in gold spans."""
    return _evidence("evidence_precision", question, answer, lambda shared, cited, gold: (shared, cited))


def evidence_recall(question: Question, answer: Answer) -> Score:
    """Share of the code points of the gold spans that are cited."""
    return _evidence("evidence_recall", question, answer, lambda shared, cited, gold: (shared, gold))


def evidence_iou(question: Question, answer: Answer) -> Score:
    """Cited and gold code points in common, of those in either (Jaccard 1912)."""
    return _evidence("evidence_iou", question, answer, lambda shared, cited, gold: (shared, cited + gold - shared))


def quote_fidelity(question: Question, answer: Answer) -> Score:
    """Share of the quoting statements whose every quote stands byte for byte in a passage they cite."""
    quoting = [s for s in answer.statements if s.misquoted or any(answer.citations[i].quote for i in s.citations)]
    if not quoting:
        return Score(name="quote_fidelity", value=None, why="nothing quoted")
    exact = sum(not statement.misquoted for statement in quoting)
    return Score(name="quote_fidelity", value=exact / len(quoting), why=f"{exact} of {len(quoting)} exact")


def abstains_well(question: Question, answer: Answer) -> Score:
    """Unanswerable: 1 for abstaining, else 0. Answerable: 1 with a hit, 0.5 for abstaining, 0 for a wrong answer.

    The order wrong < abstain < right keeps a reward from teaching to guess or to refuse always.
    """
    if not question.answerable:
        return Score(name="abstains_well", value=float(answer.abstained), why="unanswerable")
    if answer.abstained:
        return Score(name="abstains_well", value=0.5, why="abstained on an answerable question")
    right = any(hits(citation, question) for citation in answer.citations)
    return Score(name="abstains_well", value=float(right), why="hit" if right else "answered without the evidence")


def answer_match(question: Question, answer: Answer) -> Score:
    """1 when the answer's words hold one of the gold short answers, wherever it points: STR-EM (Stelmakh et al. 2022).

    Words are compared by their letters and digits, in any case. An abstention on an answerable question is 0.
    """
    if not question.answerable or not question.answers:
        return Score(name="answer_match", value=None, why="no short answer is known")
    said = f" {_plain(' '.join(statement.claim for statement in answer.statements))} "
    found = [short for short in question.answers if f" {_plain(short)} " in said]
    return Score(name="answer_match", value=float(bool(found)), why=f"holds {found[0]!r}" if found else "holds none")


def honest_form(question: Question, answer: Answer) -> Score:
    """Gate: 0 for an answer that is no row of true quotes with true markers, or that cites or copies everything.

    Training pays quotes only: what a model says in its own words is judged by the run-time check, not rewarded.
    """
    fault = _fault(answer)
    return Score(name="honest_form", value=0.0 if fault else 1.0, why=fault or "sound")


def _fault(answer: Answer) -> str:
    if answer.abstained:
        return ""
    if not answer.statements:
        return "empty"
    if sum(len(statement.text.split()) for statement in answer.statements) < len(answer.text.split()):
        return "words outside its statements"
    if any(not statement.citations or not _words(statement.claim) for statement in answer.statements):
        return "a statement without citation, or a citation without statement"
    if any(citation.passage_id is None for citation in answer.citations):
        return "a marker that names no shown passage"
    if any(statement.misquoted for statement in answer.statements):
        return "words in quotation marks that the cited passage does not hold"
    if any(not _quotes(statement, answer) for statement in answer.statements):
        return "a statement that quotes nothing"
    if any(_own_words(statement, answer) > MOST_OWN_WORDS for statement in answer.statements):
        return "more words of its own than a quote needs"
    if len({statement.claim for statement in answer.statements}) < len(answer.statements):
        return "says the same twice"
    if len({citation.passage_id for citation in answer.citations}) > MOST_PASSAGES:
        return "cites everything"
    shown = sum(len(passage.text) for passage in answer.passages)
    longest = max(len(passage.text) for passage in answer.passages)
    if len(answer.text) > max(MOST_SHOWN * shown, longest + 40):
        return "copies its context"
    return ""


def _distinct_hits(statement: Statement, question: Question, answer: Answer) -> set[Span | None]:
    """Places that a statement rightly cites; naming one again earns nothing and stays in the denominator."""
    cited = (answer.citations[index] for index in statement.citations)
    return {citation.span for citation in cited if hits(citation, question)}


def _own_words(statement: Statement, answer: Answer) -> int:
    """Words of a statement outside its quotes."""
    return len(statement.claim.split()) - sum(len(quote.split()) for quote in _quotes(statement, answer))


def _quotes(statement: Statement, answer: Answer) -> set[str]:
    return {quote for index in statement.citations if (quote := answer.citations[index].quote)}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _words(claim: str) -> bool:
    return sum(any(sign.isalnum() for sign in word) for word in claim.split()) >= 2


def _evidence(
    name: str, question: Question, answer: Answer, ratio: Callable[[int, int, int], tuple[int, int]]
) -> Score:
    """A ratio of the code points that cited and gold stretches share, that are cited, and that are gold."""
    if not question.evidence:
        return Score(name=name, value=None, why="no gold spans")
    cited = _points([citation.span for citation in answer.citations if citation.span])
    gold = _points(list(question.evidence))
    shared = len(cited & gold)
    part, whole = ratio(shared, len(cited), len(gold))
    value = part / whole if whole else None
    return Score(name=name, value=value, why=f"{shared} of {len(gold)} gold code points, {len(cited)} cited")


def _found(question: Question, spans: Sequence[Span]) -> int:
    if not question.evidence:
        return len({span.document_id for span in spans} & set(question.documents))
    return sum(any(_mostly(span, gold) for span in spans) for gold in question.evidence)


def _mostly(span: Span, gold: Span) -> bool:
    shared = 2 * span.overlap(gold)
    return shared >= gold.end - gold.start or shared >= span.end - span.start >= SENTENCE


def _points(spans: list[Span]) -> set[tuple[str, int]]:
    return {(span.document_id, place) for span in spans for place in range(span.start, span.end)}
