"""Telling members what others did with something of theirs. Nobody is told twice, and nobody of themselves.

Whether they may still see it is asked again when they read it.
"""

from __future__ import annotations

from vraagbaak import pushing
from vraagbaak.model import Answer, Concern, Member, Notice, NoticeKind, Question, Thing
from vraagbaak.ports import Reads, Tx


def tell(tx: Tx, kind: NoticeKind, by: str, to: str, thing_uri: str = "") -> None:
    """One actor did something that concerns another; nothing happens when that is no member of ours, or the same."""
    member = tx.one(Member, actor_id=to) if by != to else None
    if member and not _told(tx, kind, by, member, thing_uri):
        made = Notice(
            id=tx.new_id(),
            member_id=member.id,
            kind=kind,
            actor_id=by,
            thing_uri=thing_uri,
            made_at=tx.now,
        )
        tx.add(made)
        pushing.announce(tx, made)


def take_back(tx: Tx, kind: NoticeKind, by: str, to: str, thing_uri: str = "") -> None:
    """It is not so any more."""
    member = tx.one(Member, actor_id=to)
    for notice in _told(tx, kind, by, member, thing_uri) if member else []:
        tx.remove(notice)


def tell_replied(tx: Tx, answer: Answer, question: Question) -> None:
    """An answer is there: whoever asked hears so, and whose question it is too; of a comment, whoever wrote the answer that it is on."""
    above: Thing | None = tx.one(Answer, id=answer.parent_id) if answer.parent_id else None
    tell(tx, NoticeKind.REPLY, answer.author_id, (above or question).author_id, answer.uri)
    for concern in tx.find(Concern, question_id=question.id) if above is None else ():
        whose = tx.get(Member, concern.member_id).actor_id
        if whose != question.author_id:
            tell(tx, NoticeKind.NEWS, answer.author_id, whose, answer.uri)


def clear(tx: Tx, member: Member) -> None:
    """The member has seen it all."""
    tx.remove_all(tx.find(Notice, member_id=member.id))


def dismiss(tx: Tx, member: Member, key: str) -> None:
    """The member has seen this one; one that is not there or another's is left alone."""
    notice = tx.one(Notice, id=key)
    if notice and notice.member_id == member.id:
        tx.remove(notice)


def dismiss_all(tx: Tx, member: Member, kind: NoticeKind, thing_uri: str = "") -> None:
    """The member has seen all of one kind about one thing, or about none."""
    found = tx.find(Notice, thing_uri=thing_uri) if thing_uri else tx.find(Notice, member_id=member.id)
    wanted = (member.id, kind, thing_uri)
    tx.remove_all([each for each in found if (each.member_id, each.kind, each.thing_uri) == wanted])


def _told(tx: Reads, kind: NoticeKind, by: str, member: Member, thing_uri: str) -> list[Notice]:
    """By the thing where there is one: that finds few, however much a member was told."""
    found = tx.find(Notice, thing_uri=thing_uri) if thing_uri else tx.find(Notice, actor_id=by)
    return [
        each
        for each in found
        if (each.member_id, each.kind, each.actor_id, each.thing_uri) == (member.id, kind, by, thing_uri)
    ]
