"""What may be answered to each prompt of a training, and the output layer that sees only that.

TRL's trainers ask a model for the log-probabilities of labelled tokens. The layer here takes the place of theirs: it
multiplies only the labelled places by the vocabulary (theirs, on a CPU, every token of every prompt), and where the
answers to a prompt are bound, the log-probabilities are those of the policy that answers: a token that was the only
possible one has log-probability 0 and teaches nothing.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from trl.trainer.utils import FusedCausalLMOutput

from glossator.generation.grounding import State, gains
from glossator.generation.grounds import Possible
from glossator.generation.transformers_local import LocalGenerator
from glossator.prompting import encode_prompt
from glossator.records import Message
from glossator.training.prefix_tree import ARCHITECTURES

Starts = Mapping[tuple[int, ...], State]
"""Tokens of a prompt -> where its answers begin."""
IGNORED = -100
"""Label of a token that gives no loss."""


def starts_of(
    prompts: Sequence[Sequence[Message]], among: Sequence[Possible | None], generator: LocalGenerator, most: int
) -> Starts | None:
    """Where the answers to each prompt begin; None where all answers are free text. `most`: tokens of an answer."""
    return {
        tuple(encode_prompt(generator.tokenizer, prompt)): generator.start(choices, most)
        for prompt, choices in zip(prompts, among, strict=True)
        if choices is not None
    } or None


def read_answers_only(model: Any, starts: Starts | None = None, heat: float = 1.0) -> None:
    """Put the layer into a causal model that a trainer of TRL holds (after the trainer was made; adapters stay).

    `heat` is the temperature of a bound policy, as in sampling.
    Models that scale their logits keep TRL's layer when nothing is bound. Raises ValueError when something is.
    """
    if model.config.model_type not in ARCHITECTURES:
        if starts is not None:
            raise ValueError(f"a model of type {model.config.model_type!r} cannot be trained on bound answers")
        return
    theirs = model.forward

    @functools.wraps(type(model).forward)  # generation looks at the names of the arguments
    def forward(self: Any, *args: Any, fused_lm_head: bool = False, labels: Any = None, **given: Any) -> Any:
        if not fused_lm_head or args:
            return theirs(*args, fused_lm_head=fused_lm_head, labels=labels, **given)
        items = given.pop("num_items_in_batch", None)
        hidden = self.base_model(**{**given, "use_cache": False}).last_hidden_state[:, :-1]
        chose, head = labels[:, 1:] != IGNORED, self.get_output_embeddings()
        if starts is None:
            logits = head(hidden[:, -chose.shape[1] :][chose]).float()
        else:
            places, added = _bound(given["input_ids"], given["attention_mask"], labels, starts, head.out_features)
            chose = chose.masked_scatter(chose, places)
            logits = (head(hidden[:, -chose.shape[1] :][chose]).float() + added) / heat
        return _read(logits, labels[:, 1:], chose, items)

    model.forward = types.MethodType(forward, model)


def weighed(logits: Any, tokens: Any, chose: Any) -> tuple[Any, Any]:
    """Log-probability of each token and entropy at its place, of the shape of `chose`; both 0 without a choice.

    `logits` are those of the choices alone, (choices, vocabulary). No gradient flows through entropies.
    """
    logps = logits.log_softmax(-1)
    said = logps.gather(-1, tokens[chose][:, None]).squeeze(-1)
    with torch.no_grad():
        entropy = -(logps.exp() * logps).sum(-1)
    return placed(said, chose), placed(entropy, chose)


def placed(values: Any, chose: Any) -> Any:
    """The values of the choices where they stand, 0 elsewhere."""
    return values.new_zeros(chose.shape).masked_scatter(chose, values)


def _read(logits: Any, labels: Any, chose: Any, items: Any) -> FusedCausalLMOutput:
    """What trainers read of logits (choices, vocabulary): fields (rows, length).

    A labelled token without a choice was certain: its log-probability is 0.
    """
    mask, (said, entropy) = labels != IGNORED, weighed(logits, labels, chose)
    with torch.no_grad():
        mean, top = logits.mean(-1), logits.argmax(-1) == labels[chose]
    return FusedCausalLMOutput(
        loss=-said.sum() / (mask.sum().clamp(min=1) if items is None else items),
        log_probs=said,
        entropy=entropy,
        mean_logits=placed(mean, chose),
        is_top1=placed(top, chose) | (mask & ~chose),
        label_mask=mask,
    )


def _bound(ids: Any, mask: Any, labels: Any, starts: Starts, vocabulary: int) -> tuple[Any, Any]:
    """Which of the labelled tokens were chosen, and what the constraint adds to their logits: (choices, vocabulary)."""
    said = labels != IGNORED
    before = (said.cumsum(-1) == 0) & mask[:, -labels.shape[1] :].bool()  # learnt places stand before it
    answers = [row[kept] for row, kept in zip(ids, said, strict=True)]
    mine = [starts[tuple(row[kept].tolist())] for row, kept in zip(ids, before, strict=True)]
    padded = torch.nn.utils.rnn.pad_sequence(answers, batch_first=True)
    there = torch.arange(padded.shape[1], device=ids.device) < said.sum(-1)[:, None]
    chose, added = gains(mine, padded, vocabulary)
    return chose[there], added
