"""The numbers of retrieval.relevance: `python -m foundry.prior` fits them on the domains' train questions.

A conditional logit (McFadden 1974): of the abstention and the pieces of the passages found, one is chosen with a
probability that grows with e to the weighted sum of its features; the likeliest weights are those under which the gold
ones are chosen most. A question with several gold pieces is answered by any of them, so that their probabilities add
up; one that the corpus does not answer, or whose evidence was not found, is answered by the abstention. Every domain
counts the same.

Printed are the weights fitted on all domains and, of each domain, how often the heaviest piece is gold under these
weights, under those of the house, and under weights that were fitted on the other domains alone.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import numpy as np
import torch

from glossator.citations.quotable import Piece, pieces
from glossator.domain import Domain
from glossator.host import Host
from glossator.reading.sources import corpus_of
from glossator.records import Question
from glossator.retrieval.generations import build_index, load_index
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.relevance import SILENCE, WEIGHTS, features
from glossator.rows import read_questions
from glossator.stages.corpus import read_sources
from glossator.statistics.differences import deltas
from glossator.statistics.estimates import estimate

RIDGE, STEPS, POOL = 0.001, 200, 20
"""Pull towards 0, for weights per standard deviation; most steps of the search for them; passages that are looked at,
as in RerankRecipe."""

Array = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question and its alternatives, the abstention first."""

    features: Array
    """(1 + pieces, 1 + features): the abstention's own column, then those of the pieces."""
    gold: Array
    """(1 + pieces,): 1.0 for what answers."""
    cluster: str


def cases(domain: Domain, host: Host, split: str) -> Iterator[Case]:
    """The domain's gold questions over what its own search finds; those for which nothing is found are left out."""
    with tempfile.TemporaryDirectory() as folder, as_file(domain.content / "gold" / f"{split}.jsonl") as path:
        build_index(read_sources([corpus_of(domain)], host), domain.retrieval.in_folder(), Path(folder))
        index = load_index(Path(folder))
        for question in read_questions(path):
            found = pieces(_found(index, question))
            if found:
                yield case(question, found)


def _found(index: Retriever, question: Question) -> list[Any]:
    return index.fetch([hit for hit in index.hits(question.text) if hit.twin is None][:POOL])


def case(question: Question, found: Sequence[Piece]) -> Case:
    rows = np.array(features(question.text, found))
    gold = np.array([float(_is_gold(piece, question)) for piece in found])
    table = np.block([[np.ones((1, 1)), np.zeros((1, rows.shape[1]))], [np.zeros((len(rows), 1)), rows]])
    cluster = min(question.gold_documents, default=question.id)
    return Case(features=table, gold=np.array([float(not gold.any()), *gold]), cluster=cluster)


def _is_gold(piece: Piece, question: Question) -> bool:
    """Whether half of the shorter of the piece and a gold span is in both."""
    span = piece.alone.span
    return any(
        span.overlap(gold) >= 0.5 * min(gold.end - gold.start, span.end - span.start) for gold in question.evidence
    )


def fit(groups: Sequence[Sequence[Case]]) -> Array:
    """Weights of least negative log-likelihood, the abstention's first."""
    spread = np.concatenate([one.features for cases in groups for one in cases]).std(axis=0)
    data = [
        (torch.tensor(one.features / spread), torch.tensor(one.gold).log(), 1 / len(cases))
        for cases in groups
        for one in cases
    ]
    weights = torch.zeros(len(spread), dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Any:
        search.zero_grad()
        total = RIDGE * weights @ weights
        for table, gold, share in data:
            logits = table @ weights
            total = total + share * (logits.logsumexp(0) - (logits + gold).logsumexp(0))
        total.backward()
        return total

    search.step(loss)
    return weights.detach().numpy() / spread


def chosen_well(cases: Sequence[Case], weights: Array) -> list[float | None]:
    """1.0 where the heaviest piece, abstention aside, is gold; None where none is."""
    return [float(one.gold[1 + np.argmax(one.features[1:] @ weights)]) if one.gold[1:].any() else None for one in cases]


def lines(groups: Mapping[str, Sequence[Case]], house: Array) -> Iterator[str]:
    fitted = fit(list(groups.values()))
    yield "fitted: " + ", ".join(f"{weight:.2f}" for weight in fitted)
    for name, cases in groups.items():
        others = fit([group for other, group in groups.items() if other != name])
        clusters = [one.cluster for one in cases]
        ways = {"all": fitted, "house": house, "others": others}
        right = {way: chosen_well(cases, weights) for way, weights in ways.items()}
        means = ", ".join(f"{way} {estimate(values, clusters).mean}" for way, values in right.items())
        apart = estimate(deltas(right["others"], right["house"]), clusters)
        yield f"{name}: {means}; others - house {apart.mean} [{apart.low}, {apart.high}] of {apart.n}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("train", "test"), default="train", help="test only to look at the result")
    given = parser.parse_args()
    host = Host.discover()
    material = {name: list(cases(host.domain(name), host, given.split)) for name in ("legal", "medical", "code")}
    print("\n".join(lines(material, np.array([SILENCE, *WEIGHTS]))))
