"""Pictures, from an app to whoever may see them: sent, described, put with a status, looked at, and gone."""

from __future__ import annotations

import errno
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from storage import media as files
from storage import upkeep
from tests.drawing import CAMERA, from_a_camera, opened, picture, png
from tests.web.mastodon.apps import MISSING, App, good, ids
from vraagbaak import media, members, moderation, questions
from vraagbaak.model import Answer, Media, Question, Scope
from web import limits, sessions


async def sent(app: App, content: bytes | None = None, **fields: str) -> dict:
    """A picture, as an app sends it."""
    name = ("tuin.jpg", content or from_a_camera(size=(800, 600)), "image/jpeg")
    return good(await app.call("POST", "v2/media", files={"file": name}, data=fields))


async def looked_at(pilot, url: str, app: App | None = None, **headers: str):
    """The file at an address; in the browser of a member when there is one."""
    async with pilot.client(**headers) as client:
        if app:
            secret, secret_hash = sessions.new_secret()
            pilot.store.run_now(members.open_session, app.member.id, secret_hash)
            client.cookies.set("__Host-session", secret, domain=pilot.host)
        return await client.get(url)


def plain(url: str) -> str:
    """An address without its proof."""
    return url.partition("?")[0]


def on_disk(pilot) -> list[str]:
    folder = pilot.folder / "media"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_a_picture_is_sent_described_and_shown(pilot, noor, nobody):
    """What clients need is there: addresses, sizes, words and what to show meanwhile."""
    made = await sent(noor, description="Een bankje in de tuin", focus="0.25,-0.5")
    assert (made["type"], made["description"]) == ("image", "Een bankje in de tuin")
    assert made["meta"]["original"] == {"width": 800, "height": 600, "size": "800x600", "aspect": 800 / 600}
    assert made["meta"]["small"]["width"] == 640
    assert made["meta"]["focus"] == {"x": 0.25, "y": -0.5}
    assert len(made["blurhash"]) == 28
    status = await noor.status("Wie zit hier ook graag?", visibility="public", media_ids=[made["id"]])
    (shown,) = status["media_attachments"]
    assert (shown["id"], shown["description"]) == (made["id"], "Een bankje in de tuin")
    assert (await nobody.get(f"v1/statuses/{status['id']}"))["media_attachments"] == [shown]
    for url, width in ((shown["url"], 800), (shown["preview_url"], 640)):
        answer = await looked_at(pilot, url)
        assert answer.status_code == 200
        assert opened(answer.content).width == width
        assert CAMERA.encode() not in answer.content


async def test_e12_a_picture_is_served_as_nothing_but_a_picture(pilot, noor):
    """Its kind is ours, nobody guesses it, nothing runs in it; other sites may show it, and caches may keep it a while."""
    name = ("../../x.html", picture("PNG"), "text/html")
    made = good(await noor.call("POST", "v1/media", files={"file": name}))
    status = await noor.status("Wat is dit?", visibility="public", media_ids=[made["id"]])
    answer = await looked_at(pilot, status["media_attachments"][0]["url"])
    headers = answer.headers
    assert headers["content-type"] == "image/png"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers.get_list("content-security-policy") == ["default-src 'none'; sandbox"]
    assert re.fullmatch(r'inline; filename="[0-9a-f]{32}\.png"', headers["content-disposition"])
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["cache-control"] == "public, max-age=3600"
    assert "set-cookie" not in headers
    assert headers["last-modified"].endswith("1970 00:00:00 GMT")


@pytest.mark.parametrize("scope", ["private", "unlisted"])
async def test_g19_what_is_not_public_is_seen_with_a_proof_or_signed_in_only(pilot, noor, sam, scope):
    """A bare address opens it to members; the address that an app gets works without, until the end of tomorrow."""
    made = await sent(noor)
    status = await noor.status("Wie ziet dit?", visibility=scope, media_ids=[made["id"]])
    url = status["media_attachments"][0]["url"]
    assert (await looked_at(pilot, plain(url))).status_code == 404
    signed_in = await looked_at(pilot, plain(url), sam)
    assert (signed_in.status_code, signed_in.headers["cache-control"]) == (200, "private, no-store")
    assert "Cookie" in signed_in.headers["vary"]
    with_proof = await looked_at(pilot, url)
    assert (with_proof.status_code, with_proof.headers["cache-control"]) == (200, "private, max-age=3600")
    again = await sam.get(f"v1/statuses/{status['id']}")
    assert again["media_attachments"][0]["url"] == url
    pilot.world.clock.tick(hours=49)
    assert (await looked_at(pilot, url)).status_code == 404
    later = await sam.get(f"v1/statuses/{status['id']}")
    assert (await looked_at(pilot, later["media_attachments"][0]["url"])).status_code == 200


async def test_g19_a_proof_is_for_one_picture_and_one_time(pilot, noor):
    """Another moment, another picture, another letter, or words that are none: not there, and never a fault."""
    one, other = await sent(noor), await sent(noor)
    await noor.status("Wie ziet dit?", media_ids=[one["id"], other["id"]])
    query = {name: values[0] for name, values in parse_qs(urlsplit(one["url"]).query).items()}
    later = str(int(query["until"]) + 86400)
    wrong = [
        f"{plain(other['url'])}?until={query['until']}&proof={query['proof']}",
        f"{plain(one['url'])}?until={later}&proof={query['proof']}",
        f"{plain(one['url'])}?until={query['until']}&proof={query['proof'][:-1]}",
        f"{plain(one['url'])}?proof={query['proof']}",
        f"{plain(one['url'])}?until=pilots&proof={query['proof']}",
        f"{plain(one['url'])}?until=%C2%B2&proof=%ED%A0%80%00",
        f"{plain(one['url'])}?until={'9' * 5000}&proof=x",
        plain(one["url"]).replace(".jpg", ".png"),
        plain(one["url"]).replace("/media/", "/media/..%2f"),
        f"{pilot.base}/media/{'0' * 32}.jpg",
        f"{pilot.base}/media/{'0' * 32}-small-small.jpg",
    ]
    for url in wrong:
        assert (await looked_at(pilot, url)).status_code == 404, url
    assert (await looked_at(pilot, one["url"])).status_code == 200


async def test_g19_a_picture_that_stands_with_nothing_is_its_senders_alone(pilot, noor, sam):
    """Their app has an address with a proof; who is signed in as somebody else sees nothing."""
    made = await sent(noor)
    assert (await looked_at(pilot, plain(made["url"]), sam)).status_code == 404
    assert (await looked_at(pilot, plain(made["url"]), noor)).status_code == 200
    assert (await looked_at(pilot, made["url"])).status_code == 200


async def test_what_is_hidden_is_hidden_with_its_pictures(pilot, noor, sam, moderator):
    """No proof opens it then; who wrote it and who moderates still see it."""
    made = await sent(noor)
    status = await noor.status("Wie ziet dit?", visibility="public", media_ids=[made["id"]])
    url = status["media_attachments"][0]["url"]
    pilot.store.run_now(moderation.hide, moderator.member, Question, status["id"])
    assert (await looked_at(pilot, url)).status_code == 404
    assert (await looked_at(pilot, made["url"])).status_code == 404
    assert (await looked_at(pilot, url, sam)).status_code == 404
    assert (await looked_at(pilot, url, noor)).status_code == 200
    assert (await looked_at(pilot, url, moderator)).status_code == 200


async def test_what_is_narrowed_is_narrowed_with_its_pictures(pilot, noor):
    """An address that everybody could open is closed to them from then on."""
    made = await sent(noor)
    status = await noor.status("Wie ziet dit?", visibility="public", media_ids=[made["id"]])
    url = status["media_attachments"][0]["url"]
    assert (await looked_at(pilot, url)).status_code == 200
    pilot.store.run_now(questions.narrow, pilot.actor(noor.member), status["id"], Scope.NEIGHBOURHOOD)
    assert (await looked_at(pilot, url)).status_code == 404


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422),
        (b"<!doctype html><img src=x onerror=alert(1)>", 422),
        (b"ID3\x03\0\0\0 a song", 422),
        (picture()[:-200], 422),
        (png(50_000, 50_000, b"\0"), 422),
        (b"\xff\xd8" + b"\0" * media.LARGEST, 413),
    ],
    ids=["nothing", "svg", "html", "sound", "half", "bomb", "huge"],
)
async def test_h18_what_is_no_picture_is_refused_and_leaves_nothing(pilot, noor, content, status):
    """In a sentence that says what can be sent; no row, no file."""
    answer = await noor.call("POST", "v2/media", files={"file": ("a.jpg", content, "image/jpeg")})
    assert answer.status_code == status
    assert answer.json()["error"]
    assert (pilot.all(Media, actor_id=noor.account_id), on_disk(pilot)) == ([], [])


async def test_h18_a_body_without_end_is_left_at_the_limit(pilot, noor):
    """Whatever the header promises, no more is read than a picture may have."""
    read = 0

    async def endless():
        nonlocal read
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        while True:
            read += 1 << 20
            yield b"\0" * (1 << 20)

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await noor.call("POST", "v2/media", content=endless(), headers=kind)
    assert answer.status_code == 413
    assert read <= media.LARGEST + (2 << 20)


@pytest.mark.parametrize("promised", ["99999999999999", "17825793"])
async def test_h18_what_promises_to_be_too_large_is_not_read_at_all(noor, promised):
    """It is refused by what it says of itself."""
    started = False

    async def body():
        nonlocal started
        started = True
        yield b"--b\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": promised}
    answer = await noor.call("POST", "v2/media", content=body(), headers=kind)
    assert (answer.status_code, started) == (413, False)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"data": {"description": "geen foto"}}, 422),
        ({"json": {"file": "x"}}, 415),
        ({"content": b"--b\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 422),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"files": {"thumbnail": ("a.jpg", b"x", "image/jpeg")}}, 422),
        ({"files": [("file", (f"{number}.jpg", b"x", "image/jpeg")) for number in range(3)]}, 400),
    ],
    ids=["no file", "json", "cut off", "no boundary", "other field", "many"],
)
async def test_h18_a_request_without_one_file_is_refused(noor, given, status):
    """In the manner of all other refusals."""
    answer = await noor.call("POST", "v2/media", **given)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "a" * 1501),
        *(("focus", value) for value in ("2,0", "0,-1.1", "nan,0", "inf,0", "1", "a,b", "0,0,0", "1e999,0")),
    ],
)
async def test_words_for_a_picture_are_bounded(pilot, noor, field, value):
    """Too much of them, or a place outside of the picture, is refused where it is said, and nothing is kept."""
    given = {"files": {"file": ("a.jpg", picture(), "image/jpeg")}, "data": {field: value}}
    answer = await noor.call("POST", "v2/media", **given)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert pilot.all(Media, actor_id=noor.account_id) == []
    made = await sent(noor, description="Goed", focus="1,-1")
    changed = await noor.call("PUT", f"v1/media/{made['id']}", json={field: value})
    assert (changed.status_code, changed.json()["field"]) == (422, field)
    assert (await noor.get(f"v1/media/{made['id']}"))["description"] == "Goed"


async def test_other_words_and_taking_back_before_it_stands_anywhere(pilot, noor):
    """What is not said stays; what is taken back is gone, from the disk too."""
    made = await sent(noor, description="Eerst")
    changed = good(await noor.call("PUT", f"v1/media/{made['id']}", data={"focus": "0.5,0.5"}))
    assert (changed["description"], changed["meta"]["focus"]) == ("Eerst", {"x": 0.5, "y": 0.5})
    good(await noor.call("DELETE", f"v1/media/{made['id']}"))
    assert (await noor.call("GET", f"v1/media/{made['id']}")).status_code == 404
    assert (await looked_at(pilot, made["url"])).status_code == 404
    await pilot.work()
    assert (on_disk(pilot), pilot.all(Media, removed=True)) == ([], [])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_h18_somebody_elses_picture_is_not_there(noor, sam, method):
    """The same as one that never was."""
    made = await sent(noor)
    theirs = await sam.call(method, f"v1/media/{made['id']}")
    none = await sam.call(method, f"v1/media/{MISSING}")
    assert (theirs.status_code, theirs.content) == (404, none.content)
    assert good(await noor.call("GET", f"v1/media/{made['id']}"))["id"] == made["id"]


async def test_h18_a_status_takes_ones_own_free_pictures_only(pilot, noor, sam):
    """Somebody else's, one that stands elsewhere, one that is not there, five at once: refused, and nothing is written."""
    own, used, theirs = await sent(noor), await sent(noor), await sent(sam)
    await noor.status("Waar staat deze al?", media_ids=[used["id"]])
    several = [(await sent(noor))["id"] for _ in range(5)]
    for keys in ([theirs["id"]], [own["id"], used["id"]], [MISSING], ["1"], ["\u00e9"], several):
        answer = await noor.call("POST", "v1/statuses", json={"status": "Met deze?", "media_ids": keys})
        assert (answer.status_code, answer.json()["field"]) == (422, "media_ids")
    assert len(pilot.all(Question, author_id=noor.account_id)) == 1
    assert pilot.all(Media, id=own["id"])[0].thing_uri == ""
    assert pilot.all(Media, id=theirs["id"])[0].actor_id == sam.account_id


async def test_a_picture_named_twice_is_there_once(noor):
    """In the order in which they are named first."""
    one, other = await sent(noor), await sent(noor)
    keys = [other["id"], one["id"], other["id"]]
    status = await noor.status("Hoe vaak?", media_ids=keys)
    assert [each["id"] for each in status["media_attachments"]] == [other["id"], one["id"]]


async def test_two_taps_are_one_question_also_with_a_picture(pilot, noor):
    """Other words beside the same picture are something new, and cannot take it away."""
    made = await sent(noor)
    first = await noor.status("Twee keer?", media_ids=[made["id"]])
    second = await noor.status("Twee keer?", media_ids=[made["id"]])
    assert second["id"] == first["id"]
    other = await noor.status("Twee keer?")
    assert other["id"] != first["id"]
    assert len(pilot.all(Media, thing_uri=first["uri"])) == 1


async def test_answers_and_comments_have_pictures_too(pilot, noor, sam):
    """Words about them can come in the same breath, from a form as well."""
    question = await noor.status("Hoe ziet dat eruit?", visibility="public")
    made = await sent(sam)
    answer = await sam.post(
        "v1/statuses",
        {
            "status": "Zo.",
            "in_reply_to_id": question["id"],
            "media_ids[]": made["id"],
            "media_attributes[][id]": made["id"],
            "media_attributes[][description]": "Een drempel",
        },
    )
    assert answer["media_attachments"][0]["description"] == "Een drempel"
    other = await sent(noor)
    comment = await noor.status("Zo ook?", in_reply_to_id=answer["id"], media_ids=[other["id"]])
    assert comment["media_attachments"][0]["id"] == other["id"]
    context = await noor.get(f"v1/statuses/{question['id']}/context")
    assert [len(each["media_attachments"]) for each in context["descendants"]] == [1, 1]


async def test_an_edit_changes_words_and_pictures(pilot, noor):
    """What it does not name stays when nothing is said of pictures, and goes when others are named."""
    one, other = await sent(noor, description="Een"), await sent(noor)
    status = await noor.status("Welke?", media_ids=[one["id"]])
    path = f"v1/statuses/{status['id']}"
    kept = good(await noor.call("PUT", path, json={"status": "Welke dan?"}))
    assert [each["id"] for each in kept["media_attachments"]] == [one["id"]]
    words = [{"id": one["id"], "description": "Anders", "focus": "0,1"}]
    changed = {"status": "Welke dan?", "media_ids": [other["id"], one["id"]], "media_attributes": words}
    both = good(await noor.call("PUT", path, json=changed))["media_attachments"]
    assert [(each["id"], each["description"]) for each in both] == [
        (other["id"], None),
        (one["id"], "Anders"),
    ]
    none = good(await noor.call("PUT", path, json={"status": "Geen?", "media_ids": []}))
    assert none["media_attachments"] == []
    assert (await looked_at(pilot, one["url"])).status_code == 404
    await pilot.work()
    assert on_disk(pilot) == []


async def test_h18_words_for_a_picture_that_stands_elsewhere_are_refused(noor, sam):
    """Nor for that of somebody else, in any way of asking."""
    theirs, used = await sent(sam), await sent(noor, description="Zo")
    await noor.status("Waar staat deze?", media_ids=[used["id"]])
    status = await noor.status("En hier?")
    for key in (theirs["id"], used["id"], MISSING):
        changed = {"status": "En hier?", "media_attributes": [{"id": key, "description": "Gotcha"}]}
        answer = await noor.call("PUT", f"v1/statuses/{status['id']}", json=changed)
        assert answer.status_code == 422
    for method in ("PUT", "DELETE"):
        answer = await noor.call(method, f"v1/media/{used['id']}", data={"description": "Gotcha"})
        assert (answer.status_code, answer.json()["code"]) == (422, "attached")
    assert (await noor.get(f"v1/media/{used['id']}"))["description"] == "Zo"


@pytest.mark.parametrize("scopes", [("read",), ("write:statuses",), ("read", "write:accounts")])
async def test_h04_a_token_for_less_sends_no_picture_and_nothing_of_it_is_read(pilot, noor, scopes):
    """403 before the body; without a token 401."""
    started = False

    async def body():
        nonlocal started
        started = True
        yield b"--b\r\n"

    for app, status in ((App(pilot, noor.member, *scopes), 403), (App(pilot), 401)):
        answer = await app.call("POST", "v2/media", content=body(), headers={"Content-Type": "image/jpeg"})
        assert (answer.status_code, started) == (status, False)
    allowed = App(pilot, noor.member, "write:media")
    assert (await sent(allowed))["id"]


async def test_g20_what_is_withdrawn_takes_its_pictures_along(pilot, noor, sam):
    """Of answers by others below a question too; at once for readers, and from the disk with the next job."""
    mine, theirs = await sent(noor), await sent(sam)
    question = await noor.status("Voor even?", visibility="public", media_ids=[mine["id"]])
    await sam.status("Zo.", in_reply_to_id=question["id"], media_ids=[theirs["id"]])
    assert len(on_disk(pilot)) == 4
    gone = good(await noor.call("DELETE", f"v1/statuses/{question['id']}"))
    assert ids(gone["media_attachments"]) == [mine["id"]]
    for made in (mine, theirs):
        assert (await looked_at(pilot, plain(made["url"]))).status_code == 404
    assert [each.id for each in pilot.all(Media, removed=False)] == [mine["id"]]
    await pilot.work()
    assert len(on_disk(pilot)) == 2
    good(await noor.call("DELETE", f"v1/media/{mine['id']}"))
    await pilot.work()
    assert (on_disk(pilot), pilot.all(Media, removed=True)) == ([], [])


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
async def test_what_is_deleted_is_written_anew_with_the_same_pictures(pilot, noor, sam, visibility):
    """Meanwhile nobody else can see them or use them, also with an address that was given out before."""
    made = await sent(noor)
    first = await noor.status("Wie zit hier graag?", visibility=visibility, media_ids=[made["id"]])
    given = (await sam.get(f"v1/statuses/{first['id']}"))["media_attachments"][0]["url"]
    gone = good(await noor.call("DELETE", f"v1/statuses/{first['id']}"))
    (picture,) = gone["media_attachments"]
    for url in (given, plain(given), made["url"]):
        assert (await looked_at(pilot, url)).status_code == 404
        assert (await looked_at(pilot, url, sam)).status_code == 404
    assert (await looked_at(pilot, picture["url"])).status_code == 200
    stolen = await sam.call("POST", "v1/statuses", json={"status": "Mijn?", "media_ids": [made["id"]]})
    assert stolen.status_code == 422
    anew = await noor.status("Wie zit hier wel eens?", visibility="private", media_ids=[picture["id"]])
    assert ids(anew["media_attachments"]) == [made["id"]]
    assert (await looked_at(pilot, given)).status_code == 404
    again = anew["media_attachments"][0]["url"]
    assert (await looked_at(pilot, again, sam)).status_code == 200


async def test_the_pictures_of_what_is_deleted_wait_a_day(pilot, noor):
    """From the moment of deleting; then they are gone."""
    made = await sent(noor)
    status = await noor.status("Wie zit hier graag?", media_ids=[made["id"]])
    pilot.world.clock.tick(hours=30)
    good(await noor.call("DELETE", f"v1/statuses/{status['id']}"))
    pilot.store.run_now(upkeep.prune)
    assert (await noor.get(f"v1/media/{made['id']}"))["id"] == made["id"]
    pilot.world.clock.tick(hours=25)
    pilot.store.run_now(upkeep.prune)
    assert (await noor.call("GET", f"v1/media/{made['id']}")).status_code == 404


async def test_nobody_sets_the_pictures_of_another_free(pilot, noor, sam):
    """Deleting what is not one's own changes nothing."""
    made = await sent(noor)
    status = await noor.status("Wie zit hier graag?", visibility="public", media_ids=[made["id"]])
    assert (await sam.call("DELETE", f"v1/statuses/{status['id']}")).status_code == 403
    assert ids((await sam.get(f"v1/statuses/{status['id']}"))["media_attachments"]) == [made["id"]]


async def test_a_picture_alone_is_an_answer_and_no_question(pilot, noor, sam):
    """A question needs words, and so does an answer whose last picture goes."""
    question = await noor.status("Hoe ziet dat eruit?", visibility="public")
    made = await sent(sam)
    answer = await sam.status("", in_reply_to_id=question["id"], media_ids=[made["id"]])
    assert answer["content"] == "<p>(als bewoner)</p>"
    assert ids(answer["media_attachments"]) == [made["id"]]
    good(await sam.call("PUT", f"v1/statuses/{answer['id']}", json={"status": answer["content"][3:-4]}))
    bare = {"status": "", "media_ids": []}
    assert (await sam.call("PUT", f"v1/statuses/{answer['id']}", json=bare)).status_code == 422
    asked = {"status": "", "media_ids": [(await sent(noor))["id"]]}
    refused = await noor.call("POST", "v1/statuses", json=asked)
    assert (refused.status_code, refused.json()["field"]) == (422, "title")
    async with pilot.client() as client:
        assert (await client.get(f"/v/{question['id']}")).status_code == 200


async def test_g20_who_leaves_takes_pictures_along_also_unused_ones(pilot, noor):
    """Nothing of theirs is left in a row or in a file."""
    used = await sent(noor)
    await sent(noor)
    await noor.status("Voor even?", media_ids=[used["id"]])
    pilot.store.run_now(members.leave, noor.member)
    assert pilot.all(Media, actor_id=noor.account_id) == []
    await pilot.work()
    assert on_disk(pilot) == []


async def test_a_picture_that_is_not_used_goes_after_a_day(pilot, noor):
    """What stands with something stays; what waits longer than that is cleared away with the hourly upkeep."""
    used, unused = await sent(noor), await sent(noor)
    await noor.status("Waarmee?", media_ids=[used["id"]])
    pilot.world.clock.tick(hours=23)
    pilot.store.run_now(upkeep.prune)
    assert len(on_disk(pilot)) == 4
    pilot.world.clock.tick(hours=2)
    pilot.store.run_now(upkeep.prune)
    assert (await noor.call("GET", f"v1/media/{unused['id']}")).status_code == 404
    await pilot.work()
    assert {name[:32] for name in on_disk(pilot)} == {pilot.all(Media, id=used["id"])[0].file}


async def test_files_go_also_on_a_pilot_that_is_not_public_yet(world):
    """A trial that federates with nobody clears away its pictures all the same."""
    pilot = world.pilot("Proef", base_url="http://localhost:8000")
    fatma = App(pilot, pilot.member("fatma"))
    made = await sent(fatma)
    good(await fatma.call("DELETE", f"v1/media/{made['id']}"))
    await pilot.work()
    assert on_disk(pilot) == []


async def test_nobody_keeps_sending(world, monkeypatch):
    """So many at once, then one a minute; so many unused ones; so much room: each with an answer that says so."""
    pilot = world.pilot("Vol", lab_limits="on")
    fatma = App(pilot, pilot.member("fatma"))
    for _ in range(limits.MEDIA.burst):
        await sent(fatma, picture(size=(4, 4)))
    refused = await fatma.call("POST", "v2/media", files={"file": ("a.jpg", picture(), "image/jpeg")})
    assert (refused.status_code, int(refused.headers["retry-after"])) == (429, 60)
    for _ in range(media.MOST_WAITING - limits.MEDIA.burst):
        world.clock.tick(minutes=1)
        await sent(fatma, picture(size=(4, 4)))
    world.clock.tick(minutes=1)
    refused = await fatma.call("POST", "v2/media", files={"file": ("a.jpg", picture(), "image/jpeg")})
    assert (refused.status_code, refused.json()["code"]) == (422, "too-many")
    made = pilot.all(Media, actor_id=fatma.account_id)
    monkeypatch.setattr(media, "MOST_KEPT", sum(each.size for each in made))
    monkeypatch.setattr(media, "MOST_WAITING", 1000)
    world.clock.tick(minutes=1)
    refused = await fatma.call("POST", "v2/media", files={"file": ("a.jpg", picture(), "image/jpeg")})
    assert (refused.status_code, refused.json()["code"]) == (422, "no-room")


@pytest.mark.parametrize("when", ["received", "kept"])
async def test_a_full_disk_is_said_and_leaves_nothing_by_half(pilot, noor, monkeypatch, when):
    """503 with when to come back; there is no row and no file of it, and all goes on once there is room."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    large = picture("PNG", size=(900, 900), mode="RGB") + b"\0" * (2 << 20)
    with monkeypatch.context() as patch:
        if when == "received":
            patch.setattr("tempfile.SpooledTemporaryFile.rollover", full)
        else:
            patch.setattr(files.os, "fsync", full)
        answer = await noor.call("POST", "v2/media", files={"file": ("a.png", large, "image/png")})
    assert (answer.status_code, answer.json()["code"]) == (503, "no-room")
    assert int(answer.headers["retry-after"]) > 0
    assert pilot.all(Media, actor_id=noor.account_id) == []
    await pilot.work()
    assert (on_disk(pilot), pilot.all(Media, removed=True)) == ([], [])
    assert (await sent(noor, large))["id"]


async def test_a_file_that_is_missing_is_not_there(pilot, noor):
    """Nothing breaks when somebody took it away behind our back."""
    made = await sent(noor)
    for path in (pilot.folder / "media").rglob("*.jpg"):
        path.unlink()
    assert (await looked_at(pilot, made["url"])).status_code == 404


async def test_lists_of_pictures_alone(noor, sam, nobody):
    """`only_media` leaves out what has none, in every list that takes it."""
    made = await sent(noor)
    await noor.status("Zonder. #tuin", visibility="public")
    seen = await noor.status("Met. #tuin", visibility="public", media_ids=[made["id"]])
    for path in (f"v1/accounts/{noor.account_id}/statuses", "v1/timelines/public", "v1/timelines/tag/tuin"):
        found = await nobody.get(path, params={"only_media": "true"})
        assert [each["id"] for each in found] == [seen["id"]], path


async def test_what_the_server_says_it_takes_is_what_it_takes(nobody):
    """Apps make pictures smaller by these numbers."""
    told = (await nobody.get("v2/instance"))["configuration"]
    assert told["statuses"]["max_media_attachments"] == media.MOST_OF_ONE
    assert told["media_attachments"]["image_size_limit"] == media.LARGEST
    assert told["media_attachments"]["image_matrix_limit"] == media.MOST_PIXELS
    assert told["media_attachments"]["description_limit"] == media.DESCRIPTION_LENGTH


@pytest.mark.parametrize("field", ["avatar", "header"])
async def test_nobody_has_a_picture_of_their_own(noor, field):
    """It is refused, not dropped in silence; the name in the same request stays as it was."""
    given = {"files": {field: ("a.jpg", picture(), "image/jpeg")}, "data": {"display_name": "Anders"}}
    for more in (given, {"json": {field: "data:image/png;base64,AAAA", "display_name": "Anders"}}):
        answer = await noor.call("PATCH", "v1/accounts/update_credentials", **more)
        assert answer.status_code == 422
        assert answer.json()["error"]
    assert (await noor.get("v1/accounts/verify_credentials"))["display_name"] == "Noor"


async def test_a_picture_on_a_page_has_its_words_and_waits_to_be_seen(pilot, noor, nobody):
    """Small, from this server alone, loaded late, and leading to the whole; without words the page says so."""
    one, other = await sent(noor, description='Een "bankje" <b>'), await sent(noor)
    status = await noor.status("Waar is dit?", visibility="public", media_ids=[one["id"], other["id"]])
    async with pilot.client() as client:
        page = (await client.get(f"/v/{status['id']}")).text
    found = re.findall(
        r'<a href="(/media/[^"]+)"><img src="(/media/[^"]+)"[^>]* alt="([^"]*)" ([^>]*)>', page
    )
    assert [alt for _, _, alt, _ in found] == ["Een &#34;bankje&#34; &lt;b&gt;", "Foto zonder beschrijving"]
    assert all('loading="lazy"' in more for *_, more in found)
    for whole, small, _, _ in found:
        assert small == whole.replace(".jpg", "-small.jpg")
        assert (await looked_at(pilot, f"{pilot.base}{small}")).status_code == 200


async def test_a_hidden_answer_is_hidden_with_its_pictures(pilot, noor, sam, moderator):
    """An answer that is hidden closes its pictures although its question is there."""
    question = await noor.status("Wie weet dit?", visibility="public")
    made = await sent(sam)
    answer = await sam.status("Zo.", in_reply_to_id=question["id"], media_ids=[made["id"]])
    url = answer["media_attachments"][0]["url"]
    assert (await looked_at(pilot, url)).status_code == 200
    pilot.store.run_now(moderation.hide, moderator.member, Answer, answer["id"])
    assert (await looked_at(pilot, url)).status_code == 404
