"""A real browser, with and without JavaScript: nothing from elsewhere, nothing kept, everything reachable."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.watching import SPILLS, TINY, TOO_FAINT, Watch

pytestmark = pytest.mark.browser


def paths(village):
    fixed = ["/", "/vragen", "/vraag", "/meehelpen", "/proeftuinen", "/aanmelden", "/nul", "/hulp", "/beheer"]
    return [
        *fixed,
        "/zoeken",
        "/p/wester",
        "/toegankelijkheid",
        "/v/x",
        f"/v/{village.question.id}",
        "/u/noor",
    ]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_reader_leaves_no_trace_and_meets_no_third_party(village, chromium, scripts):
    """Only our host is asked, no cookie and no storage is left, and the policy has nothing to complain of."""
    watch = Watch(chromium, village.config.base_url, java_script_enabled=scripts)
    for path in paths(village):
        watch.open(path)
        if scripts:
            kept = watch.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
            assert kept == [0, 0, ""], path
    assert watch.hosts == {urlsplit(village.config.base_url).netloc}
    assert watch.context.cookies() == []
    # The header names switches that this browser lacks; it says so each time, and ignores them.
    expected = ("404", "Permissions-Policy")
    assert [each for each in watch.complaints if not any(known in each for known in expected)] == []


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_out_of_a_narrow_screen(village, chromium, width, scheme):
    """Every page fits its width, also with a word longer than a line; buttons and links are large enough."""
    settings = {"viewport": {"width": width, "height": 700}, "color_scheme": scheme}
    watch = Watch(chromium, village.config.base_url, **settings)
    for path in paths(village):
        watch.open(path)
        assert watch.page.evaluate("document.documentElement.scrollWidth") <= width, path
        small = watch.page.evaluate(
            """[...document.querySelectorAll('button, .button, nav a, .plain-link, summary, label.choice, .chip')]
            .map(each => [each.textContent.trim(), each.getBoundingClientRect().height])
            .filter(([words, height]) => height > 0 && height < 44)"""
        )
        assert small == [], path


def test_contrast_is_enough_in_light_and_dark(village, chromium):
    """Every text on every page differs at least 4.5 to 1 from what is behind it (WCAG 1.4.3)."""
    for scheme in ("light", "dark"):
        watch = Watch(chromium, village.config.base_url, color_scheme=scheme)
        watch.sign_in("lien")
        for path in [*paths(village), "/mij", "/mij/uitnodigen", "/nakijken"]:
            watch.open(path)
            assert watch.page.evaluate(TOO_FAINT) == [], (scheme, path)


def test_everything_is_done_without_scripts(village, chromium):
    """Sign in, ask, answer, mark and close by plain forms, on a small phone."""
    phone = {"viewport": {"width": 360, "height": 700}, "java_script_enabled": False}
    asker = Watch(chromium, village.config.base_url, **phone)
    asker.sign_in("noor")
    asker.open("/")
    asker.page.fill("#vraag", "Wie leert mij fietsen?")
    asker.page.click("form.ask button")
    asker.page.check("input[value=public]")
    asker.page.click("main form[method=post] .send button")
    asker.page.wait_for_url("**/v/*")
    where = urlsplit(asker.page.url).path
    helper = Watch(chromium, village.config.base_url, **phone)
    helper.sign_in("sam")
    helper.open(where)
    helper.page.fill("#f-body", "Ik heb tijd op zaterdag.")
    helper.page.check("#f-perspective input[value=resident]")
    helper.page.click("#antwoord .send button")
    helper.page.wait_for_url("**#a-*")
    asker.open(where)
    asker.page.click(".marks button[value=helped]")
    asker.page.wait_for_url("**#a-*")
    asker.page.click("form[action$=klaar] button")
    reader = Watch(chromium, village.config.base_url, **phone)
    reader.open(where)
    words = reader.page.inner_text("main")
    assert "Dit hielp" in words
    assert "klaar, bedankt" in words
    assert reader.context.cookies() == []
    cookies = asker.context.cookies()
    assert [(each["name"], each["httpOnly"], each["sameSite"]) for each in cookies] == [
        ("session", True, "Lax")
    ]


def test_while_one_types_what_others_asked_appears(village, chromium):
    """With scripts, below the field and without leaving it; what was typed stands in no address."""
    watch = Watch(chromium, village.config.base_url, viewport={"width": 360, "height": 700})
    asked = []
    watch.page.on("request", lambda request: asked.append((request.method, request.url)))
    watch.open("/")
    watch.page.type("#vraag", "zondagen zijn lang")
    watch.page.wait_for_selector("#lijkt-op a")
    assert "Hoe kom ik de zondag door?" in watch.page.inner_text("#lijkt-op")
    assert watch.page.evaluate("document.activeElement.id") == "vraag"
    assert ("POST", f"{village.config.base_url}/vraag/lijkt-op") in asked
    assert not [url for _, url in asked if "zondag" in url]
    watch.page.fill("#vraag", "")
    watch.page.wait_for_selector("#lijkt-op a", state="detached")
    assert not [each for each in watch.complaints if "Content Security Policy" in each]
    assert watch.hosts == {urlsplit(village.config.base_url).netloc}


def test_without_scripts_what_others_asked_is_the_first_step(village, chromium):
    """The same on a page of its own, with the way on to one's own question."""
    phone = {"viewport": {"width": 360, "height": 700}, "java_script_enabled": False}
    watch = Watch(chromium, village.config.base_url, **phone)
    watch.sign_in("sam")
    watch.open("/")
    watch.page.fill("#vraag", "zondagen zijn lang")
    watch.page.click("form.ask button")
    assert "Dit vroegen anderen al" in watch.page.inner_text("h1")
    watch.page.click("text=Mijn vraag staat er niet bij")
    assert watch.page.input_value("#f-title") == "zondagen zijn lang"


def test_the_keyboard_reaches_everything_visibly(village, chromium):
    """The first tab is the skip link; every stop after it shows where it is."""
    watch = Watch(chromium, village.config.base_url)
    watch.open(f"/v/{village.question.id}")
    watch.page.keyboard.press("Tab")
    assert watch.page.evaluate("document.activeElement.className") == "skip"
    for _ in range(12):
        watch.page.keyboard.press("Tab")
        shown = watch.page.evaluate(
            "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
        )
        assert shown == ["solid", "3px"]


@pytest.mark.parametrize(("width", "size"), [(360, "225%"), (320, "112.5%")], ids=["200%-text", "small"])
def test_text_twice_as_large_fits_a_phone(village, chromium, width, size):
    """Nothing runs out of the screen or its own box, on any page, with every fold open (WCAG 1.4.4, 1.4.10)."""
    viewport = {"width": width, "height": 700}
    visits = [
        ("", paths(village)),
        ("noor", [*paths(village), "/mij", "/mij/weg", *(f"/v/{village.question.id}/{act}" for act in ACTS)]),
        ("lien", [f"/v/{village.question.id}", "/nakijken", "/mij", "/mij/uitnodigen", "/meehelpen"]),
    ]
    for name, opened in visits:
        watch = Watch(chromium, village.config.base_url, viewport=viewport)
        if name:
            watch.sign_in(name)
        for path in opened:
            watch.open(path)
            watch.page.evaluate(
                f"document.documentElement.style.fontSize = '{size}';"
                "document.querySelectorAll('details').forEach(each => each.open = true)"
            )
            assert watch.page.evaluate("document.documentElement.scrollWidth") <= width, (name, path)
            assert watch.page.evaluate(SPILLS) == [], (name, path)


def test_fingers_find_what_they_look_for(village, chromium):
    """A link or button on a line of its own is 44 pixels high, one in a sentence 24 (WCAG 2.5.8, and more)."""
    visits = [("", paths(village)), ("noor", [*paths(village), "/mij"]), ("lien", ["/nakijken", "/mij"])]
    for name, opened in visits:
        watch = Watch(chromium, village.config.base_url, viewport={"width": 360, "height": 700})
        if name:
            watch.sign_in(name)
        for path in opened:
            watch.open(path)
            watch.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert watch.page.evaluate(TINY) == [], (name, path)


def test_answers_stand_side_by_side_where_there_is_room(village, chromium):
    """Each perspective has its column on a wide screen; on a phone they stand below each other."""
    for width, beside in ((1280, True), (360, False)):
        watch = Watch(chromium, village.config.base_url, viewport={"width": width, "height": 700})
        watch.open(f"/v/{village.question.id}")
        first, second = (each.bounding_box() for each in watch.page.query_selector_all(".group"))
        assert (abs(first["y"] - second["y"]) < 2) is beside
        assert (first["x"] + first["width"] <= second["x"]) is beside


ACTS = ("aanpassen", "minder", "verwijderen")
