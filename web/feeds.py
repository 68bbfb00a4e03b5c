"""Atom feeds (RFC 4287): what people ask here, about a topic or in a pilot, and what is said to one question.

They hold only what may be told to everybody, the same for whoever asks: no cookie, no language of a browser and no
moment of a visit changes a letter. Nobody is named, and of each text only the beginning is told: the rest stays where
its writer can take it back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import listings, news
from storage.clock import moment_of
from storage.news import Told
from storage.reading import Reading
from vraagbaak import pilots, text
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, Answer, Pilot, Question
from web import language, render
from web.keys import checked_key
from web.language import Language
from web.site import site_of

ATOM = "application/atom+xml"
ENTRIES = 30
BEGINNING = 500
_KEPT = {"Cache-Control": "public, max-age=300"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question or answer in a feed. `source` is the neighbourhood or server that it comes from."""

    thing: Question | Answer
    source: str
    beginning: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A whole feed, at `page` with `.atom` behind it; `page` is where a person reads the same."""

    page: str
    title: str
    began: datetime
    """What it was last changed at while it is empty."""
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """The latest moment in it."""
        return max((entry.updated for entry in self.entries), default=self.began)


def _moment(moment: datetime, author: Actor) -> datetime:
    """Of somebody without an account only the hour is told (threat G12)."""
    return moment.replace(minute=0, second=0, microsecond=0) if author.shared else moment


def _entry(thing: Question | Answer, author: Actor, pilot: Pilot | None) -> Entry:
    words = text.to_plain(thing.html)
    return Entry(
        thing=thing,
        source=pilot.name if pilot else author.domain,
        beginning=words if len(words) <= BEGINNING else f"{text.line(words, BEGINNING)} …",
        published=_moment(thing.published_at, author),
        updated=_moment(thing.edited_at or thing.published_at, author),
    )


def _told(found: tuple[Told, ...]) -> tuple[Entry, ...]:
    return tuple(_entry(each.question, each.author, each.pilot) for each in found)


def _of_pilot(reading: Reading, known: Pilot, page: str, spoken: Language) -> Feed:
    return Feed(
        page=page,
        title=spoken.say("Questions from %(pilot)s", pilot=known.name),
        began=moment_of(known.id),
        entries=_told(news.questions(reading, pilot_id=known.id, limit=ENTRIES)),
    )


def _here(reading: Reading, spoken: Language) -> Feed:
    return _of_pilot(reading, pilots.ours(reading), "/vragen", spoken)


def _pilot(reading: Reading, name: str, spoken: Language) -> Feed:
    known = listings.pilot_called(reading, name)
    return _of_pilot(reading, known, f"/p/{known.slug if known.local else known.domain}", spoken)


def _topic(reading: Reading, slug: str, spoken: Language) -> Feed:
    return Feed(
        page=f"/o/{slug}",
        title=spoken.say("Questions about %(topic)s", topic=slug.replace("-", " ")),
        began=moment_of(pilots.ours(reading).id),
        entries=_told(news.questions(reading, topic=slug, limit=ENTRIES)),
    )


def _thread(reading: Reading, key: str, spoken: Language) -> Feed:
    asked, said = news.thread(reading, key, ENTRIES)
    title = asked.question.title or spoken.say("A question without a title")
    return Feed(
        page=f"/v/{key}",
        title=spoken.say("Answers to: %(question)s", question=title),
        began=_moment(asked.question.published_at, asked.author),
        entries=tuple(_entry(card.answer, card.author, card.pilot) for card in said),
    )


async def here(request: Request) -> Response:
    """`/vragen.atom`: what was asked in this neighbourhood."""
    return await _answer(request, _here)


async def pilot(request: Request) -> Response:
    """`/p/{pilot}.atom`. Raises Unknown."""
    return await _answer(request, _pilot, request.path_params["pilot"])


async def topic(request: Request) -> Response:
    """`/o/{topic}.atom`: from all pilots. Raises Unknown, for a delicate topic too."""
    slug = text.slug(request.path_params["topic"])
    if not slug:
        raise Unknown
    return await _answer(request, _topic, slug)


async def thread(request: Request) -> Response:
    """`/v/{id}.atom`: what is said to a question. Raises Unknown, for a delicate one too."""
    return await _answer(request, _thread, checked_key(request.path_params["id"]))


async def _answer(request: Request, build: Callable[..., Feed], *given: str) -> Response:
    """The feed, or 304 when it is known already.

    There is no Last-Modified: what was taken back would not change it, and would stay where the feed was read.
    """
    site = site_of(request)
    languages = site.config.languages
    spoken = language.language(language.asked_for(request, languages) or languages[0])
    feed = await site.store.read(build, *given, spoken)
    values = {"feed": feed, "config": site.config, "lang": spoken.code}
    body = _NOT_XML.sub("", render.document("atom.xml", spoken.code, values)).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_KEPT, "ETag": tag}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=ATOM, headers=headers)


ROUTES = [
    Route("/vragen.atom", here),
    Route("/o/{topic}.atom", topic),
    Route("/p/{pilot}.atom", pilot),
    Route("/v/{id}.atom", thread),
]
