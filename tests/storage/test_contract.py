"""What a unit of work promises, whichever of the three keeps it: dicts, SQLite or PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.errors import Dangling
from storage.records import Sent
from storage.work import Work
from tests.storage.things import AT, actor, add, answer, follow, offer, pilot, question
from vraagbaak.errors import Invalid, Refused, Unknown
from vraagbaak.model import (
    Actor,
    Answer,
    Follow,
    Helped,
    Mark,
    Offer,
    Question,
    QuestionStatus,
    Token,
    Topic,
)


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d", "\udc00"])
def test_text_that_a_database_cannot_hold_is_refused_by_name(any_store, text):
    """A NUL or half a character from another server is refused, and the refusal says where it stood."""

    def unit(tx):
        with pytest.raises(Invalid) as refusal:
            tx.add(actor(name=text))
        assert (refusal.value.field, refusal.value.code) == ("name", "characters")
        tx.add(actor())

    any_store.run_now(unit)
    assert any_store.run_now(lambda tx: tx.get(Actor, "actor")) == actor()


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d", "'; DROP TABLE actors; --", "%s", ":id", "%(id)s"])
def test_i10_hostile_text_finds_nothing_and_breaks_nothing(any_store, text):
    """Whatever text is looked up, the answer is that there is no such thing."""

    def unit(tx):
        with pytest.raises(Unknown):
            tx.get(Actor, text)
        assert tx.one(Actor, uri=text) is None
        assert tx.find(Actor, domain=text) == []

    any_store.run_now(unit)


def test_i10_text_comes_back_as_it_was(any_store):
    """Text is stored as it is, whatever script it is in and however it looks like SQL."""
    name = "Zoë’s \u202eevil\u202c 👩‍👩‍👧 '); DROP TABLE actors; -- %s \\ \r\n\t" + "x" * 100_000
    any_store.run_now(add, actor(name=name))
    assert any_store.run_now(lambda tx: tx.get(Actor, "actor")).name == name


@pytest.mark.parametrize("taken", [{"id": "actor"}, {"uri": "https://wester.example/users/actor"}])
def test_a_second_thing_with_the_same_key_is_refused_and_the_unit_goes_on(any_store, taken):
    """Adding what exists says so, changes nothing, and leaves the unit of work usable."""

    def unit(tx):
        tx.add(actor())
        with pytest.raises(Invalid) as refusal:
            tx.add(replace(actor("second"), **taken))
        assert (refusal.value.field, refusal.value.code) == ("id", "exists")
        tx.add(actor("third"))

    any_store.run_now(unit)
    assert [each.id for each in any_store.run_now(lambda tx: tx.find(Actor))] == ["actor", "third"]


def test_keys_of_two_fields_hold(any_store):
    """Nobody follows the same one twice, under whatever uri."""
    any_store.run_now(add, actor(), actor("other"), follow())
    with pytest.raises(Invalid):
        any_store.run_now(add, follow("again"))
    any_store.run_now(add, follow("back", "other", "actor"))


def test_a_key_that_is_empty_is_no_key(any_store):
    """Any number of tokens can be without a code; two with the same code cannot."""
    tokens = [Token(id=str(number), scopes=("read",), created_at=AT) for number in range(3)]
    any_store.run_now(add, *tokens, replace(tokens[0], id="coded", code_id="code"))
    with pytest.raises(Invalid):
        any_store.run_now(add, replace(tokens[0], id="again", code_id="code"))
    assert len(any_store.run_now(lambda tx: tx.find(Token, member_id=None))) == 4


def test_a_change_cannot_take_the_key_of_another(any_store):
    """Saving a thing under the uri of another is refused, and the other is unharmed."""
    any_store.run_now(add, actor(), actor("other"))
    with pytest.raises(Invalid) as refusal:
        any_store.run_now(lambda tx: tx.save(actor("other", uri=actor().uri)))
    assert refusal.value.code == "exists"
    assert any_store.run_now(lambda tx: tx.one(Actor, uri=actor().uri)) == actor()


def test_nothing_points_at_what_is_not_there(any_store):
    """A thing cannot be stored when its author or question does not exist."""
    any_store.run_now(add, actor())
    for dangling in (question(author_id="nobody"), answer(), offer(question_id="none")):
        with pytest.raises(Dangling):
            any_store.run_now(add, dangling)
    any_store.run_now(add, question(), answer())
    with pytest.raises(Dangling):
        any_store.run_now(lambda tx: tx.save(answer(parent_id="none")))


def test_what_is_missing_cannot_be_changed(any_store):
    """Saving an unknown thing is refused instead of adding it; removing one does nothing."""
    with pytest.raises(Unknown):
        any_store.run_now(lambda tx: tx.save(actor()))
    any_store.run_now(lambda tx: tx.remove(actor()))
    assert any_store.run_now(lambda tx: tx.find(Actor)) == []


def test_a_required_value_cannot_be_missing(any_store):
    """A None where the model has none is a fault of the program, found before any database sees it."""
    with pytest.raises(ValueError, match=r"Actor\.name"):
        any_store.run_now(add, actor(name=None))


@pytest.mark.parametrize("fault", [Refused, RuntimeError, KeyboardInterrupt, StopIteration])
def test_a_unit_that_fails_leaves_nothing_behind(any_store, fault):
    """Whatever goes wrong in a unit, nothing of it stays: not what was added, changed, removed or queued."""
    any_store.run_now(add, actor(), actor("other"), question())

    def unit(tx):
        tx.add(actor("third"))
        tx.save(actor(name="Changed"))
        tx.remove(actor("other"))
        tx.enqueue(Work("something"))
        raise fault

    with pytest.raises((fault, RuntimeError)):
        any_store.run_now(unit)
    assert any_store.run_now(lambda tx: tx.find(Actor)) == [actor(), actor("other")]
    assert getattr(any_store, "jobs", []) == []


def test_a_unit_sees_what_it_wrote(any_store):
    """Reads in a unit see its own additions, changes and removals."""

    def unit(tx):
        tx.add(actor())
        tx.add(question())
        tx.save(question(title="Anders"))
        assert tx.get(Question, "question").title == "Anders"
        tx.remove(question())
        assert tx.one(Question, id="question") is None

    any_store.run_now(unit)


def test_found_things_come_by_id_in_byte_order(any_store):
    """The order is that of the ids, on every database and in every locale."""
    keys = ["b", "A", "a", "Z", "é", "0", "_", "10", "9"]
    any_store.run_now(add, *[actor(key) for key in keys])
    found = any_store.run_now(lambda tx: tx.find(Actor, domain="wester.example"))
    assert [each.id for each in found] == sorted(keys, key=str.encode)
    assert any_store.run_now(lambda tx: tx.one(Actor, domain="wester.example")).id == "0"


def test_things_are_found_by_any_of_their_fields(any_store):
    """All given fields have to match; None finds the empty ones, enumerations and booleans find theirs."""
    any_store.run_now(add, actor(), question(), answer(), answer("comment", parent_id="answer", local=False))

    def unit(tx):
        assert [each.id for each in tx.find(Answer, question_id="question", parent_id=None)] == ["answer"]
        assert [each.id for each in tx.find(Answer, question_id="question", local=False)] == ["comment"]
        assert tx.find(Question, status=QuestionStatus.OPEN) == [question()]
        assert tx.find(Question, status=QuestionStatus.OPEN, published_at=AT) == [question()]
        assert tx.find(Question, status=QuestionStatus.CLOSED) == []
        assert tx.find(Answer, id="answer", author_id="other") == []

    any_store.run_now(unit)


def test_a_search_without_an_index_is_a_fault(any_store):
    """What would get slower with every question is refused at once; of what there are few, anything goes."""
    with pytest.raises(LookupError, match="Question by title"):
        any_store.run_now(lambda tx: tx.find(Question, title="x"))
    with pytest.raises(LookupError):
        any_store.run_now(lambda tx: tx.one(Answer, local=True))
    with pytest.raises(KeyError):
        any_store.run_now(lambda tx: tx.find(Topic, colour="red"))
    any_store.run_now(add, Topic(id="zorg", name="Zorg", sensitive=True))
    assert len(any_store.run_now(lambda tx: tx.find(Topic, sensitive=True))) == 1


def test_what_hangs_on_a_question_goes_with_it(any_store):
    """Removing a question removes its answers, their comments and marks; an offer to it stands alone after."""
    mark = Mark(id="answer", question_id="question", value=Helped.HELPED, marked_at=AT)
    comment = answer("comment", parent_id="answer")
    any_store.run_now(add, actor(), question(), answer(), comment, mark, offer(question_id="question"))
    any_store.run_now(lambda tx: tx.remove(question()))

    def unit(tx):
        assert tx.find(Answer) == []
        assert tx.find(Mark) == []
        assert tx.find(Offer) == [offer()]

    any_store.run_now(unit)


def test_what_an_actor_did_goes_with_it(any_store):
    """Removing an actor leaves nothing that points at it: no question, no answer to that, no follow."""
    any_store.run_now(add, actor(), actor("other"), pilot(), follow())
    any_store.run_now(add, question(), answer(author_id="other"), offer(author_id="other", pilot_id="pilot"))
    any_store.run_now(lambda tx: tx.remove(actor()))

    def unit(tx):
        assert [tx.find(kind) for kind in (Question, Answer, Follow)] == [[], [], []]
        assert tx.find(Offer) == [offer(author_id="other")]

    any_store.run_now(unit)


def test_who_received_a_thing_outlives_it(any_store):
    """The list of inboxes stays when the thing goes: its Delete has to reach exactly those."""
    sent = Sent(
        id="1", thing_uri=question().uri, inbox="https://oost.example/inbox", host="oost.example", sent_at=AT
    )
    any_store.run_now(add, actor(), question(), sent)
    any_store.run_now(lambda tx: tx.remove(question()))
    assert any_store.run_now(lambda tx: tx.find(Sent, thing_uri=question().uri)) == [sent]
    with pytest.raises(Invalid):
        any_store.run_now(add, replace(sent, id="2"))


def test_time_stands_still_in_a_unit(any_store, clock):
    """A unit has one moment and fresh ids that sort by the moment they are made for."""
    clock.step = timedelta(seconds=1)

    def unit(tx):
        assert tx.now == tx.now
        early, later = tx.new_id(AT), tx.new_id(AT + timedelta(days=1))
        assert len(early) == 26
        assert early < later
        assert early != tx.new_id(AT)
        return tx.now

    assert any_store.run_now(unit) < any_store.run_now(unit)


async def test_a_unit_can_be_awaited(any_store):
    """`await store.run(fn, *args)` gives what fn gives, and lets out what it raises."""

    def named(tx, first, *, last):
        tx.add(actor(name=f"{first} {last}"))
        return tx.get(Actor, "actor").name

    assert await any_store.run(named, "Noor", last="Bos") == "Noor Bos"
    with pytest.raises(Invalid):
        await any_store.run(named, "Noor", last="Bos")
    assert await any_store.read(lambda reading: reading.get(Actor, "actor").name) == "Noor Bos"


def test_many_at_once_are_all_or_none(any_store):
    """Several things of one kind are found, added and removed as one by one; one that is taken refuses them all."""
    several = [actor(name) for name in ("a", "b", "c")]
    any_store.run_now(lambda tx: tx.add_all(several))
    for again in ([actor("d"), actor("b")], [actor("e"), actor("e")]):
        with pytest.raises(Invalid) as refusal:
            any_store.run_now(lambda tx, again=again: tx.add_all(again))
        assert refusal.value.code == "exists"
    with pytest.raises(Dangling):
        any_store.run_now(lambda tx: tx.add_all([follow("x", "a", "b"), follow("y", "a", "nobody")]))
    assert any_store.run_now(lambda tx: tx.find(Follow, follower_id="a")) == []
    keys = ("c", "a", "nobody", "a", "d", "e", "\0", "\ud83d", "' OR 1=1")
    assert any_store.run_now(lambda tx: tx.several(Actor, keys)) == [several[0], several[2]]
    assert any_store.run_now(lambda tx: tx.several(Actor, ())) == []
    any_store.run_now(lambda tx: tx.remove_all([several[0], actor("nobody"), several[1]]))
    any_store.run_now(lambda tx: (tx.add_all([]), tx.remove_all([])))
    assert any_store.run_now(lambda tx: tx.several(Actor, "abc")) == [several[2]]


def test_many_at_once_are_found_by_their_words(any_store):
    """Things that are searched are added as one by one."""
    any_store.run_now(add, actor())
    asked = [question(name) for name in ("p", "q")]
    any_store.run_now(lambda tx: tx.add_all(asked))
    assert any_store.run_now(lambda tx: tx.several(Question, "pq")) == asked
