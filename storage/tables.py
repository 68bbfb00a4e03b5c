"""All tables: one per dataclass of the domain and of records.py, and the queue of jobs.

Columns carry the names of the fields and follow their types (mapping.py); keys, references and indexes are
declared here once, for SQLite, PostgreSQL and the dict twin alike. SQLite tables are STRICT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

from storage.mapping import mapper
from storage.records import Activity, Host, Knock, Newcomer, Seen, Sent
from vraagbaak import model

metadata = MetaData()

# Byte order on both databases: the locale of a PostgreSQL server must not decide how ids sort.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
INTEGER = BigInteger().with_variant(Integer, "sqlite")  # 64 bits on both

NOTES = {
    "Actor.id": "ours: ULID",
    "Actor.uri": "ActivityPub id",
    "Actor.shared": "1: the persona through which people without an account speak",
    "Actor.announces": "1: was seen to speak FEP-1b12, so is sent Announce{activity}",
    "Actor.chooses": "1: was seen to speak ChooseAnswer, so its server is sent that",
    "ActorKey.id": "uri of the key, with its fragment",
    "ActorKey.public": "PEM for rsa, multibase for ed25519",
    "ActorKey.sealed": "private half, encrypted; only for our own actors",
    "Invite.id": "sha256 of the code, hex",
    "Session.id": "hash of the secret",
    "App.id": "client id",
    "App.secret_hash": "sha256 of the client secret, hex",
    "AuthorizationCode.id": "sha256 of the code, hex",
    "AuthorizationCode.code_challenge": "PKCE, S256; empty when the app used none",
    "AuthorizationCode.spent": "1: was shown already; showing it again ends its token",
    "Token.id": "hash of the secret",
    "Token.member_id": "null: an app's own",
    "Token.app_id": "null: made on the command line",
    "Token.code_id": "never two tokens for one code",
    "Peer.id": "domain, with port if it has one",
    "Topic.id": "slug",
    "Question.body": "Markdown as written",
    "Question.html": "rendered and cleaned",
    "Question.pilot_id": "where it was asked",
    "ReturnCode.id": "scrypt of the four words, hex",
    "ReturnCode.ended_at": "from then on it only shows who confirmed the deletion",
    "Answer.parent_id": "set for a comment: the answer it is on",
    "Question.times": "JSON: parts of days as tue-evening; empty: any",
    "Offer.helper_id": "whose it is, for one of ours: its author is the shared persona",
    "Offer.times": "JSON: parts of days as tue-evening; empty: any",
    "Offer.distance": "km; 0: no bound",
    "Offer.capacity": "people a week; 0: no bound",
    "Offer.paused": "1: is not matched",
    "Mark.id": "id of the answer: one mark per answer",
    "Like.id": "uri of the Like activity",
    "PushSubscription.token_id": "one for each token",
    "Media.thing_uri": "empty while it waits to be put with something",
    "Media.file": "name of its files; nobody can guess it",
    "Media.key": "what the proofs in addresses are made with",
    "Media.size": "bytes of its files together",
    "Media.removed": "1: only its files are left, which go next",
    "Marker.id": "member id and list",
    "Silence.about": "id of an actor, domain, or uri of a question",
    "Mailbox.sealed": "encrypted with a key outside the database",
    "Mailbox.tried_at": "a letter was begun; never two within six days",
    "Listed.follow_id": "goes with it; null for oneself",
    "PeopleList.exclusive": "1: left out at home",
    "Repeat.id": "sha256 of member and key, hex",
    "Tombstone.id": "both uris: a grave holds for the one who dug it",
    "Tombstone.uri": "what never comes back",
    "Tombstone.actor_uri": "who deleted it: only the author's Delete keeps a later Create out",
    "Activity.id": "uri of the activity",
    "Activity.body": "JSON as sent",
    "Activity.public": "1: said to everybody",
    "Seen.id": "uri of the activity",
    "Seen.mark": "begin of the sha256 of what came, hex",
    "Sent.wrapped": "1: came inside our Announce, and so must its Update and Delete",
    "Tombstone.public": "1: outsiders may know that something was here",
    "Host.id": "domain, with port if it has one",
    "Host.failures": "since window_started",
    "Host.next_try": "parked until then; after it one job at a time",
    "Host.wished_until": "asked for time until then (Retry-After)",
    "Host.mute": "1: gave no answer at all when it last failed",
    "Host.silent_since": "first failure since it last answered or spoke to us",
    "Newcomer.id": "domain, with port if it has one",
    "Newcomer.owner": "the registered name that it stands below",
    "Knock.id": "domain, with port if it has one",
    "Knock.scheme": "how to sign first: draft-cavage-12 or rfc9421",
    "Knock.refused_at": "refused a letter both ways: for an hour only one is tried",
    "Knock.page_refused_at": "the same for pages: one page that nobody may see says nothing of letters",
}

tables: dict[type[Any], Table] = {}
small: set[type[Any]] = set()
"""Kinds of which there are never many: they may be looked up by any field."""


def _declare(
    kind: type[Any],
    name: str,
    *,
    unique: Iterable[str] = (),
    index: Iterable[str] = (),
    refers: Mapping[str, str] | None = None,
    few: bool = False,
) -> None:
    """One table. `unique` and `index` list fields; `refers` says `table action-when-that-row-goes`."""
    personal = {spec.name: spec.metadata.get("personal") for spec in fields(kind)}
    columns: list[Any] = []
    for spec in mapper(kind).fields:
        notes = [NOTES.get(f"{kind.__name__}.{spec.name}")]
        notes.append(f"personal: {personal[spec.name]}" if personal[spec.name] else None)
        reference: list[ForeignKey] = []
        if refers and spec.name in refers:
            target, action = refers[spec.name].split(" ", 1)
            reference = [ForeignKey(f"{target}.id", ondelete=action.upper(), name=f"fk_{name}_{spec.name}")]
        columns.append(
            Column(
                spec.name,
                TEXT if spec.column is str else INTEGER,
                *reference,
                primary_key=spec.name == "id",
                nullable=spec.nullable,
                comment="; ".join(filter(None, notes)) or None,
            )
        )
    indexes = [
        Index(f"{'uq' if sole else 'ix'}_{name}_{'_'.join(names.split())}", *names.split(), unique=sole)
        for sole, group in ((True, unique), (False, index))
        for names in group
    ]
    comment = (kind.__doc__ or "").splitlines()[0]
    tables[kind] = Table(name, metadata, *columns, *indexes, comment=comment, sqlite_strict=True)
    if few:
        small.add(kind)


# An actor that goes takes along all that hangs on it: nothing of an erased person can be left dangling.
_declare(model.Actor, "actors", unique=["uri"], index=["domain", "named_domain"])
_declare(model.ActorKey, "actor_keys", index=["actor_id"], refers={"actor_id": "actors cascade"})
_declare(
    model.Member, "members", unique=["handle", "actor_id"], refers={"actor_id": "actors cascade"}, few=True
)
_declare(model.Invite, "invites", index=["expires_at"], few=True)
_declare(
    model.Session, "sessions", index=["member_id", "expires_at"], refers={"member_id": "members cascade"}
)
_declare(model.App, "apps", index=["created_at"])
_declare(
    model.AuthorizationCode,
    "authorization_codes",
    index=["app_id", "member_id", "expires_at"],
    refers={"app_id": "apps cascade", "member_id": "members cascade"},
)
# A code is forgotten long before its token: no reference.
_declare(
    model.Token,
    "tokens",
    unique=["code_id"],
    index=["member_id", "app_id"],
    refers={"member_id": "members cascade", "app_id": "apps cascade"},
)
_declare(
    model.Pilot,
    "pilots",
    unique=["uri"],
    index=["actor_id", "domain"],
    refers={"actor_id": "actors cascade"},
    few=True,
)
_declare(model.Peer, "peers", few=True)
_declare(model.Topic, "topics", few=True)
_declare(
    model.Question,
    "questions",
    unique=["uri"],
    index=["author_id", "pilot_id", "status published_at"],
    refers={"author_id": "actors cascade", "pilot_id": "pilots set null"},
)
# No reference: the code outlives its question for a while, to show who confirmed that it is gone.
_declare(model.ReturnCode, "return_codes", unique=["question_id"], index=["ends_at"])
_declare(
    model.Answer,
    "answers",
    unique=["uri"],
    index=["question_id", "author_id", "parent_id", "status published_at"],
    refers={
        "question_id": "questions cascade",
        "parent_id": "answers cascade",
        "author_id": "actors cascade",
    },
)
_declare(
    model.Offer,
    "offers",
    unique=["uri"],
    index=["question_id", "author_id", "helper_id", "pilot_id", "status published_at"],
    refers={
        "author_id": "actors cascade",
        "helper_id": "actors cascade",
        "pilot_id": "pilots set null",
        "question_id": "questions set null",
    },
)
_declare(
    model.Introduction,
    "introductions",
    unique=["question_id offer_id"],
    index=["offer_id", "asker_id", "helper_id", "moved_at"],
    refers={
        "question_id": "questions cascade",
        "offer_id": "offers cascade",
        "asker_id": "actors cascade",
        "helper_id": "actors cascade",
    },
)
_declare(
    model.Remark,
    "remarks",
    index=["introduction_id", "author_id"],
    refers={"introduction_id": "introductions cascade", "author_id": "actors cascade"},
)
_declare(
    model.Mark,
    "marks",
    index=["question_id"],
    refers={"id": "answers cascade", "question_id": "questions cascade"},
)
_declare(
    model.Follow,
    "follows",
    unique=["uri", "follower_id target_id"],
    index=["target_id"],
    refers={"follower_id": "actors cascade", "target_id": "actors cascade"},
)
_declare(model.Like, "likes", index=["actor_id", "object_uri"], refers={"actor_id": "actors cascade"})
_declare(
    model.Bookmark, "bookmarks", index=["member_id", "thing_uri"], refers={"member_id": "members cascade"}
)
_declare(
    model.Boost,
    "boosts",
    unique=["uri"],
    index=["actor_id", "thing_uri"],
    refers={"actor_id": "actors cascade"},
)
_declare(model.Pin, "pins", index=["actor_id", "thing_uri"], refers={"actor_id": "actors cascade"})
# No cascade: a row goes only after its files, or nobody would know of them.
_declare(
    model.Media,
    "media",
    unique=["file"],
    index=["actor_id", "thing_uri", "planned_id", "removed", "made_at"],
    refers={"actor_id": "actors set null", "planned_id": "planned set null"},
)
_declare(
    model.Notice,
    "notices",
    index=["member_id", "actor_id", "thing_uri", "made_at"],
    refers={"member_id": "members cascade", "actor_id": "actors cascade"},
)
_declare(
    model.PushSubscription,
    "push_subscriptions",
    unique=["token_id"],
    index=["member_id"],
    refers={"token_id": "tokens cascade", "member_id": "members cascade"},
)
_declare(model.Marker, "markers", index=["member_id"], refers={"member_id": "members cascade"})
_declare(
    model.Silence,
    "silences",
    unique=["member_id manner about"],
    index=["about"],
    refers={"member_id": "members cascade"},
)
_declare(model.Interest, "interests", unique=["member_id topic"], refers={"member_id": "members cascade"})
_declare(
    model.Concern,
    "concerns",
    unique=["member_id question_id"],
    index=["question_id"],
    refers={"member_id": "members cascade", "question_id": "questions cascade"},
)
_declare(
    model.Mailbox,
    "mailboxes",
    unique=["member_id"],
    index=["confirmed due_at", "made_at"],
    refers={"member_id": "members cascade"},
)
_declare(model.PeopleList, "people_lists", index=["member_id"], refers={"member_id": "members cascade"})
_declare(
    model.Listed,
    "listed",
    unique=["list_id actor_id"],
    index=["actor_id", "follow_id"],
    refers={
        "list_id": "people_lists cascade",
        "actor_id": "actors cascade",
        "follow_id": "follows cascade",
    },
)
_declare(model.Filter, "filters", index=["member_id"], refers={"member_id": "members cascade"})
_declare(model.Planned, "planned", index=["member_id"], refers={"member_id": "members cascade"})
_declare(
    model.AccountNote,
    "account_notes",
    unique=["member_id actor_id"],
    index=["actor_id"],
    refers={"member_id": "members cascade", "actor_id": "actors cascade"},
)
_declare(model.Repeat, "repeats", index=["member_id", "made_at"], refers={"member_id": "members cascade"})
_declare(model.Report, "reports", unique=["uri"], index=["made_at"], few=True)
_declare(model.Tombstone, "tombstones", index=["uri", "actor_uri"])
_declare(Activity, "activities", index=["thing_uri"])
_declare(Seen, "seen", index=["seen_at"])
# No reference to what was sent: its Delete has to reach these inboxes after the thing itself is gone.
_declare(Sent, "sent", unique=["thing_uri inbox"], index=["host"])
_declare(Host, "hosts", few=True)
_declare(Knock, "knocks", index=["noted_at"])
_declare(Newcomer, "newcomers", index=["owner", "met_at"])


def _terms(kind: type[Any]) -> Table:
    """By which words things of a kind are found. Only what is past review is in it, and its words go when it goes."""
    target = tables[kind].name
    name = f"{target.removesuffix('s')}_terms"
    found = Table(
        name,
        metadata,
        Column(
            "term", TEXT, primary_key=True, comment="as similar.py makes them; personal: the same as the text"
        ),
        Column("reach", INTEGER, primary_key=True, comment="0: everybody, 1: pilots too, 2: here only"),
        Column(
            "thing_id",
            TEXT,
            ForeignKey(f"{target}.id", ondelete="CASCADE", name=f"fk_{name}_thing_id"),
            primary_key=True,
        ),
        Column("weight", INTEGER, nullable=False, comment="how much it counts there"),
        comment=f"The terms by which {target} are found.",
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    Index(f"ix_{name}_thing_id", found.c.thing_id)
    return found


terms: dict[type[Any], Table] = {kind: _terms(kind) for kind in (model.Question, model.Answer, model.Offer)}
indexed_by = Table(
    "indexed_by",
    metadata,
    Column("version", TEXT, primary_key=True),
    comment="With which definition of words the terms were made.",
    sqlite_strict=True,
)

WAITING = text("state = 'waiting' AND lease_until IS NULL")

jobs = Table(
    "jobs",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=True, comment="in the order of asking"),
    Column("kind", TEXT, nullable=False, comment="which handler"),
    Column(
        "payload", TEXT, nullable=False, comment="JSON: ids and addresses; what came in, until it is read"
    ),
    Column("host", TEXT, comment="server it is for: two at a time at most"),
    Column("sequence", TEXT, comment="strictly in order within one of these"),
    Column("behind", INTEGER, comment="another job that has to be over first"),
    Column("key", TEXT, comment="asked for twice is one job while it waits"),
    Column("state", TEXT, nullable=False, comment="waiting or buried"),
    Column("attempts", INTEGER, nullable=False, comment="how often a worker took it"),
    Column(
        "spent",
        INTEGER,
        nullable=False,
        server_default=text("0"),
        comment="requests to others in all tries so far",
    ),
    Column("run_at", INTEGER, nullable=False, comment="not before; never falls within a sequence"),
    Column("lease_until", INTEGER, comment="in work until then"),
    Column("lease_by", TEXT, comment="the worker that has it"),
    Column("made_at", INTEGER, nullable=False),
    Column("last_error", TEXT, comment="kind of fault, never text of people"),
    comment="What is to be done later. A job that is done is deleted.",
    sqlite_strict=True,
    sqlite_autoincrement=True,
)
# One lane per server (and one for what is for nobody): due work is found without passing that of other lanes.
Index("ix_jobs_lane", jobs.c.host, jobs.c.run_at, jobs.c.id, sqlite_where=WAITING, postgresql_where=WAITING)
Index("ix_jobs_due", jobs.c.run_at, sqlite_where=WAITING, postgresql_where=WAITING)
_in_sequence = text("state = 'waiting' AND sequence IS NOT NULL")
Index(
    "ix_jobs_sequence",
    jobs.c.sequence,
    jobs.c.id,
    sqlite_where=_in_sequence,
    postgresql_where=_in_sequence,
)
_behind = text("state = 'waiting' AND behind IS NOT NULL")
Index("ix_jobs_behind", jobs.c.behind, sqlite_where=_behind, postgresql_where=_behind)
_keyed = text("state = 'waiting' AND lease_until IS NULL AND key IS NOT NULL")
Index("uq_jobs_key", jobs.c.key, unique=True, sqlite_where=_keyed, postgresql_where=_keyed)
_leased = text("lease_until IS NOT NULL")
Index("ix_jobs_leased", jobs.c.host, jobs.c.lease_until, sqlite_where=_leased, postgresql_where=_leased)
_buried = text("state = 'buried'")
Index("ix_jobs_buried", jobs.c.id, sqlite_where=_buried, postgresql_where=_buried)


def unique_keys(kind: type[Any]) -> list[tuple[str, ...]]:
    """The groups of fields of which no two things of this kind may have the same values."""
    keys = [tuple(column.name for column in index.columns) for index in tables[kind].indexes if index.unique]
    return [("id",), *sorted(keys)]


def indexed(kind: type[Any], names: Iterable[str]) -> bool:
    """Whether looking up by these fields is quick: an index begins with one of them, or all of them are few."""
    first = {next(iter(index.columns)).name for index in tables[kind].indexes}
    return kind in small or bool({"id", *first} & set(names))
