"""Which of a member's filters a thing falls under: by its words, or because it is named. Pure.

Case and the length of spaces do not count. A phrase of whole words is found where no letter, digit or underscore stands
beside its ends, as far as those are such themselves (Mastodon 4.5: the same).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from vraagbaak.model import Filter, Offer, Question, Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """A filter that a thing falls under, and by what."""

    filter: Filter
    phrases: tuple[str, ...]
    """Those of its phrases that were found, as the member wrote them."""
    things: tuple[str, ...]
    """The ids of those of its things that this is."""


def active(filters: Iterable[Filter], now: datetime) -> tuple[Filter, ...]:
    """Those that have not expired."""
    return tuple(each for each in filters if each.expires_at is None or each.expires_at > now)


def caught(filters: Iterable[Filter], thing: Thing, descriptions: Iterable[str] = ()) -> tuple[Caught, ...]:
    """The filters that this thing falls under; `descriptions` say what is on its pictures."""
    words = _folded("\n".join([*_said(thing), *descriptions]))
    found = []
    for each in filters:
        phrases = tuple(
            keyword.phrase
            for keyword in each.keywords
            if _holds(words, keyword.phrase, whole=keyword.whole_word)
        )
        things = tuple(named.thing_id for named in each.things if named.thing_id == thing.id)
        if phrases or things:
            found.append(Caught(filter=each, phrases=phrases, things=things))
    return tuple(found)


def _said(thing: Thing) -> list[str]:
    title = [thing.title] if isinstance(thing, Question) else []
    topics = [f"#{topic}" for topic in thing.topics] if isinstance(thing, Question | Offer) else []
    beside = [each.description for each in thing.attachments]
    return [*title, thing.warning, thing.body, *beside, *topics]


def _holds(words: str, phrase: str, *, whole: bool) -> bool:
    wanted = _folded(phrase)
    if not wanted:
        return False
    at = words.find(wanted)
    while whole and at >= 0 and not _is_whole(words, at, wanted):
        at = words.find(wanted, at + 1)
    return at >= 0


def _is_whole(words: str, at: int, wanted: str) -> bool:
    end = at + len(wanted)
    begins = at > 0 and _is_letter(wanted[0]) and _is_letter(words[at - 1])
    goes_on = end < len(words) and _is_letter(wanted[-1]) and _is_letter(words[end])
    return not begins and not goes_on


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _folded(given: str) -> str:
    plain = given if given.isascii() else unicodedata.normalize("NFC", given)
    return " ".join(plain.casefold().split())
