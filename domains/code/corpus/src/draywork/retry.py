# SPDX-License-Identifier: Apache-2.0
"""How long to wait between two attempts, and when to give up."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

from draywork._compat import deprecated

if TYPE_CHECKING:
    from draywork.config import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with a ceiling and random jitter.

    Attributes:
        max_attempts: How often a job is tried in all, the first attempt included.
        base_delay: Seconds to wait after the first failure.
        factor: What the delay is multiplied by after every further failure.
        max_delay: The longest delay in seconds; jitter never goes above it.
        jitter: The share of the delay by which it may vary, from 0 to 1.
    """

    max_attempts: int = 5
    base_delay: float = 2.0
    factor: float = 2.0
    max_delay: float = 300.0
    jitter: float = 0.1

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises:
            ValueError: If a field is out of range.
        """
        if self.max_attempts < 1:
            raise ValueError("max_attempts must be at least 1")
        if self.base_delay < 0 or self.max_delay < 0:
            raise ValueError("delays must not be negative")
        if self.factor < 1:
            raise ValueError("factor must be at least 1")
        if not 0 <= self.jitter <= 1:
            raise ValueError("jitter must lie between 0 and 1")

    @classmethod
    def from_settings(cls, settings: Settings) -> RetryPolicy:
        """Build the policy that a queue uses for its settings.

        Args:
            settings: The loaded settings.
        """
        return cls(
            max_attempts=settings.max_attempts,
            base_delay=settings.base_delay,
            factor=settings.backoff_factor,
            max_delay=settings.max_delay,
            jitter=settings.jitter,
        )

    @classmethod
    def fixed(cls, delay: float, *, max_attempts: int = 5) -> RetryPolicy:
        """Build a policy that always waits equally long, without jitter.

        Args:
            delay: Seconds between two attempts.
            max_attempts: How often a job is tried in all.
        """
        return cls(max_attempts=max_attempts, base_delay=delay, factor=1.0, max_delay=delay, jitter=0.0)

    @classmethod
    def never(cls) -> RetryPolicy:
        """Build a policy that tries each job exactly once."""
        return cls(max_attempts=1)

    def should_retry(self, attempts: int, *, max_attempts: int | None = None) -> bool:
        """Tell whether another attempt is allowed.

        Args:
            attempts: How many attempts were made so far.
            max_attempts: A limit set on the job itself, which wins over the policy.
        """
        return attempts < (self.max_attempts if max_attempts is None else max_attempts)

    def delay_for(self, attempt: int, *, rng: random.Random | None = None) -> float:
        """Return the seconds to wait after a failed attempt.

        Args:
            attempt: The number of the attempt that failed, counted from 1.
            rng: A source of randomness; pass a seeded one in tests.

        Raises:
            ValueError: If ``attempt`` is below 1.
        """
        if attempt < 1:
            raise ValueError("attempts are counted from 1")
        try:
            delay = self.base_delay * self.factor ** (attempt - 1)
        except OverflowError:
            delay = self.max_delay
        if self.jitter:
            delay *= 1 + (rng or random).uniform(-self.jitter, self.jitter)
        return min(delay, self.max_delay)

    def preview(self) -> list[float]:
        """Return the nominal delays between all attempts, without jitter."""
        plain = dataclasses.replace(self, jitter=0.0)
        return [plain.delay_for(n) for n in range(1, self.max_attempts)]

    @deprecated("RetryPolicy.wait", "RetryPolicy.delay_for", removed_in="3.0")
    def wait(self, attempt: int) -> float:
        """Deprecated since 2.1: use ``delay_for``; despite its name this never slept.

        Args:
            attempt: The number of the attempt that failed.
        """
        return self.delay_for(attempt)
