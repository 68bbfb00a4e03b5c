"""What the program cannot do, because no line of it could: connect past the one client, decode, parse or compare unsafely."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("vraagbaak", "storage", "federation", "web")
SOURCES = {path.relative_to(ROOT).as_posix(): path for room in ROOMS for path in (ROOT / room).rglob("*.py")}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}

# Whatever can open a connection, by the name under which it is imported, and who may.
CLIENTS = ("aiohttp", "httpx", "httpx_aiohttp", "yarl")
LISTENS = ("web/commands/serving.py", "web/commands/demo.py")
OTHERS = (
    *(
        "asyncio.streams",
        "dns",
        "ftplib",
        "http.client",
        "httpcore",
        "imaplib",
        "nntplib",
        "poplib",
        "pycurl",
    ),
    *("requests", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc"),
)
CONNECTS = {
    **dict.fromkeys(CLIENTS, ("federation/transport.py",)),
    "smtplib": (
        "web/mail/smtp.py",
    ),  # to the one server that the steward named, never to one that others name
    "socket": ("federation/transport.py", *LISTENS),
    **dict.fromkeys(OTHERS, ()),
}
DECODES_PICTURES = (
    "PIL",
    "cv2",
    "imageio",
    "wand",
    "pyvips",
    "cairosvg",
    "moviepy",
    "av",
    "imghdr",
    "sndhdr",
)
PARSES_XML = ("xml", "lxml", "feedparser", "defusedxml", "html5lib", "bs4", "xmltodict", "untangle")
WRITES_XML = {"xml.sax.saxutils"}


def imports(tree: ast.AST) -> set[str]:
    """Every module that is imported, anywhere in a file, by its whole name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def users_of(*modules: str) -> set[str]:
    """The files that import one of these, or something inside it."""
    return {
        name
        for name, tree in TREES.items()
        if any(
            each == module or each.startswith(f"{module}.") for each in imports(tree) for module in modules
        )
    }


@pytest.mark.parametrize("module", CONNECTS)
def test_c12_all_requests_leave_by_one_door(module):
    """Only the transport can connect to anybody, so what it refuses is refused for whatever there will ever be to fetch."""
    assert users_of(module) <= set(CONNECTS[module])


def test_c12_nobody_opens_a_connection_by_the_loop():
    """Nor is there a call that would do it without such an import."""
    calls = re.compile(
        r"\.(open_connection|create_connection|sock_connect|create_datagram_endpoint|urlopen)\("
    )
    assert {name for name, path in SOURCES.items() if calls.search(path.read_text())} == set()


def test_d22_pictures_are_decoded_in_one_place_alone():
    """A picture of others that is a bomb does nothing to who never opens it; what members send is measured first."""
    assert users_of(*DECODES_PICTURES) == {"storage/pictures.py"}
    users = {name for name, tree in TREES.items() if "storage.pictures" in set(imports(tree))}
    assert users == {"storage/media.py"}


def test_d27_nothing_here_reads_xml():
    """Without a parser there are no entities to grow; what is written in XML is escaped text."""
    used = {each for tree in TREES.values() for each in imports(tree)}
    found = {each for each in used if each.split(".")[0] in PARSES_XML}
    assert {each for each in found if not any(each.startswith(name) for name in WRITES_XML)} == {
        "xml.sax"
    } & found
    assert users_of(*WRITES_XML) == {"federation/discovery.py"}


SECRET = re.compile(
    r"(?i)signature|digest|secret|token|password|passphrase|\bmac\b|hashed|_hash\b|hash_of|proof"
)


def compared_secrets(tree: ast.AST) -> list[str]:
    """Comparisons by == and != in which something stands that is called like a secret, and no constant."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not any(
            isinstance(op, ast.Eq | ast.NotEq) for op in node.ops
        ):
            continue
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        if any(SECRET.search(ast.unparse(side)) for side in sides):
            found.append(ast.unparse(node))
    return found


NO_SECRETS = {
    "federation/keys.py": ["len(secret) != _SECRET"],  # how long it is
    "federation/proofs.py": [  # words of the proof that everybody can read
        "given.get('proofPurpose') != _PURPOSE",
        "key.id != proof.key_id",
    ],
    "federation/synchronizing.py": [  # of lists that both sides have
        "claim.digest != digest_of([each.uri for each, _ in _ours(tx, actor)])",
        "digest_of(sorted(set(uris))) != order.digest",
    ],
    "federation/signatures.py": ["inputs.keys() != signatures.keys()"],  # the names of fields
    "web/mastodon/grants.py": ["self.token.app_id != client.app.id"],  # names of apps, which addresses carry
    "web/passwords.py": ["around != password"],  # of one and the same password, with and without spaces
}


def test_a38_no_secret_is_compared_letter_by_letter():
    """Digests, tokens and the like are compared in constant time, or looked up by their hash: time tells nothing."""
    found = {name: compared_secrets(tree) for name, tree in TREES.items()}
    assert {name: compared for name, compared in found.items() if compared} == NO_SECRETS


def test_a38_the_search_for_comparisons_finds_them():
    """Without this, the test above could pass because it sees nothing."""
    tree = ast.parse("if token == given: ...\nif not other != self.digest(): ...\nx == 'token'\n")
    assert compared_secrets(tree) == ["token == given", "other != self.digest()"]
