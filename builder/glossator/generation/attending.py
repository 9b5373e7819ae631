"""One forward pass of a backbone over tokens that are packed without padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from glossator.generation.backbone import Backbone, Layer, Norm

Attend = Callable[[int, Any, Any, Any], Any]
"""Layer's number, queries, keys, values, each (tokens, heads, head width) -> (tokens, query heads * head width)."""


def forward(backbone: Backbone, ids: Any, positions: Any, attend: Attend) -> Any:
    """Last hidden states of packed tokens, normed: (tokens, width); `ids` and `positions` are (tokens,)."""
    hidden = F.embedding(ids, backbone.embedding)
    if backbone.embedding_scale != 1.0:
        hidden.mul_(backbone.embedding_scale)
    turns = {kind: _turn(backbone, kind, positions) for kind in backbone.rotations}
    shape = (len(ids), backbone.query_heads + 2 * backbone.key_heads, backbone.head_width)
    turned = backbone.query_heads + backbone.key_heads
    for number, layer in enumerate(backbone.layers):
        mixed = _times(_normed(hidden, layer.before_attention), layer.attend, layer.attend_bias).view(shape)
        facing, values = mixed[:, :turned], mixed[:, turned:]
        if layer.heads is not None:
            facing = _normed(facing, layer.heads)
        facing = _rotated(facing, turns[layer.rotation])
        seen = attend(number, facing[:, : backbone.query_heads], facing[:, backbone.query_heads :], values)
        _add(hidden, seen, layer.gather, layer.gather_bias, layer.behind_attention)
        wide = _times(_normed(hidden, layer.before_gate), layer.widen, layer.widen_bias)
        _add(hidden, _gated(wide, backbone.silu), layer.narrow, layer.narrow_bias, layer.behind_gate)
    return _normed(hidden, backbone.norm)


def _normed(hidden: Any, norm: Norm) -> Any:
    """RMS norm (Zhang and Sennrich 2019): w x / sqrt(mean(x^2) + eps), as sqrt(n) w x / hypot(|x|, sqrt(n eps)).

    Four short operations; torch's own takes twice as long for one row.
    """
    length = torch.hypot(torch.linalg.vector_norm(hidden, dim=-1, keepdim=True), norm.floor)
    return (hidden / length).mul_(norm.weight)


def _times(hidden: Any, matrix: Any, bias: Any) -> Any:
    return torch.mm(hidden, matrix) if bias is None else torch.addmm(bias, hidden, matrix)


def _add(hidden: Any, inner: Any, matrix: Any, bias: Any, norm: Norm | None) -> None:
    """hidden += inner times matrix, in place."""
    if norm is not None:
        hidden.add_(_normed(_times(inner, matrix, bias), norm))
        return
    hidden.addmm_(inner, matrix)
    if bias is not None:
        hidden.add_(bias)


def _gated(wide: Any, silu: bool) -> Any:
    gate, up = wide.chunk(2, dim=-1)
    return (F.silu(gate) if silu else F.gelu(gate, approximate="tanh")).mul_(up)


def _turn(backbone: Backbone, kind: str, positions: Any) -> Any:
    """Rotations as complex numbers, those of queries scaled: (tokens, query and key heads, half the head width)."""
    angles, factor = backbone.rotations[kind]
    angle = positions[:, None].float() * angles
    turn = torch.polar(torch.full_like(angle, factor), angle)[:, None]
    scaled = [turn * backbone.scale] * backbone.query_heads + [turn] * backbone.key_heads
    return torch.cat(scaled, dim=1)


def _rotated(heads: Any, turn: Any) -> Any:
    """Rotary embedding: the halves of a head are the two parts of complex numbers (Su et al. 2021).

    The result holds the two parts in turns, for queries and keys alike, which leaves their products as they are.
    """
    first, second = heads.chunk(2, dim=-1)
    return torch.view_as_real(torch.complex(first, second).mul_(turn)).flatten(-2)


@dataclass(slots=True)
class Written:
    """Keys and values of one prompt, layer by layer: (key heads, tokens, head width)."""

    keys: list[Any]
    values: list[Any]
    length: int
    """Tokens."""


def read_prompt(backbone: Backbone, ids: Sequence[int]) -> tuple[Any, Written]:
    """The last token's hidden state, (1, width), and the keys and values of a prompt."""
    written = Written([], [], len(ids))
    places = torch.arange(len(ids), device=backbone.device)

    def attend(number: int, queries: Any, keys: Any, values: Any) -> Any:
        queries, keys, values = (each.transpose(0, 1) for each in (queries, keys, values))
        written.keys.append(keys)
        written.values.append(values)
        return attended(queries, keys, values, visible(backbone.layers[number], places, places))

    hidden = forward(backbone, torch.tensor(ids, device=backbone.device), places, attend)
    return hidden[-1:], written


def visible(layer: Layer, queries: Any, keys: Any) -> Any:
    """Which key each query sees, by their positions; None = plainly causal from the first token on."""
    if len(queries) == len(keys) and (layer.window is None or layer.window >= len(keys)):
        return None
    apart = queries[:, None] - keys
    return (apart >= 0) if layer.window is None else (apart >= 0) & (apart < layer.window)


def attended(queries: Any, keys: Any, values: Any, visible: Any) -> Any:
    """(heads, tokens, head width) each -> (query tokens, query heads * head width)."""
    seen = F.scaled_dot_product_attention(
        queries[None],
        keys[None],
        values[None],
        attn_mask=visible,
        is_causal=visible is None,
        scale=1.0,
        enable_gqa=len(queries) != len(keys),
    )
    return seen[0].transpose(0, 1).flatten(1)
