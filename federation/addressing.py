"""To whom a document is addressed, as scope and back: our three scopes in `to`, `cc` and `vb:privacy`.

What is not certainly wide is read as narrow, and a document for one neighbourhood alone is never written at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from federation.documents import PUBLIC, Document, addressed, is_public, vb
from vraagbaak.audience import Recipients
from vraagbaak.model import Actor, Home, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """The members `to`, `cc` and `audience` of a document."""

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    audience: str = ""

    @property
    def members(self) -> Document:
        """As they stand in the document and in the activity around it."""
        found: Document = {"to": list(self.to), "cc": list(self.cc)}
        return found | {"audience": self.audience} if self.audience else found


def address(scope: Scope, recipients: Recipients, author: Actor, home: Home, group_uri: str) -> Addressing:
    """The addressing of a thing by one of ours (federation.md 1.6).

    `group_uri` is the neighbourhood of the thread; empty when it has none. Raises ValueError for what stays home.
    """
    if scope is Scope.NEIGHBOURHOOD:
        raise ValueError("what is for the neighbourhood alone is never written for others")
    named = [actor.uri for actor in recipients.actors]
    group = [group_uri] if group_uri else []
    if scope is Scope.PUBLIC:
        to = (PUBLIC, *group, *named)
        return Addressing(to=to, cc=(followers_of(author.uri),), audience=group_uri)
    servers = [peer.application_uri for peer in recipients.pilots if peer.application_uri]
    return Addressing(to=(home.circle_uri, *servers, *named), audience=group_uri)


def address_mark(scope: Scope, group_uri: str, servers: tuple[str, ...]) -> Document:
    """The addressing of what an asker says of an answer: to everybody and the neighbourhood, or to these servers."""
    to = [PUBLIC, group_uri] if scope is Scope.PUBLIC else list(servers)
    return {"to": to, "audience": group_uri}


_SCOPES = frozenset(scope.value for scope in Scope)


def followers_of(actor_uri: str) -> str:
    """The followers collection of one of our actors."""
    return f"{actor_uri}/followers"


def featured_of(actor_uri: str) -> str:
    """The collection of what one of our actors puts first."""
    return f"{actor_uri}/featured"


def moderators_of(group_uri: str) -> str:
    """The collection of who moderates one of our neighbourhoods (FEP-1b12)."""
    return f"{group_uri}/moderators"


def scope_of(doc: Document) -> Scope | None:
    """For whom a document from elsewhere is meant; None when it is for named people only.

    The narrower of what its addressing and its `vb:privacy` say. Whether its server is trusted with the scope is
    the domain's to decide.
    """
    to, cc = addressed(doc)
    privacy = vb(doc, "privacy")
    stated = Scope(privacy) if isinstance(privacy, str) and privacy in _SCOPES else None
    if is_public(to | cc):
        return stated.within(Scope.PUBLIC) if stated else Scope.PUBLIC
    return stated.within(Scope.PILOTS) if stated else None
