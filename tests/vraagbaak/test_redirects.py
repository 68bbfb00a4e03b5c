"""Which addresses an app may be told at: whatever can be read in two ways is refused."""

from __future__ import annotations

import pytest

from vraagbaak.errors import Invalid
from vraagbaak.redirects import OUT_OF_BAND, checked, place_of, source_of


@pytest.mark.parametrize(
    ("given", "source", "place"),
    [
        (OUT_OF_BAND, "", ""),
        ("https://client.example/cb", "https://client.example", "client.example"),
        ("https://client.example", "https://client.example", "client.example"),
        ("https://Client.example:8443/cb?a=1&b=%20", "https://Client.example:8443", "Client.example:8443"),
        ("http://localhost:3000/", "http://localhost:3000", "localhost:3000"),
        ("http://west.localhost:3000/", "http://west.localhost:3000", "west.localhost:3000"),
        ("http://127.0.0.1:49152/cb", "http://127.0.0.1:49152", "127.0.0.1:49152"),
        ("app://callback", "app:", "app"),
        ("icecubesapp://", "icecubesapp:", "icecubesapp"),
        ("com.tapbots.Ivory.219:/request_token", "com.tapbots.ivory.219:", "com.tapbots.ivory.219"),
        ("my+app-2.x://host;p/x@y", "my+app-2.x:", "my+app-2.x"),
    ],
)
def test_an_app_is_reached_at_its_own_site_or_scheme(given, source, place):
    """Sites, apps on a device, programs on this machine and the page to copy from; each with its name in a policy."""
    assert checked(given) == given
    assert (source_of(given), place_of(given)) == (source, place)


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            " ",
            "/cb",
            "//client.example/cb",
            "client.example/cb",
            "https",
            "https:",
            "https://",
            ":x",
            "1a:x",
        ),
        *("javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)"),
        *(
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "FILE:/x",
            "blob:https://a/b",
            "about:blank",
        ),
        *("view-source:https://a.example", "intent://x#Intent;end", "mailto:a@b.example", "ws://a.example"),
        *("urn:ietf:wg:oauth:2.0:oob:auto", "urn:x", "URN:IETF:wg:oauth:2.0:oob"),
        *("https://client.example/cb#", "https://client.example/cb#x", "app://cb#f"),
        *("http://client.example/cb", "http://192.168.1.5/cb", "http://localhost.evil.example/cb"),
        *("http://127.0.0.1.evil.example/", "http://[::1]:80/", "https://[::1]/", "http://0x7f.1/"),
        *("https://user@client.example/", "https://client.example@evil.example/", "https://a:b@c.example/"),
        *(
            "https:client.example/",
            "https:///client.example/",
            "https://client.example:/",
            "https://a.example:0/",
        ),
        *(
            "https://a.example:99999/",
            "https://a.example:80:80/",
            "https://.a.example/",
            "https://a.example./",
        ),
        *(
            "https://a.example;script-src/",
            "https://a.example,b.example/",
            "https://a'b.example/",
            "https://*/",
        ),
        *(
            "https://*.example/",
            "https://a%2fb.example/",
            "https://clïent.example/",
            "https://a.example/\u202e",
        ),
        *(
            "https://a.example\\@b.example/",
            "https://a.example/\r\nLocation: x",
            "https://a.example/ x",
            "app:\x00",
        ),
        'https://a.example/"',
        "https://a.example/<x>",
        "https://a.example/" + "x" * 2000,
    ],
)
def test_h01_an_address_that_runs_leads_astray_or_can_be_read_twice_is_refused(given):
    """Scripts, files, fragments, names before an @, plain http over the network, and what breaks out of a header."""
    with pytest.raises(Invalid) as refusal:
        checked(given)
    assert (refusal.value.field, refusal.value.code) == ("redirect_uris", "bad-redirect-uri")
