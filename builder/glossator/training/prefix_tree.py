"""All answers to one prompt in one row, in which the prompt stands once: the same logits for a fraction of the tokens.

TRL repeats a prompt for each of its G answers. Here a row is `[prompt | answer 1 | ... | answer G]`: a token sees the
prompt and its own answer, every answer's positions restart behind the prompt, and the first token of every answer is
predicted by the prompt's last. Log-probabilities and gradients are those of the repeated rows, up to rounding (Prefix
Grouper, arXiv 2506.05433; Hydragen, arXiv 2402.05099).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from glossator.generation.transformers_local import learns_its_prompt

ARCHITECTURES = ("llama", "mistral", "qwen2", "qwen3")
"""Model types that take the mask and the positions as they are given."""
MASKABLE = ("eager", "sdpa")
"""Ways of attention that take any mask."""
PROMPT, PADDING = 0, -1
"""Segments of a row's tokens; answers count from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A batch of rows, one for each different prompt."""

    ids: torch.Tensor
    """(prompts, length)"""
    segments: torch.Tensor
    """(prompts, length)"""
    positions: torch.Tensor
    """(prompts, length)"""
    rows: torch.Tensor
    """(answers,): where the answer stands."""
    sources: torch.Tensor
    """(answers, longest): the place whose hidden state predicts each of its tokens."""

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """What each token sees, added to attention scores: (prompts, 1, length, length).

        Padding is a segment of its own, so no row of it is empty.
        """
        mine, theirs = self.segments[:, :, None], self.segments[:, None, :]
        sees = torch.ones_like(mine == theirs).tril() & ((theirs == PROMPT) | (mine == theirs))
        return torch.zeros(sees.shape, dtype=dtype, device=sees.device).masked_fill(~sees, torch.finfo(dtype).min)[
            :, None
        ]


def can_share(model: Any) -> bool:
    """Whether a model (perhaps with an adapter) takes a mask and positions of its own, and sees the whole prompt."""
    config = model.config
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    return (
        config.model_type in ARCHITECTURES
        and config._attn_implementation in MASKABLE
        and window is None
        and not learns_its_prompt(model)
    )


def tree_of(prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]], device: Any = None) -> Tree:
    """One row for each different prompt; answer i belongs to prompt i.

    >>> tree = tree_of([[5, 6], [5, 6]], [[7], [8, 9]])
    >>> tree.ids.tolist(), tree.positions.tolist(), tree.sources.tolist()
    ([[5, 6, 7, 8, 9]], [[0, 1, 2, 2, 3]], [[1, 1], [1, 3]])
    """
    places = {prompt: row for row, prompt in enumerate(dict.fromkeys(map(tuple, prompts)))}
    ids = [list(prompt) for prompt in places]
    segments = [[PROMPT] * len(prompt) for prompt in places]
    positions = [list(range(len(prompt))) for prompt in places]
    rows, sources = [places[tuple(prompt)] for prompt in prompts], []
    longest = max(map(len, answers))
    for number, (row, prompt, answer) in enumerate(zip(rows, prompts, answers, strict=True), 1):
        last, start = len(prompt) - 1, len(ids[row])
        sources.append([last, *range(start, start + len(answer) - 1)][: len(answer)] + [last] * (longest - len(answer)))
        ids[row] += answer
        segments[row] += [number] * len(answer)
        positions[row] += range(len(prompt), len(prompt) + len(answer))
    return Tree(
        ids=_padded(ids, 0, device),
        segments=_padded(segments, PADDING, device),
        positions=_padded(positions, 0, device),
        rows=torch.tensor(rows, device=device),
        sources=torch.tensor(sources, device=device),
    )


def answer_logits(model: Any, ids: torch.Tensor, mask: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Logits of the wanted tokens of answers, (tokens, vocabulary), as a pass over all rows gives them.

    `ids` and `mask` are (rows, prompt + longest): prompts padded on the left, answers on the right; `wanted` is
    (rows, longest). The vocabulary is multiplied only by places of which something is wanted.
    """
    kept, longest = mask.bool(), wanted.shape[1]
    prompts = [row[keep].tolist() for row, keep in zip(ids[:, :-longest], kept[:, :-longest], strict=True)]
    answers = [row[keep].tolist() for row, keep in zip(ids[:, -longest:], kept[:, -longest:], strict=True)]
    tree = tree_of(prompts, answers, ids.device)
    wanted = wanted[:, : tree.sources.shape[1]]
    columns, places = tree.sources[wanted].unique(return_inverse=True)
    said = model(
        input_ids=tree.ids,
        attention_mask=tree.mask(next(model.parameters()).dtype),
        position_ids=tree.positions,
        logits_to_keep=columns,
        use_cache=False,
    ).logits
    rows = tree.rows[:, None].expand_as(wanted)[wanted]
    return said.flatten(0, 1).index_select(0, rows * len(columns) + places)  # its backward adds whole rows


def _padded(rows: Iterable[Sequence[int]], value: int, device: Any) -> torch.Tensor:
    return pad_sequence([torch.tensor(row, device=device) for row in rows], batch_first=True, padding_value=value)
