"""Lists of questions: all, by topic, by pilot, and those that still wait for an answer.

A page further is asked for by the last question seen, never by a number, and a pilot or topic nobody knows is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import listings, news
from storage.reading import Reading
from vraagbaak import preferring, text
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Member, Pilot, Topic
from web import render, sessions
from web.pages import forms
from web.site import site_of

PER_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which questions somebody wants to see."""

    topic: str = ""
    pilot: str = ""
    unanswered: bool = False
    before: str = ""


def topic_slug(given: str) -> str:
    """The slug of a topic in an address; empty when none is asked for. Raises Unknown for what cannot be one."""
    found = text.slug(given)
    if given and not found:
        raise Unknown
    return found


def _wish(request: Request, **fixed: str) -> Wish:
    query = request.query_params
    return Wish(
        topic=topic_slug(fixed.get("topic") or query.get("onderwerp", "")),
        pilot=fixed.get("pilot") or query.get("proeftuin", ""),
        unanswered=bool(query.get("zonder-antwoord")),
        before=forms.cursor_of(request),
    )


async def questions(request: Request) -> Response:
    """`/vragen`."""
    return await _list(request, _wish(request), "questions.html")


async def topic(request: Request) -> Response:
    """`/o/{topic}`."""
    return await _list(request, _wish(request, topic=request.path_params["topic"]), "questions.html")


async def pilot(request: Request) -> Response:
    """`/p/{pilot}`."""
    return await pilot_page(request, request.path_params["pilot"])


async def pilot_page(request: Request, name: str) -> Response:
    """A neighbourhood with its questions. Raises Unknown."""
    return await _list(request, _wish(request, pilot=name), "pilot.html")


async def _list(request: Request, wish: Wish, template: str) -> Response:
    visitor = await sessions.visitor_of(request)
    shown = await site_of(request).store.read(_found, visitor.viewer, wish)
    return render.page(request, visitor, template, shown)


def _found(reading: Reading, viewer: Viewer, wish: Wish) -> dict[str, Any]:
    """What they wish to see. Raises Unknown for a pilot or topic that nobody here knows."""
    pilot = listings.pilot_called(reading, wish.pilot) if wish.pilot else None
    cards = listings.question_cards(
        reading,
        viewer,
        topic=wish.topic,
        pilot_id=pilot.id if pilot else "",
        unanswered=wish.unanswered,
        before=wish.before,
        limit=PER_PAGE + 1,
    )
    if wish.topic and not cards and reading.one(Topic, id=wish.topic) is None:
        raise Unknown
    return {
        "cards": cards[:PER_PAGE],
        "older": cards[PER_PAGE - 1].question.id if len(cards) > PER_PAGE else "",
        "wish": wish,
        "pilot": pilot,
        "pilots": listings.known_pilots(reading),
        "topics": listings.topics(reading),
        "alternate": pilot.uri if pilot and pilot.local else None,
        "feed": _feed_of(reading, wish, pilot),
        "follows": viewer.member is not None and _follows(reading, viewer.member, wish, pilot),
    }


def _feed_of(reading: Reading, wish: Wish, pilot: Pilot | None) -> str | None:
    """Where programs find the same list, as far as it may be told to everybody."""
    if wish.topic:
        return None if wish.topic in news.delicate_topics(reading) else f"/o/{wish.topic}.atom"
    return f"/p/{wish.pilot}.atom" if pilot else "/vragen.atom"


def _follows(reading: Reading, member: Member, wish: Wish, pilot: Pilot | None) -> bool:
    """Whether the member follows what this list is of."""
    if wish.topic:
        return wish.topic in preferring.topics(reading, member)
    return pilot is not None and preferring.follows_pilot(reading, member, pilot)


async def pilots(request: Request) -> Response:
    """`/proeftuinen`."""
    visitor = await sessions.visitor_of(request)
    found = await site_of(request).store.read(listings.known_pilots)
    return render.page(request, visitor, "pilots.html", {"pilots": found})


async def group_page(request: Request, slug: str) -> Response:
    """The page of our own neighbourhood, the same thing as the Group. Raises Unknown for any other name."""
    if slug != site_of(request).config.slug:
        raise Unknown
    return await pilot_page(request, slug)


ROUTES = [
    Route("/vragen", questions),
    Route("/o/{topic}", topic),
    Route("/p/{pilot}", pilot),
    Route("/proeftuinen", pilots),
]
