"""Answers from a model in this process, adapters in PEFT's layout laid on top.

Where the architecture is one that glossator.generation.backbone reads, its own loop decodes; else `generate` of
transformers does, which gives the same greedy answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glossator.generation.grounding import State, keep_to, possible, tree_of
from glossator.generation.grounds import Grounds, Possible
from glossator.generation.pieces import pieces
from glossator.generation.vocabulary import vocabulary_of
from glossator.generation.written import Written, read, rounds, spelling, start
from glossator.prompting import encode_completion, encode_prompt
from glossator.records import Message

Choices = Sequence[Possible] | None
"""What may be answered to each prompt; None = free text."""

BATCH_TOKENS = 12_000
"""Prompt tokens of one batch."""


def load_tokenizer(backbone: str) -> Any:
    """The tokenizer of a backbone folder or hub id; remote code is never run."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(backbone, trust_remote_code=False)


def load_model(backbone: str, adapter: Path | None = None) -> Any:
    """The causal model in float32, with the adapter laid on when one is given."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(backbone, dtype="float32", trust_remote_code=False)
    return (model if adapter is None else PeftModel.from_pretrained(model, str(adapter))).eval()


@dataclass(slots=True)
class LocalGenerator:
    """A loaded model and its tokenizer.

    The weights are read at the first answer: after a training step, make a new one.
    """

    model: Any
    tokenizer: Any
    _read: Any = field(default=None, init=False, repr=False)
    """The model's weights as our loop wants them; None = not read yet, False = `generate` decodes."""

    @classmethod
    def load(cls, backbone: str, adapter: Path | None = None) -> LocalGenerator:
        """A model that only answers: the adapter is merged in, and the weights are held once."""
        generator = cls(load_model(backbone, adapter), load_tokenizer(backbone))
        generator._read = _read(generator.model, take=True)
        return generator

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
            starts = None if choices is None else [self.start(choices[i], max_new_tokens) for i in batch]
            rows = self.generate([prompts[i] for i in batch], max_new_tokens, starts)
            for place, (index, ids) in enumerate(zip(batch, rows.tolist(), strict=True)):
                answers[index] = self._text(ids, starts[place] if starts else None)
        return answers

    def sample(
        self,
        messages: Sequence[Message],
        count: int,
        max_new_tokens: int,
        temperature: float,
        choices: Possible | None = None,
    ) -> list[str]:
        """`count` sampled completions of one conversation; torch's seed decides."""
        prompts = [encode_prompt(self.tokenizer, messages)] * count
        begun = None if choices is None else self.start(choices, max_new_tokens)
        starts = None if begun is None else [begun] * count
        rows = self.generate(prompts, max_new_tokens, starts, temperature)
        return [self._text(ids, begun) for ids in rows.tolist()]

    def stream(
        self, messages: Sequence[Message], max_new_tokens: int, choices: Possible | None = None
    ) -> Iterator[str]:
        """The likeliest completion of one conversation, as `complete` gives it, in pieces."""
        if learns_its_prompt(self.model):  # PEFT puts the prompt in front of every token that is fed
            yield from self.complete([messages], max_new_tokens, None if choices is None else [choices])
            return
        begun = None if choices is None else self.start(choices, max_new_tokens)
        tokens = self._steps(encode_prompt(self.tokenizer, messages), max_new_tokens, begun)
        yield from rounds(begun, tokens) if isinstance(begun, Written) else pieces(tokens, self._decoded)

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

    def start(self, choices: Possible, max_new_tokens: int) -> State:
        """The state in which an answer of at most `max_new_tokens` tokens begins."""
        if isinstance(choices, Grounds):
            return start(choices, vocabulary_of(self.tokenizer), max_new_tokens)
        rows = [encode_completion(self.tokenizer, choice.text) for choice in choices]
        return tree_of(rows, [choice.weight for choice in choices])

    def said(self, begun: State, text: str) -> list[int] | None:
        """The tokens by which a bound answer says a text, its end mark included; None where none can."""
        if isinstance(begun, Written):
            return spelling(begun, text)
        row = encode_completion(self.tokenizer, text)
        return row if possible(begun, row) else None

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        max_new_tokens: int,
        starts: Sequence[State] | None,
        temperature: float | None = None,
    ) -> Any:
        """Token rows after the prompts, padded on the right: (prompts, longest answer). None = the likeliest tokens.

        `starts` binds each prompt's answer. torch's seed decides what is sampled.
        """
        import torch

        if self._read is None:
            self._read = _read(self.model)
        if not self._read:
            return self._generate(prompts, max_new_tokens, starts, temperature)
        from glossator.generation.decoding import Decoding

        end, pad = self.tokenizer.eos_token_id, self.tokenizer.pad_token_id
        rows = Decoding(backbone=self._read, end=end, most=max_new_tokens, temperature=temperature).run(prompts, starts)
        longest = max(map(len, rows))
        return torch.tensor([row + [pad] * (longest - len(row)) for row in rows])

    def _generate(
        self,
        prompts: Sequence[Sequence[int]],
        max_new_tokens: int,
        starts: Sequence[State] | None,
        temperature: float | None,
    ) -> Any:
        """The same by `generate` of transformers."""
        import torch

        longest, pad = max(map(len, prompts)), self.tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (longest - len(p)) + list(p) for p in prompts])
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
        options: dict[str, Any] = {"do_sample": False}
        if temperature is not None:
            options = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        if starts is not None:
            options["logits_processor"] = [keep_to(starts, longest, pad)]
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

    def _text(self, ids: Sequence[int], begun: State | None) -> str:
        if isinstance(begun, Written):
            return read(begun, ids).text.decode().strip()
        return self._decoded(ids).strip()

    def _decoded(self, ids: Any) -> str:
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))


def learns_its_prompt(model: Any) -> bool:
    """Whether an adapter of prefix tuning stands before every prompt."""
    from peft import PeftModel

    return isinstance(model, PeftModel) and model.active_peft_config.is_prompt_learning


def _likeliest(logits: Any, gains: Mapping[int, float]) -> int | None:
    """Of the possible tokens the one with the highest logit and gain together; None where the answer has ended."""
    possible = sorted(gains)
    if not possible:
        return None
    return possible[int((logits[possible] + logits.new_tensor([gains[token] for token in possible])).argmax())]


def _read(model: Any, take: bool = False) -> Any:
    """The weights for our loop, False where it cannot serve this model."""
    from glossator.generation.backbone import read, unreadable

    return False if unreadable(model) else read(model, take)


def _batches(prompts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    batch: list[int] = []
    for index in sorted(range(len(prompts)), key=lambda i: (len(prompts[i]), i)):
        if batch and len(prompts[index]) * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
