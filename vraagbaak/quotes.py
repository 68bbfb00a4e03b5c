"""Quoting: people here did not say that their words may stand inside somebody else's post, so who asks hears no.

Whoever may not know of a thing hears nothing, as if it had never been.
"""

from __future__ import annotations

from vraagbaak import audience
from vraagbaak.errors import Unknown
from vraagbaak.events import QuoteRefused
from vraagbaak.model import Actor
from vraagbaak.ports import Tx


def receive(tx: Tx, quoter: Actor, thing_uri: str, request_uri: str, quoting_uri: str) -> None:
    """Somebody elsewhere asks whether a thing of ours may be quoted. Raises Unknown for what they may not know of."""
    thing = audience.thing_at(tx, thing_uri)
    if (
        thing is None
        or not thing.local
        or not audience.may_reach(tx, audience.server(tx, quoter.domain), thing)
    ):
        raise Unknown
    tx.record(
        QuoteRefused(
            request_uri=request_uri, quoting_uri=quoting_uri, thing_uri=thing.uri, quoter_id=quoter.id
        )
    )
