"""What all trainers share: arguments for this machine, a seed, resuming, and the adapter as it is published."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState
from peft import PeftConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file

from glossator.generation.transformers_local import load_model
from glossator.training.checkpoints import Checkpoints, MetricsLog
from glossator.training.progress import ProgressBar

NAMED = ("target_modules", "feedforward_modules")
"""Of PEFT's configuration; it keeps them in sets, whose order differs from run to run."""
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and how one training runs."""

    folder: Path
    """Work folder of the stage."""
    seed: int
    threads: int
    backbone: str
    """Folder or hub id."""
    backbone_name: str
    """What the recipe calls it: the only name that is written into the adapter."""
    checkpointing: bool = True
    """Whether a GPU may trade time for memory (activation checkpointing); prefix tuning cannot."""

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def done(self) -> bool:
        """Whether the adapter is whole: `save_adapter` removes the scratch folder last."""
        return (self.folder / "adapter").exists() and not self.scratch.exists()


def continued(setting: Setting, adapter: Path) -> PeftModel:
    """The backbone with an adapter that goes on learning.

    PEFT's own way to load one refuses learnt prompts, and asks the hub for the backbone when it saves.
    """
    config = PeftConfig.from_pretrained(str(adapter))
    config.inference_mode, config.base_model_name_or_path = False, setting.backbone
    model = get_peft_model(load_model(setting.backbone), config)
    set_peft_model_state_dict(model, load_file(adapter / ADAPTER_FILES[1]))
    return model


def common_arguments(setting: Setting) -> dict[str, Any]:
    """Arguments every trainer gets. float32 and a pinned thread count make a run repeatable to the bit on a CPU."""
    import torch

    torch.set_num_threads(setting.threads)
    cpu = not torch.cuda.is_available()
    return {
        "output_dir": str(setting.scratch / "trainer"),
        "seed": setting.seed,
        "data_seed": setting.seed,
        "use_cpu": cpu,
        "bf16": not cpu,
        "activation_checkpointing": not cpu and setting.checkpointing,
        "dataloader_pin_memory": not cpu,
        "disable_tqdm": True,
        "report_to": "none",
        "save_strategy": "steps",
        "logging_steps": 1,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,
    }


def train(trainer: Any, setting: Setting, title: str, shown: Sequence[str], watching: Sequence[Any] = ()) -> None:
    """Run a trainer to its end, from its newest sound checkpoint; `watching` callbacks come first."""
    checkpoints = Checkpoints(setting.scratch / "checkpoints")
    with PartialState().main_process_first():
        newest = checkpoints.newest()
    from_step = int(newest.name) if newest else 0
    quiet = [
        callback for callback in trainer.callback_handler.callbacks if type(callback).__name__ == "PrinterCallback"
    ]
    for callback in quiet:
        trainer.remove_callback(callback)
    for callback in (*watching, checkpoints):
        trainer.add_callback(callback)
    if PartialState().is_main_process:
        trainer.add_callback(MetricsLog(setting.folder / "logs" / "metrics.jsonl", from_step))
        trainer.add_callback(ProgressBar(title, tuple(shown)))
    trainer.train(resume_from_checkpoint=str(newest) if newest else None)


def save_adapter(model: PeftModel, setting: Setting) -> None:
    """Write the adapter without local paths, and drop the scratch folder: no pickles are published.

    Of several processes the first writes, and the others wait for it.
    """
    if PartialState().is_main_process:
        _write_adapter(model, setting)
    PartialState().wait_for_everyone()


def _write_adapter(model: PeftModel, setting: Setting) -> None:
    folder = setting.folder / "adapter"
    model.save_pretrained(str(folder), selected_adapters=["default"])
    for path in list(folder.iterdir()):
        if path.name not in ADAPTER_FILES:
            path.unlink()
    described = folder / "adapter_config.json"
    config = json.loads(described.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = setting.backbone_name
    config |= {name: sorted(config[name]) for name in NAMED if config.get(name)}
    described.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    shutil.rmtree(setting.scratch, ignore_errors=True)
