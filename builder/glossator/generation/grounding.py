"""Grounded decoding: an answer is one whole sentence of a shown passage with that passage's number, or the abstention.

The possible answers of a prompt are spelt out, tokenised exactly as in training and merged into a tree; while decoding,
only tokens that lead on in the tree are possible. So a quote is byte-exact, its marker is true, and a model too small
to start a sentence by heart can still choose one. One quote per answer, and sentences are the units: spans of free
length, several quotes and connecting words need a richer automaton.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from glossator.citations.parse import format_citation
from glossator.citations.segment import statements
from glossator.records import Passage

FEWEST_WORDS = 2

Tree = dict[int, "Tree"]


def choices(passages: Sequence[Passage], abstention: str) -> list[str]:
    """Every answer that quotes one sentence or table row of one passage, and the abstention."""
    return [abstention, *(format_citation(text, n) for n, p in enumerate(passages, 1) for text in sentences(p.text))]


def sentences(text: str) -> Iterator[str]:
    """The quotable pieces of a passage: no headings, no head or rule of a table, at least two words."""
    pieces = [text[start:end] for start, end in statements(text)]
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        head = following.startswith("|") and not _words(following)
        if not head and not piece.startswith("#") and _words(piece) >= FEWEST_WORDS:
            yield piece


def _words(piece: str) -> int:
    return sum(any(sign.isalnum() for sign in word) for word in piece.split())


def tree_of(rows: Sequence[Sequence[int]]) -> Tree:
    """Token rows merged by their beginnings.

    >>> tree_of([[1, 2], [1, 3]])
    {1: {2: {}, 3: {}}}
    """
    root: Tree = {}
    for row in rows:
        node = root
        for token in row:
            node = node.setdefault(token, {})
    return root


def keep_to(trees: Sequence[Tree], prompt_length: int, pad: int) -> Callable[[Any, Any], Any]:
    """A logits processor for `generate`: row r of the batch stays inside tree r * trees / rows."""
    import torch

    def processor(input_ids: Any, scores: Any) -> Any:
        masked = torch.full_like(scores, float("-inf"))
        copies = len(input_ids) // len(trees)
        for row, ids in enumerate(input_ids[:, prompt_length:].tolist()):
            allowed = list(_next(trees[row // copies], ids)) or [pad]
            masked[row, allowed] = scores[row, allowed]
        return masked

    return processor


def impossible(trees: Sequence[Tree], answers: Any, vocabulary: int) -> Any:
    """Which tokens each place of each answer could not hold: (answers, places, vocabulary), bool.

    `answers` holds token rows, padded on the right; where a tree has ended, nothing is ruled out.
    """
    import torch

    mask = torch.zeros((*answers.shape, vocabulary), dtype=torch.bool, device=answers.device)
    for row, (tree, ids) in enumerate(zip(trees, answers.tolist(), strict=True)):
        node = tree
        for place, token in enumerate(ids):
            if not node:
                break
            mask[row, place] = True
            mask[row, place, list(node)] = False
            node = node.get(token, {})
    return mask


def _next(tree: Tree, ids: Sequence[int]) -> Tree:
    node = tree
    for token in ids:
        node = node.get(token, {})
    return node
