"""Why a question and an offer fit, in words: `omdat: biljarten, vrijdagavond, binnen 2 km`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vraagbaak.hours import PARTS
from vraagbaak.matching import Ground, Reason
from web.language import Language, msgid

DAY_WORDS = {
    "mon": msgid("Monday"),
    "tue": msgid("Tuesday"),
    "wed": msgid("Wednesday"),
    "thu": msgid("Thursday"),
    "fri": msgid("Friday"),
    "sat": msgid("Saturday"),
    "sun": msgid("Sunday"),
}
PART_WORDS = {
    "morning": msgid("morning"),
    "afternoon": msgid("afternoon"),
    "evening": msgid("evening"),
    "night": msgid("night"),
}
MOST_MOMENTS = 2


def because(spoken: Language, reasons: Iterable[Reason]) -> str:
    """All reasons as one line."""
    return spoken.say("because: %(reasons)s", reasons=", ".join(in_words(spoken, reasons)))


def in_words(spoken: Language, reasons: Iterable[Reason]) -> list[str]:
    """Each reason in a few words; of many moments the first."""
    reasons = tuple(reasons)
    said = [_said(spoken, reason) for reason in reasons if reason.ground is not Ground.TIME]
    at = 1 if said else 0
    said[at:at] = _moments(spoken, [each.value for each in reasons if each.ground is Ground.TIME])
    return said


def _said(spoken: Language, reason: Reason) -> str:
    if reason.ground is Ground.NEAR:
        if reason.value == "0":
            return spoken.say("in your own neighbourhood")
        return spoken.say("within %(num)s km", num=reason.value)
    return reason.value.replace("-", " ") if reason.ground is Ground.TOPIC else reason.value


def _moments(spoken: Language, codes: list[str]) -> Iterator[str]:
    days = dict.fromkeys(code.partition("-")[0] for code in codes)
    for day in list(days)[:MOST_MOMENTS]:
        parts = [part for part in PARTS if f"{day}-{part}" in codes]
        name = spoken.say(DAY_WORDS[day])
        if len(parts) > 1:
            yield name
        else:
            yield spoken.say("%(day)s %(part)s", day=name, part=spoken.say(PART_WORDS[parts[0]]))
