"""What people send with a form: read within bounds, taken apart, and shown again when something is wrong.

Nothing is judged here; a field that is not there is an empty field.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request

from vraagbaak.errors import Invalid, NeedsMember, Refused, Unknown
from vraagbaak.model import Actor, Member
from web import reading_body, sessions
from web.site import Visitor

LARGEST = 512 * 1024
_KEY = re.compile(r"[0-9a-z]{26}")
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
    """The form of this request. Raises Refused when it is too large or no form at all."""
    return Form(fields=await reading_body.form(request, LARGEST))


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


def checked_key(given: str) -> str:
    """The same for an id from a form or query."""
    if not _KEY.fullmatch(given):
        raise Unknown
    return given


def cursor_of(request: Request, name: str = "voor") -> str:
    """Where to go on in a list; empty for the start or for nonsense."""
    given = request.query_params.get(name, "")
    return given if _KEY.fullmatch(given) else ""


async def member_of(request: Request) -> tuple[Visitor, Member, Actor]:
    """The member who is looking. Raises NeedsMember for a passer-by."""
    visitor = await sessions.visitor_of(request)
    if visitor.member is None or visitor.actor is None:
        raise NeedsMember
    return visitor, visitor.member, visitor.actor
