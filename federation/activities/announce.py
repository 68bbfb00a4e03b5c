"""Announce: a neighbourhood passes on what was said in it, as a whole activity (FEP-1b12) or as a bare uri.

We listen to neighbourhoods that we trust or follow; what they pass on of people on another server counts when those
people prove it (FEP-8b32), and is taken from that server else, never from them (Mitra 2.18, Hollo 0.8.5; B17 to B20).
"""

from __future__ import annotations

from federation import moderating
from federation.activities.envelope import envelope
from federation.addressing import followers_of
from federation.documents import (
    PUBLIC,
    Document,
    first_of,
    host_of,
    id_of,
    ids_of,
    is_public,
    one_type,
    only_of,
    same_origin,
)
from federation.fetching import FetchFault, Temporary, Vanished
from federation.signatures import KeyUnavailable
from federation.understanding import (
    Delivered,
    NotForUs,
    Sources,
    arrivals_of,
    is_known,
    is_ours,
    may_pass_on,
    take_in,
)
from federation.vocabulary import NOTE_TYPES
from storage.reading import Reading
from storage.work import Unit
from vraagbaak import answers, peers, questions
from vraagbaak.errors import NotYours, TooFast
from vraagbaak.model import Actor, ActorKind, Answer, Question, Standing
from vraagbaak.ports import Tx

_MARKS = frozenset({"Add", "Remove", "ChooseAnswer", "Lock", "Undo"})
PASSED_ON = frozenset({"Create", "Update", "Delete"}) | _MARKS


def build(
    uri: str, group_uri: str, inside: str | Document, *, public: bool, servers: tuple[str, ...] = ()
) -> Document:
    """Our neighbourhood passes something on: to everybody who follows it, or to named servers only."""
    to = {"to": [PUBLIC], "cc": [followers_of(group_uri)]} if public else {"to": list(servers)}
    return envelope("Announce", uri, group_uri, inside, to)


async def examine(delivered: Delivered, sources: Sources) -> Unit:
    """What is passed on, believed as far as its own server vouches for it. Raises NotForUs."""
    if delivered.via is not None:
        raise NotForUs("announce-of-announce")
    inside = delivered.inside
    kind = one_type(inside) if isinstance(inside, dict) else None
    if kind is not None and kind not in PASSED_ON | NOTE_TYPES:
        raise NotForUs("unknown-kind")  # before anything is fetched for it
    about = id_of(inside.get("object")) if isinstance(inside, dict) and kind in PASSED_ON else id_of(inside)
    if not await sources.store.read(_concerns_us, delivered.actor, about or ""):
        raise NotForUs("not-followed")
    if not isinstance(inside, dict):
        return await _fetched(delivered.object_id, delivered, sources)
    _require_own_thread(delivered.actor, inside, only_of(inside.get("object")))
    actor_uri = id_of(inside.get("actor"))
    if kind not in PASSED_ON or actor_uri is None:
        return await _fetched(delivered.object_id, delivered, sources)
    if is_ours(sources.home, actor_uri):
        raise NotForUs("our-own")
    if kind in _MARKS and not await sources.store.read(may_pass_on, delivered.actor):
        raise NotForUs("not-followed")  # an old one could be brought again by anybody who once saw it
    if decision := await moderating.decided(inside, actor_uri, delivered, sources):
        return decision
    if await _is_vouched(inside, actor_uri, delivered, sources):
        return await _vouched(inside, actor_uri, delivered, sources)
    if kind == "Delete":
        return await _deleted_elsewhere(id_of(inside.get("object")) or "", delivered, sources)
    if kind in {"Create", "Update"}:
        return await _fetched(id_of(inside.get("object")) or "", delivered, sources)
    raise NotForUs("unproven")


def _concerns_us(reading: Reading, announcer: Actor, about: str) -> bool:
    """Whether we listen to the neighbourhood, or have what it speaks of: of that we want to hear the end."""
    return may_pass_on(reading, announcer) or is_known(reading, about)


def _require_own_thread(announcer: Actor, *documents: object) -> None:
    """A neighbourhood passes on what was said in it: what names another as its `audience` is that one's (threat B19).

    Raises NotForUs.
    """
    for doc in documents if announcer.kind is ActorKind.GROUP else ():
        named = ids_of(doc.get("audience")) if isinstance(doc, dict) else []
        owners = [uri for uri in named if not is_public({uri})]
        if owners and not any(uri in {announcer.uri, followers_of(announcer.uri)} for uri in owners):
            raise NotForUs("not-its-thread")


async def _is_vouched(inside: Document, actor_uri: str, delivered: Delivered, sources: Sources) -> bool:
    """Whether what is passed on can be believed as it is.

    The announcing server speaks for its own people, through a neighbourhood (threat B06: never a person there);
    whoever speaks elsewhere proves it (FEP-8b32). Raises NotForUs.
    """
    if same_origin(actor_uri, delivered.actor.uri):
        return delivered.actor.kind is ActorKind.GROUP
    try:
        return await sources.directory.proves(inside, actor_uri)
    except KeyUnavailable as fault:
        raise Temporary("key") from fault
    except (NotYours, TooFast):
        raise NotForUs("unproven") from None


async def _vouched(inside: Document, actor_uri: str, delivered: Delivered, sources: Sources) -> Unit:
    """The activity as if its actor had sent it to us: nothing of a refused server, by whatever way (threat F02)."""
    if await sources.store.read(peers.standing, host_of(actor_uri) or "") is Standing.REFUSED:
        raise NotForUs("refused-peer")
    try:
        actor = await sources.directory.actor(actor_uri, delivered.budget)
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("no-author") from None
    uri = id_of(inside)
    inner = Delivered(
        doc=inside,
        # An id elsewhere could be that of something else we know, or of ours (threat B40).
        uri=uri if uri and same_origin(uri, actor_uri) else delivered.uri,
        actor=actor,
        via=delivered.actor,
        budget=delivered.budget,
    )
    return await sources.examine(inner)


async def _fetched(uri: str, delivered: Delivered, sources: Sources) -> Unit:
    """The post as its own server shows it to us; when that says it is gone, it goes here too."""
    if not uri or is_ours(sources.home, uri):
        raise NotForUs("our-own")
    try:
        post = await sources.document(uri, delivered.budget)
        _require_own_thread(delivered.actor, post)
        author_uri = id_of(first_of(post.get("attributedTo")))
        if author_uri is None:
            raise NotForUs("not-a-post")
        author = await sources.directory.actor(author_uri, delivered.budget)
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("no-object") from None
    passed_on = Delivered(
        doc=delivered.doc, uri=delivered.uri, actor=author, via=delivered.actor, budget=delivered.budget
    )
    return Unit.of(take_in, await arrivals_of(post, passed_on, sources))


async def _deleted_elsewhere(uri: str, delivered: Delivered, sources: Sources) -> Unit:
    """A Delete that was only passed on counts when the post's own server says so too (threat B11).

    "Not found" may be a fault of the moment: then it also takes a neighbourhood that we listen to.
    """
    if not uri or is_ours(sources.home, uri):
        raise NotForUs("our-own")
    try:
        post = await sources.document(uri, delivered.budget)
    except Vanished as gone:
        if not gone.for_good and not await sources.store.read(may_pass_on, delivered.actor):
            raise NotForUs("unproven") from None
        return Unit.of(_forget, uri, delivered.uri)
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("unproven") from None
    if one_type(post) != "Tombstone":
        raise NotForUs("still-there")
    return Unit.of(_forget, uri, delivered.uri)


def _forget(tx: Tx, uri: str, activity_uri: str) -> None:
    question, answer = tx.one(Question, uri=uri), tx.one(Answer, uri=uri)
    if question:
        questions.receive_withdrawal(tx, tx.get(Actor, question.author_id), question)
    elif answer:
        answers.receive_withdrawal(tx, tx.get(Actor, answer.author_id), answer, activity_uri)
