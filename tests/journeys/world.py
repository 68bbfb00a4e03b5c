"""A world of pilots in one process: real apps, real databases, real signatures; only the wires are a dict of hosts."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from federation.keys import KeyPair, make_rsa
from federation.transport import InMemoryNetwork
from storage.memory import CountingIds, TickingClock
from vraagbaak import answers, members, offers, peers, questions
from vraagbaak.config import Config
from vraagbaak.model import (
    Actor,
    Answer,
    Helped,
    Mark,
    Member,
    Offer,
    Perspective,
    Question,
    Role,
    Scope,
    Standing,
)
from vraagbaak.ports import Ids
from web.app import application
from web.wiring import Parts, open_store

ACTIVITY = "application/activity+json"


@functools.cache
def _pool() -> itertools.cycle[KeyPair]:
    return itertools.cycle([make_rsa() for _ in range(4)])


def some_rsa() -> KeyPair:
    """One of a few key pairs: making one takes a tenth of a second, and only the key's id differs between actors."""
    return next(_pool())


@dataclass
class Instance:
    """One pilot of the world, and the people in it."""

    world: World
    name: str
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        slug = self.name.lower()
        given = {"base_url": f"https://{slug}.example", "name": self.name, "slug": slug, "lab_limits": "off"}
        self.config = Config(**{**given, **self.settings})
        self.ids = self.world.make_ids()
        self.start()

    def start(self) -> None:
        """Open what is in the folder; what a server does that was switched on."""
        self.store = open_store(self.config, self.folder, clock=self.world.clock, ids=self.ids)
        self.parts = Parts.assemble(
            self.config, self.folder, self.store, wire=self.world.network, make_rsa=some_rsa
        )
        self.app = application(self.parts)
        self.world.network.apps[self.host] = self.app

    def switch_off(self) -> None:
        """Nobody is at home any more; the data stays."""
        self.world.network.apps.pop(self.host, None)
        self.store.close()

    @property
    def host(self) -> str:
        return self.config.home.domain

    @property
    def base(self) -> str:
        return self.config.base_url

    async def work(self) -> int:
        """Do all jobs that are due; how many that were."""
        return await self.parts.worker.run_until_idle()

    # people and what they do

    def member(self, handle: str, *roles: Role) -> Member:
        newcomer = members.Newcomer(handle=handle, name=handle.title(), password_hash="")
        return self.store.run_now(members.add, newcomer, roles or (Role.RESIDENT,))

    def member_called(self, handle: str) -> Member:
        return self.store.read_now(lambda reading: members.by_handle(reading, handle))

    def actor(self, member: Member) -> Actor:
        return self.store.read_now(lambda reading: reading.get(Actor, member.actor_id))

    def trust(self, other: Instance, standing: Standing = Standing.PILOT) -> None:
        self.store.run_now(peers.decide, other.host, standing)

    def ask(
        self, member: Member, title: str = "Wie loopt er mee?", scope: Scope = Scope.PILOTS, **draft
    ) -> Question:
        self.world.clock.tick(seconds=1)
        made = questions.Draft(title=title, scope=scope, **draft)
        return self.store.run_now(questions.ask_anew, self.actor(member), made)

    def answer(self, member: Member, question: Question, body: str = "Ik loop mee.", **draft) -> Answer:
        self.world.clock.tick(seconds=1)
        made = answers.Draft(body=body, **{"perspective": Perspective.RESIDENT, **draft})
        return self.store.run_now(answers.answer_anew, member, self.own(Question, question).id, made)

    def offer(
        self, member: Member, body: str = "Ik kan rijden.", scope: Scope = Scope.PUBLIC, **draft
    ) -> Offer:
        self.world.clock.tick(seconds=1)
        return self.store.run_now(offers.offer_anew, member, offers.Draft(body=body, scope=scope, **draft))

    def mark(self, member: Member, answer: Answer, value: Helped | None = Helped.HELPED) -> None:
        self.world.clock.tick(seconds=1)
        here = self.own(Answer, answer)
        self.store.run_now(questions.mark, self.actor(member), here.question_id, here.id, value)

    # what is known here

    def own(self, kind, thing):
        """The same thing as it is known here. None when it is not."""
        return self.store.read_now(lambda reading: reading.one(kind, uri=thing.uri))

    def all(self, kind, **equals) -> list:
        return self.store.read_now(lambda reading: reading.find(kind, **equals))

    def knows(self, thing) -> bool:
        return self.own(type(thing), thing) is not None

    def mark_of(self, answer: Answer) -> Helped | None:
        here = self.own(Answer, answer)
        found = self.all(Mark, id=here.id) if here else []
        return found[0].value if found else None

    def client(self, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, client=("192.0.2.7", 1234))
        return httpx.AsyncClient(transport=transport, base_url=self.base, headers=headers)


class World:
    """Pilots on one network, under one clock."""

    def __init__(
        self,
        folder: Path,
        make_ids: Callable[[], Ids] = CountingIds,
        network: InMemoryNetwork | None = None,
    ) -> None:
        self.folder = folder
        self.make_ids = make_ids
        self.clock = TickingClock()
        self.network = network or InMemoryNetwork(apps={})
        self.instances: dict[str, Instance] = {}

    def pilot(self, name: str, **settings: Any) -> Instance:
        folder = self.folder / name.lower()
        folder.mkdir(exist_ok=True)
        self.instances[name] = Instance(self, name, folder, settings)
        return self.instances[name]

    def pilots(self, *names: str, **settings: Any) -> list[Instance]:
        """Pilots that all trust each other, before they have met."""
        made = [self.pilot(name, **settings) for name in names]
        for one in made:
            for other in made:
                if one is not other:
                    one.trust(other)
        return made

    async def settle(self) -> int:
        """Let everybody work until nothing happens any more; how many jobs that were."""
        total = 0
        while done := sum([await instance.work() for instance in self._awake()]):
            total += done
        assert self.network.faults == []
        return total

    def _awake(self) -> list[Instance]:
        return [instance for instance in self.instances.values() if instance.host in self.network.apps]

    def sent_to(self, instance: Instance) -> list[Any]:
        """Every request that went to a pilot."""
        return [sent for sent in self.network.sent if sent.host == instance.host]

    def close(self) -> None:
        for instance in self.instances.values():
            instance.store.close()
