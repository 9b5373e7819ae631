"""All answers to one prompt in one row, in which the prompt stands once: the same logits for a fraction of the tokens.

TRL repeats a prompt for each of its G answers. Here a row is `[prompt | answer 1 | ... | answer G]`: a token sees the
prompt and its own answer, every answer's positions restart behind the prompt, and the first token of every answer is
predicted by the prompt's last. Log-probabilities and gradients are those of the repeated rows, up to rounding (Prefix
Grouper, arXiv 2506.05433; Hydragen, arXiv 2402.05099). What answers begin with alike can stand once too: a run of
tokens may stand behind another.
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
"""Segments of a row's tokens; what stands behind the prompt counts from 1."""
Run = tuple[int, Sequence[int]]
"""A stretch of tokens and the segment that it stands behind: PROMPT, or an earlier run, counted from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A batch of rows, each a prompt and what may follow it."""

    ids: torch.Tensor
    """(rows, length)"""
    segments: torch.Tensor
    """(rows, length): which segment each token belongs to; PADDING is the last of `sees`."""
    positions: torch.Tensor
    """(rows, length)"""
    sees: torch.Tensor
    """(rows, segments, segments): whether tokens of the first see those of the second."""
    places: Sequence[Sequence[range]]
    """Of each row, where each segment stands in it."""

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """What each token sees, added to attention scores: (rows, 1, length, length).

        Padding is a segment of its own, so no row of it is empty.
        """
        row = torch.arange(len(self.ids), device=self.ids.device)[:, None, None]
        sees = self.sees[row, self.segments[:, :, None], self.segments[:, None, :]].tril()
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


def tree_of(prompts: Sequence[Sequence[int]], runs: Sequence[Sequence[Run]], device: Any = None) -> Tree:
    """One row for each prompt, its runs behind it; a token sees the prompt, the runs before its own, and its own.

    >>> tree = tree_of([[5, 6]], [[(PROMPT, [7]), (PROMPT, [8, 9]), (1, [3])]])
    >>> tree.ids.tolist(), tree.positions.tolist()
    ([[5, 6, 7, 8, 9, 3]], [[0, 1, 2, 2, 3, 3]])
    >>> tree.mask(torch.float32)[0, 0, -1].exp().bool().tolist()
    [True, True, True, False, False, True]
    """
    rows = [_row(prompt, behind) for prompt, behind in zip(prompts, runs, strict=True)]
    ids, segments, positions, places = zip(*rows, strict=True)
    most = max(len(behind) for behind in runs) + 2
    sees = torch.eye(most, dtype=torch.bool).repeat(len(rows), 1, 1)
    for row, behind in zip(sees, runs, strict=True):
        for number, (parent, _) in enumerate(behind, 1):
            row[number] |= row[parent]
    return Tree(
        ids=_padded(ids, 0, device),
        segments=_padded(segments, PADDING, device),
        positions=_padded(positions, 0, device),
        sees=sees.to(device),
        places=places,
    )


def _row(prompt: Sequence[int], runs: Sequence[Run]) -> tuple[list[int], list[int], list[int], list[range]]:
    """Ids, segments and positions of a row, and where each segment stands."""
    ids, segments = list(prompt), [PROMPT] * len(prompt)
    positions, places = list(range(len(prompt))), [range(len(prompt))]
    for number, (parent, tokens) in enumerate(runs, 1):
        first = positions[places[parent][-1]] + 1
        places.append(range(len(ids), len(ids) + len(tokens)))
        ids += tokens
        segments += [number] * len(tokens)
        positions += range(first, first + len(tokens))
    return ids, segments, positions, places


def answer_logits(model: Any, ids: torch.Tensor, mask: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Logits of the wanted tokens of answers, (tokens, vocabulary), as a pass over all rows gives them.

    `ids` and `mask` are (rows, prompt + longest): prompts padded on the left, answers on the right; `wanted` is
    (rows, longest). The vocabulary is multiplied only by places of which something is wanted.
    """
    kept, longest = mask.bool(), wanted.shape[1]
    prompts = [row[keep].tolist() for row, keep in zip(ids[:, :-longest], kept[:, :-longest], strict=True)]
    answers = [row[keep].tolist() for row, keep in zip(ids[:, -longest:], kept[:, -longest:], strict=True)]
    tree, stands = grouped(prompts, answers, ids.device)
    rows, sources = list[int](), list[int]()
    for (row, places), chose in zip(stands, wanted.tolist(), strict=True):
        before = [tree.places[row][PROMPT][-1], *places]
        found = [before[token] for token, want in enumerate(chose) if want]
        rows += [row] * len(found)
        sources += found
    return logits_at(model, tree, rows, sources)


def grouped(
    prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]], device: Any = None
) -> tuple[Tree, list[tuple[int, range]]]:
    """One row for each different prompt with its answers side by side; of each answer, its row and where it stands.

    Answer i belongs to prompt i.

    >>> tree, stands = grouped([[5, 6], [5, 6]], [[7], [8, 9]])
    >>> tree.ids.tolist(), stands
    ([[5, 6, 7, 8, 9]], [(0, range(2, 3)), (0, range(3, 5))])
    """
    rows = {prompt: row for row, prompt in enumerate(dict.fromkeys(map(tuple, prompts)))}
    runs, stands = [list[Run]() for _ in rows], []
    for prompt, answer in zip(prompts, answers, strict=True):
        row = rows[tuple(prompt)]
        runs[row].append((PROMPT, answer))
        stands.append((row, len(runs[row])))
    tree = tree_of(list(rows), runs, device)
    return tree, [(row, tree.places[row][segment]) for row, segment in stands]


def logits_at(model: Any, tree: Tree, rows: Sequence[int], places: Sequence[int]) -> torch.Tensor:
    """The logits behind some tokens, (tokens, vocabulary): token i stands in row i of `rows` at place i of `places`."""
    columns, found = torch.tensor(places, device=tree.ids.device).unique(return_inverse=True)
    said = model(
        input_ids=tree.ids,
        attention_mask=tree.mask(next(model.parameters()).dtype),
        position_ids=tree.positions,
        logits_to_keep=columns,
        use_cache=False,
    ).logits
    wanted = torch.tensor(rows, device=found.device) * len(columns) + found
    return said.flatten(0, 1).index_select(0, wanted)  # its backward adds whole rows


def _padded(rows: Iterable[Sequence[int]], value: int, device: Any) -> torch.Tensor:
    return pad_sequence([torch.tensor(row, device=device) for row in rows], batch_first=True, padding_value=value)
