"""The demonstration keeps its hands off what is somebody's own, and starts whatever was done in it."""

from __future__ import annotations

import json

import pytest

from tests.web.commanding import done, found_in, refused
from vraagbaak.model import Member, Question
from web.commands import demo
from web.commands.common import Sentence

PORT = 8731


@pytest.fixture
def place():
    return demo.places(PORT)[0]


@pytest.fixture
def home(tmp_path, place):
    """The folder of one pilot of the demonstration, filled."""
    made = tmp_path / place.slug
    made.mkdir(mode=0o700)
    demo.write_settings(place, made)
    demo.filled(place, made).close()
    return made


def test_beginning_anew_throws_away_only_what_the_demonstration_made(home, tmp_path):
    """Other files beside the two pilots stay, and so does the folder around them."""
    (tmp_path / "letter.txt").write_text("precious")
    demo.clear(home, False)
    assert home.exists()
    demo.clear(home, True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("fresh", [True, False])
def test_a_folder_that_the_demonstration_did_not_make_is_left_alone(tmp_path, fresh):
    """Also when it has the name of one of its pilots: it is refused, and nothing in it changes."""
    (tmp_path / "westerpark").mkdir()
    (tmp_path / "westerpark" / "letter.txt").write_text("precious")
    with pytest.raises(Sentence):
        demo.clear(tmp_path / "westerpark", fresh)
    words = ["demo", "--data", tmp_path, "--port", PORT, *(["--fresh"] if fresh else [])]
    assert "was not made by the demonstration" in refused(*words)
    assert [path.name for path in tmp_path.rglob("*")] == ["westerpark", "letter.txt"]


def test_the_demonstration_starts_again_after_somebody_was_erased(home, place, capsys):
    """Who was erased stays away, everybody else is there, and nothing is loaded twice."""
    done("erase", "toos", "--yes", "--data", home)
    left = len(found_in(home, Question))
    assert left > 0
    demo.filled(place, home).close()
    assert "toos was erased here" in capsys.readouterr().err
    assert len(found_in(home, Question)) == left
    assert {"lien"} <= {each.handle for each in found_in(home, Member) if each.password_hash}


def test_every_command_works_in_a_folder_of_the_demonstration(home, place):
    """The settings that it runs with stand in the folder, and the pilot keeps its name."""
    settings = {row["name"]: row for row in json.loads(done("config", "--json", "--data", home))}
    config = place.config()
    for name, row in settings.items():
        value = getattr(config, name)
        assert row["value"] == (list(value) if isinstance(value, tuple) else value), name
    assert "toos" in done("member", "list", "--data", home)
    assert done("invite", "--data", home).startswith(f"http://westerpark.localhost:{PORT}/welkom/")
