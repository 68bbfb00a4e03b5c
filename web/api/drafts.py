"""What comes in as JSON or a form: the members, their types and what they are when left out.

Only the shape is looked at here, and how long a list may get; whether the values will do is for the domain to say.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from vraagbaak.model import Channel, Helped, Perspective, Scope

Names = Annotated[tuple[str, ...], Meta(max_length=20)]
Moments = Annotated[tuple[str, ...], Meta(max_length=28)]
Perspectives = Annotated[tuple[Perspective, ...], Meta(max_length=20)]


class NewQuestion(Struct, kw_only=True):
    """A question to ask."""

    title: str
    body: str = ""
    topics: Names = ()
    wanted: Perspectives = ()
    when: str = ""
    scope: Scope = Scope.NEIGHBOURHOOD
    language: str = ""
    sensitive: bool = False


class QuestionChange(Struct, kw_only=True):
    """What is to be different; what is left out stays as it is. `scope` only ever gets narrower."""

    title: str | UnsetType = UNSET
    body: str | UnsetType = UNSET
    topics: Names | UnsetType = UNSET
    wanted: Perspectives | UnsetType = UNSET
    scope: Scope | UnsetType = UNSET
    language: str | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    status: Literal["open", "closed"] | UnsetType = UNSET


class NewAnswer(Struct, kw_only=True):
    """An answer to a question; with `parent` a comment on one of its answers."""

    question: str
    body: str
    perspective: Perspective
    parent: str | None = None
    language: str = ""


class AnswerChange(Struct, kw_only=True):
    """What is to be different; what is left out stays as it is."""

    body: str | UnsetType = UNSET
    perspective: Perspective | UnsetType = UNSET


class NewMark(Struct, kw_only=True):
    """The asker's word on one answer; `null` takes it back."""

    answer: str
    mark: Helped | None


class NewOffer(Struct, kw_only=True):
    """Something that somebody can do for others; with `question` in reply to that question."""

    body: str
    topics: Names = ()
    availability: str = ""
    times: Moments = ()
    distance: int = 0
    channel: Channel = Channel.HERE
    capacity: int = 0
    paused: bool = False
    scope: Scope = Scope.NEIGHBOURHOOD
    question: str | None = None
    language: str = ""
