"""What a steward says of mail is read in one way, and the hour is that of the neighbourhood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vraagbaak import config
from vraagbaak.mail_settings import DAYS, SPREAD, Relay, is_address, relay, weekly

HERE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://localhost", Relay(host="localhost", port=25, tls=False, starttls=False)),
        ("smtp://127.0.0.1:2525", Relay(host="127.0.0.1", port=2525, tls=False, starttls=False)),
        ("smtp://[::1]:25", Relay(host="::1", port=25, tls=False, starttls=False)),
        ("smtp://mail.example", Relay(host="mail.example", port=25, tls=False, starttls=True)),
        ("smtp://postfix?starttls=off", Relay(host="postfix", port=25, tls=False, starttls=False)),
        ("smtps://mail.example/", Relay(host="mail.example", port=465, tls=True, starttls=False)),
        (
            "smtp://a%40b.nl:p%3Aw%2F@mail.example",
            Relay(host="mail.example", port=587, tls=False, starttls=True, user="a@b.nl", password="p:w/"),
        ),
    ],
)
def test_a_mail_server_is_named_by_one_address(url, expected):
    """Ports, passwords and how the line is made safe follow from it."""
    assert relay(url) == expected
    assert "p:w/" not in repr(relay(url))


@pytest.mark.parametrize(
    "url",
    [
        *("", "mail.example", "http://mail.example", "smtp://", "smtp://:25", "smtp://a:99999", "smtp://a:b"),
        *("smtp://a/b", "smtp://a#b", "smtp://a?starttls=on", "smtps://a?starttls=off", "smtp://a?x=1"),
        *("smtp://u:p@mail.example?starttls=off", "smtp://[::1", "smtp://u:p@postfix?starttls=off"),
    ],
)
def test_what_names_no_mail_server_is_one_sentence(url):
    """Also a password that would go over an open line."""
    with pytest.raises(ValueError, match="smtp_url"):
        relay(url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("mail_when", given)
            for given in ("", "friday", "friday 24", "freitag 9", "friday -1", "friday 9:00")
        ),
        *(("smtp_url", given) for given in ("mail.example", "smtp://u:p@x?starttls=off")),
        *(("mail_from", given) for given in ("Buurt <a@b.nl>", "a@b", "a@b.nl, c@d.nl")),
    ],
)
def test_wrong_settings_stop_the_start(name, value):
    """In a sentence that names the setting, before anything is opened."""
    with pytest.raises(config.BadSetting, match=name):
        config.check(config.Config(**{name: value}))


def test_without_a_name_of_its_own_the_host_sends():
    """And one address that is given wins."""
    assert config.Config(base_url="https://wester.example").sender == "vraagbaak@wester.example"
    assert config.Config(base_url="http://localhost:8000").sender == "vraagbaak@localhost"
    assert config.Config(mail_from="post@wester.example").sender == "post@wester.example"
    assert not config.Config().mails


@given(
    st.integers(1_600_000_000, 2_200_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(DAYS),
    st.integers(0, 23),
    st.floats(0, 0.999),
)
def test_the_next_moment_is_later_within_eight_days_and_at_that_hour(moment, day, hour, share):
    """Whatever the season, also in the night in which the clock is changed."""
    found = weekly(f"{day} {hour}").after(moment, share, HERE)
    assert moment < found <= moment + timedelta(days=7, hours=2)
    wall = found.astimezone(HERE) - SPREAD * share
    assert wall.weekday() == DAYS.index(day) or hour in {2, 3}
    assert wall.hour == hour or hour in {2, 3}


def test_the_hour_stays_when_the_clock_is_changed():
    """Nine in the morning is nine in the morning, in summer and in winter."""
    friday = weekly("Friday 9")
    summer = friday.after(datetime(2026, 10, 22, tzinfo=UTC), 0.0, HERE)
    winter = friday.after(summer, 0.0, HERE)
    assert (summer, winter) == (
        datetime(2026, 10, 23, 7, tzinfo=UTC),
        datetime(2026, 10, 30, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "address", ["a@b.nl", "Toos.de-Vries+buurt@Example.org", "o'neil_1@mail.wester.example"]
)
def test_plain_addresses_are_addresses(address):
    """As people have them."""
    assert is_address(address)


@given(st.text(max_size=80))
def test_h13_what_is_taken_as_an_address_holds_nothing_that_ends_a_line_or_begins_another(given_text):
    """No space, no comma, no bracket, no control, one at sign."""
    for candidate in (given_text, f"a{given_text}@b.nl", f"a@{given_text}.nl"):
        if is_address(candidate):
            assert candidate.isascii()
            assert candidate.isprintable()
            assert candidate.count("@") == 1
            assert not set(candidate) & set(' ,;:<>()[]\\"')
