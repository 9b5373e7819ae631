"""Where samples stand while they are decoded: prompts times samples, each prompt's keys and values held once.

The queries of a prompt's samples meet its keys in one product (as in Hydragen, arXiv 2402.05099); what each sample has
said itself stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from glossator.generation.attending import Written, attended, forward, visible
from glossator.generation.backbone import Backbone

UNSEEN = -1e9
"""Added to the score of a key that is not to be seen."""
WORTH = 0.75
"""Slots are moved together when no more than this share of them would be left."""


@dataclass(slots=True)
class _Run:
    """The tokens of one pass: for each, its slot and its place among the slot's own tokens."""

    slots: Any
    places: Any
    even: int | None
    """The place, where every slot gets one token and all stand at the same place; `single` and `longer` then say
    nothing."""
    single: Any
    """Tokens that are the only new one of their slot."""
    own: int
    """Most own tokens of a slot of `single`, the new one included."""
    longer: list[tuple[int, int, int]]
    """Slot, first token and number of tokens of the others."""
    hidden_keys: dict[int | None, Any]
    """Window -> what is added to the scores of `single`; None = nothing."""


class Slots:
    """Keys and values of (prompts, samples) answers under way. Slot s is sample s % samples of prompt s // samples."""

    def __init__(self, backbone: Backbone, prompts: Sequence[Written], samples: int, room: int) -> None:
        """`room`: most tokens of an answer. A prompt of one answer is kept as that answer's beginning."""
        self.backbone, self.prompts, self.samples = backbone, len(prompts), samples
        self.windows = {layer.window for layer in backbone.layers}
        lengths = np.array([each.length for each in prompts])
        self.used = np.zeros((len(prompts), samples), dtype=np.int64)
        shared = samples > 1
        self.shared = int(lengths.max()) if shared else 0
        self.lengths = lengths if shared else np.zeros_like(lengths)
        keys, values = (
            [*zip(*tensors, strict=True)] for tensors in ([p.keys for p in prompts], [p.values for p in prompts])
        )
        self.clean = not shared
        if shared:
            self.shared_keys, self.shared_values = ([_stacked(layer, 0) for layer in each] for each in (keys, values))
            own = (len(prompts), backbone.key_heads, samples, room, backbone.head_width)
            self.keys, self.values = ([layer[0].new_empty(own) for layer in each] for each in (keys, values))
        else:
            self.used[:, 0] = lengths
            self.keys, self.values = ([_stacked(layer, room)[:, :, None] for layer in each] for each in (keys, values))
            self.shared_keys, self.shared_values = [], []

    def feed(self, slots: Sequence[int], runs: Sequence[Sequence[int]]) -> Any:
        """Let each of these slots read its new tokens; the hidden state of each run's last, (slots, width)."""
        counts = np.array([len(run) for run in runs])
        run = self._run(np.array(slots), counts)
        ids = torch.tensor([token for each in runs for token in each], device=self.backbone.device)
        positions = self._tensor(run.places + self.lengths[run.slots // self.samples])

        def attend(number: int, queries: Any, keys: Any, values: Any) -> Any:
            self._write(run, self.keys[number], keys)
            self._write(run, self.values[number], values)
            return self._attend(run, number, queries)

        hidden = forward(self.backbone, ids, positions, attend)
        return hidden if not run.longer else hidden[self._tensor(counts.cumsum() - 1)]

    def _run(self, slots: Any, counts: Any) -> _Run:
        used = self.used.reshape(-1)
        if len(slots) == len(used) == counts.sum() and (used == used[0]).all():
            places = used.copy()
            used += 1
            unseen = {window: self._unseen(slots, int(used[0]), window) for window in self.windows}
            return _Run(slots, places, int(places[0]), slots, int(used[0]), [], unseen)
        starts = counts.cumsum() - counts
        token_slots = np.repeat(slots, counts)
        places = used[token_slots] + np.arange(len(token_slots)) - np.repeat(starts, counts)
        used[slots] += counts
        alone = counts == 1
        single = starts[alone]
        if not self.clean:
            self._clean(int(places.min()))
        longer = np.stack([slots, starts, counts], axis=1)[~alone].tolist()
        own = int(used[token_slots[single]].max()) if len(single) else 0
        unseen = {window: self._unseen(token_slots[single], own, window) for window in self.windows}
        return _Run(token_slots, places, None, single, own, longer, unseen)

    def _clean(self, first: int) -> None:
        """From now on places that no token was written to may be looked at: they must hold numbers."""
        for cache in (*self.keys, *self.values):
            cache[:, :, :, first:] = 0
        self.clean = True

    def _unseen(self, slots: Any, own: int, window: int | None) -> Any:
        """Additions to scores, (prompts, 1, samples, 1, shared and own keys), for slots with one new token."""
        if not len(slots):
            return None
        ends, lengths = self.used, self.lengths[:, None]
        fits = window is None or int((ends + lengths).max()) <= window
        level = bool((ends.reshape(-1)[slots] == own).all()) and bool((self.lengths == self.shared).all())
        if fits and level:
            return None
        shared_places, own_places = np.arange(self.shared), lengths[..., None] + np.arange(own)
        seen = np.broadcast_to(shared_places < lengths[..., None], (*ends.shape, self.shared))
        seen = np.concatenate([seen, np.arange(own) < ends[..., None]], axis=-1)
        if not fits:
            places = np.concatenate(
                [
                    np.broadcast_to(shared_places, (*ends.shape, self.shared)),
                    np.broadcast_to(own_places, (*ends.shape, own)),
                ],
                axis=-1,
            )
            seen = seen & ((ends + lengths)[..., None] - 1 - places < window)
        added = np.where(seen, np.float32(0), np.float32(UNSEEN))[:, None, :, None]
        return self._tensor(added)

    def _write(self, run: _Run, cache: Any, new: Any) -> None:
        if run.even is not None:
            cache.select(3, run.even).copy_(new.view(self.prompts, self.samples, *new.shape[1:]).transpose(1, 2))
            return
        prompts, samples = np.divmod(run.slots, self.samples)
        at = tuple(self._tensor(each) for each in (prompts, samples, run.places))
        cache.permute(0, 2, 3, 1, 4)[at] = new

    def _attend(self, run: _Run, number: int, queries: Any) -> Any:
        if run.even is not None:
            return self._together(run, number, queries)
        out = queries.new_empty((len(queries), queries.shape[1] * queries.shape[2]))
        if len(run.single):
            tokens = self._tensor(run.single)
            slots = self._tensor(run.slots[run.single])
            laid = queries.new_zeros((self.prompts * self.samples, *queries.shape[1:]))
            laid[slots] = queries[tokens]
            out[tokens] = self._together(run, number, laid)[slots]
        for slot, start, count in run.longer:
            out[start : start + count] = self._alone(slot, number, queries[start : start + count])
        return out

    def _together(self, run: _Run, number: int, queries: Any) -> Any:
        """One query of every slot: (slots, query heads, head width) -> (slots, query heads * head width)."""
        heads, width = self.backbone.key_heads, self.backbone.head_width
        group = queries.shape[1] // heads
        own = run.own
        laid = queries.view(self.prompts, self.samples, heads, group, width).transpose(1, 2)
        laid = laid.reshape(self.prompts * heads, self.samples * group, width)
        each = (-1, group, width)
        keys, values = (cache[number].flatten(0, 2)[:, :own] for cache in (self.keys, self.values))
        scores = torch.bmm(laid.reshape(each), keys.transpose(1, 2)).view(len(laid), -1, own)
        if self.shared:
            common = torch.bmm(laid, self.shared_keys[number].flatten(0, 1).transpose(1, 2))
            scores = torch.cat([common, scores], dim=-1)
        added = run.hidden_keys[self.backbone.layers[number].window]
        if added is not None:
            scores.view(self.prompts, heads, self.samples, group, -1).add_(added)
        weights = scores.softmax(-1)
        seen = torch.bmm(weights[..., self.shared :].reshape(-1, group, own), values).view(laid.shape)
        if self.shared:
            seen = torch.baddbmm(seen, weights[..., : self.shared], self.shared_values[number].flatten(0, 1))
        seen = seen.view(self.prompts, heads, self.samples, group, width).transpose(1, 2)
        return seen.reshape(self.prompts * self.samples, -1)

    def _alone(self, slot: int, number: int, queries: Any) -> Any:
        """Several queries of one slot: (tokens, query heads, head width) -> (tokens, query heads * head width)."""
        prompt, sample = divmod(slot, self.samples)
        length, used = int(self.lengths[prompt]), int(self.used[prompt, sample])
        keys, values = (cache[number][prompt, :, sample, :used] for cache in (self.keys, self.values))
        if length:
            keys = torch.cat([self.shared_keys[number][prompt, :, :length], keys], dim=1)
            values = torch.cat([self.shared_values[number][prompt, :, :length], values], dim=1)
        places = torch.arange(length + used, device=queries.device)
        seen = visible(self.backbone.layers[number], places[-len(queries) :], places)
        return attended(queries.transpose(0, 1), keys, values, seen)

    def keep(self, slots: Sequence[int]) -> list[int]:
        """Drop all other slots when that is worth it; the numbers of these ones from now on."""
        prompts, places = np.unique(np.array(slots) // self.samples, return_inverse=True)
        samples = int(np.bincount(places).max())
        if len(prompts) * samples > WORTH * self.prompts * self.samples:
            return list(slots)
        source = np.repeat(prompts[:, None] * self.samples, samples, axis=1)
        moved, filled = [], np.zeros(len(prompts), dtype=np.int64)
        for slot, place in zip(slots, places.tolist(), strict=True):
            source[place, filled[place]] = slot
            moved.append(place * samples + int(filled[place]))
            filled[place] += 1
        self._move(prompts, source)
        return moved

    def _tensor(self, array: Any) -> Any:
        return torch.from_numpy(array).to(self.backbone.device)

    def _move(self, prompts: Any, source: Any) -> None:
        rows, columns = (self._tensor(each) for each in np.divmod(source, self.samples))
        chosen = self._tensor(prompts)
        self.used = self.used.reshape(-1)[source]
        self.lengths = self.lengths[prompts]
        self.prompts, self.samples = source.shape
        for caches in (self.keys, self.values):
            for number, cache in enumerate(caches):
                caches[number] = cache.transpose(1, 2)[rows, columns].transpose(1, 2).contiguous()
        for shared in (self.shared_keys, self.shared_values):
            shared[:] = [each[chosen] for each in shared]


def _stacked(tensors: Sequence[Any], room: int) -> Any:
    """(heads, tokens, width) each, tokens padded with zeros to the longest and `room` more: one tensor."""
    heads, _, width = tensors[0].shape
    stacked = tensors[0].new_zeros((len(tensors), heads, max(each.shape[1] for each in tensors) + room, width))
    for row, tensor in zip(stacked, tensors, strict=True):
        row[:, : tensor.shape[1]] = tensor
    return stacked
