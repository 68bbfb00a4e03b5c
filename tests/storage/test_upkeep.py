"""Forgetting in time, copies of a running database, and finding damage."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from storage import counts, jobs, upkeep
from storage.errors import StorageFault
from storage.hosts import host_answered, host_failed
from storage.policy import RetryPolicy
from storage.records import Host, Knock, Seen
from storage.upkeep import backup, faults, prune
from storage.work import Work
from tests.storage.things import actor, add, question
from vraagbaak.model import (
    Actor,
    ActorKey,
    App,
    AuthorizationCode,
    Invite,
    Member,
    Report,
    Role,
    Session,
    Token,
    Tombstone,
)


def test_only_what_has_had_its_time_is_forgotten(store, clock):
    """Activities after 30 days, sessions and invites when they expire: not a moment earlier, and nothing else."""
    now = clock.now()
    day = timedelta(days=1)

    def unit(tx):
        add(tx, actor(), Member(id="m", actor_id="actor", handle="m"))
        add(tx, Seen(id="old", actor_uri="a", seen_at=now - 30 * day - timedelta(seconds=1)))
        add(tx, Seen(id="new", actor_uri="a", seen_at=now - 30 * day))
        for key, at in (("old", now - timedelta(seconds=1)), ("new", now)):
            add(tx, Session(id=key, member_id="m", created_at=now, expires_at=at))
            add(tx, Invite(id=key, roles=(Role.RESIDENT,), uses_left=1, expires_at=at))
        return prune(tx)

    assert store.run_now(unit) == 3
    assert store.run_now(prune) == 0
    for kind in (Seen, Session, Invite):
        assert [each.id for each in store.read_now(lambda reading, kind=kind: reading.find(kind))] == ["new"]
    assert store.run_now(lambda tx: tx.get(Actor, "actor"))


def test_codes_and_apps_that_nobody_uses_are_forgotten(store, clock):
    """A code when it expires; an app after a year, unless a token or a code of it is still there."""
    made = clock.now()

    def unit(tx):
        add(tx, actor(), Member(id="m", actor_id="actor", handle="m"))
        for key in ("unused", "used", "own", "promised", "young"):
            at = made + timedelta(milliseconds=1) if key == "young" else made
            about = {"name": key, "redirect_uris": ("app://x",), "scopes": ("read",), "created_at": at}
            add(tx, App(id=key, secret_hash="h", **about))
        add(tx, Token(id="t", member_id="m", app_id="used", scopes=("read",), created_at=made))
        add(tx, Token(id="o", app_id="own", scopes=("read",), created_at=made))
        for key, days in (("old", 365), ("new", 366)):
            code = {"app_id": "promised", "member_id": "m", "redirect_uri": "app://x", "scopes": ("read",)}
            add(tx, AuthorizationCode(id=key, expires_at=made + timedelta(days=days), **code))

    store.run_now(unit)
    clock.tick(days=365)
    assert store.run_now(prune) == 0
    clock.tick(milliseconds=1)
    assert store.run_now(prune) == 2
    assert [code.id for code in store.read_now(lambda reading: reading.find(AuthorizationCode))] == ["new"]
    left = {app.id for app in store.read_now(lambda reading: reading.find(App))}
    assert left == {"used", "own", "promised", "young"}


def test_what_was_given_up_is_not_kept_for_ever(store, clock):
    """A buried job, which can hold what somebody elsewhere wrote, goes after 30 days; one that waits never does."""
    made = clock.now()
    store.run_now(lambda tx: [tx.enqueue(Work("receive", "{}")) for _ in range(2)])
    (given_up, _) = store.run_now(jobs.claim, 2, "worker", 60.0, store.policy)
    store.run_now(jobs.bury, given_up, "no")
    store.run_now(jobs.release, "worker")
    clock.moment = made + timedelta(days=30)
    assert store.run_now(prune) == 0
    clock.tick(seconds=1)
    assert store.run_now(prune) == 1
    assert store.read_now(counts.queue).jobs == (("receive", "waiting", 1),)


def test_who_left_is_gone_once_their_deletes_are_signed(store, clock):
    """Eight days after somebody left nothing is left of their row and keys; who is here, or is elsewhere, stays."""
    left = clock.now()

    def unit(tx):
        gone, here = actor("gone", suspended=True), actor("here")
        away = actor("away", uri="https://a.example/u/away", domain="a.example", local=False, suspended=True)
        add(tx, gone, here, away)
        for each in (gone, here, away):
            add(
                tx,
                ActorKey(
                    id=f"{each.uri}#main-key", actor_id=each.id, algorithm="rsa", public="p", sealed="s"
                ),
            )
        for each in (gone, away):
            add(
                tx,
                Tombstone(
                    id=f"{each.uri} {each.uri}",
                    uri=each.uri,
                    actor_uri=each.uri,
                    kind="Person",
                    deleted_at=left,
                ),
            )

    store.run_now(unit)
    clock.moment = left + timedelta(days=8)
    assert store.run_now(prune) == 0
    clock.tick(seconds=1)
    assert store.run_now(prune) == 1
    assert {
        each.actor_id
        for each in store.read_now(
            lambda reading: [
                key for name in ("gone", "here", "away") for key in reading.find(ActorKey, actor_id=name)
            ]
        )
    } == {"here", "away"}
    assert store.read_now(lambda reading: reading.one(Tombstone, uri="https://wester.example/users/gone"))


def test_complaints_are_not_kept_for_ever(store, clock):
    """A complaint goes after ninety days, whether anybody dealt with it or not."""
    made = clock.now()
    store.run_now(
        lambda tx: add(tx, Report(id="r", uri="u", domain="a.example", about=("x",), text="t", made_at=made))
    )
    clock.moment = made + timedelta(days=90)
    assert store.run_now(prune) == 0
    clock.tick(seconds=1)
    assert store.run_now(prune) == 1


def test_d23_how_servers_answer_is_not_kept_for_ever(store, clock, monkeypatch):
    """Of a server that does not answer something is known for 30 days after it was last tried, and of so many at most."""
    policy = RetryPolicy()
    for number in range(20):
        store.run_now(host_failed, f"n{number:02}.evil.example", policy)
        clock.tick(days=1)
    clock.tick(days=30, seconds=1)
    store.run_now(host_failed, "n00.evil.example", policy)  # tried again: known for as long again
    assert store.run_now(prune) == 19

    def left():
        return [host.id for host in store.read_now(lambda reading: reading.find(Host))]

    assert left() == ["n00.evil.example"]
    monkeypatch.setattr(upkeep, "MOST_SILENT_HOSTS", 5)
    for number in range(100):
        store.run_now(host_failed, f"m{number:02}.evil.example", policy)
        clock.tick(seconds=1)
    assert store.run_now(prune) == 96
    assert left() == [f"m{number}.evil.example" for number in range(95, 100)]


def test_d23_a_server_that_answers_leaves_nothing_behind(store):
    """There is no row for a server that is well."""
    store.run_now(host_failed, "oost.example", RetryPolicy())
    store.run_now(host_answered, "oost.example")
    assert store.read_now(lambda reading: reading.find(Host)) == []


async def test_a_copy_can_be_made_while_others_write(store_factory, tmp_path):
    """A backup of a database in use is whole: each unit of work is in it completely or not at all."""
    store, target = store_factory(), tmp_path / "copy.db"

    def unit(tx, number):
        add(tx, actor(f"a{number}"), question(f"q{number}", author_id=f"a{number}"))

    writing = [store.run(unit, number) for number in range(300)]
    await asyncio.gather(asyncio.to_thread(backup, store.file, target), *writing)
    assert faults(target) == []
    copy = store_factory(f"sqlite:///{target}")
    actors = copy.run_now(lambda tx: tx.find(Actor))
    assert len(actors) == copy.run_now(
        lambda tx: len([tx.get(type(question()), f"q{a.id[1:]}") for a in actors])
    )
    assert target.stat().st_mode & 0o077 == 0


def test_a_copy_never_overwrites(store_factory, tmp_path):
    """A backup refuses a file that is there already."""
    target = tmp_path / "mine"
    target.write_text("precious")
    with pytest.raises(StorageFault, match="exists already"):
        backup(store_factory().file, target)
    assert target.read_text() == "precious"


def test_damage_is_found(store_factory):
    """A database with broken pages is not called healthy."""
    store = store_factory()
    store.run_now(lambda tx: add(tx, *[actor(f"a{n}", summary="x" * 500) for n in range(300)]))
    store.close()
    assert faults(store.file) == []
    content = bytearray(store.file.read_bytes())
    for at in range(4096 * 60, len(content), 4096):
        content[at : at + 64] = b"\xff" * 64
    store.file.write_bytes(content)
    assert faults(store.file) != []


def test_how_servers_want_to_be_asked_is_not_kept_for_ever(store, clock, monkeypatch):
    """After 90 days, and beyond a number the oldest first; it costs one knock more to learn it again."""
    made = clock.now()

    def unit(tx):
        for number in range(4):
            add(
                tx,
                Knock(
                    id=f"{number}.example", scheme="rfc9421", noted_at=made + timedelta(milliseconds=number)
                ),
            )

    store.run_now(unit)
    monkeypatch.setattr(upkeep, "MOST_KNOCKS", 3)
    assert store.run_now(prune) == 1
    clock.moment = made + timedelta(days=90, milliseconds=2)
    assert store.run_now(prune) == 1
    left = store.read_now(lambda reading: reading.find(Knock))
    assert [known.id for known in left] == ["2.example", "3.example"]
