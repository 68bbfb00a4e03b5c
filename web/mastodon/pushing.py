"""Sends what a member is told to the programs that asked for it, through whoever takes messages for those.

On a locked screen anybody can read along: a message says what kind of thing happened, and not who did it, what was
said or what it is about. The program reads the rest when its owner opens it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from federation.transport import Forbidden, TransportFault, Wire
from storage import notices
from storage.reading import Reading
from storage.store import Store
from storage.work import Done, Job, Retry, Unit, Verdict, decode_event
from vraagbaak import pushing
from vraagbaak.config import Config
from vraagbaak.errors import Unknown
from vraagbaak.events import PushDue
from vraagbaak.model import NoticeKind, PushSubscription
from vraagbaak.ports import Clock
from web.language import language, msgid
from web.mastodon.notifications import TYPES
from web.mastodon.push import Reader, Vapid, encrypt
from web.sessions import holder_of_token

PUSH = "push"
MOST_ATTEMPTS = 5
"""Within an hour and a half; after that it is no news, and the program finds it when it is opened."""
KEPT_SECONDS = 24 * 3600
"""How long whoever takes the message keeps it for a program that is not there."""
LENGTH = 1024
"""Every message is this long, so that its length tells nothing."""
_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})
_SAYS = {
    NoticeKind.REPLY: msgid("Somebody answered you"),
    NoticeKind.LIKE: msgid("Somebody likes what you wrote"),
    NoticeKind.BOOST: msgid("Somebody passed on what you wrote"),
    NoticeKind.FOLLOW: msgid("Somebody follows you"),
    NoticeKind.MATCH: msgid("Somebody may fit you"),
    NoticeKind.NEWS: msgid("There is an answer to a question that you follow"),
}
_ELSEWHERE = msgid("Open the app to read it. (%(place)s)")


class _Message(NamedTuple):
    """What is to be sent, once it is clear that it may be."""

    subscription: PushSubscription
    text: bytes
    topic: str


@dataclass(frozen=True, kw_only=True)
class Pushing:
    """Web Push of one server."""

    store: Store
    wire: Wire
    vapid: Vapid
    config: Config
    clock: Clock

    async def push(self, job: Job) -> Unit | Verdict:
        """Send one message, if it is still wanted and its reader may still see what it is about."""
        event = decode_event(job.payload)
        assert isinstance(event, PushDue)
        message = await self.store.read(self._message, event)
        if message is None:
            return Done()
        where = message.subscription
        body = encrypt(message.text, Reader.of(where.p256dh, where.auth), length=LENGTH)
        headers = {
            "Authorization": self.vapid.authorization(where.endpoint, self.clock.now()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_SECONDS),
            "Urgency": "normal",
            "Topic": message.topic,
        }
        try:
            answer = await self.wire.post(where.endpoint, headers, body)
        except Forbidden:
            return Unit.of(pushing.forget, where.id, where.endpoint)
        except TransportFault as fault:
            return _again(job, fault.code)
        if answer.status in _GONE:
            return Unit.of(pushing.forget, where.id, where.endpoint)
        if answer.status >= 500 or answer.status in _LATER:
            return _again(job, f"http {answer.status}")
        return Done()

    def _message(self, reading: Reading, event: PushDue) -> _Message | None:
        where = reading.one(PushSubscription, id=event.subscription_id)
        holder = holder_of_token(reading, where.token_id) if where else None
        if where is None or holder is None or holder.member is None:
            return None
        try:
            view = notices.one(reading, holder.viewer, event.notice_id)
        except Unknown:
            return None
        if not pushing.wants(reading, where, holder.member, view.notice):
            return None
        kind = view.notice.kind
        spoken = language(holder.member.language)
        said = {
            # Tokens are kept as hashes only, so this cannot be told; parsers break without the member.
            "access_token": "",
            "preferred_locale": spoken.code,
            "notification_id": view.notice.id,
            "notification_type": TYPES[kind],
            "icon": f"{self.config.base_url}/static/avatar.png",
            "title": spoken.say(_SAYS[kind]),
            "body": spoken.say(_ELSEWHERE, place=self.config.name[:100]),
        }
        # The same for each attempt, so that one that was taken after all is replaced and not doubled.
        digest = hashlib.sha256(f"{where.id} {view.notice.id}".encode()).digest()[:24]
        return _Message(where, msgspec.json.encode(said), base64.urlsafe_b64encode(digest).decode())


def _again(job: Job, error: str) -> Verdict:
    """Once more in a while, but not for ever; whoever is there is not held for a server that fails."""
    return Retry(error=error) if job.attempts < MOST_ATTEMPTS else Done()
