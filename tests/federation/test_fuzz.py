"""Whatever comes in, every reader answers: with what it promises, or with its own refusal, never with another fault.

The documents, addresses and headers are made by the strategies of odd.py, the same ones at each run. `FUZZ_TIMES=20`
makes so many times more of them, and other ones each time; `scripts/fuzz` sends whole requests to a running server.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from federation import delivery, discovery
from federation.actors import read_actor
from federation.addressing import scope_of
from federation.documents import (
    ACTIVITY_JSON,
    AS,
    CAPS,
    PUBLIC,
    PUBLIC_SPELLINGS,
    Malformed,
    addressed,
    as_list,
    first_of,
    host_of,
    id_of,
    ids_of,
    is_activity_json,
    is_public,
    one_type,
    origin,
    parse,
    same_origin,
    same_url,
    split_url,
    text_of,
    types_of,
    vb,
)
from federation.fetching import Fetcher, Rejected
from federation.keys import ED25519, RSA, BadKey, KeyRing, Sealer, make_rsa
from federation.signatures import BadSignature, FoundKey, RawRequest, read_claim, verify
from federation.transport import Transport, TransportFault
from federation.vocabulary import moment, read_moment, read_note
from storage.policy import LONGEST_WISH, wish
from tests.federation import odd, test_actors, test_vocabulary
from vraagbaak import peers, text
from vraagbaak.errors import Invalid, Refused, Unknown
from vraagbaak.model import Role, Scope
from web import csrf, language, limits, reading_body, sessions
from web.keys import checked_key
from web.pages import forms

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))


def examples(number: int) -> settings:
    """So many examples, the same ones at each run unless more are asked for."""
    return settings(
        max_examples=number * TIMES,
        deadline=None,
        database=None,
        derandomize=TIMES == 1,
        suppress_health_check=list(HealthCheck),
    )


NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SAFE_CODE = re.compile(r"[a-z][a-z0-9-]*")
# Controls but for the breaks and tabs of a text in lines, marks that hide or turn around, halves of characters.
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)


def inside(value: Any) -> list[Any]:
    """The value and everything in it, names of members too."""
    found, at = [value], 0
    while at < len(found):
        each = found[at]
        at += 1
        if isinstance(each, dict):
            found += [*each, *each.values()]
        elif isinstance(each, list):
            found += each
    return found


def check_refusal(refusal: Malformed | BadSignature) -> None:
    """It has a status of a refusal and a code that can stand in an answer and in a log."""
    assert refusal.status in {400, 401}
    assert SAFE_CODE.fullmatch(refusal.code)


# Documents


@examples(500)
@given(odd.BODIES)
def test_bytes_are_a_document_or_malformed(body: bytes) -> None:
    """What is read has one meaning: a second reader, and this one after writing it down, see the same."""
    try:
        doc = parse(body)
    except Malformed as refusal:
        check_refusal(refusal)
        return
    assert type(doc) is dict
    assert msgspec.json.decode(body) == doc
    assert parse(json.dumps(doc).encode()) == doc
    for value in inside(doc):
        if isinstance(value, str):
            assert "\0" not in value
            value.encode()
        if isinstance(value, float):
            assert value - value == 0


@examples(300)
@given(odd.ANYTHING)
def test_members_are_read_or_not_there(doc: dict) -> None:
    """Ids, types, texts and recipients are of their type and within their caps, whatever stands there."""
    for name in (*doc, "id", "object", "actor"):
        value = doc.get(name)
        assert isinstance(as_list(value), list)
        first_of(value)
        found = id_of(value)
        assert found is None or 0 < len(found) <= CAPS.uri
        found = ids_of(value)
        assert len(found) == len(set(found)) <= CAPS.recipients
        short = text_of(doc, name.removesuffix("Map"), "nl")
        assert isinstance(short, str)
    assert len(types_of(doc)) <= CAPS.types
    assert all(types_of(doc))
    assert one_type(doc) in {None, *types_of(doc)}
    to, cc = addressed(doc)
    assert is_public(to | cc) == bool(PUBLIC_SPELLINGS & (to | cc))
    for name in ("kind", "privacy", "title", "x"):
        assert vb(doc, name) is None or vb(doc, name) in doc.values()


@examples(400)
@given(odd.posts(test_vocabulary.POST))
def test_posts_are_cleaned_or_no_posts(doc: dict) -> None:
    """Nothing unseen stays in a text, nothing is longer than its cap, and clean text stays as it is."""
    found = read_note(doc, NOW)
    if found is None:
        return
    test_vocabulary.check_cleaned(found)
    for line in (found.title, found.availability):
        assert not UNSEEN.search(line)
        assert text.line(line) == line
    assert not UNSEEN.search(found.body)
    assert text.block(found.body) == found.body
    check_safe(found.html)
    for link in (found.url, found.helpful_uri, found.replies_uri, found.context_uri):
        assert len(link) <= CAPS.uri
    assert len(found.concerns) <= CAPS.recipients + CAPS.mentions


@examples(400)
@given(odd.actors(test_actors.JOEP))
def test_actors_are_cleaned_or_no_actors(doc: dict) -> None:
    """The same for who somebody is, and the keys that it lists can be loaded or are bad ones."""
    found = read_actor(doc)
    if found is None:
        return
    test_actors.check_cleaned(found)
    for line in (found.handle, found.name, *found.profile.values()):
        assert not UNSEEN.search(line)
        assert text.line(line) == line
    check_safe(found.summary)
    for link in (found.uri, found.url, found.inbox, found.outbox, found.shared_inbox, found.neighbourhood):
        assert len(link) <= CAPS.uri
        assert link == "" or split_url(link) is not None
    assert found.domain == host_of(found.uri)
    for _, algorithm, public in found.keys:
        with suppress(BadKey):
            RING.public(algorithm, public)


RING = KeyRing(Sealer(b"s" * 32))


@examples(100)
@given(odd.posts(test_vocabulary.POST) | odd.actors(test_actors.JOEP))
def test_what_was_written_down_is_read_alike(doc: dict) -> None:
    """A document means the same after it went over the wire."""
    try:
        again = parse(json.dumps(doc).encode())
    except Malformed:
        return
    assert read_note(again, NOW) == read_note(doc, NOW)
    assert read_actor(again) == read_actor(doc)


@examples(300)
@given(odd.posts({"to": PUBLIC}), st.sampled_from(("public", "pilots", "neighbourhood")))
def test_a_scope_is_never_wider_than_what_is_said(doc: dict, privacy: str) -> None:
    """Public only when Public is addressed; and whoever says a scope gets no wider one, with or without a prefix."""
    found = scope_of(doc)
    told = {
        each
        for name in ("to", "cc")
        for entry in as_list(doc.get(name))
        for each in inside(entry)[:3]
        if isinstance(each, str)
    }
    if found is Scope.PUBLIC:
        assert told & PUBLIC_SPELLINGS
    stated = next((scope for scope in Scope if scope == vb(doc, "privacy")), None)
    if found is not None and stated is not None:
        assert found.width <= stated.width
    narrowed = scope_of({**doc, "vb:privacy": privacy})
    assert narrowed is not None
    assert narrowed.width <= Scope(privacy).width
    if found is not None and stated is None:
        assert narrowed.width <= found.width


# Addresses


@examples(600)
@given(odd.URLS)
def test_an_address_has_one_spelling_or_none(url: str) -> None:
    """What is read of an address is in its only spelling, reads as itself, and is the same host to another reader."""
    found = split_url(url)
    assert (found is None) == (origin(url) is None) == (host_of(url) is None)
    assert same_url(url, url) == same_origin(url, url) == (found is not None)
    if found is None:
        return
    place, target = found
    assert re.fullmatch(r"/[!-~]*", target)
    assert split_url(f"{place}{target}") == (place, target)
    assert origin(str(place)) == place
    assert same_origin(str(place), url)
    assert host_of(f"{place.scheme}://{place.netloc}") == place.netloc == host_of(url)
    seen = urlsplit(f"{place}{target}")
    assert (seen.scheme, seen.hostname) == (place.scheme, place.host.strip("[]"))
    assert (seen.port or {"https": 443, "http": 80}[place.scheme]) == place.port
    assert seen.username is None


@examples(300)
@given(odd.URLS, odd.URLS)
def test_addresses_are_compared_both_ways(one: str, other: str) -> None:
    """Who is the same as another is so the other way around, and the same address has the same origin."""
    assert same_origin(one, other) == same_origin(other, one)
    assert same_url(one, other) == same_url(other, one)
    assert same_origin(one, other) or not same_url(one, other)


@examples(300)
@given(st.none() | odd.GOOD_URLS, odd.URLS)
def test_a_way_leads_somewhere_that_can_be_asked(here: str | None, to: str) -> None:
    """Where a fetch or a redirect leads can be signed for and asked, or is refused."""
    fetcher = Fetcher(None, None, {"noord.example"}, lambda: NOW)
    try:
        way = fetcher._way(here, to)
    except Rejected:
        return
    place = split_url(way)
    assert place is not None
    assert f"{place[0]}{place[1]}" == way
    assert place[0].netloc != "noord.example"


@examples(200)
@given(odd.GOOD_URLS, odd.URLS)
def test_a_letter_is_only_sent_on_within_its_host(url: str, to: str) -> None:
    """A redirect of a POST leads to the same host, or nowhere."""
    try:
        onward = delivery._onward(url, {"location": to})
    except delivery._Astray:
        return
    assert split_url(onward) is not None
    assert split_url(onward)[0].netloc == split_url(url)[0].netloc
    assert urljoin(url, to) == onward


async def nobodys_address(_host: str, _port: int) -> list[str]:
    return ["203.0.113.1"]  # for documentation only (RFC 5737), so the policy refuses it and nothing is sent


@examples(100)
@given(odd.URLS, st.booleans())
async def test_no_address_breaks_the_client(url: str, lab: bool) -> None:
    """Whatever the address, the client refuses or gets no answer, in its own words."""
    networks = ["192.0.2.0/24"] if lab else []
    assume("localhost" not in url)
    transport = TRANSPORTS.setdefault(
        lab, Transport(user_agent="x", lab_http=lab, lab_networks=networks, resolver=nobodys_address)
    )
    with pytest.raises(TransportFault) as fault:
        await transport.get(url, {})
    assert SAFE_CODE.fullmatch(fault.value.code)


TRANSPORTS: dict[bool, Transport] = {}


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="module")
async def closed_transports():
    yield
    for transport in TRANSPORTS.values():
        await transport.aclose()


@examples(400)
@given(odd.URLS | st.sampled_from([f"{host}{port}" for host in odd.HOSTS for port in odd.PORTS]) | st.text())
def test_a_server_has_one_name_or_none(written: str) -> None:
    """What a steward types, and what is found in an address, is one name, and that is final."""
    with suppress(Invalid):
        name = peers.canonical(written)
        assert peers.canonical(name) == name
        assert name.isascii()
        assert name == host_of(f"https://{name}/") or name.partition(":")[2]
    found = host_of(written)
    if found and "[" not in found:
        assert peers.canonical(found) == found or found.endswith((":80", ":443"))


# Headers


@examples(400)
@given(odd.CONTENT_TYPES)
def test_content_types_are_judged(content_type: str) -> None:
    """Only what names ActivityStreams is that, and nothing is both that and a WebFinger answer."""
    found = is_activity_json(content_type)
    assert isinstance(found, bool)
    if found:
        assert content_type.strip().lower().startswith(("application/activity+json", "application/ld+json"))
        assert AS in content_type or "activity+json" in content_type.lower()
    assert not (found and discovery.is_jrd(content_type))


@examples(400)
@given(odd.RETRY_AFTERS)
def test_when_to_try_again_is_a_moment_within_a_day(given_: str) -> None:
    """A Retry-After is a number of seconds or nothing, and is never obeyed for longer than a day (threat D24)."""
    found = delivery._retry_after({"retry-after": given_}, NOW)
    assert found is None or found >= 0
    assert found is None or timedelta(0) <= wish(found) <= LONGEST_WISH


@examples(300)
@given(
    odd.MOMENTS
    | odd.TEXTS
    | odd.JSON
    | st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]{1,9})?)?(Z|[+-][0-2][0-9]:[0-9]{2})?",
        fullmatch=True,
    )
)
def test_moments_are_in_our_calendar_or_none(value: Any) -> None:
    """A moment is in UTC, from 1970 to 9999, and can be written and read again."""
    found = read_moment(value)
    if found is None:
        return
    assert found.utcoffset() == timedelta(0)
    assert 1970 <= found.year <= 9999
    assert read_moment(moment(found)) == found.replace(microsecond=0)


HENK = FoundKey("https://west.example/u/henk#main-key", "https://west.example/u/henk", RSA, make_rsa().public)
BODY = b'{"type":"Create"}'
HONEST = {
    "host": "noord.example",
    "date": format_datetime(NOW, usegmt=True),
    "digest": "SHA-256=VMIEBS4IkFtY5t9VVgNSRvqSbpTnQEfqFfNULFfD3EM=",
    "content-digest": "sha-256=:VMIEBS4IkFtY5t9VVgNSRvqSbpTnQEfqFfNULFfD3EM=:",
    "content-type": ACTIVITY_JSON,
}
FRESH = f';created={int(NOW.timestamp())};keyid="{HENK.id}"'


@examples(800)
@given(
    odd.signed_headers(HONEST, HENK.id, FRESH, BODY),
    st.sampled_from(("/inbox", "/inbox", "/inbox?x=%zz&[", "/%", "/é", "/\x00", "//", "/a b", "*", "")),
    st.sampled_from(("POST", "POST", "POST", "GET", "post", "P\n", "")),
)
def test_a_claim_is_read_or_a_bad_signature(headers: list[tuple[str, str]], target: str, method: str) -> None:
    """Headers of any kind are a claim about our host and this body, or refused with a safe word; none is a proof."""
    request = RawRequest(method, target, headers, BODY)
    try:
        claim = read_claim(request, now=NOW, our_hosts={"noord.example"})
    except BadSignature as refusal:
        check_refusal(refusal)
        return
    assert claim.host == "noord.example"
    assert origin(claim.key_id) is not None
    for key in (HENK, FoundKey(claim.key_id, claim.key_id.partition("#")[0], RSA, HENK.public)):
        for algorithm in (RSA, ED25519):
            with pytest.raises(BadSignature):
                verify(claim, FoundKey(key.id, key.owner, algorithm, key.public), ring=RING)


# Discovery


@examples(300)
@given(odd.ACCOUNTS | odd.URLS | st.text())
def test_accounts_have_one_spelling_or_none(resource: str) -> None:
    """An account is a handle at a host; it is asked about there, and is the same when it is read again."""
    account = discovery.account_of(resource)
    asked = discovery.webfinger_url(resource)
    if account is None:
        assert (asked is None) == (origin(resource) is None)
        return
    handle, domain = account
    assert discovery.account_of(f"acct:{handle}@{domain}") == account
    assert host_of(asked) == domain
    assert split_url(asked) is not None


@examples(400)
@given(odd.JRDS, odd.ACCOUNTS | odd.GOOD_URLS)
def test_answers_about_accounts_are_believed_about_their_own_host(doc: dict, wanted: str) -> None:
    """An answer names one actor, and documents of the very server that was asked, or nothing."""
    subject = discovery.subject_of(doc)
    assert subject is None or (host_of(f"https://{subject[1]}/") == subject[1])
    actor = discovery.actor_uri_from_jrd(doc, wanted)
    assert actor is None or origin(actor) is not None
    found = discovery.application_uri(doc, "https://forum.example")
    assert found is None or same_origin(found, "https://forum.example")


# Texts

SURROGATES = st.text(st.characters(codec=None, categories=["Cs", "Lo", "Cf", "Mn", "Po"]), max_size=12)
WRITTEN = odd.PIECES | odd.TEXTS | SURROGATES


class Tags(HTMLParser):
    """Tags and links as a browser would find them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("!", {}))


def check_safe(html: str) -> None:
    """No tag that is not ours, no attribute but a whole link that leads to a page, nothing unseen."""
    test_vocabulary.check_html(html)
    assert not UNSEEN.search(html)
    reader = Tags()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.found:
        assert tag in test_vocabulary.TAGS
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        link = attributes.get("href")
        assert link is None or re.match(r"(https?://[^/]|mailto:|tel:)", link, re.IGNORECASE)


@examples(500)
@given(WRITTEN)
def test_texts_come_out_clean(given_: str) -> None:
    """A line, a block and a slug are their own line, block and slug, and hold nothing unseen."""
    for clean in (text.line, text.block, text.slug):
        found = clean(given_)
        assert clean(found) == found
        assert not UNSEEN.search(found)
    assert len(text.line(given_, 20)) <= 20
    assert len(text.block(given_, 20)) <= 20
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", text.slug(given_))


@examples(400)
@given(WRITTEN)
def test_html_comes_out_safe(given_: str) -> None:
    """No script survives, from wherever the text comes; and what was cleaned is clean."""
    for make in (text.from_foreign_html, text.from_markdown, lambda plain: text.escaped(text.block(plain))):
        check_safe(make(given_))
    once = text.from_foreign_html(given_)
    assert text.from_foreign_html(once) == once
    assert isinstance(text.to_plain(given_), str)


# The street


def asked(
    query: bytes = b"", headers: list[tuple[str, str]] = (), body: bytes = b"", method: str = "POST"
) -> Request:
    """A request as Starlette gives it."""
    lines = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": query,
        "headers": lines,
        "client": ("192.0.2.7", 1),
        "app": None,
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)


FORMS = st.binary(max_size=40) | st.lists(
    st.sampled_from(
        (
            *(
                b"a=1",
                b"&",
                b"=",
                b"%zz",
                b"%",
                b"%00",
                b"%ed%a0%80",
                b"%ff",
                b"a[]=2",
                b"a[0]=",
                b"+",
                b";",
                b"\xff",
            ),
            *(
                b"--x\r\n",
                b'Content-Disposition: form-data; name="a"\r\n\r\nb\r\n',
                b"--x--",
                b"\r\n",
                b"_charset_=x",
            ),
            *(
                b'Content-Disposition: form-data; name="a"; filename="../x"\r\n\r\nb\r\n',
                b"a=" * 250,
                b"Content-",
            ),
        )
    ),
    max_size=8,
).map(b"".join)
FORM_TYPES = st.sampled_from(
    (
        *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data"),
        *(
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=x; charset=utf-7",
            "application/json",
        ),
        *(
            "multipart/form-data; boundary=x; charset=idna",
            "multipart/form-data; boundary=é",
            "application/json; x",
        ),
    )
)


@examples(300)
@given(FORMS | odd.BODIES, FORM_TYPES | odd.CONTENT_TYPES, st.sampled_from(("", "gzip", "identity", "é")))
async def test_bodies_of_people_and_programs_are_read_or_refused(
    body: bytes, content_type: str, encoding: str
) -> None:
    """A form is names and texts of whole characters, JSON is an object, and all else is refused."""
    headers = [("content-type", content_type)] + ([("content-encoding", encoding)] if encoding else [])
    with suppress(Refused):
        fields = await reading_body.form(asked(headers=headers, body=body))
        for name, values in fields.items():
            assert values
            for each in (name, *values):
                each.encode()
        form = forms.Form(fields=fields)
        for name in (*fields, "x"):
            assert isinstance(form.text(name), str)
            form.choice(name, Scope)
            form.choices(name, Role)
    with suppress(Refused):
        found = await reading_body.json_object(asked(headers=headers, body=body), CAPS.body)
        assert isinstance(found, dict)
        json.dumps(found).encode()


QUERIES = st.binary(max_size=30) | st.lists(
    st.sampled_from(
        (b"taal=", b"voor=", b"nl", b"&", b"%", b"%00", b"%ed%a0%80", b"0" * 26, b"=", b"\xff", b"page=")
    ),
    max_size=6,
).map(b"".join)


@examples(200)
@given(
    QUERIES,
    st.lists(
        st.tuples(
            st.sampled_from(
                ("cookie", "authorization", "x-forwarded-for", "origin", "referer", "sec-fetch-site")
            ),
            odd.URLS
            | odd.TEXTS
            | st.sampled_from(("session=x", "Bearer ", "bearer x", "::1, 10.0.0.1", "fe80::1%x", "null")),
        ),
        max_size=4,
    ),
)
def test_queries_and_headers_of_visitors_are_read_or_not_there(
    query: bytes, headers: list[tuple[str, str]]
) -> None:
    """Languages, places in a list, secrets and addresses are what they may be, or none."""
    request = asked(query, headers)
    assert language.asked_for(request, ("nl", "en")) in {"", "nl", "en"}
    assert re.fullmatch(r"(|[0-9a-z]{26})", forms.cursor_of(request))
    with suppress(Unknown):
        assert len(checked_key(request.query_params.get("page", ""))) == 26
    assert len(sessions.token_in(request)) <= 200
    assert len(sessions.secret_in(request, "https://noord.example")) <= 200
    counted = limits.Limits(CONFIG, None)
    counted.address_of(request)
    assert isinstance(csrf.SameOriginOnly(None, CONFIG)._is_foreign(request.scope), bool)


@dataclass(frozen=True)
class _Config:
    base_url: str = "https://noord.example"
    lab_limits: str = "on"
    trusted_proxies: tuple[str, ...] = ("192.0.2.0/24", "10.0.0.0/8")


CONFIG: Any = _Config()
