"""Pictures beside what members say: sent first, described, and then put with one question or answer of one's own.

Who may see the thing sees its pictures, nobody else. An address opens a picture that is not public only to who is
signed in here, or with a proof that was given to who might see it; no proof opens more than what it was given for.
"""

from __future__ import annotations

import hmac
import math
import re
from dataclasses import dataclass, replace
from datetime import timedelta

from vraagbaak import audience, text
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.events import MediaRemoved
from vraagbaak.model import Actor, Home, Media, Question, Scope, Standing, Thing
from vraagbaak.ports import Reads, Tx

LARGEST = 16 * 1024 * 1024
"""Bytes of a picture as it is sent."""
MOST_PIXELS = 33_177_600
"""Points of a picture as it is sent: 7680 x 4320, what apps make it smaller for by themselves (Mastodon 4.5)."""
MOST_OF_ONE = 4
"""Pictures beside one thing: more are not shown elsewhere."""
MOST_WAITING = 40
MOST_KEPT = 500 * 1024 * 1024
"""Bytes that the pictures of one member take up here."""
DESCRIPTION_LENGTH = 1500
WAITS = timedelta(hours=24)
"""How long a picture waits to be put with something."""
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
SMALL = "-small"
FILE_LENGTH = 32
FILE_NAME = re.compile(
    rf"(?P<file>[0-9a-f]{{{FILE_LENGTH}}})(?P<small>{SMALL})?\.(?:{'|'.join(EXTENSIONS.values())})"
)
FOR_PILOTS = "pilots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture that was made anew and is about to be kept, under a name and with a key that nobody can guess."""

    file: str
    key: str
    media_type: str
    size: int
    width: int
    height: int
    small_width: int
    small_height: int
    blurhash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of a picture; None leaves it as it is."""

    description: str | None = None
    focus: tuple[float, float] | None = None
    """What must stay in sight when it is cut: from -1 to 1, right and up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What comes with an address: a proof, and until when it is said to hold."""

    proof: str = ""
    until: str = ""


NO_TICKET = Ticket()


def require_room(tx: Reads, actor: Actor) -> None:
    """Whether somebody may send one more picture. Raises Invalid."""
    kept = tx.find(Media, actor_id=actor.id)
    if sum(not each.thing_uri and each.planned_id is None for each in kept) >= MOST_WAITING:
        raise Invalid("file", "You sent many pictures and used none yet. Use those first.", "too-many")
    if sum(each.size for each in kept) >= MOST_KEPT:
        raise Invalid(
            "file", "Your pictures take up all room there is for you. Remove some first.", "no-room"
        )


def take_in(tx: Tx, actor: Actor, shot: Shot, words: Words) -> Media:
    """A picture of one of our members, that waits to be put with something. Raises Invalid."""
    require_room(tx, actor)
    made = Media(
        id=tx.new_id(),
        actor_id=actor.id,
        made_at=tx.now,
        **{name: getattr(shot, name) for name in Shot.__slots__},
    )
    made = _described(made, words)
    tx.add(made)
    return made


def own(tx: Reads, actor: Actor, key: str) -> Media:
    """A picture of one's own. Raises Unknown, also for one of somebody else."""
    found = tx.one(Media, id=key)
    if found is None or found.actor_id != actor.id:
        raise Unknown
    return found


def describe(tx: Tx, actor: Actor, key: str, words: Words, thing: Thing | None = None) -> Media:
    """Other words for a picture that waits, or that stands with this thing. Raises Unknown or Invalid."""
    found = own(tx, actor, key)
    if found.thing_uri and (thing is None or found.thing_uri != thing.uri):
        raise _stands_already()
    changed = _described(found, words)
    tx.save(changed)
    return changed


def _described(found: Media, words: Words) -> Media:
    said, focus = require_sayable(words)
    return replace(
        found,
        description=found.description if said is None else said,
        focus=found.focus if focus is None else focus,
    )


def require_sayable(words: Words) -> tuple[str | None, tuple[float, ...] | None]:
    """The words as they are kept. Raises Invalid."""
    said, focus = words.description, words.focus
    if said is not None:
        said = text.optional_block("description", said, DESCRIPTION_LENGTH)
    if focus is not None and not all(math.isfinite(part) and -1 <= part <= 1 for part in focus):
        raise Invalid("focus", "This cannot be the value of '%(name)s'.", "bad-value", name="focus")
    return said, None if focus is None else tuple(round(part, 4) for part in focus)


def take_back(tx: Tx, actor: Actor, key: str) -> None:
    """A picture that waits goes. Raises Unknown, or Invalid for one that stands with something, or is to do so later."""
    found = own(tx, actor, key)
    if found.thing_uri or found.planned_id:
        raise _stands_already()
    remove(tx, found)


def _stands_already() -> Invalid:
    return Invalid("id", "This picture stands with something you wrote. Change it there.", "attached")


def attach(tx: Tx, actor_id: str, thing: Thing, keys: tuple[str, ...]) -> None:
    """The pictures of a thing are these from now on, in this order; what it had and is not named goes. Raises Invalid."""
    wanted = [_free(tx, actor_id, thing, key) for key in dict.fromkeys(keys)]
    if len(wanted) > MOST_OF_ONE:
        raise Invalid("media_ids", "At most %(most)d pictures at once.", "too-many", most=MOST_OF_ONE)
    kept = {each.id for each in wanted}
    for before in of(tx, thing):
        if before.id not in kept:
            remove(tx, before)
    for position, each in enumerate(wanted):
        placed = replace(each, thing_uri=thing.uri, position=position)
        if placed != each:
            tx.save(placed)


def _free(tx: Tx, actor_id: str, thing: Thing, key: str) -> Media:
    """One's own picture that stands nowhere yet, or here. Raises Invalid, with one answer for all else (threat H18)."""
    found = tx.one(Media, id=key)
    if found is None or found.actor_id != actor_id or found.planned_id:
        raise not_there("media_ids")
    if found.thing_uri not in {"", thing.uri}:
        raise not_there("media_ids")
    return found


def promise(tx: Tx, actor_id: str, planned_id: str, keys: tuple[str, ...]) -> None:
    """These pictures wait for what is said later, however long that takes. Raises Invalid for others' and used ones."""
    for key in dict.fromkeys(keys):
        found = tx.one(Media, id=key)
        if found is None or found.actor_id != actor_id or found.thing_uri or found.planned_id:
            raise not_there("media_ids")
        tx.save(replace(found, planned_id=planned_id))


def not_there(field: str) -> Invalid:
    """The refusal of a picture that is not there, or not one's own to use."""
    return Invalid(field, "We do not have this picture for you to use. Send it again.", "no-media")


def of(tx: Reads, thing: Thing) -> tuple[Media, ...]:
    """The pictures of a thing, in their order."""
    return in_order(tx.find(Media, thing_uri=thing.uri))


def in_order(found: list[Media]) -> tuple[Media, ...]:
    """The pictures of one thing as they are shown."""
    return tuple(sorted(found, key=lambda each: (each.position, each.id)))


def has_exactly(tx: Reads, thing: Thing, keys: tuple[str, ...]) -> bool:
    """Whether the pictures of a thing are these and no other."""
    return [each.id for each in of(tx, thing)] == list(dict.fromkeys(keys))


def remove(tx: Tx, found: Media) -> None:
    """Nobody's from now on, and at no address; the row stays until its files are gone, so that none is forgotten."""
    tx.save(
        replace(
            found,
            removed=True,
            actor_id=None,
            thing_uri="",
            planned_id=None,
            key="",
            description="",
            focus=(),
            blurhash="",
        )
    )
    tx.record(MediaRemoved(media_id=found.id))


def give_up(tx: Tx, key: str) -> None:
    """A picture whose file could not be written goes."""
    found = tx.one(Media, id=key)
    if found:
        remove(tx, found)


def remove_of(tx: Tx, thing: Thing) -> None:
    """The pictures of a thing go."""
    for found in of(tx, thing):
        remove(tx, found)


def set_free(tx: Tx, actor: Actor, thing: Thing) -> None:
    """The pictures of a thing that its writer takes back to write it anew wait once more: for a day, for the writer alone.

    While they wait, no address that was ever given out opens them. What is more than may wait goes with the thing.
    """
    waiting = sum(
        not each.thing_uri and each.planned_id is None for each in tx.find(Media, actor_id=actor.id)
    )
    for found in of(tx, thing)[: max(0, MOST_WAITING - waiting)]:
        if found.actor_id == actor.id:
            tx.save(replace(found, thing_uri="", position=0, key=_proof(found, thing.uri), made_at=tx.now))


def remove_all(tx: Tx, actor: Actor) -> None:
    """Everything that somebody sent goes."""
    for found in tx.find(Media, actor_id=actor.id):
        remove(tx, found)


# Who may see one, and at which address


def may_see(tx: Reads, viewer: Viewer, found: Media, ticket: Ticket = NO_TICKET) -> bool:
    """Whether this viewer may have a picture, by who they are or by the proof they bring."""
    if found.removed:
        return False
    if not found.thing_uri:
        mine = viewer.member is not None and viewer.member.actor_id == found.actor_id
        return mine or _holds(tx, found, ticket)
    thing = audience.thing_at(tx, found.thing_uri)
    if thing is None:
        return False
    if audience.may_reach(tx, viewer, thing):
        return True
    if _is_proof(found, ticket, FOR_PILOTS) and not ticket.until:
        return audience.may_reach(tx, Viewer(standing=Standing.PILOT), thing)
    return _holds(tx, found, ticket) and _is_readable(tx, thing)


def _is_readable(tx: Reads, thing: Thing) -> bool:
    thread = None if isinstance(thing, Question) else audience.thread_of(tx, thing)
    return audience.is_readable(thing) and (thread is None or audience.is_readable(thread))


def _holds(tx: Reads, found: Media, ticket: Ticket) -> bool:
    until = ticket.until
    if not (until.isascii() and until.isdecimal() and len(until) <= 12):
        return False
    return _is_proof(found, ticket, until) and tx.now.timestamp() < int(until)


def _is_proof(found: Media, ticket: Ticket, words: str) -> bool:
    return hmac.compare_digest(ticket.proof.encode("utf-8", "replace"), _proof(found, words).encode())


def _proof(found: Media, words: str) -> str:
    return hmac.new(found.key.encode(), words.encode(), "sha256").hexdigest()[:32]


def name_of(found: Media, *, small: bool = False) -> str:
    """The name of a file of the picture."""
    return f"{found.file}{SMALL if small else ''}.{EXTENSIONS[found.media_type]}"


def path(found: Media, *, small: bool = False) -> str:
    """Where it is on this server, for who is signed in here."""
    return f"/media/{name_of(found, small=small)}"


def address(home: Home, found: Media, scope: Scope) -> str:
    """Where other servers find the picture of a thing of this scope; for pilots with a proof (never for the neighbourhood)."""
    plain = home.base_url + path(found)
    return plain if scope is Scope.PUBLIC else f"{plain}?proof={_proof(found, FOR_PILOTS)}"


def address_for_app(tx: Reads, found: Media, scope: Scope | None, *, small: bool = False) -> str:
    """Where the app of somebody who may see it finds it: apps load pictures without their token.

    What is not public (or stands nowhere yet, then without a scope) is there until the end of tomorrow; the address
    is the same for the whole day, so that an app may keep the picture that long.
    """
    plain = tx.home.base_url + path(found, small=small)
    if scope is Scope.PUBLIC:
        return plain
    today = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    until = str(int((today + timedelta(days=2)).timestamp()))
    return f"{plain}?until={until}&proof={_proof(found, until)}"
