# SPDX-License-Identifier: Apache-2.0
"""Delays between attempts."""

from __future__ import annotations

import random

import pytest
from draywork import RetryPolicy


def test_the_default_delays_double():
    assert RetryPolicy().preview() == [2.0, 4.0, 8.0, 16.0]


def test_jitter_never_exceeds_the_ceiling():
    policy = RetryPolicy(base_delay=300, jitter=1.0)
    rng = random.Random(7)
    assert all(0 <= policy.delay_for(n, rng=rng) <= 300 for n in range(1, 200))


def test_huge_attempt_numbers_do_not_overflow():
    assert RetryPolicy(jitter=0.0).delay_for(5_000) == 300.0


def test_fixed_policies_ignore_the_attempt():
    policy = RetryPolicy.fixed(7)
    assert {policy.delay_for(n) for n in range(1, 9)} == {7}


def test_never_means_one_attempt():
    assert not RetryPolicy.never().should_retry(1)


def test_the_limit_of_the_job_wins():
    assert RetryPolicy().should_retry(5, max_attempts=6)


@pytest.mark.parametrize("bad", [{"max_attempts": 0}, {"factor": 0.5}, {"jitter": 2}, {"base_delay": -1}])
def test_senseless_values_are_refused(bad):
    with pytest.raises(ValueError):
        RetryPolicy(**bad)
