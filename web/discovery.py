"""How other servers find us: WebFinger, NodeInfo and host-meta.

Nothing here tells how many people there are, or who.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import discovery
from federation.documents import JRD_JSON, Document
from storage.reading import Reading
from vraagbaak import __vraagbaak__
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Home
from web.site import site_of

_KEPT = {"Cache-Control": "public, max-age=3600"}


def _json(doc: Document, media_type: str) -> Response:
    return Response(msgspec.json.encode(doc), media_type=media_type, headers=_KEPT)


async def webfinger(request: Request) -> Response:
    """`/.well-known/webfinger?resource=`: one of our actors, by account or by uri (RFC 7033)."""
    resource = request.query_params.get("resource", "")
    if not resource:
        raise Invalid("resource", "Say whom you are looking for: ?resource=acct:name@host", "missing")
    site = site_of(request)
    actor = await site.store.read(named, resource)
    return _json(discovery.jrd(actor, site.config.home), JRD_JSON)


def named(reading: Reading, resource: str) -> Actor:
    """The actor of ours with this account or uri. Raises Unknown for anybody who is not ours."""
    for uri in _uris(reading.home, resource):
        actor = reading.one(Actor, uri=uri)
        if actor and actor.local and not actor.suspended:
            return actor
    raise Unknown


def _uris(home: Home, resource: str) -> list[str]:
    """The uris that one of ours with this account could have; a resource that is no account is a uri itself."""
    account = discovery.account_of(resource)
    if account is None:
        return [resource]
    handle, domain = account
    if domain != home.domain:
        return []
    known = {home.slug: home.group_uri, home.domain: home.application_uri}
    return [known.get(handle, f"{home.base_url}/u/{handle}")]


async def host_meta(request: Request) -> Response:
    """`/.well-known/host-meta`, for servers that look for WebFinger there first."""
    return Response(
        discovery.host_meta(site_of(request).config.home), media_type=discovery.XRD_XML, headers=_KEPT
    )


async def nodeinfo_links(request: Request) -> Response:
    """`/.well-known/nodeinfo`."""
    return _json(discovery.nodeinfo_links(site_of(request).config.home), "application/json")


async def nodeinfo(request: Request) -> Response:
    """`/nodeinfo/2.1` and `/nodeinfo/2.0`."""
    version = request.path_params["version"]
    if version not in discovery.NODEINFO_VERSIONS:
        raise Unknown
    doc = discovery.nodeinfo(site_of(request).config.home, version, __vraagbaak__)
    return _json(doc, discovery.nodeinfo_content_type(version))


ROUTES = [
    Route("/.well-known/webfinger", webfinger),
    Route("/.well-known/host-meta", host_meta),
    Route("/.well-known/nodeinfo", nodeinfo_links),
    Route("/nodeinfo/{version}", nodeinfo),
]
