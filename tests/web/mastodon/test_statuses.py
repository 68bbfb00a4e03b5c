"""Asking, answering and the rest, as an app does it."""

from __future__ import annotations

import pytest

from tests.web.mastodon.apps import App, good, ids
from vraagbaak.model import Answer, Helped, Perspective, Question, Scope


async def test_a_status_is_a_question_with_its_first_line_as_title(pilot, noor):
    """The mention of the neighbourhood goes, hashtags become topics, the rest is the text."""
    made = await noor.status(
        "@wester Wie weet een goede fysio?\n\nVoor mijn knie, graag dichtbij. #fysio #Zorg"
    )
    assert made["vraagbaak"]["title"] == "Wie weet een goede fysio?"
    assert "<strong>Wie weet een goede fysio?</strong>" in made["content"]
    assert made["content"].index("fysio") < made["content"].index("knie")
    assert [tag["name"] for tag in made["tags"]] == ["fysio", "zorg"]
    assert "@wester" not in made["content"]
    (question,) = pilot.all(Question, author_id=noor.account_id)
    assert (question.scope, made["visibility"]) == (Scope.NEIGHBOURHOOD, "private")


@pytest.mark.parametrize(
    ("visibility", "scope"),
    [("public", Scope.PUBLIC), ("unlisted", Scope.PILOTS), ("private", Scope.NEIGHBOURHOOD)],
)
async def test_visibility_and_scope_are_one_to_one(pilot, noor, visibility, scope):
    """Each word of the API is one scope, back and forth; the member may narrow it and never widen it."""
    made = await noor.status("Een vraag aan wie het ziet?", visibility=visibility)
    assert (made["visibility"], made["vraagbaak"]["scope"]) == (visibility, scope.value)
    both = await noor.status(
        f"Nog een vraag, {visibility}?", visibility=visibility, vraagbaak={"scope": "neighbourhood"}
    )
    assert both["visibility"] == "private"
    wide = await noor.status(
        f"En een wijde, {visibility}?", visibility="private", vraagbaak={"scope": "public"}
    )
    assert wide["visibility"] == "private"


async def test_an_app_that_knows_a_vraagbaak_says_it_all_in_one_member(pilot, noor):
    """Title, scope, topics and wanted come in `vraagbaak`, and come back in it."""
    wished = {
        "title": "De titel",
        "scope": "public",
        "topics": ["zorg"],
        "wanted": ["professional", "naaste"],
    }
    made = await noor.status("Alleen de tekst.", vraagbaak=wished)
    found = made["vraagbaak"]
    assert (found["title"], found["scope"], found["topics"]) == ("De titel", "public", ["zorg"])
    assert found["wanted"] == ["professional", "family"]


async def test_a_content_warning_is_the_title_and_makes_it_delicate(noor):
    """What an app hides behind a warning is shown behind our own neutral one."""
    made = await noor.status("De rest.", spoiler_text="Over angst")
    assert made["sensitive"] is True
    assert made["spoiler_text"]
    assert made["vraagbaak"]["title"] == "Over angst"


@pytest.mark.parametrize(
    ("tag", "perspective"),
    [
        ("#ervaringsdeskundige", Perspective.EXPERIENCE_EXPERT),
        ("#Naaste", Perspective.FAMILY),
        ("#hulpverlener", Perspective.PROFESSIONAL),
        ("#iets", Perspective.RESIDENT),
        ("", Perspective.RESIDENT),
    ],
)
async def test_a_reply_is_an_answer_from_the_perspective_of_its_last_hashtag(
    pilot, noor, sam, tag, perspective
):
    """Without a hashtag that says so somebody answers as a neighbour; the hashtag itself is no part of the text."""
    question = await noor.status("Wie weet raad?", visibility="public")
    made = await sam.status(f"Ik weet raad. {tag}", in_reply_to_id=question["id"])
    assert made["in_reply_to_id"] == question["id"]
    assert made["in_reply_to_account_id"] == noor.account_id
    assert made["mentions"][0]["id"] == noor.account_id
    (answer,) = pilot.all(Answer, question_id=question["id"])
    assert answer.perspective is perspective
    assert ("#" in answer.body) is (tag == "#iets")


async def test_g07_a_reply_to_an_answer_is_a_comment_and_no_wider(noor, sam):
    """The thread is a tree: context shows what stands above and below, and a reply is never wider than its question."""
    question = await noor.status("Wie weet raad?", visibility="private")
    answer = await sam.status("Ik.", in_reply_to_id=question["id"], visibility="public")
    comment = await noor.status("Dank je!", in_reply_to_id=answer["id"])
    assert answer["visibility"] == comment["visibility"] == "private"
    assert comment["vraagbaak"]["kind"] == "comment"
    found = await noor.get(f"v1/statuses/{answer['id']}/context")
    assert (ids(found["ancestors"]), ids(found["descendants"])) == ([question["id"]], [comment["id"]])
    found = await noor.get(f"v1/statuses/{comment['id']}/context")
    assert ids(found["ancestors"]) == [question["id"], answer["id"]]
    found = await noor.get(f"v1/statuses/{question['id']}/context")
    assert ids(found["descendants"]) == [answer["id"], comment["id"]]
    assert (await noor.get(f"v1/statuses/{question['id']}"))["replies_count"] == 1


async def test_an_edit_keeps_what_an_app_does_not_know(noor):
    """Topics, wanted and scope stay; source gives back what was written; history holds the present words."""
    made = await noor.status(
        "Eerst dit?\n\nTekst. #zorg", visibility="unlisted", vraagbaak={"wanted": ["family"]}
    )
    source = await noor.get(f"v1/statuses/{made['id']}/source")
    assert source["text"] == "Eerst dit?\n\nTekst. #zorg"
    noor.pilot.world.clock.tick(seconds=5)
    changed = good(await noor.call("PUT", f"v1/statuses/{made['id']}", json={"status": "Nu dat?\n\nAnders."}))
    assert changed["vraagbaak"]["title"] == "Nu dat?"
    assert changed["vraagbaak"]["topics"] == ["zorg"]
    assert changed["vraagbaak"]["wanted"] == ["family"]
    assert (changed["visibility"], bool(changed["edited_at"])) == ("unlisted", True)
    (history,) = await noor.get(f"v1/statuses/{made['id']}/history")
    assert history["content"] == changed["content"]


async def test_an_edited_answer_keeps_its_perspective(noor, sam):
    """The source ends with the hashtag of the perspective, so editing what came back changes nothing else."""
    question = await noor.status("Wie weet raad?")
    made = await sam.status("Ik. #naaste", in_reply_to_id=question["id"])
    source = await sam.get(f"v1/statuses/{made['id']}/source")
    assert source["text"].endswith("#naaste")
    for text in (source["text"], "Zonder hashtag."):
        changed = good(await sam.call("PUT", f"v1/statuses/{made['id']}", json={"status": text}))
        assert changed["vraagbaak"]["perspective"] == "family"


async def test_deleting_gives_the_text_back(noor):
    """Delete-and-write-again works: the answer holds the source, and the thing is gone."""
    made = await noor.status("Verkeerd gevraagd?\n\nDe tekst.")
    gone = good(await noor.call("DELETE", f"v1/statuses/{made['id']}"))
    assert gone["text"] == "Verkeerd gevraagd?\n\nDe tekst."
    assert (await noor.call("GET", f"v1/statuses/{made['id']}")).status_code == 404


async def test_the_asker_s_favourite_marks_what_helped(pilot, noor, sam):
    """Favouriting as the asker is "dit hielp", and taking it back takes that back; of others it is a like."""
    question = await noor.status("Wie weet raad?", visibility="public")
    made = await sam.status("Ik.", in_reply_to_id=question["id"])
    answer = pilot.all(Answer, question_id=question["id"])[0]
    lena = App(pilot, pilot.member("lena"))
    await lena.post(f"v1/statuses/{made['id']}/favourite")
    assert pilot.mark_of(answer) is None
    liked = await noor.post(f"v1/statuses/{made['id']}/favourite")
    assert (liked["favourited"], liked["vraagbaak"]["helped"]) == (True, "helped")
    assert pilot.mark_of(answer) is Helped.HELPED
    assert (await noor.get(f"v1/statuses/{question['id']}"))["vraagbaak"]["status"] == "answered"
    back = await noor.post(f"v1/statuses/{made['id']}/unfavourite")
    assert (back["favourited"], back["vraagbaak"]["helped"]) == (False, None)
    assert pilot.mark_of(answer) is None
    assert await noor.get(f"v1/statuses/{made['id']}/favourited_by") == []


async def test_lists_of_what_one_likes_keeps_and_puts_first(noor, sam):
    """Favourites, bookmarks and pins hold what was put there by oneself, and nobody else's."""
    made = await noor.status("Een vraag?", visibility="public")
    key = made["id"]
    for verb, path in (("favourite", "v1/favourites"), ("bookmark", "v1/bookmarks")):
        await sam.post(f"v1/statuses/{key}/{verb}")
        await sam.post(f"v1/statuses/{key}/{verb}")
        assert ids(await sam.get(path)) == [key]
        assert await noor.get(path) == []
        await sam.post(f"v1/statuses/{key}/un{verb}")
        assert await sam.get(path) == []
    assert (await noor.post(f"v1/statuses/{key}/pin"))["pinned"] is True
    assert ids(await sam.get(f"v1/accounts/{noor.account_id}/statuses?pinned=true")) == [key]
    assert (await noor.post(f"v1/statuses/{key}/unpin"))["pinned"] is False


async def test_g07_passing_on_is_for_public_things_only(noor, sam):
    """A boost wraps the status; anything narrower is refused, and unreblog takes it back (threat G07)."""
    made = await noor.status("Een open vraag?", visibility="public")
    boost = await sam.post(f"v1/statuses/{made['id']}/reblog")
    assert boost["reblog"]["id"] == made["id"]
    assert boost["account"]["id"] == sam.account_id
    assert (await sam.get(f"v1/statuses/{made['id']}"))["reblogged"] is True
    assert (await sam.post(f"v1/statuses/{made['id']}/unreblog"))["reblogged"] is False
    for visibility in ("unlisted", "private"):
        narrow = await noor.status(f"Een vraag voor {visibility}?", visibility=visibility)
        assert (await sam.call("POST", f"v1/statuses/{narrow['id']}/reblog")).status_code == 422


async def test_forms_and_multipart_do_the_same_as_json(noor):
    """Every way in which a client sends a body is read."""
    for given in (
        {"data": {"status": "Als formulier?", "visibility": "public", "vraagbaak[topics][]": "zorg"}},
        {"files": {"status": (None, "Als delen?"), "vraagbaak[topics][]": (None, "zorg")}},
        {"json": {"status": "Als JSON?", "vraagbaak": {"topics": ["zorg"]}}},
    ):
        made = good(await noor.call("POST", "v1/statuses", **given))
        assert made["vraagbaak"]["topics"] == ["zorg"]


LISTS = ("media_attachments", "mentions", "tags", "emojis", "filtered")
NEVER_NULL = (
    *LISTS,
    *("id", "created_at", "sensitive", "spoiler_text", "visibility", "uri", "url", "content", "account"),
    *("replies_count", "reblogs_count", "favourites_count", "favourited", "reblogged", "muted", "bookmarked"),
)
PRESENT = (
    "language",
    "edited_at",
    "in_reply_to_id",
    "in_reply_to_account_id",
    "reblog",
    "application",
    "card",
    "poll",
)
ACCOUNT = (
    *("id", "username", "acct", "display_name", "note", "url", "avatar", "avatar_static", "header"),
    *(
        "header_static",
        "created_at",
        "followers_count",
        "following_count",
        "statuses_count",
        "fields",
        "emojis",
    ),
)


async def test_no_field_is_null_where_clients_break(noor, sam):
    """Status and account have every field of mastodon-api.md 4, and never null where a client breaks without."""
    question = await noor.status("Een vraag?", visibility="public")
    answer = await sam.status("Een antwoord.", in_reply_to_id=question["id"])
    for found in (question, answer):
        assert all(found[name] is not None for name in NEVER_NULL)
        assert all(name in found for name in (*PRESENT, "pinned"))
        assert all(isinstance(found[name], list) for name in LISTS)
        assert all(found["account"][name] is not None for name in ACCOUNT)
    own = await noor.get("v1/accounts/verify_credentials")
    assert own["source"]["note"] is not None
    assert own["id"] == noor.account_id
