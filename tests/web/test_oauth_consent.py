"""The consent page: who asks wrongly gets nowhere, and nobody agrees to what the page did not say."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.web.appearing import AUTHORIZE, BACK, OOB, VERIFIER, AppVillage, challenge_of, told
from tests.web.serving import BASE
from tests.web.visiting import Page, external
from vraagbaak.model import AuthorizationCode
from web import passwords

GOOD = "fiets regen brood lamp"


@pytest.fixture
def village(store_factory):
    return AppVillage(store_factory)


@pytest.fixture
def noor(village):
    return village.member("noor")


def promised(village):
    return village.store.read_now(lambda reading: reading.find(AuthorizationCode))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"client_id": None}, "kennen deze app niet"),
        ({"client_id": "x"}, "kennen deze app niet"),
        ({"client_id": "0" * 26}, "kennen deze app niet"),
        ({"client_id": "\x00'; DROP TABLE apps; --"}, "invalid_request"),
        ({"redirect_uri": None}, "een adres"),
        ({"redirect_uri": ""}, "een adres"),
        ({"redirect_uri": f"{BACK}/"}, "een adres"),
        ({"redirect_uri": f"{BACK}?next=https://evil.example"}, "een adres"),
        ({"redirect_uri": f"{BACK}#x"}, "een adres"),
        ({"redirect_uri": f"{BACK}%0d%0aLocation:%20https://evil.example"}, "een adres"),
        ({"redirect_uri": "https://client.example:8443/cb"}, "een adres"),
        ({"redirect_uri": "https://client.example.evil.example/cb"}, "een adres"),
        ({"redirect_uri": "https://client.example@evil.example/cb"}, "een adres"),
        ({"redirect_uri": "https://CLIENT.example/cb"}, "een adres"),
        ({"redirect_uri": "http://client.example/cb"}, "een adres"),
        ({"redirect_uri": "//evil.example"}, "een adres"),
        ({"redirect_uri": "javascript:alert(1)"}, "een adres"),
        ({"redirect_uri": "https://évil.example/"}, "een adres"),
        ({"redirect_uri": 'https://client.example/cb"'}, "een adres"),
        ({"redirect_uri": "https://client.example/cb\r\nSet-Cookie: a=b"}, "een adres"),
        ({"redirect_uri": [BACK, "https://evil.example/"]}, "een adres"),
        ({"redirect_uri": ["https://evil.example/", BACK]}, "invalid_request"),
        ({"client_id": ["x", "y"]}, "invalid_request"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "é"}, "invalid_request"),
        ({"scope": "admin:read"}, "meer dan"),
        ({"scope": "read everything"}, "meer dan"),
        ({"scope": "read profile"}, "meer dan"),
        ({"scope": "é"}, "invalid_request"),
        ({"scope": ["read", "write"]}, "invalid_request"),
        ({"state": ["a", "b"]}, "invalid_request"),
        ({"state": "x" * 2001}, "invalid_request"),
        ({"code_challenge": "x"}, "invalid_request"),
        ({"code_challenge": challenge_of(VERIFIER)}, "invalid_request"),
        ({"code_challenge": challenge_of(VERIFIER), "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
async def test_h01_h03_h04_a_request_that_is_not_right_leads_nowhere(village, noor, fields, word):
    """Unknown app, another address, a wider scope, the plain method, a field said twice: a page, never a redirect.

    The same for who is signed in and for who is not, and for who pressed a button.
    """
    app = await village.registered()
    params = village.asks(app, **fields)
    for answer in (
        await village.opens(noor, params),
        await village.opens(None, params),
        await village.says(noor, params),
        await village.says(noor, params, "deny"),
    ):
        assert answer.status_code == 400, answer.headers
        assert "location" not in answer.headers
        assert word in Page(answer).words
        assert external(Page(answer), BASE) == []
        assert "form-action 'self';" in answer.headers["content-security-policy"]
    assert promised(village) == []


async def test_who_is_not_signed_in_signs_in_and_comes_back_to_the_same_question(village):
    """The way to the sign-in page and back is a path of ours, with everything that the app said."""
    village.member("noor", password_hash=await passwords.hashed(GOOD))
    app = await village.registered()
    params = village.asks(
        app, state="s&é=1", code_challenge=challenge_of(VERIFIER), code_challenge_method="S256"
    )
    async with village.browser() as browser:
        sent = await browser.get(AUTHORIZE, params=params)
        assert sent.status_code == 303
        assert sent.headers["location"].startswith("/aanmelden?verder=%2Foauth%2Fauthorize%3F")
        page = Page(await browser.get(sent.headers["location"]))
        (onward,) = [field["value"] for field in page.all("input") if field.get("name") == "onward"]
        answer = await browser.post("/aanmelden", data={"handle": "noor", "password": GOOD, "onward": onward})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{AUTHORIZE}?")
        assert dict(parse_qsl(urlsplit(answer.headers["location"]).query)) == params
        assert "Tuin" in (await browser.get(answer.headers["location"])).text


async def test_a_session_that_is_over_asks_to_sign_in_and_promises_nothing(village):
    """Pressing yes after the session ended leads to signing in, and back to the question."""
    app = await village.registered()
    answer = await village.says(None, village.asks(app))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/aanmelden?verder=%2Foauth%2Fauthorize%3F")
    assert promised(village) == []


async def test_an_app_can_ask_to_sign_in_anew(village, noor):
    """`force_login` leads past the sign-in page once, and not round and round."""
    app = await village.registered()
    answer = await village.opens(noor, village.asks(app, force_login="true"))
    assert answer.headers["location"].startswith("/aanmelden?verder=")
    assert "force_login" not in answer.headers["location"]
    assert (await village.opens(noor, village.asks(app, force_login="false"))).status_code == 200


async def test_an_app_can_choose_the_language_of_the_page(village, noor):
    """`lang` is spoken when we know it; any other changes nothing, and leads nowhere else."""
    app = await village.registered()
    for lang, word in (
        ("en", "May Tuin use your account?"),
        ("en-GB", "May Tuin"),
        ("xx", "Mag Tuin"),
        ("//evil.example", "Mag Tuin"),
    ):
        answer = await village.opens(noor, village.asks(app, lang=lang, state="s"))
        where = answer.headers["location"]
        assert where.startswith(f"{AUTHORIZE}?")
        assert "lang=" not in where
        async with village.as_member(noor) as browser:
            page = await browser.get(where)
        assert word in Page(page).words
        assert 'name="state" value="s"' in page.text


async def test_the_page_says_who_asks_what_and_where_it_leads(village, noor):
    """Name, permissions in sentences, and the place of the app; a wide permission is not said twice."""
    app = await village.registered()
    page = Page(await village.opens(noor, village.asks(app, scope="read read:lists push")))
    assert "Mag Tuin je account gebruiken?" in page.words
    assert "Alles lezen wat jij hier kunt lezen." in page.words
    assert "Je lijsten zien." not in page.words
    assert "In jouw naam vragen" not in page.words
    assert "client.example" in page.words
    assert "noor" in page.words
    assert [field["value"] for field in page.all("button") if field.get("name") == "decision"] == [
        "allow",
        "deny",
    ]


@pytest.mark.parametrize(
    ("address", "source"),
    [
        (BACK, "https://client.example"),
        ("https://client.example:8443/cb?a=1", "https://client.example:8443"),
        ("http://localhost:3000/cb", "http://localhost:3000"),
        ("app://callback", "app:"),
        ("icecubesapp://", "icecubesapp:"),
        (OOB, ""),
    ],
)
async def test_the_form_may_end_at_the_apps_own_place_and_nowhere_else(village, noor, address, source):
    """There is one policy, and in it only this server and the one address that was asked for."""
    app = await village.registered(redirect_uris=f"{address}\nhttps://other.example/\nother://x")
    answer = await village.opens(noor, village.asks(app, redirect_uri=address))
    (policy,) = answer.headers.get_list("content-security-policy")
    (allowed,) = [part.split()[1:] for part in policy.split("; ") if part.startswith("form-action")]
    assert allowed == ["'self'", *filter(None, [source])]
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("address", "begin"),
    [
        (BACK, f"{BACK}?"),
        (f"{BACK}?a=b%20c&d=", f"{BACK}?a=b%20c&d=&"),
        ("icecubesapp://", "icecubesapp://?"),
        ("com.example.App:/cb", "com.example.App:/cb?"),
    ],
)
async def test_a_member_who_says_yes_goes_to_the_address_as_it_was_registered(village, noor, address, begin):
    """The address is not rebuilt; the app gets its code and its own state back, whatever is in it."""
    app = await village.registered(redirect_uris=address)
    state = "s t=1&é#/"
    answer = await village.says(noor, village.asks(app, redirect_uri=address, state=state))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(begin)
    said = told(answer)
    assert said["state"] == state
    assert re.fullmatch(r"[A-Za-z0-9]{48}", said["code"])
    assert answer.headers["cache-control"] == "no-store"
    (code,) = promised(village)
    assert said["code"] not in repr(code)
    assert (code.member_id, code.app_id, code.scopes) == (noor.id, app["client_id"], ("read",))


async def test_a_member_who_says_no_is_heard_and_nothing_is_promised(village, noor):
    """The app hears `access_denied` with its state, and no code."""
    app = await village.registered()
    said = told(await village.says(noor, village.asks(app, state="s"), "deny"))
    assert (said["error"], said["state"]) == ("access_denied", "s")
    assert "code" not in said
    assert promised(village) == []


async def test_out_of_band_the_code_stands_on_a_page_to_copy(village, noor):
    """There is no address to go to: the code, or that there is none, is shown here."""
    app = await village.registered()
    page = await village.says(noor, village.asks(app, redirect_uri=OOB))
    assert page.status_code == 200
    code = re.search(r"<code[^>]*>([A-Za-z0-9]{48})</code>", page.text)[1]
    answer = await village.exchanged(app, code, redirect_uri=OOB)
    assert answer.status_code == 200
    no = await village.says(noor, village.asks(app, redirect_uri=OOB), "deny")
    assert no.status_code == 200
    assert "<code" not in no.text
    for each in (page, no):
        assert "location" not in each.headers
        assert "no-store" in each.headers["cache-control"]


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW", "allow "])
async def test_what_is_neither_yes_nor_no_is_neither(village, noor, decision):
    """Only the two buttons mean something."""
    app = await village.registered()
    answer = await village.says(noor, village.asks(app), decision)
    assert answer.status_code == 422
    assert promised(village) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://client.example"},
        {"Referer": "https://evil.example/"},
        {},
    ],
)
async def test_h07_no_other_site_says_yes_for_a_member(village, noor, headers):
    """A form on another page, or one that does not say where it is from, agrees to nothing."""
    app = await village.registered()
    async with village.client(**headers, Cookie=f"__Host-session={village.session(noor)}") as browser:
        answer = await browser.post(AUTHORIZE, data={**village.asks(app), "decision": "allow"})
    assert answer.status_code == 403
    assert promised(village) == []


async def test_a_token_is_nobody_on_the_consent_page(village, noor):
    """A program cannot agree for its member to another program."""
    app = await village.registered()
    async with village.client(Authorization=f"Bearer {village.token(noor)}") as client:
        answer = await client.post(AUTHORIZE, data={**village.asks(app), "decision": "allow"})
    assert answer.headers["location"].startswith("/aanmelden")
    assert promised(village) == []


async def test_g22_other_sites_cannot_read_the_consent_page(village, noor):
    """It has no header that opens it to them, and no preflight."""
    app = await village.registered()
    answer = await village.opens(noor, village.asks(app))
    assert "access-control-allow-origin" not in answer.headers
    async with village.client(Origin="https://client.example") as client:
        assert (await client.options(AUTHORIZE)).status_code == 405
    assert BASE not in dict(answer.headers).get("access-control-allow-origin", "")
