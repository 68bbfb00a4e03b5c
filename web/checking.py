"""`vraagbaak check`: what is well, and what is still missing before others can reach this pilot.

It asks nobody but this machine and, once it is public, the pilot's own address from outside.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec

from federation.discovery import application_uri
from federation.keys import BadSecret, read_or_make_secret
from federation.transport import Response, Transport, TransportFault
from storage import upkeep
from vraagbaak.config import BadSetting, Config
from vraagbaak.model import Peer
from web import wiring
from web.language import language
from web.mail import letters, sending
from web.mail.smtp import Outcome
from web.operation import LEAST_DISK

WRONG_CLOCK = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    text: str

    @property
    def as_json(self) -> dict[str, object]:
        """For scripts."""
        return {"what": self.what, "well": self.well, "text": self.text}


async def check(config: Config, folder: Path, mail_to: str = "") -> list[Finding]:
    """Everything that can be looked at from here; nothing is changed. Raises what `open_as_it_is` raises.

    With `mail_to` a letter goes to that address, to see whether it arrives.
    """
    found = [_settings(config), _disk(folder), _secrets(folder)]
    found += await asyncio.to_thread(_database, config, folder)
    found.append(await asyncio.to_thread(_mail, config, mail_to))
    if not config.base_url.startswith("https://"):
        text = "base_url is not an https address, so nobody else can reach this pilot (fine for a trial)"
        return [*found, Finding(what="public", well=config.lab_http, text=text)]
    return [*found, *await _reach(config)]


def _settings(config: Config) -> Finding:
    missing = [name for name in ("meeting_place", "steward_name", "contact") if not getattr(config, name)]
    lab = f"; laboratory settings are on: {', '.join(config.lab_settings)}" if config.lab_settings else ""
    if missing:
        return Finding(what="settings", well=False, text=f"still empty: {', '.join(missing)}{lab}")
    return Finding(what="settings", well=not lab, text=f"name, meeting place and contact are there{lab}")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding(
        what="disk", well=free > LEAST_DISK, text=f"{free / 1_000_000_000:.1f} GB free in {folder}"
    )


def _secrets(folder: Path) -> Finding:
    path = folder / wiring.SECRETS / "instance.key"
    if not path.exists():
        return Finding(what="secrets", well=True, text="will be made at the first start that federates")
    try:
        read_or_make_secret(path)
    except BadSecret as fault:
        return Finding(what="secrets", well=False, text=str(fault))
    return Finding(what="secrets", well=True, text="only the owner can read them")


def _database(config: Config, folder: Path) -> list[Finding]:
    _, store = wiring.open_as_it_is(config, folder)
    with store:
        faults = upkeep.faults(store.file) if store.file else []
        moves = ""
        try:
            moves = store.read_now(wiring.move_asked_for, config)
        except BadSetting as fault:
            faults.append(str(fault))
        peers: list[Peer] = store.read_now(lambda reading: reading.find(Peer))
    unmet = [peer.id for peer in peers if peer.standing.value == "pilot" and not peer.met_at]
    text = f"not met yet: {', '.join(unmet)}" if unmet else f"{len(peers)} known"
    sound = f"{store.dialect}, sound" + (f"; {moves}" if moves else "")
    return [
        Finding(what="database", well=not faults, text="; ".join(faults[-5:]) or sound),
        Finding(what="servers", well=not unmet, text=text),
    ]


def _mail(config: Config, to: str) -> Finding:
    """The mail server: whether it is there and lets us in, and with an address whether it takes a letter."""
    if not config.mails:
        text = "smtp_url is empty, so there is no mail"
        return Finding(what="mail", well=not to, text=text)
    carrier = sending.postman(config)
    where = f"{config.sender} by {carrier.relay.host}"
    if to:
        letter = letters.trial(config, to, language(config.languages[0]), datetime.now(UTC))
        report = carrier.send(letter, config.sender, to)
    else:
        report = carrier.look()
    if report.outcome is Outcome.SENT:
        taken = f"a letter to {to} is taken" if to else "mail can be sent"
        return Finding(what="mail", well=True, text=f"{taken}, from {where}")
    return Finding(
        what="mail", well=False, text=f"not sent, from {where}: {report.outcome.value} ({report.word})"
    )


async def _reach(config: Config) -> list[Finding]:
    """The pilot by its own public address: name, certificate, clock, and whether it is this one that answers."""
    transport = Transport(
        user_agent="Vraagbaak check",
        lab_networks=config.lab_networks,
        lab_http=config.lab_http,
        lab_ca=config.lab_ca,
    )
    url = f"{config.base_url}/.well-known/nodeinfo"
    started = time.monotonic()
    try:
        answer = await transport.get(url, {"Accept": "application/json"})
    except TransportFault as fault:
        return [
            Finding(
                what="public",
                well=False,
                text=_WHY.get(fault.code, f"{url} cannot be reached ({fault.code})"),
            )
        ]
    finally:
        await transport.aclose()
    spent = time.monotonic() - started
    return [_public(config, answer, spent), _clock(answer)]


_WHY = {
    "dns": "the name in base_url leads nowhere: set its DNS record",
    "address": "the name in base_url leads to a private address: others cannot reach it",
    "certificate": "the certificate is not valid for this name: renew it, or look at the proxy",
    "tls": "no TLS at this address: look at the proxy",
    "connect": "nothing listens at this address: is the proxy running, and port 443 open?",
    "deadline": "no answer within 15 seconds",
}


def _public(config: Config, answer: Response, spent: float) -> Finding:
    try:
        doc = msgspec.json.decode(answer.body)
        ours = application_uri(doc, config.base_url) == config.home.application_uri
    except (msgspec.MsgspecError, AttributeError):
        ours = False
    if answer.status == 200 and ours:
        return Finding(what="public", well=True, text=f"{config.base_url} answers in {spent * 1000:.0f} ms")
    return Finding(
        what="public", well=False, text=f"something else answers at {config.base_url} ({answer.status})"
    )


def _clock(answer: Response) -> Finding:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        wrong = abs((datetime.now(UTC) - theirs).total_seconds())
    except (ValueError, TypeError):
        return Finding(what="clock", well=True, text="not told by the proxy")
    text = f"{wrong:.0f} s from what the proxy says"
    return Finding(what="clock", well=wrong < WRONG_CLOCK, text=text)
