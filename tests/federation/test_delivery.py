"""How long a server may ask us to wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from federation.delivery import _retry_after

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("9" * 400, 999_999_999_999),
        ("Tue, 24 Nov 2026 10:00:00 GMT", 3600),
        ("Tue, 24 Nov 2026 08:00:00 GMT", 0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("\u0663", None),
        ("later", None),
        ("Tue, 24 Nov 2026 09:00:00", None),
        ("Tue, 99 Nov 2026 99:99:99 GMT", None),
        ("Tue, 24 Nov 99999999999999999999 09:00:00 GMT", None),
        ("Tue, 24 Nov 2026 99999999999999999999:00:00 GMT", None),
        ("Tue, 24 Nov 2026 09:00:00 -99999999999999999999", None),
    ],
)
def test_retry_after(given: str, seconds: float | None) -> None:
    """Seconds or a moment are understood; anything else says nothing, however large its numbers (threat D24)."""
    assert _retry_after({"retry-after": given}, NOW) == seconds
