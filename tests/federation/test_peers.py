"""What is read of posts and actors as ten other programs send them: `tests/peers/<software>/`, shaped like theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from federation.actors import ActorReading, read_actor
from federation.documents import parse
from federation.vocabulary import NoteReading, read_note
from tests.federation import test_actors, test_vocabulary
from vraagbaak.caution import Caution
from vraagbaak.model import ActorKind, Scope

PEERS = Path(__file__).parents[1] / "peers"
SOFTWARE = sorted(folder.name for folder in PEERS.iterdir() if folder.is_dir())
GROUP = "https://noord.example/b/noord"

POSTS: dict[str, dict[str, Any]] = {
    "akkoma": {
        "kind": "answer",
        "author_uri": "https://akkoma.example/users/yara",
        "parent_uri": "https://noord.example/a/01k2p1",
        "title": "",
        "body": "Yes, on Tuesdays! #ping",
        "topics": ("ping",),
        "language": "en",
        "scope": Scope.PUBLIC,
    },
    "discourse": {
        "kind": "question",
        "author_uri": "https://discourse.example/ap/actor/u53r",
        "title": "Wie helpt verhuizen?",
        "body": "Zaterdag, @kees rijdt.\nIk kan tillen",
        "topics": (),
        "language": "nl",
        "scope": None,  # Discourse addresses the activity around it, not the post
    },
    "friendica": {
        "kind": "question",
        "author_uri": "https://friendica.example/profile/greta",
        "title": "Kto zna dobrego szewca?",
        "body": "!noord Szukam szewca.",
        "topics": (),
        "language": "pl",
        "scope": Scope.PUBLIC,
    },
    "gotosocial": {
        "kind": "answer",
        "author_uri": "https://gts.example/users/ties",
        "parent_uri": "https://noord.example/q/01k2m7",
        "title": "",
        "body": "@fatma In het buurthuis staat een biljart.",
        "topics": (),
        "language": "nl",
        "scope": Scope.PUBLIC,
        "context_uri": "",
    },
    "lemmy": {
        "kind": "question",
        "author_uri": "https://lemmy.example/u/bas",
        "title": "Welke plant tegen slakken?",
        "body": "Ze eten alles op.\nsla\nhosta’s",
        "html": "<p>Ze eten <em>alles</em> op.</p>\n<ul>\n<li>sla</li>\n<li>hosta’s</li>\n</ul>",
        "topics": ("tuinieren",),
        "language": "nl",
        "scope": Scope.PUBLIC,
        "pilot_uri": "https://lemmy.example/c/tuinieren",
    },
    "mastodon": {
        "kind": "question",
        "author_uri": "https://mastodon.example/users/sanne",
        "url": "https://mastodon.example/@sanne/115600000000000001",
        "title": "Wie kent een koor voor beginners? @noord",
        "body": "Liefst op woensdag. #ZingenInDeBuurt",
        "topics": ("zingenindebuurt",),
        "language": "nl",
        "scope": Scope.PUBLIC,
        "caution": Caution(),
        "replies_uri": "https://mastodon.example/users/sanne/statuses/115600000000000001/replies",
    },
    "misskey": {
        "kind": "question",
        "author_uri": "https://misskey.example/users/9abcxyz",
        "title": "over slapen",
        "body": "@noord@noord.example Wat helpt bij slecht slapen?\nThee werkt niet.",
        "topics": (),
        "language": "nl",
        "scope": Scope.PUBLIC,
        "caution": Caution(words="over slapen", sensitive=True),
        "url": "https://misskey.example/notes/afr1x0q9zz",
    },
    "nodebb": {
        "kind": "question",
        "author_uri": "https://nodebb.example/uid/3",
        "title": "Vrijwilliger worden",
        "body": "Even voorstellen\nWaar kan ik klussen?\nIk heb een gereedschapskist.",
        "topics": ("klussen",),
        "language": "nl",
        "scope": Scope.PUBLIC,
        "edited_at": None,
    },
    "piefed": {
        "kind": "question",
        "author_uri": "https://piefed.example/u/ilse",
        "title": "Hoe plak ik een band?",
        "body": "Mijn achterband is lek.",
        "topics": ("fiets",),
        "language": "nl",
        "scope": Scope.PUBLIC,
        "context_uri": "https://piefed.example/post/99/context",
    },
    "wordpress": {
        "kind": "question",
        "author_uri": "https://buurtkrant.example/?author=1",
        "url": "https://buurtkrant.example/2026/11/15/plein/",
        "title": "Het plein wordt groen",
        "body": "Wat vindt u?\nHet plein wordt groen.",
        "topics": ("groen",),
        "language": "nl",
        "scope": Scope.PUBLIC,
    },
}
ACTORS: dict[str, tuple[ActorKind, str, str, str]] = {
    # kind, handle, name, shared inbox
    "akkoma": (ActorKind.SERVICE, "yara", "Yara :wave:", "https://akkoma.example/inbox"),
    "discourse": (ActorKind.GROUP, "buurt", "Buurt & Burenhulp", ""),
    "friendica": (ActorKind.ORGANIZATION, "greta", "Greta", "https://friendica.example/inbox"),
    "gotosocial": (ActorKind.PERSON, "ties", "Ties", ""),
    "lemmy": (ActorKind.GROUP, "tuinieren", "Tuinieren", "https://lemmy.example/inbox"),
    "mastodon": (ActorKind.PERSON, "sanne", "Sanne 🎵", "https://mastodon.example/inbox"),
    "misskey": (ActorKind.PERSON, "mees", "mees", "https://misskey.example/inbox"),
    "nodebb": (ActorKind.PERSON, "jan-de-vries", "Jan de Vries", "https://nodebb.example/inbox"),
    "piefed": (ActorKind.GROUP, "fietsen", "Fietsen", "https://piefed.example/inbox"),
    "wordpress": (
        ActorKind.PERSON,
        "redactie",
        "Redactie Buurtkrant",
        "https://buurtkrant.example/wp-json/activitypub/1.0/inbox",
    ),
}


def post(software: str) -> NoteReading:
    found = read_note(parse((PEERS / software / "post.json").read_bytes()), datetime(2026, 12, 1, tzinfo=UTC))
    assert found is not None
    return found


def actor(software: str) -> ActorReading:
    found = read_actor(parse((PEERS / software / "actor.json").read_bytes()))
    assert found is not None
    return found


def test_every_software_is_tested() -> None:
    """Of every software that has a folder both a post and an actor are tested."""
    assert sorted(POSTS) == sorted(ACTORS) == SOFTWARE


@pytest.mark.parametrize("software", SOFTWARE)
def test_post(software: str) -> None:
    """A post keeps its title, text, author, place in the thread, topics, language and scope, whoever sends it."""
    found = post(software)
    test_vocabulary.check_cleaned(found)
    for name, value in POSTS[software].items():
        assert getattr(found, name) == value, name


@pytest.mark.parametrize("software", SOFTWARE)
def test_actor(software: str) -> None:
    """An actor keeps its kind, handle, name, inboxes and key, whoever sends it."""
    found = actor(software)
    test_actors.check_cleaned(found)
    assert (found.kind, found.handle, found.name, found.shared_inbox) == ACTORS[software]
    assert found.outbox
    ((_, algorithm, public),) = found.keys
    assert algorithm == "rsa"
    assert public.startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("software", ["friendica", "gotosocial", "mastodon", "misskey"])
def test_posts_for_our_neighbourhood(software: str) -> None:
    """A post that addresses or mentions the neighbourhood concerns it, in whatever member that is said."""
    assert GROUP in post(software).concerns


def test_texts_made_safe() -> None:
    """What readers see of a post has no classes, pictures or relative links of its software, and keeps the words."""
    assert post("wordpress").html == "<p><strong>Wat vindt u?</strong></p><p>Het plein wordt groen.</p>"
    assert actor("akkoma").summary == "cats &amp; code<br>she/her"
    assert 'href="/u/kees"' not in post("discourse").html
    assert "@kees" in post("discourse").html
