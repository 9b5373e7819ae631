# SPDX-License-Identifier: Apache-2.0
"""Encoding, decoding and masking of job payloads."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from draywork.errors import PayloadError, PayloadTooLarge

DEFAULT_LIMIT = 65_536
MASK = "***"
SECRET_KEYS = frozenset({"password", "token", "secret", "api_key"})


def encode_payload(payload: Mapping[str, Any] | None, *, limit: int = DEFAULT_LIMIT) -> str:
    """Serialise a payload to compact JSON with sorted keys.

    Args:
        payload: A mapping with text keys; ``None`` is stored as an empty object.
        limit: The largest size allowed, in bytes of UTF-8.

    Returns:
        The JSON text.

    Raises:
        PayloadError: If the payload is not a mapping or holds a value that JSON cannot express.
        PayloadTooLarge: If the text is longer than ``limit`` bytes.
    """
    data = {} if payload is None else payload
    if not isinstance(data, Mapping):
        raise PayloadError(f"a payload must be a mapping, not {type(data).__name__}")
    if not all(isinstance(key, str) for key in data):
        raise PayloadError("the keys of a payload must be text")
    try:
        text = json.dumps(
            dict(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError) as exc:
        raise PayloadError(str(exc)) from exc
    size = len(text.encode("utf-8"))
    if size > limit:
        raise PayloadTooLarge(f"payload has {size} bytes, the limit is {limit}")
    return text


def decode_payload(text: str) -> dict[str, Any]:
    """Read a payload back.

    Args:
        text: JSON written by ``encode_payload``.

    Returns:
        The payload as a new dictionary.

    Raises:
        PayloadError: If the text is not a JSON object.
    """
    try:
        data = json.loads(text)
    except ValueError as exc:
        raise PayloadError(f"not JSON: {exc}") from exc
    if not isinstance(data, dict):
        raise PayloadError("the payload is not a JSON object")
    return data


def mask_secrets(value: Any, keys: Collection[str] = SECRET_KEYS) -> Any:
    """Replace the values of secret keys, at any depth, by three asterisks.

    Args:
        value: A payload or a part of one; it is not changed.
        keys: The key names to hide, compared without regard to case.

    Returns:
        A copy that is safe to print.
    """
    if isinstance(value, Mapping):
        hidden = {key.lower() for key in keys}
        return {
            k: MASK if str(k).lower() in hidden else mask_secrets(v, keys) for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [mask_secrets(item, keys) for item in value]
    return value
