"""Search by meaning: FAISS over unit vectors in float16, found by ids that are never used twice.

Up to FLAT passages every vector is compared. Above, the signs of all vectors are compared first (48 bytes instead of
768) and the nearest CANDIDATES by sign are compared exactly. A search within a mask is always exact.

FAISS's own llama-index store takes the row count as the next id, so that after a delete the successor of the deleted
row answers for another document; here ids come from the passage table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glossator.errors import NotInstalledError

FLAT, CANDIDATES = 50_000, 1_000
"""Most passages that are compared one by one, and how many are compared exactly above that."""
MANY, MARGIN = 8, 40
"""Queries that are worth a matrix product, and how many more hits than asked its rounding may misplace."""

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Hits = list[tuple[int, float]]
"""Place and cosine, best first."""


def import_faiss() -> Any:
    """The faiss module, or an error that says which of the two packages to install."""
    try:
        import faiss
    except ImportError as error:
        raise NotInstalledError(
            "faiss is not installed: pip install 'glossator[cpu]' (or 'glossator[gpu]' on a CUDA machine, never both)"
        ) from error
    return faiss


class FaissVectors:
    """Vectors by id. A place is the position of an id among all ids, which ascend."""

    def __init__(self, index: Any, signs: Any = None) -> None:
        self._index, self._signs = index, signs

    @classmethod
    def empty(cls, width: int) -> FaissVectors:
        faiss = import_faiss()
        half = faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        return cls(faiss.IndexIDMap2(half))

    @classmethod
    def load(cls, folder: Path, *, writable: bool = False) -> FaissVectors:
        """Read what `save` wrote, whose hashes the caller has verified; mapped into memory unless it is to change."""
        faiss = import_faiss()
        mapped = 0 if writable else faiss.IO_FLAG_MMAP_IFC  # removing rows of a mapped index ends the process
        signs = folder / "signs.faiss"
        return cls(
            faiss.read_index(str(folder / "vectors.faiss"), mapped),
            faiss.read_index_binary(str(signs)) if signs.is_file() else None,
        )

    def save(self, folder: Path) -> None:
        """Write `vectors.faiss`, and `signs.faiss` above FLAT vectors."""
        faiss = import_faiss()
        faiss.write_index(self._index, str(folder / "vectors.faiss"))
        if len(self) > FLAT:
            signs = faiss.IndexBinaryFlat(self._index.d)
            signs.add(_signs(self._halves))
            faiss.write_index_binary(signs, str(folder / "signs.faiss"))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def width(self) -> int:
        """Numbers of one vector."""
        return int(self._index.d)

    @cached_property
    def ids(self) -> Ids:
        """All ids, in order of place."""
        return np.asarray(import_faiss().vector_to_array(self._index.id_map), dtype=np.int64)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add vectors of length 1; ids must be greater than all that were ever added."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)
        self._forget()

    def remove(self, ids: Ids) -> None:
        """Remove ids; the others keep theirs."""
        self._index.remove_ids(ids)
        self._forget()

    def at(self, places: Sequence[int] | npt.NDArray[np.integer[Any]]) -> Vectors:
        """The vectors at some places, as stored."""
        return self._halves[np.asarray(places, dtype=np.int64)].astype(np.float32)

    def search(self, query: Vectors, k: int, allowed: Mask | None = None) -> Hits:
        """The `k` nearest vectors of one query, among the places where `allowed` is true."""
        if allowed is None and self._signs is not None:
            _, near = self._signs.search(_signs(query[None]), min(max(CANDIDATES, k), len(self)))
            return self._best(query, np.sort(near[0]), k)
        count = min(k, len(self) if allowed is None else int(allowed.sum()))
        if count < 1:
            return []
        scores, ids = self._index.search(query[None], count, params=self._within(allowed))
        places = np.searchsorted(self.ids, ids[0])
        return [(int(place), float(score)) for place, score in zip(places, scores[0], strict=True)]

    def search_many(self, queries: Vectors, k: int) -> list[Hits]:
        """The same as `search` for each query, exact at any size; from MANY on as a matrix product."""
        if len(queries) < MANY or not len(self):
            return [self.search(query, k) for query in queries]
        import torch

        coarse = torch.from_numpy(queries).to(self._matrix.dtype) @ self._matrix.T
        near = coarse.topk(min(2 * k + MARGIN, len(self)), dim=1).indices.sort(dim=1).values.numpy()
        return [self._best(query, places, k) for query, places in zip(queries, near, strict=True)]

    def _forget(self) -> None:
        for name in ("ids", "_halves", "_matrix"):
            self.__dict__.pop(name, None)

    def _best(self, query: Vectors, places: Ids, k: int) -> Hits:
        scores = self.at(places) @ query
        return [(int(places[i]), float(scores[i])) for i in np.argsort(-scores, kind="stable")[:k]]

    def _within(self, allowed: Mask | None) -> Any:
        if allowed is None:
            return None
        faiss = import_faiss()
        by_id = np.zeros(int(self.ids[-1]) + 1, dtype=np.bool_)
        by_id[self.ids[allowed]] = True
        self._bits = np.packbits(by_id, bitorder="little")  # FAISS keeps a pointer only
        return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(self._bits))

    @cached_property
    def _halves(self) -> npt.NDArray[np.float16]:
        faiss = import_faiss()
        codes = faiss.downcast_index(self._index.index).codes
        stored: npt.NDArray[np.float16] = faiss.rev_swig_ptr(codes.data(), codes.size()).view(np.float16)
        return stored.reshape(len(self), -1)

    @cached_property
    def _matrix(self) -> Any:
        import torch

        from glossator.encoding.bert import best_number

        return torch.from_numpy(self._halves.copy()).to(best_number(torch.device("cpu")))


def _signs(vectors: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.packbits(vectors > 0, axis=1)
