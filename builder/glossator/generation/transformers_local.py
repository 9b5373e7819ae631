"""Answers from a model in this process, through transformers; adapters in PEFT's layout are laid on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glossator.generation.grounding import Choice, State, Tree, keep_to, tree_of
from glossator.generation.pieces import pieces
from glossator.prompting import encode_completion, encode_prompt
from glossator.records import Message

Choices = Sequence[Sequence[Choice]] | None
"""The possible answers of each prompt; None = free text."""

BATCH_TOKENS = 12_000
"""Prompt tokens of one batch."""


def load_tokenizer(backbone: str) -> Any:
    """The tokenizer of a backbone folder or hub id; remote code is never run."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(backbone, trust_remote_code=False)


def load_model(backbone: str, adapter: Path | None = None) -> Any:
    """The causal model in float32, with the adapter laid on when one is given."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(backbone, dtype="float32", trust_remote_code=False)
    if adapter is not None:
        model.load_adapter(str(adapter))
    return model.eval()


@dataclass(slots=True)
class LocalGenerator:
    """A loaded model and its tokenizer."""

    model: Any
    tokenizer: Any

    @classmethod
    def load(cls, backbone: str, adapter: Path | None = None) -> LocalGenerator:
        return cls(load_model(backbone, adapter), load_tokenizer(backbone))

    def fits(self, messages: Sequence[Message], max_new_tokens: int) -> bool:
        """Whether the prompt and its answer fit into the model's window."""
        window = int(self.model.config.max_position_embeddings)
        return len(encode_prompt(self.tokenizer, messages)) + max_new_tokens <= window

    def complete(
        self, conversations: Sequence[Sequence[Message]], max_new_tokens: int, choices: Choices = None
    ) -> list[str]:
        """The likeliest completion of each conversation, in order; with `choices`, one of those of its conversation."""
        prompts = [encode_prompt(self.tokenizer, messages) for messages in conversations]
        answers = [""] * len(prompts)
        for batch in _batches(prompts):
            trees = None if choices is None else [self.tree(choices[i]) for i in batch]
            rows = self.generate([prompts[i] for i in batch], max_new_tokens, trees, do_sample=False)
            for index, ids in zip(batch, rows, strict=True):
                answers[index] = self._text(ids)
        return answers

    def sample(
        self,
        messages: Sequence[Message],
        count: int,
        max_new_tokens: int,
        temperature: float,
        choices: Sequence[Choice] | None = None,
    ) -> list[str]:
        """`count` sampled completions of one conversation; torch's seed decides."""
        prompts = [encode_prompt(self.tokenizer, messages)] * count
        trees = None if choices is None else [self.tree(choices)] * count
        rows = self.generate(prompts, max_new_tokens, trees, do_sample=True, temperature=temperature, top_k=0)
        return [self._text(ids) for ids in rows]

    def stream(
        self, messages: Sequence[Message], max_new_tokens: int, choices: Sequence[Choice] | None = None
    ) -> Iterator[str]:
        """The likeliest completion of one conversation, as `complete` gives it, in pieces."""
        tree = None if choices is None else self.tree(choices)
        yield from pieces(self._steps(encode_prompt(self.tokenizer, messages), max_new_tokens, tree), self._decoded)

    def _steps(self, prompt: Sequence[int], max_new_tokens: int, state: State | None) -> Iterator[int]:
        """The likeliest tokens after a prompt, one by one, without the end mark."""
        import torch

        fed, cache = torch.tensor([list(prompt)]), None
        for _ in range(max_new_tokens):
            with torch.inference_mode():
                out = self.model(input_ids=fed, past_key_values=cache, use_cache=True, logits_to_keep=1)
            logits, cache = out.logits[0, -1].float(), out.past_key_values
            token = int(logits.argmax()) if state is None else _likeliest(logits, state.gains())
            if token is None or token == self.tokenizer.eos_token_id:
                return
            yield token
            state, fed = state and state.after(token), torch.tensor([[token]])

    def tree(self, choices: Sequence[Choice]) -> Tree:
        """Possible answers as a tree of tokens."""
        rows = [encode_completion(self.tokenizer, choice.text) for choice in choices]
        return tree_of(rows, [choice.weight for choice in choices])

    def generate(
        self, prompts: Sequence[Sequence[int]], max_new_tokens: int, trees: Sequence[Tree] | None, **options: Any
    ) -> Any:
        """Token rows after the prompts, padded on the right: (prompts, longest answer)."""
        import torch

        longest = max(map(len, prompts))
        pad = self.tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (longest - len(p)) + list(p) for p in prompts])
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
        if trees is not None:
            options["logits_processor"] = [keep_to(trees, longest, pad)]
        with torch.inference_mode():
            out = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=max_new_tokens,
                pad_token_id=pad,
                eos_token_id=self.tokenizer.eos_token_id,
                **options,
            )
        return out[:, longest:]

    def _text(self, ids: Any) -> str:
        return self._decoded(ids).strip()

    def _decoded(self, ids: Any) -> str:
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))


def _likeliest(logits: Any, gains: Mapping[int, float]) -> int | None:
    """Of the possible tokens the one with the highest logit and gain together; None where the answer has ended."""
    possible = sorted(gains)
    if not possible:
        return None
    return possible[int((logits[possible] + logits.new_tensor([gains[token] for token in possible])).argmax())]


def _batches(prompts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    batch: list[int] = []
    for index in sorted(range(len(prompts)), key=lambda i: (len(prompts[i]), i)):
        if batch and len(prompts[index]) * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
