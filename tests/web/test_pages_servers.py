"""Pages about other servers: what did not arrive, what they report, and the page before somebody leaves."""

from __future__ import annotations

import pytest

from storage import jobs
from storage.work import Work
from tests.web.visiting import Page, Village
from vraagbaak import reports
from vraagbaak.model import Question, Report, Role, Scope

DELIVERIES, REPORTS = "/nakijken/bezorging", "/nakijken/meldingen"


@pytest.fixture
def village(store_factory):
    return Village(store_factory)


@pytest.fixture
def mo(village):
    return village.member("mo", Role.MODERATOR)


async def words(client, path):
    return Page(await client.get(path)).words


def give_up(village, *hosts):
    def put(tx):
        for host in hosts:
            tx.enqueue(Work("deliver", "{}", host=host))

    village.store.run_now(put)
    for job in village.store.run_now(jobs.claim, 10, "me", 60.0, village.store.policy):
        village.store.run_now(jobs.bury, job, "http 404")


@pytest.mark.parametrize("path", [DELIVERIES, REPORTS])
async def test_these_pages_are_for_who_carries_the_pilot(village, path):
    """A passer-by has to sign in, a member is refused."""
    assert (await village.browser().get(path)).status_code == 401
    assert (await village.as_member(village.member("noor")).get(path)).status_code == 403


async def test_what_did_not_arrive_is_tried_again_with_a_button(village, mo):
    """One, or all of it; without a word of what people wrote."""
    client = village.as_member(mo)
    assert "Alles is aangekomen" in await words(client, DELIVERIES)
    give_up(village, "a.example", "b.example")
    shown = await words(client, DELIVERIES)
    assert "a.example" in shown
    assert "http 404" in shown
    first, _ = village.store.read_now(jobs.buried)
    answer = await client.post(DELIVERIES, data={"job": first.id})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DELIVERIES}?gedaan=opnieuw")
    assert [job.host for job in village.store.read_now(jobs.buried)] == ["b.example"]
    await client.post(DELIVERIES, data={"job": ""})
    assert village.store.read_now(jobs.buried) == []


@pytest.mark.parametrize("job", ["0", "-1", "x", "9" * 30, "999999"])
async def test_what_was_not_given_up_is_not_tried_again(village, mo, job):
    assert (await village.as_member(mo).post(DELIVERIES, data={"job": job})).status_code == 404


async def test_what_other_servers_report_is_shown_and_dealt_with(village, mo):
    """With what is wrong and a link to it; nobody's name."""
    client, noor = village.as_member(mo), village.member("noor")
    assert "Geen andere server" in await words(client, REPORTS)
    question = village.ask(noor, "Wie weet een bakker?", scope=Scope.PUBLIC)
    village.store.run_now(
        reports.receive, "goed.example", "https://goed.example/f/1", [question.uri], "Reclame <b>"
    )
    page = Page(await client.get(REPORTS))
    assert "Reclame <b>" in page.words
    assert f"/v/{question.id}" in page.links()
    (report,) = village.store.read_now(lambda reading: reading.find(Report, handled_at=None))
    answer = await client.post(REPORTS, data={"id": report.id})
    assert answer.headers["location"] == f"{REPORTS}?gedaan=afgehandeld"
    assert "Geen andere server" in await words(client, REPORTS)


async def test_a_moderator_reports_what_is_wrong_to_its_server(village, mo):
    """From the thread, in words of their own; about our own things there is no such page."""
    client = village.as_member(mo)
    henk = village.stranger("henk", "goed.example")
    theirs = village.arrived(henk, "Koop nu!")
    path = f"/nakijken/melden/question/{theirs.id}"
    assert path in Page(await client.get(f"/v/{theirs.id}")).links()
    assert "goed.example" in await words(client, path)
    refused = await client.post(path, data={"text": " "})
    assert refused.status_code == 422
    answer = await client.post(path, data={"text": "Dit is reclame."})
    assert answer.headers["location"] == f"/v/{theirs.id}?gedaan=gemeld"
    (report,) = village.store.read_now(lambda reading: reading.find(Report, domain=reading.home.domain))
    assert (report.about, report.text) == ((henk.uri, theirs.uri), "Dit is reclame.")
    ours = village.ask(village.member("noor"))
    for wrong in (
        f"/nakijken/melden/question/{ours.id}",
        f"/nakijken/melden/actor/{theirs.id}",
        f"{path[:-1]}_",
    ):
        assert (await client.get(wrong)).status_code == 404


async def test_what_is_here_is_shown_here(village):
    """A link to something that we have leads to our page of it, for who may see it."""
    noor = village.member("noor")
    public, quiet = village.ask(noor, scope=Scope.PUBLIC), village.ask(noor, scope=Scope.NEIGHBOURHOOD)
    henk = village.stranger("henk", "goed.example")
    theirs = village.arrived(henk, "Wie kent een koor?")
    browser = village.browser()
    for thing in (public, theirs):
        answer = await browser.get("/authorize_interaction", params={"uri": thing.uri})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/v/{thing.id}")
    hidden = await browser.get("/authorize_interaction", params={"uri": quiet.uri})
    never = await browser.get("/authorize_interaction", params={"uri": f"{quiet.uri[:-1]}0"})
    assert (hidden.status_code, never.status_code) == (404, 404)
    member = village.as_member(noor)
    assert (await member.get("/authorize_interaction", params={"uri": quiet.uri})).status_code == 303
    assert village.store.read_now(lambda reading: reading.get(Question, theirs.id))


async def test_nobody_leaves_without_being_told_where_to(village):
    """Threat E14: the page names the host, and the link tells that host nothing about where somebody came from."""
    found = await village.browser().get(
        "/authorize_interaction", params={"uri": "https://elders.example/n/1"}
    )
    page = Page(found)
    assert found.status_code == 200
    assert "Dit staat op een andere server" in page.words
    assert "elders.example" in page.words
    assert "https://elders.example/n/1" in page.links()
    assert 'rel="noopener noreferrer nofollow"' in found.text


@pytest.mark.parametrize(
    "uri",
    [
        "vera@doel.example/../x",
        "acct:vera@doel.example@evil.example",
        "acct:",
        "acct:@westerpark",
        "acct:niemand@wester.example",
        "@niemand@wester.example",
        "",
        "x",
        "//evil.example",
        "javascript:alert(1)",
        "https://good@evil.example/",
        "data:text/html,x",
        "/v/1",
        "\\\\evil",
    ],
)
async def test_what_is_no_address_leads_nowhere(village, uri):
    """Nothing that a browser could take for another place than we do becomes a link."""
    assert (await village.browser().get("/authorize_interaction", params={"uri": uri})).status_code == 404


@pytest.mark.parametrize(
    "account",
    ["acct:vera@groot.example", "ACCT:Vera@GROOT.example", "vera@groot.example", "@vera@groot.example"],
)
async def test_an_account_elsewhere_is_named_and_nobody_is_asked_about_it(village, account):
    """Somebody may come with an account instead of an address: the page names its server (threats C13, E14)."""
    page = Page(await village.browser().get("/authorize_interaction", params={"uri": account}))
    assert "groot.example" in page.words
    assert "https://groot.example/@vera" in page.links()
    assert "volgen" not in page.words


@pytest.mark.parametrize(
    "written", ["acct:{}@wester.example", "ACCT:{}@Wester.Example", "@{}@wester.example"]
)
@pytest.mark.parametrize("handle", ["noor", "wester", "buurtgenoot-wester"])
async def test_an_account_of_ours_leads_to_its_page(village, written, handle):
    """Whoever looks for one of ours, in any spelling, comes to the page of that person or of the neighbourhood."""
    village.member("noor")
    browser = village.browser()
    answer = await browser.get("/authorize_interaction", params={"uri": written.format(handle)})
    path = f"/{'b' if handle == 'wester' else 'u'}/{handle}"
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/u/noor", "/b/wester", "/@noor"])
async def test_the_address_of_one_of_ours_leads_to_its_page(village, path):
    """A member's or the neighbourhood's own address leads there too, and `/@name` is where others look for people."""
    village.member("noor")
    browser = village.browser()
    if path.startswith("/@"):
        answer = await browser.get(path)
        assert answer.headers["location"] == "/u/noor"
    else:
        uri = f"https://wester.example{path}"
        answer = await browser.get("/authorize_interaction", params={"uri": uri})
        assert answer.headers["location"] == path
    assert answer.status_code == 303


async def test_who_wants_to_follow_somebody_elsewhere_is_told_what_is_possible(village):
    """The intent to follow (FEP-3b86) is answered in words: here nobody follows people on other servers."""
    asked = {"uri": "https://elders.example/u/vera", "intent": "follow"}
    page = Page(await village.browser().get("/authorize_interaction", params=asked))
    assert "Je kunt hier geen mensen op andere servers volgen." in page.words
    assert "https://elders.example/u/vera" in page.links()
