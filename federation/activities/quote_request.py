"""QuoteRequest: somebody wants to show a post of ours inside one of theirs (FEP-044f).

The answer is no, as `canQuote` of our questions says before anybody asks; without one the quoter waits for ever.
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import Document, id_of
from federation.understanding import Delivered, NotForUs, Sources, same_person
from storage.work import Unit
from vraagbaak import quotes
from vraagbaak.ports import Tx

_TERM = {"QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest"}


def build_refusal(uri: str, author_uri: str, request: Document) -> Document:
    """Our no, with the request as it was asked: not every peer can look it up."""
    doc = envelope("Reject", uri, author_uri, request, {"to": [request["actor"]]})
    return doc | {"@context": [*doc["@context"], _TERM]}


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """What they want to quote, and where. Raises NotForUs."""
    quoting = id_of(delivered.doc.get("instrument"))
    if quoting is None:
        raise NotForUs("no-instrument")
    return Unit.of(_ask, delivered, delivered.object_id, quoting)


def _ask(tx: Tx, delivered: Delivered, thing_uri: str, quoting_uri: str) -> None:
    quotes.receive(tx, same_person(tx, delivered), thing_uri, delivered.uri, quoting_uri)
