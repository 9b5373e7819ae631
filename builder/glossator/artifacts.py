"""Artifacts: folders of files with a manifest, published by rename and verified before anything parses them.

<out>/<stage>/artifact.json     manifest: key, file hashes, seconds
<out>/<stage>/...               the files; those under `logs/` are for people and not part of the digest
<out>/<stage>.partial/          work in progress; continued when its key still fits, else thrown away
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from glossator.errors import BundleError

MANIFEST = "artifact.json"
LOGS = "logs"


class Manifest(BaseModel):
    """`artifact.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: str
    key: str
    """Hash of everything the content depends on."""
    files: dict[str, str]
    """Relative path -> sha256."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Artifact:
    """A published stage."""

    folder: Path
    manifest: Manifest

    @property
    def digest(self) -> str:
        """Hash of the content: equal for equal files, whatever made them."""
        return digest_of(self.manifest.files)


A = TypeVar("A", bound=Artifact)


def digest_of(value: Any) -> str:
    """sha256 of canonical JSON.

    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_files(folder: Path, skip: Iterable[str] = ()) -> dict[str, str]:
    """sha256 of every file below `folder` by relative path, without the top-level names in `skip`."""
    left_out = set(skip)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    relative = [(path, path.relative_to(folder)) for path in paths]
    return {name.as_posix(): file_digest(path) for path, name in relative if name.parts[0] not in left_out}


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """Installed versions, which are part of a key where they may change the result; "" for one of two alternatives."""
    return {name: _version(name) for name in libraries}


def load(kind: type[A], folder: Path) -> A | None:
    """The artifact published at `folder`; None when there is none or when a file is not what its manifest says."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return None if any(changed_files(folder, manifest.files)) else kind(folder, manifest)


def changed_files(folder: Path, files: dict[str, str]) -> Iterator[str]:
    """Names of the files that are missing or not as recorded."""
    for name, digest in files.items():
        path = folder / name
        if not path.is_file() or file_digest(path) != digest:
            yield name


def verify(folder: Path, files: dict[str, str]) -> None:
    """Raise BundleError naming the first file that is not as recorded."""
    for name in changed_files(folder, files):
        state = "was changed" if (folder / name).is_file() else "is missing"
        raise BundleError(f"{folder / name} {state} since this bundle was built; build again, or restore the file")


def open_partial(folder: Path, key: str) -> Path:
    """The work folder of a stage: kept when it belongs to `key`, else emptied."""
    partial = folder.with_name(folder.name + ".partial")
    stamp = partial / ".key"
    if not (stamp.is_file() and stamp.read_text() == key):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        stamp.write_text(key)
    return partial


def publish(kind: type[A], partial: Path, folder: Path, *, stage: str, key: str, seconds: float) -> A:
    """Turn a work folder into an artifact: manifest, fsync, rename. The old artifact stays until the rename."""
    (partial / ".key").unlink()
    manifest = Manifest(stage=stage, key=key, files=folder_files(partial, (LOGS, MANIFEST)), seconds=round(seconds, 2))
    (partial / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    replace_folder(partial, folder)
    return kind(folder, manifest)


def replace_folder(new: Path, folder: Path) -> None:
    """Sync `new` and put it in the place of `folder`, in one step where the kernel can."""
    for path in [*new.rglob("*"), new]:
        _sync(path)
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists() and not _exchange(new, folder):
        os.rename(folder, old)
    if not folder.exists():
        os.rename(new, folder)
    _sync(folder.parent)
    for left in (old, new):
        shutil.rmtree(left, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders atomically; False where kernel or file system cannot (renameat2, Linux 3.15)."""
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    swap = getattr(ctypes.CDLL(None), "renameat2", None)
    return swap is not None and swap(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0


def write_json(path: Path, value: Any) -> None:
    """Readable JSON, written whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    _sync(partial)
    os.replace(partial, path)


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """JSON lines."""
    with path.open("w", encoding="utf-8") as stream:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False, allow_nan=False), file=stream)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows that `write_rows` wrote."""
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
