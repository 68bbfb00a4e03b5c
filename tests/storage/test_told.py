"""What is told outside, what a member follows and which letters are due: the same on both databases, in few statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from storage import digest, followed, mailboxes, news
from storage.clock import ulid
from storage.upkeep import prune
from tests.storage.test_listings import Village
from vraagbaak import mailing, pilots, preferring
from vraagbaak.audience import Viewer
from vraagbaak.errors import NeedsMember, Unknown
from vraagbaak.model import Mailbox, QuestionStatus, Scope, Topic

LETTERS = text("SELECT kind, payload, host FROM jobs WHERE kind = 'mail-letter'")
ROUNDS = text("SELECT count(*) FROM jobs WHERE kind = 'mail-round'")


@pytest.fixture
def village(store, clock):
    made = Village(store, clock)
    store.run_now(lambda tx: tx.add(Topic(id="drank", name="drank", sensitive=True)))
    store.run_now(lambda tx: tx.add(Topic(id="sport", name="sport")))
    return made


def titles(found):
    return [(getattr(each, "question", each)).title for each in found]


def test_what_may_be_told_is_public_and_not_delicate(village):
    """By scope, state, the asker's word and the topics; a topic that only begins alike does not count."""
    village.ask("Gewoon", topics=("sport",))
    village.ask("Lijkt erop", topics=("drankje",))
    village.ask("Drank", topics=("sport", "drank"))
    village.ask("Gevoelig", sensitive=True)
    village.ask("Buurt", Scope.NEIGHBOURHOOD)
    village.ask("Verborgen", status=QuestionStatus.HIDDEN)
    told = village.store.read_now(news.questions)
    assert titles(told) == ["Lijkt erop", "Gewoon"]
    assert titles(village.store.read_now(lambda reading: news.questions(reading, topic="sport"))) == [
        "Gewoon"
    ]
    after = told[1].question.id
    assert titles(village.store.read_now(lambda reading: news.questions(reading, after=after))) == [
        "Lijkt erop"
    ]
    for topic in ("drank", "nergens"):
        with pytest.raises(Unknown):
            village.store.read_now(lambda reading, topic=topic: news.questions(reading, topic=topic))


def test_without_delicate_topics_everything_public_may_be_told(village):
    """The condition holds when there is nothing to leave out."""
    for topic in village.store.read_now(lambda reading: reading.find(Topic, sensitive=True)):
        village.store.run_now(lambda tx, topic=topic: tx.save(replace(topic, sensitive=False)))
    village.ask("Drank", topics=("drank",))
    assert titles(village.store.read_now(news.questions)) == ["Drank"]


def test_what_is_followed_and_what_is_new_in_it(village):
    """Topics, neighbourhoods and questions; new is what others asked after the marker."""
    viewer = Viewer(member=village.sam)
    run, read = village.store.run_now, village.store.read_now
    assert read(followed.of, viewer, 10).nothing
    with pytest.raises(NeedsMember):
        read(followed.of, Viewer(), 10)
    run(preferring.follow_topic, village.sam, "sport")
    first = village.ask("Een", topics=("sport",))
    second = village.ask("Twee", topics=("wonen",))
    village.ask("Drie", topics=("sport",), member=village.sam)
    run(preferring.share_question, village.sam, second.id)
    found = read(followed.of, viewer, 10)
    assert ([topic.id for topic in found.topics], found.pilots) == (["sport"], ())
    assert (titles(found.questions), titles(found.fresh)) == (["Twee"], ["Een"])
    ours = read(pilots.ours)
    run(preferring.follow_pilot, village.sam, ours)
    assert titles(read(followed.of, viewer, 10).fresh) == ["Twee", "Een"]
    run(preferring.read_on, village.sam, preferring.FOLLOWED, first.id)
    assert titles(read(followed.of, viewer, 10).fresh) == ["Twee"]
    run(preferring.follow_nothing, village.sam)
    assert read(followed.of, viewer, 10).nothing


def test_a_digest_names_what_may_be_named_and_counts_the_rest(village):
    """Titles under open topics and neighbourhoods, answered questions of one's own interest, and a number from three on."""
    viewer = Viewer(member=village.sam)
    run, read = village.store.run_now, village.store.read_now
    for topic in ("sport", "drank"):
        run(preferring.follow_topic, village.sam, topic)
    since = village.clock.now()
    assert read(digest.of, viewer, since).nothing
    shared = village.ask("Gedeeld")
    narrow = village.ask("Gedeeld in de buurt", Scope.NEIGHBOURHOOD)
    for asked in (shared, narrow):
        run(preferring.share_question, village.sam, asked.id)
        village.answer(asked, member=village.mo)
    village.ask("Open", topics=("sport",))
    village.ask("Over drank", topics=("drank",))
    found = read(digest.of, viewer, since)
    assert [(group.about.id, titles(group.questions)) for group in found.groups] == [("sport", ["Open"])]
    assert titles(found.answered) == ["Gedeeld"]
    assert found.more == 0
    village.ask("Buurt", Scope.NEIGHBOURHOOD, topics=("sport",))
    assert read(digest.of, viewer, since).more == 3
    assert read(digest.of, viewer, village.clock.now() + timedelta(seconds=1)).nothing


def give(village, member, due_in=None):
    def given(tx):
        made = mailing.give(tx, member, lambda key: f"sealed {key}")
        if due_in is not None:
            mailing.confirm(tx, made.id, tx.now + due_in)
        return made.id

    return village.store.run_now(given)


def test_letters_are_queued_for_their_moment_once(village):
    """Those that are due within the hour; each then waits for the next time, and an unconfirmed one for nothing."""
    soon = give(village, village.sam, timedelta(minutes=30))
    give(village, village.noor, timedelta(hours=2))
    give(village, village.mo)
    run, read = village.store.run_now, village.store.read_now
    assert [box.id for box in read(mailboxes.due, 10)] == [soon]
    week = timedelta(days=7)
    for _ in range(2):
        run(mailboxes.queue_letters, "smtp mail.example", lambda box, moment: moment + week)
    rows = read(lambda reading: [tuple(row) for row in reading.execute(LETTERS)])
    assert rows == [("mail-letter", soon, "smtp mail.example")]
    assert read(mailboxes.due, 10) == []


def test_upkeep_asks_for_a_round_and_forgets_what_nobody_confirmed(village):
    """Hourly, as everything that has had its time."""
    give(village, village.sam, timedelta(days=1))
    give(village, village.noor)
    village.clock.tick(hours=24, seconds=1)
    village.store.run_now(prune)
    left = village.store.read_now(lambda reading: reading.find(Mailbox, confirmed=True))
    assert [box.member_id for box in left] == [village.sam.id]
    assert village.store.read_now(lambda reading: reading.find(Mailbox, confirmed=False)) == []
    rounds = village.store.read_now(lambda reading: reading.execute(ROUNDS).scalar())
    assert rounds == 1


def test_ids_after_a_moment_are_those_made_after_it(village):
    """What `since` means for ids."""
    before = village.ask("Eerder")
    village.clock.tick(seconds=1)
    since = village.clock.now()
    after = village.ask("Later")
    assert before.id < ulid(since, 0) < after.id
