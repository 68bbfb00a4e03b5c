"""Similar questions among 10,000: what one lookup costs, and with a set of pairs how often the right one is found.

A set is JSON: `pairs` with `stored_title`, `stored_body`, `query`, `class` and `topic`, and `distractors` with `title`,
`body` and `topic`. How good it is, is measured with the set alone; what it costs, among all questions.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import tempfile
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.bench.api import Client
from tests.bench.server import Server, report
from vraagbaak import thesaurus, words

WARM_UP = 20
COUNTED = 300
FRAMES = (
    "Wie weet iets over {}?",
    "Hoe regel ik {} als ik {} heb?",
    "Ik zoek hulp bij {} en {}",
    "Mijn moeder heeft {}, wie kent dat?",
    "Waar vind ik {} in de buurt van {}?",
)


def made_up(many: int) -> list[dict[str, Any]]:
    """Questions of about the length and variety of real ones, the same in every run."""
    chance = random.Random(7)
    phrases = [phrase for group in thesaurus.groups() if not group.loose for phrase in group.phrases]
    names = [word for word, rank in words.common().items() if rank in {2, 3}]

    def question() -> dict[str, Any]:
        frame = chance.choice(FRAMES)
        title = frame.format(*(chance.choice(phrases) for _ in range(frame.count("{}"))))
        body = (
            f"{chance.choice(phrases)} {chance.choice(names)} {chance.choice(names)} {chance.choice(phrases)}"
        )
        return {"title": title[:190], "body": body, "scope": "public"}

    return [question() for _ in range(many)]


def _load(server: Server, questions: list[dict[str, Any]]) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(questions, file)
        file.flush()
        began = time.monotonic()
        server.command("load", file.name)
        return time.monotonic() - began


async def _found(client: Client, query: str) -> list[dict[str, Any]]:
    path = f"/api/vraagbaak/v1/similar?{urllib.parse.urlencode({'q': query, 'limit': 20})}"
    found: list[dict[str, Any]] = json.loads(await client.ask(path))
    return found


async def _quality(client: Client, pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Recall at 1 and 5 and the mean reciprocal rank, of all and by class."""
    ranks: dict[str, list[int]] = defaultdict(list)
    for pair in pairs:
        titles = [each["title"] for each in await _found(client, pair["query"])]
        rank = titles.index(pair["stored_title"]) + 1 if pair["stored_title"] in titles else 0
        ranks["all"].append(rank)
        ranks[pair["class"]].append(rank)
    return {
        name: {
            "pairs": len(found),
            "recall_1": round(sum(rank == 1 for rank in found) / len(found), 3),
            "recall_5": round(sum(1 <= rank <= 5 for rank in found) / len(found), 3),
            "mrr": round(sum(1 / rank for rank in found if rank) / len(found), 3),
        }
        for name, found in sorted(ranks.items())
    }


async def _cost(server: Server, client: Client, queries: list[str]) -> dict[str, Any]:
    asked = itertools.cycle(queries)
    for query in itertools.islice(asked, WARM_UP):
        await _found(client, query)
    took = []
    before = server.cpu
    for query in itertools.islice(asked, COUNTED):
        began = time.monotonic()
        await _found(client, query)
        took.append((time.monotonic() - began) * 1000)
    cpu = round((server.cpu - before) / COUNTED * 1e6)
    took.sort()
    return {
        "cpu_us": cpu,
        "p50_ms": round(took[COUNTED // 2], 1),
        "p95_ms": round(took[COUNTED * 95 // 100], 1),
    }


async def _run(given: dict[str, Any], many: int) -> None:
    pairs = given["pairs"]
    stored = [{"title": each["stored_title"], "body": each["stored_body"]} for each in pairs]
    stored += [{"title": each["title"], "body": each["body"]} for each in given["distractors"]]
    server = Server()
    server.start()
    try:
        server.command("member", "add", "noor")
        token = server.command("token", "noor")
        client = Client(server, token)
        await client.connect()
        quality: dict[str, Any] = {}
        if stored:
            _load(server, [each | {"scope": "public"} for each in stored])
            quality = {"stored": len(stored), "quality": await _quality(client, pairs)}
        filler = made_up(many - len(stored))
        seconds = _load(server, filler)
        client.close()
        client = Client(server, token)  # the server does not wait that long for the next request
        await client.connect()
        queries = [pair["query"] for pair in pairs] or [each["title"] for each in made_up(80)]
        cost = await _cost(server, client, queries)
        client.close()
        figures = {"questions": many, "load_s": round(seconds, 1), "memory_mib": round(server.memory, 1)}
        report("similar", {**cost, **figures, **quality})
    finally:
        server.stop()


def main(file: Path | None = None, many: int = 10_000) -> None:
    """Run it."""
    given = json.loads(file.read_text()) if file else {"pairs": [], "distractors": []}
    asyncio.run(_run(given, many))
