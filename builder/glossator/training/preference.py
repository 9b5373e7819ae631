"""Off-policy alignment: logged pairs make the better answer likelier than the worse one (DPO, KTO), through TRL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

from glossator.generation.transformers_local import LocalGenerator, load_tokenizer
from glossator.prompting import encode_completion, encode_prompt
from glossator.recipe import OfflineRecipe
from glossator.records import Pair
from glossator.training.constraint import Starts, read_answers_only, starts_of
from glossator.training.course import Course
from glossator.training.guard import Guard
from glossator.training.run import Setting, common_arguments, continued, save_adapter, train


class TokenizedDPO(DPOTrainer):
    """DPO (Rafailov et al. 2023, arXiv 2305.18290) on rows that are tokens already."""

    def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
        return dataset


class TokenizedKTO(KTOTrainer):
    """KTO (Ethayarajh et al. 2024, arXiv 2402.01306) on rows that are tokens already.

    Its KL term looks at an answer that does not belong to the row. TRL takes another prompt's, which a bound policy
    cannot say; ours are the other answer of the same pair.
    """

    def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
        return dataset


def tokenize(pair: Pair, generator: LocalGenerator, starts: Starts | None) -> dict[str, list[int]]:
    """A row of DPO. Raises ValueError for an answer that the policy cannot give."""
    prompt = encode_prompt(generator.tokenizer, pair.messages)
    begun = None if starts is None else starts[tuple(prompt)]

    def said(text: str) -> list[int]:
        row = encode_completion(generator.tokenizer, text) if begun is None else generator.said(begun, text)
        if row is None:
            raise ValueError(f"question {pair.question_id!r}: no bound answer says {text!r}")
        return row

    return {"prompt_ids": prompt, "chosen_ids": said(pair.chosen), "rejected_ids": said(pair.rejected)}


def unpaired(row: dict[str, list[int]]) -> list[dict[str, Any]]:
    """The two rows of KTO in one of DPO."""
    sides = [("chosen_ids", "rejected_ids", True), ("rejected_ids", "chosen_ids", False)]
    return [
        {"prompt_ids": row["prompt_ids"], "completion_ids": row[mine], "KL_completion_ids": row[other], "label": good}
        for mine, other, good in sides
    ]


def train_offline(pairs: Sequence[Pair], course: Course, recipe: OfflineRecipe, guard: Any, setting: Setting) -> None:
    """Continue the adapter on the pairs, held near where it starts, and write it to the setting's folder."""
    from transformers import set_seed

    tokenizer = load_tokenizer(setting.backbone)
    set_seed(setting.seed)
    model, prompts = continued(setting, course.start), [task.example.messages for task in course.tasks]
    generator = LocalGenerator(model, tokenizer)
    starts = starts_of(prompts, course.among, generator, course.max_new_tokens)
    rows: list[dict[str, Any]] = [tokenize(pair, generator, starts) for pair in pairs]
    kind, arguments = _algorithm(recipe, setting)
    if kind is TokenizedKTO:
        rows = [one for row in rows for one in unpaired(row)]
    trainer = kind(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    read_answers_only(trainer.model.get_base_model(), starts, course.heat)
    guards = [Guard(course.exam, guard, setting, course.max_new_tokens)] if course.exam else []
    train(trainer, setting, recipe.algorithm, ("loss", "rewards/margins", "rewards/accuracies"), guards)
    save_adapter(trainer.model, setting)


def _algorithm(recipe: OfflineRecipe, setting: Setting) -> tuple[type[Any], Any]:
    """TRL's trainer and its arguments."""
    shared = common_arguments(setting) | {
        "num_train_epochs": recipe.epochs,
        "per_device_train_batch_size": recipe.batch_size,
        "learning_rate": recipe.learning_rate,
        "beta": recipe.beta,
        "save_steps": recipe.save_steps,
        "max_length": None,
    }
    if recipe.algorithm == "kto":  # the rows of a pair stay together
        return TokenizedKTO, KTOConfig(**shared, train_sampling_strategy="sequential")
    return TokenizedDPO, DPOConfig(**shared)
