"""Filters: what a member does not want to meet by surprise. They are the member's alone and change nothing for others.

What falls under one is said beside it; the member's apps then warn, leave it out, or veil its pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from vraagbaak import text
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Filter, FilterAction, FilterContext, FilteredThing, FilterKeyword, Member
from vraagbaak.ports import Reads, Tx

MOST_FILTERS = 100
MOST_PHRASES = 500
"""Of one member in all their filters: each is looked for in everything that they read."""
MOST_THINGS = 500
TITLE_LENGTH = 256
PHRASE_LENGTH = 512
LONGEST = timedelta(days=3650)

Part = TypeVar("Part", FilterKeyword, FilteredThing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase as it is to be: with the id of one that is there, that one changes or goes; None leaves as it is."""

    id: str = ""
    phrase: str | None = None
    whole_word: bool | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a filter is to be; None leaves it as it is."""

    title: str | None = None
    contexts: tuple[FilterContext, ...] | None = None
    action: FilterAction | None = None
    lasts: Lasts | None = None
    phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasts:
    """For how many seconds from now a filter holds; None for always."""

    seconds: int | None = None


def make(tx: Tx, member: Member, wish: Wish) -> Filter:
    """A new filter. Raises Invalid."""
    if len(tx.find(Filter, member_id=member.id)) >= MOST_FILTERS:
        raise Invalid("title", "You have many filters already. Delete one first.", "too-many")
    complete = replace(wish, title=wish.title or "", contexts=wish.contexts or ())
    made = _wished(tx, Filter(id=tx.new_id(), member_id=member.id, title="", contexts=()), complete)
    _require_room(tx, made)
    tx.add(made)
    return made


def of_member(tx: Reads, member: Member) -> list[Filter]:
    """All filters of a member, oldest first."""
    return tx.find(Filter, member_id=member.id)


def own(tx: Reads, member: Member, key: str) -> Filter:
    """A filter of one's own. Raises Unknown, also for one of somebody else."""
    found = tx.one(Filter, id=key)
    if found is None or found.member_id != member.id:
        raise Unknown
    return found


def change(tx: Tx, member: Member, key: str, wish: Wish) -> Filter:
    """Another title, or other things in it. Raises Unknown or Invalid."""
    return _saved(tx, _wished(tx, own(tx, member, key), wish))


def delete(tx: Tx, member: Member, key: str) -> None:
    """The filter goes. Raises Unknown."""
    tx.remove(own(tx, member, key))


def add_phrase(tx: Tx, member: Member, key: str, wish: Phrase) -> FilterKeyword:
    """One phrase more. Raises Unknown or Invalid."""
    before = own(tx, member, key)
    made = _worded(FilterKeyword(id=tx.new_id(), phrase=""), replace(wish, phrase=wish.phrase or ""))
    _saved(tx, replace(before, keywords=(*before.keywords, made)))
    return made


def with_phrase(tx: Reads, member: Member, key: str) -> tuple[Filter, FilterKeyword]:
    """A phrase by its id, with the filter that it is of. Raises Unknown, also for another's."""
    return _with(tx, member, key, lambda found: found.keywords)


def change_phrase(tx: Tx, member: Member, key: str, wish: Phrase) -> FilterKeyword:
    """Another phrase. Raises Unknown or Invalid."""
    before, known = with_phrase(tx, member, key)
    changed = _worded(known, wish)
    _saved(tx, replace(before, keywords=_put(before.keywords, changed)))
    return changed


def take_phrase(tx: Tx, member: Member, key: str) -> None:
    """One phrase less. Raises Unknown."""
    before, known = with_phrase(tx, member, key)
    _saved(tx, replace(before, keywords=_without(before.keywords, known)))


def name(tx: Tx, member: Member, key: str, thing_id: str) -> FilteredThing:
    """The filter means this thing too; whether the member may see it was asked before. Raises Unknown or Invalid."""
    before = own(tx, member, key)
    if any(each.thing_id == thing_id for each in before.things):
        raise Invalid("status_id", "This is in the filter already.", "exists")
    made = FilteredThing(id=tx.new_id(), thing_id=thing_id)
    _saved(tx, replace(before, things=(*before.things, made)))
    return made


def with_thing(tx: Reads, member: Member, key: str) -> tuple[Filter, FilteredThing]:
    """What a filter says of one thing, by its id, with that filter. Raises Unknown, also for another's."""
    return _with(tx, member, key, lambda found: found.things)


def take_thing(tx: Tx, member: Member, key: str) -> None:
    """One thing less. Raises Unknown."""
    before, known = with_thing(tx, member, key)
    _saved(tx, replace(before, things=_without(before.things, known)))


def _wished(tx: Tx, before: Filter, wish: Wish) -> Filter:
    changed = replace(before, action=wish.action or before.action)
    if wish.title is not None:
        title = text.required_line("title", wish.title, shortest=1, length=TITLE_LENGTH)
        changed = replace(changed, title=title)
    if wish.contexts is not None:
        if not wish.contexts:
            raise Invalid("context", "Say where this filter holds.", "missing")
        changed = replace(changed, contexts=tuple(dict.fromkeys(wish.contexts)))
    if wish.lasts is not None:
        changed = replace(changed, expires_at=_end(tx.now, wish.lasts))
    for each in wish.phrases:
        changed = replace(changed, keywords=_with_phrase_as(tx, changed, each))
    return changed


def _end(now: datetime, lasts: Lasts) -> datetime | None:
    if lasts.seconds is None:
        return None
    if not 0 < lasts.seconds <= LONGEST.total_seconds():
        raise Invalid("expires_in", "This cannot be the value of '%(name)s'.", "bad-value", name="expires_in")
    return now + timedelta(seconds=lasts.seconds)


def _with_phrase_as(tx: Tx, found: Filter, wish: Phrase) -> tuple[FilterKeyword, ...]:
    known = next((each for each in found.keywords if each.id == wish.id), None)
    if wish.id and known is None:
        raise Unknown
    if known and wish.gone:
        return _without(found.keywords, known)
    if known:
        return _put(found.keywords, _worded(known, wish))
    made = _worded(FilterKeyword(id=tx.new_id(), phrase=""), replace(wish, phrase=wish.phrase or ""))
    return (*found.keywords, made)


def _worded(before: FilterKeyword, wish: Phrase) -> FilterKeyword:
    phrase = before.phrase
    if wish.phrase is not None:
        phrase = text.required_line("keyword", wish.phrase, shortest=1, length=PHRASE_LENGTH)
    whole = before.whole_word if wish.whole_word is None else wish.whole_word
    return replace(before, phrase=phrase, whole_word=whole)


def _saved(tx: Tx, changed: Filter) -> Filter:
    _require_room(tx, changed)
    tx.save(changed)
    return changed


def _require_room(tx: Reads, changed: Filter) -> None:
    others = [each for each in tx.find(Filter, member_id=changed.member_id) if each.id != changed.id]
    if sum(len(each.keywords) for each in (*others, changed)) > MOST_PHRASES:
        raise Invalid("keyword", "There is no room for more words in your filters.", "too-many")
    if sum(len(each.things) for each in (*others, changed)) > MOST_THINGS:
        raise Invalid("status_id", "There is no room for more in your filters.", "too-many")


def _with(
    tx: Reads, member: Member, key: str, parts: Callable[[Filter], tuple[Part, ...]]
) -> tuple[Filter, Part]:
    for found in of_member(tx, member):
        for part in parts(found):
            if part.id == key:
                return found, part
    raise Unknown


def _put(parts: tuple[FilterKeyword, ...], changed: FilterKeyword) -> tuple[FilterKeyword, ...]:
    return tuple(changed if each.id == changed.id else each for each in parts)


def _without(parts: tuple[Part, ...], gone: Part) -> tuple[Part, ...]:
    return tuple(each for each in parts if each is not gone)
