"""Sources -> documents. Regular files only, inside the named folder only, every document with text and a hash."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from importlib.resources import as_file
from pathlib import Path
from typing import Any

from glossator.artifacts import digest_of, file_digest, write_json, write_rows
from glossator.domain import Domain
from glossator.errors import CorpusError, boundary
from glossator.host import Host
from glossator.plan import Plan, Root
from glossator.records import Document, Loader
from glossator.rows import document_row
from glossator.stages.base import CorpusArtifact, Stage, Work

SHOWN = 5
"""How many offenders an error names."""


def read_corpus(plan: Plan, host: Host) -> list[Document]:
    """All documents of the plan's sources; see `read_sources`."""
    return read_sources(_roots(plan), host)


def read_sources(roots: Iterable[Root], host: Host) -> list[Document]:
    """All documents of some sources, in order of path.

    Raises CorpusError for a missing source, an unreadable file, a document without text, two documents of one id,
    and for a corpus without documents.
    """
    documents = [document for root in roots for document in read_source(root, host)]
    _check(documents)
    return documents


def read_source(root: Root, host: Host) -> Iterator[Document]:
    """The documents of one source; a file's name is its path below the source."""
    for path in files_of(root):
        yield from read_file(path, root, host)


def read_file(path: Path, root: Root, host: Host) -> list[Document]:
    """The documents of one file of a source."""
    name = path.relative_to(root.path).as_posix() if root.path.is_dir() else path.name
    return _read(path, name, root.loader or _loader_of(path, host))


def files_of(root: Root) -> Iterator[Path]:
    """The regular files of a source. A link that leaves the source is an error, as is anything that is no file."""
    if not root.path.exists():
        raise CorpusError(f"corpus source {root.path} does not exist; sources are relative to the working folder")
    if root.path.is_dir():
        yield from _below(root.path) if root.loader is None else _known_to(root.loader, root.path)
    else:
        yield _regular(root.path)


def _known_to(loader: Loader, root: Path) -> Iterator[Path]:
    """The files that a loader reads in the folder it knows; links are passed over."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.suffix in loader.suffixes and not loader.skip.intersection(parts) and not path.is_symlink():
            yield _regular(path)


def _below(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        shown = not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts)
        if shown and not path.resolve().is_relative_to(root.resolve()):
            raise CorpusError(f"{path} is a link that leaves {root}; copy the file instead")
        if shown and path.is_dir() and path.is_symlink():
            raise CorpusError(f"{path} is a link to a folder; name the folder as a source instead")
        if shown and not path.is_dir():
            yield _regular(path)


def _loader_of(path: Path, host: Host) -> Loader:
    loader = host.loader_for(path.suffix)
    if loader is None:
        known = sorted(suffix for item in host.loaders.values() for suffix in item.suffixes)
        raise CorpusError(f"{path}: no loader for {path.suffix or 'a file without suffix'}; known: {', '.join(known)}")
    return loader


def _read(path: Path, name: str, loader: Loader) -> list[Document]:
    with boundary(f"loader {loader.name!r} on {path}"):
        return loader.read(_bytes(path), name)


def _regular(path: Path) -> Path:
    if not path.is_file():
        raise CorpusError(f"{path} is not a regular file")
    return path


def _bytes(path: Path) -> bytes:
    handle = os.open(path.resolve(), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise CorpusError(f"{path} is not a regular file")
        return stream.read()


def _check(documents: list[Document]) -> None:
    if not documents:
        raise CorpusError("the corpus is empty: its sources hold no document; check `corpus.sources`")
    empty = [document.id for document in documents if not document.text.strip()]
    if empty:
        raise CorpusError(
            f"{len(empty)} of {len(documents)} documents hold no text: {_some(empty)}; remove or repair them"
        )
    seen: set[str] = set()
    twice = [d.id for d in documents if d.id in seen or seen.add(d.id)]  # type: ignore[func-returns-value]
    if twice:
        raise CorpusError(f"{len(twice)} document ids occur twice: {_some(twice)}; ids must be unique")


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _roots(plan: Plan) -> tuple[Root, ...]:
    return plan.sources or (corpus_of(plan.domain),)


def corpus_of(domain: Domain) -> Root:
    """A domain's own corpus: a plain folder in a checkout and in an installed wheel."""
    with as_file(domain.content / "corpus") as folder:
        return Root(path=folder)


def _reads(plan: Plan) -> dict[str, Any]:
    return {"files": [[path.name, file_digest(path)] for root in _roots(plan) for path in files_of(root)]}


def _make(work: Work) -> None:
    documents = read_corpus(work.plan, work.host)
    write_rows(work.folder / "documents.jsonl", map(document_row, documents))
    licences = sorted({document.source.licence for document in documents})
    figures = {"documents": len(documents), "code_points": sum(len(d.text) for d in documents), "licences": licences}
    write_json(work.folder / "report.json", figures | {"digest": digest_of([d.source.sha256 for d in documents])})


make_corpus = Stage(name="corpus", version=2, kind=CorpusArtifact, reads=_reads, make=_make)
