"""What clients read: our things and people as entities of the Mastodon API (4.5). Pure: nothing here asks or decides.

No list, string or picture is ever null where a client breaks without it (observed with three web clients, a terminal
client and two libraries). Nobody is counted: numbers of followers and of likes are 0 for everybody.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

import msgspec

from federation.vocabulary import PERSPECTIVE_WORDS
from storage.clock import moment_of
from storage.media import MediaView
from storage.statuses import StatusView
from vraagbaak import caution, text
from vraagbaak.model import (
    Actor,
    ActorKind,
    Answer,
    Attachment,
    AttachmentKind,
    Boost,
    Home,
    Member,
    Offer,
    Question,
    Scope,
    Thing,
)
from web.mastodon import filtered
from web.mastodon.filtered import FilterResult
from web.mastodon.moments import when

VISIBILITY = {Scope.PUBLIC: "public", Scope.PILOTS: "unlisted", Scope.NEIGHBOURHOOD: "private"}
"""The three scopes in the words of the API, one to one; `direct` is none of them."""
USUAL = Scope.NEIGHBOURHOOD
"""For whom a new question is when nobody says: as few as can be, as on the site."""
SCOPE = {word: scope for scope, word in VISIBILITY.items()}


ATTACHMENT_WORDS = {
    "nl": {
        AttachmentKind.PICTURE: "Plaatje",
        AttachmentKind.VIDEO: "Video",
        AttachmentKind.SOUND: "Geluid",
        AttachmentKind.FILE: "Bestand",
        AttachmentKind.LINK: "Link",
    },
    "en": {
        AttachmentKind.PICTURE: "Picture",
        AttachmentKind.VIDEO: "Video",
        AttachmentKind.SOUND: "Sound",
        AttachmentKind.FILE: "File",
        AttachmentKind.LINK: "Link",
    },
}


class Field(msgspec.Struct, kw_only=True):
    """A line of a profile."""

    name: str
    value: str
    verified_at: str | None = None


class Account(msgspec.Struct, kw_only=True):
    """Somebody, a neighbourhood, or a server."""

    id: str
    username: str
    acct: str
    display_name: str
    locked: bool = False
    bot: bool
    group: bool
    discoverable: bool
    indexable: bool = False
    noindex: bool = True
    created_at: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    header: str
    header_static: str
    followers_count: int = 0
    following_count: int = 0
    statuses_count: int = 0
    last_status_at: str | None = None
    hide_collections: bool = True
    emojis: list[Any] = msgspec.field(default_factory=list)
    fields: list[Field] = msgspec.field(default_factory=list)
    roles: list[Any] = msgspec.field(default_factory=list)
    moved: Account | None = None


class Source(msgspec.Struct, kw_only=True):
    """What the owner of an account may change of it."""

    privacy: str
    sensitive: bool
    language: str
    note: str
    fields: list[Field] = msgspec.field(default_factory=list)
    follow_requests_count: int = 0
    hide_collections: bool = True
    discoverable: bool = False
    indexable: bool = False


class CredentialAccount(Account, kw_only=True):
    """One's own account."""

    source: Source
    role: dict[str, Any]


class Mention(msgspec.Struct, kw_only=True):
    """Somebody who is named."""

    id: str
    username: str
    acct: str
    url: str


class Tag(msgspec.Struct, kw_only=True):
    """A topic."""

    name: str
    url: str


class Helpful(msgspec.Struct, kw_only=True):
    """What a Vraagbaak says of a status beside what other software knows."""

    kind: str
    """`question`, `answer`, `comment` or `offer`."""
    scope: str
    title: str | None = None
    perspective: str | None = None
    topics: list[str] = msgspec.field(default_factory=list)
    wanted: list[str] = msgspec.field(default_factory=list)
    status: str | None = None
    helped: str | None = None
    """The asker's word on an answer."""
    pilot: str | None = None
    """The neighbourhood that it comes from."""
    question_id: str | None = None


class MediaAttachment(msgspec.Struct, kw_only=True):
    """A picture."""

    id: str
    type: str = "image"
    url: str
    preview_url: str
    remote_url: str | None = None
    preview_remote_url: str | None = None
    text_url: str | None = None
    meta: dict[str, dict[str, Any]]
    description: str | None
    blurhash: str | None


class Status(msgspec.Struct, kw_only=True):
    """A question, an answer, a comment or an offer; or somebody passing one on."""

    id: str
    created_at: str
    edited_at: str | None
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    uri: str
    url: str
    content: str
    account: Account
    replies_count: int
    reblogs_count: int = 0
    favourites_count: int = 0
    quotes_count: int = 0
    favourited: bool
    reblogged: bool
    bookmarked: bool
    pinned: bool
    muted: bool = False
    reblog: Status | None = None
    application: dict[str, Any] | None = None
    media_attachments: list[MediaAttachment] = msgspec.field(default_factory=list)
    mentions: list[Mention] = msgspec.field(default_factory=list)
    tags: list[Tag] = msgspec.field(default_factory=list)
    emojis: list[Any] = msgspec.field(default_factory=list)
    filtered: list[FilterResult] = msgspec.field(default_factory=list)
    card: None = None
    poll: None = None
    quote: None = None
    text: str | None = None
    vraagbaak: Helpful | None = None


class Context(msgspec.Struct, kw_only=True):
    """What stands above and below a status."""

    ancestors: list[Status]
    descendants: list[Status]


class Relationship(msgspec.Struct, kw_only=True):
    """How one stands to somebody."""

    id: str
    following: bool = False
    showing_reblogs: bool = True
    notifying: bool = False
    languages: list[str] | None = None
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    muting_notifications: bool = False
    muting_expires_at: str | None = None
    requested: bool = False
    requested_by: bool = False
    domain_blocking: bool = False
    endorsed: bool = False
    note: str = ""


def account(home: Home, actor: Actor) -> Account:
    """Somebody as everybody sees them."""
    return Account(**_of_account(home, actor))


def _of_account(home: Home, actor: Actor) -> dict[str, Any]:
    picture = f"{home.base_url}/static/avatar.png"
    header = f"{home.base_url}/static/header.png"
    return {
        "id": actor.id,
        "username": actor.handle,
        "acct": acct(actor),
        "display_name": actor.name or actor.handle,
        "bot": actor.kind in {ActorKind.APPLICATION, ActorKind.SERVICE},
        "group": actor.kind is ActorKind.GROUP,
        "discoverable": actor.kind is ActorKind.GROUP,
        "created_at": _since(actor.id),
        "note": actor.summary,
        "url": actor.url or actor.uri,
        "uri": actor.uri,
        "avatar": picture,
        "avatar_static": picture,
        "header": header,
        "header_static": header,
    }


@lru_cache(maxsize=4096)
def _since(actor_id: str) -> str:
    """The day on which an actor was made or first seen here; the hour is nobody's business."""
    return moment_of(actor_id).strftime("%Y-%m-%dT00:00:00.000Z")


def own_account(home: Home, member: Member, actor: Actor) -> CredentialAccount:
    """A member as only they see themselves."""
    source = Source(
        privacy=VISIBILITY[USUAL],
        sensitive=False,
        language=member.language,
        note=text.to_plain(actor.summary),
    )
    role = {"id": "0", "name": "", "permissions": "0", "color": "", "highlighted": False}
    return CredentialAccount(**_of_account(home, actor), source=source, role=role)


def acct(actor: Actor) -> str:
    """The handle, with the domain for somebody elsewhere."""
    return actor.handle if actor.local else f"{actor.handle}@{actor.shown_domain}"


def status(home: Home, view: StatusView) -> Status:
    """One thing, or somebody passing it on."""
    inner = _status(home, view)
    return passed_on(home, *view.passed, inner) if view.passed else inner


def _status(home: Home, view: StatusView) -> Status:
    """With its title as the first line and its perspective as the last, for clients that know neither."""
    thing, question = view.thing, view.question
    whole = thing if isinstance(thing, Question) else question
    warned = caution.of(thing, whole)
    return Status(
        id=thing.id,
        created_at=when(thing.published_at),
        edited_at=when(thing.edited_at) if thing.edited_at else None,
        in_reply_to_id=view.parent_id,
        in_reply_to_account_id=view.parent_author.id if view.parent_author else None,
        sensitive=warned.sensitive,
        spoiler_text=warned.words,
        visibility=VISIBILITY[thing.scope],
        language=thing.language,
        uri=thing.uri,
        url=thing.url,
        content=_content(thing),
        account=account(home, view.author),
        replies_count=view.replies,
        favourited=view.liked,
        reblogged=view.passed_on,
        bookmarked=view.kept,
        pinned=view.first,
        muted=view.muted,
        media_attachments=[media_attachment(each) for each in view.media],
        mentions=[_mention(view.parent_author)] if view.parent_author else [],
        tags=[Tag(name=topic, url=f"{home.base_url}/o/{topic}") for topic in _topics(view)],
        filtered=[filtered.result(each) for each in view.filtered],
        vraagbaak=_helpful(view),
    )


def media_attachment(view: MediaView) -> MediaAttachment:
    """A picture with its measures, without which older clients break."""
    found = view.media
    meta: dict[str, dict[str, Any]] = {
        "original": _measures(found.width, found.height),
        "small": _measures(found.small_width, found.small_height),
    }
    if found.focus:
        meta["focus"] = {"x": found.focus[0], "y": found.focus[1]}
    return MediaAttachment(
        id=found.id,
        url=view.url,
        preview_url=view.small_url,
        meta=meta,
        description=found.description or None,
        blurhash=found.blurhash or None,
    )


def _measures(width: int, height: int) -> dict[str, Any]:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}


def passed_on(home: Home, boost: Boost, actor: Actor, inner: Status) -> Status:
    """A member passing on a status."""
    return msgspec.structs.replace(
        inner,
        id=boost.id,
        uri=boost.uri,
        url=inner.url,
        created_at=when(boost.made_at),
        account=account(home, actor),
        reblog=inner,
        content="",
        vraagbaak=None,
    )


def _content(thing: Thing) -> str:
    """As it goes to other software too (federation.md 1.2 and 1.3)."""
    if isinstance(thing, Question):
        shown = thing.title and thing.title != thing.warning  # an app shows that above it
        title = f"<p><strong>{escape(thing.title)}</strong></p>" if shown else ""
        return title + thing.html + _attachments(thing)
    if isinstance(thing, Answer):
        words = PERSPECTIVE_WORDS.get(thing.language, PERSPECTIVE_WORDS["nl"])[thing.perspective]
        return f"{thing.html}{_attachments(thing)}<p>({words})</p>"
    return thing.html + _attachments(thing)


def _attachments(thing: Thing) -> str:
    """Links to what stands elsewhere: as `media_attachments` an app would load it, or break on what it cannot.

    GoToSocial 0.16 does the same with what it did not fetch.
    """
    words = ATTACHMENT_WORDS.get(thing.language, ATTACHMENT_WORDS["nl"])
    lines = (_attachment_line(words[each.kind], each) for each in thing.attachments)
    return "".join(f"<p>{line}</p>" for line in lines)


def _attachment_line(word: str, each: Attachment) -> str:
    said = escape(f"{word}: {each.description}" if each.description else word)
    link = f'<a href="{escape(each.url)}" rel="nofollow noopener noreferrer ugc">{said}</a>'
    return f"{link} ({escape(each.host)})"


def _topics(view: StatusView) -> tuple[str, ...]:
    return view.thing.topics if isinstance(view.thing, Question | Offer) else ()


def _mention(actor: Actor) -> Mention:
    return Mention(id=actor.id, username=actor.handle, acct=acct(actor), url=actor.url or actor.uri)


def _helpful(view: StatusView) -> Helpful:
    thing = view.thing
    pilot = view.pilot.name if view.pilot else None
    if isinstance(thing, Question):
        return Helpful(
            kind="question",
            scope=thing.scope.value,
            title=thing.title,
            topics=list(thing.topics),
            wanted=[wanted.value for wanted in thing.wanted],
            status=thing.status.value,
            pilot=pilot,
        )
    if isinstance(thing, Answer):
        return Helpful(
            kind="comment" if thing.parent_id else "answer",
            scope=thing.scope.value,
            perspective=thing.perspective.value,
            helped=view.mark.value if view.mark else None,
            question_id=thing.question_id,
            pilot=pilot,
        )
    return Helpful(
        kind="offer",
        scope=thing.scope.value,
        topics=list(thing.topics),
        question_id=thing.question_id,
        pilot=pilot,
    )
