"""Small things to store, for the tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime

from vraagbaak.model import (
    Actor,
    ActorKind,
    Answer,
    Follow,
    FollowState,
    Offer,
    Perspective,
    Pilot,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
)

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def actor(key="actor", **more):
    return Actor(
        **{
            "id": key,
            "uri": f"https://wester.example/users/{key}",
            "kind": ActorKind.PERSON,
            "handle": key,
            "domain": "wester.example",
            "name": key.title(),
            "local": True,
            **more,
        }
    )


def question(key="question", **more):
    uri = f"https://wester.example/questions/{key}"
    return Question(
        **{
            "id": key,
            "uri": uri,
            "url": uri,
            "author_id": "actor",
            "pilot_id": None,
            "title": "Wie weet een fietsenmaker?",
            "scope": Scope.PUBLIC,
            "status": QuestionStatus.OPEN,
            "local": True,
            "published_at": AT,
            **more,
        }
    )


def answer(key="answer", **more):
    uri = f"https://wester.example/answers/{key}"
    return Answer(
        **{
            "id": key,
            "uri": uri,
            "url": uri,
            "question_id": "question",
            "author_id": "actor",
            "perspective": Perspective.RESIDENT,
            "body": "Op de hoek.",
            "scope": Scope.PUBLIC,
            "status": ReplyStatus.SHOWN,
            "local": True,
            "published_at": AT,
            **more,
        }
    )


def offer(key="offer", **more):
    uri = f"https://wester.example/offers/{key}"
    return Offer(
        **{
            "id": key,
            "uri": uri,
            "url": uri,
            "author_id": "actor",
            "pilot_id": None,
            "body": "Ik kan banden plakken.",
            "scope": Scope.PUBLIC,
            "status": ReplyStatus.SHOWN,
            "local": True,
            "published_at": AT,
            **more,
        }
    )


def pilot(key="pilot", **more):
    return Pilot(
        **{
            "id": key,
            "actor_id": "actor",
            "uri": f"https://wester.example/b/{key}",
            "domain": "wester.example",
            "slug": key,
            "name": key.title(),
            "local": True,
            **more,
        }
    )


def follow(key="follow", follower="actor", target="other"):
    return Follow(
        id=key,
        uri=f"https://wester.example/follows/{key}",
        follower_id=follower,
        target_id=target,
        state=FollowState.PENDING,
    )


def add(tx, *things):
    for thing in things:
        tx.add(thing)
