"""HHEM-2.1-Open (Vectara 2024): is a text consistent with its source, without the remote code it comes with.

Its code (modeling_hhem_v2.py, Apache-2.0) is a plain T5ForTokenClassification of google/flan-t5-base's shape under the
prefix `t5.`, a prompt, and the probability of class 1 at the first token, which the prompt makes a padding token. That
is rebuilt here; of the folder only the weights are read. Shape and tokenizer are those of google/flan-t5-base.
The model card's pairs score 0.0111, 0.6474, 0.1290, 0.8969, 0.1846, 0.0050 and 0.0543.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glossator.errors import InputError
from glossator.verification.cached import CachedVerifier, remembered
from glossator.verification.pretrained import (
    identity_of,
    model_folder,
    read_config,
    read_model,
    read_tokenizer,
    reading,
    supported,
)
from glossator.verification.sequence import PairModel, SequenceVerifier

VARIABLE, EXAMPLE = "GLOSSATOR_HHEM", "vectara/hallucination_evaluation_model"
FOUNDATION, SHAPE = "GLOSSATOR_HHEM_BASE", "google/flan-t5-base"
PREFIX = "t5."
PROMPT = "<pad> Determine if the hypothesis is true given the premise?\n\nPremise: {evidence}\n\nHypothesis: {claim}"
WINDOW = 2048
"""Tokens of a row. The card speaks of any length; beyond this the evidence is read in chunks, as in verification."""


def load_hhem() -> CachedVerifier:
    """The weights that GLOSSATOR_HHEM names, in the shape that GLOSSATOR_HHEM_BASE names.

    Raises InputError when one of them is not here, or when the weights have another shape.
    """
    from transformers import T5ForTokenClassification

    folder = model_folder(VARIABLE, example=EXAMPLE)
    base = model_folder(FOUNDATION, example=SHAPE, default=SHAPE)
    tokenizer, config = read_tokenizer(base), read_config(base)
    model = read_model(T5ForTokenClassification, None, config=config, state_dict=_weights(folder))

    def scored(inputs: dict[str, Any]) -> Any:
        return supported(model(**inputs).logits[:, 0])

    pairs = PairModel(
        tokenizer=tokenizer,
        encode=lambda evidence, claim: tokenizer(PROMPT.format(evidence=evidence, claim=claim)),
        read=reading(model, scored),
        window=WINDOW,
        chunk=(WINDOW, WINDOW),
    )
    return remembered(SequenceVerifier(pairs), lambda: identity_of("hhem", folder, base))


def _weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    path = folder / "model.safetensors"
    if not path.is_file():
        raise InputError(f"{VARIABLE}: {folder} has no model.safetensors")
    return {name.removeprefix(PREFIX): tensor for name, tensor in load_file(path).items()}
