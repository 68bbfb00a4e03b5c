"""Everything that the first version remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("id", TEXT, nullable=False, comment="uri of the activity"),
        sa.Column("actor_uri", TEXT, nullable=False),
        sa.Column("thing_uri", TEXT, nullable=False),
        sa.Column(
            "body",
            TEXT,
            nullable=False,
            comment="JSON as sent; personal: what was said, as it went out or came in; until it is withdrawn",
        ),
        sa.Column("public", INTEGER, nullable=False, comment="1: said to everybody"),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="One activity of ours, as it was first sent: it can be fetched again under its uri.",
        sqlite_strict=True,
    )
    op.create_index("ix_activities_thing_uri", "activities", ["thing_uri"], unique=False)
    op.create_table(
        "actors",
        sa.Column("id", TEXT, nullable=False, comment="ours: ULID"),
        sa.Column("uri", TEXT, nullable=False, comment="ActivityPub id"),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column(
            "handle", TEXT, nullable=False, comment="personal: name others see; kept while the account exists"
        ),
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("named_domain", TEXT, nullable=False),
        sa.Column(
            "name", TEXT, nullable=False, comment="personal: name others see; kept while the account exists"
        ),
        sa.Column(
            "summary",
            TEXT,
            nullable=False,
            comment="personal: what somebody says of themselves; while the account exists",
        ),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("inbox", TEXT, nullable=False),
        sa.Column("shared_inbox", TEXT, nullable=False),
        sa.Column("local", INTEGER, nullable=False),
        sa.Column(
            "shared",
            INTEGER,
            nullable=False,
            comment="1: the persona through which people without an account speak",
        ),
        sa.Column(
            "announces",
            INTEGER,
            nullable=False,
            comment="1: was seen to speak FEP-1b12, so is sent Announce{activity}",
        ),
        sa.Column(
            "chooses",
            INTEGER,
            nullable=False,
            comment="1: was seen to speak ChooseAnswer, so its server is sent that",
        ),
        sa.Column("suspended", INTEGER, nullable=False),
        sa.Column("followers_uri", TEXT, nullable=False),
        sa.Column(
            "also_known_as",
            TEXT,
            nullable=False,
            comment="personal: other accounts of the same person, as they say; until taken back",
        ),
        sa.Column(
            "moved_to",
            TEXT,
            nullable=False,
            comment="personal: where somebody went; while the account exists",
        ),
        sa.Column("moved_at", INTEGER, nullable=True),
        sa.Column("fetched_at", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Anyone or anything that speaks on the network, ours or somebody else's.",
        sqlite_strict=True,
    )
    op.create_index("ix_actors_named_domain", "actors", ["named_domain"], unique=False)
    op.create_index("ix_actors_domain", "actors", ["domain"], unique=False)
    op.create_index("uq_actors_uri", "actors", ["uri"], unique=True)
    op.create_table(
        "apps",
        sa.Column("id", TEXT, nullable=False, comment="client id"),
        sa.Column("secret_hash", TEXT, nullable=False, comment="sha256 of the client secret, hex"),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("website", TEXT, nullable=False),
        sa.Column("redirect_uris", TEXT, nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="A program that people can let act for them. It says itself what it is called; nobody checks that.",
        sqlite_strict=True,
    )
    op.create_index("ix_apps_created_at", "apps", ["created_at"], unique=False)
    op.create_table(
        "hosts",
        sa.Column("id", TEXT, nullable=False, comment="domain, with port if it has one"),
        sa.Column("failures", INTEGER, nullable=False, comment="since window_started"),
        sa.Column("window_started", INTEGER, nullable=True),
        sa.Column(
            "next_try", INTEGER, nullable=True, comment="parked until then; after it one job at a time"
        ),
        sa.Column("wished_until", INTEGER, nullable=True, comment="asked for time until then (Retry-After)"),
        sa.Column("mute", INTEGER, nullable=False, comment="1: gave no answer at all when it last failed"),
        sa.Column(
            "silent_since",
            INTEGER,
            nullable=True,
            comment="first failure since it last answered or spoke to us",
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="How another server has been answering. There is no row while all is well.",
        sqlite_strict=True,
    )
    op.create_table(
        "invites",
        sa.Column("id", TEXT, nullable=False, comment="sha256 of the code, hex"),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column("uses_left", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="A link that lets somebody in. Only the hash of its code is kept.",
        sqlite_strict=True,
    )
    op.create_index("ix_invites_expires_at", "invites", ["expires_at"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False, comment="in the order of asking"),
        sa.Column("kind", TEXT, nullable=False, comment="which handler"),
        sa.Column(
            "payload", TEXT, nullable=False, comment="JSON: ids and addresses; what came in, until it is read"
        ),
        sa.Column("host", TEXT, nullable=True, comment="server it is for: two at a time at most"),
        sa.Column("sequence", TEXT, nullable=True, comment="strictly in order within one of these"),
        sa.Column("behind", INTEGER, nullable=True, comment="another job that has to be over first"),
        sa.Column("key", TEXT, nullable=True, comment="asked for twice is one job while it waits"),
        sa.Column("state", TEXT, nullable=False, comment="waiting or buried"),
        sa.Column("attempts", INTEGER, nullable=False, comment="how often a worker took it"),
        sa.Column(
            "spent",
            INTEGER,
            server_default=sa.text("0"),
            nullable=False,
            comment="requests to others in all tries so far",
        ),
        sa.Column("run_at", INTEGER, nullable=False, comment="not before; never falls within a sequence"),
        sa.Column("lease_until", INTEGER, nullable=True, comment="in work until then"),
        sa.Column("lease_by", TEXT, nullable=True, comment="the worker that has it"),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.Column("last_error", TEXT, nullable=True, comment="kind of fault, never text of people"),
        sa.PrimaryKeyConstraint("id"),
        comment="What is to be done later. A job that is done is deleted.",
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "ix_jobs_behind",
        "jobs",
        ["behind"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND behind IS NOT NULL"),
        postgresql_where=sa.text("state = 'waiting' AND behind IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_buried",
        "jobs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'buried'"),
        postgresql_where=sa.text("state = 'buried'"),
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["run_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND lease_until IS NULL"),
        postgresql_where=sa.text("state = 'waiting' AND lease_until IS NULL"),
    )
    op.create_index(
        "ix_jobs_lane",
        "jobs",
        ["host", "run_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND lease_until IS NULL"),
        postgresql_where=sa.text("state = 'waiting' AND lease_until IS NULL"),
    )
    op.create_index(
        "ix_jobs_leased",
        "jobs",
        ["host", "lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_sequence",
        "jobs",
        ["sequence", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND sequence IS NOT NULL"),
        postgresql_where=sa.text("state = 'waiting' AND sequence IS NOT NULL"),
    )
    op.create_index(
        "uq_jobs_key",
        "jobs",
        ["key"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting' AND lease_until IS NULL AND key IS NOT NULL"),
        postgresql_where=sa.text("state = 'waiting' AND lease_until IS NULL AND key IS NOT NULL"),
    )
    op.create_table(
        "knocks",
        sa.Column("id", TEXT, nullable=False, comment="domain, with port if it has one"),
        sa.Column("scheme", TEXT, nullable=False, comment="how to sign first: draft-cavage-12 or rfc9421"),
        sa.Column(
            "refused_at",
            INTEGER,
            nullable=True,
            comment="refused a letter both ways: for an hour only one is tried",
        ),
        sa.Column(
            "page_refused_at",
            INTEGER,
            nullable=True,
            comment="the same for pages: one page that nobody may see says nothing of letters",
        ),
        sa.Column("noted_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="How another server wants requests signed. There is no row for one that takes them as they come.",
        sqlite_strict=True,
    )
    op.create_index("ix_knocks_noted_at", "knocks", ["noted_at"], unique=False)
    op.create_table(
        "newcomers",
        sa.Column("id", TEXT, nullable=False, comment="domain, with port if it has one"),
        sa.Column("owner", TEXT, nullable=False, comment="the registered name that it stands below"),
        sa.Column("met_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="A server that was new to us in the last day: one owner of many names may bring only so many.",
        sqlite_strict=True,
    )
    op.create_index("ix_newcomers_met_at", "newcomers", ["met_at"], unique=False)
    op.create_index("ix_newcomers_owner", "newcomers", ["owner"], unique=False)
    op.create_table(
        "peers",
        sa.Column("id", TEXT, nullable=False, comment="domain, with port if it has one"),
        sa.Column("standing", TEXT, nullable=False),
        sa.Column("application_uri", TEXT, nullable=False),
        sa.Column("group_uri", TEXT, nullable=False),
        sa.Column("inbox", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("met_at", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Another server, and how we stand to it.",
        sqlite_strict=True,
    )
    op.create_table(
        "reports",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False, comment="personal: what is wrong; 90 days"),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.Column("handled_at", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Somebody's complaint about things here, for the moderators; from another server it has no name under it.",
        sqlite_strict=True,
    )
    op.create_index("ix_reports_made_at", "reports", ["made_at"], unique=False)
    op.create_index("uq_reports_uri", "reports", ["uri"], unique=True)
    op.create_table(
        "seen",
        sa.Column("id", TEXT, nullable=False, comment="uri of the activity"),
        sa.Column("actor_uri", TEXT, nullable=False, comment="personal: who sent it; 30 days"),
        sa.Column("mark", TEXT, nullable=False, comment="begin of the sha256 of what came, hex"),
        sa.Column("seen_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="An activity that came in. Kept 30 days, so that a second copy does nothing.",
        sqlite_strict=True,
    )
    op.create_index("ix_seen_seen_at", "seen", ["seen_at"], unique=False)
    op.create_table(
        "sent",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("thing_uri", TEXT, nullable=False),
        sa.Column("inbox", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column(
            "wrapped",
            INTEGER,
            nullable=False,
            comment="1: came inside our Announce, and so must its Update and Delete",
        ),
        sa.Column("sent_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Who received a thing, so that its Update and Delete reach exactly those.",
        sqlite_strict=True,
    )
    op.create_index("ix_sent_host", "sent", ["host"], unique=False)
    op.create_index("uq_sent_thing_uri_inbox", "sent", ["thing_uri", "inbox"], unique=True)
    op.create_table(
        "tombstones",
        sa.Column("id", TEXT, nullable=False, comment="both uris: a grave holds for the one who dug it"),
        sa.Column("uri", TEXT, nullable=False, comment="what never comes back"),
        sa.Column(
            "actor_uri",
            TEXT,
            nullable=False,
            comment="who deleted it: only the author's Delete keeps a later Create out",
        ),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("public", INTEGER, nullable=False, comment="1: outsiders may know that something was here"),
        sa.Column("deleted_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Something was here, or was deleted before it came: it never comes back under this uri.",
        sqlite_strict=True,
    )
    op.create_index("ix_tombstones_actor_uri", "tombstones", ["actor_uri"], unique=False)
    op.create_index("ix_tombstones_uri", "tombstones", ["uri"], unique=False)
    op.create_table(
        "topics",
        sa.Column("id", TEXT, nullable=False, comment="slug"),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sensitive", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="What questions are about. `sensitive` ones start as narrow as can be.",
        sqlite_strict=True,
    )
    op.create_table(
        "actor_keys",
        sa.Column("id", TEXT, nullable=False, comment="uri of the key, with its fragment"),
        sa.Column("actor_id", TEXT, nullable=False),
        sa.Column("algorithm", TEXT, nullable=False),
        sa.Column("public", TEXT, nullable=False, comment="PEM for rsa, multibase for ed25519"),
        sa.Column("sealed", TEXT, nullable=False, comment="private half, encrypted; only for our own actors"),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name="fk_actor_keys_actor_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A public key of an actor; for our own actors also the private half, sealed.",
        sqlite_strict=True,
    )
    op.create_index("ix_actor_keys_actor_id", "actor_keys", ["actor_id"], unique=False)
    op.create_table(
        "follows",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column(
            "follower_id", TEXT, nullable=False, comment="personal: who follows; until undone; never shown"
        ),
        sa.Column("target_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["actors.id"], name="fk_follows_follower_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["actors.id"], name="fk_follows_target_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="One actor wants to hear of another.",
        sqlite_strict=True,
    )
    op.create_index("ix_follows_target_id", "follows", ["target_id"], unique=False)
    op.create_index("uq_follows_follower_id_target_id", "follows", ["follower_id", "target_id"], unique=True)
    op.create_index("uq_follows_uri", "follows", ["uri"], unique=True)
    op.create_table(
        "likes",
        sa.Column("id", TEXT, nullable=False, comment="uri of the Like activity"),
        sa.Column("actor_id", TEXT, nullable=False, comment="personal: who liked; until undone"),
        sa.Column("object_uri", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_likes_actor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        comment="Appreciation, ours or from elsewhere. Kept so that it can be undone; counted for nobody.",
        sqlite_strict=True,
    )
    op.create_index("ix_likes_actor_id", "likes", ["actor_id"], unique=False)
    op.create_index("ix_likes_object_uri", "likes", ["object_uri"], unique=False)
    op.create_table(
        "boosts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=False, comment="personal: who passes it on; until taken back"),
        sa.Column("thing_uri", TEXT, nullable=False),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_boosts_actor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        comment="A member of ours passes on something public to whoever follows them.",
        sqlite_strict=True,
    )
    op.create_index("ix_boosts_actor_id", "boosts", ["actor_id"], unique=False)
    op.create_index("ix_boosts_thing_uri", "boosts", ["thing_uri"], unique=False)
    op.create_index("uq_boosts_uri", "boosts", ["uri"], unique=True)
    op.create_table(
        "pins",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=False, comment="personal: who puts it first; until taken back"),
        sa.Column("thing_uri", TEXT, nullable=False),
        sa.Column("pinned_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_pins_actor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        comment="Something that one of our actors puts first: a member on their profile, the neighbourhood on its front page.",
        sqlite_strict=True,
    )
    op.create_index("ix_pins_actor_id", "pins", ["actor_id"], unique=False)
    op.create_index("ix_pins_thing_uri", "pins", ["thing_uri"], unique=False)
    op.create_table(
        "members",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=False),
        sa.Column(
            "handle", TEXT, nullable=False, comment="personal: to sign in; kept while the account exists"
        ),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column(
            "password_hash",
            TEXT,
            nullable=False,
            comment="personal: to sign in; kept while the account exists",
        ),
        sa.Column("language", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_members_actor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        comment="Somebody with an account here.",
        sqlite_strict=True,
    )
    op.create_index("uq_members_actor_id", "members", ["actor_id"], unique=True)
    op.create_index("uq_members_handle", "members", ["handle"], unique=True)
    op.create_table(
        "bookmarks",
        sa.Column("id", TEXT, nullable=False),
        sa.Column(
            "member_id", TEXT, nullable=False, comment="personal: who wants to find it back; until taken back"
        ),
        sa.Column("thing_uri", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_bookmarks_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Something that a member wants to find back. Nobody else knows.",
        sqlite_strict=True,
    )
    op.create_index("ix_bookmarks_member_id", "bookmarks", ["member_id"], unique=False)
    op.create_index("ix_bookmarks_thing_uri", "bookmarks", ["thing_uri"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: who is told; 90 days"),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=False, comment="personal: who did it; 90 days"),
        sa.Column("thing_uri", TEXT, nullable=False),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_notices_actor_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_notices_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A member is told what somebody did with something of theirs. Kept 90 days.",
        sqlite_strict=True,
    )
    op.create_index("ix_notices_actor_id", "notices", ["actor_id"], unique=False)
    op.create_index("ix_notices_made_at", "notices", ["made_at"], unique=False)
    op.create_index("ix_notices_member_id", "notices", ["member_id"], unique=False)
    op.create_index("ix_notices_thing_uri", "notices", ["thing_uri"], unique=False)
    op.create_table(
        "markers",
        sa.Column("id", TEXT, nullable=False, comment="member id and list"),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: who reads; while the account exists"),
        sa.Column("last_id", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("moved_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_markers_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Up to where a member has read a list, so that their apps agree.",
        sqlite_strict=True,
    )
    op.create_index("ix_markers_member_id", "markers", ["member_id"], unique=False)
    op.create_table(
        "silences",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: who wants rest; until taken back"),
        sa.Column("manner", TEXT, nullable=False),
        sa.Column(
            "about",
            TEXT,
            nullable=False,
            comment="id of an actor, domain, or uri of a question; personal: from whom or what; until taken back",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_silences_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Somebody, a server or a thread that a member does not want to meet. Nobody else knows.",
        sqlite_strict=True,
    )
    op.create_index("ix_silences_about", "silences", ["about"], unique=False)
    op.create_index(
        "uq_silences_member_id_manner_about", "silences", ["member_id", "manner", "about"], unique=True
    )
    op.create_table(
        "interests",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: who follows it; until taken back"),
        sa.Column("topic", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_interests_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A topic that a member follows.",
        sqlite_strict=True,
    )
    op.create_index("uq_interests_member_id_topic", "interests", ["member_id", "topic"], unique=True)
    op.create_table(
        "mailboxes",
        sa.Column("id", TEXT, nullable=False),
        sa.Column(
            "member_id",
            TEXT,
            nullable=False,
            comment="personal: who wants a letter a week; until taken away",
        ),
        sa.Column(
            "sealed",
            TEXT,
            nullable=False,
            comment="encrypted with a key outside the database; personal: where to, encrypted; until taken away,"
            " unconfirmed 1 day",
        ),
        sa.Column("confirmed", INTEGER, nullable=False),
        sa.Column("refusals", INTEGER, nullable=False),
        sa.Column("due_at", INTEGER, nullable=True),
        sa.Column(
            "tried_at", INTEGER, nullable=True, comment="a letter was begun; never two within six days"
        ),
        sa.Column("told_at", INTEGER, nullable=True),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_mailboxes_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Where a member gets one letter a week, because they asked for it.",
        sqlite_strict=True,
    )
    op.create_index("ix_mailboxes_confirmed_due_at", "mailboxes", ["confirmed", "due_at"], unique=False)
    op.create_index("ix_mailboxes_made_at", "mailboxes", ["made_at"], unique=False)
    op.create_index("uq_mailboxes_member_id", "mailboxes", ["member_id"], unique=True)
    op.create_table(
        "repeats",
        sa.Column("id", TEXT, nullable=False, comment="sha256 of member and key, hex"),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: whose program; 1 hour"),
        sa.Column("thing_id", TEXT, nullable=False),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_repeats_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What came of a request that a program may send twice. Kept an hour.",
        sqlite_strict=True,
    )
    op.create_index("ix_repeats_made_at", "repeats", ["made_at"], unique=False)
    op.create_index("ix_repeats_member_id", "repeats", ["member_id"], unique=False)
    op.create_table(
        "pilots",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("city", TEXT, nullable=False),
        sa.Column("focus", TEXT, nullable=False),
        sa.Column("meeting_place", TEXT, nullable=False),
        sa.Column("hours", TEXT, nullable=False),
        sa.Column("local", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_pilots_actor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        comment="A neighbourhood with a Vraagbaak: ours, or one we have met.",
        sqlite_strict=True,
    )
    op.create_index("ix_pilots_actor_id", "pilots", ["actor_id"], unique=False)
    op.create_index("ix_pilots_domain", "pilots", ["domain"], unique=False)
    op.create_index("uq_pilots_uri", "pilots", ["uri"], unique=True)
    op.create_table(
        "questions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column(
            "author_id",
            TEXT,
            nullable=False,
            comment="personal: who asked; the shared persona for who asks without an account",
        ),
        sa.Column("pilot_id", TEXT, nullable=True, comment="where it was asked"),
        sa.Column("title", TEXT, nullable=False, comment="personal: the question; until withdrawn"),
        sa.Column(
            "body",
            TEXT,
            nullable=False,
            comment="Markdown as written; personal: the question; until withdrawn",
        ),
        sa.Column(
            "html",
            TEXT,
            nullable=False,
            comment="rendered and cleaned; personal: the question; until withdrawn",
        ),
        sa.Column("topics", TEXT, nullable=False),
        sa.Column("wanted", TEXT, nullable=False),
        sa.Column(
            "times",
            TEXT,
            nullable=False,
            comment="JSON: parts of days as tue-evening; empty: any; personal: when help is wanted; until withdrawn",
        ),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("stated", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("sensitive", INTEGER, nullable=False),
        sa.Column("warning", TEXT, nullable=False, comment="personal: the question; until withdrawn"),
        sa.Column(
            "attachments",
            TEXT,
            nullable=False,
            comment="personal: what stands with the question; until withdrawn",
        ),
        sa.Column("local", INTEGER, nullable=False),
        sa.Column("helpful_uri", TEXT, nullable=False),
        sa.Column("group_uri", TEXT, nullable=False),
        sa.Column("replies_uri", TEXT, nullable=False),
        sa.Column("context_uri", TEXT, nullable=False),
        sa.Column("gathered_at", INTEGER, nullable=True),
        sa.Column("through", TEXT, nullable=False),
        sa.Column("taken_back", INTEGER, nullable=False),
        sa.Column("published_at", INTEGER, nullable=False),
        sa.Column("edited_at", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["actors.id"], name="fk_questions_author_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilots.id"], name="fk_questions_pilot_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What somebody wants to know, here or in another pilot.",
        sqlite_strict=True,
    )
    op.create_index("ix_questions_author_id", "questions", ["author_id"], unique=False)
    op.create_index("ix_questions_pilot_id", "questions", ["pilot_id"], unique=False)
    op.create_index("ix_questions_status_published_at", "questions", ["status", "published_at"], unique=False)
    op.create_index("uq_questions_uri", "questions", ["uri"], unique=True)
    op.create_table(
        "concerns",
        sa.Column("id", TEXT, nullable=False),
        sa.Column(
            "member_id", TEXT, nullable=False, comment="personal: whose question it is too; until taken back"
        ),
        sa.Column("question_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_concerns_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name="fk_concerns_question_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A question that is a member's too, though another asked it: they are told what is said to it.",
        sqlite_strict=True,
    )
    op.create_index("ix_concerns_question_id", "concerns", ["question_id"], unique=False)
    op.create_index(
        "uq_concerns_member_id_question_id", "concerns", ["member_id", "question_id"], unique=True
    )
    op.create_table(
        "return_codes",
        sa.Column(
            "id",
            TEXT,
            nullable=False,
            comment="scrypt of the four words, hex; personal: proves who asked; until 30 days after the question is gone",
        ),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("for_another", INTEGER, nullable=False),
        sa.Column("ends_at", INTEGER, nullable=False),
        sa.Column(
            "ended_at",
            INTEGER,
            nullable=True,
            comment="from then on it only shows who confirmed the deletion",
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What lets whoever asked without an account come back to their question: four words, of which only a hash is kept.",
        sqlite_strict=True,
    )
    op.create_index("ix_return_codes_ends_at", "return_codes", ["ends_at"], unique=False)
    op.create_index("uq_return_codes_question_id", "return_codes", ["question_id"], unique=True)
    op.create_table(
        "sessions",
        sa.Column("id", TEXT, nullable=False, comment="hash of the secret"),
        sa.Column(
            "member_id",
            TEXT,
            nullable=False,
            comment="personal: whose session; kept until signing out or expiry",
        ),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_sessions_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A signed-in browser. Only the hash of its secret is kept.",
        sqlite_strict=True,
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_index("ix_sessions_member_id", "sessions", ["member_id"], unique=False)
    op.create_table(
        "authorization_codes",
        sa.Column("id", TEXT, nullable=False, comment="sha256 of the code, hex"),
        sa.Column("app_id", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: who agreed; at most 10 minutes"),
        sa.Column("redirect_uri", TEXT, nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("code_challenge", TEXT, nullable=False, comment="PKCE, S256; empty when the app used none"),
        sa.Column("expires_at", INTEGER, nullable=False),
        sa.Column(
            "spent", INTEGER, nullable=False, comment="1: was shown already; showing it again ends its token"
        ),
        sa.ForeignKeyConstraint(
            ["app_id"], ["apps.id"], name="fk_authorization_codes_app_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_authorization_codes_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A member agreed; the app can exchange this for a token, once and soon. Only the hash of the code is kept.",
        sqlite_strict=True,
    )
    op.create_index("ix_authorization_codes_app_id", "authorization_codes", ["app_id"], unique=False)
    op.create_index("ix_authorization_codes_expires_at", "authorization_codes", ["expires_at"], unique=False)
    op.create_index("ix_authorization_codes_member_id", "authorization_codes", ["member_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", TEXT, nullable=False, comment="hash of the secret"),
        sa.Column(
            "member_id",
            TEXT,
            nullable=True,
            comment="null: an app's own; personal: whose token; kept until revoked",
        ),
        sa.Column("app_id", TEXT, nullable=True, comment="null: made on the command line"),
        sa.Column("code_id", TEXT, nullable=True, comment="never two tokens for one code"),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name="fk_tokens_app_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_tokens_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A key that a program uses, in a member's name or in its own. Only its hash is kept.",
        sqlite_strict=True,
    )
    op.create_index("ix_tokens_app_id", "tokens", ["app_id"], unique=False)
    op.create_index("ix_tokens_member_id", "tokens", ["member_id"], unique=False)
    op.create_index("uq_tokens_code_id", "tokens", ["code_id"], unique=True)
    op.create_table(
        "push_subscriptions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("token_id", TEXT, nullable=False, comment="one for each token"),
        sa.Column(
            "member_id",
            TEXT,
            nullable=False,
            comment="personal: whose program; until it ends, or its token does",
        ),
        sa.Column(
            "endpoint",
            TEXT,
            nullable=False,
            comment="personal: where the maker of the browser or phone takes messages for it; the same",
        ),
        sa.Column(
            "p256dh",
            TEXT,
            nullable=False,
            comment="personal: the key that only this program can read with; the same",
        ),
        sa.Column(
            "auth", TEXT, nullable=False, comment="personal: the secret that goes with that key; the same"
        ),
        sa.Column("alerts", TEXT, nullable=False),
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_push_subscriptions_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["tokens.id"], name="fk_push_subscriptions_token_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Where a program of a member is told something while it is not open. It goes with its token.",
        sqlite_strict=True,
    )
    op.create_index("ix_push_subscriptions_member_id", "push_subscriptions", ["member_id"], unique=False)
    op.create_index("uq_push_subscriptions_token_id", "push_subscriptions", ["token_id"], unique=True)
    op.create_table(
        "answers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("parent_id", TEXT, nullable=True, comment="set for a comment: the answer it is on"),
        sa.Column("author_id", TEXT, nullable=False, comment="personal: who answered; until withdrawn"),
        sa.Column("perspective", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False, comment="personal: the answer; until withdrawn"),
        sa.Column("html", TEXT, nullable=False, comment="personal: the answer; until withdrawn"),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("sensitive", INTEGER, nullable=False),
        sa.Column("warning", TEXT, nullable=False, comment="personal: the answer; until withdrawn"),
        sa.Column(
            "attachments",
            TEXT,
            nullable=False,
            comment="personal: what stands with the answer; until withdrawn",
        ),
        sa.Column("local", INTEGER, nullable=False),
        sa.Column("group_uri", TEXT, nullable=False),
        sa.Column("replies_uri", TEXT, nullable=False),
        sa.Column("through", TEXT, nullable=False),
        sa.Column("taken_back", INTEGER, nullable=False),
        sa.Column("published_at", INTEGER, nullable=False),
        sa.Column("edited_at", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["actors.id"], name="fk_answers_author_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["answers.id"], name="fk_answers_parent_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name="fk_answers_question_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What somebody says to a question, from one perspective; with `parent_id` a comment on an answer.",
        sqlite_strict=True,
    )
    op.create_index("ix_answers_author_id", "answers", ["author_id"], unique=False)
    op.create_index("ix_answers_parent_id", "answers", ["parent_id"], unique=False)
    op.create_index("ix_answers_question_id", "answers", ["question_id"], unique=False)
    op.create_index("ix_answers_status_published_at", "answers", ["status", "published_at"], unique=False)
    op.create_index("uq_answers_uri", "answers", ["uri"], unique=True)
    op.create_table(
        "offers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column(
            "author_id",
            TEXT,
            nullable=False,
            comment="personal: who offers elsewhere, the shared persona for one of ours; until withdrawn",
        ),
        sa.Column(
            "helper_id",
            TEXT,
            nullable=True,
            comment="whose it is, for one of ours: its author is the shared persona; personal: which of us offers, never shown; until withdrawn",
        ),
        sa.Column("pilot_id", TEXT, nullable=True),
        sa.Column("question_id", TEXT, nullable=True),
        sa.Column("body", TEXT, nullable=False, comment="personal: the offer; until withdrawn"),
        sa.Column("html", TEXT, nullable=False, comment="personal: the offer; until withdrawn"),
        sa.Column("topics", TEXT, nullable=False),
        sa.Column("availability", TEXT, nullable=False, comment="personal: when; until withdrawn"),
        sa.Column(
            "times",
            TEXT,
            nullable=False,
            comment="JSON: parts of days as tue-evening; empty: any; personal: when, as codes; until withdrawn",
        ),
        sa.Column("distance", INTEGER, nullable=False, comment="km; 0: no bound"),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("capacity", INTEGER, nullable=False, comment="people a week; 0: no bound"),
        sa.Column("paused", INTEGER, nullable=False, comment="1: is not matched"),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("sensitive", INTEGER, nullable=False),
        sa.Column("warning", TEXT, nullable=False, comment="personal: the offer; until withdrawn"),
        sa.Column(
            "attachments",
            TEXT,
            nullable=False,
            comment="personal: what stands with the offer; until withdrawn",
        ),
        sa.Column("local", INTEGER, nullable=False),
        sa.Column("published_at", INTEGER, nullable=False),
        sa.Column("edited_at", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["actors.id"], name="fk_offers_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["helper_id"], ["actors.id"], name="fk_offers_helper_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilots.id"], name="fk_offers_pilot_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name="fk_offers_question_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="'Ik bied me aan': something somebody can do for others, standing or in reply to one question.",
        sqlite_strict=True,
    )
    op.create_index("ix_offers_author_id", "offers", ["author_id"], unique=False)
    op.create_index("ix_offers_helper_id", "offers", ["helper_id"], unique=False)
    op.create_index("ix_offers_pilot_id", "offers", ["pilot_id"], unique=False)
    op.create_index("ix_offers_question_id", "offers", ["question_id"], unique=False)
    op.create_index("ix_offers_status_published_at", "offers", ["status", "published_at"], unique=False)
    op.create_index("uq_offers_uri", "offers", ["uri"], unique=True)
    op.create_table(
        "introductions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("offer_id", TEXT, nullable=False),
        sa.Column(
            "asker_id", TEXT, nullable=False, comment="personal: who asked; until 30 days after the last word"
        ),
        sa.Column(
            "helper_id",
            TEXT,
            nullable=False,
            comment="personal: who offers; until 30 days after the last word",
        ),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.Column("moved_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["asker_id"], ["actors.id"], name="fk_introductions_asker_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["helper_id"], ["actors.id"], name="fk_introductions_helper_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name="fk_introductions_offer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name="fk_introductions_question_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="'Kennismaken': an asker and a helper of ours who may get to know each other, once both say yes.",
        sqlite_strict=True,
    )
    op.create_index("ix_introductions_asker_id", "introductions", ["asker_id"], unique=False)
    op.create_index("ix_introductions_helper_id", "introductions", ["helper_id"], unique=False)
    op.create_index("ix_introductions_moved_at", "introductions", ["moved_at"], unique=False)
    op.create_index("ix_introductions_offer_id", "introductions", ["offer_id"], unique=False)
    op.create_index(
        "uq_introductions_question_id_offer_id", "introductions", ["question_id", "offer_id"], unique=True
    )
    op.create_table(
        "remarks",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("introduction_id", TEXT, nullable=False),
        sa.Column(
            "author_id",
            TEXT,
            nullable=False,
            comment="personal: who of the two; until 30 days after the last word",
        ),
        sa.Column(
            "body",
            TEXT,
            nullable=False,
            comment="personal: what they said; until 30 days after the last word",
        ),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["actors.id"], name="fk_remarks_author_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introductions.id"], name="fk_remarks_introduction_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Something that one of two said in their closed talk.",
        sqlite_strict=True,
    )
    op.create_index("ix_remarks_author_id", "remarks", ["author_id"], unique=False)
    op.create_index("ix_remarks_introduction_id", "remarks", ["introduction_id"], unique=False)
    op.create_table(
        "marks",
        sa.Column("id", TEXT, nullable=False, comment="id of the answer: one mark per answer"),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("marked_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["answers.id"], name="fk_marks_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name="fk_marks_question_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="The asker's word on one answer: 'dit hielp', 'deels', 'nu niet'.",
        sqlite_strict=True,
    )
    op.create_index("ix_marks_question_id", "marks", ["question_id"], unique=False)
    op.create_table(
        "question_terms",
        sa.Column(
            "term", TEXT, nullable=False, comment="as similar.py makes them; personal: the same as the text"
        ),
        sa.Column("reach", INTEGER, nullable=False, comment="0: everybody, 1: pilots too, 2: here only"),
        sa.Column("thing_id", TEXT, nullable=False),
        sa.Column("weight", INTEGER, nullable=False, comment="how much it counts there"),
        sa.ForeignKeyConstraint(
            ["thing_id"], ["questions.id"], name="fk_question_terms_thing_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "reach", "thing_id"),
        comment="The terms by which questions are found.",
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_question_terms_thing_id", "question_terms", ["thing_id"], unique=False)
    op.create_table(
        "answer_terms",
        sa.Column(
            "term", TEXT, nullable=False, comment="as similar.py makes them; personal: the same as the text"
        ),
        sa.Column("reach", INTEGER, nullable=False, comment="0: everybody, 1: pilots too, 2: here only"),
        sa.Column("thing_id", TEXT, nullable=False),
        sa.Column("weight", INTEGER, nullable=False, comment="how much it counts there"),
        sa.ForeignKeyConstraint(
            ["thing_id"], ["answers.id"], name="fk_answer_terms_thing_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "reach", "thing_id"),
        comment="The terms by which answers are found.",
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answer_terms_thing_id", "answer_terms", ["thing_id"], unique=False)
    op.create_table(
        "offer_terms",
        sa.Column(
            "term", TEXT, nullable=False, comment="as similar.py makes them; personal: the same as the text"
        ),
        sa.Column("reach", INTEGER, nullable=False, comment="0: everybody, 1: pilots too, 2: here only"),
        sa.Column("thing_id", TEXT, nullable=False),
        sa.Column("weight", INTEGER, nullable=False, comment="how much it counts there"),
        sa.ForeignKeyConstraint(
            ["thing_id"], ["offers.id"], name="fk_offer_terms_thing_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "reach", "thing_id"),
        comment="The terms by which offers are found.",
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_offer_terms_thing_id", "offer_terms", ["thing_id"], unique=False)
    op.create_table(
        "indexed_by",
        sa.Column("version", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("version"),
        comment="With which definition of words the terms were made.",
        sqlite_strict=True,
    )
    op.create_table(
        "people_lists",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: whose list; until it is deleted"),
        sa.Column("title", TEXT, nullable=False, comment="personal: what they call it; until it is deleted"),
        sa.Column("replies", TEXT, nullable=False),
        sa.Column("exclusive", INTEGER, nullable=False, comment="1: left out at home"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_people_lists_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Some of those whom a member follows, to read apart. Nobody else knows.",
        sqlite_strict=True,
    )
    op.create_index("ix_people_lists_member_id", "people_lists", ["member_id"], unique=False)
    op.create_table(
        "listed",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("list_id", TEXT, nullable=False),
        sa.Column(
            "actor_id",
            TEXT,
            nullable=False,
            comment="personal: who is in it; until taken out or followed no more",
        ),
        sa.Column("follow_id", TEXT, nullable=True, comment="goes with it; null for oneself"),
        sa.ForeignKeyConstraint(
            ["list_id"], ["people_lists.id"], name="fk_listed_list_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_listed_actor_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["follow_id"], ["follows.id"], name="fk_listed_follow_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="Somebody is in a list, for as long as they are followed.",
        sqlite_strict=True,
    )
    op.create_index("ix_listed_actor_id", "listed", ["actor_id"], unique=False)
    op.create_index("ix_listed_follow_id", "listed", ["follow_id"], unique=False)
    op.create_index("uq_listed_list_id_actor_id", "listed", ["list_id", "actor_id"], unique=True)
    op.create_table(
        "filters",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False, comment="personal: who wants that; until it is deleted"),
        sa.Column("title", TEXT, nullable=False, comment="personal: what they call it; until it is deleted"),
        sa.Column("contexts", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column(
            "keywords", TEXT, nullable=False, comment="personal: words to look for; until they are taken out"
        ),
        sa.Column(
            "things",
            TEXT,
            nullable=False,
            comment="personal: things that are meant; until they are taken out",
        ),
        sa.Column("expires_at", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_filters_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What a member does not want to meet by surprise, by its words. Their apps see to it; nobody else knows.",
        sqlite_strict=True,
    )
    op.create_index("ix_filters_member_id", "filters", ["member_id"], unique=False)
    op.create_table(
        "planned",
        sa.Column("id", TEXT, nullable=False),
        sa.Column(
            "member_id", TEXT, nullable=False, comment="personal: whose it is; until it is said or called off"
        ),
        sa.Column(
            "given",
            TEXT,
            nullable=False,
            comment="personal: what is to be said; until it is said or called off",
        ),
        sa.Column("due_at", INTEGER, nullable=False),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_planned_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What a member wants to be said later. Until then it is nobody else's to read.",
        sqlite_strict=True,
    )
    op.create_index("ix_planned_member_id", "planned", ["member_id"], unique=False)
    op.create_table(
        "media",
        sa.Column("id", TEXT, nullable=False),
        sa.Column(
            "actor_id",
            TEXT,
            nullable=True,
            comment="personal: who sent it; until what it stands with is withdrawn, unused 24 hours",
        ),
        sa.Column("thing_uri", TEXT, nullable=False, comment="empty while it waits to be put with something"),
        sa.Column("planned_id", TEXT, nullable=True),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column(
            "file",
            TEXT,
            nullable=False,
            comment="name of its files; nobody can guess it; personal: the picture; until what it stands with is withdrawn, unused 24 hours",
        ),
        sa.Column("key", TEXT, nullable=False, comment="what the proofs in addresses are made with"),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("size", INTEGER, nullable=False, comment="bytes of its files together"),
        sa.Column("width", INTEGER, nullable=False),
        sa.Column("height", INTEGER, nullable=False),
        sa.Column("small_width", INTEGER, nullable=False),
        sa.Column("small_height", INTEGER, nullable=False),
        sa.Column("blurhash", TEXT, nullable=False),
        sa.Column(
            "description",
            TEXT,
            nullable=False,
            comment="personal: what is to be seen on it; as long as the picture",
        ),
        sa.Column("focus", TEXT, nullable=False),
        sa.Column("removed", INTEGER, nullable=False, comment="1: only its files are left, which go next"),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_media_actor_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["planned_id"], ["planned.id"], name="fk_media_planned_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="A picture that a member sent, to stand with what they say. It was made anew: nothing tells where it was taken.",
        sqlite_strict=True,
    )
    op.create_index("ix_media_actor_id", "media", ["actor_id"], unique=False)
    op.create_index("ix_media_made_at", "media", ["made_at"], unique=False)
    op.create_index("ix_media_planned_id", "media", ["planned_id"], unique=False)
    op.create_index("ix_media_removed", "media", ["removed"], unique=False)
    op.create_index("ix_media_thing_uri", "media", ["thing_uri"], unique=False)
    op.create_index("uq_media_file", "media", ["file"], unique=True)
    op.create_table(
        "account_notes",
        sa.Column("id", TEXT, nullable=False),
        sa.Column(
            "member_id", TEXT, nullable=False, comment="personal: who remembers it; until it is emptied"
        ),
        sa.Column("actor_id", TEXT, nullable=False, comment="personal: of whom; until it is emptied"),
        sa.Column("text", TEXT, nullable=False, comment="personal: what; until it is emptied"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_account_notes_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name="fk_account_notes_actor_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What a member wants to remember of somebody. Nobody else reads it.",
        sqlite_strict=True,
    )
    op.create_index("ix_account_notes_actor_id", "account_notes", ["actor_id"], unique=False)
    op.create_index(
        "uq_account_notes_member_id_actor_id", "account_notes", ["member_id", "actor_id"], unique=True
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before the upgrade")
