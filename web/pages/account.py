"""'Mijn pagina': what a member asked, answered and offers, and their language, password, sessions and leaving.

It shows a member only themselves; changing a password and leaving ask for the password once more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import listings
from storage.reading import Reading
from vraagbaak import introductions, members
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid
from vraagbaak.model import Member
from vraagbaak.ports import Tx
from web import limits, passwords, render, sessions
from web.pages import forms
from web.pages.forms import Fault
from web.site import Visitor, site_of

WRONG = "This is not your password."


async def mine(request: Request) -> Response:
    """`/mij`."""
    visitor, _, _ = await forms.member_of(request)
    return await _page(request, visitor)


async def _page(request: Request, visitor: Visitor, fault: Fault | None = None) -> Response:
    shown = await site_of(request).store.read(_mine, visitor.viewer)
    shown |= {
        "fault": fault,
        "shortest": passwords.SHORTEST,
    }
    return render.page(request, visitor, "mine.html", shown, status=422 if fault else 200)


def _mine(reading: Reading, viewer: Viewer) -> dict[str, Any]:
    author_id = viewer.member.actor_id if viewer.member else ""
    talks = introductions.of_member(reading, viewer.member) if viewer.member else []
    return {
        "waiting": sum(introductions.waits_for(each, author_id) for each in talks),
        "cards": listings.own_questions(reading, viewer),
        "answers": listings.answer_cards(reading, viewer, author_id=author_id, limit=listings.MOST),
        "offers": listings.offer_cards(reading, viewer, helper_id=author_id, limit=listings.MOST),
    }


async def speak(request: Request) -> Response:
    """`/mij/taal`: the language of one's pages from now on."""
    _, member, _ = await forms.member_of(request)
    if request.method != "POST":
        return render.redirect(request, "/mij")
    wanted = (await forms.read(request)).text("language")
    if wanted in site_of(request).config.languages:
        await site_of(request).store.run(_speak, member.id, wanted)
    return render.forget_language("/mij", gedaan="taal")


def _speak(tx: Tx, member_id: str, code: str) -> None:
    tx.save(replace(tx.get(Member, member_id), language=code))


async def password(request: Request) -> Response:
    """`/mij/wachtwoord`: a new password; every other browser and program is signed out."""
    visitor, member, _ = await forms.member_of(request)
    if request.method != "POST":
        return render.redirect(request, "/mij#wachtwoord")
    form = await forms.read(request)
    try:
        await _check(request, member, form.text("old"), "old")
        passwords.check_new(member.handle, form.text("password"))
    except Invalid as refused:
        return await _page(request, visitor, forms.fault_of(refused))
    made = await passwords.hashed(form.text("password"))
    secret, secret_hash = sessions.new_secret()
    await site_of(request).store.run(_change_password, member.id, made, secret_hash)
    answer = render.redirect(request, "/mij", gedaan="wachtwoord")
    sessions.set_cookie(request, answer, secret)
    return answer


async def _check(request: Request, member: Member, given: str, field: str) -> None:
    """Raises Invalid when this is not the member's password, TooFast after many tries."""
    limits.limits_of(request).sign_in(request, member.handle)
    if not await passwords.matches(member.password_hash, given):
        raise Invalid(field, WRONG)


def _change_password(tx: Tx, member_id: str, password_hash: str, secret_hash: str) -> None:
    members.change_password(tx, tx.get(Member, member_id), password_hash)
    members.open_session(tx, member_id, secret_hash)


async def sign_out_everywhere(request: Request) -> Response:
    """`/mij/overal-afmelden`."""
    _, member, _ = await forms.member_of(request)
    if request.method != "POST":
        return render.redirect(request, "/mij")
    await site_of(request).store.run(members.end_all_sessions, member.id)
    answer = render.redirect(request, "/", gedaan="afgemeld")
    sessions.delete_cookie(request, answer)
    return answer


async def leave(request: Request) -> Response:
    """`/mij/weg`: the account and everything written with it are gone."""
    visitor, member, _ = await forms.member_of(request)
    fault = None
    if request.method == "POST":
        try:
            await _check(request, member, (await forms.read(request)).text("password"), "password")
        except Invalid as refused:
            fault = forms.fault_of(refused)
        else:
            await site_of(request).store.run(_leave, member.id)
            answer = render.redirect(request, "/", gedaan="weg")
            sessions.delete_cookie(request, answer)
            return answer
    return render.page(request, visitor, "leave.html", {"fault": fault}, status=422 if fault else 200)


def _leave(tx: Tx, member_id: str) -> None:
    members.leave(tx, tx.get(Member, member_id))


BOTH = ["GET", "POST"]
ROUTES = [
    Route("/mij", mine),
    Route("/mij/taal", speak, methods=BOTH),
    Route("/mij/wachtwoord", password, methods=BOTH),
    Route("/mij/overal-afmelden", sign_out_everywhere, methods=BOTH),
    Route("/mij/weg", leave, methods=BOTH),
]
