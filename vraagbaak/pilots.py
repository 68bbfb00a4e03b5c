"""Our own neighbourhood: its actors, its profile and the topics it starts with.

Founding can be repeated at every start: it adds what is missing and brings names up to date.
"""

from __future__ import annotations

from dataclasses import replace

from vraagbaak import text
from vraagbaak.errors import Invalid
from vraagbaak.model import Actor, ActorKind, Pilot, Topic
from vraagbaak.ports import Reads, Tx

# The words of the movement's own themes and of Positieve Gezondheid; a steward can change them.
FIRST_TOPICS: tuple[tuple[str, bool], ...] = (
    ("ontmoeten", False),
    ("eenzaamheid", True),
    ("psychische gezondheid", True),
    ("slapen", False),
    ("zorg", True),
    ("mantelzorg", False),
    ("opvoeden", False),
    ("ouder worden", False),
    ("geld en schulden", True),
    ("werk", False),
    ("wonen", False),
    ("vervoer", False),
    ("digitaal", False),
    ("sport en bewegen", False),
    ("verslaving", True),
)
TOPICS_PER_QUESTION = 5
TOPIC_LENGTH = 40


def found(tx: Tx, profile: dict[str, str]) -> Pilot:
    """Make the instance's actor, the neighbourhood and the shared persona, or bring them up to date.

    `profile` has `focus`, `meeting_place` and `hours`.
    """
    home = tx.home
    base, slug = home.base_url, home.slug
    local_actor(tx, uri=home.application_uri, kind=ActorKind.APPLICATION, handle=home.domain, name=home.name)
    group = local_actor(tx, uri=home.group_uri, kind=ActorKind.GROUP, handle=slug, name=home.name)
    local_actor(
        tx,
        uri=f"{base}/u/{home.persona_handle}",
        kind=ActorKind.PERSON,
        handle=home.persona_handle,
        name=f"Buurtgenoot uit {home.name}",
        shared=True,
    )
    known = tx.one(Pilot, uri=home.group_uri)
    pilot = Pilot(
        id=known.id if known else tx.new_id(),
        actor_id=group.id,
        uri=home.group_uri,
        domain=home.domain,
        slug=slug,
        name=home.name,
        city=home.city,
        local=True,
        **profile,
    )
    if known is None:
        tx.add(pilot)
        for name, sensitive in FIRST_TOPICS:
            if tx.one(Topic, id=text.slug(name)) is None:
                tx.add(Topic(id=text.slug(name), name=name, sensitive=sensitive))
    elif known != pilot:
        tx.save(pilot)
    return pilot


def local_actor(tx: Tx, *, uri: str, kind: ActorKind, handle: str, name: str, shared: bool = False) -> Actor:
    """One of our own actors, made when it is not there yet and renamed when its name changed."""
    known = tx.one(Actor, uri=uri)
    if known and known.name == name:
        return known
    if known:
        renamed = replace(known, name=name)
        tx.save(renamed)
        return renamed
    actor = Actor(
        id=tx.new_id(),
        uri=uri,
        kind=kind,
        handle=handle,
        domain=tx.home.domain,
        name=name,
        url=uri,
        inbox=f"{uri}/inbox",
        shared_inbox=f"{tx.home.base_url}/inbox",
        local=True,
        shared=shared,
    )
    tx.add(actor)
    return actor


def ours(tx: Reads) -> Pilot:
    """The neighbourhood this server serves."""
    pilot = tx.one(Pilot, uri=tx.home.group_uri)
    if pilot is None:
        raise RuntimeError("The pilot was not founded; Store.open must be followed by pilots.found")
    return pilot


def persona(tx: Reads) -> Actor:
    """The shared actor through which residents without an account speak."""
    actor = tx.one(Actor, uri=f"{tx.home.base_url}/u/{tx.home.persona_handle}")
    if actor is None:
        raise RuntimeError("The pilot was not founded; Store.open must be followed by pilots.found")
    return actor


def topics(tx: Tx, names: tuple[str, ...]) -> tuple[str, ...]:
    """The slugs of these topics, in order, without doubles; topics nobody named before are added.

    Raises Invalid when there are too many or one is no topic.
    """
    slugs: list[str] = []
    for name in names:
        wanted = text.slug(name)
        if not wanted or len(name) > TOPIC_LENGTH:
            raise Invalid("topics", "A topic is one or a few words.", "bad-topic")
        if wanted not in slugs:
            slugs.append(wanted)
            if tx.one(Topic, id=wanted) is None:
                tx.add(Topic(id=wanted, name=text.line(name.lower().replace("-", " "), TOPIC_LENGTH)))
    if len(slugs) > TOPICS_PER_QUESTION:
        raise Invalid(
            "topics", "Choose at most %(most)d topics.", "too-many-topics", most=TOPICS_PER_QUESTION
        )
    return tuple(slugs)
