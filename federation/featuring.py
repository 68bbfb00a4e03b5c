"""What our people and our neighbourhood put first, told to whoever follows them: Add and Remove on `featured`.

Only what everybody may see is told or listed; what is put first here for fewer people stays here.
"""

from __future__ import annotations

from federation.activities import add
from federation.addressing import featured_of, followers_of
from federation.documents import PUBLIC
from federation.letters import Letter, Post
from federation.posts import document_of, thread_of
from storage import circulation
from vraagbaak import audience
from vraagbaak.events import Pinned, Unpinned
from vraagbaak.model import Actor, Scope


def pinned(post: Post, event: Pinned) -> None:
    """One of ours puts a thing first."""
    _tell(post, "Add", event)


def unpinned(post: Post, event: Unpinned) -> None:
    """One of ours does not put a thing first any more."""
    _tell(post, "Remove", event)


def _tell(post: Post, verb: str, event: Pinned | Unpinned) -> None:
    tx = post.tx
    actor, thing = tx.one(Actor, id=event.actor_id), audience.thing_at(tx, event.thing_uri)
    if actor is None or thing is None or thing.scope is not Scope.PUBLIC or document_of(tx, thing) is None:
        return
    to = {"to": [PUBLIC], "cc": [followers_of(actor.uri)]}
    made = add.build_first(verb, post.new_uri(), actor.uri, thing.uri, featured_of(actor.uri), to)
    inboxes = [found.inbox for found in circulation.follower_inboxes(tx, actor.id)]
    post.send(
        Letter(activity=post.proven(made), thing_uri=thing.uri, thread_uri=thread_of(post.tx, thing).uri),
        inboxes,
    )
