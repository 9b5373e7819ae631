"""Cutting and embedding on many processes or machines, with Ray Data; the index is put together in one.

A text's vector does not depend on what it is embedded with (see `MiniLm.embed_fixed`), so that the index is the same
to the bit for any number of workers, as long as they all multiply alike: machines of one kind.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from glossator.encoding.embedding import WIDTH, Vectors, load_embedder
from glossator.errors import NotInstalledError
from glossator.records import Document, Passage
from glossator.retrieval.generations import HERE, Workers, cut_all
from glossator.rows import document_row, read_document

SHARD_DOCUMENTS, SHARD_TEXTS = 64, 512
"""Documents that a worker cuts at once, and texts that it embeds."""

Batch = dict[str, Any]


@contextmanager
def ray_workers(count: int | None) -> Iterator[Workers]:
    """`count` workers of the cluster that RAY_ADDRESS names, or of one that is started on this machine and ended.

    This process alone when `count` is None.
    """
    if count is None:
        yield HERE
        return
    ray, started = _import_ray(), False
    if not ray.is_initialized():
        ray.init(
            num_cpus=None if os.environ.get("RAY_ADDRESS") else count,
            include_dashboard=False,
            logging_level=logging.ERROR,
        )
        started = True
    try:
        yield Workers(cut=partial(_cut, count), embed=partial(_embed, count))
    finally:
        if started:
            ray.shutdown()


def _import_ray() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise NotInstalledError(f"{error.name} is not installed: pip install 'glossator[ray]'") from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray


def _cut(count: int, documents: Sequence[Document], chunk_tokens: int) -> Iterator[list[Passage]]:
    rows = [json.dumps(document_row(document)) for document in documents]  # ASCII: Ray's strings know no surrogates
    for row in _mapped(count, rows, partial(_cut_shard, chunk_tokens), SHARD_DOCUMENTS):
        yield [Passage(**passage) for passage in json.loads(row)]


def _cut_shard(chunk_tokens: int, rows: Sequence[str]) -> list[str]:
    documents = [read_document(json.loads(row)) for row in rows]
    return [json.dumps(list(map(asdict, passages))) for passages in cut_all(documents, chunk_tokens)]


def _embed(count: int, texts: Sequence[str]) -> Vectors:
    """Equal texts once; neighbours in length together, so that shards are whole batches."""
    distinct = sorted(dict.fromkeys(texts), key=lambda text: (len(text), text))
    made = _mapped(count, list(map(json.dumps, distinct)), _embed_shard, SHARD_TEXTS)
    found = dict(zip(distinct, made, strict=True))
    return np.array([np.frombuffer(found[text], np.float32) for text in texts], np.float32).reshape(-1, WIDTH)


def _embed_shard(rows: Sequence[str]) -> list[bytes]:
    return [vector.tobytes() for vector in load_embedder("minilm").embed_fixed(list(map(json.loads, rows)))]


def _mapped(count: int, items: Sequence[str], work: Callable[[Sequence[str]], list[Any]], size: int) -> list[Any]:
    """What `work` makes of each item, in order, in shards of `size` on `count` workers at a time."""
    if not items:
        return []
    ray = _import_ray()
    rows = [{"place": place, "item": item} for place, item in enumerate(items)]
    shards = ray.data.from_items(rows, override_num_blocks=-(-len(items) // size))
    made = shards.map_batches(
        partial(_shard, work), batch_size=size, compute=ray.data.TaskPoolStrategy(size=count), num_cpus=1
    )
    found = {row["place"]: row["made"] for row in made.iter_rows()}
    return [found[place] for place in range(len(items))]


def _shard(work: Callable[[Sequence[str]], list[Any]], batch: Batch) -> Batch:
    """Runs in a worker, which keeps the embedder's weights from one shard to the next."""
    return {"place": batch["place"], "made": np.array(work(batch["item"].tolist()), dtype=object)}
