"""The two letters there are, as plain text: whether an address is somebody's, and what happened this week.

A plain letter has no picture that tells when it is read, and links that lead straight to the page.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from storage.digest import Digest
from vraagbaak import text
from vraagbaak.config import Config
from vraagbaak.model import Mailbox
from web import render
from web.language import Language
from web.seals import CONFIRM, STOP, Purpose, Seals


def confirmation(
    config: Config, seals: Seals, mailbox: Mailbox, spoken: Language, now: datetime
) -> EmailMessage:
    """Asks whether the address is theirs. Raises `federation.keys.BadKey`."""
    link = f"{config.base_url}{CONFIRM}{seals.token(Purpose.CONFIRM, mailbox.id)}"
    words = render.document("confirm.txt", spoken.code, {"config": config, "link": link})
    subject = spoken.say("Is this your address? (%(place)s)", place=config.title)
    return _letter(config, seals.address(mailbox), subject, words, now)


def weekly(
    config: Config, seals: Seals, mailbox: Mailbox, digest: Digest, spoken: Language, now: datetime
) -> EmailMessage:
    """What happened this week, with a way to end it in one click (RFC 2369, RFC 8058). Raises `federation.keys.BadKey`."""
    stop = f"{config.base_url}{STOP}{seals.token(Purpose.STOP, mailbox.id)}"
    shown = {"config": config, "digest": digest, "stop": stop, "line": text.line}
    words = render.document("letter.txt", spoken.code, shown)
    subject = spoken.say("This week in %(place)s", place=config.title)
    letter = _letter(config, seals.address(mailbox), subject, words, now)
    letter["List-Id"] = f"<week.{config.sender.partition('@')[2]}>"
    letter["List-Unsubscribe"] = f"<{stop}>"
    letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return letter


def trial(config: Config, recipient: str, spoken: Language, now: datetime) -> EmailMessage:
    """For a steward who wants to see that mail arrives."""
    words = spoken.say("This letter shows that mail from %(place)s arrives.", place=config.title)
    return _letter(config, recipient, words, f"{words}\n", now)


def _letter(config: Config, recipient: str, subject: str, words: str, now: datetime) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    host = config.sender.partition("@")[2]
    made["From"] = Address(display_name=text.line(config.title), addr_spec=config.sender)
    made["To"] = Address(addr_spec=recipient)
    made["Subject"] = text.line(subject)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{secrets.token_urlsafe(18)}@{host}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(words, cte="quoted-printable")
    return made
