"""What our people appreciate and pass on, told to whom it concerns: Like to who wrote it, Announce to who follows.

Only what everybody may see is told; likes on anything else stay here (federation.md 1.6).
"""

from __future__ import annotations

from federation.activities import announce, like, undo
from federation.documents import Document
from federation.letters import Letter, Post
from federation.posts import thread_of
from storage import circulation
from vraagbaak import audience
from vraagbaak.events import Liked, PassedOn, TakenBack, Unliked
from vraagbaak.model import Actor, Boost, Like, Scope, Thing


def liked(post: Post, event: Liked) -> None:
    """A member of ours appreciates something by somebody elsewhere."""
    known = post.tx.one(Like, id=event.like_id)
    if known:
        _send_like(post, known.id, known.actor_id, known.object_uri, None)


def unliked(post: Post, event: Unliked) -> None:
    """And does not any more."""
    _send_like(post, event.like_id, event.actor_id, event.thing_uri, post.new_uri())


def _send_like(post: Post, like_uri: str, actor_id: str, thing_uri: str, undo_uri: str | None) -> None:
    tx = post.tx
    thing = _public(post, thing_uri)
    author = tx.get(Actor, thing.author_id) if thing else None
    if thing and author and not author.local:
        made = like.build(like_uri, tx.get(Actor, actor_id).uri, thing.uri, author.uri)
        _send(post, undo.build(undo_uri, made) if undo_uri else made, thing, [author.delivery_inbox])


def passed_on(post: Post, event: PassedOn) -> None:
    """A member of ours passes something on."""
    known = post.tx.one(Boost, id=event.boost_id)
    if known:
        _send_boost(post, known.uri, known.actor_id, known.thing_uri, None)


def taken_back(post: Post, event: TakenBack) -> None:
    """And does not any more."""
    _send_boost(post, event.boost_uri, event.actor_id, event.thing_uri, post.new_uri())


def _send_boost(post: Post, uri: str, actor_id: str, thing_uri: str, undo_uri: str | None) -> None:
    tx = post.tx
    thing = _public(post, thing_uri)
    if thing is None:
        return
    actor, author = tx.get(Actor, actor_id), tx.get(Actor, thing.author_id)
    made = announce.build(uri, actor.uri, thing.uri, public=True)
    inboxes = [found.inbox for found in circulation.follower_inboxes(tx, actor.id)]
    if not author.local:
        inboxes.append(author.delivery_inbox)
    _send(post, undo.build(undo_uri, made) if undo_uri else made, thing, inboxes)


def _public(post: Post, thing_uri: str) -> Thing | None:
    """The thing while everybody may still see it."""
    thing = audience.thing_at(post.tx, thing_uri)
    public = thing and thing.scope is Scope.PUBLIC and audience.is_readable(thing)
    return thing if public else None


def _send(post: Post, made: Document, thing: Thing, inboxes: list[str]) -> None:
    letter = Letter(activity=post.proven(made), thing_uri=thing.uri, thread_uri=thread_of(post.tx, thing).uri)
    post.send(letter, inboxes)
