"""What other servers read and send: actors, things, collections and inboxes; people get the page of the same thing.

What is not public is only shown to who proves to be trusted with it; for everybody else it does not exist, and is as
long in not existing as what never was.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from federation.documents import ACTIVITY_JSON, CAPS, Document, Malformed, host_of, is_activity_json
from federation.inbox import Inbox
from federation.showing import Showing
from federation.signatures import BadSignature, KeyInDoubt, KeyUnavailable, RawRequest
from storage import finding, listings
from vraagbaak import audience
from vraagbaak.audience import PASSER_BY, Viewer
from vraagbaak.errors import NotYours, Refused, TooFast, Unknown
from vraagbaak.model import Answer, Offer, Question, Standing, Thing
from web import pages, reading_body, render, sessions
from web.keys import checked_key
from web.limits import limits_of
from web.site import site_of

Show = Callable[[Viewer], Awaitable[Document]]

_PUBLIC = {"Cache-Control": "public, max-age=60", "Vary": "Accept"}
_PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Accept, Signature"}


class Unproven(Refused):
    """The signature does not prove who sent this."""

    status = 401
    code = "signature"
    text = "The signature of this request does not prove who sent it."


class KeyAway(Refused):
    """The sender's key cannot be fetched just now."""

    status = 503
    code = "key-unavailable"
    text = "The key of the sender cannot be fetched now. Try again later."
    retry_after = 60


class NotActivity(Refused):
    """Not something an inbox takes."""

    status = 415
    code = "wrong-type"
    text = "An inbox takes ActivityPub only: application/activity+json."


class Garbled(Refused):
    """Not a document that every reader would understand alike."""

    status = 400
    code = "malformed"
    text = "This is not an activity that can be read."


_KINDS = frozenset({"application/activity+json", "application/ld+json", "text/html"})


def wants_activity(request: Request) -> bool:
    """Whether ActivityPub JSON is asked for, and not a page before it."""
    wanted: dict[str, float] = {}
    for part in request.headers.get("accept", "").lower().split(",")[:50]:
        kind, _, rest = part.partition(";")
        weight = re.search(r"(?:^|;)\s*q=([01](?:\.\d{0,3})?)\s*(?:;|$)", rest)
        wanted.setdefault(kind.strip(), float(weight[1]) if weight else 1.0)
    # The first named of those that are wanted most; browsers name a page first, servers the activity.
    best = max(wanted.values(), default=0.0)
    first = next((kind for kind, weight in wanted.items() if weight == best and kind in _KINDS), "")
    return best > 0 and first not in {"text/html", ""}


def _showing(request: Request) -> Showing:
    """Raises Unknown on a server that does not federate."""
    showing = site_of(request).showing
    if showing is None:
        raise Unknown
    return showing


def _inbox(request: Request) -> Inbox:
    """Raises Unknown on a server that does not federate."""
    inbox = site_of(request).inbox
    if inbox is None:
        raise Unknown
    return inbox


def _document(doc: Document, headers: dict[str, str]) -> Response:
    status = 410 if doc.get("type") == "Tombstone" else 200
    return Response(msgspec.json.encode(doc), status_code=status, media_type=ACTIVITY_JSON, headers=headers)


async def _shown(request: Request, show: Show) -> Response:
    """What everybody may have; else what the server behind the signature may have. Raises Unknown."""
    try:
        return _document(await show(PASSER_BY), _PUBLIC)
    except Unknown:
        viewer = await _signed_viewer(request)
        if viewer is None:
            raise
        return _document(await show(viewer), _PRIVATE)


async def _listed(request: Request, show: Show) -> Response:
    """A collection as far as whoever asks may have it: a pilot sees more of a public thread than others do."""
    away: KeyAway | None = None
    try:
        viewer = await _signed_viewer(request)
    except KeyAway as fault:
        viewer, away = None, fault
    if viewer is None or viewer.standing is Standing.REFUSED:
        try:
            return _document(await show(PASSER_BY), _PUBLIC | {"Vary": "Accept, Signature"})
        except Unknown:
            raise (away or Unknown()) from None
    return _document(await show(viewer), _PRIVATE)


async def _signed_viewer(request: Request) -> Viewer | None:
    """The server that proves itself with a signature; None without one that holds. Raises KeyAway."""
    try:
        host = await _signer(request)
    except NotYours:
        return Viewer(standing=Standing.REFUSED)
    return await site_of(request).store.read(audience.server, host) if host else None


async def _signer(request: Request) -> str | None:
    """The domain of whoever signed a request; None without a signature that holds.

    Raises KeyAway, or NotYours for an unknown key of a refused server.
    """
    if "signature" not in request.headers:
        return None
    limits = limits_of(request)
    limits.knock(request)
    try:
        verified = await _inbox(request).verify(_raw(request, b""))
    except (BadSignature, KeyInDoubt):  # who asks without proof is shown what everybody may see
        limits.refuse(request)
        return None
    except KeyUnavailable:
        limits.refuse(request)
        raise KeyAway from None
    return host_of(verified.actor_uri) if verified else None


def _raw(request: Request, body: bytes) -> RawRequest:
    """The request exactly as it came: what was signed is the target on the wire."""
    scope = request.scope
    target: str = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    query: bytes = scope["query_string"]
    if query:
        target += f"?{query.decode('latin-1')}"
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    return RawRequest(request.method, target, headers, body)


# Things


def _thing(kind: type[Thing]) -> Callable[[Request], Awaitable[Response]]:
    async def thing(request: Request) -> Response:
        key = checked_key(request.path_params["id"])
        if not wants_activity(request):
            return await _page_of(request, kind, key)
        showing = _showing(request)
        return await _shown(request, lambda viewer: showing.thing(viewer, kind, key))

    return thing


async def question(request: Request) -> Response:
    """`/v/{id}`, the address that people copy: its page, and for a server the way to the document.

    Whatever is there or not: who may see it is judged where the document is (threats C21, G06).
    """
    key = checked_key(request.path_params["id"])
    if not wants_activity(request):
        return await pages.question_page(request, key)
    _showing(request)
    return RedirectResponse(f"/q/{key}", 302, headers={"Vary": "Accept"})


async def _page_of(request: Request, kind: type[Thing], key: str) -> Response:
    """On to the page where people read it. Raises Unknown for what this visitor may not see."""
    if kind is Question:
        return await pages.question_page(request, key)
    visitor = await sessions.visitor_of(request)
    if kind is Answer:
        question = await site_of(request).store.read(listings.question_of, visitor.viewer, key)
        return render.redirect(request, f"/v/{question.id}#a-{key}")
    await site_of(request).store.read(finding.found, visitor.viewer, Offer, key)
    return render.redirect(request, f"/meehelpen#o-{key}")


async def _replies(request: Request, kind: type[Thing]) -> Response:
    showing, key, place = _showing(request), checked_key(request.path_params["id"]), _place(request)
    return await _listed(request, lambda viewer: showing.replies(viewer, kind, key, place))


async def question_replies(request: Request) -> Response:
    """`/q/{id}/replies`."""
    return await _replies(request, Question)


async def answer_replies(request: Request) -> Response:
    """`/a/{id}/replies`."""
    return await _replies(request, Answer)


async def context(request: Request) -> Response:
    """`/q/{id}/context`."""
    showing, key, place = _showing(request), checked_key(request.path_params["id"]), _place(request)
    return await _listed(request, lambda viewer: showing.context(viewer, key, place))


async def helpful(request: Request) -> Response:
    """`/q/{id}/helpful`."""
    showing, key = _showing(request), checked_key(request.path_params["id"])
    return await _listed(request, lambda viewer: showing.helpful(viewer, key))


def _likes(kind: type[Thing]) -> Callable[[Request], Awaitable[Response]]:
    async def likes(request: Request) -> Response:
        showing, key = _showing(request), checked_key(request.path_params["id"])
        return await _shown(request, lambda viewer: showing.likes(viewer, kind, key))

    return likes


async def activity(request: Request) -> Response:
    """`/act/{id}`: an activity as it was sent."""
    showing, key = _showing(request), checked_key(request.path_params["id"])
    return await _shown(request, lambda viewer: showing.activity(viewer, key))


async def asked_follow(request: Request) -> Response:
    """`/follows/{id}`: a Follow by one of ours."""
    key = checked_key(request.path_params["id"])
    return _document(await _showing(request).asked_follow(key), _PUBLIC)


def _place(request: Request) -> str:
    """Where in a collection to start; empty for the collection itself. Raises Unknown for nonsense."""
    given = request.query_params.get("page", "")
    return given if given in {"", "first"} else checked_key(given)


# Actors


def _actor_uri(request: Request) -> str:
    """The uri of the actor that this path belongs to."""
    base = site_of(request).config.base_url
    if "name" in request.path_params:
        return f"{base}/u/{request.path_params['name']}"
    if "slug" in request.path_params:
        return f"{base}/b/{request.path_params['slug']}"
    return f"{base}/actor"


async def person(request: Request) -> Response:
    """`/u/{name}`."""
    if not wants_activity(request):
        return await pages.person_page(request, request.path_params["name"])
    return _document(await _showing(request).actor(_actor_uri(request)), _PUBLIC)


async def group(request: Request) -> Response:
    """`/b/{slug}`."""
    if not wants_activity(request):
        return await pages.group_page(request, request.path_params["slug"])
    return _document(await _showing(request).actor(_actor_uri(request)), _PUBLIC)


async def application(request: Request) -> Response:
    """`/actor`: the instance itself, fetchable without a signature (FEP-d556)."""
    if not wants_activity(request):
        return render.redirect(request, "/")
    return _document(await _showing(request).actor(_actor_uri(request)), _PUBLIC)


async def outbox(request: Request) -> Response:
    """`.../outbox`: what an actor said, as far as whoever asks may have it."""
    showing, uri, place = _showing(request), _actor_uri(request), _place(request)
    viewer = await _signed_viewer(request)
    doc = await showing.outbox(viewer or PASSER_BY, uri, place)
    return _document(doc, _PRIVATE if viewer else _PUBLIC | {"Vary": "Accept, Signature"})


async def followers(request: Request) -> Response:
    """`.../followers` and `.../following`: named, and empty for everybody."""
    name = request.url.path.rsplit("/", 1)[1]
    return _document(await _showing(request).followers(_actor_uri(request), name), _PUBLIC)


async def synchronization(request: Request) -> Response:
    """`.../followers_synchronization`: an actor's followers on the server that asks; for others it is not there."""
    showing, uri = _showing(request), _actor_uri(request)
    host = await _signer(request)
    viewer = await site_of(request).store.read(audience.server, host) if host else None
    if host is None or viewer is None or viewer.standing is Standing.REFUSED:
        raise Unknown
    return _document(await showing.followers_at(uri, host), _PRIVATE)


async def featured(request: Request) -> Response:
    """`/b/{slug}/featured` and `/u/{name}/featured`."""
    return _document(await _showing(request).featured(_actor_uri(request)), _PUBLIC)


async def moderators(request: Request) -> Response:
    """`/b/{slug}/moderators`."""
    return _document(await _showing(request).moderators(_actor_uri(request)), _PUBLIC)


# Inboxes


async def inbox(request: Request) -> Response:
    """Every inbox, the shared one and each actor's own: 202 once the activity is stored (or needs no storing)."""
    receiving = _inbox(request)
    limits = limits_of(request)
    limits.knock(request)
    try:
        await _take_in(request, receiving)
    except TooFast:
        raise
    except Refused:
        limits.refuse(request)
        raise
    return Response(status_code=202, headers={"Cache-Control": "no-store"})


async def _take_in(request: Request, receiving: Inbox) -> None:
    """Raises Refused."""
    if not is_activity_json(request.headers.get("content-type", "")):
        raise NotActivity
    body = await reading_body.body(request, CAPS.body)
    try:
        verified = await receiving.verify(_raw(request, body))
        if verified is not None:
            limits_of(request).inbox(host_of(verified.actor_uri) or "")
            await receiving.accept(verified)
    except BadSignature as fault:
        raise _refusal_of(fault) from None
    except KeyUnavailable:
        raise KeyAway from None
    except Malformed as fault:
        raise Garbled(f"malformed-{fault.code}") from None


def _refusal_of(fault: BadSignature) -> Refused:
    return (Garbled if fault.status == 400 else Unproven)(f"signature-{fault.code}")


_ACTORS = ("/u/{name}", "/b/{slug}", "/actor")
_READ: dict[str, Callable[[Request], Awaitable[Response]]] = {
    "/actor": application,
    "/u/{name}": person,
    "/b/{slug}": group,
    "/b/{slug}/featured": featured,
    "/b/{slug}/moderators": moderators,
    "/u/{name}/featured": featured,
    "/q/{id}": _thing(Question),
    "/q/{id}/replies": question_replies,
    "/q/{id}/context": context,
    "/q/{id}/helpful": helpful,
    "/q/{id}/likes": _likes(Question),
    "/a/{id}": _thing(Answer),
    "/a/{id}/replies": answer_replies,
    "/a/{id}/likes": _likes(Answer),
    "/offers/{id}": _thing(Offer),
    "/act/{id}": activity,
    "/follows/{id}": asked_follow,
    **{f"{actor}/outbox": outbox for actor in _ACTORS},
    **{f"{actor}/followers_synchronization": synchronization for actor in _ACTORS},
    **{f"{actor}/{name}": followers for actor in _ACTORS for name in ("followers", "following")},
}
PAGES = [Route("/v/{id}", question, methods=["GET"])]
ROUTES = [
    *(Route(f"{path}/inbox", inbox, methods=["POST"]) for path in ("", *_ACTORS)),
    *(Route(path, endpoint, methods=["GET"]) for path, endpoint in _READ.items()),
]
