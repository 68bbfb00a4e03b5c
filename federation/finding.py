"""Finding somebody or something elsewhere that a member names: `@name@server`, a profile, or a question.

Only members can make us look, within one small budget; what is found comes in like anything else, with the same
refusals.
"""

from __future__ import annotations

import contextlib

from federation.actors import read_actor
from federation.directory import Directory
from federation.discovery import account_of, actor_uri_from_jrd, subject_of, webfinger_url
from federation.documents import Document, host_of, id_of, same_origin, split_url
from federation.fetching import Budget, FetchFault
from federation.understanding import Delivered, NotForUs, Sources, arrivals_of, is_ours, take_in
from federation.vocabulary import read_note
from storage.reading import Reading
from storage.store import Store
from storage.work import Unit
from vraagbaak import audience
from vraagbaak.errors import Refused
from vraagbaak.model import Actor, Answer, Home, Question, Thing
from vraagbaak.ports import Clock

FETCHES = 6
"""How many documents one search may cost: a WebFinger and its second subject, a post, its author and their handle."""


class Finding:
    """Finds. One per process."""

    def __init__(self, *, store: Store, directory: Directory, home: Home, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._home = home
        self._scheme = home.base_url.partition(":")[0]
        self._sources = Sources(
            store=store, directory=directory, home=home, clock=clock, examine=_nothing_inside
        )

    async def find(self, query: str) -> Actor | Thing | None:
        """Whom or what this names, elsewhere or here; None for nobody, for what may not come in and for faults."""
        budget = Budget(FETCHES)
        with contextlib.suppress(FetchFault, NotForUs, Refused):
            account = account_of(f"acct:{query.removeprefix('@')}")
            if account:
                uri = await self._actor_called(account, budget)
                return await self._actor(uri, budget, "@".join(("", *account))) if uri else None
            if split_url(query) is not None:
                return await self._standing_at(query, budget)
        return None

    async def _actor_called(self, account: tuple[str, str], budget: Budget) -> str | None:
        """The actor uri behind an account; its server may name another account, which is asked once (Mastodon 4.x)."""
        if account[1] == self._home.domain:
            return None
        for _ in range(2):
            wanted = f"acct:{account[0]}@{account[1]}"
            url = webfinger_url(wanted, scheme=self._scheme)
            if url is None:
                return None
            doc = await self._directory.fetcher.fetch_plain(url, budget=budget)
            uri, subject = actor_uri_from_jrd(doc, wanted), subject_of(doc)
            if uri or subject is None or subject == account:
                return uri
            account = subject
        return None

    async def _actor(self, uri: str, budget: Budget, called: str = "") -> Actor | None:
        if is_ours(self._home, uri):
            return None
        return await self._directory.actor(uri, budget, called)

    async def _standing_at(self, url: str, budget: Budget) -> Actor | Thing | None:
        """What this address shows. The answer that a fragment names on the page of a question, when it is known here."""
        page, _, fragment = url.partition("#")
        if not fragment:
            return await self._at(url, budget)
        found = await self._store.read(_known, url) or await self._at(page, budget)
        if not isinstance(found, Question):
            return found
        return await self._store.read(_answer_shown_at, found, url) or found

    async def _at(self, url: str, budget: Budget) -> Actor | Thing | None:
        known = await self._store.read(_known, url)
        if known is not None or is_ours(self._home, url):
            return known
        doc = await self._sources.document(url, budget)
        reading = read_actor(doc)
        if reading is not None:
            return await self._actor(reading.uri, budget)
        return await self._taken_in(doc, budget)

    async def _taken_in(self, doc: Document, budget: Budget) -> Thing | None:
        """A post as it would be taken in if its author had sent it. Raises NotForUs, FetchFault or Refused."""
        uri = id_of(doc) or ""
        if (known := await self._store.read(audience.thing_at, uri)) is not None:
            return known
        post = read_note(doc, self._sources.clock.now())
        if post is None or host_of(post.author_uri) != host_of(uri):
            raise NotForUs("not-a-post")
        author = await self._directory.actor(post.author_uri, budget)
        found = await arrivals_of(doc, Delivered(doc={}, uri=uri, actor=author, budget=budget), self._sources)
        await self._store.run(take_in, found)
        return await self._store.read(audience.thing_at, uri)


async def _nothing_inside(_delivered: Delivered) -> Unit:
    raise NotForUs("not-an-activity")


def _answer_shown_at(reading: Reading, question: Question, url: str) -> Answer | None:
    """The answer to this question with this address, as its own server says it."""
    answers = reading.find(Answer, question_id=question.id)
    return next((each for each in answers if each.url == url and same_origin(each.uri, url)), None)


def _known(reading: Reading, url: str) -> Actor | Thing | None:
    """What has this uri here; a page of it is not asked for, its server says what stands there."""
    actor = reading.one(Actor, uri=url)
    if actor is not None and not actor.suspended:
        return actor
    return audience.thing_at(reading, url)
