# SPDX-License-Identifier: Apache-2.0
"""Durations written the way people write them: ``90s``, ``1h30m``, ``2d``."""

from __future__ import annotations

import re

from draywork._compat import deprecated
from draywork.errors import DurationError

UNITS: dict[str, float] = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+")


def parse_duration(value: str | int | float) -> float:
    """Turn a duration into seconds.

    A bare number, or a text that holds only a number, counts as seconds.

    Args:
        value: A number of seconds or a text such as ``1h30m``; units may not repeat.

    Returns:
        The duration in seconds.

    Raises:
        DurationError: If the text is empty, negative, has an unknown unit or repeats a unit.
    """
    if isinstance(value, bool):
        raise DurationError(f"not a duration: {value!r}")
    if isinstance(value, (int, float)):
        if value < 0:
            raise DurationError(f"a duration cannot be negative: {value!r}")
        return float(value)
    text = value.strip().lower()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if not _WHOLE.fullmatch(text):
        raise DurationError(f"not a duration: {value!r}")
    parts = _PART.findall(text)
    units = [unit for _, unit in parts]
    if len(set(units)) != len(units):
        raise DurationError(f"a unit is given twice: {value!r}")
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """Write a number of seconds as a short text.

    Parts smaller than a second are dropped unless the whole duration is below one second.

    Args:
        seconds: A duration that is not negative.

    Returns:
        A text such as ``1h30m`` that ``parse_duration`` reads back.
    """
    if seconds < 0:
        raise DurationError(f"a duration cannot be negative: {seconds!r}")
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    rest, out = int(seconds), []
    for unit in ("w", "d", "h", "m", "s"):
        count, rest = divmod(rest, int(UNITS[unit]))
        if count:
            out.append(f"{count}{unit}")
    return "".join(out)


@deprecated("draywork.durations.parse_interval", "draywork.parse_duration", removed_in="2.4")
def parse_interval(value: str) -> int:
    """Deprecated since 2.0: use ``parse_duration``, which returns a float.

    Args:
        value: A duration text.

    Returns:
        The duration in whole seconds, rounded down.
    """
    return int(parse_duration(value))
