"""A disk without room: a plain sentence, nothing stored by half, and all goes on once there is room."""

from __future__ import annotations

import pytest

from storage.errors import is_out_of_room
from tests.web.visiting import Page, Village
from vraagbaak.model import Question


@pytest.fixture
def village(store_factory):
    return Village(store_factory)


def pages(tx, most=None):
    """Let the database have no more pages than it has now, or than this."""
    run = tx.connection.exec_driver_sql
    run(f"PRAGMA max_page_count = {most or run('PRAGMA page_count').scalar()}")


async def test_a_full_disk_is_said_and_loses_nothing(village):
    """The visitor may come back (503), a program hears when, and what was there is still there."""
    noor = village.member("noor")
    village.ask(noor, "Wat was er al?")
    client = village.as_member(noor)
    village.store.run_now(pages)
    long = {"body": "woord " * 800, "scope": "neighbourhood"}
    for number in range(50):
        answer = await client.post("/vraag", data={"title": f"Past dit nog, {number}?", **long})
        if answer.status_code != 303:
            break
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "de server is vol" in Page(answer).words
    kept = village.store.read_now(lambda reading: reading.find(Question, author_id=noor.actor_id))
    assert len(kept) == number + 1
    assert (await client.get("/vragen")).status_code == 200
    village.store.run_now(pages, 1_000_000)
    again = await client.post("/vraag", data={"title": f"Past dit nog, {number}?", **long})
    assert again.status_code == 303


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_READONLY_DBMOVED"])
def test_a_disk_that_cannot_be_written_is_known_by_its_code(name):
    """Wherever in the chain of causes it stands; other faults are other faults."""
    inner = OSError("disk")
    inner.sqlite_errorname = name
    outer = ValueError("unit")
    outer.__cause__ = inner
    assert is_out_of_room(outer)
    inner.sqlite_errorname = "SQLITE_CORRUPT"
    assert not is_out_of_room(outer)
    assert not is_out_of_room(ValueError("x"))
