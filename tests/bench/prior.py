"""The prior alone against picking a sentence by a plain rule, on dev questions of five reference benches.

    python tests/bench/prior.py [FOLDER [QUESTIONS]]     # indexes are kept in FOLDER and used again

Every picker chooses one piece out of the same passages: those of the four documents that BM25 over the whole collection
ranks first, or of the contract that is asked about, as our search orders and scores them. A pick is worth its evidence
F1, over code points, against the gold sentences; where only answers are known, the F1 of its words against the answer
(Rajpurkar et al. 2016). Hits are picks that overlap a gold span by half of the shorter of the two. Differences are paired
by question, with 95 % intervals of a bootstrap over whole documents. Skips when the reference data is absent.
"""

from __future__ import annotations

import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from quality import DATA, document, rows

from glossator.citations.quotable import Piece, pieces, sentences
from glossator.domain import RetrievalRecipe
from glossator.encoding.embedding import load_embedder
from glossator.records import Scope, Span
from glossator.retrieval.generations import build_index, load_index
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.lexical import LexicalIndex
from glossator.retrieval.relevance import weights
from glossator.statistics.differences import deltas
from glossator.statistics.estimates import Estimate, estimate

SETS = ("med_scifact", "gen_squad2", "legal_contractnli", "legal_ada", "code_pyfaq")
QUESTIONS, DOCUMENTS = 300, 4
"""Questions drawn from a set that has more, unless others are asked for; documents whose passages are looked at."""

Row = dict[str, Any]
Picker = Callable[[str, Sequence[Piece]], Sequence[float]]
"""How good each piece looks for a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question, what can be picked, and what each pick is worth."""

    question: str
    cluster: str
    pieces: list[Piece]
    worth: list[float]
    """Of each piece, 0 to 1."""
    hits: list[bool]
    """Whether each piece is gold evidence; all false where no spans are known."""


def drawn(name: str, most: int) -> list[Row]:
    """The dev questions that are asked."""
    asked = [row for row in rows(name, "questions.jsonl") if row["answerable"] and row["gold_doc_ids"]]
    return random.Random(0).sample(asked, min(most, len(asked)))


def looked_at(name: str, asked: Sequence[Row]) -> list[list[str]]:
    """Ids of the documents that each question is asked of."""
    if name == "legal_contractnli":
        return [row["meta"]["scope"] for row in asked]
    corpus = rows(name, "corpus.jsonl")
    index = LexicalIndex.build([f"{row.get('title') or ''} {row['text']}" for row in corpus])
    return [[corpus[place]["id"] for place, _ in index.search(row["question"], DOCUMENTS)] for row in asked]


def index_of(name: str, home: Path, wanted: set[str]) -> Retriever:
    """An index of these documents, each of which only its own group may read; made when it is not there."""
    kept = f"prior-{name}-{len(wanted)}"
    folder, partial = home / kept, home / f"{kept}.partial"
    if not folder.is_dir():
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was stopped
        partial.mkdir(parents=True)
        made = [document(row) for row in rows(name, "corpus.jsonl") if row["id"] in wanted]
        own = [replace(one, source=replace(one.source, groups=(one.id,))) for one in made]
        build_index(own, RetrievalRecipe(), partial)
        partial.rename(folder)
    return load_index(folder)


def cases(name: str, home: Path, most: int = QUESTIONS) -> Iterator[Case]:
    """The questions of a set with what can be picked; one of which nothing or no answer is known is left out for all."""
    asked = drawn(name, most)
    documents = looked_at(name, asked)
    index = index_of(name, home, {one for some in documents for one in some})
    for row, some in zip(asked, documents, strict=True):
        scope = Scope(groups=frozenset(some))
        found = pieces(index.fetch([hit for hit in index.hits(row["question"], scope) if hit.twin is None], scope))
        if found and (row.get("gold_spans") or row["answers"]):
            yield case(name, row, found, index)


def case(name: str, row: Row, found: list[Piece], index: Retriever) -> Case:
    spans = [piece.alone.span for piece in found]
    gold = [Span(document_id=g["doc_id"], start=g["start"], end=g["end"]) for g in row.get("gold_spans", ())]
    wanted = _joined([part for span in gold for part in _sentences(span, index)] if name == "gen_squad2" else gold)
    if gold:
        worth = [evidence_f1(span, wanted) for span in spans]
    else:
        worth = [max(words_f1(piece.text, answer) for answer in row["answers"]) for piece in found]
    hits = [any(_mostly(span, one) for one in gold) for span in spans]
    return Case(question=row["question"], cluster=_cluster(name, row), pieces=found, worth=worth, hits=hits)


def evidence_f1(picked: Span, gold: Sequence[Span]) -> float:
    """Over code points, of one pick."""
    shared = sum(picked.overlap(span) for span in gold)
    return 2 * shared / (picked.end - picked.start + sum(span.end - span.start for span in gold))


def words_f1(one: str, other: str) -> float:
    """F1 over the words of two texts, without articles.

    >>> words_f1("The INR rises.", "an INR that rises")
    0.8
    """
    a, b = (Counter(re.findall(r"\w+", re.sub(r"\b(?:a|an|the)\b", " ", text.casefold()))) for text in (one, other))
    return 2 * (a & b).total() / ((a.total() + b.total()) or 1)


def _sentences(span: Span, index: Retriever) -> list[Span]:
    """The sentences that a short answer stands in."""
    parts = sentences(index.documents[span.document_id].text) if span.document_id in index.documents else ()
    found = [Span(document_id=span.document_id, start=start, end=end) for start, end in parts]
    return [one for one in found if one.overlap(span)] or [span]


def _joined(spans: Sequence[Span]) -> list[Span]:
    """The same places, each once."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.document_id, one.start)):
        if joined and joined[-1].overlap(span):
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _mostly(one: Span, other: Span) -> bool:
    return one.overlap(other) >= 0.5 * min(one.end - one.start, other.end - other.start)


def _cluster(name: str, row: Row) -> str:
    """What questions are not independent within: contract, page, article, gold document."""
    meta, gold = row["meta"], row["gold_doc_ids"][0]
    return str(meta.get("contract") or meta.get("page") or (gold.rpartition("-")[0] if name == "gen_squad2" else gold))


def first(question: str, found: Sequence[Piece]) -> list[float]:
    return [-float(place) for place in range(len(found))]


def bm25(question: str, found: Sequence[Piece]) -> list[float]:
    return [float(score) for score in LexicalIndex.build([piece.text for piece in found]).ask(question).scores]


def minilm(question: str, found: Sequence[Piece]) -> list[float]:
    embedder = load_embedder("minilm")
    asked = embedder.embed_long([question])[0]
    return [float(cosine) for cosine in embedder.embed_long([piece.text for piece in found]) @ asked]


def ours(question: str, found: Sequence[Piece]) -> list[float]:
    return weights(question, found)[1:]


PLAIN: dict[str, Picker] = {"first": first, "BM25": bm25, "MiniLM": minilm}


def picks(asked: Sequence[Case], picker: Picker) -> list[int]:
    return [int(np.argmax(picker(case.question, case.pieces))) for case in asked]


def shown(value: Estimate) -> str:
    return f"{value.mean:+.3f} [{value.low:+.3f}, {value.high:+.3f}]"


def line(name: str, asked: Sequence[Case]) -> str:
    """A row of the table: means of the pickers and what ours is above each plain one."""
    picked = {kind: picks(asked, picker) for kind, picker in {**PLAIN, "prior": ours}.items()}
    worth = {kind: [case.worth[i] for case, i in zip(asked, chosen, strict=True)] for kind, chosen in picked.items()}
    hits = {
        kind: np.mean([case.hits[i] for case, i in zip(asked, chosen, strict=True)]) for kind, chosen in picked.items()
    }
    best, clusters = np.mean([max(case.worth) for case in asked]), [case.cluster for case in asked]
    spans = any(any(case.hits) for case in asked)
    means = " | ".join(f"{np.mean(worth[kind]):.3f}" + f" ({hits[kind]:.2f})" * spans for kind in picked)
    apart = " | ".join(shown(estimate(deltas(worth["prior"], worth[kind]), clusters)) for kind in PLAIN)
    return f"| {name} | {len(asked)} | {means} | {best:.3f} | {apart} |"


def main() -> int:
    if not DATA.is_dir():
        print(f"prior: skipped, no reference data at {DATA}")
        return 0
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    most = int(sys.argv[2]) if len(sys.argv) > 2 else QUESTIONS
    print("prior: evidence F1, or F1 of the answer's words; hits in brackets; then what the prior is above each")
    print("| set | n | first | BM25 | MiniLM | prior | best possible | - first | - BM25 | - MiniLM |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in SETS:
        print(line(name, list(cases(name, home, most))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
