"""The Mastodon API against those who do not mean well (threats G and H)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.mastodon.apps import MISSING, App, good, ids
from vraagbaak.model import Actor, Answer, Question, QuestionStatus, ReplyStatus, Scope
from web.mastodon import ENDPOINTS

ODD_IDS = ["x", "-1", "9" * 400, "0", "%00", MISSING.upper(), "..", "%2e%2e", "1%20OR%201=1", "é", "%ff"]
LISTS = ["v1/timelines/home", "v1/timelines/public", "v1/timelines/tag/zorg", "v1/favourites", "v1/bookmarks"]
MEMBERS_ONLY = [each for each in ENDPOINTS if each.scope and each.members_only]


def filled(path: str, key: str) -> str:
    path = path.removeprefix("/api/")
    for name in ("{id}", "{tag}", "{group}", "{keyword}"):
        path = path.replace(name, key)
    return path


@pytest.mark.parametrize("endpoint", MEMBERS_ONLY, ids=lambda each: f"{each.method} {each.path}")
async def test_h04_without_a_token_or_with_one_for_less_nothing_is_done(pilot, nobody, sam, endpoint):
    """No token is 401, a token that works for something else only is 403, whatever the body."""
    path = filled(endpoint.path, MISSING)
    less = App(pilot, sam.member, "profile")
    for body in ({}, {"json": {"status": 5}}, {"content": b"\xff", "headers": {"Content-Type": "text/odd"}}):
        if endpoint.method == "GET" and body:
            continue
        found = await nobody.call(endpoint.method, path, **body)
        assert (found.status_code, found.json()["code"]) == (401, "needs-token")
        found = await less.call(endpoint.method, path, **body)
        assert (found.status_code, found.json()["code"]) == (403, "scope")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
async def test_a_token_that_does_not_work_opens_nothing_and_no_cookie_does(pilot, sam, endpoint):
    """A dead token is 401 everywhere, so that the app signs out; no call is answered with a fault."""
    found = await App(pilot, token="dead").call(endpoint.method, filled(endpoint.path, MISSING))
    assert found.status_code == 401
    assert found.json()["error"]


@pytest.mark.parametrize(
    "endpoint",
    [each for each in ENDPOINTS if "{id}" in each.path],
    ids=lambda each: f"{each.method} {each.path}",
)
async def test_h16_an_id_that_cannot_be_one_is_the_same_as_one_of_nothing(sam, endpoint):
    """Text, negative, huge, NUL and other odd ids give what an unknown id gives: 404 (or nothing to undo), never a fault."""
    wanted = await sam.call(endpoint.method, filled(endpoint.path, MISSING))
    assert wanted.status_code in {404, 422}
    for key in ODD_IDS[:5]:
        found = await sam.call(endpoint.method, filled(endpoint.path, key))
        assert found.status_code == wanted.status_code, key


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=0", "limit=9999999999999999999999", "max_id=%00", "min_id=-1", "since_id=zzz"],
)
async def test_h16_odd_limits_and_places_are_clamped(noor, path, query):
    """A list answers with a list, of one to forty things, whatever is asked."""
    for number in range(3):
        await noor.status(f"Vraag {number} over #zorg")
    found = good(await noor.call("GET", f"{path}?{query}"))
    assert len(found) <= 3
    if "-1" in query and "limit" in query and "home" in path:
        assert len(found) == 1


@pytest.mark.parametrize("query", ["limit=abc", "local=maybe", "limit[a][b][c][d][e][f]=1"])
async def test_h16_what_cannot_be_read_is_refused_in_words(noor, query):
    """A parameter of a wrong type is 422 with a sentence."""
    found = await noor.call("GET", f"v1/timelines/public?{query}")
    assert found.status_code == 422
    assert found.json()["error"]


@pytest.mark.parametrize("spelling", ["true", "TRUE", "1", "on", "yes", "t"])
async def test_h16_booleans_in_every_spelling(noor, spelling):
    """Apps say yes in six ways and no in as many."""
    await noor.status("Een vraag van hier", visibility="public")
    assert len(await noor.get(f"v1/timelines/public?local={spelling}")) == 1
    assert await noor.get(f"v1/timelines/public?remote={spelling}") == []
    for no in ("false", "0", "off", "no", "f", ""):
        assert len(await noor.get(f"v1/timelines/public?remote={no}")) == 1


async def test_h16_what_is_null_is_not_said(noor):
    """Some apps send all that a status can have, with null for what it has not."""
    names = ("spoiler_text", "sensitive", "language", "media_ids", "media_attributes", "poll", "scheduled_at")
    names += ("in_reply_to_id", "visibility", "quoted_status_id", "vraagbaak")
    said = await noor.status("Wie weet raad?", **dict.fromkeys(names))
    assert (said["visibility"], said["sensitive"], said["spoiler_text"]) == ("private", False, "")


@pytest.mark.parametrize("name", ["id", "id[]", "id[0]", "id[7]"])
async def test_h16_lists_in_every_spelling(noor, sam, name):
    """`a`, `a[]` and `a[0]` are one list."""
    assert ids(await noor.get(f"v1/accounts?{name}={sam.account_id}")) == [sam.account_id]
    two = f"id[]={sam.account_id}&id[]={noor.account_id}&id[]=x&id[]={MISSING}"
    assert set(ids(await noor.get(f"v1/accounts?{two}"))) == {sam.account_id, noor.account_id}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"status": "a", "status": "b"}', "application/json", 400),
        (b'{"status": NaN}', "application/json", 400),
        (b'{"status": "\\ud800"}', "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b'{"status": {"a": 1}}', "application/json", 422),
        (b'{"status": "a", "sensitive": {"a": 1}}', "application/json", 422),
        (b'{"status": "a", "sensitive": [[]]}', "application/json", 422),
        (b'{"status": "a", "vraagbaak": 5}', "application/json", 422),
        (b'{"status": "a", "vraagbaak": {"wanted": "king"}}', "application/json", 422),
        (b'{"status": "a", "vraagbaak": {"perspective": 7}}', "application/json", 422),
        (b'{"status": ""}', "application/json", 422),
        (b'{"status": "\\u0000"}', "application/json", 422),
        (b"{}", "application/json", 422),
        (b"", "application/json", 422),
        (b"status=a", "text/plain", 415),
        (b"status=" + b"a" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"--x", "multipart/form-data", 400),
        (b"status[a][b][c][d][e][f]=1", "application/x-www-form-urlencoded", 422),
        (b'{"status": "Een vraag?", "in_reply_to_id": "x"}', "application/json", 404),
        (b'{"status": "Een vraag?", "in_reply_to_id": -1}', "application/json", 404),
        (b'{"status": "Een vraag?", "media_ids": ["1"]}', "application/json", 422),
        (b'{"status": "Een vraag?", "poll": {"options": ["a"]}}', "application/json", 422),
        (b'{"status": "Een vraag?", "scheduled_at": "2030-01-01"}', "application/json", 422),
        (b'{"status": "Een vraag?", "visibility": "direct"}', "application/json", 422),
        (b'{"status": "Een vraag?", "visibility": "everyone"}', "application/json", 422),
    ],
)
async def test_h16_a_body_that_is_wrong_writes_nothing(pilot, noor, body, kind, status):
    """Broken, huge, of a wrong type or asking for what is not here: a sentence, and nothing stands there."""
    found = await noor.call("POST", "v1/statuses", content=body, headers={"Content-Type": kind})
    assert (found.status_code, bool(found.json()["error"])) == (status, True), found.text
    assert pilot.all(Question, author_id=noor.account_id) == []


async def seen(app: App, question: Question, answer: Answer | None = None) -> set[str]:
    """The ids that this app meets anywhere."""
    paths = [
        *("v1/timelines/public", "v1/timelines/tag/zorg", f"v1/accounts/{question.author_id}/statuses"),
        f"v1/accounts/{question.author_id}/statuses?pinned=true",
        f"v1/statuses?id[]={question.id}&id[]={answer.id if answer else MISSING}",
    ]
    if app.token:
        paths += ["v1/timelines/home", "v1/favourites", "v1/bookmarks", "v1/notifications"]
    found: set[str] = set()
    for path in paths:
        answered = await app.call("GET", path)
        if answered.status_code == 200:
            found |= set(ids(answered.json())) | {
                (each.get("status") or {}).get("id", "") for each in answered.json()
            }
    for query in ("Geheim", question.uri):
        answered = await app.call("GET", f"v2/search?q={query}")
        found |= set(ids(answered.json()["statuses"]))
    for thing in filter(None, (question, answer)):
        for rest in ("", "/context", "/history", "/favourited_by", "/source", "/card"):
            answered = await app.call("GET", f"v1/statuses/{thing.id}{rest}")
            if answered.status_code == 200:
                found.add(thing.id)
                if rest == "/context":
                    found |= set(ids(answered.json()["ancestors"] + answered.json()["descendants"]))
    return found


@pytest.mark.parametrize("scope", [Scope.NEIGHBOURHOOD, Scope.PILOTS])
async def test_g11_what_is_not_for_everybody_is_nowhere_for_who_has_no_token(pilot, noor, sam, nobody, scope):
    """A narrow question, its answers and its topic show up on no endpoint without a token of a member."""
    question = pilot.ask(noor.member, "Geheim van #zorg", scope, topics=("zorg",))
    answer = pilot.answer(sam.member, question, "Geheim antwoord")
    assert {question.id, answer.id}.isdisjoint(await seen(nobody, question, answer))
    assert {question.id, answer.id} <= await seen(sam, question, answer)


async def test_g06_what_was_hidden_is_gone_for_all_but_its_writer_and_the_moderators(
    pilot, noor, sam, moderator
):
    """After hiding, likes, bookmarks, notifications, search and threads show it to nobody else."""
    question = pilot.ask(noor.member, "Geheim", Scope.PUBLIC, topics=("zorg",))
    answer = pilot.answer(sam.member, question, "Geheim antwoord")
    lena = App(pilot, pilot.member("lena"))
    for thing in (question, answer):
        for verb in ("favourite", "bookmark"):
            await lena.post(f"v1/statuses/{thing.id}/{verb}")

    def hide(tx):
        tx.save(replace(tx.get(Answer, answer.id), status=ReplyStatus.HIDDEN))

    pilot.store.run_now(hide)
    assert answer.id not in await seen(lena, question, answer)
    assert answer.id not in await seen(noor, question, answer)
    assert answer.id in await seen(moderator, question, answer)

    def hide_all(tx):
        tx.save(replace(tx.get(Question, question.id), status=QuestionStatus.HIDDEN))

    pilot.store.run_now(hide_all)
    assert question.id not in await seen(lena, question)
    assert question.id in await seen(noor, question)
    for given in ({}, {"visibility": "direct"}, {"vraagbaak": {"perspective": "zz"}}):
        for key in (question.id, answer.id):
            reply = await lena.call(
                "POST", "v1/statuses", json={"status": "Ik?", "in_reply_to_id": key, **given}
            )
            assert reply.status_code == 404, given


@pytest.mark.parametrize(
    "verb", ["favourite", "unfavourite", "bookmark", "reblog", "pin", "mute", "unmute", "translate", "unpin"]
)
async def test_g05_doing_something_with_what_one_cannot_see_is_as_with_nothing(pilot, noor, sam, verb):
    """404, the same body as for an id of nothing."""
    question = pilot.ask(noor.member, "Geheim", Scope.PUBLIC)

    def hide(tx):
        tx.save(replace(tx.get(Question, question.id), status=QuestionStatus.HIDDEN))

    pilot.store.run_now(hide)
    found = [await sam.call("POST", f"v1/statuses/{key}/{verb}") for key in (question.id, MISSING)]
    assert found[0].status_code == 404
    assert found[0].content == found[1].content


async def test_g23_nobody_changes_deletes_or_pins_what_is_another_s(pilot, noor, sam):
    """403 for what everybody may see, 404 for what is narrower, and nothing changed."""
    for scope, status in ((Scope.PUBLIC, 403), (Scope.NEIGHBOURHOOD, 404)):
        question = pilot.ask(noor.member, f"Van noor {scope}", scope)
        for method, rest, body in (
            ("PUT", "", {"status": "Van sam"}),
            ("DELETE", "", None),
            ("POST", "/pin", None),
        ):
            found = await sam.call(method, f"v1/statuses/{question.id}{rest}", json=body)
            assert found.status_code in {status, 422, 403}, (method, found.text)
        assert pilot.own(Question, question).title == f"Van noor {scope}"


async def test_an_account_that_is_gone_is_nowhere(pilot, noor, sam):
    """Suspended people are found by no id, address, name or relation."""

    def suspend(tx):
        tx.save(replace(tx.get(Actor, sam.account_id), suspended=True))

    pilot.store.run_now(suspend)
    key = sam.account_id
    for path in (f"v1/accounts/{key}", f"v1/accounts/{key}/statuses", "v1/accounts/lookup?acct=sam"):
        assert (await noor.call("GET", path)).status_code == 404
    assert (await noor.call("POST", f"v1/accounts/{key}/follow")).status_code == 404
    for path in (
        f"v1/accounts?id={key}",
        "v1/accounts/search?q=sam",
        f"v1/accounts/relationships?id[]={key}",
    ):
        assert await noor.get(path) == []


async def test_g13_answers_are_private_and_say_how_many_calls_are_left(noor):
    """No cache keeps an answer for the next reader, and clients can pace themselves."""
    found = await noor.call("GET", "v1/timelines/home")
    assert found.headers["cache-control"] == "private, no-store"
    assert "Authorization" in found.headers["vary"]
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= set(found.headers)


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%25%25%25",
        "q=a&type=nothing",
        "q=" + "a" * 9000,
        "q=@",
        "q=@@@",
        "q=https://",
        "q=a&offset=-5",
        "q=a&max_id=%00&account_id=%00",
        "q=https://wester.example/v/%00",
        "q='%22;--&resolve=true",
        "q=acct:x@y",
    ],
)
async def test_odd_searches_find_nothing(noor, query):
    """Wildcards, quotes, NULs and half addresses are words like any other."""
    await noor.status("Een vraag zonder de eerste letter van het alfabet? Neen.")
    found = await noor.get(f"v2/search?{query}")
    assert set(found) == {"accounts", "statuses", "hashtags"}
