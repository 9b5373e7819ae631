"""Any llama-index reader as a loader: it is given a file and its documents become ours."""

from __future__ import annotations

import hashlib
import importlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from glossator.errors import CorpusError, InputError, NoTextError, NotInstalledError
from glossator.records import Document, Loader, Source, Unit

if TYPE_CHECKING:
    from llama_index.core.schema import Document as Foreign


@dataclass(frozen=True, slots=True)
class LlamaIndexRead:
    """Reads files with one reader; made of strings, so that it can be sent to the process that reads."""

    reader: str
    """`module:Class`."""
    arguments: str
    """Of its constructor, as JSON."""

    def __call__(self, data: bytes, name: str, /) -> list[Document]:
        """A document for each that the reader makes of the file; those without text are dropped."""
        reader = _reader(self.reader, name)(**json.loads(self.arguments))
        with tempfile.TemporaryDirectory(prefix="glossator-") as folder:
            path = Path(folder) / PurePosixPath(name).name
            path.write_bytes(data)
            found = list(_with_text(reader.load_data(path), name, self.reader))
        if not found:
            raise NoTextError(f"{name}: {self.reader} found no text in it")
        stem = name.rsplit(".", 1)[0]
        names = [stem] if len(found) == 1 else [f"{stem}#{number}" for number in range(1, len(found) + 1)]
        return [_document(made, own, stem, name) for made, own in zip(found, names, strict=True)]


def loader_of(name: str, suffixes: tuple[str, ...], reader: str, arguments: Mapping[str, Any], summary: str) -> Loader:
    """See `glossator.llama_index_loader`. Raises InputError for what is no reader or cannot be sent."""
    module, colon, kind = reader.partition(":")
    if not (module and colon and kind.isidentifier()):
        raise InputError(f"loader {name!r}: reader {reader!r} must be module:Class, such as a.b:JSONReader")
    try:
        given = json.dumps(arguments, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise InputError(f"loader {name!r}: the arguments of {reader} must be plain JSON values: {error}") from error
    read = LlamaIndexRead(reader, given)
    return Loader(name=name, suffixes=suffixes, read=read, summary=summary or f"read by {kind} of {module}")


def _reader(reader: str, name: str) -> Any:
    module, _, kind = reader.partition(":")
    try:
        return getattr(importlib.import_module(module), kind)
    except ImportError as error:
        raise NotInstalledError(f"{name}: reading it needs {module}: {error}; install the package of it") from error
    except AttributeError as error:
        raise CorpusError(f"{name}: {module} has no {kind}; name the reader as module:Class") from error


def _with_text(found: Sequence[Any], name: str, reader: str) -> Iterator[Foreign]:
    from llama_index.core.schema import Document as Foreign

    for made in found:
        if not isinstance(made, Foreign):
            raise CorpusError(f"{name}: {reader} gave a {type(made).__name__}, which is no llama-index Document")
        if (made.text or "").strip():
            yield made


def _document(made: Foreign, own: str, stem: str, name: str) -> Document:
    """Pages of one file are one family: they never stand on both sides of a split."""
    text, said = made.text, made.metadata
    page = said.get("page_label")
    units = (Unit(start=0, end=len(text), locator=f"page {page}"),) if page else ()
    source = Source(url=name, licence="unknown", sha256=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())
    title = str(said.get("title") or said.get("file_name") or stem)
    return Document(id=own, title=title, text=text, source=source, family=stem, units=units)
