"""The durable queue on both databases: nothing lost, nothing doubled, order and politeness kept."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta
from typing import get_type_hints

import pytest
from sqlalchemy import text

from storage import jobs
from storage.errors import LeaseLost
from storage.hosts import host_answered, host_failed, host_spoke, parked
from storage.policy import RetryPolicy
from storage.records import Host
from storage.work import Retry, Wait, Work, decode_event, encode_event
from tests.storage.things import AT
from vraagbaak import events

POLICY = RetryPolicy()
EAST = "oost.example"


def put(store, *works):
    store.run_now(lambda tx: [tx.enqueue(work) for work in works])


def take(store, limit=50, worker="worker", lease=60):
    return store.run_now(jobs.claim, limit, worker, lease, POLICY)


def kinds(taken):
    return [job.kind for job in taken]


def fail(store, job, **verdict):
    store.run_now(jobs.give_back, job, Retry(error="Broken", **verdict), POLICY)


def test_who_lost_a_job_cannot_end_it(store, clock):
    """A worker that was away for longer than its lease changes nothing: not even under the same name."""
    put(store, Work("once"))
    (late,) = take(store, lease=60)
    clock.tick(seconds=61)
    (taken,) = take(store)
    assert (taken.id, taken.attempts) == (late.id, 2)
    for end in (jobs.finish, lambda tx, job: jobs.bury(tx, job, "x")):
        with pytest.raises(LeaseLost):
            store.run_now(end, late)
    with pytest.raises(LeaseLost):
        fail(store, late)
    store.run_now(jobs.finish, taken)
    assert take(store) == []


def test_a_lease_that_lasts_keeps_others_away(store, clock):
    """A job that somebody works on is not given to anybody else before its lease ends."""
    put(store, Work("once"))
    assert len(take(store, lease=60)) == 1
    clock.tick(seconds=59)
    assert take(store, worker="other") == []


def test_a_job_that_kills_its_workers_has_to_wait(store, clock):
    """The first lost lease costs no time; after that the usual delays hold, and seven days are the end."""
    put(store, Work("poison"))
    take(store, lease=60)
    clock.tick(seconds=60)
    assert kinds(take(store, lease=60)) == ["poison"]
    clock.tick(seconds=60)
    assert take(store) == []
    clock.tick(minutes=1)
    assert kinds(take(store, lease=60)) == ["poison"]
    clock.tick(days=7)
    assert take(store) == []
    (given_up,) = store.read_now(jobs.buried)
    assert (given_up.kind, given_up.last_error) == ("poison", "LeaseEnded")


def test_work_that_is_not_due_waits(store, clock):
    """Work for later is not taken before its moment, and the next moment is known."""
    put(store, Work("later", run_at=clock.now() + timedelta(hours=1)))
    assert take(store) == []
    assert store.read_now(jobs.next_due) == clock.now() + timedelta(hours=1)
    clock.tick(hours=1)
    assert kinds(take(store)) == ["later"]
    assert store.read_now(jobs.next_due) == clock.now() + timedelta(seconds=60)


def test_the_oldest_come_first(store, clock):
    """A claim takes what has been due longest, whether it is for a host or not."""
    for name, host in (("a", None), ("b", EAST), ("c", None), ("d", "west.example")):
        put(store, Work(name, host=host))
        clock.tick(seconds=1)
    assert kinds(take(store, 3)) == ["a", "b", "c"]
    assert kinds(take(store, 3)) == ["d"]


def test_a_sequence_is_done_in_order_one_at_a_time(store, clock):
    """Work of one sequence never overtakes: not while the first is in work, nor while it waits for a retry."""
    put(store, Work("create", sequence="s"), Work("update", sequence="s"), Work("other", sequence="t"))
    first, other = take(store)
    assert kinds([first, other]) == ["create", "other"]
    store.run_now(jobs.finish, other)
    assert take(store) == []
    fail(store, first)
    put(store, Work("delete", sequence="s"))
    clock.tick(seconds=40)
    assert take(store) == []
    clock.tick(minutes=2)
    for name in ("create", "update", "delete"):
        (job,) = take(store)
        assert job.kind == name
        store.run_now(jobs.finish, job)


def test_a_buried_job_lets_its_sequence_go_on(store):
    """What will never work does not hold up what comes after it."""
    put(store, Work("first", sequence="s"), Work("second", sequence="s"))
    (first,) = take(store)
    store.run_now(jobs.bury, first, "Rejected")
    assert kinds(take(store)) == ["second"]


def test_a_long_sequence_does_not_hide_other_work(store):
    """Hundreds of jobs behind a slow one leave the rest of the queue reachable, of the same host too."""
    slow = [Work("slow", host=EAST, sequence="s") for _ in range(300)]
    put(store, *slow, Work("for the same host", host=EAST), Work("for nobody"))
    (first, nobody) = take(store)
    assert kinds([first, nobody]) == ["slow", "for nobody"]
    fail(store, first)
    assert kinds(take(store)) == ["for the same host"]


def test_who_lets_a_job_wait_gets_no_second(store):
    """A host that always answered, and hangs now, holds one hand; the second for a host comes after everybody's first."""
    put(store, *[Work(name, host=f"{name}.example") for name in ("a", "a", "b", "b")])
    care = jobs.Care(well={"a.example", "b.example"}, busy={"a.example"})
    taken = store.run_now(jobs.claim, 50, "worker", 60, POLICY, care)
    assert kinds(taken) == ["b", "b"]
    assert kinds(take(store, 1)) == ["a"]
    put(store, Work("c", host="c.example"))
    assert kinds(take(store)) == ["c", "a"]


def test_what_stands_behind_another_sequence_waits_for_what_was_in_it(store, clock):
    """Not while that is in work or waits for a retry; what comes into that sequence later holds up nothing."""
    put(store, Work("accept", host=EAST, sequence="f"), Work("accept too", host=EAST, sequence="f"))
    put(store, Work("create", host=EAST, sequence="s", behind="f"), Work("update", host=EAST, sequence="s"))
    put(store, Work("like", host=EAST, sequence="t", behind="none"))
    put(store, Work("reject", host=EAST, sequence="f"))
    first, other = take(store)
    assert kinds([first, other]) == ["accept", "like"]
    store.run_now(jobs.finish, other)
    fail(store, first)
    assert take(store) == []
    clock.tick(minutes=2)
    for names in (["accept"], ["accept too"], ["create", "reject"], ["update"]):
        taken = take(store)
        assert sorted(kinds(taken)) == names
        for job in taken:
            store.run_now(jobs.finish, job)


def test_what_stands_behind_another_sequence_is_no_wall(store, clock):
    """Hundreds of jobs that wait for one that failed leave the rest of the same host reachable."""
    put(store, Work("accept", host=EAST, sequence="f"))
    for number in range(100):
        put(store, Work("create", host=EAST, sequence=f"s{number}", behind="f"))
    (first,) = take(store)
    fail(store, first)
    put(store, *[Work("create", host=EAST, sequence=f"t{number}", behind="f") for number in range(100)])
    put(store, Work("other", host=EAST))
    assert kinds(take(store)) == ["other"]


def test_what_was_given_up_holds_nothing_up_behind_it(store):
    """A buried job lets go what stands behind it in another sequence, and wakes who does that."""
    put(store, Work("accept", host=EAST, sequence="f"), Work("create", host=EAST, sequence="s", behind="f"))
    (first,) = take(store)
    assert kinds([first]) == ["accept"]
    store.run_now(jobs.bury, first, "no")
    assert kinds(take(store)) == ["create"]


def test_work_of_our_own_that_is_broken_does_not_hold_up_all_else(store, clock):
    """What is done here and failed four times is broken, not busy: only its own sequence waits for it any longer."""
    put(store, Work("follows", sequence="f"), Work("publish", sequence="s", behind="f"))
    for _ in range(4):
        (job,) = take(store)
        assert job.kind == "follows"
        fail(store, job)
        clock.tick(hours=2)
    assert sorted(kinds(take(store))) == ["follows", "publish"]


def test_a_host_gets_two_at_a_time(store):
    """However much waits for a host, no more than two are in work, whoever asks; others are not held up."""
    put(store, *[Work("east", host=EAST) for _ in range(10)], Work("west", host="west.example"))
    first, west, second = take(store)
    assert kinds([first, west, second]) == ["east", "west", "east"]
    assert take(store, worker="other") == []
    store.run_now(jobs.finish, first)
    assert len(take(store, worker="other")) == 1


def test_a_host_that_failed_lately_comes_after_those_that_answer(store, clock):
    """A server that hangs costs the others nothing: while there is work for those that answer, that is done first."""
    put(store, Work("ill", host=EAST))
    fail(store, *take(store), host_failed=True)
    clock.tick(minutes=3)
    put(store, *(Work("well", host=f"{name}.example") for name in "abc"), Work("nobody"))
    assert kinds(take(store, limit=4)) == ["well", "well", "well", "nobody"]
    assert kinds(take(store, limit=4)) == ["ill"]


def test_one_key_is_one_job_while_it_waits(store, clock):
    """The same work asked for twice is done once; asked for while it is being done, once more."""
    put(store, Work("fetch", key="k"), Work("fetch", key="k"), Work("fetch", key="other"))
    first, _ = take(store)
    put(store, Work("again", key="k"), Work("again", key="k"))
    fail(store, first)
    clock.tick(hours=1)
    (again,) = take(store, worker="later")[:1]
    assert again.kind == "again"
    put(store, Work("third", key="k"))
    store.run_now(jobs.finish, again)
    assert kinds(take(store)) == ["third"]


def test_five_failures_park_a_host_and_one_success_frees_it(store, clock):
    """Five failures within ten minutes: left alone for half an hour; then one job tries, and frees the rest."""
    put(store, *[Work(f"job {n}", host=EAST) for n in range(9)])
    for _ in range(5):
        job = take(store)[0]
        fail(store, job, host_failed=True)
        store.run_now(jobs.release, "worker")
    assert store.run_now(parked, EAST)
    assert take(store) == []
    assert store.read_now(jobs.next_due) is not None
    clock.tick(minutes=30)
    assert not store.run_now(parked, EAST)
    (probe,) = take(store)
    assert take(store, worker="other") == []
    fail(store, probe, host_failed=True)
    assert store.run_now(parked, EAST)
    clock.tick(minutes=30)
    (probe,) = take(store)
    store.run_now(host_answered, EAST)
    store.run_now(jobs.finish, probe)
    left = 0
    while taken := take(store):
        left += len(taken)
        for job in taken:
            store.run_now(jobs.finish, job)
    assert left == 8


def test_failures_that_are_far_apart_park_nobody(store, clock):
    """A host that stumbles now and then is not left alone."""
    for _ in range(12):
        store.run_now(host_failed, EAST, POLICY)
        clock.tick(minutes=4)
    assert not store.run_now(parked, EAST)
    store.run_now(host_answered, EAST)
    assert store.run_now(lambda tx: tx.find(Host)) == []


def test_d24_a_host_that_asks_for_time_gets_it(store, clock):
    """Retry-After parks the host at once, for as long as it asked, but no longer than a day."""
    put(store, Work("a", host=EAST), Work("b", host=EAST))
    first, _ = take(store)
    fail(store, first, host_failed=True, after=120)
    store.run_now(jobs.release, "worker")
    clock.tick(seconds=119)
    assert take(store) == []
    clock.tick(seconds=1)
    (probe,) = take(store)
    fail(store, probe, host_failed=True, after=10**9)
    clock.tick(hours=24)
    assert len(take(store)) == 1


@pytest.mark.parametrize("asked", [0, 1])
def test_d24_a_host_cannot_make_us_hurry(store, clock, asked):
    """Whoever fails and says "again at once" is tried no more often than who says nothing, and the breaker still opens."""
    put(store, *[Work(f"job {n}", host=EAST) for n in range(50)])
    tries = 0
    for _ in range(600):
        while taken := take(store, limit=1):
            fail(store, *taken, host_failed=True, after=asked)
            tries += 1
        clock.tick(seconds=1)
    assert tries == 5
    assert store.run_now(parked, EAST)


def test_d24_what_a_host_asks_for_does_not_shorten_its_rest(store, clock):
    """A later wish that is shorter than an earlier one, or than the breaker, changes nothing."""
    store.run_now(host_failed, EAST, POLICY, 7200)
    store.run_now(host_failed, EAST, POLICY, 60)
    clock.tick(seconds=7199)
    assert store.run_now(parked, EAST)
    for _ in range(5):
        store.run_now(host_failed, "west.example", POLICY)
    store.run_now(host_failed, "west.example", POLICY, 1)
    clock.tick(minutes=29)
    assert store.run_now(parked, "west.example")


def test_d24_an_answer_does_not_take_back_what_a_host_asked_for(store, clock):
    """Of two letters at once one is taken, and the other answered "in two hours": in two hours it is, for all."""
    put(store, *[Work(f"job {n}", host=EAST) for n in range(4)])
    first, second = take(store)
    fail(store, first, host_failed=True, after=7200)
    store.run_now(jobs.finish, second)
    store.run_now(host_answered, EAST)
    assert take(store) == []
    clock.tick(seconds=7199)
    assert take(store) == []
    clock.tick(seconds=1)
    (probe,) = take(store)
    store.run_now(jobs.finish, probe)
    store.run_now(host_answered, EAST)
    assert len(take(store)) == 2
    assert store.run_now(lambda tx: tx.find(Host)) == []


@pytest.mark.parametrize("after", [None, 7200])
def test_who_answers_with_faults_is_not_tried_sooner_for_what_it_sends(store, clock, after):
    """A host that says 500, or asks for time, and sends us one activity a second gets no more than one that sends none."""
    put(store, *[Work(f"job {n}", host=EAST) for n in range(20)])
    for _ in range(5):
        store.run_now(host_failed, EAST, POLICY, after)
    for _ in range(29 * 60):
        store.run_now(host_spoke, EAST, POLICY)
        clock.tick(seconds=1)
    assert take(store) == []


def test_who_gave_no_answer_is_tried_when_it_speaks_and_not_more_often_than_once_a_minute(store, clock):
    """A host that was away and is heard again gets one job at once; while it goes on hanging, one a minute at most."""
    put(store, *[Work(f"job {n}", host=EAST) for n in range(20)])
    for _ in range(5):
        store.run_now(host_failed, EAST, POLICY, silent=True)
    tries = 0
    for _ in range(600):
        clock.tick(seconds=1)
        store.run_now(host_spoke, EAST, POLICY)
        for job in take(store):
            fail(store, job, host_failed=True, silent=True)
            tries += 1
    assert tries == 10
    clock.tick(minutes=1)
    store.run_now(host_spoke, EAST, POLICY)
    (probe,) = take(store)
    store.run_now(jobs.finish, probe)
    store.run_now(host_answered, EAST)
    assert len(take(store)) == 2


def test_a_host_that_is_back_gets_all_at_once(store, clock):
    """When a parked host answers, what was put off for hours goes out now, also what stands behind that."""
    put(store, Work("create", host=EAST, sequence="s"), Work("update", host=EAST, sequence="s"))
    for _ in range(6):
        (job,) = take(store)
        fail(store, job)
        clock.tick(hours=8)
    for _ in range(5):
        store.run_now(host_failed, EAST, POLICY)
    assert take(store) == []
    store.run_now(host_answered, EAST)
    for name in ("create", "update"):
        (job,) = take(store)
        assert job.kind == name
        store.run_now(jobs.finish, job)


def test_a_silent_host_is_given_up_after_seven_days(store, clock):
    """After seven days of silence all that waited that long is buried at once, also what was never tried."""
    put(store, *[Work("old", host=EAST, payload="p") for _ in range(20)])
    store.run_now(host_failed, EAST, POLICY)
    clock.tick(days=7)
    put(store, Work("young", host=EAST))
    job = take(store)[0]
    fail(store, job, host_failed=True)
    store.run_now(jobs.release, "worker")
    given_up = store.read_now(jobs.buried)
    assert len(given_up) >= 19
    clock.tick(hours=1)
    store.run_now(host_answered, EAST)
    assert "young" in kinds(take(store))


def test_the_steward_can_try_what_was_given_up(store, clock):
    """Buried jobs are kept with the kind of fault, and can be tried again, one or all, as if they were new."""
    put(store, *[Work(f"job {n}", key=f"k{n}") for n in range(3)])
    for job in take(store):
        store.run_now(jobs.bury, job, "Rejected")
    clock.tick(days=30)
    given_up = store.read_now(jobs.buried)
    assert [each.last_error for each in given_up] == ["Rejected"] * 3
    assert store.run_now(jobs.retry, given_up[0].id)
    assert not store.run_now(jobs.retry, given_up[0].id)
    assert not store.run_now(jobs.retry, 999)
    (job,) = take(store)
    fail(store, job)
    assert len(store.read_now(jobs.buried)) == 2
    put(store, Work("asked anew", key="k1"))
    assert store.run_now(jobs.retry_all) == 1
    assert sorted(kinds(take(store))) == ["asked anew", "job 2"]


@pytest.mark.postgres
async def test_claims_of_several_processes_wait_for_each_other(postgres_url, store_factory):
    """Two claims at once cannot each count the other's jobs as free: the second begins when the first is stored."""
    first, second = store_factory(postgres_url), store_factory(postgres_url)
    put(first, *[Work("w", host=EAST) for _ in range(9)])
    claimed, gate = threading.Event(), threading.Event()

    def slowly(tx):
        taken = jobs.claim(tx, 1, "first", 60, POLICY)
        claimed.set()
        gate.wait(10)
        return taken

    slow = asyncio.ensure_future(first.run(slowly))
    await asyncio.to_thread(claimed.wait, 10)
    other = asyncio.ensure_future(second.run(jobs.claim, 50, "second", 60, POLICY))
    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while not await first.read(lambda reading: reading.execute(waits).scalar()):
        assert not other.done()
    gate.set()
    assert [len(taken) for taken in await asyncio.gather(slow, other)] == [1, 1]


def test_what_a_worker_holds_can_be_released(store):
    """A worker that stops gives back what it holds, and those attempts do not count."""
    put(store, Work("a"), Work("b"))
    mine, _ = take(store, 1), take(store, 1, worker="other")
    store.run_now(jobs.release, "worker")
    (again,) = take(store)
    assert (again.id, again.attempts) == (mine[0].id, 1)


def test_all_is_released_when_nobody_else_can_have_it(store):
    """What any worker held that was killed is there at once at the start of the only server."""
    put(store, Work("a"), Work("b"), Work("c"))
    take(store, 1), take(store, 1, worker="other")
    store.run_now(jobs.release_all)
    assert [(job.kind, job.attempts) for job in take(store)] == [("a", 1), ("b", 1), ("c", 1)]


def test_releasing_does_not_double_what_was_asked_for_again(store):
    """Work with a key that was asked for again while it was in work is there once after a release."""
    for _ in range(2):
        put(store, Work("fetch", key="k"), Work("fetch", key="l"))
        take(store)
    put(store, Work("fetch", key="k"))
    store.run_now(jobs.release, "worker")
    assert len(take(store)) == 2


def test_work_for_an_empty_host_is_for_nobody(store):
    """A host without a name does not hide its work."""
    put(store, Work("a", host=""))
    assert kinds(take(store)) == ["a"]


def test_an_event_causes_the_jobs_named_for_it(store_factory, url):
    """Recording an event queues its jobs in the same unit, in order per thing; what failed queues none."""
    store = store_factory(url, reactions={events.Asked: ("publish", "notify")})

    def unit(tx, question_id):
        tx.record(events.Asked(question_id=question_id))
        tx.record(events.Held(kind="question", thing_id=question_id))
        if question_id == "bad":
            raise RuntimeError

    store.run_now(unit, "q1")
    store.run_now(unit, "q1")
    with pytest.raises(RuntimeError):
        store.run_now(unit, "bad")
    taken = take(store)
    assert sorted(kinds(taken)) == ["notify", "publish"]
    assert [decode_event(job.payload) for job in taken] == [events.Asked(question_id="q1")] * 2


@pytest.mark.parametrize(
    "name", sorted(name for name in vars(events) if name[0].isupper() and name != "Event")
)
def test_every_event_can_be_put_in_a_job(name):
    """An event that is written into a job is the same event when it is read."""
    kind = getattr(events, name)
    other = {bool: True, datetime: AT}
    event = kind(**{name: other.get(hint, name) for name, hint in get_type_hints(kind).items()})
    assert decode_event(encode_event(event)) == event


@pytest.mark.parametrize("payload", ["", "{}", "[]", '{"event":"Event"}', '{"event":"Asked"}', '{"event":1}'])
def test_what_is_not_an_event_is_not_taken_for_one(payload):
    """A payload that holds no known event is refused with one kind of error."""
    with pytest.raises(ValueError, match="not an event"):
        decode_event(payload)


def test_i05_a_clock_that_jumps_back_loses_and_doubles_nothing(store, clock):
    """After an hour that comes twice everything is done once: what was in hand, what waited, and what came meanwhile."""
    put(
        store,
        Work("in hand"),
        Work("waiting", host=EAST),
        Work("first", sequence="s"),
        Work("second", sequence="s"),
    )
    in_hand = take(store, limit=1)
    clock.tick(hours=-1)
    put(store, Work("come meanwhile"), Work("third", sequence="s"))
    done = []
    for _ in range(4):
        assert not {job.id for job in take(store, worker="other")} & {job.id for job in in_hand}
        store.run_now(jobs.release, "other")
    for job in in_hand:
        store.run_now(jobs.finish, job)
        done.append(job.kind)
    for _ in range(20):
        for job in take(store, limit=1):
            store.run_now(jobs.finish, job)
            done.append(job.kind)
        clock.tick(minutes=5)
    assert sorted(done) == ["come meanwhile", "first", "in hand", "second", "third", "waiting"]
    assert [kind for kind in done if kind in {"first", "second", "third"}] == ["first", "second", "third"]


def test_i05_a_server_is_not_left_alone_for_ever_by_a_clock_that_jumps_back(store, clock):
    """Failures counted in an hour that comes twice park a server for no longer than half an hour after that hour."""
    put(store, Work("job", host=EAST))
    for _ in range(5):
        store.run_now(host_failed, EAST, POLICY)
    clock.tick(hours=-1)
    store.run_now(host_failed, EAST, POLICY)
    clock.tick(hours=1, minutes=30)
    assert not store.run_now(parked, EAST)
    assert kinds(take(store)) == ["job"]


def test_work_that_has_to_wait_for_something_here_is_not_counted_as_tried(store, clock):
    """It comes back in a moment, with all its tries, and after seven days it is given up like any other."""
    put(store, Work("w", sequence="s"))
    (job,) = take(store)
    assert store.read_now(jobs.is_waiting, ["t", "s"])
    store.run_now(jobs.put_off, job, Wait(error="changing"), POLICY)
    assert take(store) == []
    clock.tick(seconds=2)
    (job,) = take(store)
    assert job.attempts == 1
    clock.tick(days=7)
    store.run_now(jobs.put_off, job, Wait(error="changing"), POLICY)
    assert [given_up.last_error for given_up in store.read_now(jobs.buried)] == ["changing"]
    assert not store.read_now(jobs.is_waiting, ["t", "s"])


def test_only_what_nobody_ever_took_is_taken_back(store):
    """Work that was tried, is in work, or was in work when its worker stopped may have been done: it stays."""
    put(store, *[Work(name, name, sequence=name) for name in ("tried", "stopped", "held")])
    tried, _, _ = take(store)
    fail(store, tried)
    store.run_now(jobs.release, "worker")
    put(store, Work("other", "other", sequence="held"), Work("new", "new", sequence="held"))
    take(store, 3, worker="second")
    for name in ("tried", "stopped", "held", "none"):
        wanted = store.run_now(jobs.recall, name, lambda payload: payload != "other")
        assert wanted is (name == "held"), name
    store.run_now(jobs.release, "second")
    assert kinds(take(store)) == ["stopped", "held"]
