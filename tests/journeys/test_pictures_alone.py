"""A picture without words, between two pilots."""

from __future__ import annotations

from tests.drawing import picture
from tests.web.mastodon.apps import App
from vraagbaak.model import Answer, Scope


async def test_a_picture_alone_is_an_answer_on_another_pilot_too(world):
    """It arrives with the picture as a link below it, and the perspective it is given from."""
    west, oost = world.pilots("West", "Oost")
    await world.settle()
    noor, lena = App(west, west.member("noor")), App(oost, oost.member("lena"))
    asked = oost.ask(lena.member, "Hoe ziet dat eruit?", Scope.PUBLIC)
    await world.settle()
    (known,) = (await noor.get("v2/search", params={"q": asked.uri, "resolve": "true"}))["statuses"]
    sent = await noor.post("v2/media", files={"file": ("x.png", picture(), "image/png")})
    made = await noor.status("", in_reply_to_id=known["id"], media_ids=[sent["id"]])
    await world.settle()
    (arrived,) = oost.all(Answer)
    assert (arrived.uri, arrived.body) == (made["uri"], "")
    assert len(arrived.attachments) == 1
    async with oost.client() as client:
        assert (await client.get(f"/v/{asked.id}")).status_code == 200
