"""Actors as documents, both directions: ours written, everybody's read (federation.md 1.5).

What is written shows no follower, no count and nothing about a member but name and keys; what is read is only
believed about the host it came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from federation.addressing import featured_of, followers_of, moderators_of
from federation.discovery import account_of
from federation.documents import (
    ACTOR_CONTEXT,
    CAPS,
    IMPLEMENTS,
    Document,
    as_list,
    first_of,
    host_of,
    id_of,
    ids_of,
    origin,
    same_origin,
    text_of,
    types_of,
    vb,
)
from federation.keys import ED25519, RSA
from vraagbaak import text
from vraagbaak.model import Actor, ActorKey, ActorKind, Home, Pilot

FEP_1B12 = "https://w3id.org/fep/1b12"
# Lemmy's signed-fetch pattern wants a fragment, and every peer knows this one.
MAIN_KEY = "main-key"
ED25519_KEY = "ed25519-key"
_HANDLE = re.compile(r"[^\s@/?#<>]+")  # one with an @ inside would pass for somebody on another server (E09)
# Where an actor lists its keys: member, its word for the owner, kind of key, its word for the public half.
_KEY_MEMBERS = (
    ("publicKey", "owner", RSA, "publicKeyPem"),
    ("assertionMethod", "controller", ED25519, "publicKeyMultibase"),
)


def application_document(home: Home, actor: Actor, keys: list[ActorKey]) -> Document:
    """The instance's own actor: signs every GET, lists what it implements (FEP-2677, FEP-844e, FEP-d556)."""
    doc = _actor(actor, keys)
    doc["outbox"] = f"{actor.uri}/outbox"
    doc["implements"] = [{"href": href, "name": name} for href, name in IMPLEMENTS.items()]
    doc["vb:neighbourhood"] = home.group_uri
    return doc


def group_document(pilot: Pilot, actor: Actor, keys: list[ActorKey]) -> Document:
    """The neighbourhood: a follow target that announces. `questionAnswer` is PieFed's word for a Q&A community."""
    doc = _actor(actor, keys)
    doc |= {
        "questionAnswer": True,
        "postingRestrictedToMods": False,
        "featured": featured_of(actor.uri),
        "attributedTo": moderators_of(actor.uri),
        "vb:city": pilot.city,
        "vb:focus": pilot.focus,
        "vb:meetingPlace": pilot.meeting_place,
        "vb:hours": pilot.hours,
    }
    doc["summary"] = text.escaped("\n\n".join(part for part in (pilot.focus, pilot.meeting_place) if part))
    return doc


def person_document(actor: Actor, keys: list[ActorKey]) -> Document:
    """A member, or the shared persona, whose profile says plainly that several residents speak through it."""
    doc = _actor(actor, keys)
    doc["featured"] = featured_of(actor.uri)
    if actor.shared:
        doc["vb:shared"] = True
        doc["summary"] = (
            "<p>Via dit account stellen verschillende bewoners een vraag zonder hun naam te noemen. "
            "Several residents ask through this account without giving their name.</p>"
        )
    return doc


def _actor(actor: Actor, keys: list[ActorKey]) -> Document:
    doc: Document = {
        "@context": list(ACTOR_CONTEXT),
        "id": actor.uri,
        "type": actor.kind.value,
        "preferredUsername": actor.handle,
        "name": actor.name,
        "summary": actor.summary,
        "url": actor.url or actor.uri,
        "inbox": actor.inbox,
        "outbox": f"{actor.uri}/outbox",
        "followers": followers_of(actor.uri),
        "following": f"{actor.uri}/following",
        "endpoints": {"sharedInbox": actor.shared_inbox},
        "webfinger": f"{actor.handle}@{actor.domain}",
        "manuallyApprovesFollowers": False,
        "discoverable": actor.kind is ActorKind.GROUP,
        "indexable": False,
        "searchableBy": [],
    }
    if actor.also_known_as:
        doc["alsoKnownAs"] = list(actor.also_known_as)
    if actor.moved_to:
        doc["movedTo"] = actor.moved_to
    return doc | _key_members(actor, keys)


def _key_members(actor: Actor, keys: list[ActorKey]) -> Document:
    found: Document = {}
    for key in keys:
        if key.algorithm == RSA:
            found["publicKey"] = {"id": key.id, "owner": actor.uri, "publicKeyPem": key.public}
        elif key.algorithm == ED25519:
            method = {
                "id": key.id,
                "type": "Multikey",
                "controller": actor.uri,
                "publicKeyMultibase": key.public,
            }
            found["assertionMethod"] = [method]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorReading:
    """What an actor document says, about its own host only. `keys` are (id, algorithm, public)."""

    uri: str
    kind: ActorKind
    handle: str
    """What it calls itself."""
    own_handle: str
    """The end of its id: what it is called unless its server confirms `handle` (threats B29, B30)."""
    domain: str
    named_domain: str
    """The domain of the address that it says it has (FEP-2c59); never more than its own word."""
    name: str
    summary: str
    url: str
    inbox: str
    shared_inbox: str
    announces: bool
    shared: bool
    """Whether several people speak through it, as its server says: nothing that it said is put together."""
    chooses: bool
    """Whether it is a community of questions and answers in PieFed's words."""
    followers: str
    also_known_as: tuple[str, ...]
    keys: tuple[tuple[str, str, str], ...]
    neighbourhood: str
    outbox: str
    profile: dict[str, str]
    """`city`, `focus`, `meeting_place` and `hours` of a neighbourhood."""


def read_actor(doc: Document) -> ActorReading | None:
    """An actor of any software; None when it has no known kind, id or inbox, or the inbox is on another host."""
    uri = id_of(doc)
    kind = next((ActorKind(name) for name in types_of(doc) if name in set(ActorKind)), None)
    inbox = id_of(first_of(doc.get("inbox")))
    domain = host_of(uri) if uri else None
    if uri is None or kind is None or domain is None or inbox is None or not same_origin(inbox, uri):
        return None
    own_handle = _handle_in(uri.rstrip("/").rsplit("/", 1)[-1].lstrip("@~")) or domain
    handle = _handle_in(first_of(doc.get("preferredUsername"))) or own_handle
    endpoints = first_of(doc.get("endpoints"))
    shared = id_of(first_of(endpoints.get("sharedInbox"))) if isinstance(endpoints, dict) else None
    links = (_href(entry) for entry in as_list(doc.get("url"))[:10])
    url = next((found for found in links if same_origin(found, uri)), "")
    return ActorReading(
        uri=uri,
        kind=kind,
        handle=handle,
        own_handle=own_handle,
        domain=domain,
        named_domain=_named_domain(doc) or domain,
        name=text.line(text_of(doc, "name")[: CAPS.name], 100) or text.line(handle, 100),
        summary=text.from_foreign_html(text_of(doc, "summary")[: CAPS.bio]),
        url=url or uri,
        inbox=inbox,
        shared_inbox=shared if shared and same_origin(shared, uri) else "",
        announces=_implements_groups(doc),
        shared=vb(doc, "shared") is True,
        chooses=first_of(doc.get("questionAnswer")) is True,
        followers=_at_home(doc.get("followers"), uri),
        also_known_as=tuple(_aliases(doc, uri)),
        keys=tuple(_keys(doc, uri)),
        neighbourhood=_at_home(vb(doc, "neighbourhood"), uri),
        outbox=_at_home(doc.get("outbox"), uri),
        profile={
            "city": _short(vb(doc, "city")),
            "focus": _short(vb(doc, "focus")),
            "meeting_place": _short(vb(doc, "meetingPlace")),
            "hours": _short(vb(doc, "hours")),
        },
    )


def _handle_in(stated: object) -> str:
    """One word that can stand before an @; empty when it cannot."""
    handle = text.line(stated) if isinstance(stated, str) and len(stated) <= CAPS.handle else ""
    return handle if _HANDLE.fullmatch(handle) else ""


def _named_domain(doc: Document) -> str | None:
    stated = first_of(doc.get("webfinger"))
    account = account_of(stated) if isinstance(stated, str) else None
    return account[1] if account else None


def _aliases(doc: Document, uri: str) -> list[str]:
    """The other accounts that it names, on servers that can be reached as its own can."""
    own = origin(uri)
    found = ((each, origin(each)) for each in ids_of(doc.get("alsoKnownAs"), CAPS.aliases))
    return [
        each for each, place in found if own and place and place.scheme == own.scheme and not place.is_address
    ]


def _at_home(value: object, uri: str) -> str:
    """An id that is on the actor's own host; else nothing."""
    found = id_of(first_of(value)) or ""
    return found if same_origin(found, uri) else ""


def _href(entry: Any) -> str:
    found = entry.get("href") if isinstance(entry, dict) else entry
    return found if isinstance(found, str) else ""


def _short(value: object) -> str:
    return text.line(value[: CAPS.field], 200) if isinstance(value, str) else ""


def _implements_groups(doc: Document) -> bool:
    return any(
        _href(entry) == FEP_1B12 or id_of(entry) == FEP_1B12 for entry in as_list(doc.get("implements"))[:100]
    )


def _keys(doc: Document, uri: str) -> list[tuple[str, str, str]]:
    """The keys that the actor lists as its own; one that names another owner is no key of this actor (A26)."""
    found = [
        (id_of(entry) or "", algorithm, entry.get(public))
        for member, owned, algorithm, public in _KEY_MEMBERS
        for entry in as_list(doc.get(member))[: CAPS.keys]
        if isinstance(entry, dict) and entry.get(owned, uri) == uri
    ]
    return [
        (name, algorithm, public)
        for name, algorithm, public in found
        if name and same_origin(name, uri) and isinstance(public, str) and _is_of(algorithm, public)
    ]


def _is_of(algorithm: str, public: str) -> bool:
    """Whether a public key is of the kind that its member is for: a Multikey can hold others than Ed25519 too."""
    return algorithm != ED25519 or public.startswith("z6Mk")
