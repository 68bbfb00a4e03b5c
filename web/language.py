"""Which language a page speaks: `?taal=` first, then the member's own, then the pilot's first. No cookie, no guessing.

The English text in the code is the msgid; every other language is a catalogue in web/locale, and a text that is
missing there shows in English, never as an error.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.support import NullTranslations, Translations
from starlette.requests import Request

from vraagbaak.model import Member

FOLDER = Path(__file__).parent / "locale"
QUERY = "taal"
PLACE = ZoneInfo("Europe/Amsterdam")
NAMES = {"nl": "Nederlands", "en": "English"}
_UNTRANSLATED = "en"


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

    def say_count(self, one: str, many: str, count: int) -> str:
        """The text for this count, which fills `%(num)d`."""
        return self.words.ngettext(one, many, count) % {"num": count}

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


def asked_for(request: Request, languages: tuple[str, ...]) -> str:
    """The language that the address asks for, when we speak it; empty otherwise."""
    wanted = request.query_params.get(QUERY, "")
    return wanted if wanted in languages else ""


def language_of(request: Request, member: Member | None, languages: tuple[str, ...]) -> Language:
    """The language for this page."""
    known = member.language if member and member.language in languages else languages[0]
    return language(asked_for(request, languages) or known)
