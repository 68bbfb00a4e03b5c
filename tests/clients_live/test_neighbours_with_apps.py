"""What a neighbour does with a real app on a real server, and what others get of it, here and at another server.

Every test is done with each of the apps; what is said names the app, for the same words twice are the same question.
"""

from __future__ import annotations

import httpx
import pytest

from tests.clients_live.driving import RefusalError
from tests.drawing import picture
from tests.web.commanding import until

pytestmark = pytest.mark.clients


def asked_by_sam(pilot, sam, title, **more):
    return pilot.api("POST", "/questions", sam, json={"title": title, "scope": "public", **more})


def test_an_app_signs_in(client, pilot):
    """By the page on which noor says yes; the app then knows who and where it is."""
    me = client.me()
    assert (me["acct"], me["username"], me["url"]) == ("noor", "noor", f"{pilot.base}/u/noor")
    assert "Vraagbaak" in client.instance()["version"]


def test_it_asks_and_reads(client, pilot):
    """The first line is the title; the question stands in its timelines and on the site."""
    asked = client.post(
        f"Wie weet een kapper aan huis, via {client.name}?\n\nVoor oma. #zorg", visibility="public"
    )
    title = f"Wie weet een kapper aan huis, via {client.name}?"
    assert (asked["visibility"], asked["account"]["acct"]) == ("public", "noor")
    told = asked["vraagbaak"]
    assert (told["kind"], told["title"], told["scope"]) == ("question", title, "public")
    assert [tag["name"] for tag in asked["tags"]] == told["topics"] == ["zorg"]
    for which in ("home", "public"):
        assert client.timeline(which)[0]["id"] == asked["id"]
    assert client.status(asked["id"])["content"] == asked["content"]
    assert pilot.ask("GET", f"/api/vraagbaak/v1/questions/{asked['id']}").json()["title"] == title


def test_without_a_word_it_asks_in_the_neighbourhood(client, pilot):
    """What an app says nothing of is for nobody outside."""
    asked = client.post(f"Wie heeft een stoel over, via {client.name}?")
    assert (asked["visibility"], asked["vraagbaak"]["scope"]) == ("private", "neighbourhood")
    assert pilot.ask("GET", f"/api/vraagbaak/v1/questions/{asked['id']}").status_code == 404


def test_it_answers_from_a_perspective(client, pilot, sam):
    """The hashtag at the end says from where; the thread shows the answer under the question."""
    asked = asked_by_sam(pilot, sam, f"Wie ging er naar de pijnpoli, via {client.name}?")
    said = client.post("Ik, vorig jaar. #ervaringsdeskundige", reply_to=asked["id"])
    (answer,) = pilot.answers(asked)
    assert (answer["id"], answer["body"]) == (said["id"], "Ik, vorig jaar.")
    assert answer["perspective"] == said["vraagbaak"]["perspective"] == "experience-expert"
    assert said["in_reply_to_id"] == asked["id"]
    thread = client.thread(asked["id"])
    assert [each["id"] for each in thread["descendants"]] == [said["id"]]
    assert [each["id"] for each in client.thread(said["id"])["ancestors"]] == [asked["id"]]


def test_a_favourite_of_the_asker_says_that_it_helped(client, pilot, sam):
    """Noor's favourite marks the answer, and taking it back takes that back."""
    asked = client.post(f"Wie kan mijn fiets maken, via {client.name}?", visibility="public")
    said = {"question": asked["id"], "body": "Ik.", "perspective": "resident"}
    answer = pilot.api("POST", "/answers", sam, json=said)
    liked = client.do("favourite", answer["id"])
    assert (liked["favourited"], liked["vraagbaak"]["helped"]) == (True, "helped")
    assert pilot.answers(asked)[0]["helped"]
    assert client.do("unfavourite", answer["id"])["favourited"] is False
    assert not pilot.answers(asked)[0]["helped"]


def test_it_changes_what_was_written(library, pilot):
    """An edit is seen by everybody, and says that it is one."""
    asked = library.post(f"Wie heeft een lader, via {library.name}?", visibility="public")
    assert asked["edited_at"] is None
    changed = library.edit(asked["id"], f"Wie heeft een ladder, via {library.name}?")
    assert changed["edited_at"]
    found = pilot.ask("GET", f"/api/vraagbaak/v1/questions/{asked['id']}").json()
    assert found["title"] == f"Wie heeft een ladder, via {library.name}?"


def test_it_keeps_and_finds(client, pilot, sam):
    """A bookmark, and a search for words and by address."""
    asked = asked_by_sam(pilot, sam, f"Waar staat de buurtbieb, via {client.name}?")
    assert client.do("bookmark", asked["id"])["bookmarked"] is True
    assert asked["id"] in [each["id"] for each in client.bookmarks()]
    assert client.do("unbookmark", asked["id"])["bookmarked"] is False
    assert asked["id"] not in [each["id"] for each in client.bookmarks()]
    for words in (f"buurtbieb {client.name}", asked["uri"]):
        assert asked["id"] in [each["id"] for each in client.search(words)["statuses"]]


def test_it_follows_a_neighbourhood_elsewhere(client, pilot, there):
    """What is asked there comes home, an answer goes back, and after the end of the follow the next does not come."""
    handle = f"ooster@localhost:{there.port}"
    (account,) = client.search(f"@{handle}")["accounts"]
    assert (account["acct"], account["url"], account["group"]) == (handle, there.group, True)
    client.follow(account)
    until(lambda: client.relation(account)["following"], "the accepted follow")

    title = f"Wie rijdt mee naar de markt, via {client.name}?"
    asked = there.ask_question(title)

    def came_home():
        found = client.timeline("home")
        return next((each for each in found if each["uri"] == asked["uri"]), None)

    arrived = until(came_home, "the question from elsewhere")
    assert arrived["account"]["acct"] == f"noor@localhost:{there.port}"
    assert (arrived["vraagbaak"]["title"], arrived["visibility"]) == (title, "public")

    client.post("Ik heb een plek vrij. #ondernemer", reply_to=arrived["id"])
    (answer,) = there.until(lambda: there.answers(asked), "the answer there")
    assert (answer["body"], answer["perspective"]) == ("Ik heb een plek vrij.", "entrepreneur")
    there.tell("POST", f"/questions/{asked['id']}/helped", answer=answer["id"], mark="helped")
    until(
        lambda: client.thread(arrived["id"])["descendants"][0]["vraagbaak"]["helped"],
        "the word that it helped",
    )
    client.unfollow(account)
    until(lambda: not client.relation(account)["following"], "the end of the follow")


def test_it_hears_what_happens(library, pilot, sam):
    """New, changed and deleted things, and what noor is told, come by themselves."""
    library.listen()
    asked = asked_by_sam(pilot, sam, f"Wie hoort dit, via {library.name}?")

    def of(event, path=lambda said: said["id"], key=asked["id"]):
        return lambda found: found["event"] == event and path(found["payload"]) == key

    until(lambda: library.hears(of("update")), "the question")
    pilot.api("PUT", f"/questions/{asked['id']}", sam, json={"title": f"Wie hoorde dit, via {library.name}?"})
    until(lambda: library.hears(of("status.update")), "the change")
    mine = library.post(f"En wie hoort mij, via {library.name}?")
    said = {"question": mine["id"], "body": "Ik.", "perspective": "resident"}
    answer = pilot.api("POST", "/answers", sam, json=said)
    told = of("notification", lambda said: said["status"]["id"], answer["id"])
    until(lambda: library.hears(told), "the notification")
    headers = {"Authorization": f"Bearer {sam}"}
    pilot.ask("DELETE", f"/api/vraagbaak/v1/questions/{asked['id']}", headers=headers)
    until(lambda: library.hears(of("delete", lambda said: said)), "the end of it")


def test_it_is_told_of_answers(client, pilot, sam):
    """An answer to noor's question is a mention."""
    asked = client.post(f"Wie geeft de planten water, via {client.name}?")
    said = {"question": asked["id"], "body": "Wij.", "perspective": "family"}
    answer = pilot.api("POST", "/answers", sam, json=said)
    newest = client.notifications()[0]
    assert (newest["type"], newest["account"]["acct"]) == ("mention", "sam")
    assert newest["status"]["id"] == answer["id"]


def test_it_sends_a_picture(client, tmp_path):
    """With words for who cannot see it; the address that the app gets shows it."""
    file = tmp_path / "tuin.jpg"
    file.write_bytes(picture())
    sent = client.upload(file, "Een tuin met een schommel")
    asked = client.post(f"Wat groeit hier, via {client.name}?", visibility="public", media=[sent])
    (shown,) = client.status(asked["id"])["media_attachments"]
    assert (shown["type"], shown["description"]) == ("image", "Een tuin met een schommel")
    assert shown["meta"]["original"]["width"] == 80
    got = httpx.get(shown["url"], trust_env=False)
    assert (got.status_code, got.headers["content-type"].partition("/")[0]) == (200, "image")


def test_it_deletes(client, pilot):
    """Gone for the app, and for everybody."""
    asked = client.post(f"Wie wil er een bank, via {client.name}?", visibility="public")
    client.delete(asked["id"])
    with pytest.raises(RefusalError):
        client.status(asked["id"])
    assert pilot.ask("GET", f"/api/vraagbaak/v1/questions/{asked['id']}").status_code == 404


def test_it_turns_pages(library):
    """The next page begins where the first ended."""
    for number in range(4):
        library.post(f"Vraag {number} van vier, via {library.name}?", visibility="public")
    first, second = library.pages(2)
    assert [len(first), len(second)] == [2, 2]
    ids = [each["id"] for each in (*first, *second)]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 4


def test_g09_signing_out_ends_everything(newcomer, pilot, sam):
    """After a revocation by the app its line is closed, and its token is nobody's."""
    newcomer.listen()
    asked = asked_by_sam(pilot, sam, f"Wie is er nog, via {newcomer.name}?")
    until(lambda: newcomer.hears(lambda found: found["event"] == "update"), "the question")
    newcomer.sign_out()
    until(lambda: not newcomer.hears_on(), "the end of the line")
    with pytest.raises(RefusalError):
        newcomer.me()
    headers = {"Authorization": f"Bearer {newcomer.token}"}
    assert pilot.ask("GET", f"/api/v1/statuses/{asked['id']}", headers=headers).status_code == 401
