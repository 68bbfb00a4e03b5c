"""What others asked already: shown before somebody asks, while they type, and to who searches; only what they may see."""

from __future__ import annotations

import pytest

from tests.web.visiting import HOSTILE, Page, Village
from vraagbaak.model import Scope

TITLE = "Hoe vind ik een nieuwe huisarts?"


@pytest.fixture
def village(store_factory):
    return Village(store_factory)


@pytest.fixture
def noor(village):
    return village.member("noor")


async def test_before_asking_one_sees_what_others_asked(village, noor):
    """The first step shows the question of another, and its button leads on to the form with what was typed."""
    asked = village.ask(noor, TITLE)
    browser = village.as_member(village.member("sam"))
    first = Page(await browser.post("/vraag", data={"begin": "1", "title": "dokter gezocht"}))
    assert "Dit vroegen anderen al" in first.words
    assert f"/v/{asked.id}" in first.links()
    second = await browser.post("/vraag", data={"begin": "own", "title": "dokter gezocht"})
    form = Page(second)
    assert [each["value"] for each in form.all("input") if each.get("name") == "title"] == ["dokter gezocht"]
    assert f"/v/{asked.id}" not in form.links()


async def test_nobody_waits_for_a_step_that_shows_nothing(village, noor):
    """When nobody asked anything like it, the form comes at once."""
    village.ask(noor, TITLE)
    page = Page(
        await village.as_member(noor).post("/vraag", data={"begin": "1", "title": "Wie leent mij een zaag?"})
    )
    assert "Dit vroegen anderen al" not in page.words
    assert [each for each in page.all("textarea") if each.get("name") == "body"]


async def test_a_passer_by_sees_what_is_public_before_signing_in(village, noor):
    """Who has no account may find an answer all the same, and nothing that is not for them (threat G11)."""
    public = village.ask(noor, TITLE)
    near = village.ask(noor, "Huisarts in onze straat?", scope=Scope.NEIGHBOURHOOD)
    page = Page(await village.browser().post("/vraag", data={"begin": "1", "title": "huisarts"}))
    assert f"/v/{public.id}" in page.links()
    assert f"/v/{near.id}" not in page.links()
    member = Page(await village.as_member(noor).post("/vraag", data={"begin": "1", "title": "huisarts"}))
    assert {f"/v/{public.id}", f"/v/{near.id}"} <= set(member.links())


async def test_while_typing_a_piece_of_a_page_comes_back(village, noor):
    """For the script: the cards and nothing around them; nothing when there are none."""
    asked = village.ask(noor, TITLE)
    found = await village.browser().post("/vraag/lijkt-op", data={"title": "dokter gezocht"})
    assert f"/v/{asked.id}" in Page(found).links()
    assert not Page(found).all("html")
    assert (await village.browser().post("/vraag/lijkt-op", data={"title": "zaag"})).text.strip() == ""
    assert found.headers["cache-control"] == "private, no-store"


async def test_only_the_pages_where_one_asks_bring_the_script(village, noor):
    """One file of our own, kept by the browser; every other page has none."""
    for path, expected in (("/", 1), ("/vraag", 1), ("/vragen", 0), ("/zoeken", 0)):
        scripts = Page(await village.as_member(noor).get(path)).all("script")
        assert len(scripts) == expected, path
    script = await village.browser().get("/static/similar.js")
    assert script.headers["content-type"].startswith("text/javascript")


async def test_search_finds_by_meaning_and_narrows(village, noor):
    """In one's own words; topic, pilot, perspective and unanswered narrow what is found."""
    doctor = village.ask(noor, TITLE, topics=["zorg"])
    other = village.ask(noor, "Mijn huisarts gaat weg", topics=["wonen"])
    village.answer(village.member("sam"), doctor)
    browser = village.browser()

    async def found(**given):
        page = Page(await browser.post("/zoeken", data={"q": "dokter", **given}))
        return {key for key in (doctor.id, other.id) if f"/v/{key}" in page.links()}

    assert await found() == {doctor.id, other.id}
    assert await found(onderwerp="zorg") == {doctor.id}
    assert await found(**{"zonder-antwoord": "1"}) == {other.id}
    assert await found(perspectief="resident") == {doctor.id}
    assert await found(perspectief="professional") == set()
    assert await found(proeftuin="wester") == {doctor.id, other.id}
    assert await found(proeftuin="nergens", perspectief="x") == {doctor.id, other.id}


@pytest.mark.parametrize(
    "words", ["", " ", HOSTILE, "a" * 10_000, "\x00", "%_'\"*", "😀" * 300, "de het een"]
)
@pytest.mark.parametrize("path", ["/zoeken", "/vraag/lijkt-op", "/vraag"])
async def test_d26_whatever_is_typed_gets_a_page(village, noor, words, path):
    """Nothing that is typed into a field breaks the page or stands in it unescaped."""
    village.ask(noor, TITLE)
    found = await village.browser().post(path, data={"q": words, "title": words, "begin": "1"})
    assert found.status_code == 200
    assert "<script>alert" not in found.text
