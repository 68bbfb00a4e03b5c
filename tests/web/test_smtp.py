"""Mail leaves by one real server: what became of a letter is known, and nothing is said over an open line."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.web.certificates import certificate
from tests.web.postoffice import BREAK_OFF, PostOffice
from vraagbaak.mail_settings import Relay, relay
from web.mail import smtp
from web.mail.smtp import Outcome, Postman

TO = "toos@example.org"
FROM = "vraagbaak@wester.example"


def letter(words="Dag Toos,\n\n.een punt\n..\nGroet van één buur\n"):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = FROM, TO, "Deze week in de buurt – één brief"
    made["List-Unsubscribe"] = f"<https://wester.example/mail/stop/{'x' * 120}>"
    made.set_content(words, cte="quoted-printable")
    return made


def postman(office, **more):
    given = {"relay": relay(office.url), "name": "wester.example", **more}
    return Postman(**given)


def test_a_letter_arrives_as_it_was_written():
    """Dots at the beginning of a line, letters with accents and long links come over whole."""
    with PostOffice() as office:
        assert postman(office).send(letter(), FROM, TO).outcome is Outcome.SENT
    (taken,) = office.taken
    assert (taken.sender, taken.recipient, taken.safe) == (FROM, TO, False)
    assert taken.words == "Dag Toos,\n\n.een punt\n..\nGroet van één buur\n"
    assert taken.letter["Subject"] == "Deze week in de buurt – één brief"
    assert f"List-Unsubscribe: <https://wester.example/mail/stop/{'x' * 120}>\r\n".encode() in taken.content
    assert office.heard[0] == "ehlo wester.example"


@pytest.mark.parametrize(
    ("verb", "said", "outcome"),
    [
        ("hello", "554 go away", Outcome.LATER),
        ("hello", "421 not now", Outcome.LATER),
        ("MAIL", "550 not from you", Outcome.BROKEN),
        ("MAIL", "451 not now", Outcome.LATER),
        ("RCPT", "550 nobody here", Outcome.REFUSED),
        ("RCPT", "450 greylisted", Outcome.LATER),
        ("RCPT", "421 too many", Outcome.LATER),
        ("DATA", "554 no", Outcome.BROKEN),
        ("DATA", "451 not now", Outcome.LATER),
        ("taken", "554 looks like spam", Outcome.BROKEN),
        ("taken", "452 full", Outcome.LATER),
        ("taken", BREAK_OFF, Outcome.MAYBE),
        ("MAIL", BREAK_OFF, Outcome.LATER),
        ("RCPT", BREAK_OFF, Outcome.LATER),
        ("DATA", BREAK_OFF, Outcome.LATER),
        ("RCPT", "nonsense", Outcome.LATER),
    ],
)
def test_what_a_server_says_is_understood(verb, said, outcome):
    """Only a refusal of the address speaks of the address; only a break after the letter leaves a doubt."""
    with PostOffice(says={verb: said}) as office:
        report = postman(office).send(letter(), FROM, TO)
    assert report.outcome is outcome
    assert "toos" not in report.word
    assert report.word.isalnum()


def test_nobody_there_is_later():
    """A server that is away, or a name that leads nowhere."""
    with PostOffice() as office:
        gone = postman(office)
    assert gone.send(letter(), FROM, TO).outcome is Outcome.LATER
    nowhere = Relay(host="mail.invalid", port=25, tls=False, starttls=False)
    assert postman(office, relay=nowhere).send(letter(), FROM, TO).outcome is Outcome.LATER


def test_a_server_that_says_nothing_is_waited_for_so_long_and_no_longer(monkeypatch):
    """Silence ends."""
    monkeypatch.setattr(smtp, "SECONDS", 0.2)
    with PostOffice(says={"hello": ""}) as office:
        assert postman(office).send(letter(), FROM, TO).outcome is Outcome.LATER


@pytest.mark.parametrize("tls", [False, True])
def test_the_line_is_safe_before_anything_is_said(tmp_path, tls):
    """With STARTTLS and with TLS from the first byte: the password and the letter come after it."""
    known, key = certificate(tmp_path, "localhost")
    with PostOffice(certificate=(known, key), tls=tls) as office:
        way = Relay(
            host="localhost", port=office.port, tls=tls, starttls=not tls, user="post", password="geheim"
        )
        sent = postman(office, relay=way, extra_ca=str(known)).send(letter(), FROM, TO)
    assert sent.outcome is Outcome.SENT
    (taken,) = office.taken
    assert taken.safe
    assert taken.user.startswith("AUTH PLAIN")
    assert [verb.split()[0].upper() for verb in office.heard[:3]] == (
        ["EHLO", "AUTH", "MAIL"] if tls else ["EHLO", "STARTTLS", "EHLO"]
    )


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_cannot_prove_its_name_hears_nothing(tmp_path, tls):
    """A certificate that nobody vouches for: no password, no address, no letter."""
    known, key = certificate(tmp_path, "localhost")
    with PostOffice(certificate=(known, key), tls=tls) as office:
        way = Relay(host="localhost", port=office.port, tls=tls, starttls=not tls, user="post", password="x")
        assert postman(office, relay=way).send(letter(), FROM, TO).outcome is Outcome.BROKEN
    assert office.taken == []
    assert not [said for said in office.heard if said.upper().startswith(("AUTH", "MAIL", "RCPT"))]


def test_a_server_without_starttls_hears_nothing():
    """Where the line has to be made safe and cannot be, nothing is said."""
    with PostOffice() as office:
        way = Relay(host="127.0.0.1", port=office.port, tls=False, starttls=True)
        assert postman(office, relay=way).send(letter(), FROM, TO).outcome is Outcome.BROKEN
    assert [said.split()[0].upper() for said in office.heard] == ["EHLO"]


def test_a_wrong_password_is_for_the_steward():
    """It is not tried again and again."""
    with PostOffice(says={"AUTH": "535 wrong"}) as office:
        way = Relay(host="127.0.0.1", port=office.port, tls=False, starttls=False, user="post", password="x")
        report = postman(office, relay=way).look()
    assert (report.outcome, report.word) == (Outcome.BROKEN, "SmtpLogin535")


def test_a_look_sends_nothing():
    """Whether it works can be seen without a letter."""
    with PostOffice() as office:
        assert postman(office).look().outcome is Outcome.SENT
    assert office.taken == []
