"""TRL's on-policy trainers, rendering and sampling as serving does."""

from __future__ import annotations

from typing import Any

import torch
from trl import GRPOTrainer, RLOOTrainer

from glossator.generation.grounding import gains
from glossator.generation.transformers_local import LocalGenerator
from glossator.prompting import encode_prompt
from glossator.training.constraint import Starts, weighed
from glossator.training.prefix_tree import answer_logits, can_share


class Grounded:
    """What the trainers of this module share.

    Prompts are encoded by glossator's renderer, so control tokens in documents stay plain text. Answers are drawn from
    the possible ones of their prompt, and the loss takes the log-probabilities of that constrained policy: a token that
    was the only possible one has log-probability 0 and teaches nothing. All answers to a prompt are read in one row
    where the model allows it.
    """

    starts: Starts | None = None
    """Where each prompt's answers begin; None = free text."""
    accelerator: Any
    model_wrapped: Any
    processing_class: Any
    max_completion_length: int
    temperature: float

    def _tokenize_prompts(self, prompts: list[Any]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [encode_prompt(self.processing_class, prompt) for prompt in prompts], None, {}

    def _drawn(self, prompt_ids: list[list[int]]) -> list[list[int]]:
        """An answer to each prompt, its end mark included."""
        model = self.accelerator.unwrap_model(self.model_wrapped)
        model.eval()
        starts = None if self.starts is None else [self.starts[tuple(ids)] for ids in prompt_ids]
        rows = LocalGenerator(model, self.processing_class).generate(
            prompt_ids, self.max_completion_length, starts, self.temperature
        )
        model.train()
        return [_up_to(row, self.processing_class.eos_token_id) for row in rows.tolist()]

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: Any, attention_mask: Any, logits_to_keep: int, *_: Any, **__: Any
    ) -> tuple[Any, Any, None]:
        """Log-probabilities and entropies of the answers' tokens, each (rows, logits_to_keep).

        An answer that was sampled several times is read once.
        """
        rows, places = torch.cat([input_ids, attention_mask], dim=1).unique(dim=0, return_inverse=True)
        ids, mask = rows.chunk(2, dim=1)
        whole, answers = self.accelerator.unwrap_model(model), ids[:, -logits_to_keep:]
        chose, added = mask[:, -logits_to_keep:].bool(), 0.0
        if self.starts is not None:
            shown = zip(ids[:, :-logits_to_keep], mask[:, :-logits_to_keep].bool(), strict=True)
            starts = [self.starts[tuple(prompt[kept].tolist())] for prompt, kept in shown]
            chose, added = gains(starts, answers, whole.config.vocab_size)
        with self.accelerator.autocast():
            logits = (answer_logits if can_share(whole) else _repeated)(model, ids, mask, chose).float()
        said, entropies = weighed((logits + added) / self.temperature, answers, chose)
        return said[places], entropies[places], None


class GroundedGRPOTrainer(Grounded, GRPOTrainer):
    """GRPO (Shao et al. 2024, arXiv 2402.03300)."""

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        """Divided by the tokens of all answers (`loss_type` dapo), so what is left out changes nothing."""
        return super()._compute_loss(model, inputs if self.beta else telling(inputs))

    def _generate_single_turn(self, prompt_ids: list[list[int]], *_: Any, **__: Any) -> tuple[list[list[int]], None]:
        return self._drawn(prompt_ids), None


class GroundedRLOOTrainer(Grounded, RLOOTrainer):
    """REINFORCE with a leave-one-out baseline (Ahmadian et al. 2024, arXiv 2402.14740)."""

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        """The mean over all answers, those left out being 0."""
        told = telling(inputs)
        return super()._compute_loss(model, told) * (len(told["advantages"]) / len(inputs["advantages"]))

    def _generate_single_turn(self, prompt_ids: list[list[int]], *_: Any, **__: Any) -> list[list[int]]:
        return self._drawn(prompt_ids)


def telling(inputs: dict[str, Any]) -> dict[str, Any]:
    """The answers of a batch that are paid better or worse than their group, or one, where none is.

    The others have no gradient, so they need not be read (they are what DAPO's dynamic sampling drops, Yu et al. 2025,
    arXiv 2503.14476). What TRL logs of a loss, as entropy, is then of those that are read.
    """
    advantages = inputs["advantages"]
    rows = advantages.nonzero().flatten() if advantages.any() else torch.zeros(1, dtype=torch.long)
    each = {name for name, value in inputs.items() if torch.is_tensor(value) and value.shape[:1] == advantages.shape}
    return {name: value[rows.to(value.device)] if name in each else value for name, value in inputs.items()}


def _repeated(model: Any, ids: Any, mask: Any, chose: Any) -> Any:
    """The logits of the wanted places from a row for each answer: (places, vocabulary)."""
    return model(input_ids=ids, attention_mask=mask, logits_to_keep=chose.shape[1] + 1).logits[:, :-1][chose]


def _up_to(row: list[int], end: int) -> list[int]:
    """The tokens of an answer, its end mark included."""
    return row[: row.index(end) + 1] if end in row else row


def copy_adapter(model: Any, source: torch.nn.Module) -> None:
    """Hold the policy near another adapter than the one it starts from: the reference's weights become `source`'s."""
    wanted = dict(source.named_parameters())
    for name, parameter in model.named_parameters():
        if ".ref." in name:
            parameter.data.copy_(wanted[name.replace(".ref.", ".default.")])
