"""What people send with a form: read within bounds, taken apart, and shown again when something is wrong.

Nothing is judged here; a field that is not there is an empty field.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request

from vraagbaak.errors import Invalid, NeedsMember, Refused
from vraagbaak.model import Actor, Member
from web import reading_body, sessions
from web.keys import checked_key, is_key
from web.reading_body import Fields
from web.site import Visitor

LARGEST = 512 * 1024
KEPT = "kept."
SECRETS = frozenset({"password", "old"})
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields as they came in."""

    fields: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    def text(self, name: str) -> str:
        """The last value of a field, or nothing."""
        return (self.fields.get(name) or [""])[-1]

    def many(self, name: str) -> tuple[str, ...]:
        """All values of a field that say something."""
        return tuple(value for value in self.fields.get(name, []) if value.strip())

    def choice(self, name: str, kind: type[E]) -> E | None:
        """The value of a radio button, or None when it is not one of those offered."""
        given = self.text(name)
        return kind(given) if given in set(kind) else None

    def choices(self, name: str, kind: type[E]) -> tuple[E, ...]:
        """The values of check boxes; those that were not offered are left out."""
        return tuple(kind(value) for value in self.many(name) if value in set(kind))


async def read(request: Request) -> Form:
    """The form of this request, read once. Raises Refused when it is too large or no form at all."""
    known = getattr(request.state, "form", None)
    if not isinstance(known, Form):
        known = request.state.form = Form(fields=await reading_body.form(request, LARGEST))
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one field."""

    field: str
    text: str
    values: dict[str, str | int] = dataclasses.field(default_factory=dict)


def fault_of(refused: Refused) -> Fault:
    """The field and sentence of a refusal."""
    return Fault(
        field=refused.field if isinstance(refused, Invalid) else "",
        text=refused.text,
        values=dict(refused.values),
    )


def key_of(request: Request, name: str = "id") -> str:
    """The id in the path. Raises Unknown for what cannot be one, before any database sees it."""
    return checked_key(request.path_params[name])


def cursor_of(request: Request, name: str = "voor") -> str:
    """Where to go on in a list; empty for the start or for nonsense."""
    given = request.query_params.get(name, "")
    return given if is_key(given) else ""


class SignInFirst(NeedsMember):
    """Only members may do this; `kept` is what was typed, so that it is still there after signing in."""

    text = "You are not signed in, or not any more. Sign in first."

    def __init__(self, kept: Fields) -> None:
        super().__init__()
        self.kept = kept


async def member_of(request: Request) -> tuple[Visitor, Member, Actor]:
    """The member who is looking. Raises SignInFirst for a passer-by."""
    visitor = await sessions.visitor_of(request)
    if visitor.member is None or visitor.actor is None:
        raise SignInFirst(await _typed(request))
    return visitor, visitor.member, visitor.actor


async def _typed(request: Request) -> Fields:
    """What somebody typed who cannot send it now, apart from passwords; nothing when it cannot be read."""
    if request.method != "POST":
        return {}
    try:
        return without_secrets((await read(request)).fields)
    except Refused:
        return {}


def without_secrets(fields: Fields) -> Fields:
    """The fields that may stand in a page once more."""
    return {name: values for name, values in fields.items() if name not in SECRETS and any(values)}


def kept_in(form: Form) -> Fields:
    """What the form that was typed first left in this one, under names of its own."""
    kept = {name: values for name, values in form.fields.items() if name.startswith(KEPT)}
    return without_secrets({name.removeprefix(KEPT): values for name, values in kept.items()})


def hold_out(request: Request, fields: Fields) -> None:
    """Let the page that answers this request show its form with these fields."""
    request.state.draft = Form(fields=fields)


def draft_of(request: Request) -> Form | None:
    """What was typed before signing in, for the page that shows it again. It is never sent by itself."""
    draft = getattr(request.state, "draft", None)
    if not isinstance(draft, Form):
        return None
    request.state.resumed = True
    return draft
