"""What storage remembers beside the domain's nouns: activities that went out, came in, and who got what.

They go through the same unit of work as the nouns; nothing here carries a rule of the domain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity of ours, as it was first sent: it can be fetched again under its uri."""

    id: str
    """The uri."""
    actor_uri: str
    thing_uri: str
    """What it is about: when that is withdrawn, this goes too."""
    body: str = field(
        metadata={"personal": "what was said, as it went out or came in; until it is withdrawn"}
    )
    """JSON."""
    public: bool
    """Whether it was said to everybody."""
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An activity that came in. Kept 30 days, so that a second copy does nothing."""

    id: str
    """The uri of the activity."""
    actor_uri: str = field(metadata={"personal": "who sent it; 30 days"})
    mark: str = ""
    """The beginning of the hash of what came: enough to notice something else under the same id, too little to prove what."""
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Who received a thing, so that its Update and Delete reach exactly those."""

    id: str
    thing_uri: str
    inbox: str
    host: str
    wrapped: bool = False
    """Whether it came inside an Announce of our neighbourhood, and so must its Update and Delete."""
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How another server has been answering. There is no row while all is well."""

    id: str
    """Its domain, with port if it has one."""
    failures: int = 0
    """Failures since `window_started`."""
    window_started: datetime | None = None
    next_try: datetime | None = None
    """Parked until then, because it failed too often; after that one job at a time tries whether it is back."""
    wished_until: datetime | None = None
    """Parked until then, because it asked for that: nothing that it does meanwhile takes that back."""
    mute: bool = False
    """Whether it gave no answer at all when it last failed, so that hearing from it is news."""
    silent_since: datetime | None = None
    """Its first failure since it last answered, or spoke to us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A server that was new to us in the last day: one owner of many names may bring only so many."""

    id: str
    """Its domain, with port if it has one."""
    owner: str
    """The part of it that somebody had to register."""
    met_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """How another server wants requests signed. There is no row for one that takes them as they come."""

    id: str
    """Its domain, with port if it has one."""
    scheme: str
    """What to try first."""
    refused_at: datetime | None = None
    """When it last refused a letter both ways."""
    page_refused_at: datetime | None = None
    """When it last refused both ways to show a page: that can be for that page alone."""
    noted_at: datetime
