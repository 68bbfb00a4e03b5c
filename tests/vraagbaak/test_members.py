"""Who comes in, under which name, with which power, and how they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from vraagbaak import follows, members, offers, questions
from vraagbaak.errors import Invalid, NeedsMember, NotYours, Unknown
from vraagbaak.events import Left, Withdrawn
from vraagbaak.members import SESSION_LENGTH, Newcomer
from vraagbaak.model import (
    Actor,
    Answer,
    Follow,
    Helped,
    Invite,
    Mark,
    Member,
    Offer,
    Question,
    Role,
    Scope,
    Session,
    Token,
    Tombstone,
)

HOUR = timedelta(hours=1)
BOB = Newcomer(handle="bob", name="Bob", password_hash="hash")


def invited(village, uses=1, roles=(Role.RESIDENT,), lasts=HOUR):
    """An invitation behind the code `code`."""
    return village.do(members.invite, "code", roles, uses, lasts)


# invitations


@pytest.mark.parametrize("uses", [0, -1, 501, 10**9])
def test_h14_an_invitation_is_for_a_number_of_people(village, uses):
    """Not for nobody, and not for the whole world."""
    given = (members.invite, "code", (Role.RESIDENT,), uses, HOUR)
    assert village.refuses(Invalid, "invalid", *given).field == "uses"


@pytest.mark.parametrize(
    ("own", "given"),
    [
        ((Role.STEWARD,), set(Role)),
        ((Role.MODERATOR,), set(Role) - members.POWERFUL),
        ((Role.RESIDENT, Role.MODERATOR), set(Role) - members.POWERFUL),
    ],
)
def test_nobody_gives_power_that_is_not_theirs_to_give(village, own, given):
    """A moderator lets in anybody but moderators and stewards; only a steward lets in those."""
    member = village.do(members.grant, village.noor, own)
    assert set(members.roles_to_give(member)) == given
    for role in Role:
        asked = (members.invite_as, member, f"code-{role}", role, 1)
        if role in given:
            assert village.do(*asked).roles == (role,)
        else:
            village.refuses(NotYours, "role", *asked)


@pytest.mark.parametrize("role", sorted(set(Role) - members.POWERFUL))
def test_residents_let_in_nobody(village, role):
    """Whoever may not review may not hand out invitations either."""
    member = village.do(members.grant, village.noor, (role,))
    village.refuses(NotYours, "not-moderator", members.invite_as, member, "code", Role.RESIDENT, 1)


def test_h14_an_invitation_that_does_not_work_gives_one_answer(village):
    """Wrong, used up and expired cannot be told from each other, and let nobody in."""
    wrong = village.refuses(Unknown, "invite", members.join, "code", BOB)
    invited(village)
    village.do(members.join, "code", BOB)
    used = village.refuses(Unknown, "invite", members.join, "code", replace(BOB, handle="eve"))
    village.do(members.invite, "other", (Role.RESIDENT,), 5, HOUR)
    village.clock.tick(hours=1)
    expired = village.refuses(Unknown, "invite", members.join, "other", replace(BOB, handle="eve"))
    assert str(wrong) == str(used) == str(expired)


def test_an_invitation_ends_at_its_moment_and_not_a_second_before(village):
    """One second before the end it works."""
    invited(village)
    village.clock.tick(minutes=59, seconds=59)
    assert village.do(members.open_invite, "code").uses_left == 1
    village.clock.tick(seconds=1)
    village.refuses(Unknown, "invite", members.open_invite, "code")


def test_every_use_is_counted_and_a_failed_one_is_not(village):
    """Two people come in with an invitation for two; who chose a wrong name used nothing up."""
    invited(village, uses=2)
    village.refuses(Invalid, "taken", members.join, "code", replace(BOB, handle="noor"))
    village.refuses(Invalid, "bad-handle", members.join, "code", replace(BOB, handle="x"))
    village.do(members.join, "code", BOB)
    village.do(members.join, "code", replace(BOB, handle="anna"))
    village.refuses(Unknown, "invite", members.join, "code", replace(BOB, handle="eve"))
    assert [invite.uses_left for invite in village.all(Invite)] == [0]


def test_a_newcomer_gets_the_roles_of_the_invitation_and_no_other(village):
    """What somebody may do is decided by who invited them."""
    invited(village, roles=(Role.PROFESSIONAL,))
    member = village.do(members.join, "code", BOB)
    assert (member.roles, member.moderates) == ((Role.PROFESSIONAL,), False)
    assert (member.password_hash, member.language) == ("hash", "nl")
    assert village.actor(member).uri == "https://wester.example/u/bob"
    assert village.do(members.add, replace(BOB, handle="al", language="de"), ()).language == "nl"


# names


POSING = [
    "steward",
    "STEWARD",
    "beheer",
    "beheerder",
    "be-heerder",
    "b_e_h_e_e_r",
    "moderator",
    "bemiddelaar",
]
POSING += [
    "admin",
    "root",
    "actor",
    "inbox",
    "huisarts",
    "gemeente",
    "dispatch-team",
    "vraag-baak",
    "samen_beter",
]
POSING += ["wester", "we-ster", "buurtgenoot", "buurtgenoot-wester", "buurt-genoot", "buurtgenoot2"]
NOT_PLAIN = [
    "",
    "b",
    "-bob",
    "bob-",
    "_bob",
    "bob_",
    "b" * 31,
    "bob smith",
    "bob/../noor",
    "bob@evil.example",
]
NOT_PLAIN += [
    "bob.",
    "<b>",
    "bob%2f",
    "bob\0",
    "bob\nnoor",
    "bob\u202e",
    "bo\u200bb",
    "böb",
    "nооr",
    "ⓑⓞⓑ",
    "٣٣",
]


def test_e09_nobody_poses_as_the_place_or_its_people(village):
    """Names of the steward, the moderators, the neighbourhood and the persona cannot be had (threat E09)."""
    for handle in POSING:
        refusal = village.refuses(Invalid, "taken", members.add, replace(BOB, handle=handle), ())
        assert refusal.field == "handle"


def test_e08_a_handle_is_plain(village):
    """Two to thirty small letters, digits, - and _: nothing that looks like another name or breaks an address."""
    for handle in NOT_PLAIN:
        village.refuses(Invalid, "bad-handle", members.add, replace(BOB, handle=handle), ())


def test_a_name_is_given_out_once(village):
    """In any case of letters, and never again after its owner left."""
    for handle in ("noor", "NOOR", " Noor "):
        village.refuses(Invalid, "taken", members.add, replace(BOB, handle=handle), ())
    village.do(members.leave, village.noor)
    village.refuses(Invalid, "taken", members.add, replace(BOB, handle="noor"), ())
    assert village.do(members.by_handle, " Sam ") == village.sam
    assert village.do(members.by_handle, "noor") is None


def test_e09_nobody_chooses_a_name_that_poses_as_the_place_or_its_people(village):
    """The name that others see is held to the same rule as the handle, when somebody chooses it (threat E09)."""
    invited(village)
    for name in ("Beheer", "  BEHEERDER ", "Huisarts ✔", "@beheer", "Wester", "Buurtgenoot uit Wester"):
        refusal = village.refuses(Invalid, "taken", members.join, "code", replace(BOB, name=name))
        assert refusal.field == "name"


def test_who_carries_the_pilot_may_be_called_so(village):
    """A steward may be shown as what they are."""
    invited(village, roles=(Role.STEWARD,))
    member = village.do(members.join, "code", replace(BOB, name="Beheer"))
    assert village.actor(member).name == "Beheer"


def test_a_name_that_is_too_long_is_refused(village):
    """Sixty characters, and nothing is cut in silence."""
    for name in ("x" * 61, "x" * 60 + " en nog meer"):
        assert village.refuses(Invalid, "too-long", members.add, replace(BOB, name=name), ()).field == "name"


def test_e07_a_name_shows_what_it_says(village):
    """No direction marks, no invisible ones, no towers of accents; without a name the handle is shown (E07)."""
    member = village.do(members.add, replace(BOB, name="B\u202eo\u200bb\n e\u0301" + "\u0301" * 50), ())
    assert len(village.actor(member).name) <= 8
    assert village.actor(member).name.startswith("Bob é")
    other = village.do(members.add, Newcomer(handle="anna", name="", password_hash=""), ())
    assert village.actor(other).name == "anna"


def test_a_name_of_nothing_is_refused(village):
    """A name that nobody can see is none."""
    for name in ("\u200b", " \n ", "\u3164", "\u200d"):
        village.refuses(Invalid, "too-short", members.add, replace(BOB, name=name), ())


# sessions, tokens, roles


def test_a_session_lasts_thirty_days_and_ends_by_its_own_secret(village):
    """Signing out ends that browser only; a secret that opens nothing ends nothing."""
    for secret in ("one", "two"):
        session = village.do(members.open_session, village.noor.id, secret)
    assert session.expires_at == village.clock.moment + SESSION_LENGTH
    for secret in ("one", "one", "unknown"):
        village.do(members.end_session, secret)
    assert [session.id for session in village.all(Session)] == ["two"]


def test_h09_a_new_password_ends_everything_that_was_open(village):
    """Every browser and program of that member, and of nobody else (threat H09)."""
    for member in (village.noor, village.sam):
        village.do(members.open_session, member.id, f"session {member.handle}")
        village.do(members.give_token, member, f"token {member.handle}", ("read",))
    changed = village.do(members.change_password, village.noor, "new hash")
    assert village.now(village.noor) == changed == replace(village.noor, password_hash="new hash")
    assert [session.id for session in village.all(Session)] == ["session sam"]
    assert [token.id for token in village.all(Token)] == ["token sam"]


def test_a_token_does_what_it_was_given_for(village):
    """It keeps its scopes and whose it is."""
    token = village.do(members.give_token, village.noor, "hash", ("read", "write"))
    assert (token.member_id, token.scopes, token.created_at) == (
        village.noor.id,
        ("read", "write"),
        village.clock.moment,
    )


def test_power_is_given_and_taken(village):
    """Roles are what they were last set to; a member that is gone gets none."""
    assert village.do(members.grant, village.noor, (Role.MODERATOR,)).moderates
    assert not village.do(members.grant, village.now(village.noor), (Role.RESIDENT,)).moderates
    assert not village.now(village.noor).moderates
    village.do(members.leave, village.sam)
    village.refuses(Unknown, "unknown", members.grant, village.sam, (Role.STEWARD,))


@pytest.mark.parametrize("role", Role)
def test_who_may_review(village, role):
    """Nobody, a member without that role, and the two roles that may, each hear their own answer."""
    member = replace(village.noor, roles=(role,))
    if role in {Role.MODERATOR, Role.STEWARD}:
        assert members.require_moderator(member) is member
        return
    with pytest.raises(NotYours) as refusal:
        members.require_moderator(member)
    assert refusal.value.code == "not-moderator"
    with pytest.raises(NeedsMember):
        members.require_moderator(None)


# leaving


def test_who_leaves_takes_everything_along(village, henk):
    """Questions, answers, comments, offers, marks, sessions and tokens are gone, and each is told to who had it."""
    asked, other = village.ask(), village.ask(village.sam, title="Van Sam")
    theirs = village.take(village.question_by(henk))
    village.answer(asked)
    said = [village.answer(other, village.noor), village.answer(theirs, village.noor)]
    comment = village.answer(other, village.sam, parent_id=said[0].id)
    made = [village.offer(village.noor), village.offer(village.noor, question_id=other.id)]
    village.do(
        questions.mark, village.actor(village.noor), asked.id, village.all(Answer)[0].id, Helped.HELPED
    )
    village.do(members.open_session, village.noor.id, "session")
    village.do(members.give_token, village.noor, "token", ("read",))
    village.happened()
    village.do(members.leave, village.noor)
    noor = village.noor.actor_id
    assert [village.all(kind, author_id=noor) for kind in (Question, Answer)] == [[], []]
    assert village.all(Offer) == []
    assert [village.all(kind) for kind in (Session, Token, Mark)] == [[], [], []]
    assert village.now(village.noor) is None
    assert village.now(comment) == replace(comment, parent_id=None)
    *withdrawn, left = village.happened()
    assert left == Left(actor_id=noor)
    own = {each.uri for each in (asked, *said)}
    assert {event.uri for event in withdrawn if event.author_id == noor} == own
    nameless = {event.uri for event in withdrawn if event.author_id == village.persona.id}
    assert nameless == {each.uri for each in made}
    assert {type(event) for event in withdrawn} == {Withdrawn}


def test_of_who_left_no_name_stays(village):
    """The actor stays nameless until its Deletes are out; its handle is never given out again."""
    named = village.do(members.add, replace(BOB, name="Robert de Vries"), ())
    village.do(members.leave, named)
    actor = village.do(lambda tx: tx.get(Actor, named.actor_id))
    assert (actor.name, actor.summary, actor.suspended) == ("bob", "", True)
    grave = village.do(lambda tx: tx.one(Tombstone, uri=actor.uri))
    assert (grave.actor_uri, grave.kind, grave.public) == (actor.uri, "Person", True)
    rows = [row for table in village.store.rows.values() for row in table.values()]
    assert "Robert" not in repr(rows)


def test_who_left_is_followed_by_nobody_new(village, henk):
    """A follow that comes in late is not accepted in the name of somebody who is gone."""
    village.do(members.leave, village.noor)
    gone = village.do(lambda tx: tx.get(Actor, village.noor.actor_id))
    village.refuses(NotYours, "not-yours", follows.receive, henk, gone, "https://nieuwland.example/f/1")
    assert village.all(Follow, target_id=gone.id) == []


def test_leaving_twice_is_leaving_once(village):
    """What is gone cannot go again."""
    village.do(members.leave, village.noor)
    village.happened()
    village.refuses(Unknown, "unknown", members.leave, village.noor)
    assert village.happened() == []
    assert village.all(Member, id=village.noor.id) == []


def test_others_lose_nothing_when_somebody_leaves(village):
    """What Sam asked, said and offers stays as it was."""
    asked = village.ask(village.sam, Scope.PILOTS)
    kept = [asked, village.answer(asked), village.offer()]
    village.answer(asked, village.noor)
    village.do(members.leave, village.noor)
    assert [village.now(each) for each in kept] == kept
    village.do(offers.withdraw, village.actor(village.sam), kept[2].id)
