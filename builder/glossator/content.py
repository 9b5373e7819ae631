"""Where data files are: beside the package in a wheel, in the source tree in a checkout."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]


def content(package: str, checkout_folder: str) -> Traversable:
    """The data folder of `package`: `<package>/content` in a wheel, else `<checkout>/<checkout_folder>`.

    Raises FileNotFoundError when neither exists, which means a broken installation.
    """
    packaged = files(package) / "content"
    if packaged.is_dir():
        return packaged
    folder = _CHECKOUT / checkout_folder
    if folder.is_dir():
        return folder
    raise FileNotFoundError(f"{package}: neither {packaged} nor {folder} exists; install the package again")


def weights() -> Path:
    """Folder of the embedded backbone."""
    return Path(__file__).parent / "weights" / "backbone"
