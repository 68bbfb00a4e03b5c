"""Who counts as one owner, and how many new servers of one owner are met in a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation import newcomers
from federation.newcomers import MOST, Newcomers, owner_of
from vraagbaak.errors import TooFast


class Clock:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("evil.example", "evil.example"),
        ("a.evil.example", "evil.example"),
        ("a.b.c.evil.example", "evil.example"),
        ("a.evil.example:8443", "evil.example"),
        ("evil.co.uk", "evil.co.uk"),
        ("a.b.evil.co.uk", "evil.co.uk"),
        ("co.uk", "co.uk"),
        ("a.vraagbaak.nl", "vraagbaak.nl"),
        ("com.example", "com.example"),
        ("localhost:8001", "localhost:8001".partition(":")[0]),
        ("a.localhost:8001", "a.localhost"),
        ("127.0.0.1:8001", "127.0.0.1:8001"),
        ("[::1]:8001", "[::1]:8001"),
    ],
)
def test_d16_names_below_one_name_have_one_owner(host: str, owner: str) -> None:
    """What stands below a registered name belongs to whoever registered it."""
    assert owner_of(host) == owner


def test_d16_ten_new_servers_of_one_owner_a_day(clock: Clock) -> None:
    """The eleventh has to wait until the first was a day ago; those that were met already, and others, do not."""
    met = Newcomers(clock)
    for number in range(MOST):
        met.count(f"n{number}.evil.example")
        clock.now += timedelta(minutes=1)
    for attempt in (met.require_room, met.count):
        with pytest.raises(TooFast) as refused:
            attempt("n10.evil.example")
        assert refused.value.retry_after == (timedelta(days=1) - timedelta(minutes=10)).total_seconds()
    met.count("n3.evil.example")
    met.count("a.good.example")
    clock.now += timedelta(seconds=refused.value.retry_after)
    met.count("n10.evil.example")
    with pytest.raises(TooFast):
        met.count("n11.evil.example")


def test_d16_looking_for_room_takes_none(clock: Clock) -> None:
    """Who never proves to be there uses nothing up."""
    met = Newcomers(clock)
    for number in range(1000):
        met.require_room(f"n{number}.evil.example")
    met.count("a.evil.example")


def test_d16_a_laboratory_can_switch_it_off(clock: Clock) -> None:
    met = Newcomers(clock, 0)
    for number in range(1000):
        met.count(f"n{number}.evil.example")


def test_d16_what_is_remembered_has_a_size(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many owners push the oldest out, and nobody makes the memory of one of them grow."""
    monkeypatch.setattr(newcomers, "REMEMBERED", 5)
    met = Newcomers(clock)
    for number in range(50):
        met.count(f"evil{number}.example")
    assert list(met._met) == [f"evil{number}.example" for number in range(45, 50)]
    for number in range(50):
        clock.now += timedelta(days=1)
        met.count(f"n{number}.evil49.example")
    assert len(met._met["evil49.example"]) == 1
