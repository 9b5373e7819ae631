"""Sources -> documents, each with text and a hash, and a report of what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from glossator.artifacts import digest_of, file_digest, write_json, write_rows
from glossator.host import Host
from glossator.plan import Plan, Root
from glossator.reading.ingest import Ingest, ingest
from glossator.reading.sources import corpus_of, files_of, name_of
from glossator.records import Document
from glossator.rows import document_row
from glossator.stages.base import CorpusArtifact, Stage, Work


def read_sources(roots: Iterable[Root], host: Host) -> list[Document]:
    """All documents of some sources, in order of path.

    Raises CorpusError for a missing source, an unreadable file, a document without text, two documents of one id,
    and for a corpus without documents.
    """
    found = ingest(roots, host)
    found.check()
    return list(found.documents)


def read_corpus(plan: Plan, host: Host) -> Ingest:
    """What the plan's sources give. Raises CorpusError as `corpus.refused` says."""
    found = ingest(_roots(plan), host)
    found.check(strict=plan.recipe.corpus.refused == "stop")
    return found


def _roots(plan: Plan) -> tuple[Root, ...]:
    return plan.sources or (corpus_of(plan.domain),)


def _reads(plan: Plan) -> dict[str, Any]:
    files = [[name_of(path, root), file_digest(path)] for root in _roots(plan) for path in files_of(root)]
    return {"files": files, "refused": plan.recipe.corpus.refused}


def _make(work: Work) -> None:
    found = read_corpus(work.plan, work.host)
    documents = found.documents
    write_rows(work.folder / "documents.jsonl", map(document_row, documents))
    licences = sorted({document.source.licence for document in documents})
    figures = {"files": len(found.names), "code_points": sum(len(d.text) for d in documents), "licences": licences}
    digest = digest_of([document.source.sha256 for document in documents])
    write_json(work.folder / "report.json", {"documents": len(documents), **figures, "digest": digest, **found.report})


make_corpus = Stage(
    name="corpus",
    version=3,
    kind=CorpusArtifact,
    reads=_reads,
    make=_make,
    libraries=("pypdf", "trafilatura", "python-docx", "tree-sitter"),
)
