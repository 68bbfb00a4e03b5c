"""One letter a week, for who asked for it: what stands in it, that it comes once, and that it ends with one click."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from storage.jobs import buried
from storage.upkeep import prune
from tests.journeys.world import World
from tests.web.postoffice import BREAK_OFF, PostOffice
from tests.web.visiting import HOSTILE, Page
from vraagbaak import mailing, members, preferring, questions
from vraagbaak.model import Mailbox, QuestionStatus, Scope, SilenceKind, Topic
from web import sessions

ADDRESS = "toos.de.vries@example.org"
LINK = re.compile(r"https://wester\.example(/mail/\S+)")


@pytest.fixture
def office():
    with PostOffice() as made:
        yield made


@pytest.fixture
def west(world, office):
    made = world.pilot("Wester", smtp_url=office.url)
    made.toos, made.noor = made.member("toos"), made.member("noor")
    made.store.run_now(lambda tx: tx.add(Topic(id="sport", name="sport")))
    made.store.run_now(lambda tx: tx.add(Topic(id="drank", name="drank", sensitive=True)))
    return made


def browser(west, member=None):
    client = west.client(**{"Sec-Fetch-Site": "same-origin"})
    if member:
        secret, secret_hash = sessions.new_secret()
        west.store.run_now(members.open_session, member.id, secret_hash)
        client.cookies.set("__Host-session", secret, domain="wester.example")
    return client


async def send(west, member, path, **data):
    async with browser(west, member) as client:
        return await client.post(path, data=data)


async def see(west, path, member=None):
    async with browser(west, member) as client:
        return await client.get(path)


def mailboxes(west, member=None):
    return west.all(Mailbox, member_id=(member or west.toos).id)


async def confirmed(west, office, address=ADDRESS, member=None):
    """A member gives an address, and presses the button in the letter."""
    before = len(office.taken)
    assert (await send(west, member or west.toos, "/mij/mail", mail=address)).status_code == 303
    await west.work()
    (letter,) = office.taken[before:]
    (path,) = LINK.findall(letter.words)
    assert (await send(west, None, path)).status_code == 200
    return letter


async def a_week(west):
    """Until the letters of this week are out, with the upkeep in between as a server does it."""
    for _ in range(7 * 24):
        west.world.clock.tick(hours=1)
        west.store.run_now(prune)
        if west.store.read_now(queued):
            await west.work()


def queued(reading):
    from sqlalchemy import text

    return reading.execute(text("SELECT count(*) FROM jobs WHERE state = 'waiting'")).scalar()


# The address


async def test_an_address_counts_once_it_is_confirmed_by_a_button(west, office):
    """A link shows a page, for programs open links too; the button confirms, without signing in."""
    done = await send(west, west.toos, "/mij/mail", mail=f" {ADDRESS} ")
    assert done.headers["location"] == "/mij/mail?gedaan=mail-gevraagd"
    words = Page(await see(west, "/mij/mail", west.toos)).words
    assert "Kijk in je mail" in words
    assert ADDRESS in words
    await west.work()
    (letter,) = office.taken
    assert (letter.sender, letter.recipient) == ("vraagbaak@wester.example", ADDRESS)
    assert letter.letter["To"] == ADDRESS
    assert letter.letter["From"] == "Vraagbaak Wester <vraagbaak@wester.example>"
    (path,) = LINK.findall(letter.words)
    shown = await see(west, path)
    assert shown.headers["cache-control"] == "private, no-store"
    assert not mailboxes(west)[0].confirmed
    assert "set-cookie" not in shown.headers
    answer = await send(west, None, path)
    assert "Je mailadres is bevestigd" in Page(answer).words
    (mailbox,) = mailboxes(west)
    assert mailbox.confirmed
    assert datetime(2026, 11, 6, 8, tzinfo=UTC) <= mailbox.due_at < datetime(2026, 11, 6, 9, tzinfo=UTC)
    assert "Er is hier niets te bevestigen" in Page(await send(west, None, path)).words
    assert mailboxes(west) == [mailbox]
    assert "6 november 2026" in Page(await see(west, "/mij/mail", west.toos)).words


async def test_the_address_is_nowhere_in_the_open(west, office, caplog):
    """Neither in the database, its files and its queue, nor in the log, nor on a page for anybody else."""
    caplog.set_level("DEBUG")
    await send(west, west.toos, "/mij/mail", mail=ADDRESS)
    held = [path.read_bytes() for path in west.folder.rglob("*") if path.is_file()]
    await confirmed(west, office)
    held += [path.read_bytes() for path in west.folder.rglob("*") if path.is_file()]
    assert not [content for content in held if b"de.vries" in content]
    assert "de.vries" not in caplog.text
    for path in ("/mij/mail", "/mij", "/u/toos"):
        assert "de.vries" not in (await see(west, path, west.noor)).text


async def test_an_address_that_nobody_confirms_is_gone_after_a_day(west, office):
    """It cannot be confirmed any more, and nothing of it is kept."""
    await send(west, west.toos, "/mij/mail", mail=ADDRESS)
    await west.work()
    (path,) = LINK.findall(office.taken[0].words)
    west.world.clock.tick(hours=24)
    assert "Er is hier niets te bevestigen" in Page(await send(west, None, path)).words
    assert "Kijk in je mail" not in Page(await see(west, "/mij/mail", west.toos)).words
    west.world.clock.tick(seconds=1)
    west.store.run_now(prune)
    assert mailboxes(west) == []


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            "toos",
            "toos@",
            "@example.org",
            "toos@localhost",
            "toos@-a.example",
            "a..b@example.org",
            ".a@b.nl",
        ),
        *("a@b.nl,c@d.nl", "a@b.nl\r\nBcc: c@d.nl", "a@b.nl c@d.nl", "<a@b.nl>", "Toos <a@b.nl>", "a@b@c.nl"),
        *('"a b"@c.nl', "a(x)@b.nl", "a@[127.0.0.1]", "a@127.0.0.1", "tóós@example.org", "a@bücher.example"),
        *(f"{'a' * 65}@b.nl", f"a@{'b' * 250}.nl", "a@b.nl\x00", "a@b.nl\u202e", "a@b..nl", "a@b.nl."),
    ],
)
async def test_h13_an_address_is_read_in_one_way_or_not_at_all(west, office, given):
    """What could mean two addresses is refused in place, with what was typed still there; no letter goes."""
    answer = await send(west, west.toos, "/mij/mail", mail=given)
    assert answer.status_code == 422
    assert "geen gewoon mailadres" in Page(answer).words
    await west.work()
    assert (mailboxes(west), office.taken) == ([], [])


async def test_links_that_we_did_not_make_open_nothing(west, office):
    """A forged link, one for another purpose and one for another mailbox are missing, all alike."""
    await send(west, west.toos, "/mij/mail", mail=ADDRESS)
    await west.work()
    (path,) = LINK.findall(office.taken[0].words)
    token = path.rsplit("/", 1)[1]
    key, proof = token.split(".")
    wrong = [
        key,
        f"{key}.",
        f"{key}.{proof[:-1]}",
        f"{key}.{proof}x",
        f"{key}.é",
        ".",
        "x",
        f"{'0' * 26}.{proof}",
    ]
    paths = [f"/mail/bevestigen/{each}" for each in wrong] + [
        f"/mail/stop/{token}",
        f"/mail/stop/{'x' * 5000}",
    ]
    answers = [await send(west, None, each) for each in paths] + [await see(west, each) for each in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert not mailboxes(west)[0].confirmed


async def test_nobody_is_buried_under_letters(world, office):
    """Three addresses in a row, and three letters to one address, whoever asks; then comes a wait."""
    west = world.pilot("Wester", smtp_url=office.url, lab_limits="on")
    toos, noor = west.member("toos"), west.member("noor")
    answers = [await send(west, toos, "/mij/mail", mail=f"{number}@example.org") for number in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    for _ in range(2):
        assert (await send(west, noor, "/mij/mail", mail="2@example.org")).status_code == 303
    piet = west.member("piet")
    assert (await send(west, piet, "/mij/mail", mail="2@EXAMPLE.org")).status_code == 429


async def test_where_nothing_is_mailed_nothing_is_said_of_mail(world):
    """Without a mail server there is no page, no link and no field."""
    west = world.pilot("Wester")
    toos = west.member("toos")
    for path in ("/mij/mail", "/mail/stop/x", "/mail/bevestigen/x"):
        assert (await see(west, path, toos)).status_code == 404
    for path in ("/mij", "/volgen"):
        answer = await see(west, path, toos)
        assert "/mij/mail" not in answer.text


async def test_letters_that_wait_when_mail_is_switched_off_do_not_go(west, office):
    """A server that mails nothing any more takes the jobs away and tries nothing."""
    await confirmed(west, office)
    west.switch_off()
    west.config = replace(west.config, smtp_url="")
    west.start()
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    await a_week(west)
    assert len(office.taken) == 1
    assert west.store.read_now(buried) == []


# The letter


async def test_the_letter_tells_what_is_new_in_what_one_follows(west, office):
    """Plain text, by topic and pilot, straight links, and two ways to end it: RFC 2369 and RFC 8058."""
    await confirmed(west, office)
    west.store.run_now(preferring.follow_topic, west.toos, "sport")
    about = west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC, topics=("sport",))
    other = west.ask(west.noor, "Wie kan klussen?", Scope.PUBLIC, topics=("wonen",))
    shared = west.ask(west.noor, "Wie loopt er mee?", Scope.PUBLIC)
    west.store.run_now(preferring.share_question, west.toos, shared.id)
    west.answer(west.noor, shared)
    await a_week(west)
    _, taken = office.taken
    letter = taken.letter
    assert taken.recipient == ADDRESS
    assert letter.get_content_type() == "text/plain"
    assert letter["Subject"] == "Deze week in Vraagbaak Wester"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Id"] == "<week.wester.example>"
    words = taken.words
    assert f"Over sport\n- Wie weet een fysio?\n  https://wester.example/v/{about.id}\n" in words
    assert f"vraag die je volgt\n- Wie loopt er mee?\n  https://wester.example/v/{shared.id}\n" in words
    assert other.id not in words
    (stop,) = re.findall(r"<(https://wester\.example/mail/stop/\S+)>", letter["List-Unsubscribe"])
    assert stop in words
    links = re.findall(r"https?://\S+", words)
    assert all(link.startswith("https://wester.example/") and "?" not in link for link in links)
    assert "noor" not in words.lower()


async def test_who_follows_nothing_reads_what_their_neighbourhood_asks(west, office):
    """And in the language of the member."""
    west.store.run_now(lambda tx: tx.save(replace(west.toos, language="en")))
    await confirmed(west, office)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    await a_week(west)
    assert "From Wester\n- Wie weet een fysio?" in office.taken[1].words
    assert "This week in" in office.taken[1].letter["Subject"]


async def test_g15_a_letter_names_nothing_that_is_not_for_everybody(west, office):
    """Not public, delicate, hidden or kept away: no title, no topic, no address; a number only when it is not small."""
    await confirmed(west, office)
    for topic in ("sport", "drank"):
        west.store.run_now(preferring.follow_topic, west.toos, topic)
    secret = [
        west.ask(west.noor, "Geheim buurt", Scope.NEIGHBOURHOOD, topics=("sport",)),
        west.ask(west.noor, "Geheim proeftuinen", Scope.PILOTS, topics=("sport",)),
    ]
    hidden = west.ask(west.noor, "Geheim verborgen", Scope.PUBLIC, topics=("sport",))
    west.store.run_now(lambda tx: tx.save(replace(hidden, status=QuestionStatus.HIDDEN)))
    piet = west.member("piet")
    west.ask(piet, "Geheim van Piet", Scope.PUBLIC, topics=("sport",))
    west.store.run_now(preferring.silence, west.toos, SilenceKind.MUTE, piet.actor_id)
    await a_week(west)
    assert len(office.taken) == 1  # two that may not be named are too few to write of
    secret += [
        west.ask(west.noor, "Geheim drank", Scope.PUBLIC, topics=("drank",)),
        west.ask(west.noor, "Geheim gevoelig", Scope.PUBLIC, topics=("sport",), sensitive=True),
        west.ask(west.noor, "Geheim allebei", Scope.PUBLIC, topics=("sport", "drank")),
    ]
    await a_week(west)
    _, taken = office.taken
    assert "Er zijn nog 5 vragen die je alleen op de site vindt." in taken.words
    for word in ("geheim", "drank", "sport", *(question.id for question in [*secret, hidden])):
        assert word not in taken.words.lower()


async def test_e05_hostile_titles_stay_one_line_of_words(west, office):
    """No markup is made of them, and no header."""
    await confirmed(west, office)
    west.ask(west.noor, f"{HOSTILE} R&D\r\nBcc: x@example.org\n.", Scope.PUBLIC)
    await a_week(west)
    _, taken = office.taken
    assert taken.letter["Bcc"] is None
    (line,) = [line for line in taken.words.splitlines() if "alert(1)" in line]
    assert line.startswith("- <script>alert(1)</script>")
    assert "&amp;" not in taken.words
    assert "\u202e" not in taken.words


async def test_a_long_week_is_a_short_letter(west, office):
    """Eight per group; the others are a number."""
    await confirmed(west, office)
    for number in range(20):
        west.ask(west.noor, f"Vraag {number}", Scope.PUBLIC)
    await a_week(west)
    assert office.taken[1].words.count("/v/") == 8
    assert "Er zijn nog 12 vragen" in office.taken[1].words


# Once


async def test_there_is_one_letter_a_week_and_none_without_news(west, office):
    """At the day and hour of the pilot, each of them about what came since the one before."""
    await confirmed(west, office)
    moments = []
    for week in range(3):
        if week != 1:
            west.ask(west.noor, f"Vraag van week {week}", Scope.PUBLIC)
        before = len(office.taken)
        await a_week(west)
        new = office.taken[before:]
        assert len(new) == (week != 1)
        moments += [datetime.strptime(each.letter["Date"], "%a, %d %b %Y %H:%M:%S %z") for each in new]
    assert "week 0" not in office.taken[2].words
    assert "week 2" in office.taken[2].words
    assert all(moment.weekday() == 4 for moment in moments)


async def test_a_job_that_is_done_twice_sends_one_letter(west, office):
    """Whoever broke off after a letter went, and begins anew, sends no second one."""
    await confirmed(west, office)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    (mailbox,) = mailboxes(west)
    assert west.store.run_now(mailing.begin, mailbox.id) == mailbox  # and then the power went off
    await a_week(west)
    assert len(office.taken) == 1
    west.ask(west.noor, "Wie kan klussen?", Scope.PUBLIC)
    await a_week(west)
    assert "fysio" in office.taken[1].words
    assert "klussen" in office.taken[1].words


async def test_a_letter_that_may_have_gone_is_not_sent_again(west, office):
    """The line broke after the letter: better none than two."""
    await confirmed(west, office)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    office.says["taken"] = BREAK_OFF
    await a_week(west)
    assert len(office.taken) == 2


async def test_another_address_brings_no_second_letter(west, office):
    """The week belongs to the member, not to the address."""
    await confirmed(west, office)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    await a_week(west)
    assert len(office.taken) == 2
    west.ask(west.noor, "Wie kan klussen?", Scope.PUBLIC)
    await confirmed(west, office, "anders@example.org")
    letters = len(office.taken)
    west.world.clock.tick(days=2)
    west.store.run_now(lambda tx: tx.save(replace(mailboxes(west)[0], due_at=tx.now)))
    west.store.run_now(prune)
    await west.work()
    assert len(office.taken) == letters


async def test_a_server_that_is_away_is_tried_again_and_one_letter_comes(west, office):
    """Until it is back, within two days; what is older is no news any more."""
    await confirmed(west, office)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    office.says["RCPT"] = "450 greylisted"
    (mailbox,) = mailboxes(west)
    west.world.clock.moment = mailbox.due_at
    west.store.run_now(prune)
    await west.work()
    assert len(office.taken) == 1
    del office.says["RCPT"]
    west.world.clock.tick(hours=3)
    await west.work()
    assert "fysio" in office.taken[1].words
    office.says["RCPT"] = "450 greylisted"
    west.ask(west.noor, "Wie kan klussen?", Scope.PUBLIC)
    west.world.clock.moment = mailboxes(west)[0].due_at
    west.store.run_now(prune)
    await west.work()
    del office.says["RCPT"]
    west.world.clock.tick(days=2, hours=1)
    await west.work()
    assert len(office.taken) == 2


async def test_an_address_that_is_refused_three_times_is_forgotten(west, office):
    """Once is an accident; after three weeks nobody is there. One that never was is forgotten at once."""
    await confirmed(west, office)
    office.says["RCPT"] = "550 nobody here"
    for week in range(3):
        assert len(mailboxes(west)) == 1
        west.ask(west.noor, f"Vraag {week}", Scope.PUBLIC)
        await a_week(west)
    assert mailboxes(west) == []
    await send(west, west.toos, "/mij/mail", mail="typfout@example.org")
    await west.work()
    assert mailboxes(west) == []
    assert len(office.taken) == 1


async def test_what_only_the_steward_can_mend_is_kept_for_them(west, office):
    """A server that does not want us: the letter waits among what was given up, without a word of anybody."""
    await confirmed(west, office)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    office.says["MAIL"] = "550 not from you"
    await a_week(west)
    (job,) = west.store.read_now(buried)
    assert (job.kind, job.last_error) == ("mail-letter", "SmtpSender550")
    assert len(mailboxes(west)) == 1


# The end


async def test_one_click_ends_it_without_signing_in(west, office):
    """As a mail program does it: a POST from nowhere with the link of the letter (RFC 8058); the address is gone."""
    await confirmed(west, office)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    await a_week(west)
    (path,) = {path for path in LINK.findall(office.taken[1].words) if "stop" in path}
    assert "Wil je geen brieven meer?" in Page(await see(west, path)).words
    assert len(mailboxes(west)) == 1
    for origin in ({}, {"Origin": "https://mail.example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        async with west.client(**origin) as program:
            answer = await program.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
        assert mailboxes(west) == []
        assert "Je krijgt geen brieven meer" in Page(answer).words
    west.ask(west.noor, "Nog een vraag", Scope.PUBLIC)
    await a_week(west)
    assert len(office.taken) == 2


async def test_the_member_ends_it_on_their_page_and_by_leaving(west, office):
    """One button, and nothing of it is kept; nor is it when the account goes."""
    await confirmed(west, office)
    done = await send(west, west.toos, "/mij/mail", do="stop")
    assert done.headers["location"] == "/mij/mail?gedaan=mail-weg"
    assert mailboxes(west) == []
    await confirmed(west, office)
    (mailbox,) = mailboxes(west)
    west.store.run_now(members.leave, west.toos)
    assert west.all(Mailbox, id=mailbox.id) == []
    await a_week(west)
    assert len(office.taken) == 2


async def test_a_withdrawn_question_is_in_no_letter(west, office):
    """What is gone when the letter is written is not in it."""
    await confirmed(west, office)
    gone = west.ask(west.noor, "Toch maar niet", Scope.PUBLIC)
    west.ask(west.noor, "Wie weet een fysio?", Scope.PUBLIC)
    west.store.run_now(questions.withdraw, west.actor(west.noor), gone.id)
    await a_week(west)
    assert "Toch maar niet" not in office.taken[1].words


async def test_many_letters_spread_over_the_hour(tmp_path, office):
    """Members have minutes of their own, the same each week."""
    from storage.clock import UlidIds

    world = World(tmp_path, make_ids=UlidIds)
    west = world.pilot("Wester", smtp_url=office.url)
    boxes = []
    for number in range(12):
        member = west.member(f"lid{number}")
        await confirmed(west, office, f"lid{number}@example.org", member)
        boxes += mailboxes(west, member)
    minutes = {box.due_at.minute for box in boxes}
    assert len(minutes) > 4
    assert len({box.due_at.hour for box in boxes}) == 1
    world.close()
