"""Our own neighbourhood: founded again at every start, with topics that anybody may add to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.memory import MemoryStore
from tests.vraagbaak.village import HOME, PROFILE
from vraagbaak import pilots
from vraagbaak.errors import Invalid
from vraagbaak.model import Actor, ActorKind, Pilot, Topic


def test_nothing_works_before_a_pilot_is_founded():
    """A store without a pilot is a fault that says what to do, not an empty neighbourhood."""
    store = MemoryStore(HOME)
    for ask in (pilots.ours, pilots.persona):
        with pytest.raises(RuntimeError, match="founded"):
            store.run_now(ask)


def test_founding_makes_an_actor_a_neighbourhood_and_a_persona(village):
    """Three actors of ours, of the kinds that other software expects (federation.md 1.5)."""
    made = {actor.handle: actor for actor in village.all(Actor, domain="wester.example")}
    assert made["wester.example"].kind is ActorKind.APPLICATION
    assert made["wester"].kind is ActorKind.GROUP
    persona = made["buurtgenoot-wester"]
    assert (persona.kind, persona.shared, persona.name) == (ActorKind.PERSON, True, "Buurtgenoot uit Wester")
    assert [actor.handle for actor in made.values() if actor.shared] == ["buurtgenoot-wester"]
    assert village.do(pilots.persona) == persona
    assert village.do(pilots.ours).actor_id == made["wester"].id


def test_founding_again_changes_nothing(village):
    """Every start of the server does it; nothing is doubled and no id changes."""
    before = {kind: dict(rows) for kind, rows in village.store.rows.items()}
    village.do(pilots.found, PROFILE)
    assert village.store.rows == before


def test_founding_again_brings_names_up_to_date(village):
    """A new name and profile are taken over by the same actors and the same pilot."""
    before = village.do(pilots.ours)
    village.store.home = replace(HOME, name="Westerpark", city="Amsterdam")
    found = village.do(pilots.found, PROFILE | {"focus": "Samen eten"})
    assert (found.id, found.name, found.city, found.focus) == (
        before.id,
        "Westerpark",
        "Amsterdam",
        "Samen eten",
    )
    assert village.do(pilots.persona).name == "Buurtgenoot uit Westerpark"
    assert [pilot.name for pilot in village.all(Pilot)] == ["Westerpark"]


def test_a_topic_that_was_taken_away_stays_away(village):
    """The steward may change the topics; a restart does not bring them back."""
    village.do(lambda tx: tx.remove(tx.get(Topic, "slapen")))
    village.do(pilots.found, PROFILE)
    assert village.all(Topic, id="slapen") == []


def test_a_neighbourhood_can_be_renamed_in_its_links(village):
    """Another slug is a new pilot with the topics that are there already; starting does not fail on them."""
    village.store.home = replace(HOME, slug="westerpark")
    found = village.do(pilots.found, PROFILE)
    assert village.do(pilots.ours) == found
    assert len(village.all(Topic)) == len(pilots.FIRST_TOPICS)


def test_the_first_topics_say_which_are_delicate(village):
    """What is about health or money starts as sensitive, under a name that can stand in a link."""
    first = {topic.id: topic.sensitive for topic in village.all(Topic)}
    assert first["psychische-gezondheid"]
    assert first["geld-en-schulden"]
    assert not first["vervoer"]


@pytest.mark.parametrize(
    ("name", "slug", "shown"),
    [
        ("Geld en Schulden", "geld-en-schulden", "geld en schulden"),
        ("<script>alert(1)</script>", "script-alert-1-script", "<script>alert(1)</script>"),
        ("zor\u202eg", "zorg", "zorg"),
        ("Café-bezoek", "cafe-bezoek", "café bezoek"),
        ("../../etc", "etc", "../../etc"),
    ],
)
def test_a_topic_that_nobody_named_before_is_added(village, name, slug, shown):
    """Under a slug that is safe in a link, with a name of plain words that every page escapes."""
    before = village.all(Topic)
    assert village.do(pilots.topics, (name,)) == (slug,)
    topic = village.do(lambda tx: tx.get(Topic, slug))
    assert topic.sensitive == next((known.sensitive for known in before if known.id == slug), False)
    assert topic.name in {shown, "zorg"}


@pytest.mark.parametrize("name", ["", " ", "-", "!?", "\u202e", "x" * 41, "🙂"])
def test_what_is_no_topic_is_refused(village, name):
    """Nothing that leaves no word, and nothing that is a whole story."""
    refusal = village.refuses(Invalid, "bad-topic", pilots.topics, ("wonen", name))
    assert refusal.field == "topics"


def test_topics_are_counted_without_doubles(village):
    """Five at most; the same one in other spellings counts once."""
    five = ("Wonen", "wonen", "WONEN!", "zorg", "werk", "slapen", "vervoer")
    assert village.do(pilots.topics, five) == ("wonen", "zorg", "werk", "slapen", "vervoer")
    refusal = village.refuses(Invalid, "too-many-topics", pilots.topics, (*five, "digitaal"))
    assert refusal.values == {"most": 5}


def test_an_actor_of_ours_is_made_once_and_renamed(village):
    """The same uri is the same actor, whatever it is called."""
    given = {"uri": f"{HOME.base_url}/u/x", "kind": ActorKind.PERSON, "handle": "x"}
    made = village.do(lambda tx: pilots.local_actor(tx, **given, name="X"))
    again = village.do(lambda tx: pilots.local_actor(tx, **given, name="Y"))
    assert again == replace(made, name="Y") == village.now(made)
    assert (made.inbox, made.shared_inbox) == (f"{made.uri}/inbox", "https://wester.example/inbox")
    assert (made.local, made.domain) == (True, "wester.example")
