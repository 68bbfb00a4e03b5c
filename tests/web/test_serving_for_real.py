"""A pilot as people start it: a process of its own, a real port, and other pilots that it really speaks with."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.web.certificates import certificate
from tests.web.commanding import (
    PASSWORD,
    Running,
    Serving,
    done,
    found_in,
    free_port,
    refused_by_process,
    set_up,
    told,
    until,
)
from tests.web.on_loopback import LABORATORY, host_of, meet, token_of
from vraagbaak.model import Actor, Invite, Member, Pilot, Question, Role

API = "/api/vraagbaak/v1"


# One pilot


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """A first start, by somebody who only tries it out."""
    with Serving(tmp_path_factory.mktemp("trial") / "data", VRAAGBAAK_LOG_LEVEL="debug") as pilot:
        yield pilot


def test_a_first_start_makes_everything_and_tells_where_it_is(trial):
    """The first `serve` makes its folder, for its owner only, and prints a line each: address, way in, data, going public."""
    address, link, folder, public = trial.said.splitlines()
    assert address == f"Vraagbaak is at  http://localhost:{trial.port}"
    assert re.fullmatch(
        rf"Become its steward \(1 hour\):  http://localhost:{trial.port}/welkom/[\w-]{{43}}", link
    )
    assert folder == f"Everything it keeps is in  {trial.folder}"
    assert public.startswith("Nobody else can reach it yet. To go public: set base_url to your https address")
    assert stat.S_IMODE(trial.folder.stat().st_mode) == 0o700
    files = [path for path in trial.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"vraagbaak.db", "vraagbaak.toml"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_steward_comes_in_by_a_link_that_works_once(trial):
    """Who opens the printed link fills in a name and a password, is the steward, and the link is of no more use."""
    path = re.search(r"/welkom/[\w-]+", trial.said)[0]
    (invite,) = found_in(trial.folder, Invite)
    assert invite.expires_at - datetime.now(UTC) < timedelta(hours=1)
    form = {"handle": "Noor", "name": "Noor", "password": PASSWORD, "language": "nl"}
    with httpx.Client(base_url=trial.address, trust_env=False) as browser:
        assert 'name="password"' in browser.get(path).text
        joined = browser.post(path, data=form)
        assert (joined.status_code, joined.headers["location"]) == (303, "/mij?gedaan=beheerder")
        assert browser.get("/nakijken").status_code == 200
        assert 'value="steward"' in browser.get("/mij/uitnodigen").text
    assert trial.ask("GET", path).status_code == 404
    assert trial.ask("POST", path, data=form | {"handle": "bram"}).status_code == 404
    people = json.loads(done("member", "list", "--json", "--data", trial.folder))
    assert {"name": "noor", "roles": ["steward"], "language": "nl"} in people
    assert "bram" not in {each["name"] for each in people}
    assert path.rsplit("/", 1)[1] not in trial.err.read_text()
    assert PASSWORD not in trial.err.read_text()


def sockets_of(process_id: int) -> set[tuple[str, str, int, bool]]:
    """Every network socket of a process, as the kernel knows it: (kind, address, port, whether it only listens)."""
    place = Path("/proc") / str(process_id)
    own = set()
    for link in (place / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed while we looked
            own.add(link.readlink().name)
    found = set()
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in (place / "net" / kind).read_text().splitlines()[1:]:
            parts = line.split()
            if f"socket:[{parts[9]}]" in own:
                address, port = parts[1].split(":")
                found.add((kind, address, int(port, 16), parts[3] == "0A"))
    return found


def test_i12_nothing_else_is_opened_and_nobody_is_called(trial):
    """A trial listens on one port of 127.0.0.1 and on nothing else, and connects to nobody, also while it is used."""
    done("member", "add", "stil", "--data", trial.folder, "--password-stdin", stdin=f"{PASSWORD}\n")
    done("peer", "add", "nieuwland.example", "--as", "pilot", "--data", trial.folder)
    token, loopback = token_of(trial, "stil"), "0100007F"
    seen = sockets_of(trial.process.pid)
    assert ("tcp", loopback, trial.port, True) in seen
    for scope in ("public", "pilots"):
        trial.api("POST", "/questions", token, json={"title": f"Wie ziet dit? {scope}", "scope": scope})
        seen |= sockets_of(trial.process.pid)
    for path in ("/", "/vragen", "/hulp", "/proeftuinen", "/readyz"):
        assert trial.ask("GET", path).status_code == 200
        seen |= sockets_of(trial.process.pid)
    assert {found[:3] for found in seen} == {("tcp", loopback, trial.port)}
    assert json.loads(done("stats", "--json", "--data", trial.folder))["jobs"] == {}


def test_who_reads_gets_no_cookie_and_leaves_no_trace(trial):
    """Pages set no cookie before somebody signs in, and neither addresses nor what was asked for go to the log."""
    who = {"User-Agent": "kastanje", "Referer": "http://kastanje.example/"}
    for path in ("/", "/vragen?onderwerp=kastanje", "/nergens/kastanje", f"{API}/questions?topic=kastanje"):
        assert "set-cookie" not in trial.ask("GET", path, headers=who).headers
    assert "kastanje" not in trial.err.read_text()
    assert "127.0.0.1" not in trial.err.read_text()


def test_a_trial_lives_at_the_port_it_was_given(trial):
    """`--port` is the address of a trial when no `base_url` was set, and commands beside it find and leave it there."""
    done("member", "add", "fatma", "--data", trial.folder, "--password-stdin", stdin=f"{PASSWORD}\n")
    made = {"title": "Werkt dit nog?", "scope": "public"}
    url = trial.api("POST", "/questions", token_of(trial, "fatma"), json=made)["url"]
    assert url.startswith(f"http://localhost:{trial.port}/v/")
    assert trial.ask("GET", "/u/fatma").status_code == 200


def test_a_port_in_use_is_said_at_once(trial, tmp_path):
    """A second server on the same port ends with one sentence, and does not touch the first."""
    said = refused_by_process("serve", "--data", tmp_path / "other", "--port", trial.port)
    assert said.startswith(f"Port {trial.port} on 127.0.0.1 cannot be used")
    assert not (tmp_path / "other" / "vraagbaak.db").exists()
    assert trial.ask("GET", "/readyz").status_code == 200


def test_a_second_start_keeps_everything_and_lets_nobody_in(tmp_path):
    """What was there is there again, under a new address if asked for; with a steward there no link is printed."""
    folder = set_up(tmp_path / "data", base_url="http://localhost:8000")
    settings = (folder / "vraagbaak.toml").read_bytes()
    with Serving(folder) as pilot:
        token = token_of(pilot)
        made = pilot.api("POST", "/questions", token, json={"title": "Is dit er morgen nog?"})
        assert pilot.stop(signal.SIGTERM) == 0
    with Serving(folder, "--base-url", "http://wester.localhost") as pilot:
        found = pilot.api("GET", f"/questions/{made['id']}", token)
        assert (found["title"], found["url"]) == (made["title"], f"http://wester.localhost/v/{made['id']}")
        assert "welkom" not in pilot.said
        assert pilot.said.startswith("Wester is at  http://wester.localhost\n") or pilot.said.startswith(
            "Vraagbaak"
        )
        assert len(pilot.said.splitlines()) == 3
    assert (folder / "vraagbaak.toml").read_bytes() == settings
    assert found_in(folder, Invite) == []


def test_it_stops_when_asked_and_keeps_its_jobs(tmp_path):
    """Ctrl-C ends it well and quickly, also while another server lets it wait; what was to be done stays in the queue."""
    folder = laboratory(tmp_path / "data", "wester", free_port())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nowhere = f"silent.localhost:{silent.getsockname()[1]}"
        done("peer", "add", nowhere, "--as", "pilot", "--data", folder)
        with Serving(folder, port=port_of(folder)) as pilot:
            silent.settimeout(20)
            waiting, _ = silent.accept()
            started = time.monotonic()
            assert pilot.stop() == 0
            assert time.monotonic() - started < 10
            waiting.close()
    assert "Aborted" not in pilot.err.read_text()
    assert "Traceback" not in pilot.err.read_text()
    assert json.loads(done("stats", "--json", "--data", folder))["jobs"] == {"meet waiting": 1}
    for name in ("lab_networks", "lab_http", "lab_clock", "lab_limits"):
        assert f"WARNING vraagbaak: laboratory setting {name}=" in pilot.err.read_text()


# TLS without a proxy, and the check from outside


def test_a_check_looks_at_the_pilot_from_outside(tmp_path):
    """With an https address `check` asks the pilot itself: who answers there, the certificate, and the clock."""
    port = free_port()
    certificate_file, key = certificate(tmp_path, "wester.localhost", "ooster.localhost")
    folder = set_up(tmp_path / "data", base_url="http://localhost:1")
    with (folder / "vraagbaak.toml").open("a") as file:
        file.write(
            f'{LABORATORY}lab_ca = "{certificate_file}"\nmeeting_place = "a"\nsteward_name = "b"\ncontact = "c"\n'
        )
    text = (folder / "vraagbaak.toml").read_text()
    text = text.replace('base_url = "http://localhost:1"', f'base_url = "https://wester.localhost:{port}"')
    (folder / "vraagbaak.toml").write_text(text)

    def findings(**settings: str) -> dict[str, tuple[bool, str]]:
        listed = json.loads(told("check", "--json", "--data", folder, **settings).stdout)
        return {each["what"]: (each["well"], each["text"]) for each in listed}

    words = ["--tls-cert", certificate_file, "--tls-key", key]
    with Serving(folder, *words, port=port, scheme="https"):
        found = findings()
        assert found["public"][0], found
        assert re.fullmatch(rf"https://wester\.localhost:{port} answers in \d+ ms", found["public"][1])
        assert found["clock"][0]
        assert found["secrets"] == (True, "only the owner can read them")
        assert not found["settings"][0]  # because of the laboratory
        assert findings(VRAAGBAAK_LAB_CA="")["public"] == (
            False,
            "the certificate is not valid for this name: renew it, or look at the proxy",
        )
        assert findings(VRAAGBAAK_LAB_NETWORKS="")["public"][0] is False
        another = f"https://ooster.localhost:{port}"
        assert findings(VRAAGBAAK_BASE_URL=another)["public"] == (
            False,
            f"something else answers at {another} (200)",
        )
    assert findings()["public"] == (
        False,
        "nothing listens at this address: is the proxy running, and port 443 open?",
    )


# Two pilots


def laboratory(folder: Path, slug: str, port: int, *more: object) -> Path:
    """The folder of a pilot that federates over plain http with others on this machine."""
    set_up(folder, slug, *more, base_url=f"http://{slug}.localhost:{port}")
    with (folder / "vraagbaak.toml").open("a") as file:
        file.write(LABORATORY)
    return folder


def port_of(folder: Path) -> int:
    return int(host_of(folder).partition(":")[2])


def titled(pilot: Serving, token: str, title: str) -> dict | None:
    return next((each for each in pilot.api("GET", "/questions", token) if each["title"] == title), None)


def ask_there_and_back(west: Serving, east: Serving) -> None:
    """A question of noor in west is answered by noor in east, helps, and is withdrawn: both sides see all of it."""
    here, there = token_of(west), token_of(east)
    title = "Wie gaat er mee naar de dokter?"
    asked = west.api("POST", "/questions", here, json={"title": title, "scope": "pilots"})
    arrived = east.until(lambda: titled(east, there, title), "the question there")
    assert (arrived["pilot"], arrived["scope"]) == ("wester", "pilots")
    said = {"question": arrived["id"], "body": "Ik ga mee.", "perspective": "resident"}
    east.api("POST", "/answers", there, json=said)

    def back_home():
        return west.api("GET", f"/questions/{asked['id']}", here)["answers"]

    (answer,) = west.until(back_home, "the answer here")
    assert (answer["body"], answer["pilot"]) == ("Ik ga mee.", "ooster")
    helped = {"answer": answer["id"], "mark": "helped"}
    west.api("POST", f"/questions/{asked['id']}/helped", here, json=helped)

    def known_there():
        return east.api("GET", f"/questions/{arrived['id']}", there)["answers"][0]["helped"]

    east.until(known_there, "the word that it helped")
    west.ask("DELETE", f"{API}/questions/{asked['id']}", headers={"Authorization": f"Bearer {here}"})
    east.until(lambda: titled(east, there, title) is None, "the withdrawal there")
    assert [each["pilot"] for each in east.api("GET", "/questions", there)] == ["ooster"]
    assert east.ask("GET", f"{API}/questions").json() == []


def test_two_pilots_answer_each_other_over_http(tmp_path):
    """Two servers that trust each other meet, and share a question, its answer, that it helped, and its end."""
    west, east = (laboratory(tmp_path / slug, slug, free_port()) for slug in ("wester", "ooster"))
    with Serving(west, port=port_of(west)) as one, Serving(east, port=port_of(east)) as other:
        meet(one, other)
        ask_there_and_back(one, other)
        assert {each.name for each in found_in(west, Pilot)} == {"Wester", "Ooster"}
        assert one.stop() == other.stop() == 0
        assert "Traceback" not in one.err.read_text() + other.err.read_text()
    for folder in (west, east):
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}


@pytest.mark.postgres
def test_several_processes_are_one_pilot_on_postgresql(fresh_postgres_url, tmp_path):
    """On PostgreSQL two web processes and two workers beside them serve one pilot that federates with another."""
    west = laboratory(tmp_path / "wester", "wester", free_port(), "--database", fresh_postgres_url)
    east = laboratory(tmp_path / "ooster", "ooster", free_port())
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "vraagbaak.toml").write_text(LABORATORY)
    (west / "secrets").mkdir(mode=0o700)
    (tmp_path / "worker" / "secrets").symlink_to(west / "secrets")
    words = ["--processes", 2, "--no-worker", "--name", "Anders"]
    working = ["work", "--processes", 2, "--database", fresh_postgres_url]
    with (
        Serving(west, *words, port=port_of(west)) as one,
        Serving(east, port=port_of(east)) as other,
        Running(tmp_path / "worker", *working) as workers,
    ):
        for _ in range(4):  # whichever process answers, the flags count
            assert one.ask("GET", "/readyz").json()["worker"] == "none in this process"
            assert "Anders" in one.ask("GET", "/b/wester").text
        assert len(children(one.process.pid)) >= 2
        meet(one, other)
        ask_there_and_back(one, other)
        assert one.stop() == workers.stop() == 0
        assert "Traceback" not in one.err.read_text() + workers.err.read_text()
        until(lambda: children(one.process.pid) == [], "the end of its processes")


def children(process_id: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parts[1]) == process_id and parts[0] != "Z":
            found.append(int(status.parent.name))
    return found


# The demonstration


def test_the_demonstration_shows_two_pilots_and_stops(tmp_path):
    """`demo` starts two pilots with content that meet each other, tells who one can be, and Ctrl-C stops both well."""
    port = free_port()
    with Running(tmp_path / "demo", "demo", "--port", port) as demo:
        demo.until(lambda: "Ctrl-C stops both." in demo.said, "the introduction")
        assert re.search(r"Password for all: \S+", demo.said)
        for slug, number in (("westerpark", port), ("nieuwland", port + 1)):
            assert f"http://{slug}.localhost:{number}" in demo.said
            answer = httpx.get(f"http://127.0.0.1:{number}{API}/questions", trust_env=False)
            assert answer.json()
        demo.until(lambda: len(found_in(tmp_path / "demo" / "westerpark", Pilot)) == 2, "the meeting")
        assert demo.stop() == 0
        assert "Traceback" not in demo.err.read_text()
    people = found_in(tmp_path / "demo" / "westerpark", Member)
    assert [each.handle for each in people if Role.STEWARD in each.roles] == ["lien"]
    assert any(not each.local for each in found_in(tmp_path / "demo" / "westerpark", Actor))
    assert any(each.local for each in found_in(tmp_path / "demo" / "nieuwland", Question))
