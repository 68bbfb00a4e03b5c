"""What to point out to somebody before they post: words that tell who they are, and words that sound like danger.

Only ever for the writer's own screen. Nothing of it is kept, sent along or held against anybody, and nothing is blocked.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

LOOKED_AT = 20_000
"""So many characters are looked at: more than a question can have."""


class Telling(StrEnum):
    """What in a text can lead to a person."""

    NAME = "name"
    PHONE = "phone"
    MAIL = "mail"
    ADDRESS = "address"


_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'-]{1,30}"
_RELATIVE = r"(?:moeder|vader|zoon|dochter|man|vrouw|broer|zus|oma|opa|tante|oom|kind|partner|vriend|vriendin|buurman|buurvrouw)"
_STREET = r"(?:straat|laan|weg|plein|gracht|kade|dijk|hof|singel|dreef|steeg|plantsoen|park|pad)"
_UNITS = r"(?:keer|x|dagen|weken|maanden|jaar|uur|minuten|meter|km|mensen|kinderen|euro)"
_TELLING: dict[Telling, tuple[re.Pattern[str], ...]] = {
    Telling.NAME: (
        re.compile(r"\b(?i:mijn naam is|ik heet|my name is)\s+\w"),
        re.compile(r"\b[Ii]k ben\s+" + _CAPITAL),
        re.compile(
            r"\b(?i:mevrouw|meneer|mevr\.?|mw\.?|dhr\.?|de heer|dokter|dr\.?|juf|meester|zuster)\s+"
            + _CAPITAL
        ),
        re.compile(rf"\b(?i:mijn {_RELATIVE})(?:\s+heet)?\s+{_CAPITAL}"),
        re.compile(rf"\b{_CAPITAL}\s+(?:van|de|den|der|van de|van den|van der|ter|ten|el|al)\s+{_CAPITAL}"),
    ),
    Telling.PHONE: (
        re.compile(r"(?:\+|\b00)[1-9](?:[ .()-]{0,3}\d){8,13}(?!\d)"),
        re.compile(r"(?<![\d,.])\(?0[1-9](?:[ .()-]{0,3}\d){8}(?!\d)"),
    ),
    Telling.MAIL: (re.compile(r"[\w.+-]{1,64}(?:@| at | apenstaartje )[\w-]{1,63}\.[a-zA-Z]{2,24}\b"),),
    Telling.ADDRESS: (
        re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b"),
        re.compile(
            rf"\b(?!(?i:onderweg|snelweg)\b)[A-Za-zÀ-ÿ-]{{0,30}}(?i:{_STREET})\s+\d{{1,4}}\s?[a-zA-Z]?\b(?!\s?{_UNITS}\b)"
        ),
    ),
}
# As people write it when it is about themselves or somebody near; folded to small letters without marks.
_DANGER = re.compile(
    r"""\b(?:
    zelf\s?moord\w* | zelf\s?doding\w* | suicid\w* | zelf\s?beschadig\w* | overdosis
    | (?:niet|geen)\s(?:meer\s)?(?:verder\s)?(?:leven|zin\smeer\som\ste\sleven)
    | wil\s(?:liever\s)?dood | dood\swil(?:len)? | liever\sdood | dood\sgaan\swil | mezelf\siets\saan\w* | van\skant
    | (?:een\s)?eind(?:e)?\s(?:aan\s(?:mijn|zijn|haar|het|hun)\sleven|eraan)\s?\w* | er\seen\seind(?:e)?\saan
    | mishandel\w* | verkracht\w* | misbruikt\w* | steekt\s(?:mij|me) | bedreig\w*\s(?:mij|me|ons)
    | (?:slaat|schopt|wurgt|bedreigt|opsluit)\s(?:mij|me|ons|haar|hem|zijn\skind\w*)
    | (?:staat|is)\sin\sbrand | bewusteloos | hartaanval | bloedt\serg
    | kill\smyself | end\smy\slife | want\sto\sdie
    )\b""",
    re.VERBOSE,
)


def tells(text: str) -> tuple[Telling, ...]:
    """What in a text can lead to a person: each kind once, in a fixed order."""
    looked_at = text[:LOOKED_AT]
    return tuple(
        kind for kind, patterns in _TELLING.items() if any(pattern.search(looked_at) for pattern in patterns)
    )


def sounds_like_danger(text: str) -> bool:
    """Whether somebody who writes this may need help at once."""
    plain = unicodedata.normalize("NFKD", text[:LOOKED_AT]).casefold()
    folded = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _DANGER.search(" ".join(folded.split())) is not None
