"""'Kennismaken': which questions fit one's offer, which neighbours fit one's question, and the closed talk of two.

No page here names anybody before both said yes; a talk is shown to its two, and to nobody else whatever their role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.reading import Reading
from vraagbaak import audience, fitting, introductions, offers, pilots
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid
from vraagbaak.matching import Match
from vraagbaak.model import Actor, Introduction, Member, Offer, Pilot, Question, Remark, Stage
from vraagbaak.ports import Tx
from web import language, reasons, render
from web.keys import checked_key
from web.pages import forms
from web.pages.forms import Fault, Form
from web.site import Visitor, site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """A question and an offer that fit, with what the two said so far."""

    match: Match
    question: Question
    offer: Offer
    introduction: Introduction | None
    possible: bool
    """Whether the two can get to know each other here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """An introduction as one of the two sees it."""

    introduction: Introduction
    question: Question
    offer: Offer
    other: Actor | None
    """Who the other is, once both said yes."""
    asks: bool
    waits: bool
    """Whether it waits for the one who looks."""
    remarks: tuple[Remark, ...]
    pilot: Pilot


def for_question(reading: Reading, viewer: Viewer, question: Question) -> tuple[Fitting, ...]:
    """Which neighbours can do this with the asker; nothing for anybody else."""
    if viewer.member is None or question.author_id != viewer.member.actor_id or not question.local:
        return ()
    seen = [
        each for each in fitting.standing_offers(reading) if each.local and audience.may_see(viewer, each)
    ]
    return tuple(
        _fitting(reading, match, question, offer)
        for match, offer in fitting.offers_for(reading, question, seen)
    )


def _fitting(reading: Reading, match: Match, question: Question, offer: Offer) -> Fitting:
    possible = bool(question.local and offer.local and reading.one(Member, actor_id=question.author_id))
    known = introductions.between(reading, question, offer)
    return Fitting(match=match, question=question, offer=offer, introduction=known, possible=possible)


async def questions_that_fit(request: Request) -> Response:
    """`/meehelpen/{id}/vragen`: for whoever made the offer."""
    visitor, _, actor = await forms.member_of(request)
    store = site_of(request).store
    offer = await store.run(offers.own, actor, forms.key_of(request))
    found = await store.read(_for_offer, visitor.viewer, offer)
    shown = {"offer": offer, "found": found, "because": because_in(request, visitor)}
    return render.page(request, visitor, "fitting.html", shown)


def _for_offer(reading: Reading, viewer: Viewer, offer: Offer) -> tuple[Fitting, ...]:
    seen = [each for each in fitting.open_questions(reading) if audience.may_see(viewer, each)]
    return tuple(
        _fitting(reading, match, question, offer)
        for match, question in fitting.questions_for(reading, offer, seen)
    )


def because_in(request: Request, visitor: Visitor) -> Callable[[Match], str]:
    """Says why two fit, in the visitor's language."""
    spoken = language.language_of(request, visitor.member, site_of(request).config.languages)
    return lambda match: reasons.because(spoken, match.reasons)


async def listed(request: Request) -> Response:
    """`/kennismaken`: all of one's introductions; with a form: say yes to one."""
    visitor, member, _ = await forms.member_of(request)
    if request.method == "POST":
        form = await forms.read(request)
        made = await site_of(request).store.run(
            introductions.agree, member, checked_key(form.text("question")), checked_key(form.text("offer"))
        )
        return render.redirect(request, f"/kennismaken/{made.id}")
    talks = await site_of(request).store.read(_talks, member)
    return render.page(request, visitor, "introductions.html", {"talks": talks, "Stage": Stage})


def _talks(reading: Reading, member: Member) -> tuple[Talk, ...]:
    return tuple(_talk(reading, member, each) for each in introductions.of_member(reading, member))


def _talk(reading: Reading, member: Member, found: Introduction) -> Talk:
    return Talk(
        introduction=found,
        question=reading.get(Question, found.question_id),
        offer=reading.get(Offer, found.offer_id),
        other=introductions.other(reading, found, member),
        asks=found.asker_id == member.actor_id,
        waits=introductions.waits_for(found, member.actor_id),
        remarks=tuple(introductions.remarks(reading, found)),
        pilot=pilots.ours(reading),
    )


def _own_talk(reading: Reading, member: Member, key: str) -> Talk:
    return _talk(reading, member, introductions.own(reading, member, key))


async def talk(request: Request) -> Response:
    """`/kennismaken/{id}`: the talk of two; with a form: say something in it."""
    visitor, member, _ = await forms.member_of(request)
    key = forms.key_of(request)
    if request.method != "POST":
        return await _show(request, visitor, member, key, Form())
    form = await forms.read(request)
    try:
        said = await site_of(request).store.run(introductions.say, member, key, form.text("body"))
    except Invalid as refused:
        return await _show(request, visitor, member, key, form, forms.fault_of(refused))
    return render.redirect(request, f"/kennismaken/{key}#r-{said.id}")


async def _show(
    request: Request, visitor: Visitor, member: Member, key: str, form: Form, fault: Fault | None = None
) -> Response:
    found = await site_of(request).store.read(_own_talk, member, key)
    shown: dict[str, Any] = {"talk": found, "Stage": Stage, "form": form, "fault": fault}
    return render.page(request, visitor, "talk.html", shown, status=422 if fault else 200)


def _step(do: Callable[[Tx, Member, str], Introduction]) -> Callable[[Request], Any]:
    async def step(request: Request) -> Response:
        _, member, _ = await forms.member_of(request)
        key = forms.key_of(request)
        if request.method == "POST":
            await site_of(request).store.run(do, member, key)
        return render.redirect(request, f"/kennismaken/{key}")

    return step


BOTH = ["GET", "POST"]
ROUTES = [
    Route("/meehelpen/{id}/vragen", questions_that_fit),
    Route("/kennismaken", listed, methods=BOTH),
    Route("/kennismaken/{id}", talk, methods=BOTH),
    Route("/kennismaken/{id}/gelukt", _step(introductions.succeed), methods=BOTH),
    Route("/kennismaken/{id}/stoppen", _step(introductions.end), methods=BOTH),
]
