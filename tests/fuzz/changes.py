"""What is done to a document before it is sent: members go, double, move, change their type, nest; bytes flip.

Every change is drawn from a `random.Random`, so the same seed makes the same document.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from random import Random
from typing import Any

from tests.federation import odd

Document = dict[str, Any]
Place = tuple[Any, Any]
"""A list or object, and the index or name of something in it."""

MEMBERS = (
    *odd.SAID,
    *odd.DESCRIBED,
    "object",
    "actor",
    "target",
    "orderedItems",
    "items",
    "first",
    "next",
    "vb:mark",
)
MOMENTS = (
    *(
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "2026-02-30T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "now",
    ),
    *(
        "2026-11-22T09:00:00.123456789Z",
        "1969-12-31T23:59:59Z",
        "2030-01-01T00:00:00Z",
        "２０２６-11-22T09:00:00Z",
    ),
)
NUMBERS = (0, -1, 1, 2**31, 2**63 - 1, -(2**63), 2**53 + 1, 1.5, -0.0, 1e300, 5e-324)
KINDS = (
    *(
        "Note",
        "Article",
        "Page",
        "Question",
        "Event",
        "Place",
        "Video",
        "Tombstone",
        "Person",
        "Group",
        "Application",
    ),
    *(
        "Create",
        "Update",
        "Delete",
        "Announce",
        "Follow",
        "Accept",
        "Reject",
        "Undo",
        "Like",
        "Add",
        "Remove",
        "Flag",
    ),
    *(
        "Block",
        "Move",
        "OrderedCollection",
        "OrderedCollectionPage",
        "Mention",
        "Hashtag",
        "Link",
        "as:Note",
        "note",
    ),
)


def place(value: Any, rng: Random) -> Place | None:
    """Some place in a document, near or deep; None in an empty one."""
    found: Place | None = None
    while isinstance(value, dict | list) and value and (found is None or rng.random() < 0.6):
        key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        found = value, key
        value = value[key]
    return found


def another(value: Any) -> Any:
    """A copy that shares nothing with it."""
    return pickle.loads(pickle.dumps(value, -1))


def change(doc: Document, rng: Random, others: list[Document]) -> Document:
    """The document with one thing about it changed."""
    made: Document = another(doc)
    found = place(made, rng)
    if found is None:
        made[rng.choice(MEMBERS)] = leaf(rng)
        return made
    rng.choice(_CHANGES)(*found, rng, made, others)
    return made


def leaf(rng: Random) -> Any:
    """A value of any type."""
    return rng.choice(
        (
            lambda: rng.choice((None, True, False, [], {}, [[]], [{}], {"id": None}, {"@value": {}})),
            lambda: rng.choice(NUMBERS),
            lambda: rng.choice(odd.STRANGE).replace("\0", ""),
            lambda: rng.choice(odd.LONG) * rng.choice((1, 1, 1, 10, 60)),
            lambda: rng.choice(MOMENTS),
            lambda: rng.choice(KINDS),
        )
    )()


def _remove(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    del inside[key]


def _swap(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    inside[key] = leaf(rng)


def _wrap(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    value = inside[key]
    inside[key] = rng.choice(
        (
            lambda: [value],
            lambda: [[value]],
            lambda: [value, value],
            lambda: [leaf(rng), value],
            lambda: {"id": value},
            lambda: {"@id": value},
            lambda: {"@value": value},
            lambda: {"href": value, "type": "Link"},
            lambda: {"nl": value, "en": leaf(rng)},
            lambda: {"type": rng.choice(KINDS), "object": value},
        )
    )()


def _unwrap(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    value = inside[key]
    within = list(value.values()) if isinstance(value, dict) else value
    inside[key] = rng.choice(within) if isinstance(within, list) and within else str(value)


def _nest(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    for _ in range(rng.choice((5, 20, 28, 40))):
        inside[key] = [inside[key]] if rng.random() < 0.5 else {"object": inside[key]}


def _repeat(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    value = inside[key]
    times = rng.choice((2, 2, 20, 20, 600, 10_000))
    room = 900_000 // (len(json.dumps(value)) + 2)
    inside[key] = [value] * min(times, max(room, 1))


def _double(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    if isinstance(inside, dict):
        inside[rng.choice(MEMBERS)] = another(inside[key])
    else:
        inside.insert(rng.randrange(len(inside) + 1), another(inside[key]))


def _rename(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    if isinstance(inside, dict):
        value = inside.pop(key)
        inside[
            rng.choice((f"@{key}", f"as:{key}", f"{key}Map", f"https://x.example/ns#{key}", key.upper(), ""))
        ] = value


def _move(inside: Any, key: Any, rng: Random, doc: Document, _others: list[Document]) -> None:
    into = place(doc, rng)
    if into:
        into[0][into[1]] = another(inside[key])


def _splice(inside: Any, key: Any, rng: Random, _doc: Document, others: list[Document]) -> None:
    value: Any = rng.choice(others)
    found = place(value, rng) if rng.random() < 0.7 else None
    inside[key] = another(found[0][found[1]] if found else value)


def _merge(_inside: Any, _key: Any, rng: Random, doc: Document, others: list[Document]) -> None:
    other = another(rng.choice(others))
    for name in rng.sample(list(other), min(len(other), rng.randint(1, 6))):
        doc[name] = other[name]


def _fill(_inside: Any, _key: Any, rng: Random, doc: Document, _others: list[Document]) -> None:
    number = rng.choice((300, 3000, 20_000))
    style = rng.choice(("{}", "http{}", "https://{}.example/ns#kind", "vb:{}"))
    doc |= {style.format(index): index for index in range(number)}


def _readdress(inside: Any, key: Any, rng: Random, _doc: Document, _others: list[Document]) -> None:
    value = inside[key]
    if isinstance(value, str) and value.startswith("http"):
        scheme, _, rest = value.partition("://")
        host, _, tail = rest.partition("/")
        inside[key] = rng.choice(
            (
                f"{scheme}://{host.upper()}/{tail}",
                f"{scheme}://{host}/{tail}#{rng.choice(('x', '', 'main-key', 'é'))}",
                f"{scheme}://{host}/{tail}?{rng.choice(('x=1', '', 'é', '%zz'))}",
                f"{scheme}://{host}{rng.choice(odd.TAILS)}",
                f"{scheme}://user@{host}/{tail}",
                f"https://{host}/{tail}",
                f"{scheme}://{host.replace(':', '.:')}/{tail}",
                f"{scheme}://{rng.choice(odd.HOSTS)}.localhost/{tail}",
                f"{scheme}://{host}/../{tail}",
                f"//{host}/{tail}",
                value[:-1],
            )
        )
    else:
        inside[key] = leaf(rng)


_Change = Callable[[Any, Any, Random, Document, list[Document]], None]
_CHANGES: tuple[_Change, ...] = (
    *(
        _remove,
        _remove,
        _swap,
        _swap,
        _swap,
        _wrap,
        _wrap,
        _unwrap,
        _nest,
        _repeat,
        _double,
        _double,
        _rename,
    ),
    *(_move, _move, _splice, _splice, _merge, _readdress, _readdress, _fill),
)


# Bytes


def spoil(body: bytes, rng: Random) -> bytes:
    """The bytes with something wrong about them."""
    return rng.choice(_SPOILS)(body, rng)


def _flip(body: bytes, rng: Random) -> bytes:
    made = bytearray(body)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if made:
            made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return bytes(made)


def _insert(body: bytes, rng: Random) -> bytes:
    made = bytearray(body)
    for _ in range(rng.choice((1, 1, 3))):
        at = rng.randrange(len(made) + 1)
        made[at : at + rng.choice((0, 0, 1, 3))] = rng.choice(odd.CRUMBS)
    return bytes(made)


def _cut(body: bytes, rng: Random) -> bytes:
    at, until = sorted((rng.randrange(len(body) + 1), rng.randrange(len(body) + 1)))
    return rng.choice((body[:at], body[at:], body[:at] + body[until:], body[:until] + body[at:]))


def _encode(body: bytes, rng: Random) -> bytes:
    text = body.decode("utf-8", "replace")
    code = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1", "cp1252", "utf-8-sig", "idna"))
    try:
        return text.encode(code, "replace")
    except (UnicodeError, LookupError):
        return b"\xff\xfe" + body


def _say_twice(body: bytes, rng: Random) -> bytes:
    name = rng.choice((b"id", b"type", b"actor", b"object", b"\\u0069d"))
    return body.replace(b"{", b'{"' + name + b'": "x", ', rng.choice((1, 2, -1)))


def _blow_up(body: bytes, rng: Random) -> bytes:
    size = rng.choice((200_000, 500_000, 900_000, 1_040_000, 1_048_576, 1_048_577))
    piece = rng.choice(
        (
            b"[",
            b'{"a":',
            b'"x",',
            b"1,",
            b" ",
            b"[],",
            b'{"a":1},',
            b'{"a":{"a":1}},',
            b"[1],",
            b"1e5,",
            b"\\u00e9",
        )
    )
    if rng.random() < 0.2:  # members instead of a list
        names = b"".join(b'"%x":1,' % number for number in range(max(size - len(body), 0) // 9))
        return body[:-1] + b", " + names + b'"x":1}'
    made = body[:-1] + b', "x": [' + piece * (max(size - len(body) - 12, 0) // len(piece))
    return made + rng.choice((b"1]}", b"1]}", b"", b"]" * 40 + b"}"))


_SPOILS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip,
    _flip,
    _insert,
    _insert,
    _cut,
    _encode,
    _say_twice,
    _blow_up,
)
