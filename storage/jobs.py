"""The durable queue, seen from the worker: take, finish, give back, bury, try again.

A job that is done is deleted, in the transaction that stores what it did. One that a dead worker held comes back
when its lease ends. Nothing here knows what a job means.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, TextClause, bindparam, text

from storage.errors import LeaseLost
from storage.hosts import host_failed
from storage.mapping import milliseconds, moment
from storage.policy import RetryPolicy
from storage.reading import Reading
from storage.statements import written
from storage.tx import SqlTx
from storage.work import Job, Retry, Wait

PER_HOST = 2
A_MOMENT = timedelta(seconds=2)
LANE_WINDOW = 20  # jobs of one host that are looked at when its first ones stand behind others in a sequence
LOST = 10  # requests that a try counts for when nobody can tell any more how many it made
CLAIMERS = (
    7_202_612  # lock number: claims come one after another, so that "two per host" holds among processes
)

_COLUMNS = "id, kind, payload, host, sequence, attempts, made_at, lease_by, last_error, spent"

# A host's jobs form a lane. Hopping from lane to lane over the index costs two look-ups for each host that has
# work waiting, however much that is: a dead host with 100,000 jobs costs as much as one with two.
_LANES = text(
    """
    WITH RECURSIVE lanes(host) AS (
        SELECT (SELECT min(host) FROM jobs WHERE state = 'waiting' AND lease_until IS NULL AND host > '')
        UNION ALL
        SELECT (SELECT min(j.host) FROM jobs j
                WHERE j.state = 'waiting' AND j.lease_until IS NULL AND j.host > lanes.host)
        FROM lanes WHERE lanes.host IS NOT NULL
    ), due(host, run_at) AS (
        SELECT host, (SELECT min(j.run_at) FROM jobs j
                      WHERE j.state = 'waiting' AND j.lease_until IS NULL AND j.host = lanes.host)
        FROM lanes WHERE host IS NOT NULL
    )
    SELECT host, room, ails FROM (
        SELECT due.host, due.run_at, CASE WHEN hosts.failures > 0 THEN 1 ELSE 0 END AS ails,
               CASE WHEN hosts.next_try IS NULL AND hosts.wished_until IS NULL THEN :per_host ELSE 1 END
               - (SELECT count(*) FROM jobs j WHERE j.lease_until IS NOT NULL AND j.host = due.host) AS room
        FROM due LEFT JOIN hosts ON hosts.id = due.host
        WHERE due.run_at <= :now AND (hosts.next_try IS NULL OR hosts.next_try <= :now)
              AND (hosts.wished_until IS NULL OR hosts.wished_until <= :now)
    ) AS free
    WHERE room > 0 ORDER BY ails, room < :per_host, run_at, host LIMIT :limit
    """
)
STUBBORN = 4
# What is done here and fails as often as that is broken: it holds up nothing but its own sequence any more.
# Not as NOT EXISTS: of that PostgreSQL makes a join, which reads all that wait behind one another.
_FIRST_IN_SEQUENCE = f"""
    (sequence IS NULL OR lane.id = (
        SELECT min(e.id) FROM jobs e WHERE e.state = 'waiting' AND e.sequence = lane.sequence))
    AND (behind IS NULL OR COALESCE((
        SELECT 1 FROM jobs e WHERE e.id = lane.behind AND e.state = 'waiting'
                                   AND (e.host IS NOT NULL OR e.attempts < {STUBBORN})), 0) = 0)
"""  # noqa: S608 - constants of ours


def _lane(condition: str) -> TextClause:
    return text(
        f"""
        SELECT id, run_at FROM (
            SELECT id, run_at, sequence, behind FROM jobs
            WHERE state = 'waiting' AND lease_until IS NULL AND {condition} AND run_at <= :now
            ORDER BY run_at, id LIMIT :window
        ) AS lane
        WHERE {_FIRST_IN_SEQUENCE} ORDER BY run_at, id LIMIT :limit
        """  # noqa: S608 - both parts are constants of this module
    )


def _walls(condition: str) -> TextClause:
    """What the first of a lane stand behind: due, and out of sight when those are more than the window holds."""
    return text(
        f"""
        WITH seen AS (
            SELECT sequence, behind FROM jobs
            WHERE state = 'waiting' AND lease_until IS NULL AND {condition} AND run_at <= :now
            ORDER BY run_at, id LIMIT :window
        ), walls(id) AS (
            SELECT (SELECT min(e.id) FROM jobs e WHERE e.state = 'waiting' AND e.sequence = s.sequence)
            FROM (SELECT DISTINCT sequence FROM seen WHERE sequence IS NOT NULL) AS s
            UNION
            SELECT (SELECT min(e.id) FROM jobs e WHERE e.state = 'waiting' AND e.sequence = b.sequence)
            FROM (SELECT DISTINCT behind FROM seen WHERE behind IS NOT NULL) AS s
            CROSS JOIN jobs b WHERE b.id = s.behind AND b.state = 'waiting'
        )
        SELECT lane.id, run_at FROM walls CROSS JOIN jobs AS lane
        WHERE lane.id = walls.id AND state = 'waiting' AND lease_until IS NULL AND {condition} AND run_at <= :now
        AND {_FIRST_IN_SEQUENCE} ORDER BY run_at, lane.id LIMIT :limit
        """  # noqa: S608 - both parts are constants of this module
    )


_HOST_LANE, _HOST_WALLS = _lane("host = :host"), _walls("host = :host")
_NOBODYS_LANE, _NOBODYS_WALLS = _lane("host IS NULL"), _walls("host IS NULL")
_AILING = text(
    "SELECT count(*) FROM jobs JOIN hosts ON hosts.id = jobs.host"
    " WHERE jobs.lease_until IS NOT NULL AND jobs.lease_by = :worker AND hosts.failures > 0"
)
_TAKE = """
    UPDATE jobs SET lease_until = :until, lease_by = :worker, attempts = attempts + 1
    WHERE id IN (SELECT id FROM jobs WHERE id IN :ids AND lease_until IS NULL AND state = 'waiting' {lock})
    RETURNING {columns}
"""
_TAKES = {
    dialect: text(_TAKE.format(lock=lock, columns=_COLUMNS)).bindparams(bindparam("ids", expanding=True))
    for dialect, lock in (("sqlite", ""), ("postgresql", "FOR UPDATE SKIP LOCKED"))
}
# `attempts` tells this lease from a later one of the same worker.
_MINE = "id = :id AND lease_by = :lease_by AND attempts = :attempts"
_FINISH = f"DELETE FROM jobs WHERE {_MINE}"  # noqa: S608 - constants of ours
_BEHIND = """
    SELECT EXISTS (SELECT 1 FROM jobs WHERE sequence = :sequence AND state = 'waiting' AND lease_until IS NULL)
        OR EXISTS (SELECT 1 FROM jobs WHERE behind = :id AND state = 'waiting' AND lease_until IS NULL)
        OR EXISTS (SELECT 1 FROM jobs
                   WHERE host = :host AND state = 'waiting' AND lease_until IS NULL AND run_at <= :now)
"""
_GIVE_BACK = text(
    f"""
    UPDATE jobs SET lease_until = NULL, lease_by = NULL, run_at = :run_at, last_error = :error,
        spent = spent + :spent
    WHERE {_MINE} AND NOT EXISTS (
        SELECT 1 FROM jobs o
        WHERE o.key = jobs.key AND o.state = 'waiting' AND o.lease_until IS NULL AND o.id <> jobs.id)
    """  # noqa: S608 - constants of ours
)
_PUT_OFF = text(
    f"UPDATE jobs SET lease_until = NULL, lease_by = NULL, run_at = :run_at, attempts = attempts - 1 WHERE {_MINE}"  # noqa: S608 - constants of ours
)
_WAITING = text("SELECT EXISTS (SELECT 1 FROM jobs WHERE sequence = :sequence AND state = 'waiting')")
_PUSH_BACK = text(
    "UPDATE jobs SET run_at = :run_at WHERE state = 'waiting' AND sequence = :sequence AND run_at < :run_at"
)
_PUSH_BACK_BEHIND = text(
    """
    UPDATE jobs SET run_at = :run_at WHERE state = 'waiting' AND run_at < :run_at AND sequence IN (
        SELECT b.sequence FROM jobs b WHERE b.state = 'waiting' AND b.behind IN (
            SELECT f.id FROM jobs f WHERE f.state = 'waiting' AND f.sequence = :sequence))
    """
)
_BURY = text(
    f"""
    UPDATE jobs SET state = 'buried', lease_until = NULL, lease_by = NULL, last_error = :error
    WHERE {_MINE}
    """  # noqa: S608 - constants of ours
)
_BURY_OLD = text(
    "UPDATE jobs SET state = 'buried', last_error = :error"
    " WHERE state = 'waiting' AND lease_until IS NULL AND host = :host AND made_at <= :made_before"
)
_EXPIRED = text(
    f"SELECT {_COLUMNS} FROM jobs WHERE lease_until IS NOT NULL AND lease_until <= :now"  # noqa: S608 - constants of ours
)
_RELEASE_DOUBLE = text(
    """
    DELETE FROM jobs WHERE lease_until IS NOT NULL AND lease_by = :worker AND EXISTS (
        SELECT 1 FROM jobs o
        WHERE o.key = jobs.key AND o.state = 'waiting' AND o.id <> jobs.id
          AND (o.lease_until IS NULL OR (o.lease_by = jobs.lease_by AND o.id > jobs.id)))
    """
)
_RELEASE = text(
    "UPDATE jobs SET lease_until = NULL, lease_by = NULL, attempts = attempts - 1,"
    " last_error = COALESCE(last_error, 'Released')"
    " WHERE lease_until IS NOT NULL AND lease_by = :worker"
)
_COUNT = text(f"UPDATE jobs SET spent = spent + :spent WHERE {_MINE}")  # noqa: S608 - constants of ours
_UNTRIED = """
    state = 'waiting' AND lease_until IS NULL AND attempts = 0 AND last_error IS NULL
"""
_IN_SEQUENCE = f"SELECT id, payload FROM jobs WHERE sequence = :sequence AND {_UNTRIED} ORDER BY id"  # noqa: S608 - constants of ours
_RECALL = f"DELETE FROM jobs WHERE id = :id AND {_UNTRIED}"  # noqa: S608 - constants of ours
_HOLDERS = text("SELECT DISTINCT lease_by FROM jobs WHERE lease_until IS NOT NULL")
_NEXT_DUE = text(
    """
    SELECT min(moment) FROM (
        SELECT min(run_at) AS moment FROM jobs
        WHERE state = 'waiting' AND lease_until IS NULL AND run_at > :now
        UNION ALL SELECT min(lease_until) FROM jobs WHERE lease_until > :now
        UNION ALL SELECT min(next_try) FROM hosts WHERE next_try > :now
        UNION ALL SELECT min(wished_until) FROM hosts WHERE wished_until > :now
    ) AS moments
    """
)
# Due with the one before it in its sequence, or no later than the one after it.
_RETRY = """
    UPDATE jobs SET state = 'waiting', attempts = 0, spent = 0, made_at = :now, run_at = COALESCE((
        SELECT e.run_at FROM jobs e
        WHERE e.state = 'waiting' AND e.sequence = jobs.sequence AND e.id < jobs.id ORDER BY e.id DESC LIMIT 1
    ), (
        SELECT CASE WHEN e.run_at < :now THEN e.run_at ELSE :now END FROM jobs e
        WHERE e.state = 'waiting' AND e.sequence = jobs.sequence AND e.id > jobs.id ORDER BY e.id LIMIT 1
    ), :now)
    WHERE state = 'buried' {which} AND (key IS NULL OR NOT EXISTS (
        SELECT 1 FROM jobs o
        WHERE o.key = jobs.key AND o.id <> jobs.id AND (o.id < jobs.id OR o.state = 'waiting')))
"""
_RETRY_ONE = text(_RETRY.format(which="AND id = :id"))
_RETRY_ALL = text(_RETRY.format(which=""))
_BURIED = text(
    "SELECT id, kind, host, attempts, made_at, last_error FROM jobs WHERE state = 'buried' ORDER BY id LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class Buried:
    """A job that was given up, as the steward sees it: without its payload."""

    id: int
    kind: str
    host: str | None
    attempts: int
    made_at: datetime
    last_error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What a worker knows of the servers it asks, so that those that hang do not take the room of those that answer."""

    well: Container[str] | None = None
    """Those that answered it lately; the others get one job at a time. None: it does not tell them apart."""
    busy: Collection[str] = ()
    """Those at which it has a job in work and that get no second: the others, and any that let it wait."""
    ailing: int | None = None
    """How many jobs it may have in work for servers that failed lately; None for any number."""

    def room(self, host: str, room: int) -> int:
        """How many jobs it takes for a host that has room for so many."""
        if host in self.busy:
            return 0
        return room if self.well is None or host in self.well else 1


CARELESS = Care()


def claim(
    tx: SqlTx, limit: int, worker: str, lease_seconds: float, policy: RetryPolicy, care: Care = CARELESS
) -> list[Job]:
    """Take up to `limit` due jobs, oldest first; what a dead worker held is given back before.

    Not taken: what stands behind other work, of its sequence or of another, what is for a parked host, and more than two at a
    time for one host. The second for a host comes after the first for every other, and what is for a host that failed
    lately after all else. It has to be the first thing that a
    unit of work does.
    """
    if tx.dialect == "postgresql":
        # Under REPEATABLE READ a claim would fail whenever it had to wait for another one.
        tx.connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        tx.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CLAIMERS})")
    _return_expired(tx, policy)
    ids = _due(tx, limit, worker, care)
    if not ids:
        return []
    parameters = {
        "ids": ids,
        "worker": worker,
        "until": milliseconds(tx.now + timedelta(seconds=lease_seconds)),
    }
    taken = tx.execute(_TAKES[tx.dialect], parameters).mappings().all()
    return [_job(row) for row in sorted(taken, key=lambda row: ids.index(row["id"]))]


def claim_or_wait(
    tx: SqlTx, limit: int, worker: str, lease_seconds: float, policy: RetryPolicy, care: Care = CARELESS
) -> tuple[list[Job], datetime | None]:
    """`claim`, and when it is less than asked for, the next moment at which something may become due."""
    taken = claim(tx, limit, worker, lease_seconds, policy, care)
    return taken, None if len(taken) == limit else next_due(tx)


def _due(tx: SqlTx, limit: int, worker: str, care: Care) -> list[int]:
    now = milliseconds(tx.now)
    window = {"now": now, "limit": limit, "window": limit + 10 * LANE_WINDOW}
    nobodys = tx.execute(_NOBODYS_LANE, window).all() or tx.execute(_NOBODYS_WALLS, window).all()
    found = [(0, False, row.run_at, row.id) for row in nobodys]
    # As many more as may be passed over: nobody who answers is hidden by those who do not.
    lanes = tx.execute(_LANES, {"now": now, "limit": limit + len(care.busy), "per_host": PER_HOST}).all()
    well, ill = [lane for lane in lanes if not lane.ails], [lane for lane in lanes if lane.ails]
    for lane in well + ill[: _room_for_ailing(tx, worker, care) if ill else 0]:
        window = {
            "now": now,
            "limit": care.room(lane.host, lane.room),
            "window": LANE_WINDOW,
            "host": lane.host,
        }
        if window["limit"]:
            rows = tx.execute(_HOST_LANE, window).all() or tx.execute(_HOST_WALLS, window).all()
            # Nobody's second before everybody's first: a server that hangs holds one hand, not two.
            found += [
                (lane.ails, lane.room - number < PER_HOST, row.run_at, row.id)
                for number, row in enumerate(rows)
            ]
    return [job_id for *_, job_id in sorted(found)[:limit]]


def _room_for_ailing(tx: SqlTx, worker: str, care: Care) -> int | None:
    """For how many servers that failed lately work may be taken; None for any number."""
    if care.ailing is None:
        return None
    return max(0, care.ailing - int(tx.execute(_AILING, {"worker": worker}).scalar() or 0))


def _return_expired(tx: SqlTx, policy: RetryPolicy) -> None:
    for row in tx.execute(_EXPIRED, {"now": milliseconds(tx.now)}).mappings().all():
        job = _job(row)
        job.tally.requests = LOST
        # At once the first time; a job that takes its worker down again and again has to wait.
        run_at = policy.next_try(tx.now, job.made_at, job.attempts - 1)
        _give_back(tx, job, Retry(error="LeaseEnded"), run_at)


def finish(tx: SqlTx, job: Job) -> None:
    """The job is done. Raises `LeaseLost` when it is not this worker's any more: the unit must be undone."""
    if not tx.change(written(_FINISH, tx.dialect), _mine(job)):
        raise LeaseLost
    _tell_behind(tx, job)


def _tell_behind(tx: SqlTx, job: Job) -> None:
    """Wake the workers when something stood behind this job: in its sequence, or for its host."""
    if job.sequence is None and job.host is None:
        return
    parameters = {"id": job.id, "sequence": job.sequence, "host": job.host, "now": milliseconds(tx.now)}
    if tx.value(written(_BEHIND, tx.dialect), parameters):
        tx.queued = True


def give_back(tx: SqlTx, job: Job, verdict: Retry, policy: RetryPolicy) -> None:
    """The job did not work this time: again later, or buried when that has gone on for seven days."""
    spread = secrets.randbelow(2001) / 1000 - 1
    run_at = policy.next_try(tx.now, job.made_at, job.attempts, after=verdict.after, spread=spread)
    _give_back(tx, job, verdict, run_at)
    if verdict.host_failed and job.host:
        known = host_failed(tx, job.host, policy, verdict.after, silent=verdict.silent)
        if known.silent_since and policy.outlived(tx.now, known.silent_since):
            _bury_old(tx, job.host, policy)


def put_off(tx: SqlTx, job: Job, verdict: Wait, policy: RetryPolicy) -> None:
    """The job has to wait for something here: again in a moment, as if it had never been taken."""
    if policy.outlived(tx.now, job.made_at):
        bury(tx, job, verdict.error)
        return
    run_at = milliseconds(tx.now + A_MOMENT)
    if not tx.execute(_PUT_OFF, {**_mine(job), "run_at": run_at}).rowcount:
        raise LeaseLost
    _push_back(tx, job, run_at)
    tx.queued = True


def _push_back(tx: SqlTx, job: Job, run_at: int) -> None:
    """What stands behind this job is not due before it: else all that are due would hide it, and their host stand still."""
    if job.sequence is None:
        return
    later = {"run_at": run_at, "sequence": job.sequence}
    tx.execute(_PUSH_BACK, later)
    if job.host is not None:
        tx.execute(_PUSH_BACK_BEHIND, later)


def is_waiting(reading: Reading, sequences: Iterable[str]) -> bool:
    """Whether anything of one of these sequences is still to be done."""
    return any(reading.execute(_WAITING, {"sequence": sequence}).scalar() for sequence in sequences)


def _give_back(tx: SqlTx, job: Job, verdict: Retry, run_at: datetime | None) -> None:
    if run_at is None:
        bury(tx, job, verdict.error)
        return
    parameters = {
        **_mine(job),
        "error": verdict.error,
        "run_at": milliseconds(run_at),
        "spent": job.tally.requests,
    }
    if not tx.execute(_GIVE_BACK, parameters).rowcount:
        finish(tx, job)  # the same work was asked for again in the meantime: that one does it
    else:
        _push_back(tx, job, milliseconds(run_at))
    tx.queued = True


def bury(tx: SqlTx, job: Job, error: str) -> None:
    """The job will not work. It is kept, and what stands behind it in its sequence goes on."""
    if not tx.execute(_BURY, {**_mine(job), "error": error}).rowcount:
        raise LeaseLost
    _tell_behind(tx, job)


def _bury_old(tx: SqlTx, host: str, policy: RetryPolicy) -> None:
    """All that waits too long for a host that was silent for seven days, at once."""
    made_before = milliseconds(policy.oldest(tx.now))
    tx.execute(_BURY_OLD, {"host": host, "made_before": made_before, "error": "HostSilent"})


def recall(tx: SqlTx, sequence: str, wanted: Callable[[str], bool]) -> bool:
    """Take back the work of a sequence whose payload is wanted back; whether there was any that nobody ever took."""
    taken = 0
    for row in tx.execute(text(_IN_SEQUENCE), {"sequence": sequence}).all():
        if wanted(row.payload):
            taken += tx.change(written(_RECALL, tx.dialect), {"id": row.id})
    return taken > 0


def release(tx: SqlTx, worker: str, cut_off: Iterable[Job] = ()) -> None:
    """Give back everything that this worker holds, as if it had never been taken, but for what was spent on those cut off."""
    for job in cut_off:
        tx.execute(_COUNT, {**_mine(job), "spent": job.tally.requests})
    tx.execute(_RELEASE_DOUBLE, {"worker": worker})  # the same was asked for again: that one does it
    if tx.execute(_RELEASE, {"worker": worker}).rowcount:
        tx.queued = True


def release_all(tx: SqlTx) -> None:
    """Give back what any worker holds: for who knows that none is alive, at the start of the only one."""
    for row in tx.execute(_HOLDERS).fetchall():
        release(tx, row.lease_by)


def next_due(tx: Reading) -> datetime | None:
    """The next moment at which something may become due, after now."""
    found = tx.execute(_NEXT_DUE, {"now": milliseconds(tx.now)}).scalar()
    return None if found is None else moment(int(found))


def buried(tx: Reading, limit: int = 100) -> list[Buried]:
    """What was given up, oldest first."""
    rows = tx.execute(_BURIED, {"limit": limit}).mappings()
    return [Buried(**{**row, "made_at": moment(row["made_at"])}) for row in rows]


def retry(tx: SqlTx, job_id: int) -> bool:
    """Try a buried job again, from the start; False when there is no such job or its key waits already."""
    done = tx.execute(_RETRY_ONE, {"id": job_id, "now": milliseconds(tx.now)}).rowcount
    tx.queued = tx.queued or bool(done)
    return bool(done)


def retry_all(tx: SqlTx) -> int:
    """Try all buried jobs again; how many that are."""
    done = tx.execute(_RETRY_ALL, {"now": milliseconds(tx.now)}).rowcount
    tx.queued = tx.queued or bool(done)
    return done


def _mine(job: Job) -> dict[str, Any]:
    return {"id": job.id, "lease_by": job.lease_by, "attempts": job.attempts}


def _job(row: RowMapping) -> Job:
    return Job(**{**row, "made_at": moment(row["made_at"])})
