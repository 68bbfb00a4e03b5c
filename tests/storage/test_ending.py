"""Questions without an account that end when their asker wished, and what is told of their deletion."""

from __future__ import annotations

from datetime import timedelta

from storage import jobs, receipts
from storage.policy import RetryPolicy
from storage.receipts import Outcome, Receipt
from storage.records import Sent
from storage.upkeep import prune
from storage.work import PUBLISH, Retry, Work
from tests.storage.things import actor, add, pilot, question
from vraagbaak.model import Question, ReturnCode, Scope

DAY = timedelta(days=1)
URI = "https://wester.example/q/q1"


def put(tx, key="q1", ends=DAY, **more):
    """A question of the shared neighbour with its code."""
    made = question(key, uri=f"https://wester.example/q/{key}", scope=Scope.PILOTS)
    add(tx, made, ReturnCode(id=f"lock of {key}", question_id=key, ends_at=tx.now + ends, **more))


def left(store):
    return store.read_now(lambda reading: [each.id for each in reading.find(Question)])


def test_a_question_ends_when_its_asker_wished(store, clock):
    """Not a moment earlier; by the clock of the port, everywhere, and the code stays to show receipts."""
    store.run_now(lambda tx: (add(tx, actor(shared=True)), put(tx), put(tx, "q2", 2 * DAY)))
    clock.tick(days=1, seconds=-1)
    store.run_now(prune)
    assert left(store) == ["q1", "q2"]
    clock.tick(seconds=1)
    store.run_now(prune)
    assert left(store) == ["q2"]
    ended = store.read_now(lambda reading: reading.get(ReturnCode, "lock of q1"))
    assert ended.ended_at == clock.now()
    assert store.run_now(prune) == 0


def test_many_that_end_at_once_end_a_part_at_a_time(store, clock):
    """No unit of work takes for ever."""
    store.run_now(lambda tx: (add(tx, actor(shared=True)), [put(tx, f"q{n}") for n in range(250)]))
    clock.tick(days=1)
    store.run_now(prune)
    assert len(left(store)) == 50
    store.run_now(prune)
    assert left(store) == []


def test_the_code_goes_thirty_days_after_its_question(store, clock):
    """Then nothing is left of it."""
    store.run_now(lambda tx: (add(tx, actor(shared=True)), put(tx)))
    clock.tick(days=1)
    store.run_now(prune)
    clock.tick(days=30)
    store.run_now(prune)
    assert len(store.read_now(lambda reading: reading.find(ReturnCode))) == 1
    clock.tick(seconds=1)
    assert store.run_now(prune) == 1
    assert store.read_now(lambda reading: reading.find(ReturnCode)) == []


def sent(tx, *hosts):
    add(
        tx,
        *(
            Sent(id=f"sent {host}", thing_uri=URI, inbox=f"https://{host}/inbox", host=host, sent_at=tx.now)
            for host in hosts
        ),
    )


def told(tx, host):
    tx.enqueue(Work("deliver", "{}", host=host, sequence=f"https://{host}/inbox {URI}"))


def outcomes(store, since):
    return {each.host: each.outcome for each in store.read_now(receipts.of, URI, since)}


def test_receipts_follow_what_the_queue_still_holds(store, clock):
    """Untold, waiting, confirmed or given up: server by server."""
    since = clock.now()

    def unit(tx):
        sent(tx, "a.example", "b.example", "c.example")
        tx.enqueue(Work(PUBLISH, "{}", sequence=f"{PUBLISH} {URI}"))

    store.run_now(unit)
    assert set(outcomes(store, since).values()) == {Outcome.WAITING}
    (job,) = store.run_now(jobs.claim, 9, "w", 60, RetryPolicy())
    store.run_now(lambda tx: (jobs.finish(tx, job), [told(tx, f"{name}.example") for name in "abc"]))
    assert set(outcomes(store, since).values()) == {Outcome.WAITING}
    for job in store.run_now(jobs.claim, 9, "w", 60, RetryPolicy()):
        if job.host == "a.example":
            store.run_now(jobs.finish, job)
        if job.host == "b.example":
            store.run_now(jobs.bury, job, "http 403")
        if job.host == "c.example":
            store.run_now(jobs.give_back, job, Retry(error="no answer"), RetryPolicy())
    assert outcomes(store, since) == {
        "a.example": Outcome.CONFIRMED,
        "b.example": Outcome.FAILED,
        "c.example": Outcome.WAITING,
    }


def test_what_failed_before_the_deletion_is_not_about_it(store, clock):
    """A server that refused the question but took its deletion has confirmed it."""
    store.run_now(lambda tx: (sent(tx, "a.example"), told(tx, "a.example")))
    (job,) = store.run_now(jobs.claim, 9, "w", 60, RetryPolicy())
    store.run_now(jobs.bury, job, "http 403")
    assert outcomes(store, clock.tick(seconds=1)) == {"a.example": Outcome.CONFIRMED}


def test_a_pilot_is_called_by_its_name(store, clock):
    """A server without one by its domain; nobody at all when nothing was sent."""
    assert store.read_now(receipts.of, URI, clock.now()) == []

    def unit(tx):
        add(tx, actor(), pilot("oost", domain="a.example", name="Oost", local=False))
        sent(tx, "a.example", "z.example")

    store.run_now(unit)
    assert store.read_now(receipts.of, URI, clock.now()) == [
        Receipt(host="a.example", name="Oost", outcome=Outcome.CONFIRMED),
        Receipt(host="z.example", name="", outcome=Outcome.CONFIRMED),
    ]
