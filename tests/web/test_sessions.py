"""Signing in and out, and who is looking."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from tests.web.serving import Serving
from vraagbaak import members
from vraagbaak.errors import Invalid, NeedsMember, NotYours, TooFast
from vraagbaak.model import Session
from web import heavy, passwords, sessions
from web.site import Visitor

GOOD = "fiets regen brood lamp"


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


async def joined(pilot, handle="noor", password=GOOD):
    return pilot.member(handle, password_hash=await passwords.hashed(password))


async def try_in(pilot, handle="noor", password=GOOD, **headers):
    async with pilot.client(**{"Sec-Fetch-Site": "same-origin", **headers}) as browser:
        return await browser.post("/aanmelden", data={"handle": handle, "password": password})


def secret_of(answer):
    return answer.headers["set-cookie"].partition(";")[0].partition("=")[2]


@pytest.mark.parametrize(
    ("handle", "password"),
    [
        ("noor", "fiets regen brood lam"),
        ("noor", ""),
        ("noor", GOOD.upper()),
        ("noor", GOOD * 1000),
        ("nobody", GOOD),
        ("noor\x00", GOOD),
        ("' OR 1=1 --", GOOD),
        ("é" * 5000, GOOD),
        ("buurtgenoot-wester", ""),
        ("", ""),
    ],
)
async def test_h10_wrong_names_and_wrong_passwords_get_one_answer(pilot, handle, password):
    await joined(pilot)
    pilot.member("leeg")  # made without a password: nobody signs in as such
    wanted = (await try_in(pilot, "leeg", "")).content
    answer = await try_in(pilot, handle, password)
    assert (answer.status_code, answer.content) == (422, wanted)
    assert "set-cookie" not in answer.headers


async def test_h10_a_wrong_name_takes_as_long_as_a_wrong_password(pilot):
    await joined(pilot)

    async def taken(handle):
        spent = []
        for _ in range(5):
            before = time.thread_time(), time.perf_counter()
            await passwords.matches(None if handle == "nobody" else known.password_hash, "een verkeerde gok")
            spent.append(time.perf_counter() - before[1])
        return min(spent)

    known = pilot.store.read_now(members.by_handle, "noor")
    await taken("nobody")  # the dummy is made at first use
    right, wrong = await taken("noor"), await taken("nobody")
    assert 0.5 < wrong / right < 2


async def test_h08_the_cookie_is_bound_to_this_host_and_out_of_reach_of_scripts(pilot):
    await joined(pilot)
    cookie = (await try_in(pilot)).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-session=")
    assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=2592000"} <= parts
    assert not any(part.startswith("domain") for part in parts)


async def test_on_plain_http_the_cookie_has_its_plain_name(store_factory):
    plain = Serving(store_factory, base_url="http://localhost:8000")
    await joined(plain)
    cookie = (await try_in(plain)).headers["set-cookie"]
    assert cookie.startswith("session=")
    assert "secure" not in cookie.lower()
    async with plain.client(Cookie=f"session={secret_of(await try_in(plain))}") as browser:
        assert (await browser.get("/wie")).json()["handle"] == "noor"


async def test_a_visitor_without_account_gets_no_cookie_at_all(pilot):
    async with pilot.client() as browser:
        for path in ("/wie", "/meedoen", "/nergens", "/stuk/x", "/healthz"):
            assert "set-cookie" not in (await browser.get(path)).headers


async def test_h08_signing_in_gives_a_new_secret_and_ends_the_one_before(pilot):
    await joined(pilot)
    planted = "a" * 43
    first = secret_of(await try_in(pilot, Cookie=f"__Host-session={planted}"))
    second = secret_of(await try_in(pilot, Cookie=f"__Host-session={first}"))
    assert len({planted, first, second}) == 3
    for secret, handle in ((planted, None), (first, None), (second, "noor")):
        async with pilot.client(Cookie=f"__Host-session={secret}") as browser:
            assert (await browser.get("/wie")).json()["handle"] == handle


async def test_h06_a_secret_is_kept_as_a_hash_only(pilot):
    await joined(pilot)
    secret = secret_of(await try_in(pilot))
    assert pilot.store.read_now(lambda reading: reading.one(Session, id=secret)) is None
    assert pilot.store.read_now(lambda reading: reading.one(Session, id=sessions.hash_of(secret)))


async def test_h06_a_hash_from_the_database_is_no_way_in(pilot):
    await joined(pilot)
    stolen = sessions.hash_of(secret_of(await try_in(pilot)))
    async with pilot.client(Cookie=f"__Host-session={stolen}") as browser:
        assert (await browser.get("/wie")).json()["handle"] is None


async def test_a_session_ends_after_thirty_days(pilot):
    await joined(pilot)
    cookie = f"__Host-session={secret_of(await try_in(pilot))}"
    for span, handle in ((timedelta(days=29, hours=23), "noor"), (timedelta(hours=1), None)):
        pilot.later(span)
        async with pilot.client(Cookie=cookie) as browser:
            assert (await browser.get("/wie")).json()["handle"] == handle


async def test_signing_out_ends_the_session_and_takes_the_cookie(pilot):
    await joined(pilot)
    cookie = {"Cookie": f"__Host-session={secret_of(await try_in(pilot))}", "Sec-Fetch-Site": "same-origin"}
    async with pilot.client(**cookie) as browser:
        gone = (await browser.post("/afmelden")).headers["set-cookie"]
        assert gone.startswith('__Host-session="";')
        assert "max-age=0" in gone.lower()
        assert "secure" in gone.lower()
        assert (await browser.get("/wie")).json()["handle"] is None


async def test_a_session_of_somebody_who_left_is_nobodys(pilot):
    member = await joined(pilot)
    cookie = f"__Host-session={secret_of(await try_in(pilot))}"
    pilot.store.run_now(members.leave, member)
    async with pilot.client(Cookie=cookie) as browser:
        assert (await browser.get("/wie")).json()["handle"] is None
    assert (await try_in(pilot)).status_code == 422


async def test_h09_a_new_password_ends_the_other_sessions_and_tokens(pilot):
    member = await joined(pilot)
    cookie, token = f"__Host-session={secret_of(await try_in(pilot))}", pilot.token(member)
    pilot.store.run_now(members.change_password, member, await passwords.hashed("een heel ander woord"))
    async with pilot.client(Cookie=cookie) as browser, pilot.program(token) as program:
        assert (await browser.get("/wie")).json()["handle"] is None
        assert (await program.get("/questions")).status_code == 401


@pytest.mark.parametrize(
    ("had", "wanted", "may"),
    [
        (("*",), "write:statuses", True),
        (("write",), "write", True),
        (("write",), "write:statuses", True),
        (("write:statuses",), "write:statuses", True),
        (("write:statuses",), "write", False),
        (("write:statuses",), "write:media", False),
        (("read",), "write", False),
        (("read:accounts", "follow"), "read", False),
        (("w",), "write", False),
        ((), "read", False),
    ],
)
def test_a_narrow_scope_covers_itself_and_a_wide_one_its_parts(pilot, had, wanted, may):
    member = pilot.member("noor")
    visitor = Visitor(member=member, actor=pilot.actor(member), scopes=had)
    if may:
        assert sessions.require_scope(visitor, wanted)[0] is member
    else:
        with pytest.raises(NotYours) as refused:
            sessions.require_scope(visitor, wanted)
        assert refused.value.code == "scope"


def test_a_passer_by_has_no_scope():
    with pytest.raises(NeedsMember):
        sessions.require_scope(Visitor(scopes=("*",)), "read")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "kort",
        "123456789",
        "1234567890",
        "Wachtwoord-123",
        "aaaaaaaaaaaaaa",
        "abababababab",
        "Noor-1958-1958",
        "welkom 2026",
        "noornoornoor",
        "x" * 501,
        "Q W E R T Y U I O P",
    ],
)
def test_passwords_that_others_guess_are_refused(password):
    with pytest.raises(Invalid) as refused:
        passwords.check_new("Noor", password)
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "password",
    [GOOD, "correct horse battery", "ünïcødé wachtwoord", "noor loopt naar huis", "😀🚲🌧️🍞💡🌳🐕🏠🎈🎁"],
)
def test_long_ones_of_your_own_are_fine(password):
    passwords.check_new("noor", password)


async def test_one_password_typed_on_two_keyboards_is_one_password():
    assert await passwords.matches(await passwords.hashed("cafe\u0301 op de hoek"), "caf\u00e9 op de hoek")


@pytest.mark.parametrize("kept", [None, "", "plain", "$argon2id$v=19$m=1", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_hash_that_is_none_fits_nothing(kept):
    assert not await passwords.matches(kept, "plain")


async def test_h11_a_crowd_before_the_door_is_asked_to_wait():
    tries = [passwords.matches(None, "een gok") for _ in range(heavy.MOST_WAITING + 3)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, TooFast) for result in results) == 3
    assert all(result is False for result in results[: heavy.MOST_WAITING])
