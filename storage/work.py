"""The words for durable work: what is put in the queue, what a worker gets, and what it may answer.

Values only; what happens to them stands in tx.py (putting in), jobs.py (taking out) and worker.py (doing).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol

import msgspec

from vraagbaak import events
from vraagbaak.events import Event
from vraagbaak.ports import Tx

P = ParamSpec("P")

PUBLISH = "publish"
"""The kind of job in which an event is put in the post."""
CLEAR = "clear-media"
"""The one kind of work that is storage's own: files of pictures that are nobody's any more go."""
EVENTS: dict[str, type[Event]] = {
    name: found
    for name, found in vars(events).items()
    if isinstance(found, type) and issubclass(found, Event) and found is not Event
}

_OF_FOLLOWS = (events.FollowAccepted, events.FollowRefused, events.FollowAsked, events.FollowEnded)


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done later, exactly once as far as this database can see."""

    kind: str
    payload: str = ""
    host: str | None = None
    """The server this is for: at most two at a time, and none while it does not answer."""
    sequence: str | None = None
    """Work of one sequence is done strictly in order, one at a time."""
    run_at: datetime | None = None
    """Not before; None for at once."""
    behind: str | None = None
    """A sequence: not before all that stands in it when this is put in the queue is over."""
    key: str | None = None
    """The same key twice is one job, as long as the first has not been started."""


@dataclass(slots=True)
class Tally:
    """What a try cost so far; it counts whatever becomes of the try."""

    requests: int = 0
    """Requests to others, when there is a limit to that."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a worker has a lease on."""

    id: int
    kind: str
    payload: str
    host: str | None
    sequence: str | None
    attempts: int
    """How often it was taken, this time included."""
    made_at: datetime
    lease_by: str
    last_error: str | None
    """What came of it when it was tried before."""
    spent: int
    """How many requests to others all tries before this one made."""
    tally: Tally = field(default_factory=Tally, compare=False)
    """Where the handler writes what this one costs."""


class WorkTx(Tx, Protocol):
    """The unit of work as federation sees it: the domain's, and the queue."""

    def enqueue(self, work: Work) -> None:
        """Put work in the queue, as part of this unit."""
        ...

    def bring_forward(self, host: str) -> None:
        """Let everything that waits to be tried again at this host be tried now."""
        ...


@dataclass(frozen=True, slots=True)
class Unit:
    """What a handler leaves to be done in the same transaction that ends its job."""

    fn: Callable[..., Any]
    args: tuple[Any, ...] = ()

    @classmethod
    def of(cls, fn: Callable[Concatenate[Any, P], Any], *args: P.args, **kwargs: P.kwargs) -> Unit:
        """`fn(tx, *args)`, with its arguments checked by the type checker."""
        if kwargs:
            raise TypeError("a unit takes its arguments by position")
        return cls(fn, args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The job is over and there is nothing to store."""

    host_answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """It did not work this time."""

    error: str
    """The kind of fault, for the steward: never text of people."""
    after: float | None = None
    """Seconds, when the other side said how long to wait."""
    host_failed: bool = False
    silent: bool = False
    """Whether it failed by giving no answer at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something here has to happen first; nothing was tried, so nothing is counted."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bury:
    """It will never work. Kept, so that the steward can see it and try once more."""

    error: str
    host_answered: bool = False


Verdict = Done | Retry | Wait | Bury


def encode_event(event: Event) -> str:
    """An event as the payload of a job."""
    return msgspec.json.encode({"event": type(event).__name__, **msgspec.to_builtins(event)}).decode()


def decode_event(payload: str) -> Event:
    """The event of a payload. Raises `ValueError` when it is not one."""
    try:
        members = msgspec.json.decode(payload, type=dict[str, Any])
        return msgspec.convert(members, EVENTS[members.pop("event")])
    except (msgspec.MsgspecError, KeyError) as fault:
        raise ValueError(f"not an event: {type(fault).__name__}") from None


def caused(kind: str, event: Event, not_before: datetime | None = None) -> Work:
    """What an event causes: in order with all else about its subject, or alone at the moment that it names.

    In that order it may have to wait until `not_before`, and what comes after it waits too.

    Who follows whom comes first: nobody hears of a thing before they hear that they follow who says it.
    """
    due = getattr(event, "due_at", None)
    follows = f"{kind} follows"
    first = isinstance(event, _OF_FOLLOWS)
    return Work(
        kind,
        encode_event(event),
        host=getattr(event, "domain", None),
        sequence=None if due else follows if first else f"{kind} {subject(event)}",
        behind=None if due or first else follows,
        run_at=due or not_before,
    )


def subject(event: Event) -> str:
    """What an event is about: what happened to one thing is worked on in the order in which it happened."""
    for spec in fields(event):
        if spec.name.endswith(("_id", "uri", "domain")):
            return str(getattr(event, spec.name))
    return ""
