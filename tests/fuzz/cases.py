"""One case: a document of the corpus, changed and made the sender's own, with what can be fetched behind it.

The same seed and number make the same case, as long as the corpus and the code are the same.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from federation.documents import ACTIVITY_JSON, LD_JSON
from tests.federation import odd
from tests.fuzz import changes
from tests.fuzz.changes import Document
from tests.fuzz.stranger import Page, Said
from tests.journeys.strangers import PUBLIC

ACTIVITIES = (
    "Accept",
    "Add",
    "Announce",
    "Create",
    "Delete",
    "Follow",
    "Like",
    "Reject",
    "Remove",
    "Undo",
    "Update",
)
POSTS = ("Note", "Article", "Page", "Question")
ACTORS = ("Person", "Group", "Application", "Service", "Organization")
FRESH = 40
"""How many cases one person sends: somebody who says farewell is not listened to any more."""


@dataclass(kw_only=True)
class Case:
    """Requests, in order or all at once, and the pages that are served meanwhile, by server and target."""

    number: int
    said: list[Said] = field(default_factory=list)
    pages: dict[str, dict[str, Page]] = field(default_factory=dict)
    at_once: bool = False
    may_be_away: bool = False
    """Whether a key that is asked for cannot be had: then 503 is right."""

    @property
    def mark(self) -> str:
        """Stands in every id that is made for this case."""
        return f"z{self.number:08d}z"

    def written(self) -> Document:
        """As plain JSON."""

        def text(value: bytes) -> str:
            return base64.b64encode(value).decode()

        said = [asdict(each) | {"body": text(each.body), "tail": text(each.tail)} for each in self.said]
        pages = {
            server: {
                target: [status, headers, text(body)] for target, (status, headers, body) in found.items()
            }
            for server, found in self.pages.items()
        }
        return {
            "number": self.number,
            "said": said,
            "pages": pages,
            "at_once": self.at_once,
            "may_be_away": self.may_be_away,
        }

    @classmethod
    def read(cls, written: Document, names: Mapping[str, str], number: int) -> Case:
        """The same again, with other ids in place of those that were written down."""
        mark = f"z{written['number']:08d}z"
        names = {**names, mark: f"z{number:08d}z"}

        def now(value: str) -> str:
            for old, new in names.items():
                value = value.replace(old, new)
            return value

        def data(value: str) -> bytes:
            found = base64.b64decode(value)
            for old, new in names.items():
                found = found.replace(old.encode(), new.encode())
            return found

        said = []
        for each in written["said"]:
            plain = {
                **each,
                "sender": now(each["sender"]),
                "target": now(each["target"]),
                "body": data(each["body"]),
                "tail": data(each["tail"]),
                "as_sent": {name: value and now(value) for name, value in each["as_sent"].items()},
                "how": {name: now(value) for name, value in each["how"].items()},
                "after": [(name, now(value)) for name, value in each["after"]],
                "besides": [(name, now(value)) for name, value in each["besides"]],
            }
            said.append(Said(**plain))
        pages = {
            server: {
                now(target): (status, {name: now(value) for name, value in headers.items()}, data(body))
                for target, (status, headers, body) in found.items()
            }
            for server, found in written["pages"].items()
        }
        at_once, away = written["at_once"], written["may_be_away"]
        return cls(number=number, said=said, pages=pages, at_once=at_once, may_be_away=away)


class Maker:
    """Makes cases out of a corpus, for a pilot whose ids are `names`, by strangers on servers at `bases`."""

    def __init__(
        self, seed: int, corpus: list[Document], names: Mapping[str, str], bases: Mapping[str, str]
    ) -> None:
        self.seed = seed
        self.corpus = corpus
        self.names = names
        self.bases = bases

    def case(self, number: int) -> Case:
        """The case with this number."""
        rng = Random(f"{self.seed}/{number}")
        made = Case(number=number)
        kind = rng.choices(_KINDS, _WEIGHTS)[0]
        kind(self, made, rng)
        return made

    # kinds of cases

    def _changed_document(self, case: Case, rng: Random) -> None:
        """A document in a request that is signed as it should be, in most cases."""
        said = self._said(case, rng, self._bytes(self._activity(case, rng), rng))
        if rng.random() < 0.1:
            said.flipped = rng.random() < 0.5
            said.late = 0 if said.flipped else rng.choice((4000, -400, 10**6, 2 * 10**9))
        case.said.append(said)

    def _odd_headers(self, case: Case, rng: Random) -> None:
        """An honest document whose headers are odd, signed or not."""
        said = self._said(case, rng, self._bytes(self._activity(case, rng), rng, honest=True))
        for _ in range(rng.choice((1, 1, 2, 3))):
            rng.choice(_HEADER_CHANGES)(said, rng)
        case.said.append(said)

    def _new_actor(self, case: Case, rng: Random) -> None:
        """Somebody who was never heard of, with a document of its own that is odd."""
        handle = f"n{case.mark}"
        server = rng.choice(("evil", "pilot"))
        uri = f"{self.bases[server]}/u/{handle}"
        said = self._said(case, rng, self._bytes(self._activity(case, rng, sender=uri), rng, honest=True))
        said.sender = f"{server}/{handle}"
        if rng.random() < 0.3:
            key = rng.choice(odd.TAILS)
            said.how["key_id"] = rng.choice(
                (f"{self.bases[server]}{key}", f"https://{rng.choice(odd.HOSTS)}.localhost/u", f"{uri}#{key}")
            )
        case.said.append(said)
        actor = {**self._actor(uri), "publicKey": "@key@"}
        for _ in range(rng.choice((0, 1, 1, 2, 4))):
            actor = changes.change(actor, rng, self.corpus)
        self._serve(case, rng, server, f"/u/{handle}", actor)
        case.may_be_away = True

    def _odd_pages(self, case: Case, rng: Random) -> None:
        """Something that is only named, so that it has to be fetched: from a page that may be anything."""
        server = rng.choice(("evil", "pilot"))
        base, path = self.bases[server], f"/p/{case.mark}"
        sender = self._sender(case, rng)
        inside: Any = base + path
        doc: Document = {"type": rng.choice(("Create", "Update", "Announce")), "object": inside}
        if rng.random() < 0.5:
            post = self._own(case, self._some(rng, POSTS), sender, rng)
            doc = {"type": "Create", "object": {**post, "inReplyTo": inside}}
        self._address(doc, case, sender)
        said = self._said(case, rng, self._bytes(doc, rng, honest=True))
        said.sender = sender
        case.said.append(said)
        author = self._uri(rng.choice((sender, f"{server}/olga")))
        page = {
            **self._own(case, self._some(rng, POSTS), sender, rng),
            "id": base + path,
            "attributedTo": author,
        }
        if rng.random() < 0.5:
            page["inReplyTo"] = rng.choice((self.names["question"], base + path, f"{base}{path}/up"))
            self._serve(
                case, rng, server, f"{path}/up", {**page, "id": f"{base}{path}/up", "inReplyTo": inside}
            )
        for _ in range(rng.choice((0, 1, 2, 4))):
            page = changes.change(page, rng, self.corpus)
        self._serve(case, rng, server, path, page)

    def _at_once(self, case: Case, rng: Random) -> None:
        """The same thing, or almost, several times at the same moment."""
        case.at_once = True
        first = self._said(case, rng, self._bytes(self._activity(case, rng), rng, honest=True))
        case.said += [first, first]
        for _ in range(4):
            doc = changes.change(json.loads(first.body), rng, self.corpus)
            again = self._said(case, rng, self._bytes(doc, rng, honest=True))
            again.sender = first.sender
            case.said.append(again)

    def _thread(self, case: Case, rng: Random) -> None:
        """What somebody says of one question from beginning to end, in that order, each of it changed a little."""
        sender = self._sender(case, rng)
        who = self._uri(sender)
        question = f"{_base(who)}/n/{case.mark}q"
        answer = rng.choice((f"{_base(who)}/n/{case.mark}a", self.names["answer"]))
        asked = {
            **self._own(case, self._some(rng, POSTS), sender, rng),
            "id": question,
            "vb:title": "Wie weet dit?",
        }
        asked = {**asked, "vb:helpful": f"{question}/helpful", "vb:kind": "question", "inReplyTo": None}
        given = {**self._own(case, self._some(rng, POSTS), sender, rng), "id": answer, "inReplyTo": question}
        newer = {"updated": "2030-01-01T00:00:00Z"}
        mark = {
            "object": answer,
            "target": f"{question}/helpful",
            "vb:mark": rng.choice(("accepted", "partly")),
        }
        like = f"{_base(who)}/act/{case.mark}2"
        steps: tuple[Document, ...] = (
            {"type": "Create", "object": asked},
            {"type": "Create", "object": {**given, "vb:kind": "answer", "content": "<p>Ik weet het.</p>"}},
            {"type": "Like", "object": answer},
            {"type": "Add", **mark},
            {"type": "Update", "object": {**asked, **newer}},
            {"type": "Update", "object": {**given, **newer, "content": "<p>Nu zeker.</p>"}},
            {"type": "Remove", **mark},
            {
                "type": "Undo",
                "object": rng.choice((like, {"id": like, "type": "Like", "actor": who, "object": answer})),
            },
            {"type": "Delete", "object": rng.choice((answer, {"id": answer, "type": "Tombstone"}))},
            {"type": "Delete", "object": question},
        )
        for number, step in enumerate(steps):
            if rng.random() < 0.15:
                continue
            doc = self._address(dict(step), case, sender)
            doc["id"] = f"{_base(who)}/act/{case.mark}{number}"
            if rng.random() < 0.2:
                doc = changes.change(doc, rng, self.corpus)
            if sender == "pilot/buurt" and rng.random() < 0.3:
                doc = {
                    "type": "Announce",
                    "object": doc,
                    "id": f"{doc.get('id')}n",
                    "actor": who,
                    "to": [PUBLIC],
                }
            said = self._said(case, rng, self._bytes(doc, rng, honest=True))
            said.sender = sender
            case.said.append(said)

    def _reading(self, case: Case, rng: Random) -> None:
        """A request for something of ours, signed or not, with odd headers."""
        paths = [uri.removeprefix(self.names["base"]) for name, uri in self.names.items() if name != "base"]
        path = rng.choice((*paths, "/.well-known/webfinger?resource=", "/.well-known/nodeinfo", "/q/", "/u/"))
        tail = rng.choice(("", "", "/replies", "/context", "/outbox?page=", "/helpful", *odd.TAILS))
        said = self._said(case, rng, b"")
        said.method, said.target = "GET", _in_a_line(f"{path}{tail}")
        said.signed = rng.random() < 0.7
        said.as_sent["accept"] = rng.choice((ACTIVITY_JSON, LD_JSON, "*/*", "text/html", "", ",", "é", None))
        if rng.random() < 0.5:
            rng.choice(_HEADER_CHANGES)(said, rng)
        case.said.append(said)

    # documents

    def _activity(self, case: Case, rng: Random, sender: str = "") -> Document:
        """A document of the corpus as an activity, changed, and then the sender's own in most that is looked at."""
        who = sender or self._uri(self._sender(case, rng))
        doc = self._some(rng)
        for _ in range(rng.choice((0, 1, 1, 2, 3, 6))):
            doc = changes.change(doc, rng, self.corpus)
        if rng.random() < 0.9:
            doc = self._believable(case, doc, who, rng)
        for _ in range(rng.choice((0, 0, 0, 0, 1, 2))):
            doc = changes.change(doc, rng, self.corpus)
        return doc

    def _believable(self, case: Case, doc: Document, sender: str, rng: Random) -> Document:
        """An activity of the sender about this, or about something that is known."""
        kind = doc.get("type")
        inside: Any = doc
        if kind in ACTIVITIES:
            inside = doc.get("object")
        else:
            doc = {"type": rng.choice(("Create", "Create", "Update", "Update", "Announce", "Delete", "Undo"))}
        if rng.random() < 0.2:
            doc["type"] = rng.choice(ACTIVITIES)
        square = f"{self.bases['pilot']}/u/buurt"
        if doc["type"] == "Announce" and rng.random() < 0.8:
            sender = square  # the one that is listened to
        elif sender == square and rng.random() < 0.8:
            doc["type"] = "Announce"
        if isinstance(inside, dict) and rng.random() < 0.85:
            inside = self._own(case, inside, sender, rng)
        if rng.random() < (0.1 if isinstance(inside, dict) else 0.7):
            inside = self._thing(case, sender, rng)
        doc["object"] = inside
        if doc["type"] in {"Undo", "Accept", "Reject"} and rng.random() < 0.7:
            actor = rng.choice((sender, self.names["application"]))
            about = rng.choice((self.names["group"], self.bases["pilot"] + "/u/buurt", inside))
            doc["object"] = {
                "type": "Follow",
                "id": self._thing(case, sender, rng),
                "actor": actor,
                "object": about,
            }
        if doc["type"] == "Announce" and rng.random() < 0.5:
            actor = rng.choice((sender, f"{self.bases['pilot']}/u/olga"))
            inner = {"type": rng.choice(ACTIVITIES), "actor": actor, "object": inside}
            doc["object"] = {**inner, "id": f"{_base(actor)}/act/{case.mark}i"}
        if doc["type"] in {"Add", "Remove"}:
            about = rng.choice((self.names["question"], f"{_base(sender)}/n/{case.mark}"))
            doc["target"] = f"{about}/helpful"
            doc["vb:mark"] = rng.choice(("accepted", "partly", "x", None))
        if doc["type"] == "Delete" and doc["object"] == sender == square:
            doc["type"] = "Update"  # once it is gone, nothing that it passes on is looked at
        return self._address(doc, case, sender)

    def _address(self, doc: Document, case: Case, sender: str) -> Document:
        """Id, actor and recipients as they should be."""
        who = sender if "://" in sender else self._uri(sender)
        doc |= {"id": f"{_base(who)}/act/{case.mark}", "actor": who, "to": [PUBLIC, self.names["group"]]}
        return doc

    def _own(self, case: Case, doc: Document, sender: str, rng: Random) -> Document:
        """The post or actor with the sender as its author, and addressed to us."""
        who = sender if "://" in sender else self._uri(sender)
        if doc.get("type") in ACTORS:
            return {**doc, "id": who}
        made = {**doc, "id": f"{_base(who)}/n/{case.mark}", "attributedTo": who}
        if rng.random() < 0.9:
            made["to"] = [PUBLIC, self.names["group"]]
        if made.get("type") not in POSTS and rng.random() < 0.5:
            made["type"] = rng.choice(POSTS)
        if rng.random() < 0.5:
            made.pop("inReplyTo", None)
        if rng.random() < 0.4:
            made["inReplyTo"] = self._thing(case, who, rng)
        if rng.random() < 0.2:
            made["vb:kind"] = rng.choice(("offer", "answer", "question"))
        return made

    def _thing(self, case: Case, sender: str, rng: Random) -> str:
        """The id of something: ours, the sender's from a case before, another's, or nobody's."""
        who = sender if "://" in sender else self._uri(sender)
        before = f"z{max(case.number - rng.choice((1, 2, 3, 10, 50)), 0):08d}z"
        return rng.choice(
            (
                *self.names.values(),
                *(f"{_base(who)}/{kind}/{before}" for kind in ("n", "n", "n", "act")),
                f"{_base(who)}/n/{case.mark}",
                f"{self.bases['pilot']}/n/{before}",
                f"{self.bases['evil']}/nothing",
                who,
            )
        )

    def _some(self, rng: Random, kinds: tuple[str, ...] = ()) -> Document:
        """A document of the corpus, or something in it, of one of these types."""
        for _ in range(50):
            doc = rng.choice(self.corpus)
            inside = doc.get("object")
            if isinstance(inside, dict) and rng.random() < 0.5:
                doc = inside
            if not kinds or doc.get("type") in kinds:
                return dict(doc)
        return {"type": rng.choice(kinds or POSTS), "content": "<p>Wie weet het?</p>"}

    def _actor(self, uri: str) -> Document:
        return {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": uri,
            "type": "Person",
            "preferredUsername": uri.rsplit("/", 1)[1],
            "inbox": f"{uri}/inbox",
            "outbox": f"{uri}/outbox",
        }

    def _serve(self, case: Case, rng: Random, server: str, path: str, doc: Document) -> None:
        body = self._bytes(doc, rng)
        headers = {"Content-Type": ACTIVITY_JSON}
        status = 200
        if rng.random() < 0.25:
            status = rng.choice((200, 200, 200, 201, 204, 301, 302, 307, 308, 400, 404, 410, 429, 500, 503))
            headers["Content-Type"] = rng.choice(
                (
                    ACTIVITY_JSON,
                    LD_JSON,
                    "application/json",
                    "text/html",
                    "",
                    f"{ACTIVITY_JSON}; charset=utf-16",
                    "é",
                )
            )
            if status in {301, 302, 307, 308}:
                near = f"{self.bases[server]}{path}/{rng.choice(('', 'x', '..', '%zz'))}"
                headers["Location"] = _in_a_line(rng.choice((near, path, *odd.TAILS, "http://[", "")))
            if rng.random() < 0.2:
                headers["Content-Encoding"] = rng.choice(("gzip", "br", "identity", "x"))
        case.pages.setdefault(server, {})[path] = (status, headers, body)

    # requests

    def _sender(self, case: Case, rng: Random) -> str:
        generation = case.number // FRESH
        mine = f"evil/m{generation}"
        return rng.choice((mine, mine, f"pilot/p{generation}", "pilot/buurt"))

    def _uri(self, sender: str) -> str:
        server, handle = sender.split("/")
        return f"{self.bases[server]}/u/{handle}"

    def _said(self, case: Case, rng: Random, body: bytes) -> Said:
        """A request by whoever the body says it is by, else by somebody."""
        try:
            actor = json.loads(body).get("actor")
        except (ValueError, AttributeError, RecursionError):
            actor = None
        sender = self._sender(case, rng)
        for server, base in self.bases.items():
            named = re.fullmatch(rf"{re.escape(base)}/u/([\w-]{{1,60}})", str(actor), re.ASCII)
            sender = f"{server}/{named[1]}" if named else sender
        inboxes = ("/inbox", "/inbox", "/actor/inbox", "/u/fatma/inbox", "/u/niemand/inbox")
        group = self.names["group"].removeprefix(self.names["base"])
        target = rng.choice((*inboxes, f"{group}/inbox"))
        scheme = rng.choice(("draft-cavage-12", "draft-cavage-12", "rfc9421"))
        return Said(sender=sender, body=body, target=target, scheme=scheme)

    def _bytes(self, doc: Any, rng: Random, *, honest: bool = False) -> bytes:
        text = json.dumps(doc, ensure_ascii=rng.random() < 0.3)
        body = text.encode("utf-8", "surrogatepass")
        for _ in range(0 if honest else rng.choice((0, 0, 0, 0, 0, 0, 1, 2))):
            body = changes.spoil(body, rng)
        return body


def _base(uri: str) -> str:
    return uri.split("/u/", maxsplit=1)[0]


def _in_a_line(text: str) -> str:
    """Text that can stand in a line of HTTP."""
    return "".join(letter if "!" <= letter <= "~" else "%20" for letter in text)


def _change_signed(said: Said, rng: Random) -> None:
    name = rng.choice(("content-type", "date", "digest", "content-digest", "host", "accept", "x-odd"))
    said.as_sent[name] = rng.choice((*_VALUES, None))


def _change_after(said: Said, rng: Random) -> None:
    name = rng.choice(
        (
            *("content-type", "date", "digest", "host", "signature", "signature-input", "content-encoding"),
            *(
                "accept-language",
                "cookie",
                "x-forwarded-for",
                "expect",
                "user-agent",
                "content-length",
                "origin",
            ),
        )
    )
    said.after.append((name, rng.choice(_VALUES)))


def _change_besides(said: Said, rng: Random) -> None:
    name = rng.choice(
        ("signature", "host", "digest", "date", "x" * 100, "transfer-encoding", "content-type", "é")
    )
    said.besides += [(name, rng.choice(_VALUES))] * rng.choice((1, 1, 2, 90))


def _change_signature(said: Said, rng: Random) -> None:
    name = rng.choice(("covered", "algorithm", "parameters", "key_id", "signature", "label"))
    if said.scheme == "rfc9421" and name == "parameters":
        value = "".join(
            f";{rng.choice(('created', 'keyid', 'alg', 'expires', 'tag', 'x'))}={rng.choice(_PARAMETERS)}"
            for _ in range(rng.choice((1, 2, 4)))
        )
    else:
        value = {
            "covered": lambda: " ".join(rng.sample(_COVERED[said.scheme], rng.randint(1, 4))),
            "algorithm": lambda: rng.choice(("hs2019", "rsa-sha256", "ed25519", "none", "", 'x"')),
            "parameters": lambda: rng.choice(
                ("created=1,", "expires=99999999999,", 'keyId="x",', "x=y,", ",", 'a="')
            ),
            "key_id": lambda: f"http://{rng.choice(odd.HOSTS)}.localhost{rng.choice(odd.TAILS)}",
            "signature": lambda: rng.choice(("AAAA", "", "é", "=", "A" * 400, '"')),
            "label": lambda: rng.choice(("sig1", "*", "A", "", "a b", "é")),
        }[name]()
    if (name, said.scheme) in {("algorithm", "rfc9421"), ("label", "draft-cavage-12")}:
        return
    said.how[name] = value.replace("\r", "").replace("\n", "").replace("\0", "")


def _change_target(said: Said, rng: Random) -> None:
    said.target = (
        _in_a_line(said.target + rng.choice(odd.TAILS))
        if rng.random() < 0.8
        else rng.choice(("*", "//", "/%00"))
    )


def _change_method(said: Said, rng: Random) -> None:
    said.method = rng.choice(("PUT", "HEAD", "OPTIONS", "DELETE", "post", "TRACE", "X" * 30))


def _change_framing(said: Said, rng: Random) -> None:
    said.chunked = rng.random() < 0.6
    said.tail = rng.choice((b"", b"\r\n", b"GARBAGE\r\n\r\n", b"\0" * 20))


_VALUES = (
    *(
        "",
        " ",
        "x",
        "é",
        "\t",
        "x" * 9000,
        ",",
        ";",
        '"',
        "=",
        "null",
        "0",
        "-1",
        "1e9",
        "chunked",
        "gzip",
        "100-continue",
    ),
    *("application/activity+json; charset=utf-16", "application/json", "text/plain", "multipart/form-data"),
    *(
        "Tue, 24 Nov 2026 09:00:00 GMT",
        "Tue, 31 Feb 2026 25:61:61 GMT",
        "SHA-256=",
        "SHA-256=AAAA",
        "sha-256=:AAAA:",
    ),
    *(
        "evil.example",
        "localhost",
        "[::1]",
        "a:b:c",
        "::1, 10.0.0.1",
        'sig1=("@method");x',
        "sig1=:AAAA:",
        'keyId="x"',
    ),
)
_PARAMETERS = (
    "1",
    "-1",
    "1.5",
    '"x"',
    "tok",
    ":AAAA:",
    "?1",
    "@1",
    "@999999999999999",
    '%"%ff"',
    "9" * 15,
    "(",
)
_COVERED = {
    "draft-cavage-12": ("(request-target)", "host", "date", "digest", "content-type", "(created)"),
    "rfc9421": ("@method", "@target-uri", "content-digest", "@authority", "@path", "date", "host"),
}
_HEADER_CHANGES = (
    *(_change_signed, _change_signed, _change_after, _change_after, _change_besides, _change_signature),
    *(_change_signature, _change_target, _change_method, _change_framing),
)
_KINDS = (
    Maker._changed_document,
    Maker._odd_headers,
    Maker._new_actor,
    Maker._odd_pages,
    Maker._at_once,
    Maker._thread,
    Maker._reading,
)
_WEIGHTS = (68, 8, 8, 8, 2, 3, 3)
