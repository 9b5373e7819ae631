"""What an adapter is aligned on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glossator.generation.grounds import Possible
from glossator.training.guard import Exam
from glossator.training.reward_functions import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What an adapter is aligned on."""

    tasks: Sequence[Task]
    among: Sequence[Possible | None]
    """What may be answered to each task; None = free text."""
    start: Path
    """The adapter to continue."""
    anchor: Path
    """The adapter that a KL term holds it near."""
    max_new_tokens: int
    heat: float = 1.0
    """Temperature of the policy: the prior's weight beside the model."""
    exam: Exam | None = None
    """Watches over the run."""
