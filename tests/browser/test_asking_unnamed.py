"""A resident with an old phone and no account, in a real browser without JavaScript: quick, light, calm and readable."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest

from tests.browser.watching import SPILLS, TINY, TOO_FAINT, Watch
from vraagbaak.model import Perspective, Question, Scope

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 640}, "java_script_enabled": False}
# The slow 3G of browsers' own tools: 400 kbit/s and 400 ms there and back.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
TITLE = "Ik slaap al weken slecht sinds mijn scheiding, wie heeft iets wat echt hielp??"
CHARACTERS_A_SECOND = 3


def question_of(village, title: str) -> Question:
    def read(reading):
        ours = reading.find(Question)
        return next(each for each in ours if each.title == title)

    return village.store.read_now(read)


def ask(watch: Watch, title: str = TITLE, **choices: str) -> str:
    """By the plain forms, to the four words."""
    watch.open("/")
    watch.page.fill("#vraag", title)
    watch.page.click("form.ask button")
    not_there = watch.page.locator("button[name=begin]")  # others asked something like it
    if not_there.count():
        not_there.click()
    for name, value in choices.items():
        watch.page.check(f"input[name={name}][value={value}]")
    watch.page.click("main form[action='/vraag'] > .send button")
    return watch.page.inner_text(".words")


def test_f1_a_question_is_asked_within_a_minute_on_a_slow_phone(village, chromium):
    """At most four pages and 120 kB, the first at most 50 kB, and under a minute with the typing."""
    watch = Watch(chromium, village.config.base_url, **PHONE)
    session = watch.context.new_cdp_session(watch.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    sizes: list[int] = []
    loads: list[str] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))
    watch.page.on("framenavigated", lambda frame: loads.append(urlsplit(frame.url).path))
    began = time.monotonic()
    watch.open("/")
    first = sum(sizes)
    watch.page.fill("#vraag", TITLE)
    watch.page.click("form.ask button")
    watch.page.click("button[name=begin]")
    watch.page.click("main form[action='/vraag'] > .send button")
    words = watch.page.inner_text(".words").split()
    took = time.monotonic() - began + len(TITLE) / CHARACTERS_A_SECOND
    assert len(words) == 4
    assert loads == ["/", "/vraag", "/vraag", "/vraag"]
    assert 0 < first <= 50_000
    assert sum(sizes) <= 120_000
    assert took < 60
    assert watch.hosts == {urlsplit(village.config.base_url).netloc}
    assert watch.context.cookies() == []


def test_everything_is_done_with_the_words_alone(village, chromium):
    """Come back in another browser, say what helped, ask back, narrow, close, delete: no script, no cookie."""
    asker = Watch(chromium, village.config.base_url, **PHONE)
    words = ask(asker, scope="public")
    question = question_of(village, TITLE)
    village.answer(
        village.member("mo"), question, "Elke ochtend wandelen.", perspective=Perspective.EXPERIENCE_EXPERT
    )
    other = Watch(chromium, village.config.base_url, **PHONE)
    other.open("/")
    other.page.click("nav >> text=Ik heb een code")
    other.page.fill("#f-code", words)
    other.page.click("main form .send button")
    other.page.click(".marks button[value=helped]")
    other.page.wait_for_selector(".marks button.chosen")
    other.page.click(".reply summary")
    other.page.fill(".reply textarea", "Hoe laat ga je?")
    other.page.click(".reply .send button")
    other.page.wait_for_selector(".comments")
    assert "Hoe laat ga je?" in other.page.inner_text(".comments")
    other.page.click("text=Minder mensen mogen dit zien")
    other.page.check("input[name=scope][value=neighbourhood]")
    other.page.click("button[value=narrow]")
    other.page.wait_for_selector(".done")
    assert question_of(village, TITLE).scope is Scope.NEIGHBOURHOOD
    other.page.click("button[value=close]")
    other.page.wait_for_selector("button[value=reopen]")
    other.page.click("button[value=delete]")
    other.page.click("button.danger")
    assert "Je vraag is verwijderd" in other.page.inner_text("h1")
    assert urlsplit(other.page.url).path == "/k"
    assert other.context.cookies() == []


def states(village, watch: Watch):
    """Every page on the way, as it is reached."""
    watch.open("/vraag")
    yield "form"
    watch.page.fill("[name=title]", "Bel mij: 06-12345678, ik wil niet meer leven")
    watch.page.click("main form[action='/vraag'] > .send button")
    yield "warning"
    watch.page.click("main form[action='/vraag'] > .send button")
    words = watch.page.inner_text(".words")
    yield "words"
    title = "Bel mij: 06-12345678, ik wil niet meer leven"
    question = question_of(village, title)
    for perspective in (Perspective.FAMILY, Perspective.PROFESSIONAL):
        village.answer(
            village.member(f"m{perspective.value[:3]}"), question, "Dat ken ik.", perspective=perspective
        )
    watch.open("/k")
    yield "door"
    watch.page.click("main form .send button")
    yield "door with a fault"
    watch.page.fill("#f-code", words)
    watch.page.click("main form .send button")
    yield "question"
    watch.page.click("button[value=delete]")
    yield "before deleting"
    watch.page.click("button.danger")
    yield "gone"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (360, "dark"), (1280, "light")])
def test_every_page_on_the_way_fits_is_readable_and_has_room_for_fingers(village, chromium, width, scheme):
    """In light and dark, with every fold open, and with letters twice as large."""
    settings = {"viewport": {"width": width, "height": 700}, "color_scheme": scheme}
    watch = Watch(chromium, village.config.base_url, **settings)
    for state in states(village, watch):
        watch.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert watch.page.evaluate(TOO_FAINT) == [], state
        assert watch.page.evaluate(TINY) == [], state
        assert watch.page.evaluate("document.documentElement.scrollWidth") <= width, state
        watch.page.evaluate("document.documentElement.style.fontSize = '225%'")
        assert watch.page.evaluate("document.documentElement.scrollWidth") <= width, state
        assert watch.page.evaluate(SPILLS) == [], state
        watch.page.evaluate("document.documentElement.style.fontSize = ''")
        watch.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")


def test_the_words_can_be_chosen_whole_and_printed(village, chromium):
    """One tap marks all four; on paper they stand there, and nothing to press."""
    watch = Watch(chromium, village.config.base_url)
    words = ask(watch)
    assert watch.page.evaluate("getComputedStyle(document.querySelector('.words')).userSelect") == "all"
    watch.page.emulate_media(media="print")
    assert watch.page.is_visible(f"text={words}")
    assert watch.page.is_visible("text=/k")
    assert not watch.page.is_visible("main .button")
