"""Every setting: its default, its help, and where its value came from.

Flags win over `VRAAGBAAK_*` in the environment, that over `vraagbaak.toml` in the data folder, that over the
default. An unknown key or an unreadable value is one clear sentence (`BadSetting`), never a guess.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vraagbaak import mail_settings
from vraagbaak.model import Home

ENVIRONMENT_PREFIX = "VRAAGBAAK_"
FILE_NAME = "vraagbaak.toml"
# Everybody's ids begin with it: in ASCII, with a host and no more (federation.md 1.5).
_BASE_URL = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)


class BadSetting(Exception):  # noqa: N818 - reads as what it is at the call site
    """A setting cannot be used. Its text is one sentence for whoever starts the server."""


def setting(default: Any, text: str, example: str, *, lab: bool = False) -> Any:
    """A field of Config with its help. `lab` settings are for one machine in a laboratory only."""
    metadata = {"help": text, "example": example, "lab": lab}
    if isinstance(default, tuple):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings of one server. Lists are written with commas in flags and environment."""

    base_url: str = setting(
        "http://localhost:8000",
        "The address people and other servers use. Federation is on once it is https (or lab_http is on).",
        "https://westerpark.example",
    )
    name: str = setting("Vraagbaak", "The name of the neighbourhood.", "Westerpark")
    slug: str = setting("buurt", "The neighbourhood in links: /b/SLUG and @SLUG@host.", "westerpark")
    city: str = setting("", "The town the neighbourhood is in.", "Amsterdam")
    focus: str = setting("", "The speerpunt: where this pilot is ahead and helps the others.", "Wijkcentrum")
    meeting_place: str = setting("", "The wal-adres: where people can walk in.", "De Wegwijzer, Dorpsplein 1")
    hours: str = setting("", "When the meeting place is open.", "ma t/m vr 9-17")
    steward_name: str = setting(
        "", "Who carries this Vraagbaak; shown on the page 'Wie beheert dit'.", "Noor"
    )
    contact: str = setting("", "How to reach the steward; shown publicly.", "vraagbaak@westerpark.example")
    database: str = setting(
        "",
        "Empty for SQLite in the data folder, or postgresql://user:password@host/name.",
        "postgresql://vraagbaak@localhost/vraagbaak",
    )
    media: str = setting(
        "", "Folder for pictures, of this pilot alone; empty for media/ in the data folder.", "/srv/media"
    )
    host: str = setting("127.0.0.1", "The address to listen on.", "0.0.0.0")  # noqa: S104 - an example
    port: int = setting(8000, "The port to listen on.", "8000")
    languages: tuple[str, ...] = setting(("nl", "en"), "Languages of the interface, best first.", "nl,en")
    smtp_url: str = setting(
        "",
        "The server that mail leaves by; empty for no mail at all.",
        "smtp://user:password@mail.example:587",
    )
    mail_from: str = setting(
        "", "The sender of mail; empty for vraagbaak@ the host of base_url.", "vraagbaak@westerpark.example"
    )
    mail_when: str = setting("friday 9", "Day and hour of the weekly mail, within an hour.", "sunday 17")
    moderate_anonymous: bool = setting(
        True,
        "Whether what is asked without an account waits for review before others see it.",
        "true",
    )
    anonymous_delay: int = setting(
        15,
        "The most minutes that what is asked without an account waits before it leaves for other servers: "
        "a chance from 2 up to this many, so that times say nothing; 0 for at once.",
        "15",
    )
    moderate_outside: bool = setting(
        True, "Whether posts from servers that are not pilots wait for review.", "true"
    )
    known_only: bool = setting(
        False, "Whether only servers that `peer add` names as pilot, open or limited are spoken with.", "true"
    )
    trusted_proxies: tuple[str, ...] = setting(
        (), "Addresses whose X-Forwarded-* headers are believed.", "127.0.0.1,10.0.0.2"
    )
    log_level: str = setting("info", "How much is logged: debug, info, warning or error.", "info")
    metrics_token: str = setting(
        "", "Who sends this as a Bearer token may read /metrics; empty for nobody.", "a-long-random-text"
    )
    worker: bool = setting(True, "Whether this process also does the background work.", "true")
    reader_threads: int = setting(4, "Threads that read from the database at the same time.", "4")
    key_cache: int = setting(5000, "How many public keys of others are kept loaded.", "5000")
    lab_networks: tuple[str, ...] = setting(
        (), "Private networks that outgoing requests may reach.", "127.0.0.0/8", lab=True
    )
    lab_ca: str = setting("", "An extra CA file for outgoing TLS.", "/tmp/ca.pem", lab=True)  # noqa: S108
    lab_http: bool = setting(False, "Peers over plain http, with a port in the id.", "true", lab=True)
    lab_clock: int = setting(1, "Retry delays are divided by this.", "60", lab=True)
    lab_limits: str = setting("on", "off: no rate limits.", "off", lab=True)

    @property
    def mails(self) -> bool:
        """Whether people can ask for mail."""
        return bool(self.smtp_url)

    @property
    def sender(self) -> str:
        """The address that mail comes from."""
        return self.mail_from or f"vraagbaak@{urlsplit(self.base_url).hostname}"

    @property
    def federates(self) -> bool:
        """Whether this server speaks to others: an https name, or a laboratory over http."""
        return self.base_url.startswith("https://") or self.lab_http

    @property
    def title(self) -> str:
        """How this Vraagbaak is called in full; before it has a name of its own just that."""
        return f"Vraagbaak {self.name}" if self.is_named else "Vraagbaak"

    @property
    def is_named(self) -> bool:
        """Whether somebody gave the neighbourhood its name."""
        return bool(self.name != default_of("name"))

    @property
    def unset(self) -> tuple[str, ...]:
        """What neighbours would miss that nobody filled in yet, by the names of the settings."""
        missing = () if self.is_named else ("name",)
        shown = ("meeting_place", "hours", "steward_name", "contact")
        return (*missing, *(name for name in shown if not getattr(self, name)))

    @property
    def home(self) -> Home:
        """The part that the domain needs to know."""
        return Home(
            base_url=self.base_url,
            name=self.name,
            slug=self.slug,
            city=self.city,
            languages=self.languages,
            moderate_anonymous=self.moderate_anonymous,
            moderate_outside=self.moderate_outside,
            known_only=self.known_only,
            anonymous_delay=self.anonymous_delay,
        )

    def media_folder(self, folder: Path) -> Path:
        """Where pictures are kept, for a pilot with this data folder."""
        return Path(self.media) if self.media else folder / "media"

    @property
    def lab_settings(self) -> tuple[str, ...]:
        """The laboratory settings that are not at their default, to be named in the log at start."""
        return tuple(
            spec.name
            for spec in fields(self)
            if spec.metadata["lab"] and getattr(self, spec.name) != default_of(spec.name)
        )


def default_of(name: str) -> Any:
    """The default of one setting."""
    spec = next(spec for spec in fields(Config) if spec.name == name)
    if spec.default_factory is not MISSING:
        return spec.default_factory()
    return spec.default


def parse(name: str, given: object) -> Any:
    """One value as its setting wants it. `given` is text (flag, environment) or a TOML value.

    Raises BadSetting with a sentence that names the setting and shows an example.
    """
    spec = next((spec for spec in fields(Config) if spec.name == name), None)
    if spec is None:
        raise BadSetting(f"There is no setting called '{name}'. See: vraagbaak config --explain")
    default = default_of(name)
    wrong = BadSetting(f"The setting '{name}' cannot be {given!r}. Example: {spec.metadata['example']}")
    if isinstance(default, bool):
        if isinstance(given, bool):
            return given
        known = {"true": True, "1": True, "on": True, "yes": True}
        known |= {"false": False, "0": False, "off": False, "no": False}
        value = known.get(str(given).strip().lower())
        if value is None:
            raise wrong
        return value
    if isinstance(default, int):
        try:
            return int(str(given))
        except ValueError:
            raise wrong from None
    if isinstance(default, tuple):
        parts = given if isinstance(given, (list, tuple)) else str(given).split(",")
        return tuple(str(part).strip() for part in parts if str(part).strip())
    if not isinstance(given, str):
        raise wrong
    return given.strip()


def load(
    folder: Path, flags: Mapping[str, object], environment: Mapping[str, str]
) -> tuple[Config, dict[str, str]]:
    """The settings, and for each where its value came from (`flag`, `environment`, `file`, `default`).

    `folder` is the data folder; a flag that is None was not given. Raises BadSetting.
    """
    values: dict[str, Any] = {}
    sources = {spec.name: "default" for spec in fields(Config)}

    def take(name: str, given: object, source: str) -> None:
        values[name] = parse(name, given)
        sources[name] = source

    for name, given in read_file(folder / FILE_NAME).items():
        take(name, given, "file")
    for key, text in environment.items():
        if key.startswith(ENVIRONMENT_PREFIX) and key != f"{ENVIRONMENT_PREFIX}DATA":
            take(key.removeprefix(ENVIRONMENT_PREFIX).lower(), text, "environment")
    for name, flag in flags.items():
        if flag is not None:
            take(name, flag, "flag")
    config = Config(**{name: _plain(name, value) for name, value in values.items()})
    check(config)
    return config, sources


def explained(given: Mapping[str, str] | None = None) -> str:
    """The text of a `vraagbaak.toml`: every setting with its help and an example, those `given` filled in."""
    lines = ["# All settings of this Vraagbaak. Take away a # to change one; then start it again.", ""]
    for spec in fields(Config):
        if spec.metadata["lab"]:
            continue
        chosen = (given or {}).get(spec.name)
        example = _toml(default_of(spec.name), spec.metadata["example"])
        lines += [f"# {spec.metadata['help']}"]
        lines += [
            f"{spec.name} = {_quoted(chosen)}" if chosen is not None else f"# {spec.name} = {example}",
            "",
        ]
    return "\n".join(lines)


def _toml(default: Any, example: str) -> str:
    """An example as TOML writes it."""
    if isinstance(default, (bool, int)):
        return example
    if isinstance(default, tuple):
        return f"[{', '.join(_quoted(part) for part in example.split(','))}]"
    return _quoted(example)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def _plain(name: str, value: Any) -> Any:
    return value.rstrip("/").lower() if name == "base_url" else value


def read_file(path: Path) -> dict[str, object]:
    """What `vraagbaak.toml` says; empty when there is none. Raises BadSetting."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise BadSetting(f"{path} cannot be read: {fault}") from fault


def check(config: Config) -> None:
    """Refuse combinations that cannot work. Raises BadSetting."""
    parts = _BASE_URL.fullmatch(config.base_url)
    if not parts or not 0 < int(parts["port"] or 443) < 65536:
        raise BadSetting(f"base_url must be like https://westerpark.example, not {config.base_url!r}.")
    if config.base_url.startswith("https://") and parts["port"] and not config.lab_http:
        raise BadSetting("base_url has a port; other servers refuse that. Leave the port out.")
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", config.slug):
        raise BadSetting(f"slug must be 1 to 40 of a-z, 0-9 and -, not {config.slug!r}.")
    if not config.name.strip():
        raise BadSetting("name is empty. Give the neighbourhood a name.")
    if not config.languages or set(config.languages) - {"nl", "en"}:
        raise BadSetting("languages can hold nl and en.")
    if config.log_level not in {"debug", "info", "warning", "error"}:
        raise BadSetting("log_level is debug, info, warning or error.")
    if not 0 < config.port < 65536:
        raise BadSetting("port is between 1 and 65535.")
    if config.lab_clock < 1 or config.reader_threads < 1 or config.key_cache < 1:
        raise BadSetting("lab_clock, reader_threads and key_cache are 1 or more.")
    if config.anonymous_delay not in {0, *range(3, 24 * 60 + 1)}:
        raise BadSetting("anonymous_delay is 0, or from 3 to 1440 minutes.")
    if config.lab_limits not in {"on", "off"}:
        raise BadSetting("lab_limits is on or off.")
    try:
        mail_settings.weekly(config.mail_when)
        if config.smtp_url:
            mail_settings.relay(config.smtp_url)
    except ValueError as fault:
        raise BadSetting(str(fault)) from None
    if config.mail_from and not mail_settings.is_address(config.mail_from):
        raise BadSetting(
            f"mail_from is one plain address like vraagbaak@westerpark.example, not {config.mail_from!r}."
        )
    if config.database and not config.database.startswith(("postgresql://", "sqlite:///")):
        raise BadSetting("database is empty, sqlite:///FILE or postgresql://user@host/name.")
    for network in (*config.lab_networks, *config.trusted_proxies):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise BadSetting(f"'{network}' is not an address or a network like 127.0.0.0/8.") from None
