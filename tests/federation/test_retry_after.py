"""How long another server may make us wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation.delivery import _retry_after
from storage.policy import RetryPolicy

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("315360000", DAY),
        ("9" * 5000, DAY),
        ("-1", None),
        ("-315360000", None),
        ("1e9", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\u0663\u0660", None),
        ("NaN", None),
        ("Tue, 24 Nov 2026 09:02:00 GMT", 120),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0),
        ("Sun, 24 Nov 2036 09:00:00 GMT", DAY),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("Tue, 24 Nov 2026 09:02:00", None),
        ("Tue, 99 Nov 99999 99:99:99 GMT", None),
    ],
)
def test_d24_a_wish_to_wait_is_followed_within_reason(given, seconds):
    """Up to a day, and never sooner than without it; a text, a moment without a zone or a number below nothing says nothing."""
    wish = _retry_after({"retry-after": given}, NOW)
    following = RetryPolicy().next_try(NOW, NOW, 1, after=wish)
    expected = max(RetryPolicy().delay(1), timedelta(seconds=seconds or 0))
    assert (wish is None) == (seconds is None)
    assert following == NOW + expected


def test_d24_nothing_said_is_nothing_said():
    assert _retry_after({}, NOW) is None
