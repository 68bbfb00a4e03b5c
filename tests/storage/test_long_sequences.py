"""More work in one sequence than a claim looks at: whatever moves its first job, no host ever stands still."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from storage import jobs
from storage.policy import RetryPolicy
from storage.work import Retry, Wait, Work

POLICY = RetryPolicy()
EAST = "oost.example"
FIRST = Work("first", host=EAST, sequence="s")
MANY = [Work("next", host=EAST, sequence="s")] * (jobs.LANE_WINDOW + 5)
OTHER = Work("other", host=EAST, sequence="t")


def put(store, *works):
    store.run_now(lambda tx: [tx.enqueue(work) for work in works])


def take(store, limit=50, lease=60):
    return store.run_now(jobs.claim, limit, "worker", lease, POLICY)


def kinds(taken):
    return sorted(job.kind for job in taken)


def waits(store, job):
    store.run_now(jobs.put_off, job, Wait(error="changing"), POLICY)


def fails(store, job):
    store.run_now(jobs.give_back, job, Retry(error="Broken"), POLICY)


def is_tried_again(store, job):
    store.run_now(jobs.bury, job, "http 400")
    store.clock.tick(seconds=10)
    assert store.run_now(jobs.retry, job.id)


def is_tried_again_with_all(store, job):
    store.run_now(jobs.bury, job, "http 400")
    store.clock.tick(seconds=10)
    assert store.run_now(jobs.retry_all) == 1


def is_released(store, _job):
    store.run_now(jobs.release, "worker")


def loses_its_lease(store, _job):
    store.clock.tick(seconds=60)
    assert kinds(take(store)) == ["first"]
    store.clock.tick(seconds=60)
    assert take(store) == []


def is_brought_forward(store, job):
    fails(store, job)
    store.run_now(lambda tx: tx.bring_forward(EAST))


MOVES = [
    waits,
    fails,
    is_tried_again,
    is_tried_again_with_all,
    is_released,
    loses_its_lease,
    is_brought_forward,
]


def run_ats(store, sequence="s"):
    """When the jobs of a sequence are due, in their order."""
    statement = text("SELECT run_at FROM jobs WHERE sequence = :s AND state = 'waiting' ORDER BY id")
    return store.read_now(lambda reading: reading.execute(statement, {"s": sequence}).scalars().all())


def all_done(store, clock, works):
    """Do what is due, hour after hour for a day; whether that was all, each in its order."""
    done = []
    for _ in range(24):
        clock.tick(hours=1)
        while taken := take(store):
            for job in taken:
                done.append(job.id)
                store.run_now(jobs.finish, job)
    assert len(done) == works
    return done


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
@pytest.mark.parametrize("before", [True, False], ids=["all there before", "more comes meanwhile"])
def test_no_first_job_is_hidden_by_those_behind_it(store, clock, move, before):
    """Whatever happens to the first of a long sequence, within it nothing is due before it, and all is done in order."""
    put(store, FIRST, *(MANY if before else ()))
    (first,) = take(store)
    if not before:
        clock.tick(seconds=5)
        put(store, *MANY)
    move(store, first)
    put(store, OTHER)
    moments = run_ats(store)
    assert len(moments) == 1 + len(MANY)
    assert moments == sorted(moments)
    done = all_done(store, clock, 2 + len(MANY))
    in_sequence = [each for each in done if each <= first.id + len(MANY)]
    assert in_sequence == sorted(in_sequence)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
@pytest.mark.parametrize("host", [EAST, None], ids=["for a host", "for nobody"])
def test_what_others_stand_behind_is_not_hidden_by_them(store, clock, move, host):
    """So many jobs of other sequences that stand behind one do not hide it, when it is moved, either."""
    many = 11 * jobs.LANE_WINDOW + 60
    put(store, Work("first", host=host, sequence="f"))
    (first,) = take(store)
    put(store, *[Work("next", host=host, sequence=f"s{n}", behind="f") for n in range(many)])
    if host is None and move is is_brought_forward:
        move = fails
    move(store, first)
    assert all_done(store, clock, 1 + many)[0] == first.id


def test_many_that_are_tried_again_stand_behind_the_one_that_waits(store, clock):
    """A whole sequence that was given up and is tried again does not overtake what is waiting in the middle of it."""
    put(store, FIRST, *MANY)
    (first,) = take(store)
    fails(store, first)
    clock.tick(days=1)
    for _ in range(len(MANY)):
        (job,) = take(store)
        store.run_now(jobs.bury, job, "http 400")
    (last,) = take(store)
    fails(store, last)
    assert store.run_now(jobs.retry_all) == len(MANY)
    moments = run_ats(store)
    assert moments == sorted(moments)
    assert all_done(store, clock, 1 + len(MANY)) == list(range(first.id, last.id + 1))


def test_a_queue_that_was_left_in_disorder_goes_on(store, clock):
    """However the first job of a sequence came to be due after all others: when it is due, it is found."""
    put(store, FIRST, *MANY)
    clock.tick(seconds=10)
    disorder = text("UPDATE jobs SET run_at = run_at + 10000 WHERE kind = 'first'")
    store.run_now(lambda tx: tx.execute(disorder))
    put(store, OTHER)
    assert kinds(take(store)) == ["first"]
    all_done(store, clock, 2 + len(MANY))
