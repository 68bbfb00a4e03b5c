"""The names of streams, what each holds, and what a token has to be for. Pure: nothing here sends."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from storage.stream import Wanted
from vraagbaak import lists, text
from vraagbaak.errors import NeedsMember, Refused, Unknown
from vraagbaak.model import PeopleList
from vraagbaak.ports import Reads
from web import sessions
from web.keys import is_key
from web.language import msgid
from web.mastodon.timelines import PublicPaging, about_topic, at_home, for_everybody, in_list
from web.site import Visitor

USER, NOTIFICATIONS, DIRECT, LIST = "user", "user:notification", "direct", "list"
_PUBLIC = {
    "public": PublicPaging(),
    "public:local": PublicPaging(local=True),
    "public:remote": PublicPaging(remote=True),
}
_TOPIC = {"hashtag": PublicPaging(), "hashtag:local": PublicPaging(local=True)}
_MEDIA = frozenset(f"{name}:media" for name in _PUBLIC)
NAMES = frozenset({USER, NOTIFICATIONS, DIRECT, LIST, *_PUBLIC, *_TOPIC, *_MEDIA})
LONGEST_TOPIC = 200


class UnknownStream(Refused):
    """No stream is called that, or it does not say what about."""

    code = "unknown-stream"
    text = "There is no such stream."


class NotYourList(NeedsMember):
    """Another's list and none at all, the same either way: 401, as Mastodon's streaming server says it."""

    code = "list"
    text = "This list is not yours."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream that somebody listens to."""

    name: str
    about: str = ""
    """The topic or list as the client wrote it, so that it knows its own stream again."""

    @property
    def label(self) -> list[str]:
        """How a message names it: with what it is about."""
        return [self.name, self.about] if self.about else [self.name]

    @property
    def tells(self) -> bool:
        """Whether a member's notifications come with it."""
        return self.name in {USER, NOTIFICATIONS}

    @property
    def shows(self) -> bool:
        """Whether anything that people write comes with it."""
        return self.name in {USER, LIST} or self.name in _PUBLIC or self.name in _TOPIC

    def wanted(self, reading: Reads, visitor: Visitor) -> Wanted | None:
        """Which part of all there is stands in it; None when it never holds anything."""
        member = visitor.member
        if self.name == USER:
            return at_home(reading, member) if member else None
        if self.name == LIST:
            chosen = _list_of(reading, visitor, self.about)
            return in_list(chosen, member) if chosen and member else None
        if self.name in _PUBLIC:
            return for_everybody(_PUBLIC[self.name], member)
        if self.name in _TOPIC:
            return about_topic(_TOPIC[self.name], text.slug(self.about), member)
        return None


def asked(name: str, tag: str = "", list_id: str = "") -> Stream:
    """The stream that a client asks for. Raises UnknownStream or NotYourList."""
    if name not in NAMES:
        raise UnknownStream
    if name == LIST:
        if not list_id:
            raise UnknownStream
        if not is_key(list_id):
            raise NotYourList
        return Stream(name=name, about=list_id)
    if name in _TOPIC:
        if not text.slug(tag[:LONGEST_TOPIC]):
            raise UnknownStream("no-tag", msgid("Say which topic: tag."))
        return Stream(name=name, about=tag[:LONGEST_TOPIC])
    return Stream(name=name)


def require(visitor: Visitor, stream: Stream) -> None:
    """Whether this token may listen. Raises NeedsMember, also for a token that is for less (threat G10).

    Mastodon's streaming server answers 401 for both; an app's own token hears what everybody may see.
    """
    if not visitor.token_id:
        raise NeedsMember("needs-token", "This needs a token of a member.")
    scope = "read:notifications" if stream.name == NOTIFICATIONS else "read:statuses"
    try:
        if stream.name in _PUBLIC or stream.name in _TOPIC or stream.name in _MEDIA:
            sessions.allow_scope(visitor, scope)
        else:
            sessions.require_scope(visitor, scope)
    except Refused as refused:
        raise NeedsMember(refused.code, refused.text, **refused.values) from refused


def require_list(reading: Reads, visitor: Visitor, stream: Stream) -> None:
    """Whether the list of such a stream is the member's own. Raises NotYourList."""
    if stream.name == LIST and _list_of(reading, visitor, stream.about) is None:
        raise NotYourList


def _list_of(reading: Reads, visitor: Visitor, key: str) -> PeopleList | None:
    with contextlib.suppress(Unknown):
        return lists.own(reading, visitor.member, key) if visitor.member else None
    return None


def hears_notices(visitor: Visitor) -> bool:
    """Whether the token is for notifications too."""
    return visitor.member is not None and sessions.is_for(visitor, "read:notifications")
