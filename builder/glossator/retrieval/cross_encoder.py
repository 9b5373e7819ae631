"""A cross-encoder: a model that reads question and text together and says how well the one answers the other.

It orders what search has found, in the place of retrieval.relevance, where a recipe asks for it (Nogueira and Cho 2019,
"Passage Re-ranking with BERT"). The score that search gave stays: the prior and the evidence bound are fitted on it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glossator.encoding.batching import batches
from glossator.errors import InputError

BUDGET = 4096
"""Tokens of one batch."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEncoder:
    """A loaded model for sequence classification with one output, and its tokenizer."""

    name: str
    model: Any
    tokenizer: Any

    @classmethod
    def load(cls, name: str) -> CrossEncoder:
        """Load a folder or hub id; remote code is never run.

        Raises InputError for what is not there, and for a model that was not trained to give one number.
        """
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
            model, told = AutoModelForSequenceClassification.from_pretrained(
                name, dtype="float32", trust_remote_code=False, output_loading_info=True
            )
        except (OSError, ValueError) as error:
            raise InputError(f"reranker {name!r} cannot be loaded: {error}") from error
        if told["missing_keys"] or model.config.num_labels != 1:
            untrained = f", untrained: {sorted(told['missing_keys'])}" if told["missing_keys"] else ""
            raise InputError(
                f"reranker {name!r} is no cross-encoder: it has {model.config.num_labels} outputs{untrained}; name a "
                "model for sequence classification with one output, such as cross-encoder/ms-marco-MiniLM-L6-v2"
            )
        return cls(name=name, model=model.eval(), tokenizer=tokenizer)

    @property
    def window(self) -> int:
        """Most tokens of question and text together."""
        return min(int(self.tokenizer.model_max_length), int(self.model.config.max_position_embeddings))

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question: the model's logit, whatever else is scored with it.

        A text beyond the window loses its end, which is logged. Raises InputError when the question alone fills it.
        """
        import torch

        rows = self._rows(question, texts)
        found = [0.0] * len(texts)
        with torch.inference_mode():
            for batch in batches([len(row["input_ids"]) for row in rows], BUDGET):
                inputs = {name: torch.tensor([rows[i][name] for i in batch]) for name in rows[batch[0]]}
                for i, score in zip(batch, self.model(**inputs).logits[:, 0].tolist(), strict=True):
                    found[i] = score
        return found

    def _rows(self, question: str, texts: Sequence[str]) -> list[dict[str, list[int]]]:
        """Inputs of the model for each pair, without padding."""
        if not texts:
            return []
        words = self.tokenizer(question, add_special_tokens=False, verbose=False)["input_ids"]
        length = len(words) + self.tokenizer.num_special_tokens_to_add(pair=True)
        if length >= self.window:
            raise InputError(
                f"the question takes {length} tokens and leaves no room for a text in the {self.window} that reranker "
                f"{self.name!r} reads; ask a shorter one"
            )
        pairs = self.tokenizer([question] * len(texts), list(texts), truncation="only_second", max_length=self.window)
        cut = sum(bool(encoded.overflowing) for encoded in pairs.encodings)
        if cut:
            _log.warning(
                "reranker %r reads %d tokens: %d of %d texts were cut", self.name, self.window, cut, len(texts)
            )
        return [{name: pairs[name][i] for name in pairs} for i in range(len(texts))]
