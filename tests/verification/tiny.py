"""Tiny models with random weights and tokenizers of whole words."""

from __future__ import annotations

from typing import Any

from glossator.claims import Claim

SENTENCES = (
    "Ferritin falls first.",
    "Warfarin is taken at night with water.",
    "Transferrin rises later than ferritin falls.",
    "The INR is measured weekly in the ward.",
    "Iron stores are empty when ferritin is low.",
    "Nobody knows why the dose is doubled.",
    "Water is drunk at night.",
    "The ward is closed weekly.",
)
EVIDENCE = (" ".join(SENTENCES[:4]), " ".join(SENTENCES[4:]))
CLAIMS = (
    Claim("Ferritin falls and transferrin rises.", EVIDENCE),
    Claim("Warfarin is taken weekly.", EVIDENCE[:1]),
    Claim("The dose is doubled at night.", EVIDENCE),
    Claim("Iron stores are empty.", EVIDENCE[1:]),
)
FRAMES = {
    "bert": ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "t5": ("$A </s>", "$A </s> $B </s>"),
}
MARKS = {
    "bert": {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"},
    "t5": {"pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "</s>"},
}


def tokenizer(kind: str) -> Any:
    """One token for each word and each sign; `bert` frames with [CLS] and [SEP], `t5` ends with </s>."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    said = " ".join((*SENTENCES, *(claim.text for claim in CLAIMS), "predict : Premise Hypothesis Determine if ?"))
    split = BertPreTokenizer().pre_tokenize_str(said)
    words = [*MARKS[kind].values(), *sorted({word for word, _ in split})]
    vocabulary = {word: place for place, word in enumerate(words)}
    made = Tokenizer(WordLevel(vocabulary, unk_token=MARKS[kind]["unk_token"]))
    made.pre_tokenizer = BertPreTokenizer()
    one, two = FRAMES[kind]
    marks = [(mark, vocabulary[mark]) for mark in MARKS[kind].values()]
    made.post_processor = TemplateProcessing(single=one, pair=two, special_tokens=marks)
    inputs = ["input_ids", "token_type_ids", "attention_mask"] if kind == "bert" else ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=made, model_input_names=inputs, **MARKS[kind])


def bert(labels: dict[int, str], positions: int = 48) -> Any:
    """A BertForSequenceClassification whose answers depend on its input, which small random weights hide."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=100, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=positions, id2label=labels, label2id={name: place for place, name in labels.items()},
        initializer_range=0.6,
    )  # fmt: skip
    return BertForSequenceClassification(config).eval()


def t5_config() -> Any:
    from transformers import T5Config

    return T5Config(
        vocab_size=220, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, num_labels=2, initializer_factor=3.0,
        decoder_start_token_id=0,
    )  # fmt: skip
