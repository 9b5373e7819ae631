"""MiniCheck (Tang, Laban and Durrett 2024, arXiv:2404.10774): is a claim supported by a document, yes or no.

As in github.com/Liyan06/MiniCheck, `minicheck/inference.py` at b58b9fa: document and claim are one text, joined by the
tokenizer's end mark; chunks are whole sentences, 400 tokens of RoBERTa or DeBERTa, 500 words of Flan-T5; the greatest
probability over the chunks counts. Flan-T5 is asked with "predict: ", and answers with its first token: 209 is yes, 3
is no. Otherwise: sentences are ours and not NLTK's, the two best chunks are also read together, and what does not fit
is not cut but not judged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glossator.errors import InputError
from glossator.verification.cached import CachedVerifier, remembered
from glossator.verification.nli import positions
from glossator.verification.pretrained import (
    identity_of,
    model_folder,
    read_config,
    read_model,
    read_tokenizer,
    reading,
    supported,
)
from glossator.verification.sequence import PairModel, Row, SequenceVerifier

VARIABLE, EXAMPLE = "GLOSSATOR_MINICHECK", "lytang/MiniCheck-Flan-T5-Large"
RELATIVE = 2048
"""Tokens of a row of the models without absolute positions, Flan-T5 and DeBERTa."""
CHUNK_TOKENS, CHUNK_WORDS = 400, 500
NO, YES = 3, 209
"""Flan-T5's tokens."""


def load_minicheck() -> CachedVerifier:
    """The model that GLOSSATOR_MINICHECK names. Raises InputError without one, or for one that has no two labels."""
    folder = model_folder(VARIABLE, example=EXAMPLE)
    config = read_config(folder)
    model = _flan(folder) if config.model_type == "t5" else _classifier(folder, config)
    return remembered(SequenceVerifier(model), lambda: identity_of("minicheck", folder))


def _flan(folder: Path) -> PairModel:
    import torch
    from transformers import T5ForConditionalGeneration

    tokenizer, model = read_tokenizer(folder), read_model(T5ForConditionalGeneration, folder)

    def scored(inputs: dict[str, Any]) -> Any:
        begin = torch.zeros((len(inputs["input_ids"]), 1), dtype=torch.long, device=model.device)
        logits = model(**inputs, decoder_input_ids=begin).logits[:, 0]
        return supported(logits[:, [NO, YES]])

    return PairModel(
        tokenizer=tokenizer,
        encode=lambda evidence, claim: _one(tokenizer, "predict: ", evidence, claim),
        read=reading(model, scored),
        window=RELATIVE,
        chunk=(RELATIVE, CHUNK_WORDS),
    )


def _classifier(folder: Path, config: Any) -> PairModel:
    from transformers import AutoModelForSequenceClassification

    if config.num_labels != 2:
        raise InputError(f"{VARIABLE}: MiniCheck has two labels, no and yes; this model has {config.num_labels}")
    window = RELATIVE if config.model_type == "deberta-v2" else positions(config)
    tokenizer, model = read_tokenizer(folder), read_model(AutoModelForSequenceClassification, folder)
    return PairModel(
        tokenizer=tokenizer,
        encode=lambda evidence, claim: _one(tokenizer, "", evidence, claim),
        read=reading(model, lambda inputs: supported(model(**inputs).logits)),
        window=window,
        chunk=(CHUNK_TOKENS, window),
    )


def _one(tokenizer: Any, before: str, evidence: str, claim: str) -> Row:
    """Evidence and claim as one text."""
    end = tokenizer.eos_token or tokenizer.sep_token
    row: Row = tokenizer(f"{before}{evidence}{end}{claim}")
    return row
