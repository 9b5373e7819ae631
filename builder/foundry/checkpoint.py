"""Where a stopped run goes on from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def save(state: Mapping[str, Any], out: Path) -> None:
    """Publish a checkpoint by rename, so that a stop never leaves half of one."""
    partial = out / "checkpoint.partial"
    torch.save(dict(state), partial)
    os.replace(partial, out / "checkpoint.pt")
