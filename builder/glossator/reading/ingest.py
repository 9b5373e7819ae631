"""Sources -> documents, and an account of what was left out: every file and every document has one outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from glossator.errors import CorpusError
from glossator.host import Host
from glossator.plan import Root
from glossator.reading.process import Outcome, Reader
from glossator.reading.sources import bytes_of, files_of, loader_of, name_of
from glossator.records import Document

SHOWN = 5
"""How many offenders an error names."""
NOTHING = "holds nothing that its loader cites"
"""Reason of a file that its loader passes over on purpose, such as a module without documentation: no fault."""
BLANK = "holds no text"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """One file and what came of it."""

    path: Path
    name: str
    """Its path below the source."""
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file that gave no document, or a document without text."""

    name: str
    """Of the file; of the document where its file gave others."""
    outcome: Literal["empty", "refused"]
    reason: str

    @property
    def fault(self) -> bool:
        return self.reason != NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """What some sources gave."""

    documents: tuple[Document, ...]
    """In order of path; each has text."""
    names: Mapping[str, tuple[str, ...]]
    """Every file that was looked at -> the ids of the documents it gave."""
    left_out: tuple[LeftOut, ...]

    @property
    def report(self) -> dict[str, Any]:
        """The account as JSON: `in` = `indexed` + `empty` + `refused`, each a document or a file that gave none."""
        kinds = Counter(item.outcome for item in self.left_out)
        figures = {"indexed": len(self.documents), "empty": kinds["empty"], "refused": kinds["refused"]}
        return {"in": sum(figures.values()), **figures, "left_out": [asdict(item) for item in self.left_out]}

    def check(self, *, strict: bool = True) -> None:
        """Raise CorpusError when there is nothing to index, or, if `strict`, when a fault has left anything out."""
        faults = [item for item in self.left_out if item.fault]
        if faults and (strict or not self.documents):
            raise CorpusError("\n".join(_told(faults, len(self.documents), strict)))
        if not self.documents:
            raise CorpusError("the corpus is empty: its sources hold no document; check `corpus.sources`")


def ingest(roots: Iterable[Root], host: Host) -> Ingest:
    """The documents of some sources and what was left out.

    Raises CorpusError for a missing source, a link that leaves it, and two documents of one id; PluginError for a
    loader that cannot be sent to the process that reads.
    """
    documents: list[Document] = []
    names: dict[str, tuple[str, ...]] = {}
    left_out: list[LeftOut] = []
    for root in roots:
        for file in read_files(root, files_of(root), host):
            kept = [document for document in file.outcome.documents if document.text.strip()]
            names[_free(file.name, names)] = tuple(document.id for document in kept)
            documents += kept
            left_out += _left_out(file)
    _unique(documents)
    return Ingest(documents=tuple(documents), names=names, left_out=tuple(left_out))


def read_files(root: Root, files: Iterable[Path], host: Host) -> Iterator[FileRead]:
    """What comes of each file of a source; one process reads them all."""
    with Reader() as reader:
        for path in files:
            name = name_of(path, root)
            try:
                outcome = reader.read(loader_of(path, root, host), name, bytes_of(path))
            except CorpusError as error:
                outcome = Outcome(refused=str(error))
            except OSError as error:
                outcome = Outcome(refused=f"{name}: it cannot be opened: {error.strerror}")
            yield FileRead(path=path, name=name, outcome=outcome)


def _left_out(file: FileRead) -> Iterator[LeftOut]:
    found = file.outcome
    if found.refused:
        yield LeftOut(name=file.name, outcome="refused", reason=_without(found.refused, file.name))
    elif found.empty or not found.documents:
        yield LeftOut(name=file.name, outcome="empty", reason=_without(found.empty, file.name) or NOTHING)
    for document in found.documents:
        if not document.text.strip():
            name = document.id if len(found.documents) > 1 else file.name
            yield LeftOut(name=name, outcome="empty", reason=BLANK)


def _without(reason: str, name: str) -> str:
    return reason.removeprefix(f"{name}: ")


def _unique(documents: list[Document]) -> None:
    counted = Counter(document.id for document in documents)
    twice = [name for name, count in counted.items() if count > 1]
    if twice:
        raise CorpusError(f"{len(twice)} document ids occur twice: {_some(twice)}; ids must be unique")


def _told(faults: list[LeftOut], indexed: int, strict: bool) -> Iterator[str]:
    """The offenders, at most `SHOWN` of them, and what to do."""
    for item in faults[:SHOWN]:
        yield item.reason if item.reason.startswith(f"{item.name}:") else f"{item.name}: {item.reason}"
    if len(faults) > SHOWN:
        yield f"... and {len(faults) - SHOWN} more"
    total = len(faults) + indexed
    advice = "repair or remove them, or leave them out with `corpus.refused: report`" if strict else "none is left"
    yield f"{len(faults)} of {total} documents cannot be used; {advice}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """The name, or the name with a number where an earlier source holds a file of the same name."""
    if name not in taken:
        return name
    return next(other for number in range(2, len(taken) + 3) if (other := f"{name} ({number})") not in taken)
