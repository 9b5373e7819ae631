"""The first weights: heads that find, copy and name are sketched in, and training is free to change all of it.

Finding and copying rest on two kinds of heads (Olsson et al. 2022, "In-context Learning and Induction Heads"): one that
looks a token back, and one that looks for the place where the current token stood before and copies what followed. From
random weights a model of this size needs millions of tokens before they appear; naming the passage that a question is
about needs a chain of four and had not appeared after a million. Before any training, random tokens that come a second
time are continued, and the passage with the question's words is named more often than by chance.

A token's first vector fills only the first VECTOR dimensions, with what MiniLM knows of it (foundry.meaning). The
others begin as empty slots. By layer:

0. Look-back heads, one for each of the BACK tokens before: the query bias is the key bias turned back by so many
   positions, so that rotary attention peaks at that distance. Each writes a projection of its token, its code, into a
   slot of its own.
1. A labelling head looks for the nearest place behind a `[` and writes the code of the token there, the passage's
   number, into the slot LABEL: every token knows its passage.
2. A voting head looks for the same token elsewhere, rather where a number is known than near by, and writes that
   place's label into the slot VOTES.
3. A naming head reads the votes of the last few tokens. Behind a `[`, and nowhere else, a gate of the layer's MLP turns
   them into the number.
4. and 5. Matching heads: the query reads the codes of the current token and the two before it, the key those of the
   three before its place, so they look for the place behind the same three tokens. They use only the slow rotary
   frequencies, which keep their phase over a long prompt. Value and output are one block of an orthogonal matrix and
   its transpose, so the heads together copy the whole vector of the token they find. They come last: what they copy is
   louder than the token itself, and heads above them would read that.

Vectors are large beside what one step of training moves: at a tenth of SCALE the copying was gone after 400k tokens.
"""

from __future__ import annotations

import math

import torch

WIDTH, LAYERS, HEADS, THETA = 256, 6, 4, 1_000_000.0
SIZE, VECTOR, BACK, SLOT = WIDTH // HEADS, 96, 3, 32
LABEL, VOTES = BACK + 1, BACK + 2
LABELLING, VOTING, NAMING, MATCHING = (1, 2), (2, 2), (3, 0), ((4, 0), (4, 1), (5, 0), (5, 1))
"""Layer and head."""
SCALE, SHARPNESS, QUIET = 0.3, 0.25, 0.02
"""Size of a token's vector, by dimension; first weight of the last norm, the inverse of a temperature; and what is left
of random branches: the sketched heads must read vectors, not noise."""
LOOKS_BACK, MATCHES, COPIES = 9.0, 2.0, 3.0
NEAREST, MARKED = 6.0, 12.0
"""Of the labelling head: how much it prefers near places, and places behind a `[`."""
ASIDE, LABELLED, VOTED = 2.5, 3.0, 4.0
"""Of the voting head: how much it avoids near places, prefers labelled ones, and how loud it writes."""
NEARBY, BEFORE, GATE, SHUT, NAMED = 2.0, 5, 1.5, 3.5, 4.0
"""Of the naming head: how much it prefers places BEFORE tokens back; steepness and threshold of the gate; loudness."""
SLOW, FAST = 1 / 600, 1 / 80
"""Radians per token below which a rotary pair keeps its phase, and above which it tells near from far."""


@torch.no_grad()
def sketch(body: torch.nn.Module, vectors: torch.Tensor, bracket: torch.Tensor, digit: torch.Tensor) -> None:
    """Sketch the heads into a fresh body; `vectors` are (tokens, VECTOR), those of `[` and a digit (VECTOR,)."""
    for layer in body.layers:
        layer.self_attn.o_proj.weight *= QUIET
        layer.mlp.down_proj.weight *= QUIET
    body.norm.weight *= SHARPNESS
    body.embed_tokens.weight.zero_()
    body.embed_tokens.weight[:, :VECTOR] = vectors * SCALE * math.sqrt(WIDTH)
    code = _orthogonal(VECTOR)[:SLOT]
    for distance in range(1, BACK + 1):
        _look_back(body.layers[0].self_attn, distance, code)
    _label(body.layers[LABELLING[0]].self_attn, code, _unit(code @ bracket))
    _vote(body.layers[VOTING[0]].self_attn, code, _unit(code @ digit))
    _name(body.layers[NAMING[0]], code, _unit(bracket))
    blocks = _orthogonal(VECTOR).split(VECTOR // len(MATCHING))
    for (number, head), block in zip(MATCHING, blocks, strict=True):
        _match(body.layers[number].self_attn, head, code, block)


def _look_back(attention: torch.nn.Module, distance: int, code: torch.Tensor) -> None:
    rows = _emptied(attention, distance - 1)
    attention.q_proj.bias[rows] = LOOKS_BACK * _turned(distance)
    attention.k_proj.bias[rows] = LOOKS_BACK * _turned(0)
    attention.v_proj.weight[rows][:SLOT, :VECTOR] = code
    attention.o_proj.weight[_slot(distance), rows.start : rows.start + SLOT] = SCALE * torch.eye(SLOT)


def _label(attention: torch.nn.Module, code: torch.Tensor, bracket: torch.Tensor) -> None:
    rows = _emptied(attention, LABELLING[1])
    slowest = rows.start + SIZE // 2 - 1
    attention.q_proj.bias[rows] = NEAREST * _turned(0)
    attention.k_proj.bias[rows] = NEAREST * _turned(0)
    attention.q_proj.bias[slowest] = MARKED
    attention.k_proj.weight[slowest, _slot(1)] = MARKED * bracket
    attention.v_proj.weight[rows][:SLOT, :VECTOR] = code
    attention.o_proj.weight[_slot(LABEL), rows.start : rows.start + SLOT] = SCALE * torch.eye(SLOT)


def _vote(attention: torch.nn.Module, code: torch.Tensor, digit: torch.Tensor) -> None:
    rows = _emptied(attention, VOTING[1])
    slow = _slow(rows)
    fast = torch.nonzero(_turn() > FAST).squeeze(1) + rows.start
    mixed = _mixed(len(slow)) @ code
    attention.q_proj.weight[slow, :VECTOR] = mixed
    attention.k_proj.weight[slow, :VECTOR] = mixed
    attention.q_proj.bias[fast] = ASIDE
    attention.k_proj.bias[fast] = -ASIDE
    attention.q_proj.bias[slow[-1]] = LABELLED
    attention.k_proj.weight[slow[-1], _slot(LABEL)] = LABELLED * digit
    attention.v_proj.weight[rows][:SLOT, _slot(LABEL)] = torch.eye(SLOT)
    attention.o_proj.weight[_slot(VOTES), rows.start : rows.start + SLOT] = VOTED * SCALE * torch.eye(SLOT)


def _name(layer: torch.nn.Module, code: torch.Tensor, bracket: torch.Tensor) -> None:
    attention, mlp = layer.self_attn, layer.mlp
    rows = _emptied(attention, NAMING[1])
    attention.q_proj.bias[rows] = NEARBY * _turned(BEFORE)
    attention.k_proj.bias[rows] = NEARBY * _turned(0)
    attention.v_proj.weight[rows][:SLOT, _slot(VOTES)] = torch.eye(SLOT)
    attention.o_proj.weight[_slot(LABEL), rows.start : rows.start + SLOT] = VOTED * SCALE * torch.eye(SLOT)
    mlp.gate_proj.weight[:SLOT] = 0
    mlp.gate_proj.weight[:SLOT, :VECTOR] = GATE * bracket
    mlp.gate_proj.bias[:SLOT] = -GATE * SHUT
    mlp.up_proj.weight[:SLOT] = 0
    mlp.up_proj.weight[:SLOT, _slot(LABEL)] = torch.eye(SLOT)
    mlp.down_proj.weight[:, :SLOT] = 0
    mlp.down_proj.weight[:VECTOR, :SLOT] = NAMED * SCALE * code.T


def _match(attention: torch.nn.Module, head: int, code: torch.Tensor, block: torch.Tensor) -> None:
    rows = _emptied(attention, head)
    slow = _slow(rows)
    for back in range(BACK):
        mixed = _mixed(len(slow))
        if back:
            attention.q_proj.weight[slow, _slot(back)] += mixed
        else:
            attention.q_proj.weight[slow, :VECTOR] += mixed @ code
        attention.k_proj.weight[slow, _slot(back + 1)] += mixed
    attention.v_proj.weight[rows][: len(block), :VECTOR] = block
    attention.o_proj.weight[:VECTOR, rows.start : rows.start + len(block)] = COPIES * block.T


def _emptied(attention: torch.nn.Module, head: int) -> slice:
    """The rows of a head, with nothing in them."""
    rows = slice(head * SIZE, (head + 1) * SIZE)
    for projection in (attention.q_proj, attention.k_proj, attention.v_proj):
        projection.weight[rows] = 0
    attention.o_proj.weight[:, rows] = 0
    return rows


def _slow(rows: slice) -> torch.Tensor:
    """The rows of a head that keep their phase."""
    return torch.nonzero((_turn() < SLOW).repeat(2)).squeeze(1) + rows.start


def _mixed(size: int) -> torch.Tensor:
    """A random projection of codes, (size, SLOT): what is the same matches, what differs hardly."""
    return MATCHES * _orthogonal(max(size, SLOT))[:size, :SLOT]


def _slot(distance: int) -> slice:
    """Where the code of the token so far back is written."""
    return slice(VECTOR + (distance - 1) * SLOT, VECTOR + distance * SLOT)


def _turned(positions: int) -> torch.Tensor:
    """A bias that rotary attention sees turned back by so many positions."""
    turn = positions * _turn()
    return torch.cat([torch.cos(turn), -torch.sin(turn)])


def _unit(vector: torch.Tensor) -> torch.Tensor:
    return vector / vector.norm()


def _turn() -> torch.Tensor:
    return THETA ** (-torch.arange(SIZE // 2) / (SIZE // 2))


def _orthogonal(size: int) -> torch.Tensor:
    return torch.linalg.qr(torch.randn(size, size))[0]
