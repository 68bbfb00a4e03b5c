"""Timelines: what stands at home, in the neighbourhood, everywhere, under a topic; and what one liked or kept."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from storage import statuses
from storage.reading import Reading
from storage.statuses import StatusView
from storage.stream import Place, Wanted
from vraagbaak import lists, preferring, text
from vraagbaak.audience import Viewer
from vraagbaak.model import Answer, Member, Offer, PeopleList, Question
from vraagbaak.ports import Reads
from web.mastodon import entities
from web.mastodon.calls import Answered, Call, Endpoint, Paging, listed

MOST_TOPICS = 4

EVERYTHING = (Question, Answer, Offer)


class PublicPaging(Paging, kw_only=True):
    """A public timeline."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


class TopicPaging(PublicPaging, kw_only=True):
    """A timeline of topics."""

    any: list[str] = msgspec.field(default_factory=list)
    all: list[str] = msgspec.field(default_factory=list)
    none: list[str] = msgspec.field(default_factory=list)


async def page_of(call: Call, wanted: Wanted) -> Answered:
    """One page of the stream."""
    return shown(call, await call.read(statuses.listed, call.viewer, wanted, call.place()))


def shown(call: Call, found: list[StatusView]) -> Answered:
    """A page of statuses, with where the pages around it are."""
    home, place = call.site.store.home, call.place()
    return listed(call, found, lambda view: entities.status(home, view), lambda view: view.key, place=place)


def at_home(reading: Reads, member: Member) -> Wanted:
    """What stands in a member's home timeline."""
    interests = tuple(preferring.topics(reading, member))
    return Wanted(kinds=EVERYTHING, of_member=member.actor_id, interests=interests, at_rest=member.id)


def for_everybody(given: PublicPaging, member: Member | None) -> Wanted:
    """What stands in a public timeline, for this member or for nobody."""
    rest = member.id if member else ""
    return Wanted(
        local=given.local,
        remote=given.remote,
        without_replies=True,
        with_media=given.only_media,
        at_rest=rest,
    )


def about_topic(given: PublicPaging, topic: str, member: Member | None) -> Wanted:
    """What stands under a topic."""
    rest = member.id if member else ""
    return Wanted(
        local=given.local, remote=given.remote, topic=topic, with_media=given.only_media, at_rest=rest
    )


def in_list(chosen: PeopleList, member: Member) -> Wanted:
    """What stands in a list of this member."""
    return Wanted(
        kinds=EVERYTHING,
        of_member=member.actor_id,
        in_list=chosen.id,
        replies=chosen.replies,
        at_rest=member.id,
    )


async def _list(call: Call) -> Answered:
    chosen = await call.read(lists.own, call.member, call.key)
    return await page_of(call, in_list(chosen, call.member))


async def _home(call: Call) -> Answered:
    return shown(call, await call.read(_standing_at_home, call.viewer, call.member, call.place()))


def _standing_at_home(reading: Reading, viewer: Viewer, member: Member, place: Place) -> list[StatusView]:
    return statuses.listed(reading, viewer, at_home(reading, member), place)


async def _public(call: Call) -> Answered:
    given: PublicPaging = call.given
    return await page_of(call, for_everybody(given, call.visitor.member))


async def _tag(call: Call) -> Answered:
    given: TopicPaging = call.given
    topic = text.slug(call.request.path_params["tag"][:200])
    if not topic:
        return Answered(value=[])
    wanted = replace(
        about_topic(given, topic, call.visitor.member),
        any_of=_topics(given.any),
        all_of=_topics(given.all),
        none_of=_topics(given.none),
    )
    return await page_of(call, wanted)


def _topics(given: list[str]) -> tuple[str, ...]:
    """At most so many, as Mastodon 4.5 takes them; names of nothing are left out."""
    return tuple(topic for topic in (text.slug(each[:200]) for each in given[:MOST_TOPICS]) if topic)


async def _favourites(call: Call) -> Answered:
    return await page_of(call, Wanted(kinds=EVERYTHING, liked_by=call.actor.id))


async def _bookmarks(call: Call) -> Answered:
    return await page_of(call, Wanted(kinds=EVERYTHING, kept_by=call.member.id))


_LIST = list[entities.Status]
ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/timelines/home",
        summary="The own neighbourhood, and whom and what one follows.",
        do=_home,
        scope="read:statuses",
        takes=Paging,
        gives=_LIST,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/timelines/list/{id}",
        summary="What those in a list said.",
        do=_list,
        scope="read:lists",
        takes=Paging,
        gives=_LIST,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/timelines/public",
        summary="Questions and offers that one may see: from here, from elsewhere, or both.",
        do=_public,
        scope="read:statuses",
        members_only=False,
        takes=PublicPaging,
        gives=_LIST,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/timelines/tag/{tag}",
        summary="The same under one topic, with others (`any`, `all`) or without (`none`).",
        do=_tag,
        scope="read:statuses",
        members_only=False,
        takes=TopicPaging,
        gives=_LIST,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/favourites",
        summary="What one likes.",
        do=_favourites,
        scope="read:favourites",
        takes=Paging,
        gives=_LIST,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/bookmarks",
        summary="What one keeps.",
        do=_bookmarks,
        scope="read:bookmarks",
        takes=Paging,
        gives=_LIST,
    ),
)
