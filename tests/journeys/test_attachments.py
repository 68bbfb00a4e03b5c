"""What others put beside their words: links to follow on pages and in apps; nothing is loaded, by us or by who reads."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import PUBLIC, Elsewhere, note
from tests.journeys.world import World
from tests.web.mastodon.apps import App
from tests.web.visiting import Page, external
from vraagbaak import moderation
from vraagbaak.model import Answer, AttachmentKind, Question, QuestionStatus, Role, Scope

SHOWN = [
    {
        "type": "Document",
        "mediaType": "image/png",
        "url": "https://files.example/brug.png",
        "name": 'Een <brug> & "pad"',
    },
    {
        "type": "Video",
        "url": [{"type": "Link", "href": "https://video.example/w/1", "mediaType": "video/mp4"}],
    },
    {"type": "Image", "url": "javascript:alert(1)", "name": "niet dit"},
    "https://krant.example/plein",
]


@pytest.fixture
async def street(tmp_path):
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    yield world, west, Elsewhere(world, "mastodon.example").person("joep")
    assert not world.network.faults
    world.close()


async def comes_in(world, west, person, kind="Create", **members):
    post = note(
        f"{person.server.base}/notes/1", person.uri, to=[PUBLIC, west.config.home.group_uri], **members
    )
    assert (await person.send(west, person.activity(kind, post))).status_code == 202
    await world.settle()


async def test_links_on_the_page_and_in_apps_and_nothing_loaded(street):
    """Both show the description and where the link goes; neither has anything that a browser loads from elsewhere."""
    world, west, joep = street
    await comes_in(world, west, joep, attachment=SHOWN, content="<p>Deze brug?</p>")
    (question,) = west.all(Question)
    assert [each.kind for each in question.attachments] == [
        AttachmentKind.PICTURE,
        AttachmentKind.VIDEO,
        AttachmentKind.LINK,
    ]
    async with west.client() as client:
        answer = await client.get(f"/v/{question.id}")
    page = Page(answer)
    links = {each["href"]: each for each in page.all("a") if "://" in (each.get("href") or "")}
    assert {
        "https://files.example/brug.png",
        "https://video.example/w/1",
        "https://krant.example/plein",
    } <= set(links)
    for url in ("https://files.example/brug.png", "https://krant.example/plein"):
        assert {"noopener", "noreferrer", "nofollow"} <= set((links[url]["rel"] or "").split())
    assert 'Een <brug> & "pad"' in page.words
    assert "niet dit" not in answer.text
    assert {each[0] for each in external(page, west.base)} == {"a"}
    status = await App(west).get(f"v1/statuses/{question.id}")
    assert status["media_attachments"] == []
    assert "Een &lt;brug&gt; &amp; &quot;pad&quot;</a> (files.example)" in status["content"]
    assert "javascript" not in status["content"]
    assert {sent.host for sent in world.network.sent} == {"mastodon.example"}
    async with west.client() as client:
        plain = (await client.get(f"/api/vraagbaak/v1/questions/{question.id}")).json()
    assert plain["attachments"][0] == {
        "kind": "picture",
        "url": "https://files.example/brug.png",
        "host": "files.example",
        "description": 'Een <brug> & "pad"',
    }


async def test_a_picture_alone_is_an_answer_and_with_its_description_a_question(street):
    """Whoever replies with nothing but a picture is heard; a question needs words, and those of its picture will do."""
    world, west, joep = street
    asked = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    picture = {"type": "Image", "url": "https://files.example/1.png"}
    await comes_in(world, west, joep, inReplyTo=asked.uri, content="", attachment=picture)
    (answer,) = west.all(Answer)
    assert (answer.body, len(answer.attachments)) == ("", 1)
    async with west.client() as client:
        page = await client.get(f"/v/{asked.id}")
    assert (page.status_code, "https://files.example/1.png" in page.text) == (200, True)
    lena = Elsewhere(world, "pix.example").person("lena")
    await comes_in(world, west, lena, content="", attachment=picture)
    assert west.all(Question) == [asked]
    rien = Elsewhere(world, "foto.example").person("rien")
    await comes_in(world, west, rien, content="", attachment=picture | {"name": "Welke plant is dit?"})
    assert {found.title for found in west.all(Question)} == {asked.title, "Welke plant is dit?"}


async def test_another_link_is_read_again_before_others_see_it(tmp_path):
    """What a moderator approved is not swapped for something else afterwards."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    joep = Elsewhere(world, "mastodon.example").person("joep")
    await comes_in(world, west, joep, content="<p>Welke plant?</p>", attachment=SHOWN[0])
    (held,) = west.all(Question)
    west.store.run_now(moderation.release, west.member("iris", Role.MODERATOR), Question, held.id)
    other = {"type": "Image", "url": "https://evil.example/1.png"}
    edited = {"content": "<p>Welke plant?</p>", "attachment": other, "updated": "2026-11-02T09:30:00Z"}
    await comes_in(world, west, joep, "Update", **edited)
    (question,) = west.all(Question)
    assert question.status is QuestionStatus.HELD
    assert question.attachments[0].host == "evil.example"
    world.close()
