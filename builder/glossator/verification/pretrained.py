"""Models of transformers for verifiers: where the environment says they are, loaded without network and remote code.

A verifier's `load` takes no flag, so it cannot be given consent to a download: a folder is read, or what the hub's
cache holds already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glossator.artifacts import digest_of, folder_files
from glossator.errors import InputError
from glossator.verification.sequence import Row

WITHOUT = {"local_files_only": True, "trust_remote_code": False}
"""Neither network nor foreign code."""


def model_folder(variable: str, *, example: str, default: str = "") -> Path:
    """The folder that the environment names, or the cached snapshot of the hub id that it names.

    Raises InputError when it says nothing, or something that is neither.
    """
    name = os.environ.get(variable, "") or default
    if not name:
        raise InputError(f"{variable} is not set: name a folder with a model, or a hub id such as {example}")
    if Path(name).is_dir():
        return Path(name).resolve()
    return _snapshot(name, variable)


def _snapshot(name: str, variable: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError) as error:
        raise InputError(
            f"{variable}: {name!r} is neither a folder here nor in the cache of the hub, and a verifier downloads "
            f"nothing; if it is a hub id, fetch it first: hf download {name}"
        ) from error


def read_config(folder: Path) -> Any:
    """The model's configuration. Raises InputError for one that transformers does not know without remote code."""
    from transformers import AutoConfig

    return _tried(folder, lambda: AutoConfig.from_pretrained(folder, **WITHOUT))


def read_tokenizer(folder: Path) -> Any:
    """The tokenizer, which cuts nothing and knows of no longest text: the window is the base's affair."""
    from transformers import AutoTokenizer

    return _tried(folder, lambda: AutoTokenizer.from_pretrained(folder, model_max_length=sys.maxsize, **WITHOUT))


def read_model(kind: Any, folder: Path | None, **given: Any) -> Any:
    """The weights in float32, on the GPU when there is one. `kind` is a class of transformers.

    Raises InputError when weights are missing, which transformers would make up at random.
    """
    import torch

    model, report = _tried(
        folder, lambda: kind.from_pretrained(folder, dtype="float32", output_loading_info=True, **WITHOUT, **given)
    )
    if lacking := sorted(report["missing_keys"]):
        raise InputError(f"{folder or 'the weights'}: no {kind.__name__}, it lacks {', '.join(lacking[:3])}")
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval()


def reading(model: Any, scored: Callable[[Any], Any]) -> Callable[[Sequence[Row]], list[tuple[float, float]]]:
    """A PairModel's `read`: `scored` makes scores, (rows, 2), of the inputs, which are tensors (rows, tokens)."""
    import torch

    def read(rows: Sequence[Row]) -> list[tuple[float, float]]:
        names = rows[0].keys()
        inputs = {name: torch.tensor([row[name] for row in rows], device=model.device) for name in names}
        with torch.inference_mode():
            return [(full, against) for full, against in scored(inputs).tolist()]

    return read


def supported(logits: Any) -> Any:
    """Of outputs no and yes the probability of yes, and contradiction 0: such a model does not tell it from silence."""
    return logits.softmax(-1)[:, [1, 0]] * logits.new_tensor([1, 0])


def identity_of(name: str, *folders: Path) -> str:
    """What must be equal for two verdicts to be comparable: the adapter, and every file of its folders."""
    return digest_of({"verifier": name, "files": [folder_files(folder) for folder in folders]})


def _tried(folder: Path | None, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{folder or 'the weights'}: no model to be read without remote code: {error}") from error
