"""What people do on the pages, from asking to 'this helped', in Dutch and without JavaScript."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest

from tests.web.visiting import Page, Village
from vraagbaak import follows, questions
from vraagbaak.model import (
    Actor,
    Answer,
    Offer,
    Peer,
    Perspective,
    Question,
    QuestionStatus,
    ReplyStatus,
    Role,
    Scope,
)
from web import passwords

PASSWORD = "fiets regen brood"


@pytest.fixture
def village(store_factory):
    return Village(
        store_factory, meeting_place="De Wegwijzer", hours="ma-vr", steward_name="Lien", contact="a@b.example"
    )


@pytest.fixture
def noor(village):
    return village.member("noor")


@pytest.fixture
def sam(village):
    return village.member("sam")


async def words(client, path):
    return Page(await client.get(path)).words


async def test_a_question_is_asked_answered_and_marked(village, noor, sam):
    """From the field on the front page to 'dit hielp', each step a plain form and a redirect."""
    asker, helper = village.as_member(noor), village.as_member(sam)
    form = Page(await asker.post("/vraag", data={"begin": "1", "title": "Wie snoeit mijn heg"}))
    assert [a["value"] for a in form.all("input") if a["name"] == "title"] == ["Wie snoeit mijn heg"]
    assert [a["value"] for a in form.all("input") if a["name"] == "scope" and "checked" in a] == [
        "neighbourhood"
    ]
    made = await asker.post(
        "/vraag", data={"title": "Wie snoeit mijn heg", "topics": "wonen", "scope": "public"}
    )
    where = made.headers["location"].partition("?")[0]
    assert made.status_code == 303
    assert "Je vraag is gesteld" in await words(asker, made.headers["location"])
    said = await helper.post(
        f"{where}/antwoord", data={"body": "Ik kom zaterdag.", "perspective": "resident"}
    )
    answer_id = said.headers["location"].partition("#a-")[2]
    assert "Dit hielp mij" in await words(asker, where)
    assert "Dit hielp mij" not in await words(helper, where)
    marked = await asker.post(f"{where}/hielp", data={"answer": answer_id, "mark": "helped"})
    assert marked.headers["location"] == f"{where}#a-{answer_id}"
    assert "Dit hielp" in await words(village.browser(), where)
    assert "Wie snoeit mijn heg" in await words(village.browser(), "/")
    await asker.post(f"{where}/hielp", data={"answer": answer_id, "mark": ""})
    assert "Dit hielp" not in await words(village.browser(), where)


async def test_answers_stand_by_perspective_and_never_by_role(village, noor, sam):
    """Lived experience first, a professional last, whoever came first; missing perspectives are named."""
    question = village.ask(noor)
    village.answer(sam, question, "Vakwerk", perspective=Perspective.PROFESSIONAL)
    village.answer(sam, question, "Meegemaakt", perspective=Perspective.EXPERIENCE_EXPERT)
    found = await words(village.browser(), f"/v/{question.id}")
    assert found.index("Meegemaakt") < found.index("Vakwerk")
    missing = "Nog geen antwoord van: een naaste, een bewoner, een wijkinitiatief, een ondernemer."
    assert missing in found
    village.store.run_now(questions.close, village.actor(noor), question.id)
    assert "Nog geen antwoord" not in await words(village.browser(), f"/v/{question.id}")


async def test_comments_stand_under_their_answer(village, noor, sam):
    """A comment on a comment stays with the answer that the talk began with."""
    question = village.ask(noor)
    answer = village.answer(sam, question, "Eerst")
    client = village.as_member(noor)
    sent = {"body": "Dank je", "perspective": "resident", "parent": answer.id}
    made = await client.post(f"/v/{question.id}/antwoord", data=sent)
    sent = {
        "body": "Graag gedaan",
        "perspective": "resident",
        "parent": made.headers["location"].partition("#a-")[2],
    }
    await village.as_member(sam).post(f"/v/{question.id}/antwoord", data=sent)
    found = await words(village.browser(), f"/v/{question.id}")
    assert found.index("Eerst") < found.index("Dank je") < found.index("Graag gedaan")
    cards = await words(village.browser(), "/vragen")
    assert "1 antwoord" in cards


async def test_the_asker_changes_narrows_closes_and_deletes(village, noor, sam):
    """All that only the asker may do, each with a page or button."""
    question = village.ask(noor, "Wie kent een fysio?")
    village.answer(sam, question)
    client, where = village.as_member(noor), f"/v/{question.id}"
    typed = Page(await client.get(f"{where}/aanpassen"))
    assert [a["value"] for a in typed.all("input") if a["name"] == "title"] == ["Wie kent een fysio?"]
    await client.post(f"{where}/aanpassen", data={"title": "Wie kent een goede fysio?", "topics": "zorg"})
    await client.post(f"{where}/klaar")
    assert "klaar, bedankt" in await words(village.browser(), where)
    assert (
        await village.as_member(sam).post(f"{where}/antwoord", data={"body": "Nog", "perspective": "family"})
    ).status_code == 422
    await client.post(f"{where}/heropen")
    await client.post(f"{where}/minder", data={"scope": "neighbourhood"})
    assert (await village.browser().get(where)).status_code == 404
    changed = village.store.read_now(lambda r: r.get(Question, question.id))
    assert (changed.title, changed.status, changed.scope) == (
        "Wie kent een goede fysio?",
        QuestionStatus.OPEN,
        Scope.NEIGHBOURHOOD,
    )
    assert "Verwijder overal" in await words(client, f"{where}/verwijderen")
    assert (await client.post(f"{where}/verwijderen")).status_code == 303
    assert (await client.get(where)).status_code == 404


async def test_reading_a_button_address_changes_nothing(village, noor):
    """Every address with a button can be opened; opening it is never the deed."""
    question = village.ask(noor)
    client = village.as_member(noor)
    for act in ("klaar", "heropen", "hielp", "antwoord"):
        assert (await client.get(f"/v/{question.id}/{act}")).status_code == 303
    for path in (f"/v/{question.id}/verwijderen", "/afmelden", "/mij/overal-afmelden", "/mij/weg"):
        await client.get(path)
    assert village.store.read_now(lambda r: r.get(Question, question.id)) == question
    assert (await client.get("/mij")).status_code == 200


async def test_an_own_answer_is_changed_and_deleted(village, noor, sam):
    """The author changes text and perspective, or takes it all back."""
    question = village.ask(noor)
    answer = village.answer(sam, question)
    client = village.as_member(sam)
    await client.post(f"/a/{answer.id}/aanpassen", data={"body": "Beter gezegd", "perspective": "family"})
    changed = village.store.read_now(lambda r: r.get(Answer, answer.id))
    assert (changed.body, changed.perspective) == ("Beter gezegd", Perspective.FAMILY)
    await client.post(f"/a/{answer.id}/verwijderen")
    assert "Beter gezegd" not in await words(village.browser(), f"/v/{question.id}")


async def test_an_offer_is_made_for_all_or_for_one_question(village, noor, sam):
    """A standing offer stands on /meehelpen; one to a question stands with it, and is seen no wider."""
    question = village.ask(noor, scope=Scope.PILOTS)
    client = village.as_member(sam)
    made = await client.post(
        "/meehelpen", data={"body": "Ik kan klussen", "topics": "wonen", "scope": "public"}
    )
    assert re.fullmatch(r"/meehelpen/[0-9a-z]{26}/vragen\?gedaan=aangeboden", made.headers["location"])
    sent = {"body": "Ik loop met je mee", "question": question.id, "scope": "public"}
    made = await client.post("/meehelpen", data=sent)
    assert made.headers["location"].startswith(f"/v/{question.id}?gedaan=aangeboden#o-")
    offer = village.store.read_now(lambda r: r.get(Offer, made.headers["location"].partition("#o-")[2]))
    assert offer.scope is Scope.PILOTS
    assert "Ik loop met je mee" in await words(village.as_member(noor), f"/v/{question.id}")
    assert "Ik kan klussen" in await words(village.browser(), "/meehelpen?onderwerp=wonen")
    await client.post(f"/meehelpen/{offer.id}/aanpassen", data={"body": "Morgen dan"})
    assert "Morgen dan" in await words(client, "/mij")
    await client.post(f"/meehelpen/{offer.id}/verwijderen")
    assert "Morgen dan" not in await words(client, "/mij")


async def test_somebody_joins_with_an_invitation_and_signs_in(village):
    """Invitation, name and password are all it takes; the invitation is shown once and used up."""
    steward = village.as_member(village.member("lien", Role.STEWARD))
    shown = Page(await steward.post("/mij/uitnodigen", data={"role": "resident", "uses": "1"})).words
    code = re.search(r"https://wester\.example(/welkom/\S+)", shown)[1]
    browser = village.browser()
    wrong = await browser.post(code, data={"handle": "toos", "name": "Toos", "password": "x9z"})
    assert (wrong.status_code, 'value="toos"' in wrong.text, "x9z" in wrong.text) == (422, True, False)
    joined = await browser.post(
        code, data={"handle": "toos", "name": "Toos", "password": PASSWORD, "language": "nl"}
    )
    assert "__Host-session" in joined.headers["set-cookie"]
    assert "Welkom" in await words(browser, joined.headers["location"])
    assert (await village.browser().get(code)).status_code == 404
    again = village.browser()
    wrong = await again.post("/aanmelden", data={"handle": "toos", "password": "iets anders nu"})
    assert (wrong.status_code, "horen niet bij elkaar" in wrong.text) == (422, True)
    signed = await again.post(
        "/aanmelden", data={"handle": " Toos ", "password": PASSWORD, "onward": "/vraag"}
    )
    assert signed.headers["location"] == "/vraag"
    out = await again.post("/afmelden")
    assert "__Host-session" in out.headers["set-cookie"]
    assert (await again.get("/mij")).status_code == 401


async def test_a_new_password_ends_other_sessions(village):
    """This browser stays signed in, every other is signed out."""
    member = village.member("toos", password_hash=await passwords.hashed(PASSWORD))
    here, there = village.as_member(member), village.as_member(member)
    wrong = await here.post("/mij/wachtwoord", data={"old": "x", "password": "zon maan ster"})
    assert (wrong.status_code, "niet je wachtwoord" in wrong.text) == (422, True)
    changed = await here.post("/mij/wachtwoord", data={"old": PASSWORD, "password": "zon maan ster"})
    assert changed.status_code == 303
    assert (await there.get("/mij")).status_code == 401
    here.cookies.clear()
    here.cookies.set("__Host-session", changed.cookies["__Host-session"], domain="wester.example")
    assert (await here.get("/mij")).status_code == 200
    await here.post("/mij/overal-afmelden")
    assert (await here.get("/mij")).status_code == 401


async def test_a_moderator_shows_and_hides(village, noor):
    """What came from outside waits until somebody showed it; what harms is hidden again."""
    client = village.as_member(village.member("mo", Role.MODERATOR))
    question = village.ask(noor)
    bob = village.stranger("Bob", "mastodon.example")
    held = village.arrived_answer(bob, question, "Hallo van buiten", status=ReplyStatus.HELD)
    assert "Hallo van buiten" in await words(client, "/nakijken")
    await client.post("/nakijken", data={"kind": "answer", "id": held.id, "do": "show"})
    found = await words(village.browser(), f"/v/{question.id}")
    assert "Bob · Van buiten – mastodon.example" in found
    await client.post("/nakijken", data={"kind": "answer", "id": held.id, "do": "hide"})
    assert "Hallo van buiten" not in await words(village.browser(), f"/v/{question.id}")


async def test_hiding_stays_where_it_was_done_and_is_undone_there(village, noor, sam):
    """The thing itself says that it is hidden, with a button that turns it back; also from the list of what is hidden."""
    client = village.as_member(village.member("mo", Role.MODERATOR))
    question = village.ask(noor, "Dit kwetst iemand", Scope.PILOTS)
    answer, offer = village.answer(sam, question, "Ook dit"), village.offer(sam, "En dit aanbod")
    reply = village.offer(sam, "Meelopen", question_id=question.id)
    for kind, thing, where in (
        ("offer", reply, f"/v/{question.id}?gedaan=verborgen#o-{reply.id}"),
        ("offer", offer, f"/meehelpen?gedaan=verborgen#o-{offer.id}"),
        ("answer", answer, f"/v/{question.id}?gedaan=verborgen#a-{answer.id}"),
        ("question", question, f"/v/{question.id}?gedaan=verborgen"),
    ):
        sent = {"kind": kind, "id": thing.id, "there": "1"}
        hidden = await client.post("/nakijken", data=sent | {"do": "hide"})
        assert hidden.headers["location"] == where
        found = Page(await client.get(where.partition("#")[0]))
        assert "Het is verborgen." in found.words
        assert "Terugdraaien" in found.words
    assert "Terugdraaien" not in await words(village.as_member(noor), f"/v/{question.id}")
    for shown in ("Dit kwetst iemand", "Ook dit", "En dit aanbod", "Meelopen"):
        assert shown in (await words(client, "/nakijken")).partition("Wat is verborgen?")[2]
    back = await client.post("/nakijken", data=sent | {"do": "show"})
    assert back.headers["location"] == f"/v/{question.id}?gedaan=getoond"
    await client.post("/nakijken", data={"kind": "answer", "id": answer.id, "do": "show"})
    assert "Ook dit" in await words(village.as_member(noor), f"/v/{question.id}")


async def test_who_asked_what_is_hidden_does_not_read_that_all_see_it(village, noor):
    """The asker reads that it is hidden, and nothing of who would have seen it."""
    from vraagbaak import moderation

    question = village.ask(noor, scope=Scope.PILOTS)
    seen = "Mensen in alle proeftuinen zien dit"
    assert seen in await words(village.as_member(noor), f"/v/{question.id}")
    village.store.run_now(moderation.hide, village.member("mo", Role.MODERATOR), Question, question.id)
    found = await words(village.as_member(noor), f"/v/{question.id}")
    assert (seen in found, "Verborgen door een bemiddelaar." in found) == (False, True)


async def test_the_asker_replies_as_the_asker(village, noor, sam):
    """Under their own question nobody asks an asker from where they speak; the page says that they asked it."""
    question = village.ask(noor)
    answer = village.answer(sam, question, "Eerst")
    client, where = village.as_member(noor), f"/v/{question.id}"
    form = Page(await client.get(where))
    assert len([a for a in form.all("input") if a["name"] == "perspective"]) == len(Perspective)
    made = await client.post(f"{where}/antwoord", data={"body": "Dank je", "parent": answer.id})
    assert made.status_code == 303
    found = await words(village.browser(), where)
    assert "Noor · uit Wester · stelde de vraag" in found
    key = made.headers["location"].partition("#a-")[2]
    edit = Page(await client.get(f"/a/{key}/aanpassen"))
    assert not [a for a in edit.all("input") if a["name"] == "perspective"]
    assert (await client.post(f"/a/{key}/aanpassen", data={"body": "Dank!"})).status_code == 303
    assert (await client.post(f"{where}/antwoord", data={"body": "Zelf bedacht"})).status_code == 422
    sent = {"body": "Ook ik", "parent": answer.id}
    assert (await village.as_member(sam).post(f"{where}/antwoord", data=sent)).status_code == 422


async def test_the_form_names_exactly_those_who_will_get_the_question(village, noor):
    """Whom 'alle proeftuinen' means is what the domain says, not whom we happen to know."""
    village.neighbour()
    village.neighbour("Malburgen", "malburgen.example")
    client = village.as_member(noor)
    for path in ("/vraag", "/meehelpen"):
        assert "2 andere buurten: Malburgen, Nieuwland" in await words(client, path)
    village.store.run_now(no_longer_trusted_by, "malburgen.example")
    for path in ("/vraag", "/meehelpen"):
        assert "1 andere buurt: Nieuwland" in await words(client, path)


def no_longer_trusted_by(tx, domain):
    """A pilot stops following us, as one that trusts us no more."""
    application = tx.one(Actor, uri=tx.get(Peer, domain).application_uri)
    follows.receive_undo(tx, application, tx.one(Actor, uri=tx.home.group_uri))


async def test_the_language_is_chosen_by_address_and_kept(village, noor):
    """`?taal=en` speaks English, every own link and form keeps it, and no cookie is needed."""
    village.ask(noor)
    browser = village.browser()
    for path in ("/", "/vragen", "/vraag", "/aanmelden", "/hulp", "/v/x", "/o/slapen"):
        found = await browser.get(f"{path}?taal=en")
        page = Page(found)
        assert page.all("html")[0]["lang"] == "en"
        own = [link for link in page.links() if link.startswith("/") and not link.startswith("/static/")]
        assert all("taal=" in link for link in own), (path, own)
        for form in page.all("form"):
            kept = "taal=en" in form["action"]
            hidden = {"type": "hidden", "name": "taal", "value": "en"} in page.all("input")
            assert kept, path
            assert form["method"] == "post" or hidden, path
        assert "Vragen" not in page.words
    answered = await village.as_member(noor).post("/vraag?taal=en", data={"title": "Wat nu dan?"})
    assert answered.headers["location"].endswith("&taal=en")
    wrong = Page(await village.as_member(noor).post("/vraag?taal=en", data={"title": ""}))
    assert "Fill in your question." in wrong.words
    assert "/vraag?taal=nl" in wrong.links()


async def test_a_member_keeps_a_language(village, noor):
    """The setting of a member counts without anything in the address."""
    client = village.as_member(noor)
    await client.post("/mij/taal?taal=nl", data={"language": "en"})
    assert Page(await client.get("/")).all("html")[0]["lang"] == "en"
    await client.post("/mij/taal", data={"language": "xx"})
    assert Page(await client.get("/")).all("html")[0]["lang"] == "en"


async def test_lists_go_on_where_they_stopped(village, noor):
    """Twenty a page, then 'Oudere vragen', until all were seen once, with the filters kept."""
    made = {village.ask(noor, f"Vraag nummer {number}?", topics=("wonen",)).id for number in range(45)}
    village.ask(noor, "Iets anders", topics=("werk",))
    path, seen = "/o/wonen?taal=nl", []
    while path:
        page = Page(await village.browser().get(path))
        seen += [a["id"][2:] for a in page.all("li") if (a.get("id") or "").startswith("q-")]
        path = next((a["href"] for a in page.all("a") if a.get("rel") == "next"), "")
    assert len(seen) == len(set(seen)) == 45
    assert set(seen) == made


async def test_only_without_an_answer(village, noor, sam):
    """`zonder-antwoord` leaves out what has an answer that the reader may see."""
    village.answer(sam, village.ask(noor, "Heeft antwoord"))
    village.ask(noor, "Wacht nog")
    found = await words(village.browser(), "/vragen?zonder-antwoord=1")
    assert "Wacht nog" in found
    assert "Heeft antwoord" not in found


async def test_a_pilot_has_a_page(village, noor):
    """Name, questions and Fediverse address; an unknown pilot and one that is trusted no more are missing."""
    pilot = village.neighbour()
    village.arrived(village.stranger("Henk"), "Wat doen jullie zondag?", pilot=pilot)
    found = await words(village.browser(), "/p/nieuwland")
    assert "Wat doen jullie zondag?" in found
    assert "@nieuwland@nieuwland.example" in found
    assert "Henk · uit Nieuwland" in found
    assert "Nieuwland" in await words(village.browser(), "/proeftuinen")
    assert "Wat doen jullie zondag?" in await words(village.browser(), "/")
    assert (await village.browser().get("/p/nergens")).status_code == 404
    from vraagbaak import peers
    from vraagbaak.model import Standing

    village.store.run_now(peers.decide, "nieuwland.example", Standing.LIMITED)
    assert (await village.browser().get("/p/nieuwland")).status_code == 404
    assert "Van buiten – nieuwland.example" in await words(village.browser(), "/vragen")


async def test_search_engines_are_told_what_is_not_theirs(village, noor):
    """Sensitive, remote and narrower questions say noindex; a public plain one names its ActivityPub form."""
    plain, delicate = (
        village.ask(noor, topics=("wonen",)),
        village.ask(noor, "En ik dan?", topics=("eenzaamheid",)),
    )
    foreign = village.arrived(village.stranger("Henk"), "Van elders")
    shown = Page(await village.browser().get(f"/v/{plain.id}"))
    assert "noindex, noarchive" not in [a.get("content") for a in shown.all("meta")]
    assert {"rel": "alternate", "type": "application/activity+json", "href": plain.uri} in shown.all("link")
    for question in (delicate, foreign):
        page = Page(await village.browser().get(f"/v/{question.id}"))
        assert "noindex, noarchive" in [a.get("content") for a in page.all("meta")]


async def test_of_who_asks_without_an_account_only_the_day_is_told(village):
    """The shared name is no link, and no hour stands by it."""
    from vraagbaak import moderation, pilots

    persona = village.store.run_now(pilots.persona)
    draft = questions.Draft(title="Durf ik dit te vragen?", scope=Scope.PUBLIC)
    held = village.store.run_now(questions.ask, persona, draft)
    moderator = village.member("mo", Role.MODERATOR)
    village.store.run_now(moderation.release, moderator, Question, held.id)
    page = Page(await village.browser().get(f"/v/{held.id}"))
    assert all(":" not in (a["datetime"] or "") for a in page.all("time"))
    assert "/u/buurtgenoot-wester" not in page.links()


async def test_time_is_told_in_words(village, noor):
    """How long ago, in the language of the page."""
    question = village.ask(noor)
    assert "zojuist" in await words(village.browser(), f"/v/{question.id}")
    village.later(timedelta(hours=3))
    assert "3 uur geleden" in await words(village.browser(), f"/v/{question.id}")
    assert "3 hours ago" in await words(village.browser(), f"/v/{question.id}?taal=en")


async def test_empty_pages_say_what_to_do(village, noor):
    """A new pilot shows no empty boxes but what the next step is."""
    assert "Begin jij?" in await words(village.as_member(noor), "/")
    assert "Er zijn nog geen openbare vragen" in await words(village.browser(), "/")
    for path in ("/vragen", "/meehelpen", "/p/wester", "/u/noor"):
        assert "leeg" not in await words(village.browser(), path)
        assert Page(await village.browser().get(path)).all("h1")
    mine = await words(village.as_member(noor), "/mij")
    assert "Je hebt nog niets gevraagd" in mine


async def test_every_page_has_one_heading_and_named_fields(village, noor):
    """One h1, no heading level skipped, a label for every field, an id used once."""
    question = village.ask(noor)
    village.answer(village.member("sam"), question)
    client = village.as_member(village.member("lien", Role.STEWARD))
    asker = village.as_member(noor)
    for who, path in [
        *(
            (client, path)
            for path in ("/", "/vragen", "/vraag", "/meehelpen", "/mij", "/nakijken", "/mij/uitnodigen")
        ),
        *((asker, f"/v/{question.id}{act}") for act in ("", "/aanpassen", "/minder", "/verwijderen")),
        *(
            (village.browser(), path)
            for path in ("/aanmelden", "/nul", "/hulp", "/beheer", "/toegankelijkheid")
        ),
    ]:
        found = await who.get(path)
        assert found.status_code == 200, path
        page = Page(found)
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), (
            path,
            levels,
        )
        ids = [a["id"] for _, a in page.tags if a.get("id")]
        assert len(ids) == len(set(ids)), (path, [each for each in ids if ids.count(each) > 1])
        labelled = {a.get("for") for a in page.all("label")}
        for tag, a in page.tags:
            if tag in {"input", "textarea", "select"} and a.get("type") not in {
                "hidden",
                "radio",
                "checkbox",
            }:
                assert a["id"] in labelled, (path, a)
        for a in (a for _, a in page.tags if a.get("aria-describedby")):
            assert set(a["aria-describedby"].split()) <= set(ids), (path, a)


async def test_a_moderator_hides_an_offer_where_it_stands(village, sam):
    """The button stands with the offer, for moderators alone."""
    offer = village.offer(sam, "Schadelijk aanbod")
    client = village.as_member(village.member("mo", Role.MODERATOR))
    assert "Verberg" in await words(client, "/meehelpen")
    assert "Verberg" not in await words(village.as_member(sam), "/meehelpen")
    await client.post("/nakijken", data={"kind": "offer", "id": offer.id, "do": "hide"})
    assert "Schadelijk aanbod" not in await words(village.browser(), "/meehelpen")
