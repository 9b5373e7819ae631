"""Any cross-encoder for natural language inference: entailment is full support, contradiction is contradiction.

The evidence is the premise, the claim the hypothesis. Which output is which is read from the model's own labels.
"""

from __future__ import annotations

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
)
from glossator.verification.sequence import PairModel, SequenceVerifier

VARIABLE, EXAMPLE = "GLOSSATOR_NLI", "cross-encoder/nli-deberta-v3-base"
LONGEST = 512
"""Tokens of a row at most: longer pairs are rare in what such models were trained on."""
LABELS = ("entailment", "contradiction", "neutral")


def load_nli() -> CachedVerifier:
    """The model that GLOSSATOR_NLI names. Raises InputError without one, or for one without the three labels."""
    from transformers import AutoModelForSequenceClassification

    folder = model_folder(VARIABLE, example=EXAMPLE)
    config = read_config(folder)
    order = label_order(config.id2label)
    tokenizer, window = read_tokenizer(folder), min(LONGEST, positions(config))
    model = read_model(AutoModelForSequenceClassification, folder)

    def scored(inputs: dict[str, Any]) -> Any:
        return model(**inputs).logits.softmax(-1)[:, order[:2]]

    pairs = PairModel(
        tokenizer=tokenizer, encode=tokenizer, read=reading(model, scored), window=window, chunk=(window, window)
    )
    return remembered(SequenceVerifier(pairs), lambda: identity_of("nli", folder))


def label_order(labels: dict[int, str]) -> list[int]:
    """Places of LABELS among a model's outputs. Raises InputError for other labels.

    >>> label_order({0: "CONTRADICTION", 1: "entailment", 2: "neutral"})
    [1, 0, 2]
    """
    named = {name.casefold(): place for place, name in labels.items()}
    if set(named) != set(LABELS):
        raise InputError(
            f"{VARIABLE}: the model's labels are {', '.join(labels.values())}; needed are {', '.join(LABELS)}"
        )
    return [named[name] for name in LABELS]


def positions(config: Any) -> int:
    """Tokens that a model has positions for, LONGEST where they are relative; RoBERTa's begin behind the padding id."""
    kin = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert"}
    taken = config.pad_token_id + 1 if config.model_type in kin else 0
    return int(config.to_dict().get("max_position_embeddings", LONGEST)) - taken
