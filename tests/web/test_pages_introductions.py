"""F2 on the pages: offering help, what fits, getting to know each other; in Dutch, without scripts, without a name."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from tests.web.visiting import HOSTILE, Page, Village
from vraagbaak.model import Offer, Role, Scope
from web import exporting

NEED, CAN = "Wie wil er met mij biljarten?", "Ik biljart graag met een ander."
NAMES = re.compile(r"\b(noor|sam)\b", re.IGNORECASE)


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


def main_of(response):
    """What the page itself says, without the name of who is signed in at its head."""
    return response.text.partition("<main")[2].partition("</main>")[0]


async def test_f2_from_offer_to_worked_out(village, noor, sam):
    """Offer, 'Deze vraag past bij jou', 'Maak kennis' from both sides, a talk, 'Gelukt'."""
    question = village.ask(noor, NEED, Scope.NEIGHBOURHOOD)
    asker, helper = village.as_member(noor), village.as_member(sam)
    sent = {
        "body": CAN,
        "availability": "vrijdag 's avonds",
        "distance": "2",
        "capacity": "1",
        "channel": "meeting-place",
        "scope": "neighbourhood",
    }
    made = await helper.post("/meehelpen", data=sent)
    path = made.headers["location"].partition("?")[0]
    offer = village.store.read_now(lambda r: r.get(Offer, path.split("/")[2]))
    assert "Een buurtgenoot kan dit met je doen." in await words(asker, "/voor-jou")
    assert "Deze vraag past bij wat jij aanbiedt." in await words(helper, "/voor-jou")
    assert (offer.times, offer.distance, offer.capacity, offer.channel) == (
        ("fri-evening",),
        2,
        1,
        "meeting-place",
    )
    fitting = await helper.get(path)
    assert "Deze vraag past bij jou" in Page(fitting).words
    assert "omdat: biljarten, in je eigen buurt" in Page(fitting).words
    assert not NAMES.search(main_of(fitting))
    page = await asker.get(f"/v/{question.id}")
    assert "1 buurtgenoot kan dit met je doen" in Page(page).words
    assert "sam" not in page.text.lower()

    yes = {"question": question.id, "offer": offer.id}
    talk = (await asker.post("/kennismaken", data=yes)).headers["location"]
    assert "weet niet wie je bent" in await words(asker, talk)
    assert "sam" not in (await asker.get(talk)).text.lower()
    waiting = await helper.get(talk)
    assert "De ander zei ja" in Page(waiting).words
    assert not NAMES.search(main_of(waiting))
    assert (await helper.post("/kennismaken", data=yes)).headers["location"] == talk
    assert "Jij en Noor" in await words(helper, talk)
    assert "Jij en Sam" in await words(asker, talk)
    assert "De Wegwijzer" in await words(asker, talk)
    said = await asker.post(talk, data={"body": "Vrijdag om acht uur?"})
    assert said.headers["location"].startswith(f"{talk}#r-")
    assert "Vrijdag om acht uur?" in await words(helper, talk)
    assert (await helper.post(f"{talk}/gelukt")).headers["location"] == talk
    assert "Het is gelukt" in await words(asker, talk)
    assert (await asker.post(talk, data={"body": "Nog iets"})).status_code == 422


async def test_nobody_reads_who_offers(village, noor, sam):
    """Not on a page, in the plain API or in that of Mastodon; not who passes by, not who is signed in."""
    question = village.ask(noor, NEED)
    village.offer(sam, CAN)
    village.offer(sam, "Ik kom langs.", question_id=question.id)
    pages = ["/meehelpen", f"/v/{question.id}", "/"]
    calls = [
        "/api/v1/timelines/public",
        f"/api/v1/accounts/lookup?acct={village.config.home.persona_handle}",
    ]
    for client in (village.browser(), village.as_member(noor)):
        for path in pages + calls:
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert "sam" not in answer.text.lower().replace("samen", "").replace("samaritaan", ""), path


async def test_a_talk_is_for_its_two_alone(village, noor, sam):
    """Another member, a steward and a passer-by cannot tell it from one that is not there."""
    question = village.ask(noor, NEED)
    offer = village.offer(sam, CAN)
    yes = {"question": question.id, "offer": offer.id}
    talk = (await village.as_member(noor).post("/kennismaken", data=yes)).headers["location"]
    missing = "/kennismaken/" + "0" * 26
    steward, other = village.member("lien", Role.STEWARD), village.member("toos")
    for member in (steward, other):
        client = village.as_member(member)
        for tail in ("", "/gelukt", "/stoppen"):
            for method in ("GET", "POST"):
                if (method, tail) in {("GET", "/gelukt"), ("GET", "/stoppen")}:
                    continue
                found = [
                    await client.request(method, path + tail, data={"body": "Hoi"})
                    for path in (talk, missing)
                ]
                assert [answer.status_code for answer in found] == [404, 404], (method, tail)
        assert (await client.post("/kennismaken", data=yes)).status_code == 404
        assert (await client.get(f"/meehelpen/{offer.id}/vragen")).status_code in {403, 404}
    for path in ("/kennismaken", talk, f"/meehelpen/{offer.id}/vragen"):
        assert (await village.browser().get(path)).status_code == 401


async def test_an_offer_has_a_pause(village, noor, sam):
    """One button; while it lasts the asker is not shown it."""
    question, offer = village.ask(noor, NEED), village.offer(sam, CAN)
    helper, asker = village.as_member(sam), village.as_member(noor)
    await helper.post(f"/meehelpen/{offer.id}/pauze")
    assert "Je aanbod heeft pauze" in await words(helper, f"/meehelpen/{offer.id}/vragen")
    assert "kan dit met je doen" not in await words(asker, f"/v/{question.id}")
    await helper.post(f"/meehelpen/{offer.id}/aanpassen", data={"body": CAN + " Altijd."})
    assert village.store.read_now(lambda r: r.get(Offer, offer.id)).paused
    await helper.post(f"/meehelpen/{offer.id}/pauze")
    assert "kan dit met je doen" in await words(asker, f"/v/{question.id}")


@pytest.mark.parametrize(
    ("field", "value"),
    [("capacity", "veel"), ("capacity", "999"), ("distance", "-1"), ("distance", "9" * 50)],
)
async def test_what_is_no_number_is_said_in_place(village, sam, field, value):
    """Nothing that was typed is lost."""
    answer = await village.as_member(sam).post("/meehelpen", data={"body": CAN, field: value})
    assert answer.status_code == 422
    assert CAN in answer.text


@pytest.mark.parametrize(
    "sent", [{"x": "1"}, {"question": HOSTILE, "offer": "x"}, {"question": "0" * 26, "offer": "0" * 26}]
)
async def test_nonsense_introduces_nobody(village, sam, sent):
    """Ids that are none, or are not there."""
    assert (await village.as_member(sam).post("/kennismaken", data=sent)).status_code == 404


async def test_what_somebody_says_is_only_text(village, noor, sam):
    """Markup in a talk is shown as it was typed."""
    yes = {"question": village.ask(noor, NEED).id, "offer": village.offer(sam, CAN).id}
    asker, helper = village.as_member(noor), village.as_member(sam)
    await asker.post("/kennismaken", data=yes)
    talk = (await helper.post("/kennismaken", data=yes)).headers["location"]
    await asker.post(talk, data={"body": HOSTILE})
    assert "<script>alert" not in (await helper.get(talk)).text
    assert "&lt;script&gt;" in (await helper.get(talk)).text


async def test_what_somebody_takes_out_holds_their_own_words_of_a_talk_alone(village, noor, sam):
    """One's introductions and remarks, nothing of who the other is or said."""
    yes = {"question": village.ask(noor, NEED).id, "offer": village.offer(sam, CAN).id}
    asker, helper = village.as_member(noor), village.as_member(sam)
    await asker.post("/kennismaken", data=yes)
    talk = (await helper.post("/kennismaken", data=yes)).headers["location"]
    await asker.post(talk, data={"body": "Van Noor"})
    await helper.post(talk, data={"body": "Geheim van de ander"})
    media = village.app.state.site.media
    packed = village.store.read_now(exporting.export_member, noor.id, media)
    everything = zipfile.ZipFile(io.BytesIO(packed)).read("everything.json").decode()
    assert "Van Noor" in everything
    assert '"asks": true' in everything
    assert "Geheim van de ander" not in everything
    assert sam.actor_id not in everything
