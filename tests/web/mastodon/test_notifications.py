"""What members are told, and what they keep away from themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import upkeep
from tests.web.mastodon.apps import MISSING, App, good, ids
from vraagbaak.model import Answer, Notice, Question, Repeat, ReplyStatus


@pytest.fixture
async def told(noor, sam):
    """Noor's question, sam's answer and her comment on it, her mark, his like of her question, boost and follow."""
    question = await noor.status("Wie weet raad?", visibility="public")
    answer = await sam.status("Ik.", in_reply_to_id=question["id"])
    comment = await noor.status("Dank!", in_reply_to_id=answer["id"])
    await noor.post(f"v1/statuses/{answer['id']}/favourite")
    await sam.post(f"v1/statuses/{question['id']}/favourite")
    await sam.post(f"v1/statuses/{question['id']}/reblog")
    await sam.post(f"v1/accounts/{noor.account_id}/follow")
    return {"question": question["id"], "answer": answer["id"], "comment": comment["id"]}


def kinds(found):
    return [(each["type"], (each["status"] or {}).get("id")) for each in found]


async def test_everybody_is_told_what_concerns_them(noor, sam, told):
    """An answer, a comment, a mark, a like, a boost and a follow: each once, to whom it concerns, newest first."""
    assert kinds(await noor.get("v1/notifications")) == [
        ("follow", None),
        ("reblog", told["question"]),
        ("favourite", told["question"]),
        ("mention", told["answer"]),
    ]
    assert kinds(await sam.get("v1/notifications")) == [
        ("favourite", told["answer"]),
        ("mention", told["comment"]),
    ]
    (follow,) = await noor.get("v1/notifications?types[]=follow")
    assert follow["account"]["id"] == sam.account_id
    one = await noor.get(f"v1/notifications/{follow['id']}")
    assert one == follow
    assert len(await noor.get("v1/notifications?exclude_types[]=follow&exclude_types[]=reblog")) == 2
    assert await noor.get(f"v1/notifications?account_id={noor.account_id}") == []


async def test_what_is_taken_back_is_told_no_more(noor, sam, told):
    """Unfavourite, unreblog and deletion take their notice along; doing it twice tells it once."""
    for verb in ("unfavourite", "unreblog", "favourite", "unfavourite"):
        await sam.post(f"v1/statuses/{told['question']}/{verb}")
    await noor.post(f"v1/statuses/{told['answer']}/unfavourite")
    good(await sam.call("DELETE", f"v1/statuses/{told['answer']}"))
    assert kinds(await noor.get("v1/notifications")) == [("follow", None)]
    assert kinds(await sam.get("v1/notifications")) == [("mention", told["comment"])]


async def test_a_notice_of_what_was_hidden_is_not_shown(pilot, noor, told):
    """Whether somebody may still see it is asked when they read it (threat G06)."""

    def hide(tx):
        tx.save(replace(tx.get(Answer, told["answer"]), status=ReplyStatus.HIDDEN))

    pilot.store.run_now(hide)
    assert "mention" not in [kind for kind, _ in kinds(await noor.get("v1/notifications"))]
    assert (await noor.get("v1/notifications/unread_count"))["count"] == 3


async def test_nobody_reads_or_dismisses_another_s(noor, sam, told):
    """Another's notice is 404, the same as none (threat G23)."""
    mine = (await noor.get("v1/notifications"))[0]["id"]
    for method, rest in (("GET", ""), ("POST", "/dismiss")):
        answers = [await sam.call(method, f"v1/notifications/{key}{rest}") for key in (mine, MISSING)]
        assert answers[0].status_code == 404
        assert answers[0].content == answers[1].content
    await sam.post("v1/notifications/clear")
    assert len(await noor.get("v1/notifications")) == 4
    await noor.post(f"v1/notifications/{mine}/dismiss")
    assert len(await noor.get("v1/notifications")) == 3
    await noor.post("v1/notifications/clear")
    assert await noor.get("v1/notifications") == []


async def test_grouped_ones_name_each_person_and_thing_once(pilot, noor, sam, told):
    """Likes of one thing are one group, mentions stand alone; a group can be shown and dismissed."""
    lena = App(pilot, pilot.member("lena"))
    await lena.post(f"v1/statuses/{told['question']}/favourite")
    found = await noor.get("v2/notifications")
    groups = {each["group_key"]: each for each in found["notification_groups"]}
    likes = groups[f"favourite-{told['question']}"]
    assert (likes["notifications_count"], likes["status_id"]) == (2, told["question"])
    assert likes["sample_account_ids"] == [lena.account_id, sam.account_id]
    assert sorted(ids(found["accounts"])) == sorted([lena.account_id, sam.account_id])
    assert len(found["statuses"]) == 2
    assert ids(await noor.get(f"v2/notifications/{likes['group_key']}/accounts")) == [
        lena.account_id,
        sam.account_id,
    ]
    (least,) = (await noor.get("v2/notifications?limit=1&types[]=favourite"))["notification_groups"]
    assert (least["notifications_count"], least["sample_account_ids"]) == (2, [lena.account_id])
    whole = await noor.get(f"v2/notifications/{likes['group_key']}")
    assert whole["notification_groups"] == [likes]
    for wrong in ("favourite", "favourite-x", f"mention-{told['answer']}", f"reblog-{told['answer']}", "x-y"):
        assert (await noor.call("GET", f"v2/notifications/{wrong}")).status_code == 404
    await noor.post(f"v2/notifications/{likes['group_key']}/dismiss")
    assert len(await noor.get("v1/notifications")) == 3
    assert (await noor.call("GET", f"v2/notifications/{likes['group_key']}")).status_code == 404
    alone = await noor.get("v2/notifications?grouped_types[]=follow")
    assert all(each["notifications_count"] == 1 for each in alone["notification_groups"])


async def test_a_mute_holds_until_it_is_taken_back(noor, sam):
    """One that is to end by itself is refused, and nobody is muted then."""
    path = f"v1/accounts/{sam.account_id}"
    assert (await noor.call("POST", f"{path}/mute", json={"duration": 60})).status_code == 422
    (relation,) = await noor.get(f"v1/accounts/relationships?id[]={sam.account_id}")
    assert relation["muting"] is False
    for given in ({"duration": 0}, {"notifications": False}, {}):
        relation = await noor.post(f"{path}/mute", json=given)
        assert (relation["muting"], relation["muting_notifications"]) == (True, True)


async def test_who_is_blocked_does_not_come_back_by_following(noor, sam):
    """It waits, and whom they follow does not meet them."""
    await sam.post(f"v1/accounts/{noor.account_id}/follow")
    await noor.post(f"v1/accounts/{sam.account_id}/block")
    relation = await sam.post(f"v1/accounts/{noor.account_id}/follow")
    assert (relation["following"], relation["requested"], relation["blocked_by"]) == (False, True, False)
    (relation,) = await noor.get(f"v1/accounts/relationships?id[]={sam.account_id}")
    assert (relation["blocking"], relation["followed_by"]) == (True, False)
    assert await noor.get("v1/follow_requests") == []


async def test_markers_say_up_to_where_and_what_is_unread_follows(noor, sam, told):
    """A marker moves, counts its version, belongs to one member, and the unread count starts there."""
    found = await noor.get("v1/notifications")
    assert (await noor.get("v1/notifications/unread_count"))["count"] == 4
    made = await noor.post("v1/markers", json={"notifications": {"last_read_id": found[1]["id"]}})
    assert (made["notifications"]["last_read_id"], made["notifications"]["version"]) == (found[1]["id"], 1)
    assert (await noor.get("v1/notifications/unread_count"))["count"] == 1
    form = {"home[last_read_id]": told["answer"]}
    assert (await noor.post("v1/markers", form))["home"]["last_read_id"] == told["answer"]
    assert set(await noor.get("v1/markers?timeline[]=home&timeline[]=notifications")) == {
        "home",
        "notifications",
    }
    assert await sam.get("v1/markers?timeline[]=home") == {}


async def test_notices_are_kept_ninety_days_and_keys_an_hour(pilot, noor, sam, told):
    """Pruning takes them in time."""
    await noor.call("POST", "v1/statuses", json={"status": "Een keer?"}, headers={"Idempotency-Key": "k"})
    pilot.world.clock.moment += timedelta(hours=2)
    pilot.store.run_now(upkeep.prune)
    assert pilot.all(Repeat, member_id=noor.member.id) == []
    assert len(pilot.all(Notice, member_id=noor.member.id)) == 4
    pilot.world.clock.moment += timedelta(days=90)
    pilot.store.run_now(upkeep.prune)
    assert pilot.all(Notice, member_id=noor.member.id) == []


async def test_h17_the_same_key_by_the_same_member_is_one_status(pilot, noor, sam):
    """Sent twice is written once; another's key, another hour or a deleted status is a new one."""

    async def send(app, text):
        headers = {"Idempotency-Key": "een sleutel"}
        return good(await app.call("POST", "v1/statuses", json={"status": text}, headers=headers))["id"]

    first = await send(noor, "Een vraag?")
    assert await send(noor, "Een heel andere vraag?") == first
    assert len(pilot.all(Question, author_id=noor.account_id)) == 1
    assert await send(sam, "Een vraag van sam?") != first
    good(await noor.call("DELETE", f"v1/statuses/{first}"))
    second = await send(noor, "Na het verwijderen?")
    assert second != first
    pilot.world.clock.moment += timedelta(hours=1, seconds=1)
    assert await send(noor, "Een uur later?") != second
    (kept,) = pilot.all(Repeat, member_id=noor.member.id)
    assert "Een" not in kept.id


async def test_who_is_muted_or_blocked_is_met_nowhere(noor, sam, told):
    """Home, public timelines and notifications leave them out; only oneself sees that, and it can be taken back."""
    mine = await sam.status("Een vraag van sam?", visibility="public")
    for verb, path in (("mute", "v1/mutes"), ("block", "v1/blocks")):
        found = await noor.post(f"v1/accounts/{sam.account_id}/{verb}")
        assert found["muting" if verb == "mute" else "blocking"] is True
        assert ids(await noor.get(path)) == [sam.account_id]
        for timeline in ("home", "public", "tag/zorg"):
            assert mine["id"] not in ids(await noor.get(f"v1/timelines/{timeline}"))
        assert await noor.get("v1/notifications") == []
        (seen,) = await sam.get(f"v1/accounts/relationships?id[]={noor.account_id}")
        assert seen["blocked_by"] is False
        assert await sam.get(path) == []
        await noor.post(f"v1/accounts/{sam.account_id}/un{verb}")
        assert mine["id"] in ids(await noor.get("v1/timelines/home"))
    (found,) = await sam.get(f"v1/accounts/relationships?id[]={noor.account_id}")
    assert found["following"] is False
    assert (await noor.call("POST", f"v1/accounts/{noor.account_id}/block")).status_code == 422


async def test_a_quiet_thread_tells_nothing(noor, sam, told):
    """Muting any part of a thread silences all of it, for oneself."""
    assert (await noor.post(f"v1/statuses/{told['comment']}/mute"))["muted"] is True
    assert (await noor.get(f"v1/statuses/{told['question']}"))["muted"] is True
    assert (await sam.get(f"v1/statuses/{told['question']}"))["muted"] is False
    assert kinds(await noor.get("v1/notifications")) == [("follow", None)]
    assert (await noor.post(f"v1/statuses/{told['question']}/unmute"))["muted"] is False
    assert len(await noor.get("v1/notifications")) == 4


async def test_servers_are_kept_away_by_name(noor):
    """A domain is blocked for oneself and taken back; our own and no domain are refused."""
    await noor.post("v1/domain_blocks", {"domain": "Ver.Example."})
    assert await noor.get("v1/domain_blocks") == ["ver.example"]
    good(await noor.call("DELETE", "v1/domain_blocks", params={"domain": "ver.example"}))
    assert await noor.get("v1/domain_blocks") == []
    for name in ("", "wester.example", "https://ver.example/x", "a" * 300):
        assert (await noor.call("POST", "v1/domain_blocks", json={"domain": name})).status_code == 422


async def test_topics_can_be_followed(noor, sam, nobody):
    """Following a topic is one's own; everybody may look at a topic."""
    assert (await noor.post("v1/tags/Zorg/follow"))["following"] is True
    assert [each["name"] for each in await noor.get("v1/followed_tags")] == ["zorg"]
    assert (await noor.get("v1/tags/zorg"))["following"] is True
    assert (await sam.get("v1/tags/zorg"))["following"] is False
    assert (await nobody.get("v1/tags/zorg"))["name"] == "zorg"
    assert (await noor.post("v1/tags/zorg/unfollow"))["following"] is False
    assert (await noor.call("POST", "v1/tags/%20/follow")).status_code == 422
