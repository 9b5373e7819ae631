"""A tiny backbone with an adapter, for trainings that take seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from glossator.domain import AdapterRecipe
from glossator.training.run import Setting

from ..tiny import tiny_llama

ADAPTER = AdapterRecipe(r=4, target_modules=("q_proj", "v_proj"), dropout=0.1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny backbone, and an adapter on it to start from."""
    from glossator.generation.transformers_local import load_model
    from glossator.training.adapters import adapted
    from glossator.training.run import save_adapter

    folder = tmp_path_factory.mktemp("home")
    tiny_llama(folder / "backbone")
    save_adapter(adapted(load_model(str(folder / "backbone")), ADAPTER, "CAUSAL_LM"), setting(folder, folder / "sft"))
    return folder


def setting(home: Path, folder: Path) -> Setting:
    return Setting(folder=folder, seed=1, threads=1, backbone=str(home / "backbone"), backbone_name="tiny")
