"""'Meehelpen': who offers what, and offering something oneself.

An offer to one question is seen by no more people than the question; only who made an offer changes or deletes it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import circulation, finding, listings
from storage.reading import Reading
from vraagbaak import offers
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Channel, Offer, Question, Scope, Topic
from vraagbaak.offers import Draft
from web import language, render, sessions
from web.keys import checked_key
from web.pages import forms, lists
from web.pages.forms import Fault, Form
from web.site import Visitor, site_of

PER_PAGE = 20


async def offered(request: Request) -> Response:
    """`/meehelpen`: what is offered, and the form; a new offer."""
    visitor = await sessions.visitor_of(request)
    if request.method != "POST":
        fresh = Form(fields={"question": [request.query_params.get("vraag", "")]})
        return await _list(request, visitor, forms.draft_of(request) or fresh)
    visitor, member, _ = await forms.member_of(request)
    form = await forms.read(request)
    try:
        made = await site_of(request).store.run(offers.offer, member, _draft(request, visitor, form))
    except Invalid as refused:
        return await _list(request, visitor, form, forms.fault_of(refused))
    if made.question_id:
        return render.redirect(request, f"/v/{made.question_id}#o-{made.id}", gedaan="aangeboden")
    return render.redirect(request, f"/meehelpen/{made.id}/vragen", gedaan="aangeboden")


def _draft(request: Request, visitor: Visitor, form: Form) -> Draft:
    question = form.text("question")
    spoken = language.language_of(request, visitor.member, site_of(request).config.languages)
    return Draft(
        body=form.text("body"),
        topics=(*form.many("topics"), *form.many("own_topic")),
        availability=form.text("availability"),
        distance=_number(form, "distance"),
        channel=form.choice("channel", Channel) or Channel.HERE,
        capacity=_number(form, "capacity"),
        scope=Scope.PUBLIC if question else form.choice("scope", Scope) or Scope.NEIGHBOURHOOD,
        question_id=checked_key(question) if question else None,
        language=spoken.code,
    )


def _number(form: Form, name: str) -> int:
    """The number in a field, 0 when it is empty. Raises Invalid."""
    given = form.text(name).strip() or "0"
    if not re.fullmatch(r"[0-9]{1,4}", given):
        raise Invalid(name, "This is not a number.", "not-a-number")
    return int(given)


async def _list(request: Request, visitor: Visitor, form: Form, fault: Fault | None = None) -> Response:
    topic = lists.topic_slug(request.query_params.get("onderwerp", ""))
    shown = await site_of(request).store.read(
        _found, visitor.viewer, topic, forms.cursor_of(request), form.text("question")
    )
    shown |= {"form": form, "fault": fault, "topic": topic, "editing": None}
    return render.page(request, visitor, "offers.html", shown, status=422 if fault else 200)


def _found(reading: Reading, viewer: Viewer, topic: str, before: str, question_id: str) -> dict[str, Any]:
    cards = listings.offer_cards(reading, viewer, topic=topic, before=before, limit=PER_PAGE + 1)
    if topic and not cards and reading.one(Topic, id=topic) is None:
        raise Unknown
    return {
        "cards": cards[:PER_PAGE],
        "older": cards[PER_PAGE - 1].offer.id if len(cards) > PER_PAGE else "",
        "topics": listings.topics(reading),
        "others": listings.circle(reading),
        "question": _question(reading, viewer, question_id) if question_id else None,
    }


def _question(reading: Reading, viewer: Viewer, question_id: str) -> Question:
    return finding.found(reading, viewer, Question, checked_key(question_id))


async def edit(request: Request) -> Response:
    """`/meehelpen/{id}/aanpassen`: one's own offer in other words."""
    visitor, found, actor = await _own(request)
    if request.method != "POST":
        return await _edit_form(request, visitor, found, forms.draft_of(request) or _as_form(found))
    form = await forms.read(request)
    try:
        draft = replace(_draft(request, visitor, form), paused=found.paused)
        await site_of(request).store.run(offers.edit, actor, found.id, draft)
    except Invalid as refused:
        return await _edit_form(request, visitor, found, form, forms.fault_of(refused))
    return render.redirect(request, f"/meehelpen#o-{found.id}", gedaan="aangepast")


async def _edit_form(
    request: Request, visitor: Visitor, found: Offer, form: Form, fault: Fault | None = None
) -> Response:
    topics = await site_of(request).store.read(listings.topics)
    shown = {"form": form, "fault": fault, "topics": topics, "editing": found, "question": None}
    return render.page(request, visitor, "offer_edit.html", shown, status=422 if fault else 200)


def _as_form(offer: Offer) -> Form:
    fields = {
        "body": [offer.body],
        "availability": [offer.availability],
        "topics": list(offer.topics),
        "distance": [str(offer.distance)],
        "channel": [offer.channel.value],
        "capacity": [str(offer.capacity or "")],
    }
    return Form(fields=fields)


async def pause(request: Request) -> Response:
    """`/meehelpen/{id}/pauze`: nobody is matched with it, or it goes on."""
    _, found, actor = await _own(request)
    if request.method == "POST":
        await site_of(request).store.run(offers.go_on if found.paused else offers.pause, actor, found.id)
    return render.redirect(request, f"/meehelpen/{found.id}/vragen", gedaan="aangepast")


async def withdraw(request: Request) -> Response:
    """`/meehelpen/{id}/verwijderen`: first what it means, then it is gone."""
    visitor, found, actor = await _own(request)
    if request.method == "POST":
        await site_of(request).store.run(offers.withdraw, actor, found.id)
        return render.redirect(request, "/mij", gedaan="verwijderd")
    sent = await site_of(request).store.read(circulation.was_sent, found.uri)
    shown = {"kind": "offer", "question": None, "thing": found, "sent": sent}
    return render.page(request, visitor, "delete.html", shown)


async def _own(request: Request) -> tuple[Visitor, Offer, Actor]:
    """The author and their offer. Raises Unknown for an offer they may not know of, or NotYours."""
    visitor, _, actor = await forms.member_of(request)
    key = forms.key_of(request)
    store = site_of(request).store
    await store.read(finding.found, visitor.viewer, Offer, key)
    return visitor, await store.run(offers.own, actor, key), actor


BOTH = ["GET", "POST"]
ROUTES = [
    Route("/meehelpen", offered, methods=BOTH),
    Route("/meehelpen/{id}/aanpassen", edit, methods=BOTH),
    Route("/meehelpen/{id}/pauze", pause, methods=BOTH),
    Route("/meehelpen/{id}/verwijderen", withdraw, methods=BOTH),
]
