"""Retrieval quality on the reference benches, whole collections, defaults of the house, nothing tuned on them.

    python tests/bench/quality.py [FOLDER]     # indexes are kept in FOLDER and used again

Documents are ranked by their best passage. Differences in nDCG@10 are paired by question, with 95 % intervals of 2,000
bootstrap resamples. Then: how well is it told that an answer is there, as the area under the ROC curve. Skips when the
reference data is absent.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glossator import Document, Source
from glossator.domain import RetrievalRecipe
from glossator.records import EVERYTHING, Scope
from glossator.retrieval.generations import build_index, load_index
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.relevance import sufficiency

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bench"
RANKED = ("gen_squad2", "legal_ada", "code_pyfaq", "med_scifact", "code_devfaq", "med_openstax")
TOLD = ("gen_squad2", "legal_contractnli", "code_devfaq")
RESAMPLES = 2_000
Figures = tuple[float, float, float]
"""recall@5, MRR@10, nDCG@10."""


def rows(name: str, file: str) -> list[dict[str, Any]]:
    with (DATA / name / file).open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def index_of(name: str, home: Path) -> Retriever:
    """The index of a bench, made when it is not there."""
    folder = home / name
    if not folder.is_dir():
        partial = home / f"{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was stopped
        partial.mkdir(parents=True)
        build_index([document(row) for row in rows(name, "corpus.jsonl")], RetrievalRecipe(), partial)
        partial.rename(folder)
    return load_index(folder)


def document(row: dict[str, Any]) -> Document:
    source = Source(url="", licence="", sha256="")
    name, text = row["id"], row["text"]
    return Document(id=name, title=row.get("title") or name, text=text, source=source, family=name, labels={"id": name})


def documents(index: Retriever, question: str) -> list[str]:
    """Ids of the documents found, the best first."""
    hits = [hit for hit in index.hits(question) if hit.twin is None]
    return list(dict.fromkeys(passage.document_id for passage in index.fetch(hits)))


def figures(ranked: Sequence[str], gold: Sequence[str]) -> Figures:
    relevant = [name in set(gold) for name in ranked[:10]]
    recall = len({*ranked[:5]} & {*gold}) / len(set(gold))
    first = next((1 / rank for rank, hit in enumerate(relevant, 1) if hit), 0.0)
    gain = sum(hit / np.log2(rank + 1) for rank, hit in enumerate(relevant, 1))
    return recall, first, gain / sum(1 / np.log2(rank + 1) for rank in range(1, min(len(set(gold)), 10) + 1))


def difference(ours: list[Figures], theirs: list[Figures]) -> str:
    """Mean difference in nDCG@10 and its interval."""
    apart = np.array(ours)[:, 2] - np.array(theirs)[:, 2]
    drawn = np.random.default_rng(0).integers(0, len(apart), (RESAMPLES, len(apart)))
    low, high = np.quantile(apart[drawn].mean(axis=1), (0.025, 0.975))
    return f"{apart.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def rank(name: str, home: Path) -> Iterator[str]:
    index = index_of(name, home)
    asked = [row for row in rows(name, "questions.jsonl") if row["answerable"] and row["gold_doc_ids"]]
    parts = {
        "BM25": Retriever(table=index.table, embedder=None, dense=None, lexical=index.lexical),
        "dense": Retriever(table=index.table, embedder=index.embedder, dense=index.dense, lexical=None),
        "hybrid": index,
    }
    found = {
        kind: [figures(documents(part, row["question"]), row["gold_doc_ids"]) for row in asked]
        for kind, part in parts.items()
    }
    better = max(("BM25", "dense"), key=lambda kind: np.mean(np.array(found[kind])[:, 2]))
    yield f"{name}: {len(asked)} questions, {len(index.table.documents)} documents, {len(index.table.rows())} passages"
    for kind, values in found.items():
        yield f"  {kind:7}" + " ".join(f"{mean:.3f}" for mean in np.mean(values, axis=0))
    yield f"  hybrid - BM25 {difference(found['hybrid'], found['BM25'])}"
    yield f"  hybrid - {better} (the better) {difference(found['hybrid'], found[better])}"


def tell(name: str, home: Path) -> str:
    """Area under the ROC curve of the probability of an answer, beside that of the best cosine."""
    index, told = index_of(name, home), []
    for row in rows(name, "questions.jsonl"):
        scope = _scope(row) if name == "legal_contractnli" else EVERYTHING
        hits = [hit for hit in index.hits(row["question"], scope) if hit.twin is None][:20]
        passages = index.fetch(hits, scope)
        nearest = max((hit.cosine or 0.0 for hit in hits), default=0.0)
        told.append((row["answerable"], sufficiency(row["question"], passages), nearest))
    answerable, ours, raw = map(np.array, zip(*told, strict=True))
    return f"{name}: {len(told)} questions, AUROC {area(answerable, ours):.3f}, of the best cosine {area(answerable, raw):.3f}"


def _scope(row: dict[str, Any]) -> Scope:
    scope = row["meta"]["scope"]
    return Scope(labels=frozenset({("id", scope if isinstance(scope, str) else scope[0])}))


def area(positive: Any, scores: Any) -> float:
    from scipy.stats import rankdata

    ranks, count = rankdata(scores), int(positive.sum())
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(ranks) - count)))


def main() -> int:
    if not DATA.is_dir():
        print(f"quality: skipped, no reference data at {DATA}")
        return 0
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    print("quality: recall@5, MRR@10, nDCG@10")
    for name in RANKED:
        print(*rank(name, home), sep="\n", flush=True)
    print("quality: is there an answer at all")
    for name in TOLD:
        print(f"  {tell(name, home)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
