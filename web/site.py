"""What every page and endpoint needs to hand: the settings, the store, and who is looking.

Made once per process in app.py and kept on `app.state.site`; nothing here changes after start.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from federation.finding import Finding
from federation.inbox import Inbox
from federation.showing import Showing
from federation.transport import Policy
from storage.media import MediaFolder
from storage.store import Store
from vraagbaak.audience import PASSER_BY, Viewer
from vraagbaak.config import Config
from vraagbaak.model import Actor, Member
from vraagbaak.ports import Clock
from web.returncodes import ReturnCodes
from web.seals import Seals
from web.tickets import Tickets


@dataclass(frozen=True, kw_only=True)
class Site:
    """One running server."""

    config: Config
    store: Store
    clock: Clock
    media: MediaFolder
    codes: ReturnCodes
    tickets: Tickets
    inbox: Inbox | None = None
    """None while this server does not federate."""
    showing: Showing | None = None
    finding: Finding | None = None
    seals: Seals | None = None
    """What keeps mail addresses closed; None while nothing is mailed."""
    vapid_key: str = ""
    """The public key of who tells programs things (RFC 8292); empty while nothing is sent to anybody."""
    places: Policy | None = None
    """Where requests may go; None while none goes anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is looking: a passer-by, or a member with their actor."""

    member: Member | None = None
    actor: Actor | None = None
    scopes: tuple[str, ...] = ()
    """What the token allows, for a program; a browser session may do all (`*`)."""
    token_id: str = ""
    """The id of the token by which a program came; empty for a browser and for who came with nothing that works."""
    app_id: str = ""
    """The app that the token is of; empty for one that was made on the command line."""

    @property
    def viewer(self) -> Viewer:
        """The same, as the domain asks it."""
        return Viewer(member=self.member) if self.member else PASSER_BY


def site_of(request: HTTPConnection) -> Site:
    """The server that this request came to."""
    site: Site = request.app.state.site
    return site
