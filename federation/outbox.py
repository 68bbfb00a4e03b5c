"""What happened here, said to whom it concerns: each event becomes its activities, and they go in the post.

Who may receive anything is decided by `audience`; what goes out in which form follows from what a server was seen to
understand, never from its name (federation.md 1.7, FEP-0151).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from federation import appreciating, featuring, following, helped, passing_on, quoting, sharing
from federation.letters import Post
from federation.own_keys import OwnKeys
from storage.tx import SqlTx
from storage.work import Job, Unit, decode_event
from vraagbaak.events import (
    ActorChanged,
    AnswerChanged,
    Answered,
    Asked,
    Event,
    FollowAccepted,
    FollowAsked,
    FollowEnded,
    FollowRefused,
    Forgotten,
    Hidden,
    Left,
    Liked,
    Marked,
    Moved,
    Narrowed,
    OfferChanged,
    Offered,
    PassedOn,
    PeerDropped,
    PeerRefused,
    Pinned,
    QuestionChanged,
    QuoteRefused,
    ReceivedChange,
    ReplyNarrowed,
    ReplyReceived,
    Reported,
    TakenBack,
    Unliked,
    Unpinned,
    Withdrawn,
)


class Outbox:
    """Says what happened. One per process."""

    def __init__(self, keys: OwnKeys) -> None:
        self._keys = keys

    async def publish(self, job: Job) -> Unit:
        """The handler of `publish` jobs: what an event means for others, as one unit of work."""
        return Unit.of(self.say, decode_event(job.payload))

    def say(self, tx: SqlTx, event: Event) -> None:
        """Put in the post whatever others must hear of an event. Raises KeyError for one that concerns nobody."""
        _BY_EVENT[type(event)](Post(tx, self._keys), event)


_BY_EVENT: dict[type[Event], Callable[[Post, Any], None]] = {
    Asked: sharing.asked,
    Answered: sharing.answered,
    Offered: sharing.offered,
    QuestionChanged: sharing.question_changed,
    AnswerChanged: sharing.answer_changed,
    OfferChanged: sharing.offer_changed,
    Hidden: sharing.hidden,
    Withdrawn: sharing.withdrawn,
    PeerDropped: sharing.parted,
    PeerRefused: following.expelled,
    Left: sharing.left,
    ActorChanged: sharing.actor_changed,
    Moved: sharing.moved,
    Reported: sharing.reported,
    Pinned: featuring.pinned,
    Unpinned: featuring.unpinned,
    Liked: appreciating.liked,
    Unliked: appreciating.unliked,
    PassedOn: appreciating.passed_on,
    TakenBack: appreciating.taken_back,
    Narrowed: sharing.narrowed,
    ReplyNarrowed: sharing.reply_narrowed,
    Marked: helped.marked,
    ReplyReceived: passing_on.reply_received,
    Forgotten: passing_on.forgotten,
    ReceivedChange: passing_on.received_change,
    QuoteRefused: quoting.refused,
    FollowAccepted: following.accepted,
    FollowRefused: following.refused,
    FollowAsked: following.asked,
    FollowEnded: following.ended,
}
PUBLISHED = frozenset(_BY_EVENT)
"""The events that others hear of."""
