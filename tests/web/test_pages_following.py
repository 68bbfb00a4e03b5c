"""Members follow topics, neighbourhoods and questions, and are told; they see no more by it, and nobody sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.web.visiting import HOSTILE, Page, Village
from vraagbaak import follows, members, notices, preferring, questions
from vraagbaak.model import (
    Concern,
    Follow,
    Interest,
    Notice,
    NoticeKind,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    SilenceKind,
)


@pytest.fixture
def village(store_factory):
    return Village(store_factory, lab_limits="off")


@pytest.fixture
def noor(village):
    return village.member("noor")


@pytest.fixture
def toos(village):
    return village.member("toos")


def all_of(village, kind, **equals):
    return village.store.read_now(lambda reading: reading.find(kind, **equals))


async def words_at(village, member, path):
    async with village.as_member(member) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return Page(answer).words


async def send(village, member, path, **data):
    async with village.as_member(member) as browser:
        return await browser.post(path, data=data)


async def test_a_topic_is_followed_and_let_go_by_a_button_on_its_page(village, noor, toos):
    """The button stands on the page of the topic, says what it does, and what apps call following is the same."""
    village.ask(toos, "Wie weet een fysio?", topics=("sport",))
    assert "Volg dit onderwerp" in await words_at(village, noor, "/o/sport")
    done = await send(village, noor, "/o/sport/volgen", do="start")
    assert (done.status_code, done.headers["location"]) == (303, "/o/sport?gedaan=gevolgd")
    words = await words_at(village, noor, done.headers["location"])
    assert "Je volgt dit nu. Alleen jij ziet dat." in words
    assert "Niet meer volgen" in words
    assert village.store.read_now(preferring.topics, noor) == ["sport"]
    await send(village, noor, "/o/sport/volgen", do="start")
    assert len(all_of(village, Interest, member_id=noor.id)) == 1
    gone = await send(village, noor, "/o/sport/volgen?terug=lijst", do="stop")
    assert gone.headers["location"] == "/volgen?gedaan=niet-gevolgd"
    assert village.store.read_now(preferring.topics, noor) == []


async def test_what_is_new_is_shown_until_it_was_seen(village, noor, toos):
    """New is what came after the last time that the member said so; a look alone changes nothing."""
    village.ask(toos, "Oude vraag", topics=("sport",))
    await send(village, noor, "/o/sport/volgen", do="start")
    first = await words_at(village, noor, "/volgen")
    assert "Oude vraag" in first
    assert await words_at(village, noor, "/volgen") == first
    newest = village.ask(toos, "Nieuwe vraag", topics=("sport",))
    village.ask(toos, "Iets heel anders", topics=("wonen",))
    village.ask(noor, "Mijn eigen vraag", topics=("sport",))
    words = await words_at(village, noor, "/volgen")
    assert words.index("Nieuwe vraag") < words.index("Oude vraag")
    assert "Iets heel anders" not in words
    assert "Mijn eigen vraag" not in words
    done = await send(village, noor, "/volgen", last=newest.id)
    assert "Niets nieuws. Je hebt alles gezien." in await words_at(village, noor, done.headers["location"])
    await send(village, noor, "/volgen", last="00000000000000000000000000")
    assert "Nieuwe vraag" not in await words_at(village, noor, "/volgen")
    village.ask(toos, "Weer een", topics=("sport",))
    assert "Weer een" in await words_at(village, noor, "/volgen")


async def test_who_never_looked_sees_two_weeks(village, noor, toos):
    """Not everything that was ever asked is new."""
    village.ask(toos, "Lang geleden", topics=("sport",))
    village.later(timedelta(days=15))
    village.ask(toos, "Gisteren", topics=("sport",))
    await send(village, noor, "/o/sport/volgen", do="start")
    words = await words_at(village, noor, "/volgen")
    assert "Gisteren" in words
    assert "Lang geleden" not in words


async def test_when_there_is_more_the_page_says_so(village, noor, toos):
    """The latest thirty, and where the others are."""
    for number in range(30):
        village.ask(toos, f"Sportvraag {number}", topics=("sport",))
    await send(village, noor, "/o/sport/volgen", do="start")
    assert "Er is nog meer." in await words_at(village, noor, "/volgen")
    (newest, *_) = village.store.read_now(
        lambda reading: sorted(reading.find(Question, author_id=toos.actor_id), key=lambda each: each.id)[-2:]
    )
    await send(village, noor, "/volgen", last=newest.id)
    words = await words_at(village, noor, "/volgen")
    assert "Er is nog meer." not in words
    assert words.count("Sportvraag") == 1


async def test_a_neighbourhood_is_followed_as_an_app_would(village, noor):
    """Our own and another pilot's; their new questions are new, and the other pilot is asked."""
    pilot = village.neighbour()
    piet = village.stranger("Piet")
    assert "kent dan je korte naam" in await words_at(village, noor, "/p/nieuwland")
    done = await send(village, noor, "/p/nieuwland/volgen", do="start")
    assert done.headers["location"] == "/p/nieuwland?gedaan=gevolgd"
    (follow,) = all_of(village, Follow, follower_id=noor.actor_id)
    assert follow.target_id == pilot.actor_id
    village.arrived(piet, "Van de buren", pilot)
    village.arrived(piet, "Alleen voor de buren", pilot, scope=Scope.PILOTS, status=QuestionStatus.HIDDEN)
    words = await words_at(village, noor, "/volgen")
    assert "Van de buren" in words
    assert "Alleen voor de buren" not in words
    assert "Nieuwland" in words
    await send(village, noor, "/p/nieuwland/volgen", do="stop")
    assert all_of(village, Follow, follower_id=noor.actor_id) == []
    await send(village, noor, "/p/wester/volgen", do="start")
    assert len(all_of(village, Follow, follower_id=noor.actor_id)) == 1


async def test_this_is_my_question_too_and_its_answers_are_told(village, noor, toos):
    """Who shares a question is told of each answer, once, and not of comments; who asked hears it as before."""
    asked = village.ask(toos, "Wie weet een fysio?")
    page = await words_at(village, noor, f"/v/{asked.id}")
    assert "Dit is mijn vraag ook" in page
    await send(village, noor, f"/v/{asked.id}/volgen", do="start")
    await send(village, noor, f"/v/{asked.id}/volgen", do="start")
    (concern,) = all_of(village, Concern, member_id=noor.id)
    assert concern.question_id == asked.id
    piet = village.member("piet")
    made = village.answer(piet, asked, "Die op de hoek.")
    village.answer(toos, asked, "Dank je.", parent_id=made.id)
    told = all_of(village, Notice, member_id=noor.id)
    assert [(each.kind, each.thing_uri) for each in told] == [(NoticeKind.NEWS, made.uri)]
    assert [each.kind for each in all_of(village, Notice, member_id=toos.id)] == [NoticeKind.REPLY]
    words = await words_at(village, noor, "/voor-jou")
    assert "Piet gaf antwoord op een vraag die je volgt." in words
    assert "Die op de hoek." in words
    await send(village, noor, f"/v/{asked.id}/volgen", do="stop")
    village.answer(piet, asked, "Of die andere.")
    assert len(all_of(village, Notice, member_id=noor.id)) == 1


async def test_nobody_is_told_of_their_own_answer_or_question(village, noor, toos):
    """Who shares a question and answers it is not told; one's own question cannot be shared."""
    mine, theirs = village.ask(noor, "Van mij"), village.ask(toos, "Van Toos")
    for asked in (mine, theirs):
        await send(village, noor, f"/v/{asked.id}/volgen", do="start")
    assert [each.question_id for each in all_of(village, Concern, member_id=noor.id)] == [theirs.id]
    assert "Dit is mijn vraag ook" not in await words_at(village, noor, f"/v/{mine.id}")
    village.answer(noor, theirs)
    assert all_of(village, Notice, member_id=noor.id) == []


async def test_following_shows_nothing_to_anybody_else(village, noor, toos):
    """The page is the same for its asker and others, however many share it."""
    asked = village.ask(toos, "Wie weet een fysio?", topics=("sport",))
    paths = (f"/v/{asked.id}", "/o/sport", "/p/wester", "/u/noor", f"/v/{asked.id}.atom")
    before = [await words_at(village, toos, path) for path in paths]
    for path in (f"/v/{asked.id}", "/o/sport", "/p/wester"):
        await send(village, noor, f"{path}/volgen", do="start")
    assert [await words_at(village, toos, path) for path in paths] == before
    assert all_of(village, Notice, member_id=toos.id) == []


async def test_g04_nothing_is_shown_by_following_that_was_not_before(village, noor, toos):
    """A question that is hidden, an answer that waits and somebody who is kept away are in no list."""
    asked = village.ask(toos, "Wie weet een fysio?", topics=("sport",))
    piet = village.member("piet")
    await send(village, noor, f"/v/{asked.id}/volgen", do="start")
    await send(village, noor, "/o/sport/volgen", do="start")
    answer = village.answer(piet, asked, "Die op de hoek.")
    village.store.run_now(lambda tx: tx.save(replace(answer, status=ReplyStatus.HIDDEN)))
    assert "Die op de hoek" not in await words_at(village, noor, "/voor-jou")
    village.store.run_now(lambda tx: tx.save(replace(answer, status=ReplyStatus.SHOWN)))
    assert "Die op de hoek" in await words_at(village, noor, "/voor-jou")
    village.store.run_now(preferring.silence, noor, SilenceKind.MUTE, toos.actor_id)
    assert "fysio" not in await words_at(village, noor, "/volgen")
    village.store.run_now(preferring.hear, noor, SilenceKind.MUTE, toos.actor_id)
    village.store.run_now(lambda tx: tx.save(replace(asked, status=QuestionStatus.HIDDEN)))
    for path in ("/volgen", "/voor-jou"):
        words = await words_at(village, noor, path)
        assert "fysio" not in words
        assert "op de hoek" not in words


async def test_what_one_may_not_see_cannot_be_followed(village, noor, toos):
    """A hidden question, an unknown topic or pilot, nonsense: missing, for all the same; nothing is kept."""
    hidden = village.ask(toos, "Verborgen", topics=("geheim-onderwerp",))
    village.store.run_now(lambda tx: tx.save(replace(hidden, status=QuestionStatus.HIDDEN)))
    paths = (
        *(f"/v/{hidden.id}", "/v/00000000000000000000000000", "/v/x", "/v/%00"),
        *("/o/nergens", "/o/%20", "/p/nergens", "/p/%00", f"/o/{'x' * 2000}"),
    )
    for path in paths:
        answer = await send(village, noor, f"{path}/volgen", do="start")
        assert answer.status_code == 404, path
    assert all_of(village, Concern, member_id=noor.id) == []
    assert all_of(village, Interest, member_id=noor.id) == []


async def test_a_passer_by_signs_in_first_and_reads_how_to_follow(village, toos):
    """The page for everybody names the feed and the name for Mastodon; the buttons are for members."""
    asked = village.ask(toos, "Wie weet een fysio?")
    async with village.browser() as browser:
        page = Page(await browser.get("/volgen"))
        assert "https://wester.example/vragen.atom" in page.words
        assert "@wester@wester.example" in page.words
        assert "volgen" not in str(Page(await browser.get(f"/v/{asked.id}")).all("form"))
        for path in (f"/v/{asked.id}/volgen", "/volgen", "/voor-jou"):
            assert (await browser.post(path, data={"do": "start"})).status_code == 401
        assert (await browser.get("/voor-jou")).status_code == 401
        assert (await browser.get(f"/v/{asked.id}/volgen")).headers["location"] == f"/v/{asked.id}"


async def test_messages_are_read_and_cleared_by_buttons(village, noor, toos):
    """New ones are marked until they were seen, as far as apps know it too; cleared ones are gone."""
    asked = village.ask(noor, "Wie weet een fysio?")
    assert "Geen berichten." in await words_at(village, noor, "/voor-jou")
    village.answer(toos, asked)
    assert "Toos gaf jou antwoord." in await words_at(village, noor, "/voor-jou")
    assert "Nieuw" in await words_at(village, noor, "/voor-jou")
    (notice,) = all_of(village, Notice, member_id=noor.id)
    await send(village, noor, "/voor-jou", last=notice.id)
    words = await words_at(village, noor, "/voor-jou")
    assert "Toos gaf jou antwoord." in words
    assert "Nieuw" not in words
    assert village.store.read_now(preferring.markers, noor)["notifications"].last_id == notice.id
    for wrong in ("x", "", "\x00"):
        assert (await send(village, noor, "/voor-jou", last=wrong)).status_code == 404
    await send(village, noor, "/voor-jou", do="weg")
    assert "Geen berichten." in await words_at(village, noor, "/voor-jou")


async def test_many_messages_come_in_parts(village, noor, toos):
    """Thirty on a page, and a link to older ones."""
    asked = village.ask(noor, "Wie weet een fysio?")
    for number in range(32):
        village.answer(toos, asked, f"Antwoord {number} van velen.")
    async with village.as_member(noor) as browser:
        first = Page(await browser.get("/voor-jou"))
        (older,) = [link for link in first.links() if "voor=" in link]
        second = Page(await browser.get(older))
    assert first.words.count("van velen") == 30
    assert second.words.count("van velen") == 2


async def test_e05_hostile_names_and_texts_are_words_in_messages(village, noor):
    """What a stranger is called and says is shown as text."""
    asked = village.ask(noor, "Wie weet een fysio?")
    stranger = village.stranger("Piet")
    village.store.run_now(lambda tx: tx.save(replace(stranger, name=HOSTILE)))
    made = village.arrived_answer(stranger, asked, HOSTILE)
    village.store.run_now(lambda tx: notices.tell_replied(tx, made, asked))
    async with village.as_member(noor) as browser:
        page = Page(await browser.get("/voor-jou"))
    assert not [tag for tag, attributes in page.tags if tag == "script" or "onmouseover" in attributes]


async def test_all_is_let_go_at_once(village, noor, toos):
    """One button ends all that is followed on the site; people followed in an app stay."""
    asked = village.ask(toos, "Wie weet een fysio?", topics=("sport",))
    assert "Je volgt nog niets." in await words_at(village, noor, "/volgen")
    for path in (f"/v/{asked.id}", "/o/sport", "/p/wester"):
        await send(village, noor, f"{path}/volgen", do="start")
    village.store.run_now(lambda tx: follows.ask(tx, village.actor(noor), village.actor(toos)))
    done = await send(village, noor, "/volgen", do="stop")
    assert "Je volgt nog niets." in await words_at(village, noor, done.headers["location"])
    (left,) = all_of(village, Follow, follower_id=noor.actor_id)
    assert left.target_id == toos.actor_id


async def test_who_follows_too_much_is_asked_to_let_go(village, noor, monkeypatch):
    """There is an end to it, with a sentence and nothing lost."""
    monkeypatch.setattr(preferring, "MOST_FOLLOWED", 2)
    for name in ("wonen", "slapen", "sport"):
        village.ask(noor, f"Over {name}", topics=(name,))
    answers = [
        await send(village, noor, f"/o/{name}/volgen", do="start") for name in ("wonen", "slapen", "sport")
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 422]
    assert "Laat eerst iets los." in Page(answers[-1]).words
    assert sorted(village.store.read_now(preferring.topics, noor)) == ["slapen", "wonen"]


async def test_it_goes_with_the_question_and_with_the_account(village, noor, toos):
    """What was shared is forgotten when the question is deleted, or its follower leaves."""
    first, second = village.ask(toos, "Een"), village.ask(toos, "Twee")
    for asked in (first, second):
        await send(village, noor, f"/v/{asked.id}/volgen", do="start")
    village.store.run_now(questions.withdraw, village.actor(toos), first.id)
    assert [each.question_id for each in all_of(village, Concern, member_id=noor.id)] == [second.id]
    village.store.run_now(members.leave, noor)
    assert all_of(village, Concern, question_id=second.id) == []
