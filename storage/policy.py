"""When to try again, and when to stop trying: numbers only, no clock and no database.

Work is never tried for longer than seven days, and a server that does not answer is left alone for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DELAYS = (0 * MINUTE, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
KEPT_TRYING = timedelta(days=7)
JITTER = 0.25
LONGEST_WISH = timedelta(hours=24)

BREAKER_FAILURES = 5
BREAKER_WINDOW = 10 * MINUTE
PARKED = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The numbers, divided by `lab_clock` (1 outside a laboratory)."""

    lab_clock: int = 1

    def delay(self, attempts: int, spread: float = 0.0) -> timedelta:
        """How long to wait after this many attempts; `spread` from -1 to 1 moves it by up to a quarter."""
        step = DELAYS[min(max(attempts, 0), len(DELAYS) - 1)]
        return step * (1 + JITTER * spread) / self.lab_clock

    def next_try(
        self,
        now: datetime,
        made_at: datetime,
        attempts: int,
        *,
        after: float | None = None,
        spread: float = 0.0,
    ) -> datetime | None:
        """When to try again, or None to give up.

        `after` is what the other side asked for, in seconds: it can make us wait longer, never shorter (threat D24).
        """
        wait = self.delay(attempts, spread)
        if after is not None:
            wait = max(wait, wish(after))
        return None if self.outlived(now, made_at) else now + wait

    def outlived(self, now: datetime, since: datetime) -> bool:
        """Whether seven days have passed."""
        return since <= self.oldest(now)

    def oldest(self, now: datetime) -> datetime:
        """Work that was asked for before this is not tried any more."""
        return now - KEPT_TRYING / self.lab_clock

    @property
    def window(self) -> timedelta:
        """Within which time the failures of a host are counted together."""
        return BREAKER_WINDOW / self.lab_clock

    @property
    def parked(self) -> timedelta:
        """How long a host is left alone once it failed too often."""
        return PARKED / self.lab_clock


def wish(seconds: float) -> timedelta:
    """A Retry-After within reason: not in the past, not beyond a day, and a number."""
    longest = LONGEST_WISH.total_seconds()
    return timedelta(seconds=min(max(seconds, 0.0), longest) if seconds == seconds else longest)  # noqa: PLR0124
