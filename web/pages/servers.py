"""What goes on between this server and others: deliveries that failed, complaints, and readers who come or go.

Nobody is sent elsewhere without a page in between that names where (threat E14).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.discovery import account_of
from federation.documents import host_of
from storage import finding, jobs
from storage.reading import Reading
from storage.tx import SqlTx
from vraagbaak import audience, members, moderation, reports
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Answer, Member, Question, Report, Thing
from web import discovery, render, sessions
from web.keys import checked_key
from web.pages import forms
from web.pages.forms import Form
from web.site import site_of

SHOWN = 100


async def deliveries(request: Request) -> Response:
    """`/nakijken/bezorging`: what was given up, with a button to try it again."""
    visitor, member, _ = await forms.member_of(request)
    members.require_moderator(member)
    store = site_of(request).store
    if request.method == "POST":
        form = await forms.read(request)
        number = form.text("job")
        if number:
            await store.run(_retry, int(number) if number.isascii() and number.isdecimal() else 0)
        else:
            await store.run(jobs.retry_all)
        return render.redirect(request, "/nakijken/bezorging", gedaan="opnieuw")
    found = await store.read(jobs.buried, SHOWN)
    return render.page(request, visitor, "undelivered.html", {"jobs": found, "most": SHOWN})


def _retry(tx: SqlTx, number: int) -> None:
    """Raises Unknown when there is no such job, or it waits already."""
    if not 0 < number < 2**63 or not jobs.retry(tx, number):
        raise Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A report with the pages of what it is about."""

    report: Report
    about: tuple[tuple[str, str], ...]
    """Address and name of each."""


async def complaints(request: Request) -> Response:
    """`/nakijken/meldingen`: what other servers complain about, oldest first; a moderator has dealt with it."""
    visitor, member, _ = await forms.member_of(request)
    members.require_moderator(member)
    store = site_of(request).store
    if request.method == "POST":
        key = checked_key((await forms.read(request)).text("id"))
        await store.run(reports.handle, member, key)
        return render.redirect(request, "/nakijken/meldingen", gedaan="afgehandeld")
    found = await store.read(_complaints, member)
    return render.page(request, visitor, "complaints.html", {"complaints": found})


def _complaints(reading: Reading, member: Member) -> list[Complaint]:
    return [
        Complaint(report=report, about=tuple(_named(reading, uri) for uri in report.about))
        for report in reports.waiting(reading, member)
    ]


def _named(reading: Reading, uri: str) -> tuple[str, str]:
    thing = audience.thing_at(reading, uri)
    if thing:
        return place_of(thing), thing.title if isinstance(thing, Question) else thing.body[:80]
    actor = reading.one(Actor, uri=uri)
    return ("/proeftuinen", actor.name) if actor and not actor.handle else (uri, actor.name if actor else uri)


def place_of(thing: Thing) -> str:
    """Where a thing stands here."""
    if isinstance(thing, Question):
        return f"/v/{thing.id}"
    mark = f"#{'a' if isinstance(thing, Answer) else 'o'}-{thing.id}"
    return f"/v/{thing.question_id}{mark}" if thing.question_id else f"/meehelpen{mark}"


async def complain(request: Request) -> Response:
    """`/nakijken/melden/{kind}/{id}`: tell the server of a thing what is wrong with it. Raises Unknown for ours."""
    visitor, member, _ = await forms.member_of(request)
    members.require_moderator(member)
    kind, key = moderation.KINDS.get(request.path_params["kind"]), forms.key_of(request)
    if kind is None:
        raise Unknown
    thing = await site_of(request).store.read(_foreign, kind, key)
    form, fault = Form(), None
    if request.method == "POST":
        form = await forms.read(request)
        try:
            await site_of(request).store.run(reports.report_elsewhere, member, thing, form.text("text"))
            return render.redirect(request, place_of(thing), gedaan="gemeld")
        except Invalid as refused:
            fault = forms.fault_of(refused)
    shown = {
        "thing": thing,
        "host": host_of(thing.uri),
        "form": form,
        "fault": fault,
        "kind": request.path_params["kind"],
    }
    return render.page(request, visitor, "complain.html", shown, status=422 if fault else 200)


def _foreign(reading: Reading, kind: type[Thing], key: str) -> Thing:
    thing = reading.get(kind, key)
    if thing.local:
        raise Unknown
    return thing


async def interaction(request: Request) -> Response:
    """`/authorize_interaction?uri=`: what somebody on another server wants to see or do here, or reads of elsewhere.

    What is here is shown; for the rest there is a page that names where the link leads (OStatus subscribe, FEP-3b86).
    Nobody is asked who an account is, nor whether we know it: its page is looked for where most software has one.
    """
    visitor = await sessions.visitor_of(request)
    asked_for = request.query_params.get("uri", "")
    here = await site_of(request).store.read(_here, visitor.viewer, asked_for)
    if here:
        return render.redirect(request, here)
    uri = _elsewhere(asked_for, site_of(request).config.home.domain)
    shown = {
        "uri": uri,
        "host": host_of(uri),
        "follows": request.query_params.get("intent") == "follow",
        "noindex": True,
    }
    return render.page(request, visitor, "leaving.html", shown)


def _here(reading: Reading, viewer: Viewer, asked_for: str) -> str:
    """Where we show it, to who may see it; empty when we do not have it."""
    thing = finding.found_at(reading, viewer, asked_for)
    if thing:
        return place_of(thing)
    with contextlib.suppress(Unknown):
        return discovery.named(reading, asked_for).uri.removeprefix(reading.home.base_url)
    return ""


def _elsewhere(asked_for: str, domain: str) -> str:
    """The address of a thing or account on another server. Raises Unknown for anything else, and for what is ours."""
    account = account_of(asked_for)
    host = account[1] if account else host_of(asked_for)
    if host is None or host == domain:
        raise Unknown
    return f"https://{host}/@{account[0]}" if account else asked_for


async def profile(request: Request) -> Response:
    """`/@{name}`: where most software has the page of a person, and so where others look for ours."""
    return render.redirect(request, f"/u/{request.path_params['name']}")


ROUTES = [
    Route("/nakijken/bezorging", deliveries, methods=["GET", "POST"]),
    Route("/nakijken/meldingen", complaints, methods=["GET", "POST"]),
    Route("/nakijken/melden/{kind}/{id}", complain, methods=["GET", "POST"]),
    Route("/authorize_interaction", interaction),
    Route("/@{name}", profile),
]
