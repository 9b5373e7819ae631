"""Folders that transformers reads, and an environment that says nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Any, Any], Path]:
    """Writes a model and a tokenizer into a folder."""

    def save(model: Any, words: Any) -> Path:
        model.save_pretrained(tmp_path / "model")
        words.save_pretrained(tmp_path / "model")
        return tmp_path / "model"

    return save


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No network, an empty cache of the hub, and nothing said by the environment."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in ("MINICHECK", "HHEM", "HHEM_BASE", "NLI", "VERDICTS", "JUDGE_URL", "JUDGE_MODEL", "JUDGE_KEY"):
        monkeypatch.delenv(f"GLOSSATOR_{name}", raising=False)
