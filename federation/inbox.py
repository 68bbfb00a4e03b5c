"""The way in: prove who speaks, remember the activity as a job, answer; later examine it and let it happen.

Nothing is believed before its signature is verified, nothing is fetched while the sender waits but a key, and what
somebody says in another's name is refused whatever it is (threats A, B).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import msgspec

from federation import synchronizing
from federation.activities import (
    accept,
    add,
    announce,
    block,
    choose_answer,
    create,
    delete,
    flag,
    follow,
    like,
    lock,
    move,
    quote_request,
    reject,
    undo,
    update,
)
from federation.directory import Directory
from federation.documents import (
    CAPS,
    Document,
    Malformed,
    host_of,
    id_of,
    is_said_publicly,
    one_type,
    only_of,
    parse,
    same_origin,
    without_secrets,
)
from federation.fetching import Budget, FetchFault, Rejected, Spent, Temporary, Vanished
from federation.keys import KeyRing
from federation.signatures import FoundKey, RawRequest, Verified, authenticate
from federation.understanding import Delivered, NotForUs, Sources, is_ours
from storage.hosts import host_spoke
from storage.policy import RetryPolicy
from storage.records import Activity, Seen
from storage.store import Store
from storage.tx import SqlTx
from storage.work import Done, Job, Retry, Unit, Verdict, Work
from vraagbaak import peers
from vraagbaak.errors import Invalid, NotYours
from vraagbaak.model import Actor, Answer, Home, Question, Standing
from vraagbaak.ports import Clock, Reads

log = logging.getLogger("vraagbaak.inbox")

RECEIVE = "receive"
ACTIVITIES: Mapping[str, Callable[[Delivered, Sources], Awaitable[Unit]]] = {
    "Accept": accept.examine,
    "Add": add.examine,
    "Announce": announce.examine,
    "Block": block.examine,
    "ChooseAnswer": choose_answer.examine,
    "Create": create.examine,
    "Delete": delete.examine,
    "EmojiReact": like.examine,
    "Flag": flag.examine,
    "Follow": follow.examine,
    "Like": like.examine,
    "Lock": lock.examine,
    "Move": move.examine,
    "QuoteRequest": quote_request.examine,
    "Reject": reject.examine,
    "Remove": add.examine_removal,
    "Undo": undo.examine,
    "Update": update.examine,
}
"""What we understand; anything else is accepted politely and dropped."""
_ABOUT_OLD = frozenset({"Block", "Reject", "Remove", "Undo", "Update"})
"""What changes or takes back something that is here: it counts from somebody who is not shown any more too."""
MOST_ASKING = 20
"""So many activities of one server may wait at a time for what is asked elsewhere because of them."""
PATIENCE = 60.0
"""Seconds for all requests of one try together: what servers that drip cost is known before the worker cuts it off."""
LONGEST_FAREWELL = 16_384
"""How many bytes of what nobody has proven yet are read at most."""


class _Farewell(Exception):  # noqa: N818 - what the request is
    """An actor whom we do not know says that it is gone: nothing to prove, nothing to do."""


class _Arrived(msgspec.Struct, frozen=True):
    """The payload of a receive job."""

    actor: str
    uri: str
    activity: Any
    """The document: as it came when it is put in, taken apart when it is read. `parse` has judged it by then."""


_arrived = msgspec.json.Decoder(_Arrived)


class _Asking:
    """How many activities of one server wait for what we ask elsewhere because of them: no more than `MOST_ASKING`.

    A server that names what never comes would otherwise hold all hands of the worker (threat D10).
    """

    def __init__(self) -> None:
        self._busy: Counter[str] = Counter()

    @contextlib.contextmanager
    def because_of(self, host: str) -> Iterator[Callable[[], None]]:
        """Inside, what it gives is called before anything is asked; that raises Temporary when it is too much."""
        asking = False

        def begin() -> None:
            nonlocal asking
            if self._busy[host] >= MOST_ASKING:
                raise Temporary("crowded")
            asking = True
            self._busy[host] += 1

        try:
            yield begin
        finally:
            if asking:
                self._busy[host] -= 1
                self._busy += Counter()  # what is at nought is forgotten


class Inbox:
    """Receives. One per process."""

    def __init__(
        self, *, store: Store, directory: Directory, ring: KeyRing, home: Home, clock: Clock
    ) -> None:
        self._store = store
        self._directory = directory
        self._ring = ring
        self._home = home
        self._clock = clock
        self._sources = Sources(
            store=store, directory=directory, home=home, clock=clock, examine=self._examine
        )
        self._asking = _Asking()

    async def verify(self, request: RawRequest) -> Verified | None:
        """The proven request; None for a farewell of somebody unknown, which needs no proof and has no effect.

        Raises BadSignature, KeyUnavailable when its key cannot be fetched just now, NotYours for an unknown key of
        a refused server, which is not asked for it, or TooFast for one too many new servers of one owner.
        """
        try:
            return await authenticate(
                request,
                now=self._clock.now(),
                our_hosts={self._home.domain},
                ring=self._ring,
                find_key=lambda key_id: self._find_key(key_id, request.body),
                refresh_key=self._directory.refresh_key,
            )
        except _Farewell:
            return None

    async def _find_key(self, key_id: str, body: bytes) -> FoundKey | None:
        known = await self._directory.known_key(key_id)
        if known is None:
            if body and _says_farewell(body):
                raise _Farewell
            await self._store.read(_require_welcome, key_id)
        return await self._directory.find_key(key_id)

    async def accept(self, verified: Verified) -> None:
        """Remember a proven activity, once, as a job.

        Raises Malformed, NotYours for what may not come in, or TooFast for one too many new servers of one owner.
        """
        doc = parse(verified.body)
        if one_type(doc) is None:
            raise Malformed("type")
        actor_uri = await self._author_of(doc, verified)
        uri = _uri_of(doc, actor_uri, verified.body)
        await self._directory.keep(verified.actor_uri)
        job = job_for(doc, uri, verified.body, actor_uri)
        policy, claims = self._store.policy, verified.synchronization
        seen = Seen(id=uri, actor_uri=actor_uri, mark=_mark_of(verified.body), seen_at=self._clock.now())
        before = await self._store.run(_remember, verified.actor_uri, seen, job, claims, policy)
        if before and before.mark != seen.mark:
            log.warning(
                "activity of kind %s from %s dropped: its id was used before, for something else",
                _kind(doc),
                host_of(actor_uri),
            )

    async def _author_of(self, doc: Document, verified: Verified) -> str:
        """Who says it: whoever signed the request, or whose proof it carries, when somebody else forwards it.

        Raises NotYours, or KeyUnavailable.
        """
        actor_uri = id_of(doc.get("actor"))
        if actor_uri == verified.actor_uri:
            return verified.actor_uri
        if actor_uri is not None and "proof" in doc and not is_ours(self._home, actor_uri):
            await self._store.read(_require_welcome, actor_uri)
            if await self._directory.proves(doc, actor_uri):
                return actor_uri
        raise NotYours("actor", "An activity is only taken from the actor whose key signed it.")

    async def receive(self, job: Job) -> Unit | Verdict:
        """The handler of `receive` jobs: what an activity means, as one unit of work."""
        given = _arrived.decode(job.payload)
        with self._asking.because_of(host_of(given.actor) or "") as begin:
            budget = Budget.after(job.spent, begin)
            before = budget.left
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._received(given, budget)
            except TimeoutError:
                return Retry(error="too slow")
            finally:
                job.tally.requests = before - budget.left

    async def _received(self, given: _Arrived, budget: Budget) -> Unit | Verdict:
        doc: Document = given.activity
        try:
            actor = await self._speaker(given.actor, doc, budget)
            delivered = Delivered(doc=doc, uri=given.uri, actor=actor, budget=budget)
            unit = await self._examine(delivered)
        except NotForUs as verdict:
            log.info(
                "activity of kind %s from %s dropped: %s", _kind(doc), host_of(given.actor), verdict.code
            )
            return Done()
        except Spent:
            log.info("activity of %s dropped: it needs too many requests", host_of(given.actor))
            return Done()
        except Temporary as fault:
            return Retry(error=f"cannot fetch: {fault.code}")
        except FetchFault as fault:
            log.info("activity of %s dropped: its actor cannot be had: %s", host_of(given.actor), fault.code)
            return Done()
        return Unit.of(_perform_and_keep, unit, delivered) if _may_be_passed_on(doc) else unit

    async def _speaker(self, uri: str, doc: Document, budget: Budget) -> Actor:
        """Who says it, as it is now; as we know it when its server does not show it any more. Raises FetchFault.

        That it said this was proven when it came: an account that is gone is not asked whether it wants to be erased.
        """
        kind = one_type(doc)
        if kind == "Delete" and (known := await self._directory.known_actor(uri)):
            return known
        try:
            return await self._directory.actor(uri, budget)
        except (Vanished, Rejected) as fault:
            known = await self._directory.known_actor(uri) if kind in _ABOUT_OLD else None
            if known and fault.code.isdigit():
                return known
            raise

    async def _examine(self, delivered: Delivered) -> Unit:
        examine = ACTIVITIES.get(one_type(delivered.doc) or "")
        if examine is None:
            raise NotForUs("unknown-type")
        return await examine(delivered, self._sources)


def job_for(doc: Document, uri: str, body: bytes, actor_uri: str) -> Work:
    """The receive job of an activity that `actor_uri` is proven to say; `body` is the document as it came.

    What is said about one thing by its own server is examined in the order in which it came. What others say of it
    stands in rows of their own, so that nobody can hold up what its author says (threat D10).
    To whom it was sent in secret is not even kept until then.
    """
    clean = without_secrets(doc)
    if clean is not doc:
        body = msgspec.json.encode(clean)
    subject = _subject(doc)
    by = "" if same_origin(subject, actor_uri) else actor_uri
    payload = msgspec.json.encode(_Arrived(actor_uri, uri, msgspec.Raw(body))).decode()
    return Work(RECEIVE, payload, sequence=f"{RECEIVE} {subject} {by}")


def _kind(doc: Document) -> str:
    """The kind of activity for the log: a word of ours, never the sender's (threat I11)."""
    kind = one_type(doc)
    return kind if kind is not None and kind in ACTIVITIES else "unknown"


def _says_farewell(body: bytes) -> bool:
    """Whether this is the Delete of an actor by itself: half the fediverse gets one (behaviour 13 of the twenty)."""
    if len(body) > LONGEST_FAREWELL:
        return False
    try:
        doc = parse(body)
    except Malformed:
        return False
    actor = id_of(doc.get("actor"))
    return one_type(doc) == "Delete" and actor is not None and id_of(doc.get("object")) == actor


def _uri_of(doc: Document, actor_uri: str, body: bytes) -> str:
    """The id of an activity, on its actor's own host; one made of its content for peers that send none.

    Raises Malformed for an id elsewhere: it would keep that server's own activity out.
    """
    uri = id_of(doc)
    if uri is None:
        if doc.get("id") is not None:
            raise Malformed("id")
        return f"{actor_uri}#{hashlib.sha256(body).hexdigest()}"
    if not same_origin(uri, actor_uri):
        raise Malformed("id")
    return uri


def _subject(doc: Document) -> str:
    """The id of the innermost thing an activity is about."""
    subject = ""
    inside: object = doc
    for _ in range(3):
        inside = only_of(inside.get("object")) if isinstance(inside, dict) else None
        found = id_of(inside)
        if found is None:
            break
        subject = found
        if isinstance(inside, dict) and "object" not in inside:
            break
    return subject[: CAPS.uri]


def _mark_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:8]


def _remember(
    tx: SqlTx, sender: str, seen: Seen, job: Work, synchronization: str, policy: RetryPolicy
) -> Seen | None:
    """The activity as seen, with its job; what was seen before under its id stays, and is told (threats I01, I03)."""
    for each in {sender, seen.actor_uri}:
        _require_welcome(tx, each)
    try:
        tx.add(seen)
    except Invalid:
        return tx.one(Seen, id=seen.id)
    tx.enqueue(job)
    if synchronization:
        synchronizing.note(tx, sender, synchronization)
    host_spoke(tx, host_of(sender) or "", policy)
    return None


def _require_welcome(reading: Reads, uri: str) -> None:
    """Raises NotYours for what is on a refused server."""
    if peers.standing(reading, host_of(uri) or "") is Standing.REFUSED:
        raise NotYours("refused-peer", "This server does not take posts from there.")


def _may_be_passed_on(doc: Document) -> bool:
    """Whether this may be about an answer in a thread of ours: a reply, or what happened to a thing since."""
    inside = only_of(doc.get("object"))
    if one_type(doc) == "Create":
        return isinstance(inside, str) or (isinstance(inside, dict) and inside.get("inReplyTo") is not None)
    return one_type(doc) in {"Update", "Delete"}


def _perform_and_keep(tx: SqlTx, unit: Unit, delivered: Delivered) -> None:
    """Let it happen; what changed a thread of ours is kept as it came, to be passed on (FEP-1b12)."""
    uri = id_of(delivered.doc.get("object")) or ""
    before = tx.one(Answer, uri=uri)
    unit.fn(tx, *unit.args)
    after = tx.one(Answer, uri=uri)
    answer = after or before
    if answer is None or after == before or answer.local or not tx.get(Question, answer.question_id).local:
        return
    if tx.one(Activity, id=delivered.uri) is None:
        kept = Activity(
            id=delivered.uri,
            actor_uri=delivered.actor.uri,
            thing_uri=uri,
            body=msgspec.json.encode(delivered.doc).decode(),
            public=is_said_publicly(delivered.doc),
            made_at=tx.now,
        )
        tx.add(kept)
