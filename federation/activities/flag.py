"""Flag: a complaint about things here, or ours about things elsewhere.

Ours always come from the server itself (as GoToSocial's do): whoever complained is nobody else's business.
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import CAPS, Document, ids_of, text_of
from federation.understanding import Delivered, NotForUs, Sources, same_person
from storage.work import Unit
from vraagbaak import reports, text
from vraagbaak.ports import Tx


def build(uri: str, application_uri: str, about: tuple[str, ...], words: str) -> Document:
    """What our moderators tell the server of a thing; the first of `about` is the author."""
    doc = envelope("Flag", uri, application_uri, list(about), {"to": [about[0]]})
    return doc | {"content": words}


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """What their people find wrong. Raises NotForUs."""
    about = ids_of(delivered.doc.get("object"), reports.MOST)
    if not about:
        raise NotForUs("no-object")
    words = text.to_plain(text.from_foreign_html(text_of(delivered.doc, "content")[: CAPS.bio]))
    return Unit.of(_report, delivered, about, words)


def _report(tx: Tx, delivered: Delivered, about: list[str], words: str) -> None:
    actor = same_person(tx, delivered)
    reports.receive(tx, actor.domain, delivered.uri, about, words)
