"""Puts one pilot together: which jobs an event causes, who does which job, and what everything stands on.

The only place that knows all rooms; it decides nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from federation import meeting, newcomers, outbox, threads
from federation.delivery import Delivery
from federation.directory import Directory
from federation.finding import Finding
from federation.gathering import Gathering
from federation.inbox import RECEIVE, Inbox
from federation.keys import KeyPair, KeyRing, Sealer, make_rsa, read_or_make_secret
from federation.letters import DELIVER
from federation.meeting import Meeting
from federation.outbox import Outbox
from federation.own_keys import OwnKeys
from federation.relocating import RELOCATE, Relocating
from federation.schemes import Schemes
from federation.showing import Showing
from federation.synchronizing import SYNCHRONIZE, Synchronizing
from federation.transport import Policy, Transport, Wire
from storage import moving, reindexing
from storage.mailboxes import LETTER, ROUND
from storage.media import Clearing, MediaFolder
from storage.reading import Reading
from storage.store import Store
from storage.tx import Reactions, SqlTx
from storage.work import CLEAR, PUBLISH
from storage.worker import Handler, Limits, Worker
from vraagbaak import __vraagbaak__, pilots, thesaurus
from vraagbaak.config import BadSetting, Config
from vraagbaak.events import (
    FollowAccepted,
    FollowAgreed,
    MailboxGiven,
    MediaRemoved,
    MoveAsked,
    PeerDropped,
    PeerTrusted,
    PlanMade,
    PushDue,
)
from vraagbaak.model import Peer, Standing
from vraagbaak.ports import Clock, Ids
from vraagbaak.thesaurus import Thesaurus
from web.mail import sending
from web.mail.sending import ASK, Sending
from web.mastodon.push import Vapid
from web.mastodon.pushing import PUSH, Pushing
from web.mastodon.scheduled import SAY, Saying
from web.returncodes import ReturnCodes
from web.seals import Seals
from web.site import Site
from web.tickets import Tickets

_OTHERS_HEAR: Reactions = dict.fromkeys(outbox.PUBLISHED, (PUBLISH,))
REACTIONS: Reactions = {
    **_OTHERS_HEAR,
    FollowAccepted: (PUBLISH, meeting.GREET),
    FollowAgreed: (meeting.GREET,),
    MoveAsked: (RELOCATE,),
    PeerTrusted: (meeting.MEET,),
    PeerDropped: (PUBLISH, meeting.PART),
    PushDue: (PUSH,),
    MediaRemoved: (CLEAR,),
    PlanMade: (SAY,),
    MailboxGiven: (ASK,),
}
"""What happens because of an event."""
AT_HOME: Reactions = {MediaRemoved: (CLEAR,), PlanMade: (SAY,), MailboxGiven: (ASK,)}
"""The same on a server that does not federate."""

SECRETS = "secrets"
STOP_SECONDS = 4.0
"""How long a stop waits for the jobs in hand; whatever is not done then is done after the next start."""


def open_store(
    config: Config,
    folder: Path,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    say: Callable[[int, int], None] | None = None,
) -> Store:
    """The database of this pilot, for a start: with our own actors in it, under the address and name of the settings.

    What is found by words is found by today's: `say` hears how far that is, when it has to be made anew. Raises BadSetting when it belongs to another address, or what `Store.open` raises.
    """
    store = _open(config, folder, clock, ids)
    try:
        store.run_now(_settle, config)
        reindexing.refresh(store, say or (lambda _done, _total: None))
    except BaseException:
        store.close()
        raise
    return store


def open_as_it_is(config: Config, folder: Path) -> tuple[Config, Store]:
    """The same for whoever comes in beside the server: the pilot keeps the address and name that it has.

    The settings come back with these in them. What happens is said to other servers that know this one, also when
    these settings do not tell that it federates (they may have been flags of the server). Raises what `open_store` raises, for a database without a pilot.
    """
    with _open(config, folder) as looking:
        pilot = looking.read_now(moving.our_pilot)
        known = looking.read_now(moving.is_known_elsewhere)
    if pilot is None:
        return config, open_store(config, folder)
    base_url, slug = moving.address(pilot)
    config = dataclasses.replace(config, base_url=base_url, slug=slug, name=pilot.name, city=pilot.city)
    return config, _open(config, folder, federates=config.federates or known)


def _open(
    config: Config,
    folder: Path,
    clock: Clock | None = None,
    ids: Ids | None = None,
    *,
    federates: bool | None = None,
) -> Store:
    """`federates` when something else than the settings tells whether others must hear what happens here."""
    if federates is None:
        federates = config.federates
    return Store.open(
        config.database,
        home=config.home,
        clock=clock,
        ids=ids,
        reactions=REACTIONS if federates else AT_HOME,
        lab_clock=config.lab_clock,
        reader_threads=config.reader_threads,
        folder=folder,
        known=words_of(folder),
    )


def words_of(folder: Path) -> Thesaurus | None:
    """The thesaurus with what the people of this pilot added to it in their folder; None when they added nothing.

    Raises BadSetting, naming the line, for a file that cannot be read as one.
    """
    own = folder / thesaurus.FILE
    if not own.is_file():
        return None
    try:
        added = tuple(thesaurus.parse(own.read_text(encoding="utf-8")))
    except (ValueError, OSError) as fault:
        raise BadSetting(f"{own} cannot be used: {fault}.") from fault
    return Thesaurus((*thesaurus.groups(), *added))


def move_asked_for(reading: Reading, config: Config) -> str:
    """In words, the move that a start with these settings makes; empty when all stays. Raises BadSetting."""
    before = moving.address_of(reading)
    if before is None or before == (config.base_url, config.slug):
        return ""
    if moving.is_known_elsewhere(reading):
        raise BadSetting(
            f"This data belongs to {before.base_url} (slug {before.slug}), and other servers know it by that "
            f"name. Start it with that base_url and slug, or use another data folder."
        )
    return f"moves from {before.base_url} (slug {before.slug}) at the next start"


def _settle(tx: SqlTx, config: Config) -> None:
    """Found the pilot, or bring it up to date; one that nobody else knows yet may get another address."""
    if move_asked_for(tx, config):
        moving.move(tx, moving.Address(config.base_url, config.slug))
        for peer in tx.find(Peer, standing=Standing.PILOT):
            tx.record(PeerTrusted(domain=peer.id))  # trusted while this was a trial, which meets nobody
    profile = {"focus": config.focus, "meeting_place": config.meeting_place, "hours": config.hours}
    pilots.found(tx, profile)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything one running pilot consists of, apart from its pages."""

    config: Config
    store: Store
    site: Site
    worker: Worker
    wire: Wire | None

    @classmethod
    def assemble(
        cls,
        config: Config,
        folder: Path,
        store: Store,
        *,
        wire: Wire | None = None,
        limits: Limits | None = None,
        make_rsa: Callable[[], KeyPair] = make_rsa,
    ) -> Self:
        """The parts on an open store.

        `wire` stands in for the network, `make_rsa` for making keys, which takes a tenth of a second each.

        Raises `federation.keys.BadSecret`.
        """
        media = MediaFolder(config.media_folder(folder))
        secret = b""
        if config.federates or config.mails:
            secret = read_or_make_secret(folder / SECRETS / "instance.key")
        asking = read_or_make_secret(folder / SECRETS / "codes.key")
        site = Site(
            config=config,
            store=store,
            clock=store.clock,
            media=media,
            codes=ReturnCodes(asking),
            tickets=Tickets(asking, store.clock),
            seals=Seals(secret) if config.mails else None,
        )
        mail = _mail_handlers(site)
        clearing, saying = Clearing(store, media), Saying(store)
        limits = limits or Limits(stop_seconds=STOP_SECONDS)
        if not config.federates:
            worker = Worker(store, {CLEAR: clearing.clear, SAY: saying.say, **mail}, limits)
            return cls(config=config, store=store, site=site, worker=worker, wire=None)
        wire = wire or _network(config)
        sealer, vapid = Sealer(secret), Vapid(secret, config.base_url)
        ring = KeyRing(sealer, public_room=config.key_cache)
        home, clock = config.home, store.clock
        own = OwnKeys(store=store, ring=ring, sealer=sealer, make_rsa=make_rsa)
        schemes = Schemes(store)
        directory = Directory(
            store=store,
            wire=wire,
            own=own,
            schemes=schemes,
            home=home,
            clock=clock,
            room=config.key_cache,
            newcomers=0 if config.lab_limits == "off" else newcomers.MOST,
        )
        inbox = Inbox(store=store, directory=directory, ring=ring, home=home, clock=clock)
        delivery = Delivery(store=store, wire=wire, keys=own, schemes=schemes, clock=clock)
        site = dataclasses.replace(
            site,
            inbox=inbox,
            showing=Showing(store=store, keys=own),
            finding=Finding(store=store, directory=directory, home=home, clock=clock),
            vapid_key=vapid.public,
            places=Policy(lab_networks=config.lab_networks, lab_http=config.lab_http),
        )
        handlers = _handlers(
            Outbox(own),
            inbox,
            delivery,
            Meeting(store=store, directory=directory),
            Gathering(store=store, directory=directory, clock=clock),
            Relocating(store=store, directory=directory),
            Synchronizing(store=store, directory=directory),
            Pushing(store=store, wire=wire, vapid=vapid, config=config, clock=clock),
            clearing,
            saying,
        )
        worker = Worker(store, {**handlers, **mail}, limits)
        return cls(config=config, store=store, site=site, worker=worker, wire=wire)

    async def close(self) -> None:
        """Let go of the network and the database."""
        if isinstance(self.wire, Transport):
            await self.wire.aclose()
        self.store.close()


def _handlers(
    says: Outbox,
    inbox: Inbox,
    delivery: Delivery,
    meetings: Meeting,
    gatherer: Gathering,
    mover: Relocating,
    matcher: Synchronizing,
    messages: Pushing,
    clearing: Clearing,
    saying: Saying,
) -> Mapping[str, Handler]:
    """Who does which kind of job."""
    return {
        PUBLISH: says.publish,
        DELIVER: delivery.deliver,
        RECEIVE: inbox.receive,
        meeting.MEET: meetings.meet,
        meeting.GREET: meetings.greet,
        meeting.PART: meetings.part,
        meeting.CATCH_UP: meetings.catch_up,
        threads.GATHER: gatherer.gather,
        RELOCATE: mover.relocate,
        SYNCHRONIZE: matcher.synchronize,
        PUSH: messages.push,
        CLEAR: clearing.clear,
        SAY: saying.say,
    }


def seals_of(folder: Path) -> Seals | None:
    """What opens the mail addresses of the pilot in this folder; None when it has no secret yet. Raises BadSecret."""
    path = folder / SECRETS / "instance.key"
    return Seals(read_or_make_secret(path)) if path.exists() else None


def _mail_handlers(site: Site) -> Mapping[str, Handler]:
    """Who does what mail asks for; nobody where nothing is mailed."""
    if site.seals is None:
        return dict.fromkeys((ROUND, LETTER, ASK), sending.nothing)
    mail = Sending(
        store=site.store,
        config=site.config,
        clock=site.clock,
        seals=site.seals,
        postman=sending.postman(site.config),
    )
    return {ROUND: mail.queue_due, LETTER: mail.write, ASK: mail.ask}


def _network(config: Config) -> Transport:
    return Transport(
        user_agent=f"Vraagbaak/{__vraagbaak__} (+{config.base_url})",
        lab_networks=config.lab_networks,
        lab_http=config.lab_http,
        lab_ca=config.lab_ca,
    )
