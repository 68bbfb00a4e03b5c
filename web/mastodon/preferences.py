"""What is a member's alone: whom and what they keep away, topics they follow, up to where they read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from storage import followed, people, statuses
from storage.tx import SqlTx
from vraagbaak import preferring, text
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Marker, Member, Question, SilenceKind
from vraagbaak.ports import Tx
from web import sessions
from web.mastodon import entities
from web.mastodon.accounts import MOST_AT_ONCE, between, people_listed
from web.mastodon.calls import Answered, Call, Endpoint, Paging, bound, listed
from web.mastodon.moments import when
from web.mastodon.statuses import shown

MOST_NAMES = 200


class Timelines(msgspec.Struct, kw_only=True):
    """Which markers."""

    timeline: list[str] = msgspec.field(default_factory=list)


class Position(msgspec.Struct, kw_only=True):
    """Up to where."""

    last_read_id: str = ""


class Positions(msgspec.Struct, kw_only=True):
    """Up to where each list was read."""

    home: Position | None = None
    notifications: Position | None = None


class Domain(msgspec.Struct, kw_only=True):
    """A server."""

    domain: str = ""


class MuteWish(msgspec.Struct, kw_only=True):
    """For how many seconds somebody is to be kept away: until it is taken back, which is 0."""

    duration: int = 0


class TagInfo(msgspec.Struct, kw_only=True):
    """A topic, and whether one follows it."""

    id: str
    name: str
    url: str
    history: list[Any] = msgspec.field(default_factory=list)
    following: bool = False
    featuring: bool = False


def _marker(found: Marker) -> dict[str, Any]:
    return {
        "last_read_id": found.last_id,
        "version": found.version,
        "updated_at": when(found.moved_at),
    }


async def _markers(call: Call) -> dict[str, Any]:
    found = await call.read(preferring.markers, call.member)
    return {name: _marker(each) for name, each in found.items() if name in call.given.timeline}


async def _move_markers(call: Call) -> dict[str, Any]:
    moved = {}
    for name in preferring.LISTS:
        position: Position | None = getattr(call.given, name)
        if position and bound(position.last_read_id):
            found = await call.do(preferring.move_marker, call.member, name, position.last_read_id)
            moved[name] = _marker(found)
    return moved


Act = Callable[[Tx, Member, Actor], object]


def _mute(tx: Tx, member: Member, target: Actor) -> None:
    preferring.silence(tx, member, SilenceKind.MUTE, target.id)


def _unmute(tx: Tx, member: Member, target: Actor) -> None:
    preferring.hear(tx, member, SilenceKind.MUTE, target.id)


def _unblock(tx: Tx, member: Member, target: Actor) -> None:
    preferring.hear(tx, member, SilenceKind.BLOCK, target.id)


async def _muted(call: Call) -> entities.Relationship:
    """Raises Invalid for a time after which it is to end: nothing here would end it."""
    if call.given.duration:
        raise Invalid("duration", "This cannot be the value of '%(name)s'.", "bad-value", name="duration")
    await call.do(_towards_them, _mute, call.member, call.key)
    return (await between(call, [call.key]))[0]


def _towards(act: Act) -> Callable[[Call], Any]:
    async def respond(call: Call) -> entities.Relationship:
        await call.do(_towards_them, act, call.member, call.key)
        return (await between(call, [call.key]))[0]

    return respond


def _towards_them(tx: Tx, act: Act, member: Member, key: str) -> None:
    target = tx.get(Actor, key)
    if target.suspended:
        raise Unknown
    act(tx, member, target)


def _kept_away(kind: SilenceKind) -> Callable[[Call], Any]:
    async def respond(call: Call) -> Answered:
        place = call.place(most=MOST_AT_ONCE, usual=40)
        return people_listed(call, await call.read(people.kept_away, call.member.id, kind, place), place)

    return respond


async def _servers(call: Call) -> Answered:
    place = call.place(most=MOST_NAMES, usual=100)
    found = await call.read(people.servers_away, call.member.id, place)
    return listed(call, found, lambda each: each[1], lambda each: each[0], place)


def _server(act: Callable[[Tx, Member, SilenceKind, str], None]) -> Callable[[Call], Any]:
    async def respond(call: Call) -> dict[str, Any]:
        domain = call.given.domain.strip().lower().rstrip(".")
        if not domain or len(domain) > 255 or "/" in domain or domain == call.site.store.home.domain:
            raise Invalid("domain", "This cannot be the value of '%(name)s'.", "bad-value", name="domain")
        await call.do(act, call.member, SilenceKind.SERVER, domain)
        return {}

    return respond


def _thread(act: Callable[[Tx, Member, SilenceKind, str], None]) -> Callable[[Call], Any]:
    async def respond(call: Call) -> entities.Status:
        await call.do(_in_thread, act, call.member, call.viewer, call.key)
        return await shown(call, call.key)

    return respond


def _in_thread(
    tx: SqlTx, act: Callable[[Tx, Member, SilenceKind, str], None], member: Member, viewer: Any, key: str
) -> None:
    thing = statuses.thing_called(tx, viewer, key)
    thread = (
        thing if isinstance(thing, Question) or not thing.question_id else tx.get(Question, thing.question_id)
    )
    act(tx, member, SilenceKind.THREAD, thread.uri)


async def followed_topics(call: Call) -> list[str]:
    """Those that the caller follows, when the token is for that."""
    member = call.visitor.member
    if member is None or not sessions.is_for(call.visitor, "read:follows"):
        return []
    found: list[str] = await call.read(preferring.topics, member)
    return found


def tag_info(call: Call, topic: str, mine: list[str]) -> TagInfo:
    """A topic, as one of which it is known which ones are followed."""
    home = call.site.store.home
    return TagInfo(id=topic, name=topic, url=f"{home.base_url}/o/{topic}", following=topic in mine)


async def _followed(call: Call) -> Answered:
    place = call.place(most=MOST_NAMES, usual=100)
    found = await call.read(followed.topics, call.member.id, place)
    return listed(call, found, lambda each: tag_info(call, each[1], [each[1]]), lambda each: each[0], place)


async def _tag(call: Call) -> TagInfo:
    topic = text.slug(call.request.path_params["tag"][:200])
    if not topic:
        raise Unknown
    found = await call.read(preferring.topics, call.visitor.member) if call.visitor.member else []
    return tag_info(call, topic, found)


def _tag_act(act: Callable[[Tx, Member, str], str]) -> Callable[[Call], Any]:
    async def respond(call: Call) -> TagInfo:
        await call.do(act, call.member, call.request.path_params["tag"])
        return await _tag(call)

    return respond


_ACCOUNT, _STATUS, _TOPIC = "/api/v1/accounts/{id}", "/api/v1/statuses/{id}", "/api/v1/tags/{tag}"
_REL, _ONE, _ACCOUNTS = entities.Relationship, entities.Status, list[entities.Account]
_ROWS: tuple[tuple[str, str, str, str, Any, Any, Any], ...] = (
    ("GET", "/api/v1/markers", "read:statuses", "Up to where one has read.", _markers, Timelines, dict),
    ("POST", "/api/v1/markers", "write:statuses", "Reads on.", _move_markers, Positions, dict),
    ("POST", f"{_ACCOUNT}/mute", "write:mutes", "Keep somebody away.", _muted, MuteWish, _REL),
    ("POST", f"{_ACCOUNT}/unmute", "write:mutes", "Take that back.", _towards(_unmute), None, _REL),
    (
        "POST",
        f"{_ACCOUNT}/block",
        "write:blocks",
        "Keep somebody away, and part.",
        _towards(preferring.block),
        None,
        _REL,
    ),
    ("POST", f"{_ACCOUNT}/unblock", "write:blocks", "Take that back.", _towards(_unblock), None, _REL),
    (
        "GET",
        "/api/v1/mutes",
        "read:mutes",
        "Whom one mutes.",
        _kept_away(SilenceKind.MUTE),
        Paging,
        _ACCOUNTS,
    ),
    (
        "GET",
        "/api/v1/blocks",
        "read:blocks",
        "Whom one blocks.",
        _kept_away(SilenceKind.BLOCK),
        Paging,
        _ACCOUNTS,
    ),
    (
        "GET",
        "/api/v1/domain_blocks",
        "read:blocks",
        "Servers that one keeps away.",
        _servers,
        Paging,
        list[str],
    ),
    (
        "POST",
        "/api/v1/domain_blocks",
        "write:blocks",
        "Keep a server away from oneself.",
        _server(preferring.silence),
        Domain,
        dict,
    ),
    (
        "DELETE",
        "/api/v1/domain_blocks",
        "write:blocks",
        "Take that back.",
        _server(preferring.hear),
        Domain,
        dict,
    ),
    (
        "POST",
        f"{_STATUS}/mute",
        "write:mutes",
        "Hear no more of its thread.",
        _thread(preferring.silence),
        None,
        _ONE,
    ),
    ("POST", f"{_STATUS}/unmute", "write:mutes", "Take that back.", _thread(preferring.hear), None, _ONE),
    (
        "GET",
        "/api/v1/followed_tags",
        "read:follows",
        "Topics that one follows.",
        _followed,
        Paging,
        list[TagInfo],
    ),
    ("GET", _TOPIC, "read:follows", "One topic.", _tag, None, TagInfo),
    (
        "POST",
        f"{_TOPIC}/follow",
        "write:follows",
        "Follow a topic.",
        _tag_act(preferring.follow_topic),
        None,
        TagInfo,
    ),
    (
        "POST",
        f"{_TOPIC}/unfollow",
        "write:follows",
        "Take that back.",
        _tag_act(preferring.leave_topic),
        None,
        TagInfo,
    ),
)
ENDPOINTS = tuple(
    Endpoint(
        method=method,
        path=path,
        summary=summary,
        do=do,
        scope=scope,
        members_only=do is not _tag,
        takes=takes,
        gives=gives,
    )
    for method, path, scope, summary, do, takes, gives in _ROWS
)
