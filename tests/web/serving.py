"""A pilot that can be called: the real store on a real file, and the machinery of web/ in its real order."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from storage.media import MediaFolder
from storage.memory import TickingClock
from vraagbaak import answers, members, offers, pilots, questions
from vraagbaak.config import Config
from vraagbaak.model import Actor, Perspective, Role, Scope
from web import api, cors, csrf, errors, limits, mastodon, operation, reading_body, security, sessions
from web.returncodes import ReturnCodes
from web.site import Site, site_of
from web.tickets import Tickets

BASE = "https://wester.example"
SECRET = "hush" * 3  # so that its value stands in no line of code
API = "/api/vraagbaak/v1"
PROFILE = {"focus": "", "meeting_place": "", "hours": ""}


async def sign_in(request: Request) -> JSONResponse:
    fields = await reading_body.form(request)
    handle = fields["handle"][0]
    limits.limits_of(request).sign_in(request, handle)
    member, secret = await sessions.sign_in(request, handle, fields["password"][0])
    answer = JSONResponse({"handle": member.handle})
    sessions.set_cookie(request, answer, secret)
    return answer


async def sign_out(request: Request) -> JSONResponse:
    await sessions.sign_out(request)
    answer = JSONResponse({})
    sessions.delete_cookie(request, answer)
    return answer


async def whoami(request: Request) -> JSONResponse:
    visitor = await sessions.visitor_of(request)
    return JSONResponse(
        {"handle": visitor.member.handle if visitor.member else None, "scopes": visitor.scopes}
    )


async def broken(request: Request) -> JSONResponse:
    raise ZeroDivisionError(f"the cause, with a {SECRET} in it")


async def fill_in(request: Request) -> JSONResponse:
    return JSONResponse(await reading_body.form(request))


async def join(request: Request) -> JSONResponse:
    limits.limits_of(request).join(request)
    return JSONResponse({"site": site_of(request).config.name})


ROUTES = [
    Route("/aanmelden", sign_in, methods=["POST"]),
    Route("/afmelden", sign_out, methods=["POST"]),
    Route("/wie", whoami, methods=["GET", "POST"]),
    Route("/api/wie", whoami),
    Route("/stuk/{code}", broken, methods=["GET", "POST"]),
    Route("/api/stuk", broken),
    Route("/formulier", fill_in, methods=["POST"]),
    Route("/meedoen", join, methods=["GET", "POST"]),
    Route("/u/{name}/inbox", whoami, methods=["POST"]),
]


class Serving:
    """One pilot. Its clock stands still until told."""

    def __init__(self, store_factory, **settings) -> None:
        given = {"base_url": BASE, "name": "Wester", "slug": "wester", "metrics_token": "watch", **settings}
        self.config = Config(**given)
        self.clock = TickingClock()
        self.store = store_factory(home=self.config.home, clock=self.clock)
        self.store.run_now(pilots.found, PROFILE)
        self.app = Starlette(
            routes=[*api.ROUTES, *mastodon.ROUTES, *operation.ROUTES, *ROUTES],
            exception_handlers=errors.HANDLERS,
            middleware=[
                Middleware(security.SecurityHeaders, config=self.config),
                Middleware(cors.OpenToOtherSites),
                Middleware(operation.CountRequests, traffic=(traffic := operation.Traffic())),
                Middleware(errors.UnexpectedFaults),
                Middleware(csrf.SameOriginOnly, config=self.config),
            ],
        )
        media = MediaFolder((self.store.file.parent if self.store.file else Path()) / "media")
        self.app.state.site = Site(
            config=self.config,
            store=self.store,
            clock=self.clock,
            media=media,
            codes=ReturnCodes(b"s" * 32),
            tickets=Tickets(b"s" * 32, self.clock),
        )
        self.app.state.limits = limits.Limits(self.config, self.clock)
        self.app.state.traffic = traffic

    def client(self, address: str = "192.0.2.1", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, client=(address, 1234))
        return httpx.AsyncClient(transport=transport, base_url=self.config.base_url, headers=headers)

    def program(self, token: str = "", address: str = "192.0.2.1") -> httpx.AsyncClient:
        """A client of the API."""
        client = self.client(address, **({"Authorization": f"Bearer {token}"} if token else {}))
        client.base_url = f"{self.config.base_url}{API}"
        return client

    def member(self, handle: str, *roles: Role, password_hash: str = "") -> members.Member:
        newcomer = members.Newcomer(handle=handle, name=handle.title(), password_hash=password_hash)
        return self.store.run_now(members.add, newcomer, roles or (Role.RESIDENT,))

    def token(self, member, *scopes: str) -> str:
        secret, secret_hash = sessions.new_secret()
        self.store.run_now(members.give_token, member, secret_hash, scopes or ("read", "write"))
        return secret

    def session(self, member) -> str:
        secret, secret_hash = sessions.new_secret()
        self.store.run_now(members.open_session, member.id, secret_hash)
        return secret

    def actor(self, member) -> Actor:
        return self.store.read_now(lambda reading: reading.get(Actor, member.actor_id))

    def ask(self, member, title: str = "Wie weet een goede fysio?", scope: Scope = Scope.PUBLIC, **draft):
        self.clock.tick(seconds=1)
        return self.store.run_now(
            questions.ask_anew, self.actor(member), questions.Draft(title=title, scope=scope, **draft)
        )

    def answer(self, member, question, body: str = "Die op de hoek.", **draft):
        self.clock.tick(seconds=1)
        made = answers.Draft(body=body, **{"perspective": Perspective.RESIDENT, **draft})
        return self.store.run_now(answers.answer_anew, member, question.id, made)

    def offer(self, member, body: str = "Ik kan klussen.", scope: Scope = Scope.PUBLIC, **draft):
        self.clock.tick(seconds=1)
        return self.store.run_now(offers.offer_anew, member, offers.Draft(body=body, scope=scope, **draft))

    def later(self, span: timedelta) -> None:
        self.clock.moment += span


async def called(app, method: str, path: str, headers=(), chunks=(b"",), query: bytes = b""):
    """A call below any client: (status, headers, body). `chunks` come as they are, without a length."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("192.0.2.1", 1234),
        "server": ("wester.example", 443),
        "state": {},
    }
    waiting = list(chunks)
    sent = []

    async def receive():
        part = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], found, b"".join(message.get("body", b"") for message in sent[1:]), len(waiting)
