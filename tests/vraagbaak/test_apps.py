"""Apps act for members only as far, as long and for whom those agreed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from vraagbaak import apps, members
from vraagbaak.apps import CODE_LASTS, Agreement, Registration
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import App, AuthorizationCode, Session, Token
from vraagbaak.redirects import OUT_OF_BAND

BACK = "https://client.example/cb"
GOOD = Registration(name="Tuin", redirect_uris=(BACK, OUT_OF_BAND), scopes="read write:statuses")


@pytest.fixture
def app(village):
    return village.do(apps.register, GOOD, "secret")


def agreed(village, app, code="code", **other):
    given = Agreement(app_id=app.id, member_id=village.noor.id, redirect_uri=BACK, scopes=("read",))
    return village.do(apps.agree, replace(given, **other), code)


def token_for(village, app, code="code", token="token"):
    """What an app does with a code; None when it gets nothing."""

    def unit(tx):
        found = apps.shown(tx, app, code)
        return apps.exchange(tx, found, token) if found else None

    return village.do(unit)


def test_an_app_is_what_it_says_it_is(village):
    """Name, site, addresses and scopes are kept; a name in one line, addresses once each."""
    given = replace(
        GOOD, name=" Tuin\n\u202eapp ", redirect_uris=[BACK, BACK], website=" https://client.example "
    )
    app = village.do(apps.register, given, "secret")
    assert (app.name, app.website, app.redirect_uris) == ("Tuin app", "https://client.example", (BACK,))
    assert (app.scopes, app.created_at) == (("read", "write:statuses"), village.clock.moment)
    assert apps.is_secret_of(app, "secret")
    assert not apps.is_secret_of(app, "")


@pytest.mark.parametrize("website", ["client.example", "www.client.example/over", " "])
def test_a_website_without_a_scheme_is_left_out(village, website):
    """The app is taken without it."""
    assert village.do(apps.register, replace(GOOD, website=website), "secret").website == ""


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("too-short", {"name": "\u200b"}),
        ("too-long", {"name": "x" * 61}),
        ("missing", {"redirect_uris": ()}),
        ("bad-redirect-uri", {"redirect_uris": (BACK, "javascript:alert(1)")}),
        ("too-many", {"redirect_uris": [f"{BACK}/{number}" for number in range(21)]}),
        ("too-many", {"redirect_uris": [f"{BACK}/{number}" + "x" * 1500 for number in range(2)]}),
        ("invalid_scope", {"scopes": "read admin:read"}),
        ("bad-website", {"website": "javascript:alert(1)"}),
        ("bad-website", {"website": "https://"}),
        ("bad-website", {"website": "https://[::1"}),
        ("bad-website", {"website": "https://a.example/\u202e x"}),
        ("bad-website", {"website": "https://a.example/" + "x" * 2000}),
    ],
)
def test_h24_an_app_that_cannot_be_shown_honestly_is_not_taken(village, code, other):
    """No name, a name as long as a page, a site that is none, and addresses that nobody should be sent to."""
    village.refuses(Invalid, code, apps.register, replace(GOOD, **other), "secret")


@pytest.mark.parametrize("client_id", ["", "x", "0" * 26, "'; --", "\x00" * 26, "0" * 5000, "\ud800"])
def test_an_app_that_is_not_there_is_nobody(village, app, client_id):
    """Whatever is given as a client id."""
    assert village.do(apps.by_id, client_id) is None
    assert village.do(apps.by_id, app.id) == app


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("bad-redirect-uri", {"redirect_uri": f"{BACK}/"}),
        ("bad-redirect-uri", {"redirect_uri": f"{BACK}?x=1"}),
        ("bad-redirect-uri", {"redirect_uri": "https://client.example:443/cb"}),
        ("bad-redirect-uri", {"redirect_uri": "https://CLIENT.example/cb"}),
        ("bad-redirect-uri", {"redirect_uri": ""}),
        ("invalid_scope", {"scopes": ("read", "write")}),
        ("invalid_scope", {"scopes": ("push",)}),
        ("invalid_scope", {"scopes": ()}),
    ],
)
def test_h01_h04_nobody_agrees_to_more_than_an_app_registered(village, app, code, other):
    """Another address or a wider scope than was registered is refused, however close it is."""
    given = Agreement(app_id=app.id, member_id=village.noor.id, redirect_uri=BACK, scopes=("read",))
    village.refuses(Invalid, code, apps.agree, replace(given, **other), "code")


def test_a_narrower_scope_than_registered_may_be_agreed_to(village, app):
    """`read` was registered, so `read:lists` may be asked for alone."""
    assert agreed(village, app, scopes=("read:lists",)).scopes == ("read:lists",)


def test_a_code_gives_a_token_for_who_agreed(village, app):
    """The token is of that member and app, with those scopes; only hashes are kept."""
    agreed(village, app, scopes=("read:lists",))
    token = token_for(village, app)
    assert (token.member_id, token.app_id, token.scopes) == (village.noor.id, app.id, ("read:lists",))
    assert village.all(Token) == [token]


def test_h02_a_code_shown_twice_ends_the_token_it_gave(village, app):
    """Whoever shows it again has it from somewhere: nobody keeps a token of it, and it never gives one again."""
    agreed(village, app)
    agreed(village, app, "other")
    kept = token_for(village, app, "other", "kept")
    token_for(village, app)
    for _ in range(2):
        assert token_for(village, app, token="again") is None
        assert village.all(Token) == [kept]


def test_h02_a_code_of_another_app_gives_nothing_and_is_lost(village, app):
    """An app that shows the code of another gets no token, and after that neither does the other."""
    thief = village.do(apps.register, replace(GOOD, name="Dief"), "other")
    agreed(village, app)
    assert token_for(village, thief) is None
    assert token_for(village, app) is None
    assert village.all(Token) == []


def test_h02_a_code_lives_ten_minutes(village, app):
    """At ten minutes it is over, a moment before it is not."""
    agreed(village, app)
    agreed(village, app, "late")
    village.clock.moment += CODE_LASTS - timedelta(milliseconds=1)
    assert token_for(village, app)
    village.clock.moment += timedelta(milliseconds=1)
    assert token_for(village, app, "late", "too late") is None
    assert timedelta(minutes=10) == CODE_LASTS


def test_h02_of_two_at_the_same_moment_neither_keeps_a_token(village, app):
    """Both saw the code unused: the one who comes second gets nothing, and the first loses what it got."""
    code = agreed(village, app)
    assert village.do(apps.exchange, code, "first")
    assert village.do(apps.exchange, code, "second") is None
    assert village.all(Token) == []


def test_h04_an_app_of_its_own_has_no_member(village, app):
    """Its own token is nobody's, and no wider than what it registered."""
    token = village.do(apps.give_own, app, ("read",), "own")
    assert (token.member_id, token.app_id) == (None, app.id)
    village.refuses(Invalid, "invalid_scope", apps.give_own, app, ("push",), "wider")
    village.refuses(Invalid, "invalid_scope", apps.give_own, app, (), "nothing")


def test_who_ends_an_app_ends_it_for_themselves_alone(village, app):
    """Every token and open code of that member for that app is gone; those of others and of other apps stay."""
    other = village.do(apps.register, replace(GOOD, name="Ander"), "other")
    for code, member, which in (
        ("a", village.noor, app),
        ("b", village.sam, app),
        ("c", village.noor, other),
    ):
        agreed(village, which, code, member_id=member.id)
        token_for(village, which, code, f"token {code}")
    agreed(village, app, "open")
    village.do(apps.end_app, village.noor, app.id)
    assert {token.id for token in village.all(Token)} == {"token b", "token c"}
    assert token_for(village, app, "open", "late") is None
    village.refuses(Unknown, "unknown", apps.end_app, village.noor, app.id)


def test_g23_nobody_ends_the_token_or_browser_of_another(village):
    """Another's is unknown, as is what never was; one's own is ended."""
    village.do(members.give_token, village.sam, "token", ("read",))
    village.do(members.open_session, village.sam.id, "session")
    for which in ("token", "nothing"):
        village.refuses(Unknown, "unknown", apps.end_token, village.noor, which)
    for which in ("session", "nothing"):
        village.refuses(Unknown, "unknown", apps.end_session, village.noor, which)
    village.do(apps.end_token, village.sam, "token")
    village.do(apps.end_session, village.sam, "session")
    assert village.all(Token) == village.all(Session) == []


def test_h09_a_new_password_and_leaving_end_open_codes_too(village, app):
    """What an app was promised before is not given afterwards."""
    agreed(village, app)
    agreed(village, app, "sams", member_id=village.sam.id)
    village.do(members.change_password, village.noor, "new")
    assert token_for(village, app) is None
    village.do(members.leave, village.sam)
    assert token_for(village, app, "sams") is None
    assert village.all(AuthorizationCode) == []
    assert village.all(App) == [app]


def test_an_app_that_goes_takes_its_tokens_along(village, app):
    """No token of an app that is not there."""
    agreed(village, app)
    token_for(village, app)
    village.do(lambda tx: tx.remove(app))
    assert village.all(Token) == village.all(AuthorizationCode) == []
