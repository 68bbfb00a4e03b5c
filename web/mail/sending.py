"""The jobs of mail: what is due is queued, a letter is written and brought, an address is asked whether it is somebody's.

A letter is marked before it goes. Only what certainly did not go is tried again; a letter of two days ago is no news.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from federation.keys import BadKey
from storage import digest, mailboxes
from storage.digest import Digest
from storage.reading import Reading
from storage.store import Store
from storage.work import Bury, Done, Job, Retry, Unit, Verdict, decode_event
from vraagbaak import mail_settings, mailing
from vraagbaak.audience import Viewer
from vraagbaak.config import Config
from vraagbaak.events import MailboxGiven
from vraagbaak.model import Mailbox, Member
from vraagbaak.ports import Clock
from web.language import PLACE, Language, language
from web.mail import letters
from web.mail.smtp import Outcome, Postman, Report
from web.seals import Seals

ASK = "mail-ask"
NEWS_LASTS = timedelta(days=2)
LONGEST_LOOK = timedelta(days=14)
NextDue = Callable[[Mailbox, datetime], datetime]
"""When a mailbox is due, after this moment."""


def postman(config: Config) -> Postman:
    """Who brings the letters of this server. Raises ValueError without a readable `smtp_url`."""
    return Postman(
        relay=mail_settings.relay(config.smtp_url),
        name=config.sender.partition("@")[2],
        extra_ca=config.lab_ca,
    )


def next_due(config: Config, mailbox: Mailbox, moment: datetime) -> datetime:
    """The next day and hour of the pilot after this moment; for one member always the same minute."""
    share = int(mailbox.member_id[-4:], 36) / 36**4
    return mail_settings.weekly(config.mail_when).after(moment, share, PLACE)


@dataclass(frozen=True, kw_only=True)
class Sending:
    """The mail of one server."""

    store: Store
    config: Config
    clock: Clock
    seals: Seals
    postman: Postman

    @property
    def _host(self) -> str:
        """The mail server among those that work is for: two letters at a time, and none while it does not answer."""
        return f"smtp {self.postman.relay.host}"

    async def queue_due(self, job: Job) -> Unit:  # noqa: ARG002 - there is nothing in it
        """All letters that go before the next look."""
        return Unit.of(mailboxes.queue_letters, self._host, self._after_a_letter)

    def _after_a_letter(self, mailbox: Mailbox, moment: datetime) -> datetime:
        return next_due(self.config, mailbox, moment + mailing.APART)

    async def ask(self, job: Job) -> Unit | Verdict:
        """Ask at an address whether it is somebody's."""
        event = decode_event(job.payload)
        assert isinstance(event, MailboxGiven)
        found = await self.store.read(_waiting, event.mailbox_id)
        if found is None:
            return Done()
        mailbox, spoken = found
        try:
            letter = letters.confirmation(self.config, self.seals, mailbox, spoken, self.clock.now())
        except BadKey:
            return Unit.of(mailing.stop, mailbox.id)
        report = await self._bring(letter, mailbox)
        match report.outcome:
            case Outcome.SENT | Outcome.MAYBE:
                return Done()
            case Outcome.REFUSED:
                return Unit.of(mailing.stop, mailbox.id)
            case _:
                return _again(report)

    async def write(self, job: Job) -> Unit | Verdict:
        """The letter of this week to one member, if there is anything to tell."""
        key = job.payload
        if self.clock.now() - job.made_at > NEWS_LASTS:
            return Done()
        before = await self.store.run(mailing.begin, key)
        found = await self.store.read(_news_for, before) if before else None
        if before is None or found is None:
            return Done()
        told, spoken = found
        try:
            letter = letters.weekly(self.config, self.seals, before, told, spoken, self.clock.now())
        except BadKey:
            return Bury(error="BadKey")
        report = await self._bring(letter, before)
        match report.outcome:
            case Outcome.SENT | Outcome.MAYBE:
                return Unit.of(mailing.sent, key)
            case Outcome.REFUSED:
                return Unit.of(mailing.refused, key)
            case _:
                await self.store.run(mailing.undo, before)
                return _again(report)

    async def _bring(self, letter: EmailMessage, mailbox: Mailbox) -> Report:
        recipient = self.seals.address(mailbox)
        return await asyncio.to_thread(self.postman.send, letter, self.config.sender, recipient)


async def nothing(job: Job) -> Done:  # noqa: ARG001 - whatever it was
    """On a server that mails nothing (any more), no letter goes."""
    return Done()


def _again(report: Report) -> Verdict:
    if report.outcome is Outcome.LATER:
        return Retry(error=report.word, host_failed=True)
    return Bury(error=report.word)


def _waiting(reading: Reading, key: str) -> tuple[Mailbox, Language] | None:
    mailbox = mailing.waiting(reading, key)
    return (mailbox, _spoken(reading.get(Member, mailbox.member_id))) if mailbox else None


def _news_for(reading: Reading, mailbox: Mailbox) -> tuple[Digest, Language] | None:
    """What happened since the last letter; None when there is nothing to tell."""
    member = reading.get(Member, mailbox.member_id)
    since = max(mailbox.told_at or mailbox.made_at, reading.now - LONGEST_LOOK)
    found = digest.of(reading, Viewer(member=member), since)
    return None if found.nothing else (found, _spoken(member))


def _spoken(member: Member) -> Language:
    return language(member.language)
