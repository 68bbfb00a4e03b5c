"""The files of pictures, on disk: each with a row that was there before it and goes after it, so that none is forgotten.

Nobody is told here who may see one; names that nobody can guess are made here, and only names of that kind are opened.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import select

from storage.mapping import mapper
from storage.reading import Reading
from storage.statements import Prepared, among, once, prepared
from storage.store import Store
from storage.tables import tables
from storage.work import CLEAR, Job, Unit, Work, WorkTx
from vraagbaak import audience, media
from vraagbaak.media import Shot, Words
from vraagbaak.model import Actor, Media, Scope, Thing

AT_ONCE = 500
_media = tables[Media]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaView:
    """A picture of a thing, with where an app finds it."""

    media: Media
    url: str
    small_url: str


class MediaFolder:
    """Where the files are. One per process; pictures are unpacked one after the other, for each takes much memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, store: Store, actor: Actor, file: IO[bytes], words: Words) -> Media:
        """What a member of ours sent, made anew and kept; it waits to be put with something.

        Raises Invalid for what is no picture, or OSError when there is no room on the disk: then nothing of it stays.
        """
        async with self._one_at_a_time:
            from storage.pictures import develop  # the decoders take a tenth of a second to load

            developed = await asyncio.to_thread(develop, file)
        shot = Shot(
            file=secrets.token_hex(media.FILE_LENGTH // 2),
            key=secrets.token_hex(16),
            media_type=developed.media_type,
            size=len(developed.content) + len(developed.small),
            width=developed.width,
            height=developed.height,
            small_width=developed.small_width,
            small_height=developed.small_height,
            blurhash=developed.blurhash,
        )
        made = await store.run(media.take_in, actor, shot, words)
        try:
            await asyncio.to_thread(self._write, made, developed.content, developed.small)
        except BaseException:
            await store.run(media.give_up, made.id)
            raise
        return made

    def path(self, name: str) -> Path:
        """Where a file of this name is, as `media.name_of` makes them."""
        return self.folder / name[:2] / name

    def _write(self, made: Media, content: bytes, small: bytes) -> None:
        for name, written in (
            (media.name_of(made), content),
            (media.name_of(made, small=True), small),
        ):
            path = self.path(name)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f"{name}.part")
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writing:
                    writing.write(written)
                    writing.flush()
                    os.fsync(writing.fileno())
                os.utime(draft, (0, 0))  # when somebody sent it is nobody's business
                draft.replace(path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise

    def remove(self, found: Iterable[Media]) -> None:
        """These files are gone. Raises OSError; those that are gone already are no fault."""
        for each in found:
            for small in (False, True):
                self.path(media.name_of(each, small=small)).unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """All files with names as they are made here."""
        return [path for path in self.folder.glob("??/*") if media.FILE_NAME.fullmatch(path.name)]


class Clearing:
    """Does away with the files of pictures that are nobody's any more."""

    def __init__(self, store: Store, folder: MediaFolder) -> None:
        self._store = store
        self._folder = folder

    async def clear(self, job: Job) -> Unit:  # noqa: ARG002 - whichever it was about: all that wait go
        """The handler of `clear-media` jobs."""
        found = await self._store.read(_removed)
        await asyncio.to_thread(self._folder.remove, found)
        return Unit.of(_forget, found)

    def clear_now(self) -> None:
        """The same for a command, which does not wait for a worker."""
        while found := self._store.read_now(_removed):
            self._folder.remove(found)
            self._store.run_now(_forget, found)


def tidy(store: Store, folder: MediaFolder) -> None:
    """Does away with files that nobody knows: a backup of a running server holds some that came after its database."""
    found = folder.files()
    known = store.read_now(lambda reading: set(reading.execute(select(_media.c.file)).scalars()))
    for path in found:
        if path.name[: media.FILE_LENGTH] not in known:
            path.unlink(missing_ok=True)


def _removed(reading: Reading) -> list[Media]:
    shape = mapper(Media)
    statement = select(_media).where(_media.c.removed == 1).limit(AT_ONCE)
    return [shape.thing(row) for row in reading.execute(statement)]


def _forget(tx: WorkTx, found: list[Media]) -> None:
    for each in found:
        tx.remove(each)
    if len(found) == AT_ONCE:
        tx.enqueue(Work(CLEAR, key=CLEAR))


def beside(reading: Reading, things: Iterable[Thing]) -> dict[str, tuple[Media, ...]]:
    """The pictures of these things, by the uri of the thing, found in one statement."""
    shape = mapper(Media)
    found: dict[str, list[Media]] = {}
    # Pictures stand with things of ours only.
    uris = [thing.uri for thing in things if thing.local]
    if uris:
        for row in reading.execute(select(_media).where(_media.c.thing_uri.in_(uris))):
            each = shape.thing(row)
            found.setdefault(each.thing_uri, []).append(each)
    return {uri: media.in_order(group) for uri, group in found.items()}


def views(reading: Reading, things: Sequence[Thing]) -> dict[str, tuple[MediaView, ...]]:
    """The same, as the apps of those who may see these things get them."""
    scopes = {thing.uri: thing.scope for thing in things}
    found = beside(reading, things)
    return {uri: tuple(view(reading, each, scopes[uri]) for each in group) for uri, group in found.items()}


def view(reading: Reading, found: Media, scope: Scope | None) -> MediaView:
    """A picture as the app of somebody who may see it gets it; without a scope while it stands with nothing."""
    return MediaView(
        media=found,
        url=media.address_for_app(reading, found, scope),
        small_url=media.address_for_app(reading, found, scope, small=True),
    )


def own_view(reading: Reading, actor: Actor, key: str) -> MediaView:
    """One's own picture. Raises Unknown."""
    found = media.own(reading, actor, key)
    thing = audience.thing_at(reading, found.thing_uri) if found.thing_uri else None
    return view(reading, found, thing.scope if thing else None)


def free(reading: Reading, actor: Actor, keys: Iterable[str]) -> list[MediaView]:
    """Those of these pictures that wait to be put with something, in this order."""
    found = (reading.one(Media, id=key) for key in keys)
    return [
        view(reading, each, None)
        for each in found
        if each and each.actor_id == actor.id and not each.thing_uri and not each.planned_id
    ]


def promised(reading: Reading, keys: Iterable[str]) -> dict[str, tuple[MediaView, ...]]:
    """The pictures that wait for what is said later, by the ids of that, in one statement."""
    shape = mapper(Media)
    found: dict[str, list[MediaView]] = {}
    given = {"keys": reading.array(keys)}
    for each in map(shape.thing, reading.rows(_promised(reading.dialect), given)):
        found.setdefault(each.planned_id or "", []).append(view(reading, each, None))
    return {key: tuple(group) for key, group in found.items()}


@once
def _promised(dialect: str) -> Prepared:
    statement = select(_media).where(among(_media.c.planned_id, "keys", dialect)).order_by(_media.c.id)
    return prepared(statement, dialect)
