"""Codes and tokens: each opens what it was given for, to whom, once or until it is ended."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from storage.store import Store
from tests.web.appearing import BACK, OOB, VERIFIER, AppVillage, challenge_of
from tests.web.serving import API, BASE, called
from vraagbaak import app_scopes, members
from vraagbaak.model import Actor, Token
from web.mastodon import oauth
from web.mastodon.asked import Asked

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
PKCE = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
TOKEN, REVOKE = "/oauth/token", "/oauth/revoke"


@pytest.fixture
def village(store_factory):
    return AppVillage(store_factory)


@pytest.fixture
def noor(village):
    return village.member("noor")


def tokens(village):
    return village.store.read_now(lambda reading: reading.find(Token))


def basic(app, secret=None):
    pair = f"{app['client_id']}:{app['client_secret'] if secret is None else secret}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


async def test_a_code_gives_a_token_as_mastodon_gives_it(village, noor):
    """Bearer, with its scopes and the second it was made; it does not expire by itself, and is kept as a hash."""
    app = await village.registered()
    code = await village.code(noor, app, scope="read write:statuses", **PKCE)
    answer = await village.exchanged(app, code, code_verifier=VERIFIER)
    said = answer.json()
    secret = said.pop("access_token")
    now = int(village.clock.moment.timestamp())
    assert said == {"token_type": "Bearer", "scope": "read write:statuses", "created_at": now}
    assert answer.headers["cache-control"] == "no-store"
    (token,) = tokens(village)
    assert secret not in repr(token)
    assert (token.member_id, token.app_id) == (noor.id, app["client_id"])


@pytest.mark.parametrize("sent", ["form", "json", "parts", "address", "basic"])
async def test_an_app_proves_itself_in_every_way_that_is_promised(village, noor, sent):
    """Its secret in the header or in the body, as a form, in parts or as JSON; old apps put it behind the address."""
    app = await village.registered()
    fields = {"grant_type": "authorization_code", "code": await village.code(noor, app), "redirect_uri": BACK}
    own = {name: app[name] for name in ("client_id", "client_secret")}
    ways = {
        "form": {"data": fields | own},
        "json": {"json": fields | own},
        "parts": {"files": {name: (None, value) for name, value in (fields | own).items()}},
        "address": {"params": fields | own},
        "basic": {"data": fields, "headers": basic(app)},
    }
    async with village.client() as client:
        assert (await client.post(TOKEN, **ways[sent])).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": "0" * 26}, 401, "invalid_client"),
        ({"client_id": "'; --"}, 401, "invalid_client"),
        ({"client_id": "é"}, 400, "invalid_request"),
        ({"client_secret": "\x00"}, 400, "invalid_request"),
        ({"code": None}, 400, "invalid_request"),
        ({"code": ""}, 400, "invalid_grant"),
        ({"code": "wrong"}, 400, "invalid_grant"),
        ({"code": "\ufffd"}, 400, "invalid_request"),
        ({"code": "x" * 5000}, 400, "invalid_request"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"redirect_uri": f"{BACK}/"}, 400, "invalid_grant"),
        ({"redirect_uri": OOB}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_request"),
        ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
        ({"code_verifier": challenge_of(VERIFIER)}, 400, "invalid_grant"),
        ({"code_verifier": "v" * 42}, 400, "invalid_request"),
        ({"code_verifier": f"{VERIFIER}\n"}, 400, "invalid_request"),
        ({"code_verifier": "é" * 43}, 400, "invalid_request"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "noor", "password": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({"grant_type": "é\r\n"}, 400, "invalid_request"),
        ({"grant_type": ["authorization_code", "password"]}, 400, "invalid_request"),
        ({"code": ["a", "b"]}, 400, "invalid_request"),
    ],
)
async def test_h02_h03_h20_what_is_not_right_in_every_way_gives_no_token(
    village, noor, fields, status, error
):
    """Wrong secret, code, address or verifier, the password grant, doubles and nonsense: the protocol's own refusal.

    The right request still works afterwards: a mistake of the app loses nothing.
    """
    app = await village.registered()
    code = await village.code(noor, app, **PKCE)
    answer = await village.exchanged(app, code, **{"code_verifier": VERIFIER, **fields})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) <= {"error", "error_description"}
    assert tokens(village) == []
    assert (await village.exchanged(app, code, code_verifier=VERIFIER)).status_code == 200


async def test_an_unknown_app_and_a_wrong_secret_get_one_answer(village):
    """Nobody finds out which apps there are."""
    app = await village.registered()
    wrong = await village.exchanged(app, "x", client_secret="wrong")
    unknown = await village.exchanged(app, "x", client_id="0" * 26)
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize(
    "header",
    [
        *(
            "Basic",
            "Basic ",
            "Basic é",
            "Basic ====",
            "Basic /w==",
            "Basic Og==",
            "Basic bm9jb2xvbg==",
            "basic x y",
        ),
        *(
            "Bearer x",
            "Digest x",
            "Basic " + "A" * 5000,
            "\xff",
            "Basic " + base64.b64encode(b"a:\xff").decode(),
        ),
    ],
)
async def test_a_broken_header_is_no_proof_and_no_fault(village, header):
    """Whatever stands in Authorization, the answer is that this is no app we know."""
    await village.registered()
    for path in (TOKEN, REVOKE):
        kind = ("content-type", "application/x-www-form-urlencoded")
        sent = [b"grant_type=client_credentials&token=x"]
        status, _, said, _ = await called(village.app, "POST", path, [kind, ("authorization", header)], sent)
        assert (status, b"invalid_client" in said) == (401, True)


async def test_h03_a_verifier_without_a_challenge_is_a_downgrade(village, noor):
    """Who took the challenge out of the request on the way gets nothing for the code."""
    app = await village.registered()
    code = await village.code(noor, app)
    answer = await village.exchanged(app, code, code_verifier=VERIFIER)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert tokens(village) == []


async def test_h02_a_code_used_twice_ends_its_token_at_once(village, noor):
    """The second time gives nothing, and takes back what the first gave; a third changes nothing."""
    app = await village.registered()
    code = await village.code(noor, app)
    token = (await village.exchanged(app, code)).json()["access_token"]
    assert await village.works(token)
    for _ in range(2):
        again = await village.exchanged(app, code)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        assert not await village.works(token)


async def test_h02_a_code_of_another_app_gives_nothing(village, noor):
    """An app with a code that is not its own gets nothing, and the code is lost."""
    app, thief = await village.registered(), await village.registered(client_name="Dief")
    code = await village.code(noor, app)
    for which in (thief, app):
        assert (await village.exchanged(which, code)).json()["error"] == "invalid_grant"
    assert tokens(village) == []


async def test_h02_a_code_lives_ten_minutes(village, noor):
    """After that it gives nothing."""
    app = await village.registered()
    code = await village.code(noor, app)
    village.later(timedelta(minutes=10))
    assert (await village.exchanged(app, code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("database", DATABASES)
async def test_h02_of_many_at_the_same_moment_at_most_one_gets_a_token(store_factory, request, database):
    """On both databases: however many show one code at once, never two tokens come of it."""
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    village = AppVillage(lambda **settings: store_factory(url, **settings))
    noor, app = village.member("noor"), await village.registered()
    code = await village.code(noor, app)
    answers = await asyncio.gather(*(village.exchanged(app, code) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert [answer.status_code for answer in answers].count(200) == 1
    assert tokens(village) == []  # the others ended it again


@pytest.mark.parametrize("gone", ["left", "suspended", "password"])
async def test_a_code_of_who_is_gone_or_changed_their_password_gives_nothing(village, noor, gone):
    """What was promised before is not given after (threat H09)."""
    app = await village.registered()
    code, token = await village.code(noor, app), await village.signed_in(noor, app)

    def end(tx):
        if gone == "left":
            members.leave(tx, noor)
        elif gone == "password":
            members.change_password(tx, noor, "new")
        else:
            tx.save(replace(tx.get(Actor, noor.actor_id), suspended=True))

    village.store.run_now(end)
    assert (await village.exchanged(app, code)).json()["error"] == "invalid_grant"
    assert not await village.works(token)


async def test_h04_an_app_for_itself_reads_what_is_public_and_is_nobody(village, noor):
    """Its own token opens nothing of a member: 403, and not what is for the neighbourhood."""
    village.ask(noor, "Voor iedereen?")
    app = await village.registered(scopes="read write profile")
    said = (await village.own(app, scope="read write profile")).json()
    assert said["scope"] == "read write profile"
    async with village.client(Authorization=f"Bearer {said['access_token']}") as client:
        assert (await client.get("/oauth/userinfo")).status_code == 403
        assert (await client.get("/api/v1/apps/verify_credentials")).status_code == 200
    (token,) = tokens(village)
    assert token.member_id is None


@pytest.mark.parametrize(
    ("scope", "status", "given"),
    [
        (None, 200, "read"),
        ("read:lists", 200, "read:lists"),
        (" ", 200, "read"),
        ("push", 400, "invalid_scope"),
        ("admin:read", 400, "invalid_scope"),
        ("read nonsense", 400, "invalid_scope"),
        ("é", 400, "invalid_request"),
    ],
)
async def test_h04_an_app_gets_no_wider_scope_than_it_registered(village, scope, status, given):
    """Narrower is fine, nothing said is `read`, wider or unknown is refused."""
    app = await village.registered(scopes="read write:media")
    answer = await village.own(app, **({"scope": scope} if scope else {}))
    assert answer.status_code == status
    assert answer.json().get("scope", answer.json().get("error")) == given


async def test_an_app_without_read_gets_what_it_registered_unless_it_says(village, noor):
    """What nobody registered is given to nobody, not by default either."""
    app = await village.registered(scopes="profile")
    answer = await village.exchanged(app, await village.code(noor, app, scope=None))
    assert answer.json()["scope"] == "profile"


async def test_revoking_ends_a_token_at_once_and_again_is_fine(village, noor):
    """The same answer for one that works, that is revoked already, and that never was."""
    app = await village.registered()
    token, other = await village.signed_in(noor, app), await village.signed_in(noor, app)
    for which, hint in ((token, "nonsense"), (token, "refresh_token"), ("never", "access_token")):
        answer = await village.revoked(app, which, token_type_hint=hint)
        assert (answer.status_code, answer.json()) == (200, {})
    assert not await village.works(token)
    assert await village.works(other)


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "0" * 26}, 401, "invalid_client"),
        ({"token_type_hint": ["access_token", "refresh_token"]}, 400, "invalid_request"),
        ({"token": ["a", "b"]}, 400, "invalid_request"),
        ({"token": "é"}, 400, "invalid_request"),
    ],
)
async def test_only_the_app_itself_revokes(village, noor, fields, status, error):
    """Without its secret, or in a way that cannot be read, nothing is revoked."""
    app = await village.registered()
    token = await village.signed_in(noor, app)
    answer = await village.revoked(app, token, **fields)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert await village.works(token)


async def test_g23_no_app_revokes_the_token_of_another(village, noor):
    """Not that of another app, and not one that was made on the command line."""
    app, other = await village.registered(), await village.registered(client_name="Ander")
    for token in (await village.signed_in(noor, app), village.token(noor)):
        answer = await village.revoked(other, token)
        assert (answer.status_code, answer.json()["error"]) == (403, "unauthorized_client")
        assert await village.works(token)


async def test_h11_who_tries_many_codes_has_to_wait(store_factory):
    """Thirty tries from one address, then one every ten seconds; revoking counts along."""
    village = AppVillage(store_factory, lab_limits="on")
    app = await village.registered()
    for number in range(30):
        answer = await (village.revoked(app, "x") if number % 2 else village.exchanged(app, "x"))
        assert answer.status_code != 429
    refused = await village.exchanged(app, "x")
    assert refused.status_code == 429
    assert refused.headers["x-ratelimit-limit"] == "30"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["x-ratelimit-reset"].endswith("Z")
    assert 0 < int(refused.headers["retry-after"]) <= 10
    assert refused.json()["error"]


@pytest.mark.parametrize("path", [TOKEN, REVOKE, "/api/v1/apps", "/oauth/userinfo"])
async def test_h15_other_sites_may_call_without_cookies(village, path):
    """A preflight is answered, also before a refusal; no answer allows cookies."""
    asked = {
        "Origin": "https://client.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-own",
    }
    async with village.client(**asked, **{"Sec-Fetch-Site": "cross-site"}) as client:
        before = await client.options(path)
        after = await client.post(path, data={})
    assert before.status_code == 204
    assert "Authorization" in before.headers["access-control-allow-headers"]
    assert "POST" in before.headers["access-control-allow-methods"]
    assert 400 <= after.status_code < 500
    assert after.status_code != 403
    for answer in (before, after):
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert "access-control-allow-credentials" not in answer.headers
        exposed = answer.headers["access-control-expose-headers"]
        assert {"Link", "X-RateLimit-Reset", "Idempotency-Key"} <= set(exposed.split(", "))


@pytest.mark.parametrize(
    "path", ["/oauth/tokenx", "/oauth/token/", "/oauth/authorize", "/OAUTH/token", "/oauth"]
)
async def test_h15_a_path_that_only_looks_like_it_is_not_open(village, noor, path):
    """Other sites may neither read it nor send to it with a cookie."""
    cookie = f"__Host-session={village.session(noor)}"
    async with village.client(Origin="https://evil.example", Cookie=cookie) as client:
        answer = await client.post(path, data={})
        assert "access-control-allow-origin" not in answer.headers
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in (await client.options(path)).headers


async def test_who_signed_in_is_told_only_with_the_scope_for_it(village, noor):
    """`profile` opens it, `read` alone does not; what it says is what others see."""
    app = await village.registered(scopes="read profile")
    wide = await village.signed_in(noor, app, scope="read")
    narrow = await village.signed_in(noor, app, scope="profile")
    for token, status in ((wide, 403), (narrow, 200), ("", 401), ("x", 401)):
        async with village.client(**({"Authorization": f"Bearer {token}"} if token else {})) as client:
            for answer in (await client.get("/oauth/userinfo"), await client.post("/oauth/userinfo")):
                assert answer.status_code == status
                if status == 401:
                    assert answer.headers["www-authenticate"] == "Bearer"
    async with village.client(Authorization=f"Bearer {narrow}") as client:
        said = (await client.get("/oauth/userinfo")).json()
    assert said == {
        "iss": f"{BASE}/",
        "sub": f"{BASE}/u/noor",
        "name": "Noor",
        "preferred_username": "noor",
        "profile": f"{BASE}/u/noor",
        "picture": f"{BASE}/static/icon.svg",
    }
    async with village.client(Cookie=f"__Host-session={village.session(noor)}") as client:
        assert (await client.get("/oauth/userinfo")).status_code == 401


async def test_h05_a_token_in_the_address_is_nobody(village, noor):
    """Not for the API, not for userinfo, and a token opens no page."""
    app = await village.registered(scopes="read profile")
    token = await village.signed_in(noor, app, scope="read profile")
    async with village.client() as client:
        for path in ("/oauth/userinfo", "/api/v1/apps/verify_credentials"):
            assert (await client.get(path, params={"access_token": token})).status_code == 401
        assert (
            await client.get("/mij/apps", headers={"Authorization": f"Bearer {token}"})
        ).status_code == 401


async def test_the_description_is_valid_and_true(village):
    """RFC 8414, by Authlib's own judgement; every address in it is there, and only S256 is promised."""
    async with village.client() as client:
        answer = await client.get("/.well-known/oauth-authorization-server")
        said = answer.json()
        AuthorizationServerMetadata(said).validate()
        for name, address in said.items():
            if name.endswith("_endpoint"):
                assert (await client.options(address)).status_code in {204, 405}
                assert (await client.get(address)).status_code != 404
    assert answer.headers["access-control-allow-origin"] == "*"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["grant_types_supported"] == ["authorization_code", "client_credentials"]
    assert said["scopes_supported"] == list(app_scopes.ALL)
    assert not [scope for scope in said["scopes_supported"] if scope.startswith("admin")]
    assert {"app_registration_endpoint", "userinfo_endpoint", "revocation_endpoint"} <= set(said)


async def test_the_plain_api_takes_the_tokens_of_apps(store_factory):
    """A narrow scope opens the plain API as far as it goes; an app's own token reads what is public."""
    from tests.web.serving import Serving

    pilot = Serving(store_factory)
    noor = pilot.member("noor")
    pilot.ask(noor)
    registered = await pilot.client().post(
        "/api/v1/apps", data={"client_name": "Tuin", "redirect_uris": BACK, "scopes": "read write"}
    )
    app = registered.json()
    fields = {"grant_type": "client_credentials", "scope": "read write"}
    own = (await pilot.client().post(TOKEN, data=fields, headers=basic(app))).json()["access_token"]
    async with pilot.client(Authorization=f"Bearer {own}") as client:
        assert len((await client.get(f"{API}/questions")).json()) == 1
        refused = await client.post(f"{API}/questions", json={"title": "Mag een app alleen dit?"})
        assert (refused.status_code, refused.json()["code"]) == (403, "app-only")


@pytest.mark.parametrize("database", DATABASES)
def test_what_a_refusal_ends_is_ended_on_both_databases(store_factory, request, database):
    """The refusal of a used code is written down although it is a refusal."""
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    village = AppVillage(lambda **settings: store_factory(url, **settings))
    noor = village.member("noor")
    app = asyncio.run(village.registered())
    code = asyncio.run(village.code(noor, app))
    fields = {
        "grant_type": ["authorization_code"],
        "code": [code],
        "redirect_uri": [BACK],
        "client_id": [app["client_id"]],
        "client_secret": [app["client_secret"]],
    }
    store: Store = village.store
    assert store.run_now(oauth.token, Asked(fields)).status == 200
    assert store.run_now(oauth.token, Asked(fields)).status == 400
    assert tokens(village) == []
