"""Which servers we talk to, and how: trusted as a pilot, open, limited or refused, and why.

A server nobody decided about is open: it sees what is public and its posts wait for review; or it is refused, when the
pilot speaks with known servers only.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace

from vraagbaak.errors import Invalid
from vraagbaak.events import PeerDropped, PeerRefused, PeerTrusted
from vraagbaak.model import Actor, Follow, FollowState, Peer, Pilot, Standing
from vraagbaak.ports import Reads, Tx

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PORT = re.compile(r"[0-9]{1,5}")

_STRICTER = (Standing.PILOT, Standing.OPEN, Standing.LIMITED, Standing.REFUSED)


def canonical(domain: str) -> str:
    """One spelling per server (threat F01): lower case, punycode, no trailing dot, no default port, no userinfo.

    Raises Invalid when it is no domain at all.
    """
    refusal = Invalid("domain", "This is not the address of a server, like westerpark.example.", "bad-domain")
    name = domain.strip().lower()
    name = name.removeprefix("https://").removeprefix("http://").rstrip("/")
    if "/" in name:  # the page of somebody there, whose @name must not be taken for a domain
        raise refusal
    host, _, port = name.rsplit("@", 1)[-1].partition(":")
    try:
        host = host.encode("idna").decode("ascii").lower().rstrip(".")
        labels = host.split(".")
        if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
            host = str(ipaddress.IPv4Address(host))
    except ValueError:
        raise refusal from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refusal
    if port and not (_PORT.fullmatch(port) and 0 < int(port) < 65536):
        raise refusal
    return f"{host}:{int(port)}" if port and int(port) not in {80, 443} else host


def standing(tx: Reads, domain: str) -> Standing:
    """How we stand to a server. Being refused or limited goes for its sub-domains and its other ports too."""
    peer = tx.one(Peer, id=domain)
    if peer:
        return peer.standing
    host, colon, _ = domain.partition(":")
    labels = host.split(".")
    found = Standing.REFUSED if tx.home.known_only and domain != tx.home.domain else Standing.OPEN
    for start in range(0 if colon else 1, len(labels)):
        above = tx.one(Peer, id=".".join(labels[start:]))
        if above:
            found = max(found, above.standing, key=_STRICTER.index)
    return found


def standing_of(tx: Reads, actor: Actor) -> Standing:
    """How we stand to the server of an actor; refused or limited too when the domain of its address is (threat F03)."""
    found = standing(tx, actor.domain)
    named = standing(tx, actor.named_domain) if actor.named_domain else found
    return max(found, named, key=_STRICTER.index) if named is not Standing.PILOT else found


def trusts_us(tx: Reads, peer: Peer) -> bool:
    """Whether a server trusts us too: then its Application follows our neighbourhood."""
    application = tx.one(Actor, uri=peer.application_uri) if peer.application_uri else None
    group = tx.one(Actor, uri=tx.home.group_uri)
    if application is None or group is None:
        return False
    follow = tx.one(Follow, follower_id=application.id, target_id=group.id)
    return follow is not None and follow.state is FollowState.ACCEPTED


def in_circle(tx: Reads, domain: str) -> bool:
    """Whether 'alle proeftuinen' means this server now: it is trusted as a pilot, and trusts us."""
    peer = tx.one(Peer, id=domain)
    return peer is not None and peer.standing is Standing.PILOT and trusts_us(tx, peer)


def decide(tx: Tx, domain: str, wanted: Standing, reason: str = "") -> Peer:
    """Set how we stand to a server. Trusting one as a pilot sets out to meet it. Raises Invalid."""
    name = canonical(domain)
    if name == tx.home.domain:
        raise Invalid("domain", "That is this server itself.", "own-domain")
    known = tx.one(Peer, id=name)
    if known is None:
        peer = Peer(id=name, standing=wanted, reason=reason)
        tx.add(peer)
    else:
        peer = replace(known, standing=wanted, reason=reason)
        tx.save(peer)
    if wanted is Standing.PILOT:
        tx.record(PeerTrusted(domain=name))
    elif known and known.standing is Standing.PILOT:
        tx.record(PeerDropped(domain=name))
    if wanted is Standing.REFUSED and (known is None or known.standing is not Standing.REFUSED):
        tx.record(PeerRefused(domain=name))
    return peer


def is_stricter(tx: Reads, domain: str, wanted: Standing) -> bool:
    """Whether this would be stricter than how we stand to a server now; a pilot of ours is nobody else's to judge."""
    now = standing(tx, domain)
    return (
        now is not Standing.PILOT
        and domain != tx.home.domain
        and _STRICTER.index(wanted) > _STRICTER.index(now)
    )


def met(tx: Tx, peer_id: str, application: Actor, group: Actor, profile: Pilot) -> Pilot:
    """Remember what a pilot told about itself: its actors, its inbox and its profile.

    `profile.id` is only used when the pilot is new. Raises Unknown when the peer is gone meanwhile.
    """
    peer = tx.get(Peer, peer_id)
    tx.save(
        replace(
            peer,
            application_uri=application.uri,
            group_uri=group.uri,
            inbox=application.delivery_inbox,
            met_at=tx.now,
        )
    )
    return _remember(tx, profile)


def _remember(tx: Tx, profile: Pilot) -> Pilot:
    known = tx.one(Pilot, uri=profile.uri)
    if known is None:
        tx.add(profile)
        return profile
    current = replace(profile, id=known.id, local=known.local)
    if current != known:
        tx.save(current)
    return current
