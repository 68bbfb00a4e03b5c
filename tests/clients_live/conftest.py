"""Two neighbourhoods that know each other, people in both, and an app of noor in one of them."""

from __future__ import annotations

import contextlib

import pytest

from tests.clients_live.masto import Masto
from tests.clients_live.mastodon_py import MastodonPy
from tests.clients_live.toot import Toot
from tests.web.commanding import done
from tests.web.on_loopback import meet, pilot_in, token_of

CLIENTS = {each.name: each for each in (MastodonPy, Toot, Masto)}


@pytest.fixture(scope="session")
def streets(tmp_path_factory):
    """Two pilots, each trusting the other."""
    with contextlib.ExitStack() as stack:
        found = []
        for slug in ("wester", "ooster"):
            folder = tmp_path_factory.mktemp(slug) / "data"
            found.append(stack.enter_context(contextlib.contextmanager(pilot_in)(folder, slug)))
        meet(*found)
        yield found


@pytest.fixture(scope="session")
def pilot(streets):
    """The neighbourhood that the app is at home in."""
    return streets[0]


@pytest.fixture(scope="session")
def there(streets):
    """The other one."""
    return streets[1]


@pytest.fixture(scope="session")
def sam(pilot):
    """The token of a neighbour of noor's, for a program of theirs."""
    done("member", "add", "sam", "--data", pilot.folder)
    return token_of(pilot, "sam")


@pytest.fixture(scope="session")
def signed_in(pilot, tmp_path_factory):
    """Clients by their name, each started and signed in once."""
    running = {}

    def of(name):
        if name not in running:
            running[name] = CLIENTS[name](pilot, tmp_path_factory.mktemp("client"))
            running[name].sign_in()
        return running[name]

    yield of
    for each in running.values():
        each.end()


@pytest.fixture(params=[MastodonPy.name, Masto.name])
def newcomer(request, pilot, tmp_path):
    """A library of one test, signed in."""
    made = CLIENTS[request.param](pilot, tmp_path)
    try:
        made.sign_in()
        yield made
    finally:
        made.end()


@pytest.fixture(params=list(CLIENTS))
def client(request, signed_in):
    """An app of noor's."""
    return signed_in(request.param)


@pytest.fixture(params=[MastodonPy.name, Masto.name])
def library(request, signed_in):
    """One that can also change what is written, and listen."""
    return signed_in(request.param)
