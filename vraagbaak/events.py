"""What happened, in the past tense. Recording one puts the jobs it causes in the same transaction.

Events carry ids, never text, so that what is deleted does not live on in a queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """A question of ours is open for answers (asked, or released after review)."""

    question_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """An answer or comment of ours is there to be read."""

    answer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(Event):
    """An offer of ours is there to be read."""

    offer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionChanged(Event):
    """Text, scope or status of a question of ours changed."""

    question_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChanged(Event):
    """The text of an answer of ours changed."""

    answer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferChanged(Event):
    """The text of an offer of ours changed."""

    offer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden(Event):
    """Our moderators took a thing out of sight, ours or in a thread of ours: others must hear so."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """A thing of ours is gone; whoever received it must hear so."""

    uri: str
    author_id: str
    thread_uri: str
    """The question it stood under, or its own uri."""
    public: bool
    """Whether outsiders may know that it was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten(Event):
    """Something of somebody elsewhere went with the thread of ours that it stood in: nothing of it is kept here."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """A member of ours is gone, with everything they wrote."""

    actor_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorChanged(Event):
    """One of our actors has other keys, another name or another address than before."""

    actor_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAsked(Event):
    """A member of ours wants to go on as an account elsewhere; look whether that agrees."""

    actor_id: str
    target_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """A member of ours goes on as an account elsewhere."""

    actor_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed(Event):
    """A question of ours is meant for fewer people now: those who fell outside must drop it."""

    question_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyNarrowed(Event):
    """An answer or offer of ours is meant for fewer people now, for what it replies to elsewhere is."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Event):
    """The asker, who is ours, said whether an answer helped."""

    question_id: str
    answer_id: str
    value: str
    """A `Helped`, or empty when the mark was taken back."""
    before: str
    """What the mark was, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked(Event):
    """A member of ours appreciates something that everybody can see."""

    like_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unliked(Event):
    """And does not any more."""

    like_id: str
    actor_id: str
    thing_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn(Event):
    """A member of ours passes on something that everybody can see."""

    boost_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack(Event):
    """And does not any more."""

    boost_uri: str
    actor_id: str
    thing_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned(Event):
    """One of our actors puts a thing first."""

    actor_id: str
    thing_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpinned(Event):
    """One of our actors does not put a thing first any more."""

    actor_id: str
    thing_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade(Event):
    """A member wants something to be said at this moment."""

    planned_id: str
    due_at: datetime
    """What this causes is done then, not before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDue(Event):
    """A member is told something, and a program of theirs wants to hear that while it is not open."""

    subscription_id: str
    notice_id: str
    domain: str
    """The server that takes messages for that program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxGiven(Event):
    """A member gave an address for mail; ask there whether it is theirs."""

    mailbox_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Event):
    """Something came in from elsewhere and is there to be read."""

    kind: str
    """`question`, `answer` or `offer`."""
    thing_id: str
    activity_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceived(Event):
    """An answer from elsewhere stands in a thread of ours: whoever follows the thread through us must hear of it."""

    answer_id: str
    activity_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedChange(Event):
    """An answer from elsewhere in a thread of ours was edited or deleted there."""

    uri: str
    question_id: str
    verb: str
    """`Update` or `Delete`."""
    scope: str
    """For whom the answer is meant now; of a deleted one, for whom it was."""
    activity_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Event):
    """Something waits for review."""

    kind: str
    thing_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Event):
    """A moderator of ours complains about something to the server it is on."""

    report_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRefused(Event):
    """Somebody elsewhere asked to quote a thing of ours, and may not."""

    request_uri: str
    quoting_uri: str
    thing_uri: str
    quoter_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAccepted(Event):
    """One of our actors lets somebody follow it."""

    follow_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRefused(Event):
    """One of our actors does not let somebody follow it (any more)."""

    follow_uri: str
    follower_id: str
    target_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAsked(Event):
    """One of our actors wants to follow somebody elsewhere."""

    follow_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAgreed(Event):
    """Somebody elsewhere lets one of our actors follow them."""

    follow_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEnded(Event):
    """One of our actors stopped following somebody elsewhere."""

    follow_uri: str
    follower_id: str
    target_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerTrusted(Event):
    """A server is trusted as a pilot from now on; go and meet it."""

    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerDropped(Event):
    """A server is no longer trusted as a pilot."""

    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRefused(Event):
    """A server is refused from now on; nobody there follows ours any more."""

    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRemoved(Event):
    """A picture is nobody's any more; its files are still there."""

    media_id: str
