"""Our no to who wants to quote one of ours, said to that person alone (FEP-044f)."""

from __future__ import annotations

from federation.activities import quote_request
from federation.letters import Letter, Post
from vraagbaak import audience
from vraagbaak.events import QuoteRefused
from vraagbaak.model import Actor


def refused(post: Post, event: QuoteRefused) -> None:
    """A thing of ours may not be quoted; nothing is said of one that is gone meanwhile."""
    thing = audience.thing_at(post.tx, event.thing_uri)
    if thing is None:
        return
    quoter, author = post.tx.get(Actor, event.quoter_id), post.tx.get(Actor, thing.author_id)
    request = {
        "id": event.request_uri,
        "type": "QuoteRequest",
        "actor": quoter.uri,
        "object": thing.uri,
        "instrument": event.quoting_uri,
    }
    activity = quote_request.build_refusal(post.new_uri(), author.uri, request)
    post.send(
        Letter(activity=activity, thing_uri=activity["id"], thread_uri=quoter.uri), [quoter.delivery_inbox]
    )
