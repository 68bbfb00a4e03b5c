"""One letter a week: giving an address, confirming it, and ending it, also by whoever is not signed in.

A link in a letter only shows a page: programs that look at mail before people do open every link. What counts is the
button on it, or the one click of a mail program (RFC 8058), which sends the same.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.keys import BadKey
from storage.reading import Reading
from vraagbaak import mail_settings, mailing
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Mailbox, Member
from vraagbaak.ports import Tx
from web import limits, render, sessions
from web.mail import sending
from web.pages import forms
from web.pages.forms import Fault, Form
from web.seals import CONFIRM, STOP, Purpose, Seals
from web.site import Visitor, site_of

NO_ADDRESS = "This is not a plain mail address, like name@example.org."


def _seals(request: Request) -> Seals:
    """Raises Unknown where nothing is mailed."""
    seals = site_of(request).seals
    if seals is None:
        raise Unknown
    return seals


async def mine(request: Request) -> Response:
    """`/mij/mail`: gives an address, or takes it away."""
    seals = _seals(request)
    visitor, member, _ = await forms.member_of(request)
    if request.method != "POST":
        return await _page(request, visitor, member)
    form = await forms.read(request)
    store = site_of(request).store
    if form.text("do") == "stop":
        await store.run(mailing.take_away, member.id)
        return render.redirect(request, "/mij/mail", gedaan="mail-weg")
    address = form.text("mail").strip()
    if not mail_settings.is_address(address):
        fault = forms.fault_of(Invalid("mail", NO_ADDRESS))
        return await _page(request, visitor, member, form, fault)
    limits.limits_of(request).mail(member.id, address)
    await store.run(mailing.give, member, lambda key: seals.seal(address, key))
    return render.redirect(request, "/mij/mail", gedaan="mail-gevraagd")


async def _page(
    request: Request, visitor: Visitor, member: Member, form: Form | None = None, fault: Fault | None = None
) -> Response:
    seals = _seals(request)
    mailbox = await site_of(request).store.read(mailing.of_member, member.id)
    shown = {
        "mailbox": mailbox,
        "address": _opened(seals, mailbox) if mailbox else "",
        "form": form or Form(),
        "fault": fault,
    }
    return render.page(request, visitor, "mail.html", shown, status=422 if fault else 200)


def _opened(seals: Seals, mailbox: Mailbox) -> str:
    """The address, to its own member; nothing when the secret of this server was replaced."""
    try:
        return seals.address(mailbox)
    except BadKey:
        return ""


async def confirm(request: Request) -> Response:
    """`/mail/bevestigen/{token}`: the address is theirs. Raises Unknown for a link that we did not make."""
    key = _seals(request).opened(Purpose.CONFIRM, request.path_params["token"])
    site = site_of(request)
    done = False
    if request.method == "POST":
        done = await site.store.run(
            _confirm, key, lambda mailbox, now: sending.next_due(site.config, mailbox, now)
        )
    waits = await site.store.read(_waits, key)
    return await _answer(request, "mail_confirm.html", {"done": done, "waits": waits})


def _confirm(tx: Tx, key: str, next_due: sending.NextDue) -> bool:
    found = mailing.waiting(tx, key)
    return found is not None and mailing.confirm(tx, key, next_due(found, tx.now))


def _waits(reading: Reading, key: str) -> bool:
    return mailing.waiting(reading, key) is not None


async def stop(request: Request) -> Response:
    """`/mail/stop/{token}`: no more letters, and no address. Raises Unknown for a link that we did not make."""
    key = _seals(request).opened(Purpose.STOP, request.path_params["token"])
    if request.method == "POST":
        await site_of(request).store.run(mailing.stop, key)
    there = await site_of(request).store.read(lambda reading: reading.one(Mailbox, id=key) is not None)
    return await _answer(request, "mail_stop.html", {"there": there})


async def _answer(request: Request, template: str, shown: dict[str, object]) -> Response:
    visitor = await sessions.visitor_of(request)
    answer = render.page(request, visitor, template, {**shown, "noindex": True})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


BOTH = ["GET", "POST"]
ROUTES = [
    Route("/mij/mail", mine, methods=BOTH),
    Route(CONFIRM + "{token}", confirm, methods=BOTH),
    Route(STOP + "{token}", stop, methods=BOTH),
]
