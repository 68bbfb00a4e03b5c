"""When somebody can, or wants to: days and parts of the day, read from Dutch words and said in codes.

Nobody has to fill in a table: "doordeweeks 's avonds, niet op dinsdag" will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vraagbaak.words import folded

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("morning", "afternoon", "evening", "night")
BY_DAY = PARTS[:3]

_DAY_WORDS = {
    **dict.fromkeys(("maandag", "maandags", "ma", "monday", "mon"), "mon"),
    **dict.fromkeys(("dinsdag", "dinsdags", "di", "tuesday", "tue"), "tue"),
    **dict.fromkeys(("woensdag", "woensdags", "wo", "wednesday", "wed"), "wed"),
    **dict.fromkeys(("donderdag", "donderdags", "do", "thursday", "thu"), "thu"),
    **dict.fromkeys(("vrijdag", "vrijdags", "vr", "friday", "fri"), "fri"),
    **dict.fromkeys(("zaterdag", "zaterdags", "za", "saturday", "sat"), "sat"),
    **dict.fromkeys(("zondag", "zondags", "zo", "sunday", "sun"), "sun"),
}
_PART_WORDS = {
    **dict.fromkeys(("ochtend", "ochtends", "ochtenden", "morgens", "voormiddag", "morning"), ("morning",)),
    **dict.fromkeys(("middag", "middags", "middagen", "namiddag", "afternoon"), ("afternoon",)),
    **dict.fromkeys(("avond", "avonds", "avonden", "evening"), ("evening",)),
    **dict.fromkeys(("nacht", "nachts", "nachten", "night"), ("night",)),
    **dict.fromkeys(("overdag",), ("morning", "afternoon")),
}
_WORKDAYS = {"werkdag", "werkdagen", "doordeweeks", "doordeweekse", "weekdagen", "doordeweek", "weekdag"}
_WEEKEND = {"weekend", "weekenden", "weekeinde", "weekends"}
_ALWAYS = {"altijd", "elke dag", "iedere dag", "dagelijks", "alle dagen", "elk moment", "hele week"}
_SHORT = {"ma", "di", "wo", "do", "vr", "za", "zo", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}
_NOT = re.compile(r"\b(?:niet|geen|behalve|nooit|uitgezonderd)\b")
_WORD = re.compile(r"[a-z]+")
_LONG_DAYS = "|".join(sorted((day for day in _DAY_WORDS if day not in _SHORT), key=len, reverse=True))
_COMPOUND = re.compile(rf"\b({_LONG_DAYS})(ochtend|middag|avond|nacht|morgen)(?:en|s)?\b")
_RANGE = re.compile(
    rf"\b({'|'.join(sorted(_DAY_WORDS, key=len, reverse=True))})\s*(?:-|t/m|tot en met|tm)\s*({'|'.join(sorted(_DAY_WORDS, key=len, reverse=True))})\b"
)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One part of one day of the week."""

    day: str
    part: str


Slots = frozenset[Slot]
NEVER: Slots = frozenset()


def slots(days: Sequence[str], parts: Sequence[str]) -> Slots:
    """Every one of these parts on every one of these days; none named means any (of the day, not the night)."""
    return frozenset(Slot(day, part) for day in days or DAYS for part in parts or BY_DAY)


def read(text: str, *, sure: bool = False) -> Slots:
    """The moments that a text names; nothing when it names none. `sure`: the text is about nothing else.

    Short names of days (`do`) count only where the text is about nothing else.
    """
    found: set[Slot] = set()
    barred: set[Slot] = set()
    plain = folded(text)
    plain = _COMPOUND.sub(lambda each: f"{each[1]} {'ochtend' if each[2] == 'morgen' else each[2]}", plain)
    for clause in re.split(r"[;.!?\n]|\bmaar\b", plain):
        for piece in _pieces(clause):
            into = barred if _NOT.search(piece) else found
            into |= _piece(piece, sure=sure)
    if barred and not found and sure:
        found = set(slots((), ()))
    return frozenset(found - barred)


def _pieces(clause: str) -> Iterator[str]:
    """A clause cut where a new day begins after a part of the day: "dinsdag avond en zaterdag middag"."""
    start, seen_part = 0, False
    negated = _NOT.search(clause)
    cut = negated.start() if negated else len(clause)
    for match in _WORD.finditer(clause[:cut]):
        word = match[0]
        if word in _PART_WORDS:
            seen_part = True
        elif seen_part and ((word in _DAY_WORDS and word not in _SHORT) or word in _WEEKEND | _WORKDAYS):
            yield clause[start : match.start()]
            start, seen_part = match.start(), False
    yield clause[start:cut]
    if negated:
        yield clause[cut:]


def _piece(piece: str, *, sure: bool) -> Slots:
    words = _WORD.findall(piece)
    known = {word for word in words if sure or word not in _SHORT}
    days = [_DAY_WORDS[word] for word in words if word in known and word in _DAY_WORDS]
    for one, other in _RANGE.findall(piece):
        first, last = DAYS.index(_DAY_WORDS[one]), DAYS.index(_DAY_WORDS[other])
        days += DAYS[first : last + 1] if first <= last else DAYS[first:] + DAYS[: last + 1]
    if known & _WORKDAYS:
        days += DAYS[:5]
    if known & _WEEKEND or "weekend" in piece:
        days += DAYS[5:]
    parts = [part for word in words for part in _PART_WORDS.get(word, ())]
    always = any(phrase in piece for phrase in _ALWAYS)
    if not days and not parts and not always:
        return NEVER
    return slots(days, parts)


def read_given(days: Sequence[str], parts: Sequence[str]) -> Slots:
    """The moments of ticked boxes; what is no day or part of a day is left out."""
    known_days = [_DAY_WORDS[folded(day)] for day in days if folded(day) in _DAY_WORDS]
    known_parts = [part for given in parts for part in _PART_WORDS.get(folded(given), ())]
    return slots(known_days, known_parts) if known_days or known_parts else NEVER


def coded(given: Slots) -> tuple[str, ...]:
    """As they are kept: `tue-evening`, in order of the week."""
    return tuple(f"{day}-{part}" for day in DAYS for part in PARTS if Slot(day, part) in given)


def decoded(codes: Sequence[str]) -> Slots:
    """The moments that were kept; what is no moment is left out."""
    pairs = [code.partition("-")[::2] for code in codes]
    return frozenset(Slot(day, part) for day, part in pairs if day in DAYS and part in PARTS)
