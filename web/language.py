"""Which language a page speaks: `?taal=` first, then the member's own, then what the browser asks for, then the pilot's.

No cookie is set for it, and what the browser asks for is looked at and forgotten.

The English text in the code is the msgid; every other language is a catalogue in web/locale, and a text that is
missing there shows in English, never as an error.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.support import NullTranslations, Translations
from starlette.requests import HTTPConnection

from vraagbaak.model import Member

FOLDER = Path(__file__).parent / "locale"
QUERY = "taal"
PLACE = ZoneInfo("Europe/Amsterdam")
NAMES = {"nl": "Nederlands", "en": "English"}
LONGEST_HEADER = 200
_UNTRANSLATED = "en"
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")


def msgid(text: str) -> str:
    """The text itself, marked for the catalogues because it is said later."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language as a page uses it: its words and its way of telling the time."""

    code: str
    words: NullTranslations
    locale: Locale

    def say(self, text: str, **values: object) -> str:
        """The text in this language, with its placeholders filled in."""
        said = self.words.gettext(text)
        return said % values if values else said

    def ago(self, moment: datetime, now: datetime) -> str:
        """How long ago in words: `3 uur geleden`."""
        if now - moment < timedelta(minutes=1):
            return self.say("just now")
        return format_timedelta(moment - now, add_direction=True, locale=self.locale)

    def day(self, moment: datetime) -> str:
        """The day alone: `24 november 2026`."""
        return format_date(moment.astimezone(PLACE), "long", locale=self.locale)


@functools.cache
def language(code: str) -> Language:
    """The language with this code; its catalogue is read once."""
    words: NullTranslations = NullTranslations()
    if code != _UNTRANSLATED:
        words = Translations.load(FOLDER, [code])
    return Language(code=code, words=words, locale=Locale.parse(code))


def asked_for(request: HTTPConnection, languages: tuple[str, ...]) -> str:
    """The language that the address asks for, when we speak it; empty otherwise."""
    wanted = request.query_params.get(QUERY, "")
    return wanted if wanted in languages else ""


def language_of(request: HTTPConnection, member: Member | None, languages: tuple[str, ...]) -> Language:
    """The language for this page."""
    if member and member.language in languages:
        known = member.language
    else:
        known = preferred(request.headers.get("accept-language", ""), languages)
    return language(asked_for(request, languages) or known)


def preferred(header: str, languages: tuple[str, ...]) -> str:
    """The language of ours that an Accept-Language likes best; the pilot's first when it names none of them."""
    liked: dict[str, float] = {}
    for part in header[:LONGEST_HEADER].lower().split(","):
        tag, _, weight = part.partition(";")
        code = tag.strip().partition("-")[0]
        quality = _WEIGHT.fullmatch(weight.strip())
        if code in languages and (quality or not weight.strip()):
            liked.setdefault(code, float(quality[1]) if quality else 1.0)
    best = max(liked.values(), default=0.0)
    return next((code for code in liked if liked[code] == best and best > 0), languages[0])
