"""Statuses for later: planned, moved, called off, and said at their moment, once, by the rules that hold then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import upkeep
from tests.web.mastodon.apps import MISSING, App, good, ids
from tests.web.mastodon.test_media import sent
from vraagbaak import members, planning, questions
from vraagbaak.model import Actor, Media, Planned, Question, Scope

PATH = "v1/scheduled_statuses"


def at(pilot, **span) -> str:
    return (pilot.world.clock.moment + timedelta(**span)).isoformat()


async def plan(app: App, text: str = "Wie weet raad?", **given):
    return await app.status(text, scheduled_at=at(app.pilot, minutes=10), **given)


async def later(pilot, **span) -> None:
    """Time goes by, and what is due is done."""
    pilot.world.clock.tick(**span)
    await pilot.world.settle()


def asked(pilot):
    return pilot.all(Question)


async def test_a_question_is_asked_at_its_moment_and_no_sooner(pilot, noor, sam, nobody):
    """As it was sent: words, scope and topics; until then nobody meets it, and then it is planned no more."""
    made = await plan(noor, "Waar is de fysio?\n\nVoor de knie. #fysio", visibility="public")
    assert (made["params"]["text"], made["params"]["visibility"]) == (
        "Waar is de fysio?\n\nVoor de knie. #fysio",
        "public",
    )
    assert made["media_attachments"] == []
    assert await noor.get(PATH) == [made]
    assert await noor.get(f"{PATH}/{made['id']}") == made
    assert await sam.get("v1/timelines/home") == []
    assert await nobody.get("v1/timelines/public") == []
    await later(pilot, minutes=9)
    assert asked(pilot) == []
    await later(pilot, minutes=1)
    (status,) = await nobody.get("v1/timelines/public")
    assert (status["vraagbaak"]["title"], status["vraagbaak"]["topics"]) == ("Waar is de fysio?", ["fysio"])
    assert status["account"]["id"] == noor.account_id
    assert await noor.get(PATH) == []
    await later(pilot, days=1)
    assert len(asked(pilot)) == 1


async def test_an_answer_can_be_for_later_too(pilot, noor, sam):
    """With its perspective; and when the question is gone by then, nothing is said."""
    question = await noor.status("Wie weet raad?", visibility="public")
    other = await noor.status("En nu?", visibility="public")
    for each in (question, other):
        await plan(sam, "Ik. #naaste", in_reply_to_id=each["id"])
    good(await noor.call("DELETE", f"v1/statuses/{other['id']}"))
    await later(pilot, minutes=20)
    found = await noor.get(f"v1/accounts/{sam.account_id}/statuses")
    assert [each["in_reply_to_id"] for each in found] == [question["id"]]
    assert found[0]["vraagbaak"]["perspective"] == "family"
    assert pilot.all(Planned, member_id=sam.member.id) == []


async def test_it_is_moved_and_called_off(pilot, noor):
    """To a later and to an earlier moment; what was called off is never said."""
    one, two, three = [await plan(noor, f"Vraag {number}?") for number in range(3)]
    moved = good(await noor.call("PUT", f"{PATH}/{one['id']}", data={"scheduled_at": at(pilot, minutes=30)}))
    assert moved["scheduled_at"] > one["scheduled_at"]
    good(await noor.call("PUT", f"{PATH}/{two['id']}", data={"scheduled_at": at(pilot, minutes=6)}))
    assert good(await noor.call("DELETE", f"{PATH}/{three['id']}")) == {}
    titles = []
    for minutes in (7, 10, 30):
        await later(pilot, minutes=minutes)
        titles.append([each.title for each in asked(pilot)])
    assert titles == [["Vraag 1?"], ["Vraag 1?"], ["Vraag 1?", "Vraag 0?"]]


@pytest.mark.parametrize(
    "moment",
    [
        {"minutes": 4, "seconds": 50},
        {"minutes": -5},
        {"days": 400},
        "morgen",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1",
        "\u0662\u0660\u0662\u0667",
    ],
)
async def test_a_moment_too_soon_too_late_or_unreadable_is_refused(pilot, noor, moment):
    """422, for a new one and for a change; and nothing is said by mistake."""
    made = await plan(noor)
    given = {"scheduled_at": moment if isinstance(moment, str) else at(pilot, **moment)}
    for method, path, body in (
        ("POST", "v1/statuses", {"status": "Een vraag?", **given}),
        ("PUT", f"{PATH}/{made['id']}", given),
    ):
        found = await noor.call(method, path, json=body)
        assert (found.status_code, found.json()["field"]) == (422, "scheduled_at")
    assert await noor.get(PATH) == [made]
    assert asked(pilot) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"status": ""}, "title"),
        ({"status": "x" * 20_000}, "status"),
        ({"status": "Een vraag?", "visibility": "direct"}, "visibility"),
        ({"status": "Een vraag?", "media_ids": [MISSING]}, "media_ids"),
        ({"status": "Een vraag?", "poll": {"options": ["a", "b"]}}, "poll"),
    ],
)
async def test_what_would_be_refused_now_is_refused_now(pilot, noor, given, field):
    """Nobody hears after days that it could not be said; and the try leaves nothing behind."""
    found = await noor.call("POST", "v1/statuses", json={**given, "scheduled_at": at(pilot, minutes=10)})
    assert (found.status_code, found.json()["field"]) == (422, field)
    found = await noor.call(
        "POST",
        "v1/statuses",
        json={"status": "Ja", "in_reply_to_id": MISSING, "scheduled_at": at(pilot, hours=1)},
    )
    assert found.status_code == 404
    assert asked(pilot) == pilot.all(Planned, member_id=noor.member.id) == []


async def test_g23_another_s_plans_are_404_like_none(pilot, noor, sam):
    """Nobody else reads, moves or calls off what is to be said."""
    made = await plan(noor)
    for method in ("GET", "PUT", "DELETE"):
        tries = [
            await sam.call(
                method,
                f"{PATH}/{key}",
                **({} if method == "GET" else {"json": {"scheduled_at": at(pilot, hours=1)}}),
            )
            for key in (made["id"], MISSING)
        ]
        assert [each.status_code for each in tries] == [404, 404]
        assert tries[0].content == tries[1].content
    assert await sam.get(PATH) == []
    assert await noor.get(PATH) == [made]


@pytest.mark.parametrize("how", ["suspended", "left"])
async def test_who_may_not_speak_any_more_says_nothing(pilot, noor, how):
    """Suspended or gone by then: it is forgotten."""
    await plan(noor)

    def suspend(tx):
        tx.save(replace(tx.get(Actor, noor.account_id), suspended=True))

    pilot.store.run_now(*((suspend,) if how == "suspended" else (members.leave, noor.member)))
    await later(pilot, minutes=20)
    assert asked(pilot) == pilot.all(Planned, member_id=noor.member.id) == []


async def test_its_pictures_wait_with_it(pilot, noor):
    """However long: they are not cleared away, stand with nothing else, and are free again when it is called off."""
    one, two = await sent(noor), await sent(noor)
    made = await noor.status("Wie?", scheduled_at=at(pilot, days=3), media_ids=[one["id"]])
    off = await noor.status("Wie nog?", scheduled_at=at(pilot, days=3), media_ids=[two["id"]])
    assert made["params"]["media_ids"] == [one["id"]]
    assert ids(made["media_attachments"]) == [one["id"]]
    for again in ({"media_ids": [one["id"]]}, {"media_ids": [one["id"]], "scheduled_at": at(pilot, hours=1)}):
        found = await noor.call("POST", "v1/statuses", json={"status": "Nog eens?", **again})
        assert (found.status_code, found.json()["field"]) == (422, "media_ids")
    assert (await noor.call("DELETE", f"v1/media/{one['id']}")).status_code == 422
    good(await noor.call("DELETE", f"{PATH}/{off['id']}"))
    await later(pilot, days=2)
    pilot.store.run_now(upkeep.prune)
    assert [each.id for each in pilot.all(Media, actor_id=noor.account_id)] == [one["id"]]
    await later(pilot, days=1)
    (status,) = await noor.get("v1/timelines/home")
    assert ids(status["media_attachments"]) == [one["id"]]


async def test_h17_sent_twice_with_one_key_it_is_planned_once(pilot, noor):
    """Also with a picture, which is spoken for by then."""
    picture = (await sent(noor))["id"]
    given = {"status": "Wie?", "media_ids": [picture], "scheduled_at": at(pilot, hours=1)}
    tries = [
        good(await noor.call("POST", "v1/statuses", json=given, headers={"Idempotency-Key": "k"}))
        for _ in range(2)
    ]
    assert tries[0] == tries[1]
    await later(pilot, hours=2)
    assert len(asked(pilot)) == 1


async def test_there_is_a_bound_for_a_day_and_in_all(pilot, noor, monkeypatch):
    """So that no program fills a year."""
    monkeypatch.setattr(planning, "MOST_A_DAY", 2)
    monkeypatch.setattr(planning, "MOST", 3)
    for day in (0, 0, 1):
        await noor.status(f"Vraag {day}?", scheduled_at=at(pilot, days=day, hours=1))
    for day in (0, 2):
        found = await noor.call(
            "POST", "v1/statuses", json={"status": "Meer?", "scheduled_at": at(pilot, days=day, hours=1)}
        )
        assert (found.status_code, found.json()["code"]) == (422, "too-many")


async def test_pages_of_plans(pilot, noor):
    """Latest planned first, by one key, in both directions."""
    made = [(await plan(noor, f"Vraag {number}?"))["id"] for number in range(5)][::-1]
    assert ids(await noor.get(f"{PATH}?limit=2")) == made[:2]
    assert ids(await noor.get(f"{PATH}?limit=2&max_id={made[1]}")) == made[2:4]
    assert ids(await noor.get(f"{PATH}?limit=2&min_id={made[4]}")) == made[2:4]
    assert ids(await noor.get(f"{PATH}?since_id={made[2]}")) == made[:2]


async def test_the_rules_of_its_moment_hold(pilot, noor, sam):
    """A question that was closed meanwhile takes no answer any more, and one for fewer people none that is for more."""
    closed = await noor.status("Wie weet raad?", visibility="public")
    narrowed = await noor.status("En nu?", visibility="public")
    for each in (closed, narrowed):
        await plan(sam, "Ik.", in_reply_to_id=each["id"], visibility="public")
    asker = pilot.actor(noor.member)
    pilot.store.run_now(questions.close, asker, closed["id"])
    pilot.store.run_now(questions.narrow, asker, narrowed["id"], Scope.NEIGHBOURHOOD)
    await later(pilot, minutes=15)
    found = await noor.get(f"v1/accounts/{sam.account_id}/statuses")
    assert [(each["in_reply_to_id"], each["visibility"]) for each in found] == [(narrowed["id"], "private")]
