"""Commands for who carries a pilot: work that was given up, new keys, lists of blocked servers, one server a folder."""

from __future__ import annotations

import json

import pytest

from storage import jobs
from storage.tables import jobs as jobs_table
from storage.work import Bury, Work
from tests.web.commanding import PASSWORD, done, found_in, inside, refused, set_up, told
from vraagbaak import follows, peers
from vraagbaak.model import Actor, ActorKey, ActorKind, Follow, Peer, Standing
from web.commands import serving
from web.commands.common import Sentence, settings


@pytest.fixture
def folder(tmp_path):
    return set_up(tmp_path / "wester")


def waiting(folder):
    """The kinds of jobs in the queue."""
    with inside(folder) as store:
        return store.read_now(
            lambda reading: [row.kind for row in reading.execute(jobs_table.select().order_by("id"))]
        )


def give_up(folder, *hosts):
    """Deliveries that did not work."""
    with inside(folder) as store:
        for host in hosts:
            store.run_now(lambda tx, host=host: tx.enqueue(Work("deliver", "{}", host=host)))
        for job in store.run_now(jobs.claim, 10, "me", 60.0, store.policy):
            store.run_now(jobs.bury, job, Bury(error="http 404").error)


# what was given up


def test_what_was_given_up_is_listed_and_tried_again(folder):
    """A steward sees where something did not arrive and why, and lets one or all be tried again."""
    assert json.loads(done("job", "list", "--json", "--data", folder)) == []
    give_up(folder, "a.example", "b.example", "c.example")
    listed = json.loads(done("job", "list", "--json", "--data", folder))
    assert [(each["host"], each["error"]) for each in listed] == [
        ("a.example", "http 404"),
        ("b.example", "http 404"),
        ("c.example", "http 404"),
    ]
    assert "b.example" in done("job", "list", "--data", folder)
    assert done("job", "retry", listed[0]["id"], "--data", folder) == "1 will be tried again.\n"
    assert [each["host"] for each in json.loads(done("job", "list", "--json", "--data", folder))] == [
        "b.example",
        "c.example",
    ]
    assert done("job", "retry", "--all", "--data", folder) == "2 will be tried again.\n"
    assert "Nothing was given up." in told("job", "list", "--data", folder).stderr
    assert "0 of 1" in refused("job", "retry", listed[0]["id"], "--data", folder)


@pytest.mark.parametrize("words", [(), ("1", "--all"), ("--", "-1"), ("x",), (2**64,)])
def test_what_to_try_again_has_to_be_said(words, folder):
    """Numbers or all, nothing else."""
    assert told("job", "retry", "--data", folder, *words).exit_code == 2


# keys


def test_new_keys_for_everybody_or_for_one(folder):
    """Keys are replaced, under the same ids, and whoever follows is told."""
    done("keys", "rotate", "--all", "--data", folder)
    first = {key.id: key for key in found_in(folder, ActorKey)}
    assert len(first) == 2 * 4
    assert "1 actor(s)" in done("keys", "rotate", "noor", "--data", folder)
    second = {key.id: key for key in found_in(folder, ActorKey)}
    assert first.keys() == second.keys()
    changed = {key_id for key_id in first if first[key_id].public != second[key_id].public}
    assert changed == {key_id for key_id in first if "/u/noor#" in key_id}
    assert all(first[key_id].sealed != second[key_id].sealed for key_id in changed)
    assert waiting(folder).count("publish") == 5


@pytest.mark.parametrize("words", [(), ("noor", "--all")])
def test_whose_keys_has_to_be_said(words, folder):
    assert told("keys", "rotate", *words, "--data", folder).exit_code == 2


def test_nobody_else_gets_keys(folder):
    """A name that is not ours is refused before anything is made."""
    assert "There is no henk here" in refused("keys", "rotate", "noor", "henk", "--data", folder)
    assert found_in(folder, ActorKey) == []


# lists of blocked servers

MASTODON = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
slecht.example,suspend,TRUE,TRUE,"Haat, en spam",FALSE
STIL.example.,silence,FALSE,FALSE,,FALSE
goed.example,noop,FALSE,FALSE,,FALSE
*.verborgen.example,suspend,FALSE,FALSE,,TRUE
pil**.example,suspend,FALSE,FALSE,,TRUE
nieuwland.example,suspend,FALSE,FALSE,niet aardig,FALSE
al.example,silence,FALSE,FALSE,,FALSE
xn--bcher-kva.example,suspend,FALSE,FALSE,,FALSE
bücher.example,silence,FALSE,FALSE,,FALSE
"""


@pytest.fixture
def pilots(folder):
    done("peer", "add", "nieuwland.example", "--as", "pilot", "--data", folder)
    done("peer", "add", "al.example", "--as", "refused", "--data", folder)
    return folder


def listed(folder):
    return {peer.id: (peer.standing, peer.reason) for peer in found_in(folder, Peer)}


def test_f07_a_list_of_blocks_only_makes_stricter(pilots):
    """Mastodon's export: refuse and limit; what we refused stays so, and a pilot of ours is not others' to judge."""
    file = pilots.with_name("blocks.csv")
    file.write_text(MASTODON)
    before = listed(pilots)
    dry = json.loads(done("peer", "import", file, "--dry-run", "--json", "--data", pilots))
    assert listed(pilots) == before
    real = json.loads(done("peer", "import", file, "--json", "--data", pilots))
    assert dry | {"dry_run": False} == real
    assert [each["domain"] for each in real["changed"]] == [
        "slecht.example",
        "stil.example",
        "xn--bcher-kva.example",
    ]
    assert len(real["skipped"]) == 3
    assert listed(pilots) == before | {
        "slecht.example": (Standing.REFUSED, "Haat, en spam"),
        "stil.example": (Standing.LIMITED, ""),
        "xn--bcher-kva.example": (Standing.REFUSED, ""),
    }
    assert json.loads(done("peer", "import", file, "--json", "--data", pilots))["changed"] == []
    assert done("peer", "import", file, "--data", pilots).startswith("0 of 5 changed")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n\n",
        "# een opmerking\n",
        '"',
        '"a\nb",suspend\n',
        "a" * 5000,
        "\x00\n",
        ",,,,\n",
        "a b,suspend\n",
        "wester.example\n",
        "\ufeff#domain,#severity\n",
    ],
    ids=range(11),
)
def test_f07_what_is_no_list_changes_nothing(content, pilots):
    """Rubbish is left out, and our own name is never blocked."""
    file = pilots.with_name("blocks.csv")
    file.write_text(content)
    before = listed(pilots)
    assert json.loads(done("peer", "import", file, "--json", "--data", pilots))["changed"] == []
    assert listed(pilots) == before


def test_f07_a_plain_list_and_a_bom(pilots):
    """One domain a line is a list too, in any encoding that can be read."""
    file = pilots.with_name("blocks.txt")
    file.write_bytes("\ufeffslecht.example\nook-slecht.example # niet\n".encode() + b"\xff\xfe.example\n")
    changed = json.loads(done("peer", "import", file, "--json", "--data", pilots))["changed"]
    assert [each["domain"] for each in changed] == ["slecht.example"]


def test_f07_a_list_that_never_ends(pilots, monkeypatch):
    """A million lines are refused as a whole."""
    monkeypatch.setattr("web.blocklists.LONGEST", 100)
    file = pilots.with_name("blocks.csv")
    file.write_text("\n".join(f"a{number}.example" for number in range(101)))
    assert "Split it" in refused("peer", "import", file, "--data", pilots)
    assert len(listed(pilots)) == 2


def test_f06_a_refused_server_loses_its_followers(folder):
    """Whoever followed from there is let go, and a no is put in the post."""
    with inside(folder) as store:

        def follow(tx):
            henk = Actor(
                id=tx.new_id(),
                uri="https://slecht.example/u/henk",
                kind=ActorKind.PERSON,
                handle="henk",
                domain="slecht.example",
                name="Henk",
                inbox="https://slecht.example/u/henk/inbox",
                local=False,
            )
            tx.add(henk)
            noor = tx.find(Actor, domain="wester.example")[-1]
            follows.receive(tx, henk, noor, "https://slecht.example/follows/1")

        store.run_now(follow)
    done("peer", "add", "slecht.example", "--as", "refused", "--data", folder)
    assert "publish" in waiting(folder)
    with inside(folder) as store:
        store.run_now(follows.refuse_all, "slecht.example")
    assert found_in(folder, Follow) == []


# one server a folder


def test_a_second_server_on_the_same_folder_is_refused(folder):
    """Two servers on one SQLite file would pull the pilot back and forth between their addresses."""
    config, _ = settings(folder)
    held = serving.hold(config, folder)
    assert held
    with pytest.raises(Sentence, match="already"):
        serving.hold(config, folder)
    held.close()
    again = serving.hold(config, folder)
    assert again
    again.close()


# commands beside a server whose settings were flags


def test_what_a_command_does_is_said_to_others_whatever_the_settings_tell(tmp_path):
    """A pilot that others know tells them of an erasure, also when its address was a flag of the server."""
    folder = set_up(tmp_path / "wester", base_url="https://wester.example")
    done("member", "add", "piet", "--password-stdin", "--data", folder, stdin=f"{PASSWORD}\n")
    with inside(folder) as store:
        store.run_now(peers.decide, "nieuwland.example", Standing.PILOT)

        def stranger(tx):
            tx.add(
                Actor(
                    id=tx.new_id(),
                    uri="https://nieuwland.example/u/henk",
                    kind=ActorKind.PERSON,
                    handle="henk",
                    domain="nieuwland.example",
                    name="Henk",
                    inbox="https://nieuwland.example/inbox",
                    local=False,
                )
            )

        store.run_now(stranger)
    (folder / "vraagbaak.toml").write_text("")
    done("erase", "piet", "--yes", "--data", folder)
    assert "publish" in waiting(folder)


def test_a_member_gets_another_role(folder):
    """All roles are given anew; what is no role or nobody is refused."""
    words = ("--data", folder)
    assert (
        done("member", "role", "noor", "resident", "moderator", *words)
        == "noor is resident, moderator from now on.\n"
    )
    (listed,) = json.loads(done("member", "list", "--json", *words))
    assert listed["roles"] == ["resident", "moderator"]
    assert "no member called" in refused("member", "role", "henk", "steward", *words)
    assert told("member", "role", "noor", *words).exit_code == 2
    assert told("member", "role", "noor", "king", *words).exit_code == 2


def test_a_laboratory_authority_that_is_not_there_is_named_before_anything_starts(folder):
    """The setting and the file are named, and nothing was printed that would not work."""
    said = refused("serve", "--data", folder, VRAAGBAAK_LAB_CA="/nergens/ca.pem")
    assert said == "The setting lab_ca names no file: /nergens/ca.pem"
