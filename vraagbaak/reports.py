"""Complaints: what others find wrong with things here, for the moderators, and what ours find wrong with things elsewhere.

Who complains is not kept: of a report from elsewhere only the server, and a report to another server comes from ours.
"""

from __future__ import annotations

from dataclasses import replace

from vraagbaak import audience, members, peers, text
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.events import Reported
from vraagbaak.model import Actor, Member, Report, Standing, Thing
from vraagbaak.ports import Reads, Tx

MOST = 100
"""How many things one report is about at most (threat B36)."""
LONGEST = 2000


def receive(tx: Tx, domain: str, uri: str, about: list[str], words: str) -> Report | None:
    """A complaint from another server. None when it is about nothing here that people there can see, or here already."""
    viewer = audience.server(tx, domain)
    seen = tuple(each for each in dict.fromkeys(about[:MOST]) if _is_seen(tx, viewer, each))
    if not seen or tx.one(Report, uri=uri) is not None:
        return None
    report = Report(
        id=tx.new_id(),
        uri=uri,
        domain=domain,
        about=seen,
        text=text.block(words)[:LONGEST],
        made_at=tx.now,
    )
    tx.add(report)
    return report


def _is_seen(tx: Reads, viewer: audience.Viewer, uri: str) -> bool:
    actor = tx.one(Actor, uri=uri)
    if actor:
        return actor.local and not actor.suspended
    thing = audience.thing_at(tx, uri)
    return thing is not None and thing.local and audience.may_reach(tx, viewer, thing)


def complain(tx: Tx, member: Member, about: list[str], words: str) -> Report:
    """A member of ours finds something wrong: for our moderators, without a name under it. Nothing leaves this server.

    `about` are uris of actors and things. Raises Unknown when the member can see none of them.
    """
    viewer = audience.Viewer(member=member)
    seen = tuple(each for each in dict.fromkeys(about[:MOST]) if _is_met(tx, viewer, each))
    if not seen:
        raise Unknown
    return complain_of(tx, seen, words)


def complain_of(tx: Tx, about: tuple[str, ...], words: str) -> Report:
    """The same, when it is known that the member can see all of these."""
    key = tx.new_id()
    report = Report(
        id=key,
        uri=f"{tx.home.base_url}/reports/{key}",
        domain=tx.home.domain,
        about=about,
        text=text.block(words)[:LONGEST],
        made_at=tx.now,
    )
    tx.add(report)
    return report


def _is_met(tx: Reads, viewer: audience.Viewer, uri: str) -> bool:
    actor = tx.one(Actor, uri=uri)
    if actor:
        return not actor.suspended
    thing = audience.thing_at(tx, uri)
    return thing is not None and audience.may_reach(tx, viewer, thing)


def waiting(tx: Reads, member: Member) -> list[Report]:
    """The complaints that nobody dealt with, from here and elsewhere, oldest first. Raises NotYours for who does not moderate."""
    members.require_moderator(member)
    return tx.find(Report, handled_at=None)


def handle(tx: Tx, member: Member, report_id: str) -> Report:
    """A moderator dealt with it. Raises NotYours or Unknown."""
    members.require_moderator(member)
    handled = replace(tx.get(Report, report_id), handled_at=tx.now)
    tx.save(handled)
    return handled


def report_elsewhere(tx: Tx, member: Member, thing: Thing, words: str) -> Report:
    """A moderator of ours tells the server of a thing what is wrong with it. Raises NotYours, Unknown or Invalid."""
    members.require_moderator(member)
    if thing.local:
        raise Unknown
    author = tx.get(Actor, thing.author_id)
    if peers.standing_of(tx, author) is Standing.REFUSED:
        raise Invalid("text", "Nothing is sent to this server: it is refused.", "refused-peer")
    key = tx.new_id()
    report = Report(
        id=key,
        uri=f"{tx.home.base_url}/reports/{key}",
        domain=tx.home.domain,
        about=(author.uri, thing.uri),
        text=text.required_block("text", words, length=LONGEST),
        made_at=tx.now,
        handled_at=tx.now,
    )
    tx.add(report)
    tx.record(Reported(report_id=key))
    return report
