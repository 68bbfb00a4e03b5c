"""How often something may be done, and what is remembered for that."""

from __future__ import annotations

import pickle
import tracemalloc
from datetime import timedelta

import pytest
from starlette.requests import Request

from storage.memory import TickingClock
from tests.web.serving import Serving
from vraagbaak.config import Config
from vraagbaak.errors import TooFast
from web import limits
from web.limits import Counter, Limits, Rule


def request(address="192.0.2.1", *forwarded):
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    client = (address, 1) if address else None
    return Request({"type": "http", "headers": headers, "client": client, "path": "/", "method": "GET"})


def made(*proxies, **settings):
    clock = TickingClock()
    return Limits(Config(trusted_proxies=proxies, **settings), clock), clock


def allowed(take, most=2000):
    for number in range(most):
        try:
            take()
        except TooFast as refused:
            return number, refused.retry_after
    return most, 0


@pytest.mark.parametrize(
    ("proxies", "sender", "forwarded", "found"),
    [
        ((), "192.0.2.1", ("198.51.100.7",), "192.0.2.1"),
        (("10.0.0.1",), "192.0.2.1", ("198.51.100.7",), "192.0.2.1"),
        (("10.0.0.1",), "10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        (("10.0.0.1",), "10.0.0.1", ("203.0.113.9, 198.51.100.7",), "198.51.100.7"),
        (("10.0.0.1",), "10.0.0.1", ("203.0.113.9", "198.51.100.7"), "198.51.100.7"),
        (("10.0.0.0/8",), "10.0.0.1", ("198.51.100.7, 10.9.9.9",), "198.51.100.7"),
        (("10.0.0.1",), "10.0.0.1", ("10.0.0.1, 10.0.0.1",), "10.0.0.1"),
        (("10.0.0.1",), "10.0.0.1", ("198.51.100.7, nonsense",), "10.0.0.1"),
        (("10.0.0.1",), "10.0.0.1", ("198.51.100.7:4711",), "10.0.0.1"),
        (("10.0.0.1",), "10.0.0.1", ("",), "10.0.0.1"),
        (("10.0.0.1",), "10.0.0.1", (), "10.0.0.1"),
        (("10.0.0.1",), "::ffff:10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        (("::1",), "::1", ("2001:db8::5",), "2001:db8::5"),
        (("0.0.0.0/0",), "192.0.2.1", ("1.1.1.1, 2.2.2.2",), "1.1.1.1"),
    ],
)
def test_h12_only_our_own_proxies_are_believed(proxies, sender, forwarded, found):
    counted, _ = made(*proxies)
    assert str(counted.address_of(request(sender, *forwarded))) == found


def test_h12_a_forged_header_gives_no_fresh_tries():
    counted, _ = made("10.0.0.1")
    numbers = iter(range(100))
    assert allowed(lambda: counted.join(request("192.0.2.1", f"1.2.3.{next(numbers)}")))[0] == 10
    assert allowed(lambda: counted.join(request("10.0.0.1", f"9.9.9.{next(numbers)}, 192.0.2.2")))[0] == 10


def test_neighbours_in_one_ipv6_network_count_as_one():
    counted, _ = made()
    numbers = iter(range(100))
    assert allowed(lambda: counted.join(request(f"2001:db8::{next(numbers)}")))[0] == 10
    counted.join(request("2001:db8:0:1::1"))


@pytest.mark.parametrize("address", ["", "testclient", "unix:", "fe80::1%eth0"])
def test_a_sender_without_an_address_is_limited_too(address):
    counted, _ = made()
    assert allowed(lambda: counted.join(request(address)))[0] == 10


@pytest.mark.parametrize(
    ("name", "burst", "pause"),
    [("sign_in", 10, 30), ("join", 10, 360), ("ask", 20, 180), ("api", 300, 1)],
)
def test_after_the_burst_one_more_each_pause(name, burst, pause):
    counted, clock = made()
    take = getattr(counted, name)
    arguments = (request(), "noor") if name == "sign_in" else (request(),)
    assert allowed(lambda: take(*arguments)) == (burst, pause)
    clock.tick(seconds=pause)
    assert allowed(lambda: take(*arguments))[0] == 1
    clock.tick(hours=2)
    assert allowed(lambda: take(*arguments))[0] == burst


def test_trying_again_while_refused_makes_it_no_worse():
    counter = Counter(Rule(burst=1, pause=10))
    counter.take("a", 100)
    for _ in range(50):
        with pytest.raises(TooFast):
            counter.take("a", 105)
    counter.take("a", 110)


def test_h11_one_name_from_many_addresses_is_limited():
    counted, _ = made()
    numbers = iter(range(250))
    assert allowed(lambda: counted.sign_in(request(f"192.0.2.{next(numbers)}"), " Noor "))[0] == 10
    counted.sign_in(request("198.51.100.1"), "sam")


def test_d25_an_inbox_takes_a_burst_and_then_sixty_a_second_per_host():
    counted, clock = made()
    assert allowed(lambda: counted.inbox("busy.example"))[0] == 600
    counted.inbox("other.example")
    clock.tick(seconds=1)
    assert allowed(lambda: counted.inbox("busy.example"))[0] in {59, 60}


def test_a_laboratory_can_switch_all_of_it_off():
    counted, _ = made(lab_limits="off")
    assert allowed(lambda: counted.sign_in(request(), "noor"))[0] == 2000


def test_i05_a_clock_that_goes_back_locks_nobody_out():
    counter = Counter(Rule(burst=2, pause=10))
    counter.take("a", 1000)
    with pytest.raises(TooFast) as refused:
        counter.take("a", 500)
    assert refused.value.retry_after == 10
    counter.take("a", 510)


def test_a_million_strangers_take_a_bounded_room_and_leave_the_busy_one_known():
    counter = Counter(Rule(burst=2, pause=1000))
    tracemalloc.start()
    for number in range(100_000):
        counter.take(number.to_bytes(16, "big"), number / 1000)
        if number % 5000 == 0:
            assert allowed(lambda: counter.take("busy", number / 1000))[0] in {0, 2}  # noqa: B023
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(counter.new_again) <= limits.MOST_COUNTERS
    assert used < 5_000_000


def test_no_address_is_kept_and_tomorrow_it_is_another(caplog):
    counted, clock = made()
    counted.sign_in(request("198.51.100.77"), "noortje")
    first = counted.address_key(request("198.51.100.77"))
    kept = pickle.dumps(
        [counter.new_again for counter in vars(counted).values() if isinstance(counter, Counter)]
    )
    assert b"198.51.100.77" not in kept
    assert bytes([198, 51, 100, 77]) not in kept
    assert b"noortje" not in kept
    assert counted.address_key(request("198.51.100.77")) == first
    clock.tick(days=1)
    assert counted.address_key(request("198.51.100.77")) != first
    assert made()[0].address_key(request("198.51.100.77")) != first
    assert not caplog.records


async def test_who_goes_too_fast_hears_how_long_to_wait(store_factory):
    pilot = Serving(store_factory)
    async with pilot.client() as browser:
        for _ in range(10):
            assert (await browser.get("/meedoen")).status_code == 200
        page = await browser.get("/meedoen", headers={"Accept": "text/html"})
        data = await browser.get("/meedoen", headers={"Accept": "application/json"})
    assert (page.status_code, data.status_code) == (429, 429)
    assert page.headers["retry-after"] == data.headers["retry-after"] == "360"
    assert data.json()["code"] == "too-fast"
    async with pilot.client("192.0.2.99") as other:
        assert (await other.get("/meedoen")).status_code == 200
    pilot.later(timedelta(minutes=6))
    async with pilot.client() as browser:
        assert (await browser.get("/meedoen")).status_code == 200


async def test_h11_guessing_a_password_stops_before_the_password_is_looked_at(store_factory):
    pilot = Serving(store_factory)
    async with pilot.client() as browser:
        given = {"handle": "noor", "password": "een gok"}
        found = [(await browser.post("/aanmelden", data=given)).status_code for _ in range(11)]
    assert found == [422] * 10 + [429]
