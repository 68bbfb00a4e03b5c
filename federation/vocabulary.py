"""Question, Answer and Offer as ActivityPub Notes, both directions next to each other (federation.md 1.1 to 1.3).

Writing gives a document that every known peer shows well; reading takes what any of them writes, believes nothing
about who wrote it, and cleans every text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from federation.addressing import Addressing, scope_of
from federation.attaching import Pictures, attachment_of, read_attachments
from federation.cautioning import caution_of, read_caution
from federation.documents import (
    CAPS,
    OBJECT_CONTEXT,
    Document,
    as_list,
    first_of,
    host_of,
    id_of,
    one_type,
    origin,
    same_origin,
    text_of,
    types_of,
    vb,
)
from federation.particulars import particulars_of
from federation.titling import titled
from vraagbaak import text
from vraagbaak.caution import Caution
from vraagbaak.model import (
    Actor,
    Answer,
    Attachment,
    Helped,
    Offer,
    Perspective,
    Pilot,
    Question,
    QuestionStatus,
    Scope,
)
from vraagbaak.offers import AVAILABILITY_LENGTH
from vraagbaak.pilots import TOPICS_PER_QUESTION

FOREIGN_CONTENT = 100_000
"""How many characters of another server's HTML are read at most."""
NOTE_TYPES = frozenset({"Note", "Article", "Page", "Question", "Event", "Video", "Audio"})

# Written into the text itself for software that does not know `vb:perspective`.
PERSPECTIVE_WORDS = {
    "nl": {
        Perspective.RESIDENT: "als bewoner",
        Perspective.EXPERIENCE_EXPERT: "als ervaringsdeskundige",
        Perspective.FAMILY: "als naaste",
        Perspective.PROFESSIONAL: "als hulpverlener",
        Perspective.INITIATIVE: "namens een initiatief",
        Perspective.ENTREPRENEUR: "als ondernemer",
    },
    "en": {
        Perspective.RESIDENT: "as a resident",
        Perspective.EXPERIENCE_EXPERT: "from own experience",
        Perspective.FAMILY: "as family or friend",
        Perspective.PROFESSIONAL: "as a professional",
        Perspective.INITIATIVE: "for a local initiative",
        Perspective.ENTREPRENEUR: "as a local business",
    },
}
_PERSPECTIVES = frozenset(perspective.value for perspective in Perspective)
COVER = {
    "nl": "De moderatie van deze buurt heeft dit uit beeld gehaald.",
    "en": "The moderators of this neighbourhood took this out of sight.",
}
_STATUS_ON_THE_WIRE = {QuestionStatus.ANSWERED: "answered", QuestionStatus.CLOSED: "closed"}
_MARKS = {"accepted": Helped.HELPED, "helped": Helped.HELPED, "partly": Helped.PARTLY}
_STATUSES = frozenset({"open", *_STATUS_ON_THE_WIRE.values()})
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
# What Markdown takes for more than the character itself: anywhere in a line, and where a line begins.
_MARKUP = re.compile(r"[\\`*\[~]|(?<![^\W_])_|_(?![^\W_])|<(?=[a-zA-Z/!?])|&(?=#?\w+;)")
_BLOCK_MARKUP = re.compile(r"^(\d{0,9})([-+.)](?=[\s-]|$)|[#>])")


def moment(at: datetime) -> str:
    """A moment as xsd:dateTime in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def precise(at: datetime) -> str:
    """A moment in UTC to the millisecond, for `updated`: two edits in one second must still be ordered."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_moment(value: object) -> datetime | None:
    """An xsd:dateTime, with or without a zone (then UTC); None for anything else, or a year outside 1970 to 9999."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    stated = value.strip().upper()
    if not _DATE_TIME.fullmatch(stated):
        return None
    try:
        found = datetime.fromisoformat(stated)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year >= 1970 else None


def question_note(
    question: Question, author: Actor, pilot: Pilot, addressing: Addressing, pictures: Pictures = ()
) -> Document:
    """One of our questions as a Note (federation.md 1.2). The title is the first bold paragraph, never `name`."""
    base = question.uri.rsplit("/q/", 1)[0]
    title = f"<p><strong>{text.escaped(question.title).removeprefix('<p>').removesuffix('</p>')}</strong></p>"
    source = f"**{_in_markdown(question.title)}**" + (f"\n\n{question.body}" if question.body else "")
    doc = _note(question, author, addressing, content=title + question.html, source=source)
    doc |= {
        "nameMap": {question.language: question.title},
        "tag": [*_hashtags(question.topics, base), _mention(pilot)],
        "context": question.context_uri,
        "replies": question.replies_uri,
        "likes": f"{question.uri}/likes",
        **caution_of(question, question),
        "interactionPolicy": {
            "canReply": {"automaticApproval": [addressing.to[0]]},
            "canQuote": {"automaticApproval": [author.uri]},
        },
        "vb:kind": "question",
        "vb:title": question.title,
        "vb:body": question.body,
        "vb:topics": list(question.topics),
        "vb:neighbourhood": pilot.uri,
        "vb:privacy": question.scope.value,
        "vb:status": _STATUS_ON_THE_WIRE.get(question.status, "open"),
        "vb:helpful": question.helpful_uri,
    }
    return doc | attachment_of(pictures)


def answer_note(
    answer: Answer,
    author: Actor,
    question: Question,
    parent_uri: str,
    asker: Actor,
    addressing: Addressing,
    pictures: Pictures = (),
) -> Document:
    """One of our answers as a Note in reply to the question, or to the answer it comments on (federation.md 1.3)."""
    words = PERSPECTIVE_WORDS[answer.language][answer.perspective]
    doc = _note(
        answer,
        author,
        addressing,
        content=f"{answer.html}<p>({words})</p>",
        source=f"{answer.body}\n\n({words})".strip(),
    )
    doc |= {
        "inReplyTo": parent_uri,
        # A reply from GoToSocial reaches only whom it mentions: the neighbourhood here brings those below it home.
        "tag": [
            _mention_of(asker),
            *_mention_of_audience(addressing.audience),
        ],
        "replies": f"{answer.uri}/replies",
        "likes": f"{answer.uri}/likes",
        **caution_of(answer, question),
        "vb:kind": "answer",
        "vb:body": answer.body,
        "vb:perspective": answer.perspective.value,
        "vb:privacy": answer.scope.value,
    }
    if question.context_uri:
        doc["context"] = question.context_uri
    return doc | attachment_of(pictures)


def offer_note(
    offer: Offer,
    author: Actor,
    pilot: Pilot,
    addressing: Addressing,
    question: Question | None = None,
    asker: Actor | None = None,
) -> Document:
    """One of our offers as a Note with the members of FEP-0837 (federation.md 1.3).

    `question` and who asked it are given when the offer is a reply: other software tells whom it mentions.
    """
    base = offer.uri.rsplit("/offers/", 1)[0]
    when = f"<p>{text.escaped(offer.availability).removeprefix('<p>')}" if offer.availability else ""
    stated = _BLOCK_MARKUP.sub(r"\1\\\2", _in_markdown(offer.availability))
    source = offer.body + (f"\n\n{stated}" if stated else "")
    doc = _note(offer, author, addressing, content=offer.html + when, source=source)
    doc |= {
        "tag": [
            *_hashtags(offer.topics, base),
            *([_mention_of(asker)] if asker else []),
            *_mention_of_audience(addressing.audience),
        ],
        **caution_of(offer, question),
        "purpose": "offer",
        "publishes": {"type": "Intent", "action": "deliverService"},
        "vb:kind": "offer",
        "vb:body": offer.body,
        "vb:topics": list(offer.topics),
        "vb:availability": offer.availability,
        "vb:neighbourhood": pilot.uri,
        "vb:privacy": offer.scope.value,
    }
    if question:
        doc["inReplyTo"] = question.uri
        if question.context_uri:
            doc["context"] = question.context_uri
    return doc


def _note(
    thing: Question | Answer | Offer, author: Actor, addressing: Addressing, *, content: str, source: str
) -> Document:
    doc: Document = {
        "@context": list(OBJECT_CONTEXT),
        "id": thing.uri,
        "type": "Note",
        "attributedTo": author.uri,
        **addressing.members,
        "content": content,
        "contentMap": {thing.language: content},
        "source": {"mediaType": "text/markdown", "content": source},
        "url": thing.url,
        "published": moment(thing.published_at),
    }
    if thing.edited_at:
        # GoToSocial refuses what was changed before it was published, and clocks can go back.
        doc["updated"] = precise(max(thing.edited_at, thing.published_at))
    return doc


def _in_markdown(line: str) -> str:
    """One line of plain text in Markdown: Lemmy and NodeBB show `source`, not `content`."""
    return _MARKUP.sub(r"\\\g<0>", line)


def _hashtags(topics: tuple[str, ...], base: str) -> list[Document]:
    return [
        {"type": "Hashtag", "name": f"#{topic.replace('-', '')}", "href": f"{base}/o/{topic}"}
        for topic in topics
    ]


def _mention(pilot: Pilot) -> Document:
    return {"type": "Mention", "name": f"@{pilot.slug}@{pilot.domain}", "href": pilot.uri}


def _mention_of(actor: Actor) -> Document:
    return {"type": "Mention", "name": actor.address, "href": actor.uri}


def _mention_of_audience(group_uri: str) -> list[Document]:
    host = host_of(group_uri)
    name = f"@{group_uri.rsplit('/', 1)[-1]}@{host}"
    return [{"type": "Mention", "name": name, "href": group_uri}] if host else []


def tombstone(uri: str, deleted_at: datetime, former: str = "Note") -> Document:
    """What stands where a thing of ours was (ActivityPub section 6.4)."""
    return {
        "@context": list(OBJECT_CONTEXT),
        "id": uri,
        "type": "Tombstone",
        "formerType": former,
        "deleted": moment(deleted_at),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReading:
    """A post of any software, as far as its text tells: cleaned, but with nobody's word for it yet."""

    kind: str
    """`question`, `answer` or `offer`."""
    uri: str
    url: str
    author_uri: str
    parent_uri: str
    scope: Scope | None
    title: str
    body: str
    html: str
    topics: tuple[str, ...]
    perspective: Perspective
    language: str
    caution: Caution
    attachments: tuple[Attachment, ...]
    status: str
    """Empty when it is not said: only a Vraagbaak does."""
    availability: str
    pilot_uri: str
    helpful_uri: str
    replies_uri: str
    context_uri: str
    published_at: datetime
    edited_at: datetime | None
    concerns: frozenset[str]
    """Everybody and everything it is addressed to or mentions."""


def read_note(doc: Document, now: datetime) -> NoteReading | None:
    """What a Note, Article, Page, Question, Event, Video or Audio says; None for others, or without id or author.

    `now` stands in for a missing moment of publication.
    """
    uri, author = id_of(doc), id_of(first_of(doc.get("attributedTo")))
    if one_type(doc) not in NOTE_TYPES or uri is None or author is None or origin(uri) is None:
        return None
    parent = id_of(first_of(doc.get("inReplyTo"))) or ""
    kind = _kind(doc, parent)
    language = _language(doc)
    warned = read_caution(doc, language)
    beside = read_attachments(doc, language)
    title, body, html = _texts(doc, kind, language)
    if kind == "question" and not title:
        title, body, html = titled(doc, body, html, warned, beside)
    neighbourhood = id_of(first_of(vb(doc, "neighbourhood"))) or id_of(first_of(doc.get("audience"))) or ""
    perspective, status = _string(vb(doc, "perspective")), _string(vb(doc, "status"))
    return NoteReading(
        kind=kind,
        uri=uri,
        url=_url(doc, uri),
        author_uri=author,
        parent_uri=parent,
        scope=scope_of(doc),
        title=title,
        body=body,
        html=html,
        topics=_topics(doc),
        perspective=Perspective(perspective) if perspective in _PERSPECTIVES else Perspective.RESIDENT,
        language=language,
        caution=warned,
        attachments=beside,
        status=status if status in _STATUSES else "",
        availability=text.line(_string(vb(doc, "availability"))[: CAPS.name], AVAILABILITY_LENGTH),
        pilot_uri=neighbourhood,
        helpful_uri=_on_the_same_host(uri, vb(doc, "helpful")),
        replies_uri=_on_the_same_host(uri, doc.get("replies")),
        context_uri=_on_the_same_host(uri, doc.get("context")),
        published_at=read_moment(first_of(doc.get("published"))) or now,
        edited_at=read_moment(first_of(doc.get("updated"))),
        concerns=_concerns(doc),
    )


def read_mark(doc: Document) -> Helped | None:
    """What an Add to a `helpful` collection says of the answer; None for what we do not know."""
    return _MARKS.get(str(vb(doc, "mark") or "accepted"))


def _kind(doc: Document, parent: str) -> str:
    stated = vb(doc, "kind")
    if stated == "offer" or (stated is None and doc.get("purpose") == "offer"):
        return "offer"
    return "answer" if parent else "question"


def _language(doc: Document) -> str:
    """The language that a post states: in its map, or as Mobilizon, PeerTube and Lemmy name it."""
    languages = doc.get("contentMap")
    named = first_of(doc.get("language"))
    for stated in (
        next(iter(languages), "") if isinstance(languages, dict) else "",
        first_of(doc.get("inLanguage")),
        named.get("identifier") if isinstance(named, dict) else named,
    ):
        short = stated.lower().split("-")[0] if isinstance(stated, str) else ""
        if re.fullmatch(r"[a-z]{2,3}", short) and short != "und":
            return short
    return "nl"


def _texts(doc: Document, kind: str, language: str) -> tuple[str, str, str]:
    """Title (questions only, empty when none is stated), body and safe HTML: ours from `vb:`, others' from `content`."""
    # Cut before they are cleaned: putting marks in order takes quadratic time, minutes for 1 MB of them (D09).
    title = text.line((_string(vb(doc, "title")) or text_of(doc, "name", language))[: CAPS.name])
    stated = vb(doc, "body")
    if isinstance(stated, str) and (title or kind != "question"):
        body = text.block(stated[: text.BODY_LENGTH])
        return title, body, text.from_markdown(body)
    html = _content(doc, language) + _particulars(doc, language)
    return title, text.block(text.to_plain(html)[: text.BODY_LENGTH]), html


def _content(doc: Document, language: str) -> str:
    """The text as safe HTML; PeerTube writes Markdown and says so."""
    content = text_of(doc, "content", language)[:FOREIGN_CONTENT]
    if first_of(doc.get("mediaType")) == "text/markdown":
        return text.from_markdown(text.block(content[: text.BODY_LENGTH]))
    return text.from_foreign_html(content)


def _particulars(doc: Document, language: str) -> str:
    """What is said beside the text, as safe HTML below it."""
    lines = particulars_of(doc, language)
    if any(line.startswith("http") for line in lines):
        return text.from_markdown("\n\n".join(lines))  # so that an address can be followed
    return text.escaped("\n".join(lines))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _url(doc: Document, uri: str) -> str:
    """Where people can read it: a link on the host of the id, else the id (threats E03, B05)."""
    for entry in as_list(doc.get("url"))[:10]:
        found = entry.get("href") if isinstance(entry, dict) else entry
        if isinstance(found, str) and same_origin(found, uri):
            return found
    return uri


def _on_the_same_host(uri: str, value: Any) -> str:
    found = id_of(first_of(value)) or ""
    return found if found and same_origin(found, uri) else ""


def _topics(doc: Document) -> tuple[str, ...]:
    stated = as_list(vb(doc, "topics"))
    if not stated:
        tags = (tag for tag in as_list(doc.get("tag"))[: CAPS.tags] if isinstance(tag, dict))
        stated = [tag.get("name") for tag in tags if "Hashtag" in types_of(tag)]
    slugs = (text.slug(topic[: CAPS.handle]) for topic in stated[: CAPS.tags] if isinstance(topic, str))
    return tuple(dict.fromkeys(slug for slug in slugs if slug))[:TOPICS_PER_QUESTION]


def _concerns(doc: Document) -> frozenset[str]:
    named = [*as_list(doc.get("to")), *as_list(doc.get("cc")), *as_list(doc.get("audience"))]
    tags = (tag for tag in as_list(doc.get("tag"))[: CAPS.tags] if isinstance(tag, dict))
    mentioned = (tag.get("href") for tag in tags if "Mention" in types_of(tag))
    concerned = [*named[: CAPS.recipients], *islice(mentioned, CAPS.mentions)]
    return frozenset(uri for entry in concerned if (uri := id_of(entry)))
