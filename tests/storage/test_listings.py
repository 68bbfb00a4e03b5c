"""Lists show each viewer what `audience` says and nothing else, in few statements, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import listings
from storage.listings import (
    answer_cards,
    known_pilots,
    offer_cards,
    own_questions,
    pilot_called,
    question_cards,
)
from vraagbaak import answers, audience, members, offers, peers, pilots, questions
from vraagbaak.audience import PASSER_BY, Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import (
    Actor,
    ActorKind,
    Helped,
    Perspective,
    Pilot,
    QuestionStatus,
    ReplyStatus,
    Role,
    Scope,
    Standing,
)

PILOT = Viewer(standing=Standing.PILOT)
REFUSED = Viewer(standing=Standing.REFUSED)
MISSING = "0" * 26


class Village:
    """A founded pilot with two members and a moderator."""

    def __init__(self, store, clock) -> None:
        self.store, self.clock = store, clock
        store.run_now(pilots.found, {"focus": "", "meeting_place": "", "hours": ""})
        self.noor, self.sam, self.mo = (
            self.member("noor"),
            self.member("sam"),
            self.member("mo", Role.MODERATOR),
        )

    def member(self, handle, *roles):
        newcomer = members.Newcomer(handle=handle, name=handle.title(), password_hash="")
        return self.store.run_now(members.add, newcomer, roles or (Role.RESIDENT,))

    def ask(self, title="Wie weet een fysio?", scope=Scope.PUBLIC, member=None, status=None, **draft):
        self.clock.tick(seconds=1)

        def asked(tx):
            author = tx.get(Actor, (member or self.noor).actor_id)
            made = questions.ask_anew(tx, author, questions.Draft(title=title, scope=scope, **draft))
            if status:
                made = replace(made, status=status)
                tx.save(made)
            return made

        return self.store.run_now(asked)

    def answer(self, question, perspective=Perspective.RESIDENT, status=None, member=None, parent=None):
        self.clock.tick(seconds=1)

        def answered(tx):
            draft = answers.Draft(body="Die op de hoek", perspective=perspective, parent_id=parent)
            made = answers.answer_anew(tx, member or self.sam, question.id, draft)
            if status:
                made = replace(made, status=status)
                tx.save(made)
            return made

        return self.store.run_now(answered)

    def offer(self, scope=Scope.PUBLIC, **draft):
        self.clock.tick(seconds=1)
        return self.store.run_now(
            offers.offer_anew, self.sam, offers.Draft(body="Ik kan klussen", scope=scope, **draft)
        )

    def stranger(self, domain="nieuwland.example", name="henk"):
        def remember(tx):
            uri = f"https://{domain}/u/{name}"
            actor = Actor(
                id=tx.new_id(),
                uri=uri,
                kind=ActorKind.PERSON,
                handle=name,
                domain=domain,
                name=name,
                local=False,
            )
            tx.add(actor)
            return actor

        return self.store.run_now(remember)

    def neighbour(self, actor, slug="nieuwland", name="Nieuwland"):
        def trust(tx):
            peers.decide(tx, actor.domain, Standing.PILOT)
            uri = f"https://{actor.domain}/b/{slug}"
            pilot = Pilot(
                id=tx.new_id(),
                actor_id=actor.id,
                uri=uri,
                domain=actor.domain,
                slug=slug,
                name=name,
                local=False,
            )
            tx.add(pilot)
            return pilot

        return self.store.run_now(trust)

    def moved(self, thing, **changes):
        changed = replace(thing, **changes)
        self.store.run_now(lambda tx: tx.save(changed))
        return changed

    def read(self, fn, *args, **kwargs):
        return self.store.read_now(fn, *args, **kwargs)


@pytest.fixture
def village(store, clock):
    return Village(store, clock)


def titles(cards):
    return [card.question.title for card in cards]


VIEWERS = {"passer-by": PASSER_BY, "pilot": PILOT, "refused": REFUSED}


@pytest.mark.parametrize("who", [*VIEWERS, "noor", "sam", "mo"])
def test_lists_agree_with_audience(village, who):
    """For every viewer, scope and state: what is in a list is what `may_see` allows and a list is for."""
    made = [
        village.ask(f"{scope} {status}", scope, status=status) for scope in Scope for status in QuestionStatus
    ]
    viewer = VIEWERS.get(who) or Viewer(member=getattr(village, who))
    seen = {card.question.id for card in village.read(question_cards, viewer, limit=100)}
    allowed = {each.id for each in made if audience.is_readable(each) and audience.may_see(viewer, each)}
    assert seen == allowed
    for question in made:
        if audience.may_see(viewer, question):
            assert village.read(listings.question_page, viewer, question.id).question == question
        else:
            with pytest.raises(Unknown):
                village.read(listings.question_page, viewer, question.id)


@pytest.mark.parametrize("who", [*VIEWERS, "noor", "sam", "mo"])
def test_answers_and_offers_agree_with_audience(village, who):
    """Under a question stands exactly what `may_see` allows; in counts only what everybody may read."""
    question = village.ask()
    said = [village.answer(question) for _ in range(9)]
    states = [(scope, status) for scope in Scope for status in ReplyStatus]
    said = [village.moved(each, scope=s, status=t) for each, (s, t) in zip(said, states, strict=True)]
    offered = [village.moved(village.offer(question_id=question.id), scope=s, status=t) for s, t in states]
    viewer = VIEWERS.get(who) or Viewer(member=getattr(village, who))
    expected = {each.id for each in said if audience.may_see(viewer, each)}
    assert {
        card.answer.id for card in village.read(answer_cards, viewer, question_id=question.id)
    } == expected
    expected = {each.id for each in offered if audience.may_see(viewer, each)}
    assert {card.offer.id for card in village.read(offer_cards, viewer, question_id=question.id)} == expected
    if viewer is not REFUSED:
        card = village.read(question_cards, viewer)[0]
        assert card.answers == sum(
            audience.is_readable(each) and each.scope in viewer.scopes for each in said
        )


def test_an_answer_under_a_hidden_question_is_not_listed_by_author(village):
    """A page of a person does not tell of questions that are not there to be read."""
    hidden = village.ask("Verborgen")
    village.answer(hidden)
    village.moved(hidden, status=QuestionStatus.HIDDEN)
    narrow = village.ask("Alleen wij", Scope.NEIGHBOURHOOD)
    village.answer(narrow)
    author = village.sam.actor_id
    assert village.read(answer_cards, PASSER_BY, author_id=author) == ()
    shown = village.read(answer_cards, Viewer(member=village.noor), author_id=author)
    assert [card.question_title for card in shown] == ["Alleen wij"]


def test_a_card_counts_answers_perspectives_and_help(village):
    """Comments and what waits do not count; perspectives come in their own order."""
    question = village.ask()
    first = village.answer(question, Perspective.PROFESSIONAL)
    village.answer(question, Perspective.EXPERIENCE_EXPERT)
    village.answer(question, Perspective.RESIDENT, parent=first.id)
    village.answer(question, Perspective.FAMILY, status=ReplyStatus.HELD)
    asker = village.read(lambda r: r.get(Actor, village.noor.actor_id))
    village.store.run_now(questions.mark, asker, question.id, first.id, Helped.HELPED)
    card = village.read(question_cards, PASSER_BY)[0]
    assert (card.answers, card.helped) == (2, 1)
    assert card.perspectives == (Perspective.EXPERIENCE_EXPERT, Perspective.PROFESSIONAL)
    marks = {
        each.answer.id: each.mark for each in village.read(answer_cards, PASSER_BY, question_id=question.id)
    }
    assert marks[first.id] is Helped.HELPED


def test_filters_narrow(village):
    """Topic, author, unanswered, helped and elsewhere, alone and together."""
    asked = village.ask("Een", topics=("geld en schulden",))
    village.ask("Twee", topics=("geld",), member=village.sam)
    closed = village.ask("Drie", status=QuestionStatus.CLOSED)
    answer = village.answer(asked)
    asker = village.read(lambda r: r.get(Actor, village.noor.actor_id))
    henk = village.stranger()
    village.neighbour(henk)
    far = village.moved(village.ask("Vier"), author_id=henk.id, local=False)

    def found(**wanted):
        return titles(village.read(question_cards, PASSER_BY, **wanted))

    assert found(topic="geld-en-schulden") == ["Een"]
    assert found(topic="geld") == ["Twee"]
    assert found(topic='%"') == found(topic="%") == found(topic="_") == []
    assert found(author_id=village.sam.actor_id) == ["Twee"]
    assert found(unanswered=True) == [far.title, "Twee"]
    assert found(unanswered=True, oldest_first=True, limit=1) == ["Twee"]
    assert found(helped=True) == []
    village.store.run_now(questions.mark, asker, asked.id, answer.id, Helped.HELPED)
    assert found(helped=True) == ["Een"]
    assert found(elsewhere=True) == ["Vier"]
    assert closed.title in found()


def test_an_answer_out_of_sight_leaves_a_question_unanswered(village):
    """Whether a question waits is what this viewer can see, so that no count tells of hidden answers."""
    question = village.ask()
    village.moved(village.answer(question), scope=Scope.NEIGHBOURHOOD)
    village.moved(question, status=QuestionStatus.OPEN)
    assert len(village.read(question_cards, PASSER_BY, unanswered=True)) == 1
    assert village.read(question_cards, Viewer(member=village.noor), unanswered=True) == ()


def test_pages_follow_each_other_without_gap_or_double(village):
    """Keyset paging, both ways, also when something is asked in between."""
    made = [village.ask(str(number) * 3).id for number in range(7)]
    seen, before = [], ""
    while page := village.read(question_cards, PASSER_BY, before=before, limit=3):
        seen += [card.question.id for card in page]
        before = seen[-1]
        village.ask("Tussendoor")
    assert seen == made[::-1]
    after = village.read(question_cards, PASSER_BY, before=made[2], oldest_first=True, limit=2)
    assert [card.question.id for card in after] == made[3:5]


def test_a_pilot_is_where_somebody_speaks_from(village):
    """Only a trusted server is a pilot; what a question says of its pilot counts for nothing by itself."""
    henk, nep = village.stranger(), village.stranger("evil.example", "nep")
    pilot = village.neighbour(henk)
    village.moved(village.ask("Echt"), author_id=henk.id, local=False, pilot_id=pilot.id)
    village.moved(village.ask("Nep"), author_id=nep.id, local=False, pilot_id=pilot.id)
    by_title = {card.question.title: card.pilot for card in village.read(question_cards, PASSER_BY)}
    assert by_title == {"Echt": pilot, "Nep": None}
    assert titles(village.read(question_cards, PASSER_BY, pilot_id=pilot.id)) == ["Echt"]
    village.store.run_now(peers.decide, henk.domain, Standing.OPEN)
    assert {card.pilot for card in village.read(question_cards, PASSER_BY)} == {None}
    assert [each.slug for each in village.read(known_pilots)] == ["wester"]


def test_a_renamed_pilot_stands_once(village):
    """A server with an earlier name doubles no card and stands once in the list, under its latest."""
    henk = village.stranger()
    village.neighbour(henk)
    village.clock.tick(seconds=1)
    latest = village.neighbour(henk, "nieuwland-zuid", "Nieuwland Zuid")
    village.moved(village.ask("Van elders"), author_id=henk.id, local=False)
    assert [card.pilot for card in village.read(question_cards, PASSER_BY)] == [latest]
    assert [each.name for each in village.read(known_pilots)] == ["Wester", "Nieuwland Zuid"]
    assert village.read(pilot_called, "NIEUWLAND.example") == latest
    with pytest.raises(Unknown):
        village.read(pilot_called, "nieuwland")


def test_own_questions_hold_what_waits(village):
    """A member sees their own held question in their list; a passer-by has no list."""
    village.ask("Wacht", status=QuestionStatus.HELD)
    village.ask("Van Sam", member=village.sam)
    assert titles(village.read(own_questions, Viewer(member=village.noor))) == ["Wacht"]
    assert village.read(own_questions, PASSER_BY) == ()


@pytest.mark.parametrize("key", [MISSING, "", "x", "é" * 100])
def test_what_is_not_there_is_unknown(village, key):
    """No id is too odd."""
    with pytest.raises(Unknown):
        village.read(listings.question_page, PASSER_BY, key)
    with pytest.raises(Unknown):
        village.read(listings.question_of, PASSER_BY, key)


@pytest.fixture
def statements(monkeypatch):
    """Counts what a reading executes."""
    from storage.reading import Reading

    counted = []
    execute = Reading.execute

    def counting(self, statement, parameters=None):
        counted.append(statement)
        return execute(self, statement, parameters)

    monkeypatch.setattr(Reading, "execute", counting)
    return counted


def test_a_list_costs_the_same_however_long_it_is(village, statements):
    """Two statements for a list of questions, six at most for a whole question page."""
    for number in range(12):
        village.answer(village.ask(f"Vraag {number}", topics=("wonen",)))
    question = village.ask("Groot", topics=("zorg", "wonen"))
    for perspective in Perspective:
        village.answer(question, perspective)
    village.offer(question_id=question.id)
    statements.clear()
    assert len(village.read(question_cards, PASSER_BY, limit=13)) == 13
    assert len(statements) == 2
    statements.clear()
    page = village.read(listings.question_page, PASSER_BY, question.id)
    assert (len(page.answers), len(page.offers), page.sensitive) == (6, 1, True)
    assert len(statements) <= 6
