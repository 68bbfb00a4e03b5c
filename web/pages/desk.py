"""What those who carry the pilot do: review what waits, hide what harms, and invite people.

Everybody else gets the refusal of the domain; a moderator cannot make moderators.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import listings
from storage.reading import Reading
from vraagbaak import members, moderation, pins
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Answer, Member, Pilot, Role, Thing
from web import render, sessions
from web.keys import checked_key
from web.pages import forms
from web.pages.forms import Form
from web.pages.servers import place_of
from web.site import site_of

MOST_HIDDEN = 50
"""So many are listed, the latest first; what is older can still be shown again where it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits or is hidden, with what a reviewer needs to judge it."""

    kind: str
    thing: Thing
    author: Actor
    pilot: Pilot | None
    question_title: str


async def review(request: Request) -> Response:
    """`/nakijken`: what waits, oldest first, and what is hidden; show or hide one."""
    visitor, member, _ = await forms.member_of(request)
    members.require_moderator(member)
    if request.method == "POST":
        return await _judge(request, member, await forms.read(request))
    shown = await site_of(request).store.read(_desk, member)
    return render.page(request, visitor, "review.html", shown)


async def _judge(request: Request, member: Member, form: Form) -> Response:
    kind = moderation.KINDS.get(form.text("kind"))
    act = {"show": moderation.release, "hide": moderation.hide}.get(form.text("do"))
    if kind is None or act is None:
        raise Unknown
    thing = await site_of(request).store.run(act, member, kind, checked_key(form.text("id")))
    done = {"show": "getoond", "hide": "verborgen"}[form.text("do")]
    where = place_of(thing) if form.text("there") else "/nakijken"
    return render.redirect(request, where, gedaan=done)


async def feature(request: Request) -> Response:
    """`/nakijken/voorop`: a question of this neighbourhood first on the front page, or not any more."""
    if request.method != "POST":
        return render.redirect(request, "/nakijken")
    _, member, _ = await forms.member_of(request)
    form = await forms.read(request)
    act = {"add": pins.feature, "remove": pins.unfeature}.get(form.text("do"))
    if act is None:
        raise Unknown
    key = checked_key(form.text("id"))
    await site_of(request).store.run(act, member, key)
    done = {"add": "voorop", "remove": "niet-voorop"}[form.text("do")]
    return render.redirect(request, f"/v/{key}", gedaan=done)


def _desk(reading: Reading, member: Member) -> dict[str, list[Waiting]]:
    return {
        "waiting": _shown(reading, moderation.waiting(reading, member)),
        "hidden": _shown(reading, moderation.hidden(reading, member)[: -MOST_HIDDEN - 1 : -1]),
    }


def _shown(reading: Reading, things: list[Thing]) -> list[Waiting]:
    people = listings.authors(reading, [thing.author_id for thing in things])
    titles = listings.waiting_titles(reading, [thing for thing in things if isinstance(thing, Answer)])
    return [
        Waiting(
            kind=type(thing).__name__.lower(),
            thing=thing,
            author=people[thing.author_id][0],
            pilot=people[thing.author_id][1],
            question_title=titles.get(thing.question_id, "") if isinstance(thing, Answer) else "",
        )
        for thing in things
    ]


async def invite(request: Request) -> Response:
    """`/mij/uitnodigen`: a link that lets people in. It is shown once; only its hash is kept."""
    visitor, member, _ = await forms.member_of(request)
    members.require_moderator(member)
    shown = {"roles": members.roles_to_give(member), "form": Form(), "fault": None, "invitation": ""}
    if request.method == "POST":
        form = shown["form"] = await forms.read(request)
        try:
            shown["invitation"] = await _make(request, member, form)
        except Invalid as refused:
            shown["fault"] = forms.fault_of(refused)
    return render.page(request, visitor, "invite.html", shown, status=422 if shown["fault"] else 200)


async def _make(request: Request, member: Member, form: Form) -> str:
    """The address of a new invitation. Raises Invalid, or NotYours for a role that is not theirs to give."""
    role = form.choice("role", Role) or Role.RESIDENT
    uses = form.text("uses").strip()
    code, code_hash = sessions.new_secret()
    number = int(uses) if uses.isascii() and uses.isdecimal() and len(uses) < 6 else 0
    await site_of(request).store.run(members.invite_as, member, code_hash, role, number)
    return f"{site_of(request).config.base_url}/welkom/{code}"


ROUTES = [
    Route("/nakijken", review, methods=["GET", "POST"]),
    Route("/nakijken/voorop", feature, methods=["GET", "POST"]),
    Route("/mij/uitnodigen", invite, methods=["GET", "POST"]),
]
