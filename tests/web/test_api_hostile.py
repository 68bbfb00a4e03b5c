"""The plain JSON API against those who do not mean well."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.federation.test_numbers import FITTING, NEVER, OTHERS
from tests.web.serving import API, Serving, called
from vraagbaak import members
from vraagbaak.model import Actor, Helped, Perspective, Question, Scope, Token
from web.api import OPERATIONS

MISSING = "0" * 26


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


@pytest.fixture
def noor(pilot):
    return pilot.member("noor")


@pytest.fixture
def sam(pilot):
    return pilot.member("sam")


def count(pilot):
    author = pilot.store.read_now(members.by_handle, "noor").actor_id
    return len(pilot.store.read_now(lambda reading: reading.find(Question, author_id=author)))


@pytest.mark.parametrize("token", ["wrong", "x" * 5000, "é", "", " ", "a b"])
async def test_a_wrong_token_opens_nothing_not_even_what_is_public(pilot, noor, token):
    pilot.ask(noor)
    headers = [("authorization", f"Bearer {token}"), ("content-type", "application/json")]
    body = json.dumps({"title": "Van wie is dit?"}).encode()
    for method, path in (("GET", f"{API}/questions"), ("POST", f"{API}/questions")):
        status, found, answer, _ = await called(pilot.app, method, path, headers, [body])
        assert status == 401
        assert json.loads(answer)["code"] == "bad-token"
        assert found["www-authenticate"] == "Bearer"
    assert count(pilot) == 1


async def test_the_token_of_a_member_who_left_or_was_removed_works_no_more(pilot, noor, sam):
    token, other = pilot.token(noor), pilot.token(sam)
    pilot.store.run_now(members.leave, noor)

    def suspend(tx):
        actor = tx.get(Actor, sam.actor_id)
        tx.save(type(actor)(**{name: getattr(actor, name) for name in actor.__slots__} | {"suspended": True}))

    pilot.store.run_now(suspend)
    for secret in (token, other):
        async with pilot.program(secret) as program:
            assert (await program.get("/questions")).status_code == 401
            assert (await program.post("/questions", json={"title": "Ben ik er nog?"})).status_code == 401


async def test_h15_a_cookie_is_nobody_on_the_api(pilot, noor):
    question = pilot.ask(noor, scope=Scope.NEIGHBOURHOOD)
    cookie = {"Cookie": f"__Host-session={pilot.session(noor)}"}
    async with pilot.client(**cookie) as browser:
        assert (await browser.get("/wie")).json()["handle"] == "noor"
        assert (await browser.get("/api/wie")).json()["handle"] is None
        assert (await browser.get(f"{API}/questions/{question.id}")).status_code == 404
        assert (await browser.post(f"{API}/questions", json={"title": "Wie ben ik?"})).status_code == 401


async def test_h05_a_token_in_the_address_or_on_a_page_is_nobody(pilot, noor):
    token = pilot.token(noor)
    async with pilot.client() as client:
        found = await client.get(f"{API}/questions?access_token={token}&scope=neighbourhood")
        assert found.json() == []
        assert (await client.get("/wie", headers={"Authorization": f"Bearer {token}"})).json()[
            "handle"
        ] is None


@pytest.mark.parametrize(
    ("scopes", "read", "write"),
    [
        (("read",), 200, 403),
        (("write",), 403, 201),
        (("read:statuses",), 200, 403),
        (("write:statuses",), 403, 201),
        (("read:accounts", "write:accounts", "read:search"), 403, 403),
        (("follow", "push"), 403, 403),
        (("readwrite", "Write", "write "), 403, 403),
        (("read", "write"), 200, 201),
    ],
)
async def test_h04_a_token_does_only_what_it_was_given_for(pilot, noor, scopes, read, write):
    async with pilot.program(pilot.token(noor, *scopes)) as program:
        assert (await program.get("/questions")).status_code == read
        answer = await program.post("/questions", json={"title": "Mag dit met dit token?"})
    assert answer.status_code == write
    if write == 403:
        assert answer.json()["code"] == "scope"
        assert count(pilot) == 0


@pytest.mark.parametrize("scope", [Scope.NEIGHBOURHOOD, Scope.PILOTS])
async def test_g02_a_question_that_is_not_for_you_is_the_same_as_none(pilot, noor, scope):
    hidden = pilot.ask(noor, scope=scope)
    for method, rest in (("GET", ""), ("GET", "?x=1"), ("HEAD", "")):
        found = []
        for key in (hidden.id, MISSING):
            async with pilot.program() as program:
                answer = await program.request(method, f"/questions/{key}{rest}")
                found.append((answer.status_code, answer.content, sorted(answer.headers.raw)))
        assert found[0] == found[1]
        assert found[0][0] == 404
    async with pilot.program() as program:
        offers = [await program.get(f"/offers?question={key}") for key in (hidden.id, MISSING)]
    assert offers[0].content == offers[1].content
    assert offers[0].status_code == 404


async def test_lists_hold_only_what_is_public_without_a_token(pilot, noor):
    pilot.ask(noor, "Alleen voor de buurt", Scope.NEIGHBOURHOOD, topics=("geheim onderwerp",))
    pilot.ask(noor, "Voor alle proeftuinen", Scope.PILOTS)
    shown = pilot.ask(noor, "Voor iedereen", Scope.PUBLIC)
    pilot.offer(noor, "Alleen voor buren", Scope.NEIGHBOURHOOD)
    async with pilot.program() as program:
        assert [each["id"] for each in (await program.get("/questions")).json()] == [shown.id]
        assert (await program.get("/offers")).json() == []
        assert "geheim" not in (await program.get("/topics")).text
        assert (await program.get("/questions?topic=geheim-onderwerp")).json() == []


async def test_g03_answers_meant_for_fewer_people_stay_out(pilot, noor, sam):
    question = pilot.ask(noor)
    answer = pilot.answer(sam, question)

    def narrow(tx):
        tx.save(
            type(answer)(
                **{name: getattr(answer, name) for name in answer.__slots__} | {"scope": Scope.PILOTS}
            )
        )

    pilot.store.run_now(narrow)
    async with pilot.program() as program:
        found = (await program.get(f"/questions/{question.id}")).json()
    assert (found["answers"], found["answer_count"]) == ([], 0)


@pytest.mark.parametrize(
    "key", ["%00", "..%2f..", "a/b", "é", "%ED%A0%80", "0" * 25, "0" * 27, "I" * 26, "' OR 1=1--", "0" * 9000]
)
async def test_d26_i10_a_strange_id_is_simply_not_there(pilot, noor, key):
    token = pilot.token(noor)
    async with pilot.program(token) as program:
        plain = (await program.get(f"/questions/{MISSING}")).json()
        for method, path in (
            ("GET", f"/questions/{key}"),
            ("DELETE", f"/questions/{key}"),
            ("DELETE", f"/answers/{key}"),
        ):
            answer = await program.request(method, path)
            assert (answer.status_code, answer.json()) == (404, plain)
        for member in ("question", "parent"):
            given = {
                "question": pilot.ask(noor).id,
                "body": "Ja hoor.",
                "perspective": "resident",
                member: key,
            }
            assert (await program.post("/answers", json=given)).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=-1", 200),
        ("limit=0", 200),
        ("limit=99999999999999999999999999", 200),
        ("limit=" + "9" * 5000, 422),
        ("limit=1e3", 422),
        ("limit=%D9%A3", 422),
        ("limit=abc", 422),
        ("limit[]=3", 200),
        ("limit=1&limit=2", 200),
        ("cursor=zzz", 422),
        ("cursor=%00", 422),
        ("unanswered=perhaps", 422),
        ("pilot=nergens", 422),
        ("pilot=%00", 422),
        ("topic=%00", 422),
        ("topic=%25_%22", 422),
        ("topic=" + "a" * 5000, 200),
    ],
)
async def test_d26_i10_strange_queries_are_refused_or_tamed(pilot, noor, query, status):
    for number in range(3):
        pilot.ask(noor, f"Vraag nummer {number}")
    async with pilot.program() as program:
        answer = await program.get(f"/questions?{query}")
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["field"] in query
    if query in {"limit=-1", "limit=0"}:
        assert len(answer.json()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "Een goede titel", "title": "Een andere titel"}',
        b'{"title": "x", "topics": [{"a": 1, "a": 2}]}',
        b"[]",
        b'"tekst"',
        b"null",
        b"",
        b"{",
        b'{"title": NaN}',
        b'{"title": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"title": "halve \\ud800 letter"}',
        b'{"\\udfff": 1, "title": "Een goede titel"}',
        b'\xff\xfe{"title": "Een goede titel"}',
        b'\xef\xbb\xbf{"title": "Een goede titel"}',
        '{"title": "Een goede titel"}'.encode("utf-16"),
    ],
)
async def test_json_that_is_not_clean_is_not_read(pilot, noor, body):
    async with pilot.program(pilot.token(noor)) as program:
        answer = await program.post("/questions", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "not-json")
    assert count(pilot) == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "title"),
        ({"title": 5}, "title"),
        ({"title": None}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": "\u0000\u200b\u202e"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "Een titel", "body": {"a": 1}}, "body"),
        ({"title": "Een titel", "body": "x" * 10_001}, "body"),
        ({"title": "Een titel", "scope": "everyone"}, "scope"),
        ({"title": "Een titel", "scope": "Public"}, "scope"),
        ({"title": "Een titel", "topics": "slapen"}, "topics"),
        ({"title": "Een titel", "topics": [1]}, "topics"),
        ({"title": "Een titel", "topics": ["a", "b", "c", "d", "e", "f"]}, "topics"),
        ({"title": "Een titel", "topics": [f"t{n}" for n in range(20_000)]}, "topics"),
        ({"title": "Een titel", "topics": ["!!!"]}, "topics"),
        ({"title": "Een titel", "wanted": ["neighbour"]}, "wanted"),
        ({"title": "Een titel", "sensitive": "true"}, "sensitive"),
    ],
)
async def test_a_member_that_cannot_be_is_named_and_nothing_is_kept(pilot, noor, given, field):
    async with pilot.program(pilot.token(noor)) as program:
        answer = await program.post("/questions", json=given)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["error"]
    assert "`" not in answer.json()["error"]
    assert count(pilot) == 0


@pytest.mark.parametrize("perspective", ["expert", "", None, 1, "Resident", ["resident"]])
async def test_an_unknown_perspective_is_refused(pilot, noor, perspective):
    question = pilot.ask(noor)
    async with pilot.program(pilot.token(noor)) as program:
        given = {"question": question.id, "body": "Die op de hoek.", "perspective": perspective}
        answer = await program.post("/answers", json=given)
    assert (answer.status_code, answer.json()["field"]) == (422, "perspective")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/xml", "text/json", "application/jsonp", "multipart/mixed", "é"]
)
async def test_another_type_of_content_is_refused(pilot, noor, kind):
    headers = [("authorization", f"Bearer {pilot.token(noor)}"), ("content-type", kind)]
    status, _, answer, _ = await called(
        pilot.app, "POST", f"{API}/questions", headers, [b'{"title": "Een titel"}']
    )
    assert (status, json.loads(answer)["code"]) == (415, "wrong-type")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, gzip", "GZIP"])
async def test_nothing_compressed_is_unpacked(pilot, noor, coding):
    async with pilot.program(pilot.token(noor)) as program:
        packed = {"Content-Encoding": coding, "Content-Type": "application/json"}
        assert (await program.post("/questions", content=b"{}", headers=packed)).status_code == 415


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
async def test_a_body_without_end_is_cut_off_while_it_comes(pilot, noor, kind):
    headers = [("authorization", f"Bearer {pilot.token(noor)}"), ("content-type", kind)]
    start = (
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n'
        if "multipart" in kind
        else b'{"title": "'
    )
    chunks = [start, *[b"x" * 65_536] * 160]  # 10 MiB
    status, _, answer, unread = await called(pilot.app, "POST", f"{API}/questions", headers, chunks)
    assert (status, json.loads(answer)["code"]) == (413, "too-large")
    assert unread > 150
    promised = [*headers, ("content-length", "10485760")]
    status, _, _, unread = await called(pilot.app, "POST", f"{API}/questions", promised, chunks)
    assert (status, unread) == (413, len(chunks))


async def test_only_the_asker_says_what_helped(pilot, noor, sam):
    question, narrow = pilot.ask(noor), pilot.ask(noor, scope=Scope.PILOTS)
    answer, other = pilot.answer(sam, question), pilot.answer(sam, narrow)
    async with pilot.program(pilot.token(sam)) as program:
        given = {"answer": answer.id, "mark": "helped"}
        assert (await program.post(f"/questions/{question.id}/helped", json=given)).status_code == 403
        given = {"answer": other.id, "mark": "helped"}
        assert (await program.post(f"/questions/{narrow.id}/helped", json=given)).status_code == 404
    async with pilot.program(pilot.token(noor)) as program:
        assert (await program.get(f"/questions/{question.id}")).json()["answers"][0]["mark"] is None
        for given in ({"answer": answer.id, "mark": "best"}, {"answer": answer.id}, {"mark": "helped"}):
            assert (await program.post(f"/questions/{question.id}/helped", json=given)).status_code == 422
        # an answer of another question of the same asker
        given = {"answer": other.id, "mark": "helped"}
        assert (await program.post(f"/questions/{question.id}/helped", json=given)).status_code == 404


async def test_a_change_never_widens_and_fails_as_a_whole(pilot, noor):
    question = pilot.ask(noor, "De eerste titel", Scope.NEIGHBOURHOOD)
    async with pilot.program(pilot.token(noor)) as program:
        answer = await program.put(
            f"/questions/{question.id}", json={"title": "De tweede titel", "scope": "public"}
        )
        assert (answer.status_code, answer.json()["field"]) == (422, "scope")
        assert (await program.get(f"/questions/{question.id}")).json()["title"] == "De eerste titel"


async def test_what_a_moderator_hid_its_asker_does_not_open_again(pilot, noor):
    question = pilot.ask(noor)

    def hide(tx):
        from dataclasses import replace

        from vraagbaak.model import QuestionStatus

        tx.save(replace(question, status=QuestionStatus.HIDDEN))

    pilot.store.run_now(hide)
    async with pilot.program(pilot.token(noor)) as program:
        for status in ("open", "closed"):
            answer = await program.put(f"/questions/{question.id}", json={"status": status})
            assert (answer.status_code, answer.json()["code"]) == (422, "wrong-state")
    async with pilot.program() as program:
        assert (await program.get("/questions")).json() == []


async def test_g23_nobody_changes_or_withdraws_what_another_wrote(pilot, noor, sam):
    question = pilot.ask(noor)
    answer, offer = pilot.answer(noor, question), pilot.offer(noor)
    async with pilot.program(pilot.token(sam)) as program:
        for method, path in (
            ("PUT", f"/questions/{question.id}"),
            ("DELETE", f"/questions/{question.id}"),
            ("PUT", f"/answers/{answer.id}"),
            ("DELETE", f"/answers/{answer.id}"),
            ("DELETE", f"/offers/{offer.id}"),
        ):
            body = {"json": {"body": "Van een ander."}} if method == "PUT" else {}
            assert (await program.request(method, path, **body)).status_code == 403
    assert pilot.store.read_now(lambda reading: reading.get(Question, question.id)) == question


async def test_too_many_calls_with_one_token_wait_whatever_the_address(pilot, noor, sam):
    first, second = pilot.token(noor), pilot.token(sam)
    seen = []
    for number in range(301):
        async with pilot.program(first, address=f"192.0.2.{number % 250}") as program:
            seen.append(await program.get("/pilots"))
    assert [answer.status_code for answer in seen[-2:]] == [200, 429]
    assert int(seen[-1].headers["retry-after"]) >= 1
    async with pilot.program(second) as program:
        assert (await program.get("/pilots")).status_code == 200
    pilot.later(timedelta(seconds=2))
    async with pilot.program(first) as program:
        assert (await program.get("/pilots")).status_code == 200


async def test_h06_tokens_are_kept_as_hashes_only(pilot, noor):
    token = pilot.token(noor)
    assert pilot.store.read_now(lambda reading: reading.one(Token, id=token)) is None
    assert token.encode() not in pilot.store.file.read_bytes()


async def test_no_answer_says_who_wrote_something(pilot, noor, sam):
    question = pilot.ask(noor)
    pilot.answer(sam, question, perspective=Perspective.PROFESSIONAL)
    pilot.offer(sam)
    async with pilot.program(pilot.token(noor)) as program:
        for path in ("/questions", f"/questions/{question.id}", "/offers"):
            text = (await program.get(path)).text.lower()
            assert "noor" not in text
            assert "sam" not in text


async def test_a_method_that_is_not_there_is_refused_with_those_that_are(pilot):
    async with pilot.program() as program:
        answer = await program.patch("/questions")
    assert (answer.status_code, answer.json()["code"]) == (405, "method")
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "POST"}


def test_the_marks_are_those_of_the_domain():
    assert {mark.value for mark in Helped} == {"helped", "partly", "not-now"}


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.takes], ids=lambda each: each.path)
async def test_d06_numbers_that_some_read_as_something_else(pilot, noor, operation):
    """In any member of any body they are used or refused, never a fault of ours."""
    path = operation.path.replace("{id}", MISSING)
    async with pilot.program(pilot.token(noor)) as program:
        for name in operation.takes.__struct_fields__:
            for number in (*NEVER, *FITTING, *OTHERS):
                body = f'{{"{name}":{number}}}'.encode()
                headers = {"Content-Type": "application/json"}
                answer = await program.request(operation.method, path, content=body, headers=headers)
                assert answer.status_code in {200, 201, 400, 404, 422, 429}, (name, number, answer.text)
