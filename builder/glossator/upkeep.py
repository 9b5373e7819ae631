"""Keep the index of a bundle current: compare with the documents, make the next generation, publish the bundle whole.

The adapters and the policy stay as they are. The new combination has another digest: measure it before you rely on it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from glossator.artifacts import MANIFEST, digest_of, folder_files, open_partial, publish, write_json
from glossator.assistant import Bundle, open_bundle
from glossator.errors import CorpusError, OutputError, stage_boundary
from glossator.records import Document
from glossator.retrieval.generations import HERE, TABLE, Changes, Workers, compare, update_index
from glossator.retrieval.passages import PassageTable
from glossator.stages.base import BundleArtifact

MOST_DELETED = 0.5
"""Share of an index that may go without being told so: a source that is half empty is more often broken than meant."""


def changes(bundle: Bundle, documents: Sequence[Document], keep: Sequence[str] = ()) -> Changes:
    """What `update` would do."""
    return compare(PassageTable.open(bundle.folder / "index" / TABLE), documents, keep)


def update(
    path: Path,
    documents: Sequence[Document],
    keep: Sequence[str] = (),
    *,
    delete_most: bool = False,
    workers: Workers = HERE,
) -> tuple[Changes, str]:
    """Make the index of the bundle at `path` hold `documents`, and of its own those named in `keep`.

    Returns what was done, and the digest of the bundle that answers from now on.
    Until the last step the old bundle answers; killed before it, nothing has changed. Raises CorpusError when more
    than half of the documents would go and `delete_most` does not say so, OutputError when the bundle is in use.
    """
    bundle = open_bundle(path)
    with _claimed(path, bundle.folder), stage_boundary("index update"):
        planned = changes(bundle, documents, keep)
        _check(planned, delete_most)
        return planned, _publish(bundle, documents, keep, workers) if planned else bundle.digest


def documents_of(bundle: Bundle) -> list[str]:
    """Ids of the documents in the index."""
    return list(PassageTable.open(bundle.folder / "index" / TABLE).documents)


def _publish(bundle: Bundle, documents: Sequence[Document], keep: Sequence[str], workers: Workers) -> str:
    start, folder = time.monotonic(), bundle.folder
    key = digest_of(["index update", bundle.digest, sorted(document.source.sha256 for document in documents)])
    shutil.rmtree(folder.with_name(folder.name + ".partial"), ignore_errors=True)
    partial = open_partial(folder, key)
    for name in sorted(path.name for path in folder.iterdir() if path.name not in (MANIFEST, "index")):
        copy = shutil.copytree if (folder / name).is_dir() else shutil.copy
        copy(folder / name, partial / name)
    (partial / "index").mkdir()
    update_index(folder / "index", documents, partial / "index", keep, workers)
    modules = bundle.lock.modules | {"index": digest_of(folder_files(partial / "index"))}
    write_json(partial / "bundle.json", bundle.lock.model_copy(update={"modules": modules}).model_dump(mode="json"))
    seconds = time.monotonic() - start
    return publish(BundleArtifact, partial, folder, stage="bundle", key=key, seconds=seconds).digest


def _check(planned: Changes, delete_most: bool) -> None:
    before = planned.unchanged + len(planned.updated) + len(planned.deleted) + planned.kept
    if len(planned.deleted) > MOST_DELETED * before and not delete_most:
        raise CorpusError(
            f"{len(planned.deleted)} of {before} documents are not among the sources and would be deleted; name all "
            "sources, keep the others with --keep-others, or say that it is meant with --delete-most"
        )


@contextmanager
def _claimed(path: Path, folder: Path) -> Iterator[None]:
    """One writer at a time, builds included; the kernel frees it when the process ends, however it ends."""
    mark = path / ".glossator"
    handle = os.open(mark if mark.is_file() else folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise OutputError(f"{path} is in use by another build or update; wait for it") from error
    finally:
        os.close(handle)
