"""Tuning on rows as they are here, long prompts and short completions: TRL's trainer against ours, one epoch.

    python tests/bench/sft.py

Peers: TRL with batches as they come, and TRL with rows of one length together. float32 for all (bfloat16 is emulated on
most CPUs). The gate: the loss on held-out rows after the same tokens, within GATE of the peer's.
"""

from __future__ import annotations

import random
import sys
import tempfile
from typing import Any

import torch
from datasets import Dataset
from measure import cpu, release, texts, verdict
from peft import LoraConfig, get_peft_model
from trl import SFTConfig, SFTTrainer

from glossator.content import weights
from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.records import Example, Message
from glossator.training.sft import CompletionTrainer, tokenize

ROWS, HELD, GATE = 48, 16, 0.01


def rows() -> list[dict[str, list[int]]]:
    """Prompts of one to twelve paragraphs, the completion a sentence of one of them."""
    tokenizer, chance, made = load_tokenizer(str(weights())), random.Random(1), []
    paragraphs = iter(texts(12 * (ROWS + HELD), words=20))
    for _ in range(ROWS + HELD):
        shown = [next(paragraphs) for _ in range(chance.randint(1, 12))]
        prompt = Message(role="user", content="\n\n".join(shown))
        example = Example(
            question_id="", messages=(prompt,), completion=chance.choice(shown), answerable=True, passages=(), scores=()
        )
        made.append(tokenize(example, tokenizer))
    return made


def trained(kind: type[SFTTrainer], strategy: str, data: list[dict[str, list[int]]]) -> tuple[float, float]:
    """CPU seconds of an epoch, and the loss on the held-out rows after it."""
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        trainer = kind(
            model=get_peft_model(
                load_model(str(weights())).train(), LoraConfig(r=16, lora_alpha=32, task_type="CAUSAL_LM")
            ),
            args=SFTConfig(
                output_dir=folder,
                use_cpu=True,
                bf16=False,
                activation_checkpointing=False,
                max_length=None,
                num_train_epochs=1,
                learning_rate=5e-4,
                per_device_train_batch_size=8,
                report_to="none",
                disable_tqdm=True,
                train_sampling_strategy=strategy,
                logging_strategy="no",
                save_strategy="no",
            ),
            train_dataset=Dataset.from_list(data[:ROWS]),
            processing_class=load_tokenizer(str(weights())),
        )
        seconds = cpu(trainer.train)
    return seconds, held_out_loss(trainer.model, data[ROWS:])


def held_out_loss(model: Any, data: list[dict[str, list[int]]]) -> float:
    model.eval()
    with torch.inference_mode():
        losses = [
            model(input_ids=torch.tensor([r["input_ids"]]), labels=torch.tensor([r["labels"]])).loss for r in data
        ]
    return float(sum(losses) / len(losses))


def bench() -> bool:
    torch.set_num_threads(1)  # torch is imported before measure
    data, good = rows(), True
    for strategy in ("random", "group_by_length"):
        peer, mine, wrong = [], [], ""
        for _ in range(3):
            theirs, wanted = trained(SFTTrainer, strategy, data)
            ours, loss = trained(CompletionTrainer, "group_by_length", data)
            peer, mine = [*peer, theirs], [*mine, ours]
            if abs(loss / wanted - 1) > GATE:
                wrong = f"loss {loss:.3f} against {wanted:.3f}"
        good &= verdict(f"sft, {ROWS} rows, {strategy}", release("trl"), peer, mine, wrong=wrong)
    return good


if __name__ == "__main__":
    sys.exit(0 if bench() else 1)
