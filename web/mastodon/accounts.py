"""Accounts: one's own, others', what they said, and following them. Nobody's followers are shown or counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from storage import people
from storage.stream import Place, Wanted
from vraagbaak import follows, pins, preferring
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, Answer, Member, Offer, Question, SilenceKind
from vraagbaak.ports import Tx
from web.keys import is_key
from web.mastodon import entities, timelines
from web.mastodon.calls import Answered, Call, Endpoint, Paging, listed

MOST_AT_ONCE = 80
MOST_PASSED_OVER = 400


class Several(msgspec.Struct, kw_only=True):
    """Which accounts."""

    id: list[str] = msgspec.field(default_factory=list)
    with_suspended: bool = False


class Lookup(msgspec.Struct, kw_only=True):
    """An address: `handle` or `handle@domain`."""

    acct: str = ""


class AccountSearch(msgspec.Struct, kw_only=True):
    """The beginning of a name or handle."""

    q: str = ""
    limit: int | None = None
    offset: int = 0
    resolve: bool = False
    following: bool = False


class StatusesOf(Paging, kw_only=True):
    """Which of somebody's statuses."""

    only_media: bool = False
    exclude_replies: bool = False
    exclude_reblogs: bool = False
    pinned: bool = False
    tagged: str = ""


class NoteWish(msgspec.Struct, kw_only=True):
    """What to remember of somebody."""

    comment: str = ""


async def _verify(call: Call) -> entities.CredentialAccount:
    return entities.own_account(call.site.store.home, call.member, call.actor)


async def _show(call: Call) -> entities.Account:
    return entities.account(call.site.store.home, await call.read(people.actor, call.key))


async def _several(call: Call) -> list[entities.Account]:
    keys = [key for key in call.given.id if is_key(key)][:MOST_AT_ONCE]
    return [entities.account(call.site.store.home, each) for each in await call.read(people.actors, keys)]


async def _lookup(call: Call) -> entities.Account:
    given = call.given.acct
    if not given or len(given) > 500:
        raise Unknown
    return entities.account(call.site.store.home, await call.read(people.called, given))


async def _search(call: Call) -> list[entities.Account]:
    given: AccountSearch = call.given
    limit = max(1, min(80, 40 if given.limit is None else given.limit))
    following = call.actor.id if given.following else ""
    found = await accounts_like(
        call, given.q, limit, following=following, resolve=given.resolve, offset=given.offset
    )
    return [entities.account(call.site.store.home, each) for each in found]


async def accounts_like(
    call: Call, query: str, limit: int, *, following: str = "", resolve: bool = False, offset: int = 0
) -> list[Actor]:
    """Accounts known here that are called like this: by their whole address, else by how they begin.

    With `resolve` an address that is not known is looked up, for a member.
    """
    if not 0 <= offset <= MOST_PASSED_OVER:
        return []
    if "@" in query.strip().removeprefix("@"):
        return [] if offset else await _called(call, query.strip()[:500], resolve=resolve)
    found: list[Actor] = await call.read(_named_like, query[:200], limit + offset, following)
    return found[offset:]


async def _called(call: Call, address: str, *, resolve: bool) -> list[Actor]:
    if resolve and call.visitor.member and call.site.finding:
        named = await call.site.finding.find(address)
        if isinstance(named, Actor):
            return [named]
    try:
        return [await call.read(people.called, address)]
    except Unknown:
        return []


def _named_like(reading: Any, query: str, limit: int, following: str) -> list[Actor]:
    return people.named_like(reading, query, limit, followed_by=following)


async def _relationships(call: Call) -> list[entities.Relationship]:
    keys = [key for key in dict.fromkeys(call.given.id) if is_key(key)][:MOST_AT_ONCE]
    known = [each.id for each in await call.read(people.actors, keys)]
    return await between(call, known)


async def between(call: Call, keys: list[str]) -> list[entities.Relationship]:
    """How the caller stands to these accounts, in this order."""
    found = await call.read(people.between, call.actor.id, keys)
    away, notes, outside = await call.read(_own, call.member, keys)
    return [
        entities.Relationship(
            id=key,
            following=found[key].following,
            requested=found[key].requested,
            followed_by=found[key].followed_by,
            blocking=key in away[SilenceKind.BLOCK],
            muting=key in away[SilenceKind.MUTE],
            muting_notifications=key in away[SilenceKind.MUTE],
            domain_blocking=key in outside,
            note=notes.get(key, ""),
        )
        for key in keys
    ]


def _own(
    reading: Any, member: Member, keys: list[str]
) -> tuple[dict[SilenceKind, list[str]], dict[str, str], set[str]]:
    """Whom the member keeps away, what they want to remember of whom, and who of these is on a server kept away."""
    kinds = (SilenceKind.BLOCK, SilenceKind.MUTE, SilenceKind.SERVER)
    away = {kind: preferring.silences(reading, member, kind) for kind in kinds}
    servers = set(away[SilenceKind.SERVER])
    outside = {each.id for each in people.actors(reading, keys) if not each.local and each.domain in servers}
    return away, preferring.notes(reading, member), outside


async def _statuses(call: Call) -> Answered:
    given: StatusesOf = call.given
    actor = await call.read(people.actor, call.key)
    kinds = (Question, Offer) if given.exclude_replies else (Question, Answer, Offer)
    wanted = Wanted(
        kinds=kinds,
        author_id=actor.id,
        topic=given.tagged,
        without_replies=given.exclude_replies,
        with_media=given.only_media,
    )
    if given.pinned:
        uris = await call.read(_first_of, actor.id)
        wanted = Wanted(kinds=(Question, Answer, Offer), author_id=actor.id, uris=uris)
    return await timelines.page_of(call, wanted)


def _first_of(reading: Any, actor_id: str) -> list[str]:
    return [thing.uri for thing in pins.first_of(reading, actor_id)]


async def _nobody(call: Call) -> list[Any]:
    """Who follows whom is shown to nobody; the account itself has to be there."""
    await call.read(people.actor, call.key)
    return []


def _with(act: Callable[[Tx, Actor, Actor], object]) -> Callable[[Call], Any]:
    async def respond(call: Call) -> entities.Relationship:
        await call.do(_acted, act, call.actor, call.key)
        return (await between(call, [call.key]))[0]

    return respond


def _acted(tx: Tx, act: Callable[[Tx, Actor, Actor], object], actor: Actor, key: str) -> None:
    act(tx, actor, _present(tx, key))


def _present(tx: Tx, key: str) -> Actor:
    found = tx.get(Actor, key)
    if found.suspended:
        raise Unknown
    return found


def _let_go(tx: Tx, actor: Actor, follower: Actor) -> None:
    follows.part(tx, follower, actor)


async def _note(call: Call) -> entities.Relationship:
    await call.do(_noted, call.member, call.key, call.given.comment)
    return (await between(call, [call.key]))[0]


def _noted(tx: Tx, member: Member, key: str, words: str) -> None:
    preferring.note(tx, member, _present(tx, key), words)


async def _following(call: Call) -> list[entities.Account] | Answered:
    """Whom one follows: shown to oneself only."""
    if call.visitor.actor is None or call.visitor.actor.id != call.key:
        return await _nobody(call)
    place = call.place(most=MOST_AT_ONCE, usual=40)
    return people_listed(call, await call.read(people.followed, call.key, place), place)


def people_listed(call: Call, found: list[tuple[str, Actor]], place: Place) -> Answered:
    """A page of people, each with the id that it goes by."""
    home = call.site.store.home
    return listed(call, found, lambda each: entities.account(home, each[1]), lambda each: each[0], place)


_ONE = "/api/v1/accounts/{id}"
ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/accounts/verify_credentials",
        summary="One's own account.",
        do=_verify,
        scope="read:accounts",
        gives=entities.CredentialAccount,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/accounts/relationships",
        summary="How one stands to these accounts.",
        do=_relationships,
        scope="read:follows",
        takes=Several,
        gives=list[entities.Relationship],
    ),
    Endpoint(
        method="GET",
        path="/api/v1/accounts/lookup",
        summary="The account with this address, as far as known here.",
        do=_lookup,
        takes=Lookup,
        gives=entities.Account,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/accounts/search",
        summary="Accounts that are called like this.",
        do=_search,
        scope="read:accounts",
        takes=AccountSearch,
        gives=list[entities.Account],
    ),
    Endpoint(
        method="GET",
        path="/api/v1/accounts",
        summary="Several accounts at once.",
        do=_several,
        takes=Several,
        gives=list[entities.Account],
    ),
    Endpoint(method="GET", path=_ONE, summary="One account.", do=_show, gives=entities.Account),
    Endpoint(
        method="GET",
        path=f"{_ONE}/statuses",
        summary="What somebody said.",
        do=_statuses,
        scope="read:statuses",
        members_only=False,
        takes=StatusesOf,
        gives=list[entities.Status],
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/followers",
        summary="Who follows somebody: nobody is told.",
        do=_nobody,
        gives=list[entities.Account],
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/following",
        summary="Whom somebody follows: one sees one's own only.",
        do=_following,
        scope="read:accounts",
        members_only=False,
        takes=Paging,
        gives=list[entities.Account],
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/follow",
        summary="Follow somebody, or a neighbourhood.",
        do=_with(follows.ask),
        scope="write:follows",
        gives=entities.Relationship,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/unfollow",
        summary="Take that back.",
        do=_with(follows.end),
        scope="write:follows",
        gives=entities.Relationship,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/note",
        summary="Remember something of somebody, for oneself alone.",
        do=_note,
        scope="write:accounts",
        takes=NoteWish,
        gives=entities.Relationship,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/remove_from_followers",
        summary="Let somebody follow one no more.",
        do=_with(_let_go),
        scope="write:follows",
        gives=entities.Relationship,
    ),
    *(
        Endpoint(method="GET", path=f"{_ONE}/{name}", summary=summary, do=_nobody, scope=scope)
        for name, summary, scope in (
            ("featured_tags", "Topics that somebody puts first: there are none.", ""),
            ("endorsements", "Whom somebody recommends: nobody.", ""),
            ("identity_proofs", "Who else vouches for somebody: nobody is asked.", "read:accounts"),
        )
    ),
)
