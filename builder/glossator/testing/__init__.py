"""Is a domain sound? The conformance suite for plugin authors: one call from a test, or `glossator check NAME`.

    from glossator import Host
    from glossator.testing import check_domain

    def test_the_domain_is_sound():
        assert check_domain(Host.discover(only=("common", "insurance")), "insurance") == []

It reads the corpus and the gold questions, lets the gold pass its own scorers, spoils it, offers the reward policy a
matrix of exploits, and tries to talk the review out of its refusals. No model is loaded. Every finding is a `Problem`:
where, what, and what to do.
"""

from __future__ import annotations

from glossator.testing.check import check_domain, examine
from glossator.testing.exploits import EXPLOITS
from glossator.testing.forms import answer_from
from glossator.testing.problem import Problem, Report, SpoilCount
from glossator.testing.refusals import WRAPPERS
from glossator.testing.spoils import SPOILS

__all__ = [
    "EXPLOITS",
    "SPOILS",
    "WRAPPERS",
    "Problem",
    "Report",
    "SpoilCount",
    "answer_from",
    "check_domain",
    "examine",
]
