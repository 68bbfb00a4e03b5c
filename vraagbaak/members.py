"""Letting people in and out: invitations, joining, sessions, tokens, roles and leaving.

A handle and a password are enough. Codes, session secrets and tokens arrive here hashed; the clear ones are never
kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from vraagbaak import answers, graves, introductions, media, offers, pilots, questions, text
from vraagbaak.errors import Invalid, NeedsMember, NotYours, Unknown
from vraagbaak.events import ActorChanged, Left
from vraagbaak.model import (
    Actor,
    ActorKind,
    Answer,
    AuthorizationCode,
    Invite,
    Member,
    Question,
    Role,
    Session,
    Token,
)
from vraagbaak.ports import Reads, Tx

SESSION_LENGTH = timedelta(days=30)
INVITE_LASTS = timedelta(days=30)
NAME_LENGTH = 60
NOTE_LENGTH = 500
POWERFUL = frozenset({Role.MODERATOR, Role.STEWARD})
# Words that would let somebody pose as the place, its people or its machinery (threat E09).
RESERVED = frozenset(
    {"actor", "admin", "beheer", "beheerder", "bemiddelaar", "inbox", "moderator", "root", "steward"}
    | {"system", "systeem", "vraagbaak", "webmaster", "postmaster", "abuse", "support", "help"}
    | {"dispatch", "dispatchteam", "buurtgenoot", "huisarts", "gemeente", "samenbeter"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What somebody fills in to join. `password_hash` is already hashed."""

    handle: str
    name: str
    password_hash: str
    language: str = "nl"


def invite(tx: Tx, code_hash: str, roles: tuple[Role, ...], uses: int, lasts: timedelta) -> Invite:
    """A way in for `uses` people, until `lasts` from now. Raises Invalid for no uses or more than 500."""
    if not 0 < uses <= 500:
        raise Invalid("uses", "An invitation is for 1 to 500 people.")
    made = Invite(id=code_hash, roles=roles, uses_left=uses, expires_at=tx.now + lasts)
    tx.add(made)
    return made


def roles_to_give(member: Member) -> tuple[Role, ...]:
    """The roles with which this member may let somebody in: moderators give no power over others.

    Raises NotYours for who may let in nobody.
    """
    require_moderator(member)
    return tuple(role for role in Role if role not in POWERFUL or Role.STEWARD in member.roles)


def invite_as(tx: Tx, member: Member, code_hash: str, role: Role, uses: int) -> Invite:
    """A way in, given by a member, for a month. Raises NotYours or Invalid."""
    if role not in roles_to_give(member):
        raise NotYours("role", "Only the steward can invite moderators.")
    return invite(tx, code_hash, (role,), uses, INVITE_LASTS)


def open_invite(tx: Reads, code_hash: str) -> Invite:
    """The invitation behind a code. One answer for wrong, used and expired: Unknown."""
    found = tx.one(Invite, id=code_hash)
    if found is None or found.uses_left < 1 or found.expires_at <= tx.now:
        raise Unknown("invite", "This invitation does not work any more. Ask for a new one.")
    return found


def join(tx: Tx, code_hash: str, newcomer: Newcomer) -> Member:
    """Somebody comes in with an invitation, which is used up once. Raises Unknown or Invalid.

    Who is invited to carry the pilot may be called so; nobody else may.
    """
    found = open_invite(tx, code_hash)
    carries = Role.MODERATOR in found.roles or Role.STEWARD in found.roles
    if not carries and _poses(tx, text.slug(newcomer.name)):
        raise Invalid("name", "This name is taken. Choose another.", "taken")
    member = add(tx, newcomer, found.roles)
    tx.save(replace(found, uses_left=found.uses_left - 1))
    return member


def add(tx: Tx, newcomer: Newcomer, roles: tuple[Role, ...]) -> Member:
    """A new member with an actor of their own. Raises Invalid when the handle cannot be had."""
    handle = free_handle(tx, newcomer.handle)
    name = text.required_line("name", newcomer.name or handle, shortest=1, length=NAME_LENGTH)
    actor = pilots.local_actor(
        tx, uri=f"{tx.home.base_url}/u/{handle}", kind=ActorKind.PERSON, handle=handle, name=name
    )
    member = Member(
        id=tx.new_id(),
        actor_id=actor.id,
        handle=handle,
        roles=roles,
        password_hash=newcomer.password_hash,
        language=newcomer.language if newcomer.language in tx.home.languages else tx.home.languages[0],
    )
    tx.add(member)
    return member


def free_handle(tx: Tx, wanted: str) -> str:
    """The handle in lower case, when nobody has or had it and it imitates nothing. Raises Invalid."""
    handle = wanted.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,28}[a-z0-9]", handle):
        raise Invalid("handle", "A name has 2 to 30 of the characters a-z, 0-9, - and _.", "bad-handle")
    uri = f"{tx.home.base_url}/u/{handle}"
    if _poses(tx, handle) or tx.one(Actor, uri=uri) is not None or graves.under(tx, uri) is not None:
        raise Invalid("handle", "This name is taken. Choose another.", "taken")
    return handle


def _poses(tx: Tx, name: str) -> bool:
    """Whether a name in small letters is that of the place or its people, however it is hyphenated."""
    bare = re.sub(r"[-_]", "", name)
    return bare in RESERVED or bare == tx.home.slug.replace("-", "") or bare.startswith("buurtgenoot")


def by_handle(tx: Reads, handle: str) -> Member | None:
    """The member with this handle, in any case of letters."""
    return tx.one(Member, handle=handle.strip().lower())


def open_session(tx: Tx, member_id: str, secret_hash: str) -> Session:
    """A browser is signed in from now on."""
    session = Session(
        id=secret_hash, member_id=member_id, created_at=tx.now, expires_at=tx.now + SESSION_LENGTH
    )
    tx.add(session)
    return session


def end_session(tx: Tx, secret_hash: str) -> None:
    """A browser is signed out."""
    session = tx.one(Session, id=secret_hash)
    if session:
        tx.remove(session)


def end_all_sessions(tx: Tx, member_id: str) -> None:
    """Every browser and program of a member is signed out, and what was promised to an app is not given any more."""
    for kind in (Session, Token, AuthorizationCode):
        for found in tx.find(kind, member_id=member_id):
            tx.remove(found)


def give_token(tx: Tx, member: Member, secret_hash: str, scopes: tuple[str, ...]) -> Token:
    """A program may act for a member within these scopes."""
    token = Token(id=secret_hash, member_id=member.id, scopes=scopes, created_at=tx.now)
    tx.add(token)
    return token


def change_password(tx: Tx, member: Member, password_hash: str) -> Member:
    """A new password ends every other session and token (threat H09)."""
    changed = replace(member, password_hash=password_hash)
    tx.save(changed)
    end_all_sessions(tx, member.id)
    return changed


def describe(tx: Tx, member: Member, name: str | None, note: str | None) -> Actor:
    """How a member is shown to others from now on; None leaves it as it is. Raises Invalid."""
    before = tx.get(Actor, member.actor_id)
    changed = before
    if name is not None:
        shown = text.required_line("display_name", name or member.handle, shortest=1, length=NAME_LENGTH)
        if not member.moderates and shown != before.name and _poses(tx, text.slug(shown)):
            raise Invalid("display_name", "This name is taken. Choose another.", "taken")
        changed = replace(changed, name=shown)
    if note is not None:
        written = text.optional_block("note", note, NOTE_LENGTH)
        changed = replace(changed, summary=text.from_markdown(written))
    if changed != before:
        tx.save(changed)
        tx.record(ActorChanged(actor_id=changed.id))
    return changed


def grant(tx: Tx, member: Member, roles: tuple[Role, ...]) -> Member:
    """A member's roles from now on."""
    changed = replace(member, roles=roles)
    tx.save(changed)
    return changed


def require_moderator(member: Member | None) -> Member:
    """The member, when they may review. Raises NeedsMember or NotYours."""
    if member is None:
        raise NeedsMember
    if not member.moderates:
        raise NotYours("not-moderator", "Only the steward and moderators of this pilot may do that.")
    return member


def leave(tx: Tx, member: Member) -> None:
    """A member goes: account, questions, answers and offers are gone here and wherever they went.

    The handle is never given out again.
    """
    author = tx.get(Actor, tx.get(Member, member.id).actor_id)
    for offer in offers.of_member(tx, author.id):
        offers.withdraw(tx, author, offer.id)
    for answer in tx.find(Answer, author_id=author.id):
        answers.withdraw(tx, author, answer.id)
    for question in tx.find(Question, author_id=author.id):
        questions.withdraw(tx, author, question.id)
    media.remove_all(tx, author)
    for introduction in introductions.of_member(tx, member):
        tx.remove(introduction)
    end_all_sessions(tx, member.id)
    tx.remove(member)
    # The actor row stays, nameless, until its Deletes are delivered: they are signed with its key.
    nameless = replace(author, name=author.handle, summary="", also_known_as=(), moved_to="", suspended=True)
    tx.save(nameless)
    graves.dig(tx, author.uri, author.uri, kind=graves.PERSON, public=True)
    tx.record(Left(actor_id=author.id))
