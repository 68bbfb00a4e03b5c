"""The schema: the same by creation and by migration, never touched by an older version."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import schema
from storage.errors import SchemaTooNew
from storage.postgresql import engine as postgresql_engine
from storage.sqlite import engine as sqlite_engine
from storage.tables import metadata
from tests.storage.conftest import DATABASES
from tests.storage.things import actor, add
from vraagbaak.model import Actor

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("topics", sa.Column("colour", sa.Text(), nullable=False, server_default="red"))
"""

DESCRIPTION = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, l.collname,
           pg_get_expr(d.adbin, d.adrelid), a.attidentity
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL, NULL
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL, NULL, NULL FROM pg_indexes
    WHERE schemaname = 'public'
"""


@pytest.fixture(params=DATABASES)
def url(request, tmp_path):
    """The url of a database that nobody needs afterwards."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/vraagbaak.db"
    return request.getfixturevalue("fresh_postgres_url")


def described(connection):
    """Everything that makes up a schema, apart from its comments and the order in which it was made."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
        return {name: sorted(line.strip(" ,\t") for line in sql.splitlines()) for name, sql in rows}
    return sorted(map(str, connection.execute(text(DESCRIPTION)).all()))


@contextmanager
def emptied(url):
    """A connection to an empty database."""
    sqlite = url.startswith("sqlite")
    engine = sqlite_engine(Path(url.removeprefix("sqlite:///"))) if sqlite else postgresql_engine(url, 1)
    with engine.connect() as connection:
        if not sqlite:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        yield connection
        connection.commit()
    engine.dispose()


def test_migrating_gives_the_same_schema_as_creating(url, tmp_path):
    """An old database that was migrated is the same as a new one, on both databases."""
    with emptied(url) as connection:
        schema.create(connection, "0001")
        created = described(connection)
    with emptied(url if not url.startswith("sqlite") else f"sqlite:///{tmp_path}/migrated.db") as connection:
        schema.upgrade(connection)
        assert schema.stored_revision(connection) == schema.revisions()[-1]
        migrated = described(connection)
    assert created == migrated


def test_all_tables_are_strict_on_sqlite(store_factory):
    """SQLite takes no value of the wrong type in any table."""
    rows = store_factory().read_now(
        lambda reading: reading.execute(text("SELECT name, strict FROM pragma_table_list")).all()
    )
    assert {name for name, strict in rows if strict} == set(metadata.tables)


@pytest.mark.parametrize("revision", ["9999", "zzzz", "0001b", ""])
def test_a_newer_schema_is_refused_in_one_sentence(url, store_factory, revision):
    """A database of a newer or unknown version is not touched, and whoever starts the server is told why."""
    store = store_factory(url)
    store.run_now(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision}))
    store.close()
    with pytest.raises(SchemaTooNew) as refusal:
        store_factory(url)
    assert "newer version" in str(refusal.value)
    assert str(refusal.value).count(".") == 1
    assert "\n" not in str(refusal.value)


def test_an_older_schema_is_copied_and_then_migrated(url, store_factory, tmp_path, monkeypatch):
    """Nothing is lost in a migration: before it there is a copy of the file, after it all things are there."""
    store = store_factory(url)
    store.run_now(add, actor())
    store.close()
    shutil.copytree(schema.MIGRATIONS, tmp_path / "100% migrations")
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path / "100% migrations")
    (schema.MIGRATIONS / "versions" / "0002_colours.py").write_text(SECOND)
    store = store_factory(url)
    assert store.run_now(lambda tx: tx.get(Actor, "actor")) == actor()
    colours = text("SELECT colour FROM topics")
    assert store.read_now(lambda reading: reading.execute(colours).all()) == []
    if store.file:
        copy = store.file.with_name(f"{store.file.name}.before-0002")
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
            assert connection.execute("SELECT id FROM actors").fetchone() == ("actor",)
    monkeypatch.undo()
    store.close()
    with pytest.raises(SchemaTooNew):
        store_factory(url)


def test_a_migration_that_fails_changes_nothing(url, store_factory, tmp_path, monkeypatch):
    """A migration that breaks half-way leaves the database as it was."""
    store_factory(url).close()
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", tmp_path / "migrations")
        broken = SECOND + "    raise ArithmeticError\n"
        (schema.MIGRATIONS / "versions" / "0002_broken.py").write_text(broken)
        with pytest.raises(ArithmeticError):
            store_factory(url)
    store = store_factory(url)
    with pytest.raises(Exception, match="colour"):
        store.read_now(lambda reading: reading.execute(text("SELECT colour FROM topics")))


def test_two_that_start_at_once_do_not_quarrel(url, store_factory):
    """Several processes opening an empty database at the same moment: one makes the schema, all can work."""
    with emptied(url):
        pass
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: store_factory(url), range(4)))
    stores[0].run_now(add, actor())
    assert [store.run_now(lambda tx: tx.get(Actor, "actor")) for store in stores] == [actor()] * 4


def test_the_file_names_tell_the_order_of_revisions():
    """What is read from the names of the files is what Alembic reads from inside them."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert [each.revision for each in scripts.walk_revisions()][::-1] == schema.revisions()


def test_opening_does_not_load_what_it_does_not_need(tmp_path):
    """Making or opening a SQLite database imports neither Alembic nor the PostgreSQL driver: start-up is quick."""
    program = (
        "import sys; from storage.store import Store; from vraagbaak.model import Home\n"
        f"home = Home(base_url='https://a.example', name='A', slug='a'); url = 'sqlite:///{tmp_path}/a.db'\n"
        "for _ in range(2): Store.open(url, home=home).close()\n"
        "print([name for name in ('alembic', 'psycopg') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


@pytest.mark.parametrize("url", ["mysql://user:secret@host/name", "http://example", "vraagbaak.db"])
def test_an_unknown_kind_of_database_is_refused(store_factory, url):
    """A setting that means no database we know is refused, without repeating its password."""
    with pytest.raises(ValueError, match="not a database") as refusal:
        store_factory(url)
    assert "secret" not in str(refusal.value)
