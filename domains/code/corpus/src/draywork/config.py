# SPDX-License-Identifier: Apache-2.0
"""Settings from defaults, a TOML file, the environment and the caller."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from draywork._compat import deprecated
from draywork.durations import parse_duration
from draywork.errors import ConfigError, DurationError

ENV_PREFIX = "DRAYWORK_"
FILE_NAME = "draywork.toml"
DURATIONS = frozenset(
    {"lease_seconds", "poll_interval", "base_delay", "max_delay", "keep_done", "lock_timeout", "lock_stale_after"}
)


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults; durations are in seconds."""

    directory: Path = Path(".draywork")
    lease_seconds: float = 60.0
    poll_interval: float = 0.5
    max_attempts: int = 5
    base_delay: float = 2.0
    backoff_factor: float = 2.0
    max_delay: float = 300.0
    jitter: float = 0.1
    max_payload_bytes: int = 65_536
    keep_done: float = 604_800.0
    lock_timeout: float = 10.0
    lock_stale_after: float = 120.0
    fsync: bool = True
    log_events: bool = True

    def __post_init__(self) -> None:
        """Check the ranges of all settings.

        Raises:
            ConfigError: If a value is out of range.
        """
        for name in ("lease_seconds", "poll_interval", "lock_stale_after"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be greater than zero")
        for name in ("base_delay", "max_delay", "keep_done", "lock_timeout"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} must not be negative")
        if self.max_attempts < 1 or self.max_payload_bytes < 2:
            raise ConfigError("max_attempts must be at least 1 and max_payload_bytes at least 2")
        if self.backoff_factor < 1 or not 0 <= self.jitter <= 1:
            raise ConfigError("backoff_factor must be at least 1 and jitter between 0 and 1")


def load_settings(
    path: Path | str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    **overrides: Any,
) -> Settings:
    """Collect settings; overrides beat the environment, which beats the file.

    Args:
        path: A TOML file with a ``[draywork]`` table; without it ``draywork.toml`` is read if it exists.
        environ: The environment to read; by default that of the process.
        **overrides: Settings by name; ``None`` means not given.

    Returns:
        The merged settings.

    Raises:
        ConfigError: If a file that was named does not exist, or a setting is unknown or invalid.
    """
    known = {field.name: field.default for field in dataclasses.fields(Settings)}
    merged: dict[str, Any] = {}
    source = Path(path) if path is not None else Path(FILE_NAME)
    if path is not None and not source.is_file():
        raise ConfigError(f"no settings file {source}")
    if source.is_file():
        merged.update(_read_table(source))
    for key, value in (os.environ if environ is None else environ).items():
        if key.startswith(ENV_PREFIX):
            merged[key.removeprefix(ENV_PREFIX).lower()] = value
    merged.update({key: value for key, value in overrides.items() if value is not None})
    unknown = sorted(set(merged) - set(known))
    if unknown:
        raise ConfigError(f"unknown setting: {', '.join(unknown)}")
    return Settings(**{key: _convert(key, value, known[key]) for key, value in merged.items()})


def _read_table(source: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{source}: {exc}") from exc
    table = data.get("draywork", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{source}: [draywork] must be a table")
    return table


def _convert(key: str, value: Any, default: Any) -> Any:
    """Bring a raw value to the type of the default."""
    try:
        if key in DURATIONS:
            return parse_duration(value)
        if isinstance(default, bool):
            if isinstance(value, bool):
                return value
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                str(value).strip().lower()
            ]
        return type(default)(value) if not isinstance(default, Path) else Path(value)
    except (DurationError, KeyError, TypeError, ValueError) as exc:
        raise ConfigError(f"{key}: cannot use {value!r}") from exc


@deprecated("draywork.config.load_config", "draywork.load_settings", removed_in="2.4")
def load_config(path: str) -> dict[str, Any]:
    """Deprecated since 2.0: use ``load_settings``, which returns a Settings object.

    Args:
        path: A TOML file.

    Returns:
        The settings as a plain dictionary.
    """
    return dataclasses.asdict(load_settings(path))
