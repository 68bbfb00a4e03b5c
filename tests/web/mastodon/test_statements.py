"""No list costs more statements the longer it is: what stands beside things is asked for all at once (no N+1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.reading import Reading
from tests.web.mastodon.apps import App, good
from vraagbaak import media
from vraagbaak.media import Shot, Words
from vraagbaak.model import Actor, Scope

FEW, MORE = 5, 25


@pytest.fixture
def asked(monkeypatch):
    """Every statement that is sent to the database."""
    found = []
    for name in ("execute", "_run"):
        real = getattr(Reading, name)

        def counted(self, *args, _real=real, **kwargs):
            found.append(args[0])
            return _real(self, *args, **kwargs)

        monkeypatch.setattr(Reading, name, counted)
    return found


class Fullness:
    """A pilot that gets fuller: of everything that stands in a list of noor's, so many more."""

    def __init__(self, pilot, noor: App, sam: App) -> None:
        self.pilot, self.noor, self.sam = pilot, noor, sam
        self.first = pilot.ask(noor.member, "De eerste", Scope.PUBLIC)
        self.statuses: list[str] = []
        self.people: list[str] = []
        self.number = 0

    async def start(self):
        await self.noor.post(f"v1/accounts/{self.sam.account_id}/follow")
        self.list = (await self.noor.post("v1/lists", {"title": "Buren"}))["id"]
        await self.noor.post(f"v1/lists/{self.list}/accounts", {"account_ids[]": self.sam.account_id})
        return self

    async def fill(self, times: int) -> None:
        for _ in range(times):
            self.number += 1
            await self._one(self.number)

    async def _one(self, number: int) -> None:
        pilot, noor, sam = self.pilot, self.noor, self.sam
        pilot.world.clock.tick(seconds=1)
        person = pilot.member(f"buur{number}")
        self.people.append(person.actor_id)
        for verb in ("follow", "mute", "block", "follow"):
            await noor.post(f"v1/accounts/{person.actor_id}/{verb}")
        await noor.post(f"v1/accounts/{person.actor_id}/note", {"comment": "Een buur"})
        await noor.post(f"v1/lists/{self.list}/accounts", {"account_ids[]": person.actor_id})
        picture = self._picture(number)
        for asker, kept in ((noor, (picture,)), (sam, ())):
            question = pilot.ask(
                asker.member,
                f"Vraag {number} {asker.member.handle}",
                Scope.PUBLIC,
                topics=("zorg",),
                media=kept,
            )
            self.statuses.append(question.id)
            pilot.answer(sam.member, question, f"Ook {number}")
        answer = pilot.answer(sam.member, self.first, f"Antwoord {number}")
        pilot.answer(noor.member, self.first, f"Reactie {number}", parent_id=answer.id)
        for key in (question.id, answer.id):
            for verb in ("favourite", "bookmark"):
                await noor.post(f"v1/statuses/{key}/{verb}")
        await sam.post(f"v1/statuses/{question.id}/reblog")
        await noor.post("v1/lists", {"title": f"Lijst {number}"})
        keywords = [{"keyword": f"woord{each}"} for each in (number, "vraag")]
        await noor.post(
            "v2/filters", json={"title": "x", "context": ["home"], "keywords_attributes": keywords}
        )
        await noor.post(f"v1/tags/onderwerp{number}/follow")
        await noor.post("v1/domain_blocks", {"domain": f"server{number}.example"})
        due = pilot.world.clock.moment + timedelta(days=number % 20 + 1)
        later = {"scheduled_at": due.isoformat(), "media_ids": [self._picture(number + 1000)]}
        await noor.status(f"Later {number}?", **later)

    def _picture(self, number: int) -> str:
        shot = Shot(
            file=f"{number:032x}",
            key="k",
            media_type="image/jpeg",
            size=1,
            width=1,
            height=1,
            small_width=1,
            small_height=1,
        )
        actor_id = self.noor.account_id
        made = self.pilot.store.run_now(
            lambda tx: media.take_in(tx, tx.get(Actor, actor_id), shot, Words(description="Een bank"))
        )
        return made.id

    def path(self, path: str) -> str:
        return path.format(
            first=self.first.id,
            noor=self.noor.account_id,
            sam=self.sam.account_id,
            list=self.list,
            statuses="&".join(f"id[]={key}" for key in self.statuses[:40]),
            people="&".join(f"id[]={key}" for key in self.people[:40]),
        )


@pytest.fixture
async def full(pilot, noor, sam):
    return await Fullness(pilot, noor, sam).start()


PATHS = (
    "v1/timelines/home?limit=40",
    "v1/timelines/public?limit=40",
    "v1/timelines/tag/zorg?limit=40&any[]=wmo&all[]=zorg&none[]=geld",
    "v1/timelines/list/{list}?limit=40",
    "v1/favourites?limit=40",
    "v1/bookmarks?limit=40",
    "v1/statuses/{first}/context",
    "v1/statuses?{statuses}",
    "v1/accounts/{noor}/statuses?limit=40",
    "v1/accounts/{sam}/statuses?limit=40",
    "v1/accounts/{noor}/following",
    "v1/accounts?{people}",
    "v1/accounts/relationships?{people}",
    "v1/accounts/familiar_followers?{people}",
    "v1/accounts/search?q=buur",
    "v1/accounts/{sam}/lists",
    "v1/lists",
    "v1/lists/{list}/accounts?limit=80",
    "v1/mutes",
    "v1/blocks",
    "v1/domain_blocks",
    "v1/followed_tags",
    "v1/filters",
    "v2/filters",
    "v1/scheduled_statuses?limit=40",
    "v1/notifications?limit=40",
    "v2/notifications?limit=40",
    "v2/search?q=vraag",
)


async def test_a_list_costs_as_many_statements_for_few_things_as_for_many(full, noor, asked):
    """One statement more where it stands on another page, for any list that an app of a member can ask for."""
    costs: list[dict[str, int]] = []
    for times in (FEW, MORE):
        await full.fill(times)
        costs.append({})
        for path in PATHS:
            asked.clear()
            assert await noor.get(full.path(path)), path
            costs[-1][path] = len(asked)
    grew = {
        path: (costs[0][path], costs[1][path])
        for path in PATHS
        if costs[1][path] - costs[0][path] not in {0, 1}
    }
    assert grew == {}
    assert max(costs[1].values()) < 30


async def test_a_write_costs_as_many_statements_for_few_things_as_for_many(pilot, noor, sam, asked):
    """Putting many in a list, taking them out, dismissing a group, forgetting all, and a report of many things."""
    made = (await noor.post("v1/lists", {"title": "Buren"}))["id"]
    question = pilot.ask(noor.member, "Wie weet raad?", Scope.PUBLIC)
    costs: list[dict[str, int]] = []
    number = 0
    for times in (FEW, MORE):
        people, said = [], []
        for _ in range(times):
            number += 1
            person = App(pilot, pilot.member(f"buur{number}"))
            people.append(person.account_id)
            await noor.post(f"v1/accounts/{person.account_id}/follow")
            await person.post(f"v1/statuses/{question.id}/favourite")
            await person.post(f"v1/statuses/{question.id}/reblog")
            said.append(pilot.ask(sam.member, f"Vraag {number}", Scope.PUBLIC).id)
        group = f"favourite-{question.id}"
        calls = (
            ("POST", f"v1/lists/{made}/accounts", {"account_ids": people}),
            ("DELETE", f"v1/lists/{made}/accounts", {"account_ids": people}),
            ("GET", f"v2/notifications/{group}", None),
            ("GET", f"v2/notifications/{group}/accounts", None),
            ("POST", f"v2/notifications/{group}/dismiss", {}),
            ("POST", "v1/notifications/clear", {}),
            (
                "POST",
                "v1/reports",
                {"account_id": sam.account_id, "status_ids": said, "comment": "Hier klopt iets niet."},
            ),
        )
        costs.append({})
        for method, path, given in calls:
            asked.clear()
            good(await noor.call(method, path, json=given) if given else await noor.call(method, path))
            costs[-1][f"{method} {path}"] = len(asked)
        assert await noor.get("v1/notifications") == await noor.get(f"v1/lists/{made}/accounts") == []
    assert costs[0] == costs[1]
    assert max(costs[1].values()) < 40
