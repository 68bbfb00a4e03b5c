"""Create: a question, answer or offer is there.

Only the post's own author may send it; from anybody else it is fetched from where it belongs, or refused.
"""

from __future__ import annotations

from federation.activities.envelope import addressing_of, envelope
from federation.documents import Document, first_of, id_of
from federation.fetching import FetchFault, Temporary
from federation.understanding import Delivered, NotForUs, Sources, arrivals_of, by_the_sender, take_in
from storage.work import Unit


def build(uri: str, note: Document) -> Document:
    """The Create of one of our posts; it carries the moment of the post."""
    doc = envelope("Create", uri, note["attributedTo"], note, addressing_of(note))
    doc["published"] = note["published"]
    return doc


async def examine(delivered: Delivered, sources: Sources) -> Unit:
    """The post inside, when it is the sender's own; a post named by its id is fetched first. Raises NotForUs."""
    post = delivered.inside
    try:
        if isinstance(post, dict):
            post = await by_the_sender(post, delivered, sources)
        else:
            post = await sources.document(delivered.object_id, delivered.budget)
            if id_of(first_of(post.get("attributedTo"))) != delivered.actor.uri:
                raise NotForUs("not-the-author")
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("no-object") from None
    return Unit.of(take_in, await arrivals_of(post, delivered, sources))
