"""Coming in with an invitation, signing in and signing out.

A handle and a password are enough; nobody is asked for an address, a number or a birthday.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from vraagbaak import members
from vraagbaak.errors import Invalid, Refused, TooFast, Unknown
from vraagbaak.members import Newcomer
from vraagbaak.model import Member, Role
from vraagbaak.ports import Tx
from web import errors, language, limits, passwords, render, sessions
from web.pages import forms
from web.pages.forms import Fault, Form
from web.reading_body import Fields
from web.site import Visitor, site_of

LONGEST_ONWARD = (
    6000  # what an app asks for stands in the address: two addresses of 2,000 characters, and more
)
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f]*")
_CODE = re.compile(r"[A-Za-z0-9_-]{8,100}")


def own_path(given: str) -> str:
    """Where to go on after signing in: only ever a page of ours."""
    return given if len(given) <= LONGEST_ONWARD and _OWN_PATH.fullmatch(given) else "/mij"


async def sign_in(request: Request) -> Response:
    """`/aanmelden`; what was typed before comes along in the form, and is shown again afterwards."""
    visitor = await sessions.visitor_of(request)
    if request.method != "POST":
        return _sign_in_form(
            request, visitor, Form(fields={"onward": [request.query_params.get("verder", "")]})
        )
    form = await forms.read(request)
    try:
        limits.limits_of(request).sign_in(request, form.text("handle"))
        member, secret = await sessions.sign_in(request, form.text("handle"), form.text("password"))
    except Invalid as refused:
        return _sign_in_form(request, visitor, form, refused)
    except TooFast as refused:
        answer = _sign_in_form(request, visitor, form, refused)
        answer.headers["Retry-After"] = str(refused.retry_after)
        return answer
    answer = await _go_on(request, member, form)
    sessions.set_cookie(request, answer, secret)
    return answer


def _sign_in_form(request: Request, visitor: Visitor, form: Form, refused: Refused | None = None) -> Response:
    shown = {
        "form": form,
        "fault": forms.fault_of(refused) if refused else None,
        "onward": own_path(form.text("onward")),
        "kept": forms.kept_in(form),
        "noindex": True,
    }
    return render.page(request, visitor, "sign_in.html", shown, status=refused.status if refused else 200)


async def _go_on(request: Request, member: Member, form: Form) -> Response:
    """The page where somebody was; with what they typed there, if they had typed anything."""
    onward, kept = own_path(form.text("onward")), forms.kept_in(form)
    if not kept:
        return render.redirect(request, onward)
    visitor = await site_of(request).store.read(sessions.member_again, member.id)
    return await _opened(request, onward.partition("?")[0], visitor, kept)


async def _opened(request: Request, path: str, visitor: Visitor, kept: Fields) -> Response:
    """A page of ours as this visitor opens it, with its form filled in. Only ever opened: nothing is done by it."""
    asked = {**request.scope, "method": "GET", "path": path, "raw_path": path.encode(), "state": {}}
    for route in request.app.routes:
        match, found = route.matches(asked)
        if match is Match.FULL:
            opening = Request({**asked, **found})
            opening.state.visitor = visitor
            forms.hold_out(opening, kept)
            return await _answer_of(found["endpoint"], opening)
    return render.redirect(request, "/mij")


async def _answer_of(page: Callable[[Request], Awaitable[Response]], opening: Request) -> Response:
    try:
        answer = await page(opening)
    except Refused as refused:
        return await errors.answer(opening, refused)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


async def sign_out(request: Request) -> Response:
    """`/afmelden`."""
    if request.method == "POST":
        await sessions.sign_out(request)
    done = {"gedaan": "afgemeld"} if request.method == "POST" else {}
    answer = render.redirect(request, "/", **done)
    if request.method == "POST":
        sessions.delete_cookie(request, answer)
    return answer


async def welcome(request: Request) -> Response:
    """`/welkom/{code}`: join with an invitation. Raises Unknown for one that does not work any more."""
    code = request.path_params["code"]
    if not _CODE.fullmatch(code):
        raise Unknown
    code_hash = sessions.hash_of(code)
    visitor = await sessions.visitor_of(request)
    roles = (await site_of(request).store.read(members.open_invite, code_hash)).roles
    if request.method != "POST":
        return _welcome_form(request, visitor, Form(), roles)
    limits.limits_of(request).join(request)
    form = await forms.read(request)
    try:
        secret = await _join(request, code_hash, form)
    except Invalid as refused:
        return _welcome_form(request, visitor, form, roles, forms.fault_of(refused))
    answer = render.redirect(request, "/mij", gedaan="beheerder" if Role.STEWARD in roles else "welkom")
    sessions.set_cookie(request, answer, secret)
    return answer


async def _join(request: Request, code_hash: str, form: Form) -> str:
    """The secret of the new member's first session. Raises Invalid."""
    passwords.check_new(form.text("handle"), form.text("password"))
    newcomer = Newcomer(
        handle=form.text("handle"),
        name=form.text("name"),
        password_hash=await passwords.hashed(form.text("password")),
        language=form.text("language"),
    )
    secret, secret_hash = sessions.new_secret()
    await site_of(request).store.run(_join_and_sign_in, code_hash, newcomer, secret_hash)
    return secret


def _join_and_sign_in(tx: Tx, code_hash: str, newcomer: Newcomer, secret_hash: str) -> Member:
    member = members.join(tx, code_hash, newcomer)
    members.open_session(tx, member.id, secret_hash)
    return member


def _welcome_form(
    request: Request, visitor: Visitor, form: Form, roles: tuple[Role, ...], fault: Fault | None = None
) -> Response:
    chosen = (
        form.text("language") or language.language_of(request, None, site_of(request).config.languages).code
    )
    shown = {
        "form": form,
        "fault": fault,
        "roles": roles,
        "chosen": chosen,
        "shortest": passwords.SHORTEST,
        "noindex": True,
    }
    return render.page(request, visitor, "welcome.html", shown, status=422 if fault else 200)


BOTH = ["GET", "POST"]
ROUTES = [
    Route("/aanmelden", sign_in, methods=BOTH),
    Route("/afmelden", sign_out, methods=BOTH),
    Route("/welkom/{code}", welcome, methods=BOTH),
]
