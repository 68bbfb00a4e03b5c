"""A pilot with its pages, and people who look at it: with a session or without, with a form in hand."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.web.serving import Serving
from vraagbaak import follows, peers
from vraagbaak.model import (
    Actor,
    ActorKind,
    Answer,
    Perspective,
    Pilot,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Standing,
)
from web import cors, csrf, errors, feeds, mastodon, pages, security

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b onmouseover=x>&{{7*7}}%(name)s\u202e\x07"
)


async def person(request: Request) -> Response:
    return await pages.person_page(request, request.path_params["name"])


async def group(request: Request) -> Response:
    return await pages.group_page(request, request.path_params["slug"])


async def question(request: Request) -> Response:
    return await pages.question_page(request, request.path_params["id"])


class Village(Serving):
    """One pilot with its pages, and what came from elsewhere."""

    def __init__(self, store_factory, **settings) -> None:
        super().__init__(store_factory, **settings)
        state = self.app.state
        self.app = Starlette(
            routes=[
                *feeds.ROUTES,
                *pages.ROUTES,
                *mastodon.ROUTES,
                Route("/v/{id}", question),
                Route("/u/{name}", person),
                Route("/b/{slug}", group),
            ],
            exception_handlers=errors.HANDLERS,
            middleware=[
                Middleware(security.SecurityHeaders, config=self.config),
                Middleware(cors.OpenToOtherSites),
                Middleware(errors.UnexpectedFaults),
                Middleware(csrf.SameOriginOnly, config=self.config),
            ],
        )
        self.app.state = state

    def as_member(self, member):
        """A browser in which this member is signed in."""
        client = self.client(**{"Sec-Fetch-Site": "same-origin"})
        client.cookies.set("__Host-session", self.session(member), domain="wester.example")
        return client

    def browser(self):
        """A browser of a passer-by."""
        return self.client(**{"Sec-Fetch-Site": "same-origin"})

    def stranger(self, name: str, domain: str = "nieuwland.example") -> Actor:
        """Somebody on another server."""

        def remember(tx):
            uri = f"https://{domain}/u/{name.lower()}"
            known = tx.one(Actor, uri=uri)
            actor = known or Actor(
                id=tx.new_id(),
                uri=uri,
                kind=ActorKind.PERSON,
                handle=name.lower(),
                domain=domain,
                name=name,
                inbox=f"{uri}/inbox",
                local=False,
            )
            if known is None:
                tx.add(actor)
            return actor

        return self.store.run_now(remember)

    def neighbour(self, name: str = "Nieuwland", domain: str = "nieuwland.example") -> Pilot:
        """Another pilot: we trust each other."""
        group, application = self.stranger(name, domain), self.stranger("actor", domain)

        def trust(tx):
            peer = peers.decide(tx, domain, Standing.PILOT)
            tx.save(replace(peer, application_uri=application.uri))
            ours = tx.one(Actor, uri=tx.home.group_uri)
            follows.receive(tx, application, ours, f"https://{domain}/follows/1")
            pilot = Pilot(
                id=tx.new_id(),
                actor_id=group.id,
                uri=f"https://{domain}/b/{name.lower()}",
                domain=domain,
                slug=name.lower(),
                name=name,
                local=False,
            )
            tx.add(pilot)
            return pilot

        return self.store.run_now(trust)

    def arrived(self, author: Actor, title: str, pilot: Pilot | None = None, **fields) -> Question:
        """A question from elsewhere."""
        self.clock.tick(seconds=1)

        def take_in(tx):
            key = tx.new_id()
            given = {"scope": Scope.PUBLIC, "status": QuestionStatus.OPEN} | fields
            question = Question(
                id=key,
                uri=f"https://{author.domain}/q/{key}",
                url=f"https://{author.domain}/v/{key}",
                author_id=author.id,
                pilot_id=pilot.id if pilot else None,
                title=title,
                local=False,
                published_at=tx.now,
                **given,
            )
            tx.add(question)
            return question

        return self.store.run_now(take_in)

    def arrived_answer(self, author: Actor, question: Question, body: str, **fields) -> Answer:
        """An answer from elsewhere."""
        self.clock.tick(seconds=1)

        def take_in(tx):
            key = tx.new_id()
            given = {
                "perspective": Perspective.RESIDENT,
                "scope": question.scope,
                "status": ReplyStatus.SHOWN,
            }
            answer = Answer(
                id=key,
                uri=f"https://{author.domain}/a/{key}",
                url=f"https://{author.domain}/a/{key}",
                question_id=question.id,
                author_id=author.id,
                body=body,
                html=f"<p>{body}</p>",
                local=False,
                published_at=tx.now,
                **(given | fields),
            )
            tx.add(answer)
            return answer

        return self.store.run_now(take_in)


class Page(HTMLParser):
    """A page taken apart: its tags, and its words."""

    def __init__(self, answer) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.parts.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.parts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def links(self) -> list[str]:
        return [attributes["href"] or "" for _, attributes in self.tags if "href" in attributes]


def external(page: Page, own: str) -> list[str]:
    """What a browser would fetch or send elsewhere by itself from this page, or by a link of ours."""
    found = []
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "srcset", "poster", "data", "formaction"):
            given = attributes.get(name)
            if given and re.match(r"(?:[a-z+.-]+:)?//", given) and not given.startswith(own):
                found.append((tag, name, given))
    return found
