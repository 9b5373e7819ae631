"""The reward model: an adapter with a score head on the backbone, trained on preference pairs with TRL."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import PeftModel
from trl import RewardConfig, RewardTrainer

from glossator.domain import AdapterRecipe
from glossator.generation.transformers_local import load_tokenizer
from glossator.prompting import ChatTokenizer, encode_completion, encode_prompt
from glossator.recipe import RewardModelRecipe
from glossator.records import Pair
from glossator.training.adapters import adapted
from glossator.training.prefix_tree import can_share, grouped
from glossator.training.reward_report import report
from glossator.training.run import Setting, common_arguments, save_adapter, train


def load_base(backbone: str) -> Any:
    """The backbone with one output in the place of its vocabulary."""
    from transformers import AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_pretrained(
        backbone, num_labels=1, dtype="float32", trust_remote_code=False
    )


def load_reward_model(backbone: str, adapter: Path) -> Any:
    """A trained reward model, ready to score; only the padding of single rows is assumed."""
    return PeftModel.from_pretrained(load_base(backbone), str(adapter)).eval()


def opinions(model: Any, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> list[float]:
    """What a reward model gives each answer; answer i belongs to prompt i, and a prompt is read once where possible."""
    import torch

    with torch.inference_mode():
        if not can_share(model):
            rows = [torch.tensor([[*p, *a]]) for p, a in zip(prompts, answers, strict=True)]
            return [float(model(input_ids=row).logits[0, 0]) for row in rows]
        (tree, stands), whole = grouped(prompts, answers), model.get_base_model()
        hidden = whole.base_model(
            input_ids=tree.ids, attention_mask=tree.mask(torch.float32), position_ids=tree.positions, use_cache=False
        ).last_hidden_state
        last = hidden[[row for row, _ in stands], [places[-1] for _, places in stands]]
        return list(whole.score(last)[:, 0].tolist())


def tokenize(pair: Pair, tokenizer: ChatTokenizer) -> dict[str, list[int]]:
    prompt = encode_prompt(tokenizer, pair.messages)
    return {
        "chosen_ids": prompt + encode_completion(tokenizer, pair.chosen),
        "rejected_ids": prompt + encode_completion(tokenizer, pair.rejected),
    }


def split(pairs: Sequence[Pair], held_out: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Train and held-out pairs; no question stands on both sides."""
    names = sorted({pair.question_id for pair in pairs})
    random.Random(seed).shuffle(names)
    held = set(names[: round(held_out * len(names))])
    return [p for p in pairs if p.question_id not in held], [p for p in pairs if p.question_id in held]


def train_reward_model(
    pairs: Sequence[Pair], recipe: RewardModelRecipe, adapter: AdapterRecipe, setting: Setting
) -> dict[str, Any]:
    """Train on all but the held-out questions; what it is worth on those, see `reward_report`."""
    from transformers import set_seed

    tokenizer = load_tokenizer(setting.backbone)
    set_seed(setting.seed)
    taught, held = split(pairs, recipe.held_out, setting.seed)
    base = load_base(setting.backbone)
    base.config.pad_token_id = tokenizer.pad_token_id
    trainer = RewardTrainer(
        model=adapted(base.train(), adapter, "SEQ_CLS"),
        args=RewardConfig(
            **common_arguments(setting),
            num_train_epochs=recipe.epochs,
            per_device_train_batch_size=recipe.batch_size,
            learning_rate=recipe.learning_rate,
            save_steps=recipe.save_steps,
            max_length=None,
        ),
        train_dataset=Dataset.from_list([tokenize(pair, tokenizer) for pair in taught]),
        processing_class=tokenizer,
    )
    train(trainer, setting, "reward model", ("loss", "accuracy"))
    model = trainer.model.eval()
    margins = [_margin(model, pair, tokenizer) for pair in held]
    save_adapter(trainer.model, setting)
    return {"train_pairs": len(taught), "held_out_pairs": len(held), "held_out": report(held, margins)}


def _margin(model: Any, pair: Pair, tokenizer: ChatTokenizer) -> float:
    """Opinion of the better answer minus that of the worse."""
    answers = [encode_completion(tokenizer, text) for text in (pair.chosen, pair.rejected)]
    better, worse = opinions(model, [encode_prompt(tokenizer, pair.messages)] * 2, answers)
    return better - worse
