"""What changed is told after the commit: once, in order, with who could see it before, and without a word of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.changes import (
    AccessChanged,
    BoostGone,
    BoostMade,
    FiltersChanged,
    NoticeMade,
    ThingChanged,
    Unheard,
    packed,
    unpacked,
)
from tests.storage.things import actor, answer, question
from vraagbaak.audience import Sight, sight
from vraagbaak.model import Scope


@pytest.fixture
def heard(store):
    """What is told of the store, from here on."""
    found = []
    with store.signals.changes.listen(found.extend):
        yield found


def told(heard):
    return [each for each in heard if not isinstance(each, Unheard)]


def test_a_unit_is_told_after_its_commit_and_only_then(store, heard):
    """New, changed and gone; what a unit touches twice is told once, and what is rolled back never."""
    author = actor("a1")
    asked = question("q1", author_id="a1")

    def make(tx):
        tx.add(author)
        tx.add(asked)
        tx.save(replace(asked, title="Anders"))
        assert told(heard) == []

    store.run_now(make)
    assert told(heard) == [ThingChanged(kind="question", key="q1", before=None)]
    heard.clear()

    def fail(tx):
        tx.remove(asked)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.run_now(fail)
    store.run_now(lambda tx: tx.save(replace(tx.get(type(asked), "q1"), gathered_at=tx.now)))
    assert told(heard) == []  # nobody sees when a thread was looked up


def test_what_stands_under_a_question_goes_with_it(store, heard):
    """Narrowed or removed, a question takes along who could see its answers."""
    asked = question("q1", author_id="a1")
    said = answer("r1", question_id="q1", author_id="a1")

    def make(tx):
        for each in (actor("a1"), asked, said):
            tx.add(each)

    store.run_now(make)
    heard.clear()
    narrow = replace(asked, scope=Scope.NEIGHBOURHOOD)
    store.run_now(lambda tx: [tx.save(narrow), tx.save(replace(said, scope=Scope.NEIGHBOURHOOD))])
    store.run_now(lambda tx: tx.remove(narrow))
    before, after = sight(asked), sight(narrow)
    assert told(heard) == [
        ThingChanged(kind="question", key="q1", before=before),
        ThingChanged(kind="answer", key="r1", before=sight(said, before)),
        ThingChanged(kind="question", key="q1", before=after),
        ThingChanged(kind="answer", key="r1", before=sight(replace(said, scope=Scope.NEIGHBOURHOOD), after)),
    ]


def test_nobody_listens_and_nothing_is_kept(store, heard):
    """Who stops listening hears no more."""
    found = []
    with store.signals.changes.listen(found.extend):
        store.run_now(lambda tx: tx.add(actor("a1")))
    before = list(found)
    store.run_now(lambda tx: [tx.add(question("q1", author_id="a1"))])
    assert found == before
    assert told(heard)[-1].key == "q1"


CHANGES = (
    ThingChanged(
        kind="answer",
        key="r1",
        before=Sight(
            scope=Scope.PILOTS,
            readable=True,
            author_id="a1",
            above=Sight(scope=Scope.PUBLIC, readable=False, author_id="a2"),
        ),
    ),
    ThingChanged(kind="offer", key="o1", before=None),
    NoticeMade(key="n1", member_id="m1"),
    AccessChanged(token_id="t1"),
    BoostMade(key="b1"),
    BoostGone(key="b1", actor_id="a1"),
    FiltersChanged(member_id="m1"),
    Unheard(),
)


def test_between_processes_nothing_is_lost_and_no_message_is_too_long():
    """However much one unit changed: in order, in messages that PostgreSQL takes, and not back to who sent them."""
    many = CHANGES * 100
    messages = list(packed("ours", many))
    assert len(messages) > 1
    assert max(len(message.encode()) for message in messages) < 8000
    assert tuple(each for message in messages for each in unpacked(message, "theirs")) == many
    assert unpacked(messages[0], "ours") == ()
    assert list(packed("ours", ())) == []


@pytest.mark.parametrize("message", ["", "x", "x {}", 'x [{"type":"of a later version"}]', "x [", "x [1]"])
def test_a_message_that_cannot_be_read_stands_for_anything(message):
    """Another version of this program says something else: whoever listens looks for itself."""
    assert unpacked(message, "ours") == (Unheard(),)
