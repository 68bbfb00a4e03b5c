"""The one way out for mail: one letter, to the one server that the steward named, by the standard library.

It says what became of a letter, so far as that is certain: one that may have gone is never sent again. No address and
no word of a letter gets into an error or a log.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path

from vraagbaak.mail_settings import Relay

SECONDS = 15.0
_WIRE = SMTP.clone(max_line_length=998)
"""No header is folded: a link in one would fall apart."""


class Outcome(StrEnum):
    """What became of a letter."""

    SENT = "sent"
    MAYBE = "maybe"
    """The line broke while it was taken."""
    LATER = "later"
    REFUSED = "refused"
    """There is no such address, says the server."""
    BROKEN = "broken"
    """It will not go until the steward changes something."""


@dataclass(frozen=True, slots=True)
class Report:
    """An outcome, with a word for the steward: never text of people."""

    outcome: Outcome
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Postman:
    """Brings letters to one server. `name` is what we say that we are called."""

    relay: Relay
    name: str
    extra_ca: str = ""

    def send(self, letter: EmailMessage, sender: str, recipient: str) -> Report:
        """One letter; takes as long as the server does, so call it in a thread."""
        try:
            with self._connected() as connection:
                return _handed_over(connection, letter, sender, recipient)
        except (OSError, smtplib.SMTPException) as fault:
            return _judged(fault)

    def look(self) -> Report:
        """Whether the server is there and lets us in; nothing is sent."""
        try:
            with self._connected() as connection:
                code, _ = connection.noop()
                return Report(Outcome.SENT) if code == 250 else _answer("noop", code)
        except (OSError, smtplib.SMTPException) as fault:
            return _judged(fault)

    def _connected(self) -> smtplib.SMTP:
        relay, context = self.relay, self._context()
        made: smtplib.SMTP
        if relay.tls:
            made = smtplib.SMTP_SSL(
                relay.host, relay.port, local_hostname=self.name, timeout=SECONDS, context=context
            )
        else:
            made = smtplib.SMTP(relay.host, relay.port, local_hostname=self.name, timeout=SECONDS)
        try:
            if relay.starttls:
                made.starttls(context=context)
            if relay.user:
                made.login(relay.user, relay.password)
        except BaseException:
            made.close()
            raise
        return made

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.extra_ca:
            context.load_verify_locations(Path(self.extra_ca))
        return context


def _handed_over(connection: smtplib.SMTP, letter: EmailMessage, sender: str, recipient: str) -> Report:
    connection.ehlo_or_helo_if_needed()
    code, _ = connection.mail(sender)
    if code != 250:
        return _answer("sender", code)
    code, _ = connection.rcpt(recipient)
    if code not in {250, 251}:
        return _answer("recipient", code)
    connection.putcmd("data")
    code, _ = connection.getreply()
    if code != 354:
        return _answer("data", code)
    content = letter.as_bytes(policy=_WIRE)
    try:
        connection.send(_dotted(content) + b".\r\n")
        code, _ = connection.getreply()
    except (OSError, smtplib.SMTPException):
        return Report(Outcome.MAYBE, "SmtpBrokeOff")
    return Report(Outcome.SENT) if code == 250 else _answer("letter", code)


def _dotted(content: bytes) -> bytes:
    """With a dot before each line that begins with one (RFC 5321 4.5.2)."""
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)


def _answer(to: str, code: int) -> Report:
    """What a refusal means: only that of an address says anything about the address."""
    word = f"Smtp{to.title()}{max(code, 0)}"
    if not 500 <= code < 600:
        return Report(Outcome.LATER, word)
    return Report(Outcome.REFUSED if to == "recipient" else Outcome.BROKEN, word)


def _judged(fault: Exception) -> Report:
    """What a fault before the letter was handed over means."""
    word = f"Smtp{type(fault).__name__.removeprefix('SMTP')}"
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return _answer("login", fault.smtp_code)
    if isinstance(fault, smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError):
        return Report(Outcome.BROKEN, word)
    return Report(Outcome.LATER, word)
