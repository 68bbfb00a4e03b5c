"""The command line: what each command does, how it refuses, and what it never tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pty
import re
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import zipfile
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from federation.keys import read_or_make_secret
from storage import listings
from storage.records import Activity, Seen
from storage.tables import metadata, tables
from tests.storage.things import follow
from tests.web.commanding import (
    PASSWORD,
    done,
    environment_with,
    found_in,
    free_port,
    inside,
    process,
    refused,
    refused_by_process,
    set_up,
    told,
    until,
    written,
)
from tests.web.postoffice import PostOffice
from vraagbaak import (
    answers,
    apps,
    filters,
    introductions,
    liking,
    lists,
    mailing,
    media,
    members,
    offers,
    pins,
    planning,
    preferring,
    pushing,
    questions,
)
from vraagbaak.apps import Agreement, Registration
from vraagbaak.audience import PASSER_BY
from vraagbaak.config import Config
from vraagbaak.model import (
    Actor,
    ActorKind,
    Answer,
    FilterContext,
    Helped,
    Introduction,
    Invite,
    Like,
    Mailbox,
    Mark,
    Media,
    Member,
    Notice,
    NoticeKind,
    Offer,
    Peer,
    Perspective,
    Question,
    QuestionStatus,
    Report,
    ReturnCode,
    Role,
    Scope,
    Session,
    SilenceKind,
    Stage,
    Standing,
    Token,
)
from vraagbaak.pushing import Wish
from web import passwords
from web.cli import main
from web.seals import Seals

ROOT = Path(__file__).parents[2]
PILOTS = Path(os.environ.get("PILOTS_JSON", ROOT.parent / "shared" / "data" / "pilots.json"))
MOMENT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder for each kind of pilot, made once: hashing a password takes longer than most commands."""
    place = tmp_path_factory.mktemp("made")
    set_up(place / "data")
    set_up(place / "trial", base_url="http://localhost:8000")
    return place


@pytest.fixture
def folder(made, tmp_path):
    """The data folder of a pilot called Wester that federates; its steward is noor."""
    return shutil.copytree(made / "data", tmp_path / "data")


@pytest.fixture
def trial(made, tmp_path):
    """The data folder of somebody who only tries it out at http://localhost:8000."""
    return shutil.copytree(made / "trial", tmp_path / "trial")


def rows(folder: Path) -> dict[str, list[tuple]]:
    """Everything in the database."""
    with sqlite3.connect(folder / "vraagbaak.db") as connection:
        found = {
            table.name: sorted(connection.execute(f"SELECT * FROM {table.name}"), key=repr)
            for table in metadata.sorted_tables
        }
    connection.close()
    return found


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "vraagbaak.db") as connection:
        connection.execute(statement)
    connection.close()


# All of them


def commands(group: click.Group, *before: str):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name)


ALL = list(commands(main))


def test_these_commands_are_promised():
    """Scripts of others find every command of the contract under its name."""
    assert {" ".join(words) for words in ALL} >= {
        *("serve", "work", "init", "token", "load", "backup", "restore", "export", "erase", "check", "stats"),
        *("config", "member add", "member list", "member remove", "peer add", "peer list"),
    }


@pytest.mark.parametrize("words", [(), ("member",), ("peer",), *ALL], ids=" ".join)
def test_every_command_explains_itself(words):
    """`--help` and `-h` say what a command does and end with 0; every command that does something takes `--data`."""
    explained = done(*words, "--help")
    assert explained == done(*words, "-h")
    assert re.search(r"^  [A-Z].*[.:]?", explained, re.MULTILINE)
    assert ("--data" in explained) == (words in ALL)


@pytest.mark.parametrize(
    "words",
    [
        ("dance",),
        ("member", "dance"),
        ("stats", "--dance"),
        ("member", "add"),
        ("member", "add", "bram", "--role", "king"),
        ("peer", "add", "nieuwland.example"),
        ("peer", "add", "nieuwland.example", "--as", "friend"),
        ("token", "noor", "--scopes", "everything"),
        ("token", "noor", "--scopes", ""),
        ("token", "noor", "--scopes", "read admin:read"),
        ("token", "noor", "--scopes", "read:everything"),
        ("invite", "--uses", "0"),
        ("invite", "--days", "400"),
        ("init",),
        ("load", "nowhere.json"),
        ("restore", "nowhere.zip"),
        ("serve", "--port", "eighty"),
        ("serve", "--processes", "0"),
        ("serve", "--tls-cert", __file__),
        ("work", "--processes", "0"),
        ("demo", "--port", "65535"),
    ],
    ids=" ".join,
)
def test_a_wrong_way_of_asking_ends_with_2(words, tmp_path):
    """What a command does not understand it says on standard error, it ends with 2, and nothing is made."""
    ended = told(*words, VRAAGBAAK_DATA=str(tmp_path / "data"))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "Error: " in ended.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("member", "add", "bram"),
        ("member", "list"),
        ("member", "remove", "bram", "--yes"),
        ("token", "noor"),
        ("invite",),
        ("export", "noor", "noor.zip"),
        ("erase", "noor", "--yes"),
        ("peer", "add", "nieuwland.example", "--as", "pilot"),
        ("peer", "list"),
        ("load", __file__),
        ("backup", "all.zip"),
        ("check",),
        ("stats",),
    ],
    ids=" ".join,
)
def test_where_there_is_no_pilot_nothing_is_made(words, tmp_path):
    """A command on a folder without a pilot says so and leaves no trace: a typo in --data makes no second pilot."""
    assert "There is no pilot in" in refused(*words, "--data", tmp_path / "typo")
    assert list(tmp_path.iterdir()) == []


def test_the_environment_can_name_the_folder(folder):
    """`VRAAGBAAK_DATA` is the folder when `--data` is not given, and `--data` wins."""
    assert "noor" in done("member", "list", VRAAGBAAK_DATA=str(folder))
    assert "noor" in done("member", "list", "--data", folder, VRAAGBAAK_DATA="/nowhere")


def test_the_version_is_told():
    """`--version` prints name and version."""
    assert re.fullmatch(r"vraagbaak, version \d+\.\d+\.\d+\n", done("--version"))


def test_a_package_of_somebody_else_under_our_name_is_found_out(tmp_path):
    """When another distribution has replaced one of the four packages, one sentence says which, and how to mend it."""
    (tmp_path / "federation").mkdir()
    (tmp_path / "federation" / "__init__.py").write_text("__version__ = '0.28.0'\n")
    said = refused_by_process("stats", "--data", tmp_path / "data", PYTHONPATH=str(tmp_path))
    assert said.startswith("Another package has replaced federation.")


# A database or a setting that cannot be used


def newer(folder: Path) -> None:
    change(folder, "UPDATE alembic_version SET version_num = '9999'")


def damaged(folder: Path) -> None:
    for path in folder.glob("vraagbaak.db*"):
        path.write_bytes(b"not a database " * 1000)


def setting(text: str):
    return lambda folder: (folder / "vraagbaak.toml").write_text(text)


def unreadable(folder: Path) -> None:
    (folder / "vraagbaak.toml").unlink()
    (folder / "vraagbaak.toml").mkdir()


BROKEN = {
    "newer": (newer, "was written by a newer version"),
    "damaged": (damaged, "The database cannot be used"),
    "bad setting": (setting('port = "eighty"'), "The setting 'port' cannot be 'eighty'."),
    "bad combination": (setting('slug = "Wester Park"'), "slug must be"),
    "unknown key": (setting("colour = 3"), "There is no setting called 'colour'."),
    "not TOML": (setting("name = Wester"), "cannot be read"),
    "not UTF-8": (
        lambda folder: (folder / "vraagbaak.toml").write_bytes(b'name = "\xff"'),
        "cannot be read",
    ),
    "no file": (unreadable, "cannot be read"),
}
LOOKS = (
    ("stats",),
    ("check",),
    ("member", "list"),
    ("member", "add", "bram"),
    ("member", "remove", "noor", "--yes"),
    ("peer", "list"),
    ("peer", "add", "nieuwland.example", "--as", "pilot"),
    ("token", "noor"),
    ("invite",),
    ("erase", "noor", "--yes"),
    ("config",),
    ("backup",),
    ("export", "noor"),
    ("load",),
    ("init", "--base-url", "https://wester.example", "--name", "W", "--slug", "wester", "--steward", "noor"),
)


# These can do their work without understanding the database, or get a better setting along.
CAN_STILL = {("newer", "backup"), ("newer", "config"), ("damaged", "config"), ("bad combination", "init")}


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_used_is_said_in_one_sentence(what, folder, tmp_path):
    """A newer schema, a damaged database, a bad setting: every command says what is the matter, and changes nothing."""
    break_it, words = BROKEN[what]
    break_it(folder)
    before = written(folder)
    (tmp_path / "load.json").write_text("[]")
    target = {"backup": ["b.zip"], "export": ["e.zip"], "load": ["load.json"]}
    for command in LOOKS:
        if (what, command[0]) in CAN_STILL:
            continue
        more = [tmp_path / name for name in target.get(command[0], [])]
        assert words in refused(*command, *more, "--data", folder), command
    assert written(folder) == before
    assert not list(tmp_path.glob("*.zip*"))


def test_a_database_of_a_newer_version_can_still_be_copied(folder, tmp_path):
    """Who went back to an older version can still make a backup before doing anything else."""
    newer(folder)
    done("backup", tmp_path / "b.zip", "--data", folder)
    assert "newer version" in refused("restore", tmp_path / "b.zip", "--data", tmp_path / "again")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VRAAGBAAK_COLOUR", "red", "There is no setting called 'colour'."),
        ("VRAAGBAAK_PORT", "70000", "port is between 1 and 65535"),
        ("VRAAGBAAK_BASE_URL", "wester.example", "base_url must be like"),
        ("VRAAGBAAK_LOG_LEVEL", "loud", "log_level is"),
        ("VRAAGBAAK_DATABASE", "mysql://x", "database is empty, sqlite:///FILE or postgresql://"),
        ("VRAAGBAAK_DATABASE", "postgresql://127.0.0.1:1/x", "The database cannot be used"),
    ],
)
def test_a_bad_setting_in_the_environment_is_named(name, value, said, folder):
    """A wrong variable is one sentence, whichever command meets it."""
    for words in (("stats",), ("check",), ("member", "list")):
        assert said in refused(*words, "--data", folder, **{name: value})


def known_elsewhere(folder: Path) -> None:
    """Somebody out there has something of this pilot."""
    sent = Activity(
        id="https://wester.example/act/1",
        actor_uri="x",
        thing_uri="x",
        body="{}",
        public=False,
        made_at=MOMENT,
    )
    with inside(folder) as store:
        store.run_now(lambda tx: tx.add(sent))


@pytest.fixture
def quiet():
    """A command that starts something sets up logging for its whole process; after it all is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name in ("uvicorn", "httpx", "httpcore", "asyncio", "aiohttp"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def taken():
    """A port that somebody else has, so that no `serve` in this process can ever begin to serve."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "cannot be used (Address already in use)"),
        (("--tls-cert", __file__, "--tls-key", __file__), "are not a certificate and its key"),
        (("--host", ".."), "cannot be used"),
        (("--port", "65536"), "port is between"),
        (("--processes", "2"), "Several processes need PostgreSQL"),
    ],
)
def test_a_start_with_words_that_cannot_work_says_why(words, said, folder, taken, quiet):
    """`serve` with something that cannot work prints one sentence and ends with 1, before it does anything."""
    before = written(folder)
    assert said in refused("serve", "--data", folder, "--port", taken, *words)
    assert written(folder) == before


REFUSED_STARTS = {
    "newer schema": (newer, [], "was written by a newer version"),
    "damaged": (damaged, [], "The database cannot be used"),
    "another address": (known_elsewhere, ["--base-url", "https://other.example"], "This data belongs to"),
}


@pytest.mark.parametrize("what", REFUSED_STARTS)
def test_a_start_on_data_that_cannot_be_used_says_why(what, folder):
    """`serve` on a database that it cannot or may not use prints one sentence, ends with 1 and serves nothing."""
    break_it, words, said = REFUSED_STARTS[what]
    break_it(folder)
    assert said in refused_by_process("serve", "--data", folder, "--port", free_port(), *words)


def test_work_without_postgresql_says_why(folder):
    """On SQLite `work` has nothing to do, and says so."""
    assert "need PostgreSQL" in refused("work", "--data", folder)


@pytest.mark.parametrize("number", [1, 2])
def test_work_that_cannot_reach_its_database_says_so(number, folder, quiet):
    """Without the database `work` ends with one sentence, for one worker and for several."""
    words = ["--database", "postgresql://127.0.0.1:1/x", "--processes", number]
    assert "The database cannot be used" in refused("work", "--data", folder, *words)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    """Where no folder can be, `init` says so."""
    (tmp_path / "file").write_text("")
    words = ["--base-url", "https://w.example", "--name", "W", "--slug", "w", "--steward", "noor"]
    assert "Not a directory" in refused("init", *words, "--data", tmp_path / "file" / "data")


# Setting up


def test_a_pilot_is_set_up_without_a_browser(tmp_path):
    """`init` makes a pilot that has its settings in a file, its steward, and nothing that others on the machine read."""
    folder = set_up(tmp_path / "data")
    (steward,) = found_in(folder, Member)
    assert (steward.handle, steward.roles) == ("noor", (Role.STEWARD,))
    shown = json.loads(done("config", "--json", "--data", folder))
    given = {row["name"]: row["value"] for row in shown if row["source"] == "file"}
    assert given == {"base_url": "https://wester.example", "name": "Wester", "slug": "wester"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_second_init_refuses_and_changes_nothing(folder):
    """Where there is a steward already `init` refuses, whatever address it is given, and all stays as it was."""
    for address, slug in (("https://wester.example", "wester"), ("https://other.example", "other")):
        before = (rows(folder), (folder / "vraagbaak.toml").read_bytes())
        words = ["--base-url", address, "--name", "Other", "--slug", slug, "--steward", "bram"]
        said = refused("init", *words, "--data", folder, "--password-stdin", stdin=f"{PASSWORD}\n")
        assert said == f"There is a pilot with a steward in {folder} already."
        assert (rows(folder), (folder / "vraagbaak.toml").read_bytes()) == before


def test_init_keeps_the_settings_that_were_there(tmp_path):
    """Settings and remarks that somebody wrote before `init` still stand after it; only what it was given is new."""
    folder = tmp_path / "data"
    folder.mkdir()
    text = '# ours\nname = "Old"\ncity = "Gouda" # on the river\nlanguages = ["nl"]\n'
    (folder / "vraagbaak.toml").write_text(text)
    set_up(folder)
    after = (folder / "vraagbaak.toml").read_text()
    assert "# ours" in after
    assert "# on the river" in after
    shown = {row["name"]: row["value"] for row in json.loads(done("config", "--json", "--data", folder))}
    assert (shown["name"], shown["city"], shown["languages"]) == ("Wester", "Gouda", ["nl"])


def test_init_writes_names_as_they_are(tmp_path):
    """A name with quotes, backslashes and accents comes back from the settings file as it was given."""
    name = 'De "Wester" \\ café 🌷'
    words = ["--base-url", "https://w.example/", "--name", name, "--slug", "w", "--steward", "noor"]
    for _ in range(2):  # the second time the file is there
        told("init", *words, "--data", tmp_path / "data", "--password-stdin", stdin="short\n")
    done("init", *words, "--data", tmp_path / "data", "--password-stdin", stdin=f"{PASSWORD}\n")
    shown = {
        row["name"]: row["value"] for row in json.loads(done("config", "--json", "--data", tmp_path / "data"))
    }
    assert (shown["name"], shown["base_url"]) == (name, "https://w.example")


@pytest.mark.parametrize("given", ["", "\n", "short\n", "wachtwoord123\n", "noor12345678\n"])
def test_a_steward_needs_a_password_that_holds(given, tmp_path):
    """`init` refuses a password that is empty, short or easily guessed, and can be done again with a better one."""
    words = ["--base-url", "https://w.example", "--name", "W", "--slug", "w", "--steward", "noor"]
    folder = tmp_path / "data"
    said = refused("init", *words, "--data", folder, "--password-stdin", stdin=given)
    assert given.strip() not in said or not given.strip()
    done("init", *words, "--data", folder, "--password-stdin", stdin=f"{PASSWORD}\n")


# Members


def test_members_are_added_listed_and_removed(folder):
    """`member add`, `list` and `remove` do what they say; a member without a role given is a resident."""
    done("member", "add", "Fatma", "--data", folder, "--password-stdin", stdin=f"{PASSWORD}\n")
    roles = ["--role", "professional", "--role", "moderator"]
    done("member", "add", "henk", *roles, "--data", folder, "--password-stdin", stdin=f"{PASSWORD}\n")
    listed = json.loads(done("member", "list", "--json", "--data", folder))
    assert {row["name"]: row["roles"] for row in listed} == {
        "fatma": ["resident"],
        "henk": ["professional", "moderator"],
        "noor": ["steward"],
    }
    assert re.findall(r"^\w+", done("member", "list", "--data", folder), re.MULTILINE) == [
        "fatma",
        "henk",
        "noor",
    ]
    done("member", "remove", "FATMA", "--yes", "--data", folder)
    assert "fatma" not in done("member", "list", "--data", folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("noor", "This name is taken"),
        ("NOOR", "This name is taken"),
        ("wester", "This name is taken"),
        ("steward", "This name is taken"),
        ("a", "A name has 2 to 30"),
        ("fat ma", "A name has 2 to 30"),
        ("../../etc", "A name has 2 to 30"),
    ],
)
def test_a_member_needs_a_name_of_their_own(name, said, folder):
    """A name that is taken, poses or cannot stand in an address is refused in one sentence."""
    before = rows(folder)
    words = ["member", "add", name, "--data", folder, "--password-stdin"]
    assert said in refused(*words, stdin=f"{PASSWORD}\n")
    assert rows(folder) == before


def test_a_password_is_never_printed_nor_kept(folder):
    """A password that comes in by standard input comes out nowhere: not on the screen, not in a file."""
    ended = told("member", "add", "fatma", "--data", folder, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert PASSWORD not in ended.output
    assert PASSWORD.encode() not in written(folder)
    (fatma,) = found_in(folder, Member, handle="fatma")
    assert fatma.password_hash.startswith("$argon2id$")


def test_no_command_takes_a_password_as_a_word():
    """There is no option whose value is a password: others on the machine can read what a command was called with."""
    for words in ALL:
        command: click.Command = main
        for word in words:
            command = command.commands[word]
        for option in command.params:
            if "password" in option.name:
                assert option.is_flag


def test_a_password_that_is_made_up_is_shown_once_and_works(folder):
    """With nobody to type one, `member add` makes a password up: it is printed once, it works, and only its hash is kept."""
    said = done("member", "add", "fatma", "--data", folder)
    made_up = re.search(r"^Password: (\S{16,})$", said, re.MULTILINE)[1]
    assert made_up.encode() not in written(folder)
    (fatma,) = found_in(folder, Member, handle="fatma")
    assert asyncio.run(passwords.matches(fatma.password_hash, made_up))


def test_a_password_is_asked_twice_and_not_shown(folder):
    """At a terminal a password is asked for, twice, and what is typed is not shown."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "web.cli", "member", "add", "fatma", "--data", str(folder)]
    typing = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment_with({}), close_fds=True
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    shown = b""

    def shows(wanted: bytes):
        def look() -> bool:
            nonlocal shown
            with contextlib.suppress(OSError):  # nothing there yet, or nobody at the other end any more
                shown += os.read(ours, 4096)
            return wanted in shown

        return look

    until(shows(b"Password: "), "the first question")
    os.write(ours, PASSWORD.encode() + b"\n")
    until(shows(b"Repeat for confirmation: "), "the second question")
    os.write(ours, PASSWORD.encode() + b"\n")
    until(shows(b"fatma is a member now"), "the answer")
    assert typing.wait(timeout=20) == 0
    os.close(ours)
    assert PASSWORD.encode() not in shown
    (fatma,) = found_in(folder, Member, handle="fatma")
    assert asyncio.run(passwords.matches(fatma.password_hash, PASSWORD))


# Tokens and invitations


def test_a_token_is_all_that_is_printed(folder):
    """`token` prints a token and nothing else, so that a script can take it; only its hash is kept, with its scopes."""
    ended = told("token", "Noor", "--scopes", "read write:statuses", "--data", folder)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", ended.stdout)
    assert ended.stderr == ""
    assert ended.stdout.strip().encode() not in written(folder)
    (token,) = found_in(folder, Token, member_id=found_in(folder, Member)[0].id)
    assert token.scopes == ("read", "write:statuses")
    done("token", "noor", "--data", folder)
    assert {token.scopes for token in found_in(folder, Token, member_id=token.member_id)} == {
        ("read", "write:statuses"),
        ("read", "write", "follow", "push"),
    }


def test_a_token_for_nobody_is_refused(folder):
    """`token` for a name that nobody has prints no token."""
    assert refused("token", "fatma", "--data", folder) == "There is no member called 'fatma'."


def test_an_invitation_is_all_that_is_printed(folder):
    """`invite` prints a link for as many people, in the role and for as long as asked; only the hash is kept."""
    link = done("invite", "--role", "moderator", "--uses", "3", "--data", folder)
    code = re.fullmatch(r"https://wester\.example/welkom/([A-Za-z0-9_-]{43})\n", link)[1]
    (made,) = found_in(folder, Invite)
    assert (made.roles, made.uses_left) == ((Role.MODERATOR,), 3)
    assert code.encode() not in written(folder)


# Other servers


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("nieuwland.example", "nieuwland.example"),
        ("NieuwLand.Example.", "nieuwland.example"),
        ("https://nieuwland.example/", "nieuwland.example"),
        ("HTTPS://Nieuwland.Example", "nieuwland.example"),
        ("nieuwland.example:443", "nieuwland.example"),
        ("https://nieuwland.example:443/", "nieuwland.example"),
        (" nieuwland.example ", "nieuwland.example"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_server_is_known_under_one_spelling(given, kept, folder):
    """However a domain is written, `peer add` keeps one spelling of it, and `peer list` shows it."""
    assert done("peer", "add", given, "--as", "open", "--data", folder).startswith(f"{kept} is open")
    assert [row["domain"] for row in json.loads(done("peer", "list", "--json", "--data", folder))] == [kept]


@pytest.mark.parametrize(
    "given", ["", "a b", "-x.example", "1.2.3", "x" * 300, "nieuwland.example/u/noor", "x:0", "x:y", "é" * 70]
)
def test_what_is_no_server_is_refused(given, folder):
    """What cannot be the address of a server is refused, and nothing is kept of it."""
    refused("peer", "add", "--as", "pilot", "--data", folder, "--", given)
    assert found_in(folder, Peer) == []


def test_we_are_no_peer_of_ourselves(folder):
    """The own domain is refused."""
    assert "this server itself" in refused("peer", "add", "WESTER.example", "--as", "pilot", "--data", folder)


def test_a_port_belongs_to_a_laboratory(folder):
    """HOST:PORT is taken with `lab_http` only, from the environment or from the file."""
    words = ["peer", "add", "nieuwland.localhost:8002", "--as", "pilot", "--data", folder]
    assert "lab_http" in refused(*words)
    assert done(*words, VRAAGBAAK_LAB_HTTP="true").startswith("nieuwland.localhost:8002 is pilot")
    with (folder / "vraagbaak.toml").open("a") as file:
        file.write("lab_http = true\n")
    done(*words)


def test_a_decision_can_be_looked_up_and_changed(folder):
    """`peer list` tells how we stand to each server and why; a second `peer add` changes it."""
    words = ["--data", folder]
    done("peer", "add", "b.example", "--as", "pilot", *words)
    done("peer", "add", "a.example", "--as", "refused", "--reason", "spam", *words)
    done("peer", "add", "b.example", "--as", "limited", *words)
    listed = json.loads(done("peer", "list", "--json", *words))
    assert [(row["domain"], row["standing"], row["reason"], row["met"]) for row in listed] == [
        ("a.example", "refused", "spam", ""),
        ("b.example", "limited", "", ""),
    ]
    assert re.search(r"^a\.example +refused .* not met yet$", done("peer", "list", *words), re.MULTILINE)


def test_trusting_a_pilot_sets_out_to_meet_it(folder):
    """`peer add --as pilot` leaves the meeting to the server: it waits in the queue until that runs."""
    done("peer", "add", "nieuwland.example", "--as", "pilot", "--data", folder)
    assert json.loads(done("stats", "--json", "--data", folder))["jobs"] == {"meet waiting": 1}


# Loading


def load(folder: Path, content: object, *more: object):
    file = folder.with_name("load.json")
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return told("load", file, *more, "--data", folder)


NEIGHBOURHOOD = {
    "note": "made up",
    "pilots": [
        {"slug": "ooster", "questions": [{"title": "Dit is van een ander"}]},
        {
            "slug": "wester",
            "name": "Wester",
            "questions": [
                {
                    "id": "w-1",
                    "topic": "vervoer",
                    "scope": "proeftuinen",
                    "asked_by": {"name": None, "role": "bewoner", "anonymous": True},
                    "title": "Wie rijdt er mee naar het ziekenhuis?",
                    "body": "Elke **dinsdag**.",
                    "answers": [
                        {
                            "by": {"name": "Ilse", "role": "ervaringsdeskundige"},
                            "text": "Bel de vrijwilligers.",
                            "helped": "geholpen",
                        },
                        {"by": {"name": "Karin", "role": "hulpverlener"}, "text": "Vraag de balie."},
                    ],
                },
                {
                    "title": "Waar kan ik koken met anderen?",
                    "scope": "buurt",
                    "asked_by": {"name": "Ilse", "role": "bewoner"},
                },
            ],
            "offers": [
                {"by": "Murat", "text": "Ik kan rijden.", "topics": ["vervoer"], "availability": "ma"}
            ],
            "events": [{"title": "Buurtmaaltijd"}],
            "menu": [{}, {}],
        },
    ],
}


def test_a_neighbourhood_is_taken_in_as_if_it_was_written_here(folder):
    """Of a file with pilots ours is taken in: who asked, from where was answered, what helped, for whom it is."""
    ended = load(folder, NEIGHBOURHOOD)
    assert ended.exit_code == 0
    assert re.fullmatch(r"2 questions and 1 offers loaded in \d+\.\d s\.\n", ended.stdout)
    assert "1 events left out" in ended.stderr
    assert "2 menu left out" in ended.stderr
    by_title = {each.title: each for each in found_in(folder, Question, local=True)}
    ride, meal = (by_title[each["title"]] for each in NEIGHBOURHOOD["pilots"][1]["questions"])
    people = {each.id: each.handle for each in found_in(folder, Actor, local=True)}
    assert (people[ride.author_id], ride.scope, ride.topics) == (
        "buurtgenoot-wester",
        Scope.PILOTS,
        ("vervoer",),
    )
    assert (people[meal.author_id], meal.scope, meal.status) == (
        "ilse",
        Scope.NEIGHBOURHOOD,
        QuestionStatus.OPEN,
    )
    said = found_in(folder, Answer, question_id=ride.id)
    assert [(people[each.author_id], each.perspective) for each in said] == [
        ("ilse", Perspective.EXPERIENCE_EXPERT),
        ("karin", Perspective.PROFESSIONAL),
    ]
    (mark,) = found_in(folder, Mark, question_id=ride.id)
    assert (mark.id, mark.value) == (said[0].id, Helped.HELPED)
    (offer,) = found_in(folder, Offer, helper_id=next(key for key in people if people[key] == "murat"))
    assert (offer.body, offer.availability) == ("Ik kan rijden.", "ma")
    assert "<strong>dinsdag</strong>" in ride.html
    assert [each for each in by_title if "ander" in each and each != meal.title] == []


def test_answers_keep_the_order_of_the_file(folder):
    """What was said first in the file stands first here too, though all of it comes in at one moment."""
    said = [{"body": f"Antwoord {number}"} for number in range(9)]
    load(folder, [{"title": "Wat kan ik doen?", "answers": said}])
    (question,) = found_in(folder, Question, local=True)
    with inside(folder) as store:
        page = store.read_now(listings.question_page, PASSER_BY, question.id)
    assert [card.answer.body for card in page.answers] == [each["body"] for each in said]


def test_what_is_loaded_is_told_to_others_too(folder):
    """Loaded content is local content: what is for others waits in the queue to be sent to them."""
    load(folder, NEIGHBOURHOOD)
    assert json.loads(done("stats", "--json", "--data", folder))["jobs"].keys() == {"publish waiting"}


def test_a_plain_list_of_questions_is_enough(folder):
    """A list of `{title, body, topics}` is taken in as public questions of the shared neighbour."""
    plain = [
        {"title": "Wie kan een lekke band plakken?", "body": "Of een heel wiel.", "topics": ["vervoer"]},
        {"title": "Wie heeft er een ladder te leen?"},
    ]
    assert load(folder, plain).exit_code == 0
    found = {each.title: each for each in found_in(folder, Question, local=True)}
    assert {(each.title, each.scope, each.status) for each in found.values()} == {
        (each["title"], Scope.PUBLIC, QuestionStatus.OPEN) for each in plain
    }
    assert found[plain[0]["title"]].topics == ("vervoer",)


def test_people_in_a_file_cannot_sign_in_and_are_nobody_who_can(folder):
    """A name in a file is a new member without a password, never the member who has that name and can sign in."""
    load(folder, [{"title": "Wat weet de echte Noor?", "asked_by": {"name": "Noor"}}])
    (question,) = found_in(folder, Question, local=True)
    by_actor = {each.actor_id: each for each in found_in(folder, Member)}
    asker = by_actor[question.author_id]
    assert asker.handle != "noor"
    assert asker.password_hash == ""


def test_another_pilot_of_the_file_can_be_chosen(folder):
    """`--pilot` takes another neighbourhood of the file than ours."""
    assert load(folder, NEIGHBOURHOOD, "--pilot", "ooster").exit_code == 0
    assert [each.title for each in found_in(folder, Question, local=True)] == ["Dit is van een ander"]


FILES = [*sorted((ROOT / "web" / "demo").glob("*.json")), *([PILOTS] if PILOTS.exists() else [])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_data_of_the_pilots_is_taken_in_whole(file, tmp_path):
    """Every pilot of a file, the demonstration's and the shared one, is loaded with all it asked, said and offered."""
    for pilot in json.loads(file.read_text())["pilots"]:
        folder = set_up(tmp_path / pilot["slug"], pilot["slug"])
        done("load", file, "--data", folder)
        counted = json.loads(done("stats", "--json", "--data", folder))
        assert {name: counted[name] for name in ("questions", "answers", "offers", "waiting for review")} == {
            "questions": len(pilot["questions"]),
            "answers": sum(len(question["answers"]) for question in pilot["questions"]),
            "offers": len(pilot["offers"]),
            "waiting for review": 0,
        }


GOOD = [{"title": f"Een goede vraag, nummer {number}"} for number in range(60)]
UNREADABLE = {
    "empty": b"",
    "half": b'[{"title": "Wie kan er',
    "a picture": b"\x89PNG\r\n\x1a\n\0\0",
    "not UTF-8": b'[{"title": "caf\xe9 zonder accent?"}]',
    "half a character": b'[{"title": "\\ud83d wat is dit?"}]',
    "a number": b"[1]",
    "a word": b'"vraag"',
    "too deep": b"[" * 200_000,
    "too deep inside": b'{"pilots":[{"events":' + b"[" * 200_000,
    "no pilots": b'{"pilots": []}',
    "of others": b'{"pilots": [{"slug": "a"}, {"slug": "b"}]}',
    "no title": [*GOOD, {"body": "zonder titel"}],
    "title of a number": [*GOOD, {"title": 5}],
    "empty title": [*GOOD, {"title": " "}],
    "long title": [*GOOD, {"title": "x" * 5000}],
    "long body": [*GOOD, {"title": "Dit is te veel", "body": "x" * 500_000}],
    "scope": [*GOOD, {"title": "Wie mag dit zien?", "scope": "%(name)s"}],
    "topics": [*GOOD, {"title": "Waar gaat het over?", "topics": list("abcdef")}],
    "perspective": [*GOOD, {"title": "Wie zegt wat?", "answers": [{"body": "Ik.", "perspective": "koning"}]}],
    "empty answer": [*GOOD, {"title": "Wie zegt wat?", "answers": [{"body": ""}]}],
    "helped": [*GOOD, {"title": "Hielp het?", "answers": [{"body": "Ja.", "helped": "zeer"}]}],
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_of_a_broken_file_nothing_is_taken_in(what, folder):
    """A file with one mistake in it is refused whole, in one sentence, so that it can be mended and loaded again."""
    load(folder, NEIGHBOURHOOD)
    before = rows(folder)
    ended = load(folder, UNREADABLE[what])
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert re.fullmatch(r"Error: .{10,500}\n", ended.stderr)
    assert rows(folder) == before
    if isinstance(UNREADABLE[what], list) and what not in {"no title", "title of a number"}:
        assert "number 61" in ended.stderr


def test_a_file_from_notepad_is_read(folder):
    """The mark that Windows puts before UTF-8 is no mistake."""
    assert load(folder, b"\xef\xbb\xbf" + json.dumps(GOOD[:1]).encode()).exit_code == 0


def test_a_thousand_questions_are_a_matter_of_seconds(folder):
    """A file with 1,000 questions is loaded at once, and nothing of it is lost."""
    plain = [
        {"title": f"Vraag {number} over fietsen", "body": "Wie weet het? " * 10, "topics": ["vervoer"]}
        for number in range(1000)
    ]
    ended = load(folder, plain)
    seconds = float(re.search(r"loaded in (\d+\.\d) s", ended.stdout)[1])
    assert seconds < 10
    assert {each.title for each in found_in(folder, Question, local=True)} == {
        each["title"] for each in plain
    }


def test_progress_is_not_part_of_the_result(folder):
    """What moves while it is busy goes to standard error."""
    ended = load(folder, GOOD)
    assert ended.stdout.count("\n") == 1
    assert "Loading" in ended.stderr


# Copies


def test_a_backup_of_a_running_pilot_can_be_put_back(folder, tmp_path):
    """A backup made while another store writes holds everything: data, settings and secrets, for its owner only."""
    load(folder, NEIGHBOURHOOD)
    (folder / "secrets").mkdir()
    (folder / "secrets" / "instance.key").write_text("ab" * 32)
    (folder / "media" / "ab").mkdir(parents=True)
    (folder / "media" / "ab" / "picture").write_bytes(b"\0\1")
    copy, again = tmp_path / "copy.zip", tmp_path / "again"
    with inside(folder) as store:
        store.run_now(lambda tx: tx.add(Peer(id="a.example", standing=Standing.OPEN)))
        said = done("backup", copy, "--data", folder)
        store.run_now(lambda tx: tx.add(Peer(id="later.example", standing=Standing.OPEN)))
    assert said.startswith(f"{copy} holds everything")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert set(zipfile.ZipFile(copy).namelist()) == {
        *("vraagbaak.db", "vraagbaak.toml", "secrets/instance.key", "media/ab/picture"),
    }
    assert "Wester is back" in done("restore", copy, "--data", again)
    before, after = rows(folder), rows(again)
    before["peers"] = [row for row in before["peers"] if row[0] != "later.example"]
    assert after == before
    assert (again / "vraagbaak.toml").read_bytes() == (folder / "vraagbaak.toml").read_bytes()
    assert (again / "media" / "ab" / "picture").read_bytes() == b"\0\1"
    for path in [again, *again.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert {path.name for path in again.iterdir()} == {"vraagbaak.db", "vraagbaak.toml", "secrets", "media"}


def test_what_was_not_checkpointed_yet_is_in_the_backup(folder, tmp_path):
    """What stands in the write-ahead log only is in the copy too."""
    with inside(folder) as store:
        for number in range(20):
            store.run_now(lambda tx, number=number: tx.add(Peer(id=f"{number}.x", standing=Standing.OPEN)))
        assert (folder / "vraagbaak.db-wal").stat().st_size
        done("backup", tmp_path / "copy.zip", "--data", folder)
    done("restore", tmp_path / "copy.zip", "--data", tmp_path / "again")
    assert len(found_in(tmp_path / "again", Peer)) == 20


def test_backups_in_the_folder_itself_do_not_hold_each_other(folder):
    """A backup beside the data holds the data once, and no earlier backup: it does not grow each time."""
    for name in ("one.zip", "two.zip"):
        done("backup", folder / name, "--data", folder)
    for name in ("one.zip", "two.zip"):
        assert set(zipfile.ZipFile(folder / name).namelist()) == {"vraagbaak.db", "vraagbaak.toml"}


def test_a_backup_of_a_database_elsewhere_comes_back_in_the_folder(tmp_path):
    """With `sqlite:///FILE` outside the folder that file is what is copied."""
    folder, file = tmp_path / "data", tmp_path / "elsewhere.db"
    done("init", *_words("wester"), "--database", f"sqlite:///{file}", "--data", folder)
    done("backup", tmp_path / "copy.zip", "--data", folder)
    assert "vraagbaak.db" in zipfile.ZipFile(tmp_path / "copy.zip").namelist()
    file.unlink()
    done("restore", tmp_path / "copy.zip", "--data", tmp_path / "again")
    assert [each.handle for each in found_in(tmp_path / "again", Member)] == ["noor"]
    assert "noor" in done("member", "list", "--data", tmp_path / "again")
    assert not file.exists()


def _words(slug: str) -> list[str]:
    return [
        *("--base-url", f"https://{slug}.example", "--name", slug.title(), "--slug", slug),
        *("--steward", "noor"),
    ]


@pytest.mark.parametrize("name", ["taken.zip", "nowhere/copy.zip"])
def test_a_backup_never_overwrites(name, folder, tmp_path):
    """A backup goes to a new file in a folder that is there; otherwise it refuses and leaves nothing behind."""
    (tmp_path / "taken.zip").write_text("precious")
    said = refused("backup", tmp_path / name, "--data", folder)
    assert (
        "Choose another name." in said or f"There is no folder {tmp_path / 'nowhere'}. Make it first" in said
    )
    assert (tmp_path / "taken.zip").read_text() == "precious"
    assert {path.name for path in tmp_path.iterdir()} == {"taken.zip", "data"}


def test_nothing_is_put_back_over_something(folder, tmp_path):
    """`restore` wants an empty folder, and changes nothing in one that is not."""
    done("backup", tmp_path / "copy.zip", "--data", folder)
    before = written(folder)
    assert "is not empty" in refused("restore", tmp_path / "copy.zip", "--data", folder)
    assert written(folder) == before
    (tmp_path / "empty").mkdir()
    done("restore", tmp_path / "copy.zip", "--data", tmp_path / "empty")


def packed(tmp_path: Path, *entries: tuple[str, bytes]) -> Path:
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file


def _database(tmp_path: Path, folder: Path) -> bytes:
    done("backup", tmp_path / "good.zip", "--data", folder)
    return zipfile.ZipFile(tmp_path / "good.zip").read("vraagbaak.db")


@pytest.mark.parametrize(
    "what",
    [
        *("no zip", "cut off", "of something else", "empty database", "another database", "damaged pages"),
        *("damaged inside", "locked"),
        *("../out", "/tmp/out", "a/../../out", "a/../../data-sibling/out", "..", "vraagbaak.toml/x"),
    ],
)
def test_what_is_no_backup_is_not_put_back(what, folder, tmp_path):
    """A file that is no backup, is damaged, or would write outside the folder is refused, and the folder stays empty."""
    database = _database(tmp_path, folder)
    good = bytearray((tmp_path / "good.zip").read_bytes())
    file = tmp_path / "bad.zip"
    match what:
        case "no zip":
            file.write_text("This is a letter.")
        case "cut off":
            file.write_bytes(good[: len(good) // 2])
        case "damaged inside":
            good[200:300] = bytes(100)
            file.write_bytes(good)
        case "locked":
            good[good.index(b"PK\x01\x02") + 8] |= 1
            good[6] |= 1
            file.write_bytes(good)
        case "of something else":
            packed(tmp_path, ("letter.txt", b"Dear all"))
        case "empty database":
            packed(tmp_path, ("vraagbaak.db", b""))
        case "another database":
            with sqlite3.connect(tmp_path / "recipes.db") as connection:
                connection.execute("CREATE TABLE recipes (name TEXT)")
            connection.close()
            packed(tmp_path, ("vraagbaak.db", (tmp_path / "recipes.db").read_bytes()))
        case "damaged pages":
            damaged = bytearray(database)
            for at in range(4096 * 2, len(damaged), 4096):
                damaged[at : at + 64] = b"\xff" * 64
            packed(tmp_path, ("vraagbaak.db", bytes(damaged)))
        case name:
            packed(tmp_path, ("vraagbaak.db", database), ("vraagbaak.toml", b""), (name, b"gotcha"))
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(folder)}
    said = refused("restore", file, "--data", tmp_path / "again")
    assert len(said) < 300
    after = {path for path in tmp_path.rglob("*") if not path.is_relative_to(folder)}
    assert after == before
    done("restore", tmp_path / "good.zip", "--data", tmp_path / "again")


def test_a_backup_that_was_packed_anew_is_still_one(folder, tmp_path):
    """Entries for folders, as other programs make them, do not matter."""
    packed(tmp_path, ("vraagbaak.db", _database(tmp_path, folder)), ("media/", b""), ("media/x", b"1"))
    done("restore", tmp_path / "bad.zip", "--data", tmp_path / "again")
    assert (tmp_path / "again" / "media" / "x").read_bytes() == b"1"


# One member: taking everything along, and leaving nothing behind

NOBODYS = {Activity, Report, ReturnCode, Seen}  # kept of what others sent, or with no member under it
PERSONAL = [
    (kind, spec.name)
    for kind in tables
    if kind not in NOBODYS
    for spec in fields(kind)
    # What has attachments comes from elsewhere, and so is nobody's here.
    if spec.metadata.get("personal") and spec.name != "attachments"
]
# The hash opens nothing for the member, and is a gift to whoever finds the file.
# Who did what a notice tells of is somebody else.
# Who the other of two is, is theirs too.
NOT_HANDED_OUT = {
    (Member, "password_hash"),
    (Notice, "actor_id"),
    (Mailbox, "sealed"),
    (Introduction, "asker_id"),
    (Introduction, "helper_id"),
}
OWNER = ("helper_id", "author_id", "follower_id", "member_id", "actor_id", "id")
MARKERS = ("kastanje", "spreeuw")
SHOT = {"media_type": "image/jpeg", "size": 9, "width": 4, "height": 3, "small_width": 4, "small_height": 3}


def two_people(folder: Path) -> dict[str, Member]:
    """fatma, whose every text says kastanje, and henk, whose every text says spreeuw; each has one of everything."""
    made = {}
    for name, word in (("fatma", "kastanje"), ("henk", "spreeuw")):
        done("member", "add", name, "--data", folder, "--password-stdin", stdin=f"{PASSWORD}{word}\n")
    with inside(folder) as store:
        store.home = Config(base_url="https://wester.example", name="Wester", slug="wester").home

        def live(tx):
            for name, word in (("fatma", "kastanje"), ("henk", "spreeuw")):
                made[name] = member = members.by_handle(tx, name)
                actor = tx.get(Actor, member.actor_id)
                elsewhere = {
                    "also_known_as": (f"https://oud.example/u/{word}",),
                    "moved_to": f"https://elders.example/u/{word}",
                }
                tx.save(
                    Actor(
                        **{
                            **_fields(actor),
                            "name": f"{name} van {word}",
                            "summary": f"{word}zin",
                            **elsewhere,
                        }
                    )
                )
                draft = questions.Draft(
                    title=f"{word}vraag", body=f"{word}tekst", when="dinsdag", scope=Scope.PUBLIC
                )
                asked = questions.ask(tx, actor, draft)
                pins.pin(tx, actor, asked)
                shot = media.Shot(file=name.encode().hex().ljust(32, "0"), key=f"hash-key-{name}", **SHOT)
                shown = media.take_in(tx, actor, shot, media.Words(description=f"{word}plaatje"))
                media.attach(tx, actor.id, asked, (shown.id,))
                tx.add(Session(id=f"hash-{name}", member_id=member.id, created_at=MOMENT, expires_at=MOMENT))
                members.give_token(tx, member, f"token-{name}", ("read",))
                place = f"https://push.example/{word}"
                keys = {"p256dh": f"{word}sleutel", "auth": f"{word}geheim"}
                wish = Wish(endpoint=place, **keys, alerts=(NoticeKind.REPLY,))
                pushing.subscribe(tx, member, f"token-{name}", wish)
                app = apps.register(tx, Registration(name="Tuin", redirect_uris=["app://x"]), f"hash-{name}")
                agreed = Agreement(
                    app_id=app.id, member_id=member.id, redirect_uri="app://x", scopes=("read",)
                )
                code = apps.agree(tx, agreed, f"hash-code-{name}")
                apps.exchange(tx, code, f"token-app-{name}")
                offers.offer(
                    tx,
                    member,
                    offers.Draft(
                        body=f"{word}aanbod", availability=f"{word}tijd dinsdag", scope=Scope.PUBLIC
                    ),
                )
                tx.add(
                    Like(id=f"https://wester.example/likes/{name}", actor_id=actor.id, object_uri=asked.uri)
                )
                liking.keep(tx, member, asked)
                liking.pass_on(tx, member, asked)
                preferring.move_marker(tx, member, "home", asked.id)
                preferring.silence(tx, member, SilenceKind.SERVER, f"{word}.example")
                preferring.follow_topic(tx, member, word)
                preferring.remember(tx, member, word, asked.id)
                mailing.give(tx, member, lambda key, word=word: f"{word} sealed for {key}")
                preferring.note(tx, member, actor, f"{word}notitie")
                own = lists.make(tx, member, lists.Wish(title=f"{word}lijst"))
                lists.put_in(tx, member, own.id, (actor.id,))
                filtered = filters.Wish(
                    title=f"{word}filter",
                    contexts=(FilterContext.HOME,),
                    phrases=(filters.Phrase(phrase=f"{word}woord"),),
                )
                filters.name(tx, member, filters.make(tx, member, filtered).id, f"{word}ding")
                later = planning.Later(given=f"{word}later", due_at=tx.now + planning.SOONEST)
                planning.plan(tx, member, later)
            stranger = Actor(
                id=tx.new_id(),
                uri="https://mast.example/u/vreemd",
                kind=ActorKind.PERSON,
                handle="vreemd",
                domain="mast.example",
                name="Vreemdeling",
                local=False,
            )
            tx.add(stranger)
            for name, other in (("fatma", "henk"), ("henk", "fatma")):
                word = MARKERS[name == "henk"]
                asked = tx.find(Question, author_id=made[other].actor_id)[0]
                draft = answers.Draft(body=f"{word}antwoord", perspective=Perspective.FAMILY)
                answers.answer(tx, made[name], asked.id, draft)
                preferring.share_question(tx, made[name], asked.id)
                (offer,) = offers.of_member(tx, made[name].actor_id)
                met = Introduction(
                    id=tx.new_id(),
                    question_id=asked.id,
                    offer_id=offer.id,
                    asker_id=made[other].actor_id,
                    helper_id=made[name].actor_id,
                    stage=Stage.TALKING,
                    made_at=MOMENT,
                    moved_at=MOMENT,
                )
                tx.add(met)
                introductions.say(tx, made[name], met.id, f"{word}praat")
                tx.add(follow(f"f-{name}", follower=made[name].actor_id, target=stranger.id))

        store.run_now(live)
        for name, word in (("fatma", "kastanje"), ("henk", "spreeuw")):
            (shown,) = store.read_now(lambda tx, name=name: tx.find(Media, actor_id=made[name].actor_id))
            for small in (False, True):
                path = folder / "media" / shown.file[:2] / media.name_of(shown, small=small)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(f"{word}foto".encode())
    return made


def _fields(thing: object) -> dict[str, object]:
    return {spec.name: getattr(thing, spec.name) for spec in fields(thing)}


def owned(folder: Path, member: Member) -> list[tuple[type, str, str]]:
    """Every personal value of one member: (kind, field, value)."""
    return [
        (kind, name, str(value))
        for kind, name in PERSONAL
        for thing in found_in(folder, kind)
        if next(getattr(thing, owner) for owner in OWNER if hasattr(thing, owner))
        in {member.id, member.actor_id}
        for value in _each(getattr(thing, name))
    ]


def _each(value):
    for each in value if isinstance(value, tuple) else [value]:
        yield from (getattr(each, spec.name) for spec in fields(each)) if is_dataclass(each) else [each]


def test_everything_about_a_member_is_in_the_export(folder, tmp_path):
    """Every personal value that the database has of a member, column by column, is in what they take along."""
    fatma = two_people(folder)["fatma"]
    done("export", "Fatma", tmp_path / "fatma.zip", "--data", folder)
    whole = json.loads(zipfile.ZipFile(tmp_path / "fatma.zip").read("everything.json"))
    values = set(_values(whole))
    having = owned(folder, fatma)
    assert {(kind, name) for kind, name, _ in having} == set(
        PERSONAL
    )  # one of everything, or this proves nothing
    missing = [
        (kind.__name__, name, value)
        for kind, name, value in having
        if value not in values and (kind, name) not in NOT_HANDED_OUT
    ]
    assert missing == []
    assert stat.S_IMODE((tmp_path / "fatma.zip").stat().st_mode) == 0o600


def _values(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from _values(value)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value)
    else:
        yield str(node)


def test_nothing_about_others_is_in_the_export(folder, tmp_path):
    """Of others there is no name, no id and no text in it: only the titles of the questions that were answered."""
    people = two_people(folder)
    done("export", "fatma", tmp_path / "fatma.zip", "--data", folder)
    archive = zipfile.ZipFile(tmp_path / "fatma.zip")
    hers = {value for _, _, value in owned(folder, people["fatma"])}
    for name in archive.namelist():
        text = archive.read(name).decode()
        for kind, field, value in owned(folder, people["henk"]):
            if (kind, field) != (Question, "title") and value not in hers:
                assert value not in text, (name, kind.__name__, field)
        assert "henk" not in text, name
        assert "hash-" not in text
        assert "token-" not in text


def test_an_export_can_be_read_by_people_and_programs(folder, tmp_path):
    """It holds a page without anything to load or run, and a collection of activities."""
    two_people(folder)
    done("export", "fatma", tmp_path / "fatma.zip", "--data", folder)
    archive = zipfile.ZipFile(tmp_path / "fatma.zip")
    page = archive.read("read-me.html").decode()
    assert "kastanjevraag" in page
    assert not re.search(r"<(script|img|link|iframe)|src=", page)
    outbox = json.loads(archive.read("outbox.json"))
    assert (outbox["type"], outbox["totalItems"]) == ("OrderedCollection", 3)
    assert {each["object"]["vb:kind"] for each in outbox["orderedItems"]} == {"question", "answer", "offer"}


def test_an_export_has_the_pictures_themselves(folder, tmp_path):
    """The whole ones, under the names by which the posts in it call them; and nobody else's."""
    two_people(folder)
    done("export", "fatma", tmp_path / "fatma.zip", "--data", folder)
    archive = zipfile.ZipFile(tmp_path / "fatma.zip")
    outbox = json.loads(archive.read("outbox.json"))
    (shown,) = [
        document for each in outbox["orderedItems"] for document in each["object"].get("attachment", [])
    ]
    assert shown["name"] == "kastanjeplaatje"
    assert [name for name in archive.namelist() if name.startswith("media/")] == [shown["url"]]
    assert archive.read(shown["url"]) == b"kastanjefoto"


def test_a_backup_holds_pictures_that_are_kept_elsewhere(folder, tmp_path):
    """They come back in the data folder; a file that no row knows, sent while it was made, does not."""
    two_people(folder)
    (folder / "media").rename(tmp_path / "elsewhere")
    with (folder / "vraagbaak.toml").open("a") as settings:
        settings.write(f'\nmedia = "{tmp_path / "elsewhere"}"\n')
    stray = tmp_path / "elsewhere" / "00" / f"{'0' * 32}.jpg"
    stray.parent.mkdir()
    stray.write_bytes(b"1")
    kept = {path.name for path in (tmp_path / "elsewhere").rglob("*.jpg")} - {stray.name}
    done("backup", tmp_path / "copy.zip", "--data", folder)
    done("restore", tmp_path / "copy.zip", "--data", tmp_path / "again")
    again = tmp_path / "again" / "media"
    assert {path.name for path in again.rglob("*.jpg")} == kept
    assert len(kept) == 4
    assert "# before it was restored: media = " in (tmp_path / "again" / "vraagbaak.toml").read_text()
    done("erase", "fatma", "--yes", "--data", tmp_path / "again")
    assert len(list(again.rglob("*.jpg"))) == 2


def test_an_export_never_overwrites(folder, tmp_path):
    """A file that is there is left alone, and somebody who is not there has nothing to take along."""
    (tmp_path / "noor.zip").write_text("precious")
    assert "exists already" in refused("export", "noor", tmp_path / "noor.zip", "--data", folder)
    assert "no member called" in refused("export", "henk", tmp_path / "henk.zip", "--data", folder)
    assert not (tmp_path / "henk.zip").exists()
    assert (tmp_path / "noor.zip").read_text() == "precious"


@pytest.mark.parametrize("command", [("erase",), ("member", "remove")])
def test_nothing_of_an_erased_member_is_left_in_the_folder(command, folder):
    """After `erase` no word of theirs stands in any file of the folder, and everything of others still does."""
    people = two_people(folder)
    before = written(folder)
    assert b"kastanje" in before
    said = done(*command, "fatma", "--yes", "--data", folder)
    assert said.startswith("fatma is gone")
    after = written(folder)
    assert b"kastanje" not in after
    assert after.count(b"spreeuwantwoord") == 0  # it went with her question
    assert b"spreeuwvraag" in after
    (left,) = [member for member in found_in(folder, Member) if member.handle != "noor"]
    assert left.handle == "henk"
    gone = people["fatma"]
    assert [each for kind in (Session, Token) for each in found_in(folder, kind, member_id=gone.id)] == []
    assert [
        each for kind in (Question, Answer, Offer) for each in found_in(folder, kind, author_id=gone.actor_id)
    ] == []
    assert "taken" in refused(
        "member", "add", "fatma", "--data", folder, "--password-stdin", stdin=f"{PASSWORD}\n"
    )


def test_erasing_asks_first(folder):
    """Without `--yes` it asks, and no, or nobody to answer, means that nothing happens."""
    before = rows(folder)
    for answer in ("n\n", ""):
        ended = told("erase", "noor", "--data", folder, stdin=answer)
        assert (ended.exit_code, ended.stdout) == (1, "")
        assert "cannot be undone" in ended.stderr
    assert rows(folder) == before
    assert "noor is gone" in done("erase", "noor", "--data", folder, stdin="y\n")


def test_erasing_tells_how_many_servers_will_hear_of_it(folder):
    """It counts servers that received something, each once, however many people there."""
    two_people(folder)
    asked = next(each for each in found_in(folder, Question, local=True) if each.title == "kastanjevraag")
    with inside(folder) as store:
        from storage.records import Sent

        def send(tx):
            for number, host in enumerate(["a.example", "a.example", "b.example"]):
                inbox = f"https://{host}/u/{number}/inbox"
                tx.add(Sent(id=f"s{number}", thing_uri=asked.uri, inbox=inbox, host=host, sent_at=MOMENT))

        store.run_now(send)
    assert "2 server(s) received something" in done("erase", "fatma", "--yes", "--data", folder)


# Looking


def test_a_check_of_a_trial_says_what_is_missing(trial):
    """`check` names what must still be done before others can reach the pilot, and ends with 1."""
    ended = told("check", "--data", trial)
    assert ended.exit_code == 1
    assert "NO   settings     still empty: meeting_place, steward_name, contact" in ended.stdout
    assert "NO   public       base_url is not an https address" in ended.stdout
    assert re.search(r"^ok   database +sqlite, sound$", ended.stdout, re.MULTILINE)
    assert ended.stderr == "Error: Not everything is in order yet.\n"
    listed = json.loads(told("check", "--json", "--data", trial).stdout)
    assert {each["what"] for each in listed} == {
        *("settings", "disk", "secrets", "database", "servers", "mail", "public"),
    }


def test_a_check_says_whether_mail_can_be_sent(trial):
    """Without a server there is no mail; with one it is asked, and an address gets a letter."""

    def looked(*more, **environment):
        ended = told("check", "--data", trial, *more, **environment)
        return next(line for line in ended.stdout.splitlines() if line[5:].startswith("mail"))

    assert looked() == "ok   mail         smtp_url is empty, so there is no mail"
    assert looked("--mail", "a@example.org").startswith("NO   mail")
    with PostOffice() as office:
        given = {"VRAAGBAAK_SMTP_URL": office.url, "VRAAGBAAK_MAIL_FROM": "vraagbaak@wester.example"}
        where = "from vraagbaak@wester.example by 127.0.0.1"
        assert looked(**given) == f"ok   mail         mail can be sent, {where}"
        assert office.taken == []
        sent = looked("--mail", "toos@example.org", **given)
        assert sent == f"ok   mail         a letter to toos@example.org is taken, {where}"
        assert office.taken[0].recipient == "toos@example.org"
        office.says["RCPT"] = "550 nobody"
        refused_one = looked("--mail", "toos@example.org", **given)
        assert refused_one == f"NO   mail         not sent, {where}: refused (SmtpRecipient550)"
    assert looked(**given).startswith("NO   mail         not sent")
    assert "no plain mail address" in refused("check", "--mail", "a@b.nl,c@d.nl", "--data", trial)


def test_a_mail_address_is_in_the_export_of_its_member(trial, tmp_path):
    """In the open, for who takes it along; how it is kept is of no use to them."""
    store_of_seals = Seals(read_or_make_secret(trial / "secrets" / "instance.key"))
    with inside(trial) as store:
        member = store.read_now(lambda reading: members.by_handle(reading, "noor"))
        store.run_now(mailing.give, member, lambda key: store_of_seals.seal("noor@example.org", key))
    done("export", "noor", tmp_path / "noor.zip", "--data", trial)
    (mail,) = json.loads(zipfile.ZipFile(tmp_path / "noor.zip").read("everything.json"))["mail"]
    assert (mail["address"], mail["confirmed"], "sealed" in mail) == ("noor@example.org", False, False)


def test_a_check_sees_damage_inside(trial):
    """Pages that are damaged and rows that point at nothing are found, not only a file that cannot be opened."""
    change(trial, "INSERT INTO sessions VALUES ('x', 'nobody', 1, 1)")
    listed = {each["what"]: each for each in json.loads(told("check", "--json", "--data", trial).stdout)}
    assert listed["database"] == {
        "what": "database",
        "well": False,
        "text": "sessions points at a missing members",
    }


def test_a_check_sees_a_secret_that_others_can_read(folder):
    """A secret that others on the machine can read is named, with what to do about it."""
    (folder / "secrets").mkdir()
    (folder / "secrets" / "instance.key").write_text("ab" * 32)
    (folder / "secrets" / "instance.key").chmod(0o644)
    settings = {"VRAAGBAAK_BASE_URL": "http://localhost:8000"}
    listed = json.loads(told("check", "--json", "--data", folder, **settings).stdout)
    (found,) = [each for each in listed if each["what"] == "secrets"]
    assert not found["well"]
    assert "chmod 600" in found["text"]


def test_a_check_says_when_the_data_belongs_to_another_address(folder):
    """Settings that are not those of the data are found before a start fails on them; the data is not moved."""
    before = rows(folder)
    settings = {"VRAAGBAAK_BASE_URL": "http://localhost:8000"}
    for know in (lambda: None, lambda: known_elsewhere(folder)):
        know()
        before = rows(folder)
        listed = json.loads(told("check", "--json", "--data", folder, **settings).stdout)
        found = {each["what"]: each for each in listed}["database"]
        assert "https://wester.example" in found["text"]
        assert rows(folder) == before
    assert not found["well"]


@pytest.mark.parametrize(
    "words",
    [
        ("stats",),
        ("member", "list"),
        ("peer", "list"),
        ("token", "noor"),
        ("invite",),
        ("check",),
        ("peer", "add", "a.example", "--as", "open"),
    ],
    ids=" ".join,
)
def test_looking_in_does_not_move_a_pilot(words, tmp_path):
    """Only a start gives a pilot another address or name: a command beside a running server changes neither."""
    folder = set_up(tmp_path / "data", base_url="http://localhost:8123")
    (folder / "vraagbaak.toml").unlink()  # as with `serve --port 8123`, which is written nowhere
    before = {name: rows(folder)[name] for name in ("actors", "pilots", "actor_keys")}
    ended = told(*words, "--data", folder)
    assert ended.exit_code == (1 if words == ("check",) else 0)
    assert {name: rows(folder)[name] for name in before} == before
    if words == ("invite",):
        assert ended.stdout.startswith("http://localhost:8123/welkom/")


def test_a_member_added_beside_the_server_lives_at_its_address(tmp_path):
    """Whoever is added while the settings say something else is found at the address that the pilot has."""
    folder = set_up(tmp_path / "data", base_url="http://localhost:8123")
    (folder / "vraagbaak.toml").unlink()
    done("member", "add", "fatma", "--data", folder)
    assert found_in(folder, Actor, uri="http://localhost:8123/u/fatma") != []


def test_figures_are_of_things_and_never_of_people(folder):
    """`stats` counts questions, answers, offers and jobs, as text and as JSON, and nobody can be counted with it."""
    load(folder, NEIGHBOURHOOD)
    counted = json.loads(done("stats", "--json", "--data", folder))
    assert (counted["questions"], counted["answers"], counted["answers that helped"], counted["offers"]) == (
        *(2, 2, 1, 1),
    )
    assert set(counted) == {
        *("questions", "questions elsewhere", "answers", "answers elsewhere", "answers that helped"),
        *("offers", "waiting for review", "pilots", "jobs", "behind_seconds", "parked_hosts"),
    }
    shown = done("stats", "--data", folder)
    assert re.search(r"^questions +2$", shown, re.MULTILINE)
    assert re.search(r"^job: publish waiting +\d+$", shown, re.MULTILINE)


def test_every_setting_is_explained(folder):
    """`config --explain` shows every setting with what it is for, its value and where that came from."""
    explained = done("config", "--explain", "--data", folder, VRAAGBAAK_CITY="Gouda")
    for spec in fields(Config):
        assert f"# {spec.metadata['help']} (from: " in explained
        assert re.search(rf"^{spec.name} = ", explained, re.MULTILINE)
    listed = {
        row["name"]: row for row in json.loads(done("config", "--json", "--data", folder, VRAAGBAAK_CITY="G"))
    }
    assert set(listed) == {spec.name for spec in fields(Config)}
    sources = {name: listed[name]["source"] for name in ("city", "slug", "port")}
    assert sources == {"city": "environment", "slug": "file", "port": "default"}
    assert "# The town" not in done("config", "--data", folder)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("metrics_token", "een-lang-geheim", "een-lang-geheim"),
        ("smtp_url", "smtp://post:geheimpje@mail.example", "geheimpje"),
        ("database", "postgresql://vb:geheimpje@db.example/vb", "geheimpje"),
        ("database", "postgresql://vb:ge@heimpje@db.example/vb", "heimpje"),
        ("database", "postgresql://db.example/vb?user=vb&password=geheimpje", "geheimpje"),
        ("database", "postgresql://db.example/vb?password=geheim@pje", "pje"),
    ],
)
def test_secrets_are_not_shown_among_the_settings(name, value, secret, folder):
    """What opens a door is never printed by `config`, wherever it came from; the rest of the setting is."""
    for more in ((), ("--explain",), ("--json",)):
        ended = told("config", *more, "--data", folder, **{f"VRAAGBAAK_{name.upper()}": value})
        assert ended.exit_code == 0
        assert secret not in ended.output
        assert ("db.example" in ended.output) == (name == "database" and "m@p" not in value)


def test_the_settings_file_lists_every_setting(tmp_path):
    """The file that a first start writes names every setting but those of laboratories, and changes none."""
    from vraagbaak.config import explained

    (tmp_path / "vraagbaak.toml").write_text(explained())
    listed = json.loads(done("config", "--json", "--data", tmp_path))
    assert {row["source"] for row in listed} == {"default"}
    for spec in fields(Config):
        assert (f"# {spec.name} = " in explained()) != spec.metadata["lab"]


# PostgreSQL


@pytest.mark.postgres
def test_the_commands_work_on_postgresql_too(fresh_postgres_url, tmp_path):
    """With `--database`, or the setting that `init` wrote, every command does on PostgreSQL what it does on SQLite."""
    folder = set_up(tmp_path / "data", "wester", "--database", fresh_postgres_url)
    assert not (folder / "vraagbaak.db").exists()
    load(folder, NEIGHBOURHOOD)
    done("member", "add", "fatma", "--data", folder)
    done("peer", "add", "nieuwland.example", "--as", "pilot", "--data", folder)
    (tmp_path / "other").mkdir()
    elsewhere = ["--data", tmp_path / "other", "--database", fresh_postgres_url]
    counted = json.loads(done("stats", "--json", *elsewhere))
    assert (counted["questions"], counted["offers"], counted["pilots"]) == (2, 1, 1)
    assert done("token", "noor", *elsewhere)
    assert done("invite", *elsewhere).startswith("https://wester.example/")
    assert "fatma" in done("member", "list", *elsewhere)
    done("export", "ilse", tmp_path / "ilse.zip", "--data", folder)
    done("erase", "ilse", "--yes", "--data", folder)
    assert "ilse" not in done("member", "list", *elsewhere)
    assert "pg_dump" in refused("backup", tmp_path / "all.zip", "--data", folder)
    assert "a steward" in refused(
        "init", *_words("other"), "--data", tmp_path / "o", "--database", fresh_postgres_url
    )


def test_without_its_driver_postgresql_is_a_sentence(folder, tmp_path):
    """Installed without the extra, `--database postgresql://...` says what to install."""
    (tmp_path / "psycopg.py").write_text("raise ModuleNotFoundError('No module', name='psycopg')\n")
    words = ["stats", "--data", folder, "--database", "postgresql://127.0.0.1:1/x"]
    assert "psycopg[binary,pool]" in refused_by_process(*words, PYTHONPATH=str(tmp_path))


def test_commands_of_processes_end_as_they_say(folder):
    """Exit codes are those of real processes too: 0 done and 2 asked in a wrong way, beside the 1 of all refusals above."""
    assert process("member", "list", "--data", folder).returncode == 0
    assert process("member", "list", "--dance", "--data", folder).returncode == 2
