"""Search: people, what was said, and topics; with `resolve` also whom or what an address names elsewhere."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from storage import listings, people, statuses
from storage.reading import Reading
from storage.statuses import StatusView
from storage.stream import Place, Wanted
from vraagbaak import audience, similar, text
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, Answer, Offer, Question, Thing
from web import sessions
from web.mastodon import entities
from web.mastodon.accounts import MOST_PASSED_OVER, accounts_like
from web.mastodon.calls import Call, Endpoint, bound
from web.mastodon.preferences import TagInfo, followed_topics, tag_info

MOST = 40
LONGEST = 500
_NAMES_SOMETHING = re.compile(r"https?://\S+|@?[^\s@/]+@[^\s@/]+")


class Search(msgspec.Struct, kw_only=True):
    """What is looked for."""

    q: str = ""
    type: str = ""
    resolve: bool = False
    following: bool = False
    account_id: str = ""
    limit: int | None = None
    offset: int = 0
    max_id: str = ""
    min_id: str = ""


class Found(msgspec.Struct, kw_only=True):
    """What was found."""

    accounts: list[entities.Account] = msgspec.field(default_factory=list)
    statuses: list[entities.Status] = msgspec.field(default_factory=list)
    hashtags: list[TagInfo] = msgspec.field(default_factory=list)


async def _search(call: Call) -> Found:
    given: Search = call.given
    query = given.q.strip()[:LONGEST]
    if not query:
        return Found()
    limit = max(1, min(MOST, 20 if given.limit is None else given.limit))
    found = Found()
    home = call.site.store.home
    if _NAMES_SOMETHING.fullmatch(query):
        return Found() if given.offset else await _named(call, query)
    if not 0 <= given.offset <= MOST_PASSED_OVER:
        return found
    if given.type in {"", "accounts"}:
        allowed = call.visitor.actor and sessions.is_for(call.visitor, "read:accounts")
        following = call.actor.id if given.following and allowed else ""
        people_found = await accounts_like(call, query, limit, following=following, offset=given.offset)
        found.accounts = [entities.account(home, each) for each in people_found]
    if given.type in {"", "statuses"}:
        place = Place(max_id=bound(given.max_id), min_id=bound(given.min_id), limit=limit + given.offset)
        views = await call.read(_said, call.viewer, query, given.account_id, place)
        found.statuses = [entities.status(home, view) for view in views[given.offset :]]
    if given.type in {"", "hashtags"}:
        topics = await call.read(_topics, query.removeprefix("#"), limit + given.offset)
        mine = await followed_topics(call)
        found.hashtags = [tag_info(call, topic, mine) for topic in topics[given.offset :]]
    return found


async def _named(call: Call, query: str) -> Found:
    """Whom or what an address names: known here, else looked up when a member asks for that."""
    given: Search = call.given
    home = call.site.store.home
    thing: Any = None
    if call.visitor.member and given.resolve and call.site.finding:
        thing = await call.site.finding.find(query)
    if thing is None:
        thing = await call.read(_known, query)
    if isinstance(thing, Actor):
        return Found(accounts=[entities.account(home, thing)] if given.type in {"", "accounts"} else [])
    if thing is None or given.type not in {"", "statuses"}:
        return Found()
    try:
        return Found(statuses=[entities.status(home, await call.read(statuses.one, call.viewer, thing.id))])
    except Unknown:
        return Found()


def _known(reading: Reading, query: str) -> Any:
    if "://" in query:
        actor = reading.one(Actor, uri=query)
        return actor if actor and not actor.suspended else thing_by_address(reading, query)
    try:
        return people.called(reading, query)
    except Unknown:
        return None


def thing_by_address(reading: Reading, url: str) -> Thing | None:
    """What has this uri, or stands on this page of ours. Whether somebody may see it is not asked here."""
    known = audience.thing_at(reading, url)
    if known is not None:
        return known
    base = reading.home.base_url
    match = re.fullmatch(re.escape(base) + r"/(?:v/[^/#]+#a-|[vqa]/|offers/)([0-9a-z]{26})", url)
    if match:
        key: str = match[1]
        return reading.one(Question, id=key) or reading.one(Answer, id=key) or reading.one(Offer, id=key)
    return None


def _said(reading: Reading, viewer: Viewer, query: str, author_id: str, place: Place) -> list[StatusView]:
    words = similar.wordings(query, reading.thesaurus)
    wanted = Wanted(kinds=(Question, Answer, Offer), words=words, author_id=author_id)
    return statuses.listed(reading, viewer, wanted, place)


def _topics(reading: Reading, query: str, limit: int) -> list[str]:
    begin = text.slug(query)
    return [topic.id for topic in listings.topics(reading, 500) if begin and topic.id.startswith(begin)][
        :limit
    ]


ENDPOINTS = tuple(
    Endpoint(
        method="GET",
        path=path,
        summary="People, what was said, and topics.",
        do=_search,
        scope="read:search",
        members_only=False,
        takes=Search,
        gives=Found,
    )
    for path in ("/api/v2/search", "/api/v1/search")
)
