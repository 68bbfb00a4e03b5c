"""What a pilot and a server on other software have with each other: each a process of its own, over http on loopback.

Both peers read JSON-LD as JSON-LD and prove what they send with FEP-8b32 beside the signature; Fedify expands, embeds and
signs as RFC 9421 says, bovine compacts, names things by their id and writes full IRIs.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.peers_live.neighbours import GROUPS, PUBLIC
from tests.web.commanding import found_in, until
from tests.web.on_loopback import ACTIVITY
from vraagbaak.model import Follow

pytestmark = pytest.mark.peers


@pytest.fixture(params=["fedify", "bovine"])
def peer(request):
    """A server on other software."""
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def afresh(pilot):
    """Every test asks anew, with whichever peer."""
    yield
    pilot.start_afresh()


def test_a_question_of_ours_keeps_its_meaning(pilot, somebody):
    """Followers of the asker, of the neighbourhood, and those who read inner activities get it each their own way."""
    reader, fan, group = somebody("reader"), somebody("fan"), somebody("group", kind="Group", more=GROUPS)
    for each in (reader, group):
        each.follow(pilot.group)
    fan.follow(f"{pilot.base}/u/noor")
    asked = pilot.ask_question("Wie weet een kapper?", body="Voor *oma*, aan huis.", topics=["zorg aan huis"])
    created = fan.hears(type="Create", object={"id": asked["uri"]})["object"]
    announced = reader.hears(type="Announce", object={"id": asked["uri"]})["object"]
    passed_on = group.hears(type="Announce", object={"object": {"id": asked["uri"]}})["object"]
    assert (passed_on["type"], passed_on["actor"]) == ("Create", f"{pilot.base}/u/noor")
    for note in (created, announced, passed_on["object"]):
        assert (note["type"], note["author"]) == ("Note", f"{pilot.base}/u/noor")
        assert note["title"] == "Wie weet een kapper?"
        assert note["content"].startswith("<p><strong>Wie weet een kapper?</strong></p><p>Voor <em>oma</em>")
        assert note["to"] == [PUBLIC, pilot.group]
        assert ["Hashtag", "#zorgaanhuis", f"{pilot.base}/o/zorg-aan-huis"] in note["tags"]
        assert note["vb"] == {
            "kind": ["question"],
            "title": ["Wie weet een kapper?"],
            "body": ["Voor *oma*, aan huis."],
            "topics": ["zorg-aan-huis"],
            "neighbourhood": [pilot.group],
            "privacy": ["public"],
            "status": ["open"],
            "helpful": [f"{asked['uri']}/helpful"],
        }


def test_their_answer_helps(pilot, somebody):
    """A reply on Fedify is an answer here; that it helped is heard there, and so is that it did not after all."""
    reader, group = somebody("reader"), somebody("group", kind="Group", more=GROUPS)
    for each in (reader, group):
        each.follow(pilot.group)
    asked = pilot.ask_question("Wie loopt er mee?")
    reply = {"inReplyTo": asked["uri"], "to": [pilot.group, asker := f"{pilot.base}/u/noor"]}
    femke = somebody("femke")
    note = femke.do("post", content="<p>Ik loop <strong>mee</strong>.</p>", **reply)
    (answer,) = pilot.until(lambda: pilot.answers(asked), "their answer")
    assert (answer["uri"], answer["body"], answer["domain"]) == (note, "Ik loop mee.", femke.peer.host)
    pilot.tell("POST", f"/questions/{asked['id']}/helped", answer=answer["id"], mark="helped")
    femke.hears(type="Like", actor=asker, object={"id": note})
    reader.hears(type="Announce", actor=pilot.group, object={"id": note})
    added = group.hears(type="Announce", object={"type": "Add", "object": {"id": note}})["object"]
    assert (added["actor"], added["target"]) == (asker, f"{asked['uri']}/helpful")
    assert added["vb"] == {"mark": ["accepted"]}
    pilot.tell("POST", f"/questions/{asked['id']}/helped", answer=answer["id"], mark=None)
    femke.hears(type="Undo", actor=asker, object={"type": "Like", "object": {"id": note}})
    reader.hears(type="Undo", actor=pilot.group, object={"type": "Announce"})
    group.hears(type="Announce", object={"type": "Remove", "object": {"id": note}})


def test_their_question_is_answered(pilot, somebody):
    """A post that mentions the neighbourhood is a question; our answer reaches its asker, whose Like says it helped."""
    femke = somebody("femke")
    content = "<p>Wie kan mij naar het ziekenhuis rijden?</p><p>Op dinsdag.</p>"
    note = femke.do("post", content=content, to=[pilot.group])
    asked = pilot.until(lambda: pilot.known(note), "their question")
    assert (asked["title"], asked["body"]) == ("Wie kan mij naar het ziekenhuis rijden?", "Op dinsdag.")
    assert (asked["domain"], asked["pilot"], asked["scope"]) == (femke.peer.host, None, "public")
    said = {"question": asked["id"], "body": "Ik rijd.", "perspective": "experience-expert"}
    answer = pilot.tell("POST", "/answers", **said)
    heard = femke.hears(type="Create", object={"id": answer["uri"]})["object"]
    assert (heard["inReplyTo"], heard["author"]) == (note, f"{pilot.base}/u/noor")
    assert heard["content"] == "<p>Ik rijd.</p><p>(als ervaringsdeskundige)</p>"
    assert ["Mention", f"@{femke.name}@{femke.peer.host}", femke.uri] in heard["tags"]
    assert heard["vb"] == {
        "kind": ["answer"],
        "body": ["Ik rijd."],
        "perspective": ["experience-expert"],
        "privacy": ["public"],
    }
    liked = femke.do("like", object=answer["uri"], to=f"{pilot.base}/u/noor")
    pilot.until(lambda: pilot.answers(asked)[0]["helped"], "the word that it helped")
    femke.do("undo", activity=liked, to=f"{pilot.base}/u/noor")
    pilot.until(lambda: not pilot.answers(asked)[0]["helped"], "the word that it did not")


def test_edits_go_both_ways(pilot, somebody):
    """What is changed here is changed there, for everybody who got it, and the other way round."""
    reader, fan, group = somebody("reader"), somebody("fan"), somebody("group", kind="Group", more=GROUPS)
    for each in (reader, group):
        each.follow(pilot.group)
    fan.follow(f"{pilot.base}/u/noor")
    asked = pilot.ask_question("Wie heeft een ladder?")
    for each in (reader, fan, group):
        each.hears(type="Create" if each is fan else "Announce")
    femke = somebody("femke")
    note = femke.do("post", content="<p>Ik!</p>", inReplyTo=asked["uri"], to=[pilot.group])
    pilot.until(lambda: pilot.answers(asked), "their answer")

    pilot.tell("PUT", f"/questions/{asked['id']}", title="Wie heeft een lange ladder?")
    heard = [each.hears(type="Update", object={"id": asked["uri"]})["object"] for each in (reader, fan)]
    heard.append(group.hears(type="Announce", object={"type": "Update"})["object"]["object"])
    for changed in heard:
        assert changed["vb"]["title"] == ["Wie heeft een lange ladder?"]
        assert datetime.fromisoformat(changed["updated"]) > datetime.fromisoformat(changed["published"])

    femke.do("edit", note=note, content="<p>Ik, een van 6 meter!</p>", to=[pilot.group])
    pilot.until(lambda: pilot.answers(asked)[0]["body"] == "Ik, een van 6 meter!", "their edit")
    assert pilot.answers(asked)[0]["edited_at"]
    group.hears(type="Announce", object={"type": "Update", "actor": femke.uri, "object": {"id": note}})


def test_deletes_go_both_ways(pilot, somebody):
    """What is gone here leaves a tombstone and is gone there; what is gone there is gone here and for those we told."""
    fan, group = somebody("fan"), somebody("group", kind="Group", more=GROUPS)
    group.follow(pilot.group)
    fan.follow(f"{pilot.base}/u/noor")
    asked = pilot.ask_question("Wie heeft een kruiwagen?")
    fan.hears(type="Create", object={"id": asked["uri"]})
    femke = somebody("femke")
    note = femke.do("post", content="<p>Ik.</p>", inReplyTo=asked["uri"], to=[pilot.group])
    group.hears(type="Announce", object={"type": "Create", "object": {"id": note}})

    femke.do("delete", note=note, to=[pilot.group])
    pilot.until(lambda: pilot.answers(asked) == [], "their delete")
    group.hears(type="Announce", object={"type": "Delete", "actor": femke.uri, "object": {"id": note}})

    pilot.withdraw(f"/questions/{asked['id']}")
    gone = fan.hears(type="Delete", object={"id": asked["uri"]})
    assert (gone["actor"], gone["object"]["type"]) == (f"{pilot.base}/u/noor", "Tombstone")
    group.hears(type="Announce", object={"type": "Delete", "object": {"id": asked["uri"]}})
    left = pilot.document(asked["uri"])
    assert (left.status_code, left.headers["content-type"]) == (410, ACTIVITY)
    assert (left.json()["type"], left.json()["formerType"]) == ("Tombstone", "Note")
    assert fan.do("look", uri=asked["uri"]) is None


def test_who_stops_following_hears_nothing_more(pilot, somebody):
    """After an Undo of the Follow nothing new arrives, while others still get it."""
    leaving, staying = somebody("leaving"), somebody("staying")
    follow = leaving.follow(pilot.group)
    staying.follow(pilot.group)
    leaving.do("undo", activity=follow, to=pilot.group)
    until(lambda: not found_in(pilot.folder, Follow, uri=follow), "the end of the follow")
    asked = pilot.ask_question("Wie hoort dit nog?")
    staying.hears(type="Announce", object={"id": asked["uri"]})
    pilot.settle()
    assert [each["type"] for each in leaving.heard()] == ["Accept"]
