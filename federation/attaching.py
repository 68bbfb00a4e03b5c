"""Pictures in the documents that we send: `attachment`, as every known server reads it.

For pilots the address of a picture carries a proof, for their people come without a signature.
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.documents import Document
from vraagbaak.model import Media

Pictures = Sequence[tuple[Media, str]]
"""Pictures, each with the address at which those who get the document find it."""


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
