"""The pages against those who do not mean well, and against accidents."""

from __future__ import annotations

import pytest

from tests.web.visiting import HOSTILE, Page, Village, external
from vraagbaak.model import Answer, Mark, Offer, Question, QuestionStatus, ReplyStatus, Role, Scope

MISSING = "0" * 26
PUBLIC_PAGES = (
    "/",
    "/vragen",
    "/vraag",
    "/zoeken",
    "/meehelpen",
    "/proeftuinen",
    "/p/wester",
    "/o/slapen",
    "/aanmelden",
    "/nul",
    "/hulp",
    "/beheer",
    "/toegankelijkheid",
    "/b/wester",
    "/u/noor",
)


def only_our_script(page, path):
    """The one script there is, from a file of our own; none inside the page."""
    for script in page.all("script"):
        assert path in {"/", "/vraag"}
        assert (script["src"] or "").startswith("/static/similar.js?v="), path


@pytest.fixture
def village(store_factory):
    return Village(store_factory)


@pytest.fixture
def noor(village):
    return village.member("noor")


@pytest.fixture
def sam(village):
    return village.member("sam")


@pytest.fixture
def steward(village):
    return village.member("lien", Role.STEWARD)


async def test_e02_hostile_text_is_shown_and_never_run(village, noor, sam, steward):
    """HTML in any field of a question, answer, offer, name or topic is words on every page that shows it."""
    asker = village.as_member(noor)
    sent = {"title": HOSTILE, "body": HOSTILE, "own_topic": "x<i>y", "scope": "public"}
    made = await asker.post("/vraag", data=sent)
    where = made.headers["location"].partition("?")[0]
    told = {"body": HOSTILE, "perspective": "resident"}
    assert (await village.as_member(sam).post(f"{where}/antwoord", data=told)).status_code == 303
    offered = {"body": HOSTILE, "availability": HOSTILE, "scope": "public"}
    assert (await asker.post("/meehelpen", data=offered)).status_code == 303
    evil = village.stranger(HOSTILE[:50], "evil.example")
    village.arrived_answer(evil, village.store.read_now(lambda r: r.get(Question, where[3:])), "hoi")
    village.arrived(evil, HOSTILE, status=QuestionStatus.HELD)
    pages = [where, "/", "/vragen", "/meehelpen", "/u/noor", "/mij", "/nakijken", f"{where}/verwijderen"]
    for path in pages:
        for member in (noor, steward):
            found = await village.as_member(member).get(path)
            assert found.status_code in {200, 403}, path
            page = Page(found)
            only_our_script(page, path)
            assert not page.all("img"), path
            assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")], path
            assert "49" not in page.words.replace("&{{7*7}}", ""), path
    assert "alert(1)" in Page(await village.browser().get("/vragen")).words


@pytest.mark.parametrize(
    "path",
    [
        "/vraag?title={}",
        "/?gedaan={}",
        "/vragen?onderwerp={}",
        "/o/{}",
        "/aanmelden?verder={}",
        "/vragen?voor={}",
    ],
)
async def test_d26_hostile_addresses_are_words_too(village, path):
    """What stands in an address is escaped, shortened or ignored, and never breaks a page."""
    found = await village.browser().get(path.format("%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%00%F0%9F"))
    assert found.status_code in {200, 404}
    assert "<script>" not in found.text


@pytest.mark.parametrize("key", [MISSING, "x", "%00", "..%2f..%2fetc", "A" * 26, "é", "0" * 5000])
@pytest.mark.parametrize(
    "path", ["/v/{}", "/v/{}/aanpassen", "/a/{}/aanpassen", "/meehelpen/{}/verwijderen", "/v/{}/minder"]
)
async def test_an_id_that_is_none_is_not_found(village, noor, path, key):
    """Every bad id gives the page for what is missing, never a fault."""
    found = await village.as_member(noor).get(path.format(key))
    assert found.status_code == 404
    assert "voor jou bedoeld" in found.text


async def test_g02_what_is_not_meant_for_you_looks_like_what_is_not_there(village, noor):
    """Neighbourhood and pilots questions, and held ones, give a passer-by the very page of a missing one."""
    hidden = village.ask(noor, scope=Scope.NEIGHBOURHOOD), village.ask(noor, scope=Scope.PILOTS)
    held = village.arrived(village.stranger("Bob", "mastodon.example"), "Wacht", status=QuestionStatus.HELD)
    browser = village.browser()
    missing = await browser.get(f"/v/{MISSING}")
    for question in (*hidden, held):
        found = await browser.get(f"/v/{question.id}")
        assert found.status_code == missing.status_code == 404
        assert found.text.replace(question.id, MISSING) == missing.text
        assert dict(found.headers) == dict(missing.headers)


async def test_lists_show_a_passer_by_only_what_is_public(village, noor):
    """No list, profile or front page names a question or offer of a narrower scope."""
    village.ask(noor, "Geheim van de buurt", Scope.NEIGHBOURHOOD, topics=("slapen",))
    village.ask(noor, "Geheim van de proeftuinen", Scope.PILOTS, topics=("slapen",))
    village.offer(noor, "Geheim aanbod", Scope.NEIGHBOURHOOD)
    open_one = village.ask(noor, "Openbare vraag", topics=("slapen",))
    village.answer(noor, open_one)
    for path in PUBLIC_PAGES:
        assert "Geheim" not in (await village.browser().get(path)).text, path
    assert "Geheim van de buurt" in (await village.as_member(noor).get("/vragen")).text


OWNERS_ONLY = ("aanpassen", "minder", "klaar", "heropen", "verwijderen", "hielp")


@pytest.mark.parametrize("act", OWNERS_ONLY)
async def test_g23_nobody_else_touches_a_question(village, noor, sam, act):
    """Posting on another's question changes nothing, for members and passers-by alike."""
    question = village.ask(noor)
    answer = village.answer(sam, question)
    sent = {"title": "Van mij nu", "scope": "neighbourhood", "answer": answer.id, "mark": "helped"}
    assert (await village.as_member(sam).post(f"/v/{question.id}/{act}", data=sent)).status_code == 403
    assert (await village.browser().post(f"/v/{question.id}/{act}", data=sent)).status_code == 401
    assert village.store.read_now(lambda r: r.get(Question, question.id)) == question
    assert village.store.read_now(lambda r: r.one(Mark, id=answer.id)) is None


@pytest.mark.parametrize("act", ["aanpassen", "verwijderen"])
async def test_g23_nobody_else_touches_an_answer_or_offer(village, noor, sam, act):
    """Another's answer and offer stay as they are."""
    answer, offer = village.answer(noor, village.ask(noor)), village.offer(noor)
    sent = {"body": "Anders", "perspective": "family"}
    assert (await village.as_member(sam).post(f"/a/{answer.id}/{act}", data=sent)).status_code == 403
    assert (await village.as_member(sam).post(f"/meehelpen/{offer.id}/{act}", data=sent)).status_code == 403
    assert village.store.read_now(lambda r: r.get(Answer, answer.id)) == answer
    assert village.store.read_now(lambda r: r.get(Offer, offer.id)) == offer


async def test_g05_nobody_learns_of_what_waits_by_trying_to_change_it(village, noor, sam):
    """An answer that waits for review is missing for everybody but its author and the reviewers."""
    question = village.ask(noor)
    held = village.arrived_answer(village.stranger("Bob"), question, "Psst", status=ReplyStatus.HELD)
    assert (await village.as_member(sam).get(f"/a/{held.id}/aanpassen")).status_code == 404
    assert "Psst" not in (await village.as_member(sam).get(f"/v/{question.id}")).text


async def test_an_answer_marked_from_another_question_is_unknown(village, noor, sam):
    """The asker cannot mark what was said elsewhere."""
    mine, other = village.ask(noor), village.ask(sam, "Iets heel anders?")
    foreign = village.answer(sam, other)
    sent = {"answer": foreign.id, "mark": "helped"}
    assert (await village.as_member(noor).post(f"/v/{mine.id}/hielp", data=sent)).status_code == 404


async def test_an_unknown_mark_is_refused(village, noor, sam):
    """A mark is one of the three, or empty to take it back."""
    question = village.ask(noor)
    answer = village.answer(sam, question)
    sent = {"answer": answer.id, "mark": "great"}
    assert (await village.as_member(noor).post(f"/v/{question.id}/hielp", data=sent)).status_code == 422


async def test_h07_a_form_of_another_site_does_nothing(village, noor):
    """Cross-site posts with a session are refused before any page sees them."""
    client = village.as_member(noor)
    client.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await client.post("/vraag", data={"title": "Van een ander"})).status_code == 403
    assert "Van een ander" not in (await village.as_member(noor).get("/vragen")).text


async def test_missing_fields_come_back_with_everything_typed(village, noor):
    """A refused question is shown again as it was typed, with the fault at its field, and nothing is asked."""
    sent = {
        "title": "x",
        "body": "Mijn hele verhaal",
        "topics": ["slapen", "wonen"],
        "own_topic": "breien",
        "scope": "pilots",
        "wanted": ["family"],
        "sensitive": "on",
    }
    found = await village.as_member(noor).post("/vraag", data=sent)
    page = Page(found)
    checked = {(a["name"], a["value"]) for a in page.all("input") if "checked" in a}
    assert found.status_code == 422
    assert "Mijn hele verhaal" in page.words
    assert checked == {
        ("topics", "slapen"),
        ("topics", "wonen"),
        ("scope", "pilots"),
        ("wanted", "family"),
        ("sensitive", "on"),
    }
    title = next(a for a in page.all("input") if a["name"] == "title")
    assert (title["value"], title["aria-invalid"]) == ("x", "true")
    assert "e-title" in (title["aria-describedby"] or "")
    assert "#f-title" in page.links()
    assert any(a.get("role") == "alert" for _, a in page.tags)
    assert village.store.read_now(lambda r: r.find(Question, author_id=noor.actor_id)) == []


@pytest.mark.parametrize(
    "sent",
    [{"body": ""}, {"body": "Wel tekst"}, {"perspective": "family"}, {"body": "a b", "perspective": "boss"}],
)
async def test_an_answer_without_text_or_perspective_is_shown_again(village, noor, sam, sent):
    """No perspective is chosen for anybody; what was typed stays."""
    question = village.ask(noor)
    found = await village.as_member(sam).post(f"/v/{question.id}/antwoord", data=sent)
    assert found.status_code == 422
    assert sent.get("body", "") in found.text
    assert village.store.read_now(lambda r: r.find(Answer, question_id=question.id)) == []


@pytest.mark.parametrize("length", [100_000, 1_000_000])
async def test_very_long_text_is_refused_kindly(village, noor, length):
    """Too long is a sentence at the field, far too long is refused unread."""
    found = await village.as_member(noor).post("/vraag", data={"title": "Lang", "body": "a" * length})
    assert found.status_code == (422 if length < 500_000 else 413)
    assert "te lang" in found.text or "te veel" in found.text


async def test_a_scope_nobody_offered_is_the_narrowest(village, noor):
    """A missing or unknown scope never makes a question wider than the neighbourhood."""
    for scope in ("", "everybody", "PUBLIC", "public, pilots"):
        made = await village.as_member(noor).post("/vraag", data={"title": "Hoe dan ook", "scope": scope})
        question = village.store.read_now(lambda r, key=made.headers["location"][3:29]: r.get(Question, key))
        assert question.scope is Scope.NEIGHBOURHOOD


async def test_narrowing_never_widens(village, noor):
    """`minder` refuses more people."""
    question = village.ask(noor, scope=Scope.PILOTS)
    found = await village.as_member(noor).post(f"/v/{question.id}/minder", data={"scope": "public"})
    assert found.status_code == 422
    assert village.store.read_now(lambda r: r.get(Question, question.id)).scope is Scope.PILOTS


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "\t//evil",
    ],
)
async def test_e14_signing_in_leads_only_to_pages_of_ours(village, onward):
    """No address from a link sends somebody away after signing in."""
    from web.pages.joining import own_path

    assert own_path(onward) == "/mij"
    assert own_path("/v/abc?taal=en#antwoord") == "/v/abc?taal=en#antwoord"


async def test_only_moderators_review(village, noor, steward):
    """Members and passers-by neither see nor judge what waits."""
    held = village.arrived(village.stranger("Bob", "mastodon.example"), "Wacht", status=QuestionStatus.HELD)
    sent = {"kind": "question", "id": held.id, "do": "show"}
    assert (await village.as_member(noor).get("/nakijken")).status_code == 403
    assert (await village.as_member(noor).post("/nakijken", data=sent)).status_code == 403
    assert (await village.browser().get("/nakijken")).status_code == 401
    for wrong in ({"kind": "member"}, {"do": "delete"}, {"id": "x"}):
        assert (await village.as_member(steward).post("/nakijken", data=sent | wrong)).status_code == 404
    assert village.store.read_now(lambda r: r.get(Question, held.id)).status is QuestionStatus.HELD


async def test_a_moderator_cannot_make_moderators(village):
    """Power over others is handed out by the steward alone."""
    client = village.as_member(village.member("mo", Role.MODERATOR))
    for role in ("moderator", "steward"):
        assert (await client.post("/mij/uitnodigen", data={"role": role, "uses": "1"})).status_code == 403
    for uses in ("0", "501", "-1", "x", "9" * 30, "٣"):
        assert (
            await client.post("/mij/uitnodigen", data={"role": "resident", "uses": uses})
        ).status_code == 422
    assert (
        await village.as_member(village.member("al")).post("/mij/uitnodigen", data={"uses": "1"})
    ).status_code == 403


@pytest.mark.parametrize("code", ["x", "wrongwrongwrong", "%00aaaaaaaa", "a" * 5000])
async def test_h14_a_wrong_invitation_opens_nothing(village, code):
    """Wrong, used and expired invitations give one answer."""
    assert (await village.browser().get(f"/welkom/{code}")).status_code == 404


async def test_e13_readers_get_no_cookie_and_nothing_from_elsewhere(village, noor):
    """No Set-Cookie, no external address and no inline script or style on any page a passer-by can open."""
    stranger = village.stranger("Eva", "evil.example")
    question = village.ask(
        noor, body="Kijk op https://elders.example/x en ![plaatje](https://spion.example/p.gif)"
    )
    village.arrived_answer(stranger, question, "hoi")
    for path in (
        *PUBLIC_PAGES,
        f"/v/{question.id}",
        f"/v/{MISSING}",
        "/static/style.css",
        "/static/icon.svg",
    ):
        found = await village.browser().get(path)
        assert "set-cookie" not in found.headers, path
        assert found.status_code == (404 if MISSING in path else 200), path
        page = Page(found)
        own = external(page, village.config.base_url)
        assert [each for each in own if each[0] != "a"] == [], path
        assert {each[2] for each in own} <= {"https://elders.example/x", "https://spion.example/p.gif"}, path
        assert not page.all("style"), path
        only_our_script(page, path)
        assert not [a for _, attributes in page.tags for a in attributes if a == "style"], path
        assert "spion" not in found.headers.get("link", "")


async def test_g13_what_a_member_sees_is_kept_by_nobody(village, noor):
    """Pages of members are private and not stored; those of passers-by may be asked for again."""
    question = village.ask(noor)
    for path in ("/", "/vragen", f"/v/{question.id}", "/mij"):
        assert (await village.as_member(noor).get(path)).headers["cache-control"] == "private, no-store"
    assert (await village.browser().get(f"/v/{question.id}")).headers["cache-control"] == "no-cache"
    assert "Cookie" in (await village.browser().get("/")).headers["vary"]


async def test_i08_only_our_own_files_are_served(village):
    """No path leads to another file."""
    for name in ("../render.py", "..%2frender.py", "style.css%00", "x.css", "%2e%2e/render.py"):
        assert (await village.browser().get(f"/static/{name}")).status_code == 404
    assert (await village.browser().get("/static/style.css")).headers["content-type"].startswith("text/css")


async def test_a_page_of_somebody_who_left_is_gone(village, noor):
    """After leaving there is no profile, no question and no session."""
    from web import passwords

    question = village.ask(noor)
    member = village.member("weg", password_hash=await passwords.hashed("fiets regen brood"))
    own = village.ask(member, "Wie neemt mijn plant over?")
    client = village.as_member(member)
    assert (await client.post("/mij/weg", data={"password": "fout wachtwoord"})).status_code == 422
    assert (await client.post("/mij/weg", data={"password": "fiets regen brood"})).status_code == 303
    assert (await client.get("/mij")).status_code == 401
    assert (await village.browser().get("/u/weg")).status_code == 404
    assert (await village.browser().get(f"/v/{own.id}")).status_code == 404
    assert (await village.browser().get(f"/v/{question.id}")).status_code == 200


async def test_e09_a_remote_name_is_not_taken_for_a_pilot(village, noor):
    """Who says to be from a pilot but speaks from another server is 'from outside'."""
    pilot = village.neighbour()
    evil = village.stranger("Nep", "evil.example")
    village.arrived(evil, "Ik ben echt van Nieuwland", pilot=pilot)
    found = Page(await village.browser().get("/vragen")).words
    assert "Nep · Van buiten – evil.example" in found
    assert "Ik ben echt" not in (await village.browser().get("/p/nieuwland")).text
