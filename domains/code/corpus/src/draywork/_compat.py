# SPDX-License-Identifier: Apache-2.0
"""Helpers for deprecated names."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def warn_deprecated(old: str, new: str, *, removed_in: str, stacklevel: int = 3) -> None:
    """Issue one DeprecationWarning in the voice all of Draywork uses.

    Args:
        old: The full name of the deprecated symbol.
        new: The full name of its replacement.
        removed_in: The version in which the old symbol disappears.
        stacklevel: How many frames to go up, so that the caller's line is shown.
    """
    warnings.warn(
        f"{old} is deprecated and will be removed in {removed_in}; use {new} instead",
        DeprecationWarning,
        stacklevel=stacklevel,
    )


def deprecated(old: str, new: str, *, removed_in: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that each call warns and then runs as before.

    Args:
        old: The full name of the decorated symbol.
        new: The full name of its replacement.
        removed_in: The version in which the old symbol disappears.

    Returns:
        A decorator that keeps the name, signature and docstring of the function.
    """

    def decorate(func: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(func)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            warn_deprecated(old, new, removed_in=removed_in)
            return func(*args, **kwargs)

        return wrapper

    return decorate
