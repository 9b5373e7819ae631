"""Small random models of three families with tokenizers of their own: greedy, sampled, in beams and in batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from glossator import read_answer
from glossator.citations.quotable import pieces
from glossator.domain import AnswerPolicy, Prompts
from glossator.generation.grounding import State, gains, keep_to
from glossator.generation.grounds import Grounds
from glossator.generation.heaviest import HeaviestChoice
from glossator.generation.transformers_local import LocalGenerator
from glossator.generation.written import Written, read
from glossator.prompting import encode_prompt, render

from ..conftest import ABSTENTION, document, passage
from .tokenizers_made import byte_level, sentence_piece, sentence_piece_with_prefix

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "max_position_embeddings": 1024,
}
BLOOD = passage(
    document("Before. Ferritin falls first, but the haemoglobin falls  later.\r\nIron is “low”.", "blood"), 8
)
RENT = passage(
    document("The tenant must pay the rent; no notice is needed.\n| day | rent |\n|---|---|\n| one | 5 mg |", "rent")
)
PROMPTS = Prompts(system="Quote.", abstention=ABSTENTION)
ASKED = [
    render(PROMPTS, "What falls first?", [BLOOD, RENT]),
    render(PROMPTS, "Who must pay, and when, and why?", [RENT]),
]
SHOWN = [(BLOOD, RENT), (RENT,)]


def llama(size: int) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(vocab_size=size, **SMALL))


def qwen(size: int) -> Any:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return Qwen3ForCausalLM(Qwen3Config(vocab_size=size, **SMALL))


def gemma(size: int) -> Any:
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    return Gemma3ForCausalLM(Gemma3TextConfig(vocab_size=size, query_pre_attn_scalar=16, **SMALL))


FAMILIES: dict[str, tuple[Callable[[int], Any], Callable[[], Any]]] = {
    "llama": (llama, sentence_piece_with_prefix),
    "qwen3": (qwen, byte_level),
    "gemma": (gemma, sentence_piece),
}


@pytest.fixture(scope="module", params=list(FAMILIES))
def generator(request: pytest.FixtureRequest) -> LocalGenerator:
    torch.manual_seed(0)
    model, tokenizer = FAMILIES[request.param]
    made = model(len(tokenizer()) + 7).eval()  # as padded as real embeddings are
    made.generation_config.eos_token_id = None
    return LocalGenerator(made, tokenizer())


def grounds(place: int, **given: Any) -> Grounds:
    shown = SHOWN[place]
    return Grounds(passages=shown, abstention=ABSTENTION, weights=(-2.0,) + (0.0,) * len(pieces(shown)), **given)


FREE = {"quotes": 2, "spans": "clauses", "connect": 6}


def sound(text: str, place: int, **_: Any) -> bool:
    """Whether an answer is the abstention or holds nothing but exact quotes with true markers."""
    answer = read_answer(text, SHOWN[place], ABSTENTION)
    exact = all(citation.quote and citation.passage_id for citation in answer.citations)
    return answer.abstained or (bool(answer.citations) and exact and not any(s.misquoted for s in answer.statements))


def test_the_likeliest_answers_of_a_batch_are_sound(generator: LocalGenerator) -> None:
    among = [grounds(0, **FREE), grounds(1, **FREE)]
    texts = generator.complete(ASKED, 110, among)
    assert [sound(text, place) for place, text in enumerate(texts)] == [True, True]
    assert texts == [generator.complete([ASKED[i]], 110, [among[i]])[0] for i in (0, 1)]


@pytest.mark.parametrize("temperature", [0.7, 4.0])
def test_samples_are_sound_and_differ(generator: LocalGenerator, temperature: float) -> None:
    torch.manual_seed(1)
    texts = generator.sample(ASKED[0], 12, 110, temperature, grounds(0, **FREE))
    assert all(sound(text, 0) for text in texts)
    assert len(set(texts)) > 3


def enumerated(generator: LocalGenerator, begun: Any, prompt: list[int]) -> dict[str, float]:
    """Every possible answer and its log-probability under the constrained policy."""
    rows: list[list[int]] = []

    def go(state: Written, said: list[int]) -> None:
        for token in state.gains():
            go(state.after(token), [*said, token])
        if not state.gains():
            rows.append(said)

    go(begun, [])
    found = {}
    with torch.inference_mode():
        for row in rows:
            logits = generator.model(torch.tensor([prompt + row])).logits[:, len(prompt) - 1 : -1]
            answers = torch.tensor([row])
            chose, added = gains([begun], answers, logits.shape[-1])
            logps = (logits[chose] + added).log_softmax(-1)
            found[read(begun, row).text.decode()] = float(logps.gather(-1, answers[chose][:, None]).sum())
    return found


def beams(
    generator: LocalGenerator, prompts: Sequence[Sequence[int]], starts: Sequence[State], count: int
) -> list[list[int]]:
    """The likeliest answers that transformers' beam search finds inside the constraint."""
    longest, pad = max(map(len, prompts)), generator.tokenizer.pad_token_id
    rows = generator.model.generate(
        input_ids=torch.tensor([[pad] * (longest - len(p)) + list(p) for p in prompts]),
        attention_mask=torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts]),
        logits_processor=[keep_to(starts, longest, pad)],
        max_new_tokens=110,
        do_sample=False,
        num_beams=count,
        length_penalty=0.0,
        pad_token_id=pad,
        eos_token_id=generator.tokenizer.eos_token_id,
    )
    found: list[list[int]] = rows[:, longest:].tolist()
    return found


def test_enough_beams_find_the_likeliest_answer_of_all(generator: LocalGenerator) -> None:
    prompt = encode_prompt(generator.tokenizer, ASKED[0])
    begun = generator.start(grounds(0, spans="clauses"), 110)
    known = enumerated(generator, begun, prompt)
    assert sum(map(math.exp, known.values())) == pytest.approx(1.0, abs=1e-4)
    ids = beams(generator, [prompt], [begun], len(known))
    assert isinstance(begun, Written)
    found = read(begun, ids[0]).text.decode()
    assert known[found] == pytest.approx(max(known.values()), abs=1e-4)


def test_a_batch_in_beams_is_sound(generator: LocalGenerator) -> None:
    starts = [generator.start(grounds(place, **FREE), 110) for place in (0, 1)]
    prompts = [encode_prompt(generator.tokenizer, messages) for messages in ASKED]
    rows = beams(generator, prompts, starts, 3)
    for place, (begun, row) in enumerate(zip(starts, rows, strict=True)):
        assert isinstance(begun, Written)
        assert sound(read(begun, row).text.decode(), place)


def test_without_a_model_the_heaviest_sentence_answers() -> None:
    weights = (0.0, 1.0, 3.0, 2.0, 0.0)
    basis = Grounds(passages=SHOWN[0], abstention=ABSTENTION, weights=weights, spans="clauses")
    assert HeaviestChoice().complete([ASKED[0]], 60, [basis]) == ["[1]: “Iron is “low”.”"]


@pytest.mark.parametrize("given", [{"quotes": 2}, {"spans": "clauses"}, {"connect": 9}])
def test_a_freer_policy_makes_grounds_and_the_default_makes_choices(given: dict[str, Any]) -> None:
    from glossator.assistant import possible_answers

    plain = possible_answers("What?", SHOWN[0], AnswerPolicy(prior=0), ABSTENTION)
    free = possible_answers("What?", SHOWN[0], AnswerPolicy(prior=0, **given), ABSTENTION)
    assert isinstance(plain, list)
    assert isinstance(free, Grounds)
    assert (free.passages, len(free.weights)) == (SHOWN[0], len(plain))
