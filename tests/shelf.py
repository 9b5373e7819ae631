"""Distributions laid down as pip would lay them down, for tests of what an installed plugin does."""

from __future__ import annotations

import importlib
from pathlib import Path


class Shelf:
    """A folder on the import path in which distributions can be laid down as pip would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, code: str, plugin: str = "") -> None:
        (self.folder / f"{name}.py").write_text(code, encoding="utf-8")
        info = self.folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[glossator]\n{plugin or name} = {name}\n")
        importlib.invalidate_caches()
