"""Questions, answers and offers out of a file, taken in as if they had been written here.

The file is a list of `{title, body, topics}`, or `{pilots: [...]}` with a neighbourhood each. Names of people become
members who cannot sign in; what has no name is said by the shared persona. What this version does not keep (events,
places, menu cards) is counted and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from vraagbaak import answers, members, moderation, offers, pilots, questions, text
from vraagbaak.errors import Invalid
from vraagbaak.members import Newcomer
from vraagbaak.model import (
    Actor,
    Answer,
    Helped,
    Member,
    Perspective,
    Question,
    QuestionStatus,
    Role,
    Scope,
)
from vraagbaak.ports import Tx

SCOPES = {"buurt": Scope.NEIGHBOURHOOD, "proeftuinen": Scope.PILOTS, "openbaar": Scope.PUBLIC}
PERSPECTIVES = {
    "bewoner": Perspective.RESIDENT,
    "ervaringsdeskundige": Perspective.EXPERIENCE_EXPERT,
    "naaste": Perspective.FAMILY,
    "hulpverlener": Perspective.PROFESSIONAL,
    "wijkinitiatief": Perspective.INITIATIVE,
    "initiatief": Perspective.INITIATIVE,
    "ondernemer": Perspective.ENTREPRENEUR,
}
MARKS = {"geholpen": Helped.HELPED, "deels": Helped.PARTLY, "niet": Helped.NOT_NOW}
ROLES = {
    Perspective.PROFESSIONAL: Role.PROFESSIONAL,
    Perspective.INITIATIVE: Role.INITIATIVE,
    Perspective.ENTREPRENEUR: Role.ENTREPRENEUR,
}
# Programs on Windows begin a file with it.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

E = TypeVar("E", bound=StrEnum)


class Person(msgspec.Struct, frozen=True):
    """Who wrote something; without a name it was the shared persona."""

    name: str | None = None
    role: str = "bewoner"


class GivenAnswer(msgspec.Struct, frozen=True):
    """An answer in a file."""

    text: str = ""
    body: str = ""
    by: Person = Person(name="Iemand uit de buurt")
    perspective: str = ""
    helped: str | None = None


class GivenQuestion(msgspec.Struct, frozen=True):
    """A question in a file; without a scope it is public."""

    title: str
    body: str = ""
    topic: str = ""
    topics: tuple[str, ...] = ()
    scope: str = Scope.PUBLIC.value
    language: str = "nl"
    sensitive: bool = False
    asked_by: Person = Person()
    answers: tuple[GivenAnswer, ...] = ()


class GivenOffer(msgspec.Struct, frozen=True):
    """An offer in a file; without a scope it is for the neighbourhood."""

    by: str
    text: str
    topics: tuple[str, ...] = ()
    availability: str = ""
    scope: str = Scope.NEIGHBOURHOOD.value


class Neighbourhood(msgspec.Struct, frozen=True):
    """All of one neighbourhood in a file."""

    slug: str = ""
    questions: tuple[GivenQuestion, ...] = ()
    offers: tuple[GivenOffer, ...] = ()
    events: tuple[Any, ...] = ()
    places: tuple[Any, ...] = ()
    menu: tuple[Any, ...] = ()

    @property
    def left_out(self) -> dict[str, int]:
        """What this version does not keep, by kind."""
        counts = {"events": len(self.events), "places": len(self.places), "menu": len(self.menu)}
        return {kind: count for kind, count in counts.items() if count}

    def items(self) -> Iterator[GivenQuestion | GivenOffer]:
        """Everything that can be taken in, in the order of the file."""
        yield from self.questions
        yield from self.offers

    def __len__(self) -> int:
        return len(self.questions) + len(self.offers)


class _File(msgspec.Struct, frozen=True):
    pilots: tuple[Neighbourhood, ...]


def read(content: bytes, slug: str) -> Neighbourhood:
    """The neighbourhood `slug` out of a file, or its only one, or its plain list of questions.

    Raises Invalid with the place at fault.
    """
    content = content.removeprefix(_BYTE_ORDER_MARK)
    try:
        if content.lstrip().startswith(b"["):
            return Neighbourhood(questions=msgspec.json.decode(content, type=tuple[GivenQuestion, ...]))
        found = msgspec.json.decode(content, type=_File).pilots
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Invalid("file", "This file cannot be read: %(fault)s", "bad-file", fault=str(fault)) from None
    if len(found) == 1:
        return found[0]
    for neighbourhood in found:
        if neighbourhood.slug == slug:
            return neighbourhood
    known = ", ".join(each.slug for each in found) or "none"
    raise Invalid("slug", "The file has no pilot '%(slug)s'. It has: %(known)s.", slug=slug, known=known)


def load(tx: Tx, given: GivenQuestion | GivenOffer) -> None:
    """Take in one thing with all that belongs to it. Raises Invalid."""
    if isinstance(given, GivenOffer):
        _load_offer(tx, given)
    else:
        _load_question(tx, given)


def _load_offer(tx: Tx, given: GivenOffer) -> None:
    draft = offers.Draft(
        body=given.text,
        topics=given.topics,
        availability=given.availability,
        scope=_chosen(given.scope, Scope, SCOPES, "scope"),
    )
    offers.offer_anew(tx, _member(tx, given.by, Perspective.RESIDENT), draft)


def _load_question(tx: Tx, given: GivenQuestion) -> None:
    asker = pilots.persona(tx)
    if given.asked_by.name:
        member = _member(tx, given.asked_by.name, _perspective(given.asked_by.role))
        asker = tx.get(Actor, member.actor_id)
    topics = given.topics or ((given.topic,) if given.topic else ())
    draft = questions.Draft(
        title=given.title,
        body=given.body,
        topics=topics,
        scope=_chosen(given.scope, Scope, SCOPES, "scope"),
        language=given.language,
        sensitive=given.sensitive,
    )
    question = questions.ask_anew(tx, asker, draft)
    if question.status is QuestionStatus.HELD:
        moderation.show(tx, question)
    for number, each in enumerate(given.answers, 1):
        _load_answer(_Later(tx, timedelta(milliseconds=number)), question.id, each)


class _Later:
    """The same unit of work a moment later: answers keep the order of the file, though they come in at once."""

    def __init__(self, tx: Tx, later: timedelta) -> None:
        self._tx = tx
        self.home = tx.home
        self.now = tx.now + later
        self.get, self.one, self.find, self.several = tx.get, tx.one, tx.find, tx.several
        self.add, self.save, self.remove, self.record = tx.add, tx.save, tx.remove, tx.record
        self.add_all, self.remove_all = tx.add_all, tx.remove_all

    def new_id(self, at: datetime | None = None) -> str:
        """A fresh id for `at`, or for this moment."""
        return self._tx.new_id(at or self.now)


def _load_answer(tx: Tx, question_id: str, given: GivenAnswer) -> None:
    perspective = _perspective(given.perspective or given.by.role)
    member = _member(tx, given.by.name or "Iemand uit de buurt", perspective)
    draft = answers.Draft(body=given.text or given.body, perspective=perspective)
    made: Answer = answers.answer_anew(tx, member, question_id, draft)
    if given.helped:
        question = tx.get(Question, question_id)
        questions.put_mark(tx, question, made, _chosen(given.helped, Helped, MARKS, "helped"))


def _perspective(given: str) -> Perspective:
    return _chosen(given, Perspective, PERSPECTIVES, "perspective")


def _chosen(given: str, kind: type[E], dutch: dict[str, E], field: str) -> E:
    """A choice by its own word or its Dutch one. Raises Invalid."""
    found = kind(given) if given in set(kind) else dutch.get(given)
    if found is None:
        raise Invalid(field, "This cannot be the value of '%(name)s'.", "bad-value", name=field)
    return found


def _member(tx: Tx, name: str, perspective: Perspective) -> Member:
    """Somebody with this name, who cannot sign in: the same name is the same person, but never one who can."""
    plain = re.sub(r"[^a-z0-9_-]", "", text.slug(name))[:24].strip("-") or "iemand"
    # A name that poses as the place or its people gets a tail, and so does one that is too short.
    wanted = [plain, f"{plain}-hier"] if len(plain) > 1 else [f"{plain}-hier"]
    for handle in wanted:
        known = members.by_handle(tx, handle)
        if known and not known.password_hash:
            return known
    role = ROLES.get(perspective, Role.RESIDENT)
    for handle in wanted[:-1]:
        try:
            return members.add(tx, Newcomer(handle=handle, name=name, password_hash=""), (role,))
        except Invalid:
            continue
    return members.add(tx, Newcomer(handle=wanted[-1], name=name, password_hash=""), (role,))
