"""Following a topic, a neighbourhood or a question, what is new in that, and what others did with one's own.

Only the member sees what they follow; nobody is counted. Looking marks nothing as seen: that is a button.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import finding, followed, listings, notices
from storage.reading import Reading
from storage.stream import Place
from vraagbaak import preferring
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Question, Topic
from vraagbaak.notices import clear
from web import render, sessions
from web.keys import checked_key
from web.pages import forms
from web.site import site_of

SHOWN = 30
NOTICES = "notifications"
"""The list that apps keep too: what is read in one is read in the other."""


async def ways(request: Request) -> Response:
    """`/volgen`: what one follows and what is new in it; for everybody how to follow from elsewhere."""
    visitor = await sessions.visitor_of(request)
    store = site_of(request).store
    if request.method == "POST":
        _, member, _ = await forms.member_of(request)
        form = await forms.read(request)
        if form.text("do") == "stop":
            await store.run(preferring.follow_nothing, member)
            return render.redirect(request, "/volgen", gedaan="niets-gevolgd")
        await store.run(preferring.read_on, member, preferring.FOLLOWED, checked_key(form.text("last")))
        return render.redirect(request, "/volgen", gedaan="gezien")
    found = await store.read(followed.of, visitor.viewer, SHOWN) if visitor.member else None
    shown = {
        "followed": found,
        "more": found is not None and len(found.fresh) == SHOWN,
        "feed": "/vragen.atom",
    }
    return render.page(request, visitor, "following.html", shown)


async def topic(request: Request) -> Response:
    """`/o/{topic}/volgen`: follows it, or does not any more. Raises Unknown."""
    name = request.path_params["topic"]
    if request.method != "POST":
        return render.redirect(request, f"/o/{name}")
    visitor, member, _ = await forms.member_of(request)
    wanted = (await forms.read(request)).text("do") != "stop"
    store = site_of(request).store
    if wanted:
        await store.read(_known_topic, visitor.viewer, name)
    slug = await store.run(preferring.follow_topic if wanted else preferring.leave_topic, member, name)
    return _done(request, f"/o/{slug}", wanted=wanted)


def _known_topic(reading: Reading, viewer: Viewer, slug: str) -> None:
    if reading.one(Topic, id=slug) is None and not listings.question_cards(
        reading, viewer, topic=slug, limit=1
    ):
        raise Unknown


async def pilot(request: Request) -> Response:
    """`/p/{pilot}/volgen`. Raises Unknown."""
    name = request.path_params["pilot"]
    if request.method != "POST":
        return render.redirect(request, f"/p/{name}")
    _, member, _ = await forms.member_of(request)
    wanted = (await forms.read(request)).text("do") != "stop"
    store = site_of(request).store
    known = await store.read(listings.pilot_called, name)
    await store.run(preferring.follow_pilot if wanted else preferring.leave_pilot, member, known)
    return _done(request, f"/p/{name}", wanted=wanted)


async def question(request: Request) -> Response:
    """`/v/{id}/volgen`: "dit is mijn vraag ook". Raises Unknown."""
    key = forms.key_of(request)
    if request.method != "POST":
        return render.redirect(request, f"/v/{key}")
    visitor, member, _ = await forms.member_of(request)
    wanted = (await forms.read(request)).text("do") != "stop"
    store = site_of(request).store
    await store.read(finding.found, visitor.viewer, Question, key)
    await store.run(preferring.share_question if wanted else preferring.leave_question, member, key)
    return _done(request, f"/v/{key}", wanted=wanted)


def _done(request: Request, path: str, *, wanted: bool) -> Response:
    """Back to the page, or to the list where one follows less from."""
    there = "/volgen" if request.query_params.get("terug") == "lijst" else path
    return render.redirect(request, there, gedaan="gevolgd" if wanted else "niet-gevolgd")


async def for_you(request: Request) -> Response:
    """`/voor-jou`: who answered, liked, passed on or follows, as far as one may still see it."""
    visitor, member, _ = await forms.member_of(request)
    store = site_of(request).store
    if request.method == "POST":
        form = await forms.read(request)
        if form.text("do") == "weg":
            await store.run(clear, member)
            return render.redirect(request, "/voor-jou", gedaan="opgeruimd")
        await store.run(preferring.read_on, member, NOTICES, checked_key(form.text("last")))
        return render.redirect(request, "/voor-jou", gedaan="gezien")
    before = forms.cursor_of(request)
    shown = await store.read(_told, visitor.viewer, before)
    return render.page(request, visitor, "for_you.html", shown)


def _told(reading: Reading, viewer: Viewer, before: str) -> dict[str, Any]:
    assert viewer.member is not None
    found = notices.told(reading, viewer, Place(max_id=before, limit=SHOWN + 1))
    marker = preferring.markers(reading, viewer.member).get(NOTICES)
    return {
        "notices": found[:SHOWN],
        "older": found[SHOWN - 1].notice.id if len(found) > SHOWN else "",
        "read_to": marker.last_id if marker else "",
    }


BOTH = ["GET", "POST"]
ROUTES = [
    Route("/volgen", ways, methods=BOTH),
    Route("/voor-jou", for_you, methods=BOTH),
    Route("/o/{topic}/volgen", topic, methods=BOTH),
    Route("/p/{pilot}/volgen", pilot, methods=BOTH),
    Route("/v/{id}/volgen", question, methods=BOTH),
]
