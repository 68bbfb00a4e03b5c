"""Units of work next to each other: none harms another, none is answered before it is safe."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.clock import UlidIds
from storage.errors import Closed
from storage.tx import SqlTx
from storage.work import Work
from tests.storage.things import actor, add, follow
from vraagbaak.errors import Invalid, Refused
from vraagbaak.model import Actor, Follow


async def test_a_unit_that_fails_harms_no_other_of_its_group(store):
    """Of a hundred units at once every third fails: exactly the others are stored."""

    def unit(tx, number):
        tx.add(actor(f"a{number:03}"))
        if number % 3 == 0:
            raise Refused
        return number

    given = await asyncio.gather(*[store.run(unit, number) for number in range(100)], return_exceptions=True)
    assert [isinstance(each, Refused) for each in given] == [number % 3 == 0 for number in range(100)]
    stored = await store.read(lambda reading: reading.find(Actor))
    assert [each.id for each in stored] == [f"a{number:03}" for number in range(100) if number % 3]


async def test_a_broken_statement_harms_no_other_of_its_group(store):
    """A unit whose SQL the database refuses fails alone."""
    broken = store.run(lambda tx: tx.execute(text("SELECT * FROM nowhere")))
    answers = await asyncio.gather(store.run(add, actor()), broken, return_exceptions=True)
    assert answers[0] is None
    assert isinstance(answers[1], DBAPIError)
    assert await store.read(lambda reading: reading.get(Actor, "actor")) == actor()


async def test_an_answer_means_that_it_is_stored(url, store_factory):
    """Whoever awaited a unit finds it in the database through any other connection at once."""
    store, other = store_factory(url), store_factory(url)
    for number in range(30):
        await store.run(add, actor(f"a{number}"))
        assert await store.read(lambda reading, key: reading.get(Actor, key), f"a{number}")
        assert await other.read(lambda reading, key: reading.get(Actor, key), f"a{number}")


async def test_a_caller_that_went_away_breaks_nothing(store):
    """A cancelled caller gets no answer, and the units beside it get theirs."""
    gate, started = threading.Event(), threading.Event()

    def slow(tx):
        started.set()
        gate.wait(5)

    gone = asyncio.ensure_future(store.run(slow))
    await asyncio.to_thread(started.wait, 5)
    stays = asyncio.ensure_future(store.run(add, actor()))
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    gate.set()
    await stays
    assert await store.read(lambda reading: reading.get(Actor, "actor")) == actor()


async def test_i02_units_of_several_processes_do_not_lose_each_others_changes(url, store_factory):
    """Counting up from two stores at the same time loses no count: who lost a race is run again."""
    stores = [store_factory(url), store_factory(url)]
    stores[0].run_now(add, actor(summary="0"))

    def count(tx):
        before = tx.get(Actor, "actor")
        tx.save(replace(before, summary=str(int(before.summary) + 1)))

    async def many(store):
        done = 0
        while done < 15:
            try:
                await store.run(count)
                done += 1
            except DBAPIError:
                continue  # PostgreSQL gave up after five lost races: nothing was counted

    await asyncio.gather(*[many(store) for store in stores])
    assert stores[0].read_now(lambda reading: reading.get(Actor, "actor")).summary == "30"


async def test_i02_of_two_that_want_the_same_key_at_once_one_gets_it(url, store_factory):
    """Two processes adding the same thing at the same moment: one is stored, the other hears that it exists."""
    stores = [store_factory(url), store_factory(url)]
    stores[0].run_now(add, actor(), actor("other"))
    wishes = [stores[number % 2].run(add, follow(f"f{number}")) for number in range(20)]
    answers = await asyncio.gather(*wishes, return_exceptions=True)
    refused = [each for each in answers if isinstance(each, Invalid)]
    assert len(refused) == 19
    assert {each.code for each in refused} == {"exists"}
    assert len(stores[1].read_now(lambda reading: reading.find(Follow, follower_id="actor"))) == 1


@pytest.mark.postgres
def test_a_connection_that_breaks_is_replaced(postgres_url, store_factory):
    """When the database goes away in the middle of a unit, it is run again on a new connection, once."""
    store, breaks = store_factory(postgres_url), iter([True, False])

    def unit(tx):
        tx.add(actor())
        if next(breaks):
            tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    store.run_now(unit)
    assert store.read_now(lambda reading: reading.find(Actor)) == [actor()]


def test_a_reading_cannot_write(store):
    """Whatever a reading tries, the database refuses to change."""
    with pytest.raises(DBAPIError):
        store.read_now(lambda reading: reading.execute(text("DELETE FROM actors")))
    with pytest.raises(Exception, match=r"read-?only"):
        store.read_now(lambda reading: add(sneaky(reading), actor()))


def sneaky(reading):
    """A unit of work on the connection of a reading."""
    return SqlTx(reading._connection, home=reading.home, now=reading.now, ids=None, reactions={})


def test_a_reading_sees_one_state(store):
    """What is stored while a reading goes on is not seen by it, so that a page does not contradict itself."""

    def reading_twice(reading):
        before = reading.find(Actor)
        store.run_now(add, actor())
        return before, reading.find(Actor)

    assert store.read_now(reading_twice) == ([], [])
    assert store.read_now(lambda reading: len(reading.find(Actor))) == 1


def test_i10_readers_do_not_wait_for_the_writer(store):
    """A page can be read while a long unit of work is going on, and sees nothing of it."""

    def long(tx):
        tx.add(actor())
        return store.read_now(lambda reading: reading.find(Actor))

    assert store.run_now(long) == []


def test_a_unit_that_waits_for_itself_is_a_fault(store_factory):
    """On SQLite a unit inside a unit would wait forever: it fails at once instead."""
    store = store_factory()
    with pytest.raises(RuntimeError, match="inside itself"):
        store.run_now(lambda tx: store.run_now(add, actor()))


async def test_a_closed_store_says_so(store):
    """After closing, a unit or reading is refused instead of never being answered; closing twice is fine."""
    store.close()
    store.close()
    for attempt in (lambda: store.run_now(add, actor()), lambda: store.read_now(lambda reading: None)):
        with pytest.raises(Closed):
            attempt()
    with pytest.raises(Closed):
        await store.run(add, actor())


async def test_closing_finishes_what_waits(url, store_factory):
    """What was asked for before closing is still done and answered."""
    store = store_factory(url)
    wishes = [asyncio.ensure_future(store.run(add, actor(f"a{number:02}"))) for number in range(50)]
    await store.read(lambda reading: None)
    await asyncio.to_thread(store.close)
    await asyncio.gather(*wishes)
    assert len(store_factory(url).read_now(lambda reading: reading.find(Actor))) == 50


async def test_new_jobs_wake_who_listens(url, store_factory):
    """A commit that queued work fires the signal, also in another process on PostgreSQL; others do not."""
    store = store_factory(url)
    other = store_factory(url) if store.dialect == "postgresql" else store
    with store.signals.jobs.listen() as woken:
        if other is not store:  # it fires once as soon as it can hear the other
            await woken.wait()
            woken.clear()
        await other.run(add, actor())
        assert not woken.is_set()
        await other.run(lambda tx: tx.enqueue(Work("something")))
        async with asyncio.timeout(5):
            await woken.wait()


def test_errors_do_not_repeat_what_people_wrote(store):
    """The text of a database error holds no values, so that no log can."""
    with pytest.raises(DBAPIError) as fault:
        store.run_now(lambda tx: tx.execute(text("SELECT :secret FROM nowhere"), {"secret": "mijn geheim"}))
    assert "geheim" not in str(fault.value)


def test_the_file_is_for_its_owner_only(store_factory):
    """Nobody else on the machine can read the database or its side files."""
    store = store_factory()
    store.run_now(add, actor())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in store.file.parent.glob(f"{store.file.name}*")}
    assert modes == {0o600}


def test_what_is_removed_is_gone_from_the_file(store_factory):
    """Once the log of changes is folded in, removed text is nowhere in the file any more."""
    store = store_factory()
    store.run_now(add, actor(summary="onvindbaar" * 10))
    store.run_now(lambda tx: tx.remove(actor()))
    store.close()
    assert b"onvindbaar" not in store.file.read_bytes()
    with sqlite3.connect(store.file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_what_is_made_in_one_unit_sorts_as_it_was_made(store_factory, url):
    """Two answers that come in together stand in the order in which they came, and their ids tell nothing more."""
    store = store_factory(url, ids=UlidIds())
    made = store.run_now(lambda tx: [tx.new_id() for _ in range(200)])
    assert made == sorted(made)
    assert len({each[-4:] for each in made}) > 190


def test_what_is_acknowledged_survives_a_power_cut(store_factory, tmp_path):
    """SQLite writes each group of units to the disk before anybody hears that it happened."""
    store = store_factory("")
    assert store.run_now(lambda tx: tx.connection.exec_driver_sql("PRAGMA synchronous").scalar()) == 2
    assert store.run_now(lambda tx: tx.connection.exec_driver_sql("PRAGMA journal_mode").scalar()) == "wal"
