"""When work is tried again: the numbers, without a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.policy import KEPT_TRYING, RetryPolicy, wish

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)
MINUTES = timedelta(minutes=1)


def test_the_delays_are_those_of_the_design():
    """At once, then after 1, 5, 15 minutes, 1, 3, 6, 12 hours, and every 12 hours from there."""
    policy = RetryPolicy()
    delays = [policy.delay(attempts) for attempts in range(1, 10)]
    minutes, hours = [1, 5, 15], [1, 3, 6, 12, 12, 12]
    assert delays == [each * MINUTES for each in minutes] + [each * HOURS for each in hours]
    assert policy.delay(0) == timedelta(0)


@given(attempts=st.integers(-5, 10_000), spread=st.floats(-1, 1), lab_clock=st.integers(1, 3600))
def test_chance_moves_a_delay_by_a_quarter_at_most(attempts, spread, lab_clock):
    """Jitter spreads retries without letting any come much earlier or later; a laboratory only divides."""
    plain = RetryPolicy().delay(attempts) / lab_clock
    moved = RetryPolicy(lab_clock).delay(attempts, spread)
    assert plain * 0.75 - MINUTES / 1e6 <= moved <= plain * 1.25 + MINUTES / 1e6


@given(attempts=st.integers(1, 50), age=st.timedeltas(timedelta(0), 2 * KEPT_TRYING))
def test_nothing_is_tried_for_longer_than_seven_days(attempts, age):
    """The next try exists exactly as long as the work is younger than seven days."""
    found = RetryPolicy().next_try(NOW, NOW - age, attempts)
    assert (found is None) == (age >= KEPT_TRYING)
    assert found is None or found > NOW


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (90, 90),
        (0, 0),
        (-1, 0),
        (86_400, 86_400),
        (10**12, 86_400),
        (float("inf"), 86_400),
        (float("nan"), 86_400),
        (float("-inf"), 0),
    ],
)
def test_d24_a_wish_to_wait_is_honoured_within_a_day(asked, given):
    """Retry-After is followed up to 24 hours, and never makes a wait shorter; what is not a number waits the longest."""
    policy = RetryPolicy(60)
    assert wish(asked) == timedelta(seconds=given)
    wait = max(timedelta(seconds=given), policy.delay(3))
    assert policy.next_try(NOW, NOW, 3, after=asked) == NOW + wait
