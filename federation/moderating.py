"""What moderators of a neighbourhood elsewhere decide about what stands in it (FEP-1b12; Lemmy, PieFed, Mbin).

They take it out of sight here, close it, or say what helped, when a neighbourhood that we listen to announces that and
lists them then. They have no say about what our own people wrote (threat B12), about what stands elsewhere, or about
anybody's words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from federation.documents import Document, as_list, host_of, id_of, ids_of, one_type, only_of, same_origin
from federation.fetching import FetchFault, Temporary
from federation.paging import items_of
from federation.understanding import Delivered, NotForUs, Sources, may_pass_on
from federation.vocabulary import read_mark
from storage.reading import Reading
from storage.work import Unit
from vraagbaak import moderation, peers, questions
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, ActorKind, Answer, Helped, Question, Standing
from vraagbaak.ports import Reads, Tx

LISTED = 500
"""How many moderators are read of a list."""
_PAGES = 3
_ABOUT_A_POST: dict[str, Callable[[Tx, Question | Answer], object]] = {
    "Delete": moderation.receive_removal,
    "Lock": questions.receive_lock,
    "Undo Lock": questions.receive_unlock,
}
_MARKS = frozenset({"Add", "Remove", "ChooseAnswer", "Undo ChooseAnswer"})


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is done, and to what: `Undo Lock` is one deed. What helped is about an answer, decided over its question."""

    kind: str
    about: str
    mark: Helped | None = None
    target: str | None = None

    def over(self, tx: Reads) -> Question | Answer | None:
        """The post that whoever decides must have a say over, when we have it."""
        answer = tx.one(Answer, uri=self.about)
        if self.kind in _ABOUT_A_POST:
            return tx.one(Question, uri=self.about) or answer
        question = tx.get(Question, answer.question_id) if answer else None
        return question if question and self.target in {None, question.helpful_uri} else None


async def decided(inside: Document, actor_uri: str, delivered: Delivered, sources: Sources) -> Unit | None:
    """What a neighbourhood says that a moderator of it did with somebody else's post; None when it is nothing such.

    Raises NotForUs when whoever did it is no moderator there, or Temporary.
    """
    group, decision = delivered.actor, _decision(inside)
    if decision is None or group.kind is not ActorKind.GROUP:
        return None
    if not await sources.store.read(_is_over_anothers, decision, actor_uri):
        return None
    if not await sources.store.read(may_pass_on, group):
        raise NotForUs("not-followed")
    if not await sources.store.read(_stands_in, decision, group):
        raise NotForUs("not-its-thread")
    if await sources.store.read(peers.standing, host_of(actor_uri) or "") is Standing.REFUSED:
        raise NotForUs("refused-peer")
    if actor_uri != group.uri and not await _is_listed(actor_uri, delivered, sources):
        raise NotForUs("not-a-moderator")
    return Unit.of(_decide, decision, group.id)


def _decision(inside: Document) -> _Decision | None:
    kind, about = one_type(inside) or "", only_of(inside.get("object"))
    if kind == "Undo" and isinstance(about, dict):
        kind, about = f"Undo {one_type(about)}", about.get("object")
    mark = read_mark(inside) if kind == "Add" else Helped.HELPED if kind == "ChooseAnswer" else None
    if kind not in _ABOUT_A_POST.keys() | _MARKS or (kind == "Add" and mark is None):
        return None
    target = (id_of(inside.get("target")) or "") if kind in {"Add", "Remove"} else None
    return _Decision(kind, id_of(about) or "", mark, target)


def _is_over_anothers(reading: Reading, decision: _Decision, actor_uri: str) -> bool:
    """Whether we have it, from elsewhere, by somebody else than who acts."""
    thing = decision.over(reading)
    return thing is not None and not thing.local and reading.get(Actor, thing.author_id).uri != actor_uri


def _stands_in(reading: Reads, decision: _Decision, group: Actor) -> bool:
    """Whether it was said in this neighbourhood; who says something below what stands there did not say it there yet."""
    thing = decision.over(reading)
    return thing is not None and thing.group_uri == group.uri


async def _is_listed(actor_uri: str, delivered: Delivered, sources: Sources) -> bool:
    """Whether the neighbourhood itself, as it is now, names this actor among who moderates it (threat B23)."""
    group_uri = delivered.actor.uri
    try:
        document = await sources.document(group_uri, delivered.budget)
        if id_of(document) != group_uri:
            return False
        for named in (document.get("attributedTo"), document.get("moderators")):
            if actor_uri in _named(named):
                return True
            for place in ids_of(named, 2):
                if same_origin(place, group_uri) and actor_uri in await _collected(place, delivered, sources):
                    return True
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("no-moderators") from None
    return False


def _named(value: object) -> list[str]:
    """Actors that are named at once, or in an embedded collection."""
    inside = [entry for entry in as_list(value) if isinstance(entry, dict)]
    members = [
        member
        for entry in inside
        for name in ("items", "orderedItems")
        for member in as_list(entry.get(name))
    ]
    return ids_of([*as_list(value), *members], LISTED)


async def _collected(uri: str, delivered: Delivered, sources: Sources) -> list[str]:
    fetcher = sources.directory.fetcher
    found = await items_of(fetcher, uri, budget=delivered.budget, pages=_PAGES, items=LISTED)
    return ids_of(found, LISTED)


def _decide(tx: Tx, decision: _Decision, group_id: str) -> None:
    """Raises Unknown when it went meanwhile, or who moderates there is not listened to any more."""
    thing, group = decision.over(tx), tx.get(Actor, group_id)
    if thing is None or thing.local or group.suspended or not _stands_in(tx, decision, group):
        raise Unknown
    if not may_pass_on(tx, group):
        raise Unknown
    if decision.kind in _ABOUT_A_POST:
        _ABOUT_A_POST[decision.kind](tx, thing)
    else:
        asker = tx.get(Actor, thing.author_id)  # who moderates where it was asked speaks for whoever asked
        questions.receive_mark(tx, asker, thing.uri, decision.about, decision.mark)
