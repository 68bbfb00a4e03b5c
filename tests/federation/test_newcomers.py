"""Who counts as one owner, and how many new servers of one owner are met in a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from federation.newcomers import MOST, Newcomers, owner_of
from storage import upkeep
from storage.memory import TickingClock
from storage.records import Newcomer
from storage.store import Store
from vraagbaak.errors import TooFast
from vraagbaak.model import Home

HOME = Home(base_url="https://noord.example", slug="noord", name="Noord")


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
        ("a.b.gov.br", "b.gov.br"),
        ("x.kobe.jp", "x.kobe.jp"),
        ("a.b.x.kobe.jp", "b.x.kobe.jp"),
        ("a.city.kobe.jp", "city.kobe.jp"),
        ("a.evil.com.de", "com.de"),
        ("n1.duckdns.org", "duckdns.org"),
        ("n1.evil.github.io", "github.io"),
        ("A.EVIL.EXAMPLE.", "evil.example"),
        ("a.evil.xn--p1ai", "evil.xn--p1ai"),
        ("." * 300, ""),
        ("localhost:8001", "localhost:8001".partition(":")[0]),
        ("a.localhost:8001", "a.localhost"),
        ("127.0.0.1:8001", "127.0.0.1:8001"),
        ("[::1]:8001", "[::1]:8001"),
    ],
)
def test_d16_names_below_one_name_have_one_owner(host: str, owner: str) -> None:
    """What stands below a registered name belongs to whoever registered it."""
    assert owner_of(host) == owner


@pytest.fixture
def clock():
    return TickingClock()


@pytest.fixture
def opened(tmp_path, clock):
    """Opens the same database, as often as it is called."""
    made = []

    def again():
        for old in made:
            old.close()
        made.append(Store.open("", home=HOME, clock=clock, folder=tmp_path))
        return made[-1]

    yield again
    made[-1].close()


async def test_d16_ten_new_servers_of_one_owner_a_day(opened, clock) -> None:
    """The eleventh has to wait until the first was a day ago, also after a restart; others do not."""
    met = Newcomers(opened())
    for number in range(MOST):
        await met.count(f"n{number}.evil.example")
        clock.tick(minutes=1)
    met = Newcomers(opened())
    for attempt in (met.require_room, met.count):
        with pytest.raises(TooFast) as refused:
            await attempt("n10.evil.example")
        assert refused.value.retry_after == (timedelta(days=1) - timedelta(minutes=10)).total_seconds()
    await met.count("n3.evil.example")
    await met.count("a.good.example")
    clock.tick(seconds=refused.value.retry_after)
    await met.count("n10.evil.example")
    with pytest.raises(TooFast):
        await met.count("n11.evil.example")


async def test_d16_looking_for_room_takes_none(opened) -> None:
    """Who never proves to be there uses nothing up."""
    met = Newcomers(opened())
    for number in range(100):
        await met.require_room(f"n{number}.evil.example")
    await met.count("a.evil.example")


async def test_d16_a_laboratory_can_switch_it_off(opened) -> None:
    store = opened()
    met = Newcomers(store, 0)
    for number in range(100):
        await met.count(f"n{number}.evil.example")
    assert store.read_now(lambda reading: reading.find(Newcomer)) == []


async def test_d16_what_is_remembered_has_a_size(opened, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many owners push the oldest out; after a day a server is forgotten, and counts anew when it comes again."""
    monkeypatch.setattr(upkeep, "MOST_NEWCOMERS", 5)
    store = opened()
    met = Newcomers(store)
    for number in range(20):
        clock.tick(seconds=1)
        await met.count(f"evil{number}.example")
    store.run_now(upkeep.prune)
    left = store.read_now(lambda reading: reading.find(Newcomer))
    assert sorted(each.id for each in left) == [f"evil{number}.example" for number in range(15, 20)]
    clock.tick(days=1)
    await met.count("evil19.example")
    store.run_now(upkeep.prune)
    (only,) = store.read_now(lambda reading: reading.find(Newcomer))
    assert only == Newcomer(id="evil19.example", owner="evil19.example", met_at=clock.now())
