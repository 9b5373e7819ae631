"""The files of a source: regular files only, inside the named folder only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from importlib.resources import as_file
from pathlib import Path

from glossator.domain import Domain
from glossator.errors import CorpusError
from glossator.host import Host
from glossator.plan import Root
from glossator.records import Loader


def corpus_of(domain: Domain) -> Root:
    """A domain's own corpus: a plain folder in a checkout and in an installed wheel."""
    with as_file(domain.content / "corpus") as folder:
        return Root(path=folder)


def files_of(root: Root) -> Iterator[Path]:
    """The regular files of a source. A link that leaves the source is an error, as is anything that is no file."""
    if not root.path.exists():
        raise CorpusError(f"corpus source {root.path} does not exist; sources are relative to the working folder")
    if root.path.is_dir():
        yield from _below(root.path) if root.loader is None else _known_to(root.loader, root.path)
    else:
        yield _regular(root.path)


def name_of(path: Path, root: Root) -> str:
    """A file's name: its path below the source."""
    return path.relative_to(root.path).as_posix() if root.path.is_dir() else path.name


def loader_of(path: Path, root: Root, host: Host) -> Loader:
    """The loader that reads a file of a source. Raises CorpusError when there is none."""
    loader = root.loader or host.loader_for(path.suffix)
    if loader is None:
        known = sorted({suffix for item in host.loaders.values() for suffix in item.suffixes})
        kind = path.suffix or "a file without suffix"
        raise CorpusError(f"{name_of(path, root)}: no loader for {kind}; known: {', '.join(known)}")
    return loader


def bytes_of(path: Path) -> bytes:
    """What a regular file holds; nothing is followed and nothing waited for."""
    handle = os.open(path.resolve(), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise CorpusError(f"{path} is not a regular file")
        return stream.read()


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


def _regular(path: Path) -> Path:
    if not path.is_file():
        raise CorpusError(f"{path} is not a regular file")
    return path
