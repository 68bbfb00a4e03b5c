"""What stands beside the text of a post: `attachment`, of ours pictures, of others whatever they name.

For pilots the address of a picture of ours carries a proof, for their people come without a signature. What others name
is never fetched, and read as a link only: who reads here is seen by no other server before they choose to go there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from federation.documents import CAPS, Document, as_list, first_of, host_of, one_type, text_of
from vraagbaak import text
from vraagbaak.media import DESCRIPTION_LENGTH
from vraagbaak.model import Attachment, AttachmentKind, Media

Pictures = Sequence[tuple[Media, str]]
"""Pictures, each with the address at which those who get the document find it."""

MOST = 16
"""How many are read; Mastodon keeps 4, a list of links on Lemmy or PeerTube has more."""
_LOOKED_AT = 64
_KINDS = {
    "Image": AttachmentKind.PICTURE,
    "Video": AttachmentKind.VIDEO,
    "Audio": AttachmentKind.SOUND,
    "Document": AttachmentKind.FILE,
    "Link": AttachmentKind.LINK,
    "Page": AttachmentKind.LINK,
    "Article": AttachmentKind.LINK,
    "Note": AttachmentKind.LINK,
}
"""Others are no attachments to a reader: `PropertyValue` (Mobilizon) is a setting of the post."""
_MEDIA = {
    "image": AttachmentKind.PICTURE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.SOUND,
}


def attachment_of(pictures: Pictures) -> Document:
    """The member `attachment`, or nothing: an empty one would be a change to who compares."""
    return {"attachment": [_document(found, url) for found, url in pictures]} if pictures else {}


def _document(found: Media, url: str) -> Document:
    """A Document, not an Image: that is what Mastodon itself writes, and so what all others were tried with."""
    doc: Document = {
        "type": "Document",
        "mediaType": found.media_type,
        "url": url,
        "width": found.width,
        "height": found.height,
    }
    if found.description:
        doc["name"] = found.description
    if found.focus:
        doc["focalPoint"] = list(found.focus)
    if found.blurhash:
        doc["blurhash"] = found.blurhash
    return doc


def read_attachments(doc: Document, language: str) -> tuple[Attachment, ...]:
    """What a post names beside its text, each address once: only what can be linked to on the web."""
    entries = [*as_list(doc.get("attachment"))[:_LOOKED_AT], *_linked(doc)]
    found = (each for entry in entries if (each := _attachment(entry, language)))
    return tuple(islice({each.url: each for each in found}.values(), MOST))


def _linked(doc: Document) -> list[object]:
    """What a Page is about, when that is elsewhere (lotide, Lemmy before 0.18): it may hold nothing else."""
    if one_type(doc) != "Page":
        return []
    elsewhere = (entry for entry in as_list(doc.get("url"))[:_LOOKED_AT] if isinstance(entry, str))
    return [entry for entry in elsewhere if host_of(entry) not in {None, host_of(doc.get("id"))}]


def _attachment(entry: object, language: str) -> Attachment | None:
    doc: Document = entry if isinstance(entry, dict) else {"type": "Link", "href": entry}
    kind = _KINDS.get(one_type(doc) or "Link")
    place = next(_places(doc), None)
    if kind is None or place is None:
        return None
    url, media_type, host = place
    return Attachment(
        kind=_MEDIA.get(media_type.partition("/")[0].lower(), kind),
        url=url,
        host=host,
        description=_description(doc, language),
    )


def _places(doc: Document) -> Iterator[tuple[str, str, str]]:
    """Addresses on the web, each with its media type and host: `url` or `href`, plain, in a list or as Links."""
    stated = first_of(doc.get("mediaType"))
    for given in islice((*as_list(doc.get("url")), *as_list(doc.get("href"))), _LOOKED_AT):
        link: Any = given if isinstance(given, dict) else {"href": given}
        url, media_type = first_of(link.get("href")), first_of(link.get("mediaType")) or stated
        host = host_of(url)
        if host is not None:
            yield url, media_type if isinstance(media_type, str) else "", host


def _description(doc: Document, language: str) -> str:
    """`summary`, then `name`, as Mastodon reads them."""
    stated = text_of(doc, "summary", language) or text_of(doc, "name", language)
    return text.line(stated[: CAPS.name], DESCRIPTION_LENGTH)
