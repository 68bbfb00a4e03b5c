"""How others find us and we find them: WebFinger, NodeInfo and host-meta as plain documents, and their readers.

It refuses (None) an answer that speaks for another account, another host or more than one actor; it fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from federation.documents import (
    ACTIVITY_JSON,
    CAPS,
    JRD_JSON,
    Document,
    as_list,
    host_of,
    is_activity_json,
    origin,
    same_origin,
    same_url,
)
from vraagbaak.model import Actor, Home

SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
INTENTS = "https://w3id.org/fep/3b86/"
PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
NODEINFO_REL = "http://nodeinfo.diaspora.software/ns/schema/"
NODEINFO_VERSIONS = ("2.1", "2.0")
APPLICATION_REL = "https://www.w3.org/ns/activitystreams#Application"
XRD_XML = "application/xrd+xml; charset=utf-8"
# A scheme is written in any case (RFC 3986, section 3.1).
_ACCOUNT = re.compile(r"(?:(?i:acct):)?@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)@([^@/?#\s]+)")


def account_of(resource: str) -> tuple[str, str] | None:
    """Handle and canonical domain behind `acct:noor@host`, `@noor@host` or `noor@host`; None for anything else."""
    match = _ACCOUNT.fullmatch(resource) if len(resource) <= CAPS.uri else None
    domain = host_of(f"https://{match[2]}/") if match else None
    if match is None or domain is None or len(match[1]) > CAPS.handle:
        return None
    return match[1].lower(), domain


def jrd(actor: Actor, home: Home) -> Document:
    """The WebFinger answer for one of our actors (RFC 7033), the same for its account and for its uri.

    `subject` is the canonical account: Mastodon and GoToSocial ask it back before they believe a handle.
    """
    page = actor.url or actor.uri
    interaction = f"{home.base_url}/authorize_interaction?uri="
    return {
        "subject": f"acct:{actor.handle}@{home.domain}",
        "aliases": list(dict.fromkeys([actor.uri, page])),
        "links": [
            {"rel": "self", "type": ACTIVITY_JSON, "href": actor.uri},
            {"rel": PROFILE_PAGE, "type": "text/html", "href": page},
            {"rel": SUBSCRIBE, "template": f"{interaction}{{uri}}"},
            {"rel": f"{INTENTS}Object", "template": f"{interaction}{{object}}"},
            {"rel": f"{INTENTS}Follow", "template": f"{interaction}{{object}}&intent=follow"},
            # Without what is to be said: what people write stands in no address here, nor in anybody's logs.
            {"rel": f"{INTENTS}Create", "template": f"{home.base_url}/vraag"},
        ],
    }


def webfinger_url(resource: str, *, scheme: str = "https") -> str | None:
    """Where to ask about an account or an actor uri, always at its own host; None when it is neither.

    `scheme` is for accounts in a laboratory without TLS.
    """
    account = account_of(resource)
    if account is not None:
        host, asked = account[1], f"acct:{account[0]}@{account[1]}"
    elif (found := origin(resource)) is not None:
        scheme, host, asked = found.scheme, found.netloc, resource
    else:
        return None
    return f"{scheme}://{host}/.well-known/webfinger?resource={quote(asked, safe='')}"


def is_jrd(content_type: str) -> bool:
    """Whether a WebFinger or NodeInfo answer may be read at all: JSON, never HTML."""
    return content_type.partition(";")[0].strip().lower() in {JRD_JSON, "application/json"}


def subject_of(doc: Mapping[str, Any]) -> tuple[str, str] | None:
    """Handle and domain of the `acct:` subject. If they differ from what was asked, ask there once, and no further."""
    subject = doc.get("subject")
    if not isinstance(subject, str) or not subject.lower().startswith("acct:"):
        return None
    return account_of(f"acct:{subject[5:]}")


def actor_uri_from_jrd(doc: Mapping[str, Any], wanted: str) -> str | None:
    """The actor that a WebFinger answer names for `wanted` (an account or an actor uri); None when it does not say so.

    Strict (Mastodon, Akkoma 2026.03.1): the subject is the account that was asked, and there is one self link of the
    right type; for an actor uri the self link is that very uri. Whether the actor names the account back is for the
    caller to check.
    """
    account = account_of(wanted)
    found = {
        link["href"]
        for link in as_list(doc.get("links"))[: CAPS.tags]
        if isinstance(link, dict)
        and link.get("rel") == "self"
        and isinstance(link.get("type"), str)
        and is_activity_json(link["type"])
        and isinstance(link.get("href"), str)
    }
    if len(found) != 1 or origin(uri := found.pop()) is None:
        return None
    if account is None:
        return uri if same_url(uri, wanted) and subject_of(doc) is not None else None
    return uri if subject_of(doc) == account else None


def host_meta(home: Home) -> str:
    """The XRD at /.well-known/host-meta (RFC 6415), which old servers read to find WebFinger."""
    template = quoteattr(f"{home.base_url}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f"  <Subject>{escape(home.domain)}</Subject>\n"
        f'  <Link rel="lrdd" type="{JRD_JSON}" template={template}/>\n'
        "</XRD>\n"
    )


def nodeinfo_links(home: Home) -> Document:
    """The answer at /.well-known/nodeinfo: both versions, and the Application actor (FEP-2677)."""
    links = [
        {"rel": f"{NODEINFO_REL}{version}", "href": f"{home.base_url}/nodeinfo/{version}"}
        for version in NODEINFO_VERSIONS
    ]
    return {"links": [*links, {"rel": APPLICATION_REL, "href": home.application_uri}]}


def nodeinfo(home: Home, version: str, software_version: str) -> Document:
    """The NodeInfo document in `version` 2.1 or 2.0 (FEP-0151): what we are, and no count of anybody.

    Raises ValueError for another version.
    """
    if version not in NODEINFO_VERSIONS:
        raise ValueError("no such NodeInfo version")
    return {
        "version": version,
        "software": {"name": "vraagbaak", "version": software_version},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {"users": {}},
        "metadata": {"nodeName": home.name, "languages": list(home.languages)},
    }


def nodeinfo_content_type(version: str) -> str:
    """The Content-Type of a NodeInfo document."""
    return f'application/json; profile="{NODEINFO_REL}{version}#"'


def _link(doc: Mapping[str, Any], rel: str, base_url: str) -> str | None:
    for link in as_list(doc.get("links"))[: CAPS.tags]:
        if isinstance(link, dict) and link.get("rel") == rel and same_origin(link.get("href"), base_url):
            return str(link["href"])
    return None


def application_uri(doc: Mapping[str, Any], base_url: str) -> str | None:
    """The Application actor that the server at `base_url` names (FEP-2677), on that very server."""
    return _link(doc, APPLICATION_REL, base_url)
