"""Settings: one meaning from three places, an order between them, and one sentence for what cannot be."""

from __future__ import annotations

import tomllib
from dataclasses import FrozenInstanceError, fields

import pytest

from vraagbaak import config
from vraagbaak.config import BadSetting, Config, load

VALUES = {
    "base_url": ("https://Westerpark.example/", "https://westerpark.example"),
    "name": ("  Westerpark ", "Westerpark"),
    "slug": ("westerpark", "westerpark"),
    "city": ("Amsterdam", "Amsterdam"),
    "port": ("9000", 9000),
    "worker": ("off", False),
    "moderate_outside": ("0", False),
    "moderate_anonymous": ("No", False),
    "languages": (" en , nl", ("en", "nl")),
    "trusted_proxies": ("127.0.0.1,10.0.0.0/8", ("127.0.0.1", "10.0.0.0/8")),
    "database": ("postgresql://u:p@h/n", "postgresql://u:p@h/n"),
    "log_level": ("debug", "debug"),
    "lab_http": ("yes", True),
    "lab_clock": ("60", 60),
}
BAD = {
    "base_url": [
        "westerpark.example",
        "ftp://westerpark.example",
        "javascript:alert(1)",
        "https://",
        "https://westerpark.example/pad",
        "https://westerpark.example?x",
        "https://westerpark.example#x",
        "https://noor@westerpark.example",
        "https://westerpark.example:8443",
        "http://westerpark.example:0",
        "http://westerpark.example:99999",
        "http://westerpark.example:x",
        "http://[::1",
        "https://münchen.example",
        "https://west erpark.example",
        "https://westerpark.example.",
    ],
    "name": ["", " "],
    "slug": ["", "Wester Park", "WESTER", "-wester", "wester-", "x" * 41, "wester/../b", "wéster"],
    "languages": ["", "de", "nl,de"],
    "log_level": ["", "INFO", "loud"],
    "port": ["0", "-1", "65536", "80.5", "eighty", ""],
    "worker": ["maybe", "2", ""],
    "reader_threads": ["0", "-4"],
    "key_cache": ["0"],
    "database": ["mysql://x", "/var/db", "sqlite://x"],
    "trusted_proxies": ["everybody", "10.0.0.0/33", "10.0.0.1;10.0.0.2"],
    "lab_networks": ["127.0.0.0/99", "loopback"],
    "lab_clock": ["0", "-1"],
    "lab_limits": ["yes", ""],
}


def written(folder, **values):
    """A settings file with these values."""
    lines = [f"{name} = {config._quoted(value)}" for name, value in values.items()]
    (folder / config.FILE_NAME).write_text("\n".join(lines), encoding="utf-8")


def in_environment(values):
    return {f"VRAAGBAAK_{name.upper()}": value for name, value in values.items()}


def test_flags_environment_and_file_give_the_same(tmp_path):
    """Whatever way a value comes in, it means the same, and where it came from is known."""
    given = {name: value for name, (value, _) in VALUES.items()}
    by_flag, flags = load(tmp_path, given, {})
    by_environment, environment = load(tmp_path, {}, in_environment(given))
    written(tmp_path, **given)
    by_file, file = load(tmp_path, {}, {})
    assert by_flag == by_environment == by_file
    assert {name: getattr(by_file, name) for name in VALUES} == {
        name: made for name, (_, made) in VALUES.items()
    }
    for sources, source in ((flags, "flag"), (environment, "environment"), (file, "file")):
        assert {sources[name] for name in VALUES} == {source}
        assert {sources[spec.name] for spec in fields(Config)} == {source, "default"}


def test_a_file_may_use_its_own_types(tmp_path):
    """Numbers, lists and true or false as TOML writes them."""
    text = 'port = 9000\nworker = false\nlanguages = ["en", "nl"]\ntrusted_proxies = []'
    (tmp_path / config.FILE_NAME).write_text(text)
    made, _ = load(tmp_path, {}, {})
    assert (made.port, made.worker, made.languages, made.trusted_proxies) == (9000, False, ("en", "nl"), ())


def test_flags_win_over_environment_over_file_over_default(tmp_path):
    """One by one, the nearest to whoever starts the server counts; a flag that was not given does not."""
    assert load(tmp_path, {"name": None}, {})[0].name == Config().name
    written(tmp_path, name="File")
    assert load(tmp_path, {"name": None}, {})[0].name == "File"
    environment = in_environment({"name": "Environment"})
    assert load(tmp_path, {"name": None}, environment)[0].name == "Environment"
    made, sources = load(tmp_path, {"name": "Flag"}, environment)
    assert (made.name, sources["name"]) == ("Flag", "flag")


@pytest.mark.parametrize("name", ["nmae", "Name", "", "home", "federates", "__class__", "lab"])
def test_an_unknown_setting_is_refused_wherever_it_stands(tmp_path, name):
    """A typing mistake never goes unseen: one sentence that names it, from every place."""
    with pytest.raises(BadSetting) as by_flag:
        load(tmp_path, {name: "x"}, {})
    if name != "Name":  # letters in the environment have one case
        with pytest.raises(BadSetting):
            load(tmp_path, {}, in_environment({name: "x"}))
    (tmp_path / config.FILE_NAME).write_text(f'"{name}" = "x"')
    with pytest.raises(BadSetting) as by_file:
        load(tmp_path, {}, {})
    assert str(by_flag.value) == str(by_file.value)
    assert f"'{name}'" in str(by_flag.value)
    assert "\n" not in str(by_flag.value)


def test_what_is_not_ours_in_the_environment_is_left_alone(tmp_path):
    """Other programs' variables, and the name of the data folder, are no settings."""
    made, _ = load(tmp_path, {}, {"VRAAGBAAK_DATA": "/data", "PATH": "/bin", "XVRAAGBAAK_NAME": "x"})
    assert made == Config()


def test_a_value_that_cannot_be_is_refused_from_every_place(tmp_path):
    """With the same one sentence, never with a guess or a stack of calls."""
    for name, values in BAD.items():
        for value in values:
            with pytest.raises(BadSetting) as by_flag:
                load(tmp_path, {name: value}, {})
            with pytest.raises(BadSetting) as by_environment:
                load(tmp_path, {}, in_environment({name: value}))
            assert str(by_flag.value) == str(by_environment.value)
            assert "\n" not in str(by_flag.value)


def test_every_bad_value_would_be_found_alone(tmp_path):
    """Nothing else in a settings of only defaults is at fault."""
    config.check(Config())
    assert load(tmp_path, {}, {}) == (Config(), {spec.name: "default" for spec in fields(Config)})


@pytest.mark.parametrize(
    "text",
    ["port = ", "name = 5", "worker = 7", "[name]\nx = 1", "port = [1]", "languages = 5", "port = true"],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, text):
    """Broken TOML, and types that a setting cannot have."""
    (tmp_path / config.FILE_NAME).write_text(text)
    with pytest.raises(BadSetting):
        load(tmp_path, {}, {})


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    """Other bytes than UTF-8, and a folder in its place; no file at all is fine."""
    path = tmp_path / config.FILE_NAME
    assert config.read_file(path) == {}
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(BadSetting, match="cannot be read"):
        config.read_file(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(BadSetting, match="cannot be read"):
        config.read_file(path)


def test_laboratory_settings_are_named_when_they_are_on():
    """Each that is not at its default is listed, and nothing else is."""
    assert Config().lab_settings == ()
    laboratory = {spec.name for spec in fields(Config) if spec.metadata["lab"]}
    assert laboratory == {spec.name for spec in fields(Config) if spec.name.startswith("lab_")}
    on = Config(
        lab_networks=("127.0.0.0/8",), lab_ca="/ca.pem", lab_http=True, lab_clock=60, lab_limits="off", port=1
    )
    assert set(on.lab_settings) == laboratory


@pytest.mark.parametrize(
    ("settings", "federates"),
    [
        ({}, False),
        ({"base_url": "http://westerpark.example"}, False),
        ({"base_url": "https://westerpark.example"}, True),
        ({"base_url": "http://wester.localhost:8001", "lab_http": True}, True),
    ],
)
def test_a_server_speaks_to_others_under_https_only(settings, federates):
    """Plain http is for one machine in a laboratory."""
    made = Config(**settings)
    config.check(made)
    assert made.federates is federates


def test_a_port_in_the_address_is_for_laboratories(tmp_path):
    """Other servers refuse ids with a port."""
    given = {"base_url": "https://westerpark.example:8443"}
    with pytest.raises(BadSetting, match="port"):
        load(tmp_path, given, {})
    assert load(tmp_path, given | {"lab_http": True}, {})[0].federates


def test_the_domain_gets_the_part_it_needs():
    """Name, address and rules of review; no database, no secrets."""
    made = Config(base_url="https://w.example", name="W", slug="w", languages=("nl",), moderate_outside=False)
    home = made.home
    assert (home.base_url, home.name, home.slug, home.languages) == ("https://w.example", "W", "w", ("nl",))
    assert (home.moderate_outside, home.moderate_anonymous) == (False, True)


def test_settings_do_not_change_while_the_server_runs():
    """A value is what it was at start."""
    with pytest.raises(FrozenInstanceError):
        Config().name = "x"


def test_every_setting_has_help_and_an_example_that_works():
    """What the reference shows can be used as it stands."""
    for spec in fields(Config):
        assert len(spec.metadata["help"]) > 10
        config.parse(spec.name, spec.metadata["example"])


def test_an_explained_file_is_one_that_can_be_used(tmp_path):
    """With every example switched on it still loads; what was given is in it, however it is quoted."""
    name = 'De "Wester"\\park\n# port = 1'
    text = config.explained({"name": name})
    assert tomllib.loads(text) == {"name": name}
    (tmp_path / config.FILE_NAME).write_text(text, encoding="utf-8")
    assert load(tmp_path, {}, {})[0].name == name
    switched_on = "\n".join(
        line.removeprefix("# ") for line in config.explained().split("\n") if " = " in line
    )
    (tmp_path / config.FILE_NAME).write_text(switched_on, encoding="utf-8")
    made, sources = load(tmp_path, {}, {})
    assert made.lab_settings == ()
    assert set(sources.values()) == {"file", "default"}
