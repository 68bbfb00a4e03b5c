"""Where things go and went, and what stands in a collection: the same lists on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import circulation
from storage.circulation import Entry, FollowerInbox
from storage.records import Sent
from tests.storage.things import AT, actor, add, answer, follow, question
from vraagbaak.audience import PASSER_BY, Viewer
from vraagbaak.model import (
    FollowState,
    Helped,
    Mark,
    Member,
    QuestionStatus,
    ReplyStatus,
    Role,
    Scope,
    Standing,
    Tombstone,
)

MEMBER = Viewer(member=Member(id="m", actor_id="actor", handle="m"))
MODERATOR = Viewer(member=Member(id="o", actor_id="o", handle="o", roles=(Role.MODERATOR,)))
PILOT = Viewer(standing=Standing.PILOT)
OPEN = Viewer(standing=Standing.OPEN)
LIMITED = Viewer(standing=Standing.LIMITED)
REFUSED = Viewer(standing=Standing.REFUSED)
WIDTH = {
    PASSER_BY: {Scope.PUBLIC},
    OPEN: {Scope.PUBLIC},
    LIMITED: {Scope.PUBLIC},
    PILOT: {Scope.PUBLIC, Scope.PILOTS},
    MEMBER: set(Scope),
    MODERATOR: set(Scope),
    REFUSED: set(),
}


# Followers


def stranger(key: str, **more):
    uri = f"https://mast.example/u/{key}"
    given = {"uri": uri, "domain": "mast.example", "local": False, "inbox": f"{uri}/inbox", **more}
    return actor(key, **given)


def followed_by(store, *followers, target: str = "group", state: FollowState = FollowState.ACCEPTED) -> None:
    def unit(tx):
        for each in followers:
            add(tx, each, replace(follow(f"{each.id}-{target}", each.id, target), state=state))

    store.run_now(unit)


@pytest.fixture
def followed(store):
    """A store in which two of ours can be followed."""
    store.run_now(lambda tx: add(tx, actor("group"), actor("other")))
    return store


def inboxes(store, target: str = "group") -> list[FollowerInbox]:
    return store.read_now(circulation.follower_inboxes, target)


def test_every_inbox_stands_there_once(followed):
    """Followers behind one shared inbox are one delivery; without a shared inbox each has their own."""
    shared = {"shared_inbox": "https://big.example/inbox"}
    followed_by(
        followed, *(stranger(f"b{n}", **shared) for n in range(3)), stranger("solo"), stranger("alone")
    )
    assert inboxes(followed) == [
        FollowerInbox(inbox="https://big.example/inbox", announces=False, chooses=False),
        FollowerInbox(inbox="https://mast.example/u/alone/inbox", announces=False, chooses=False),
        FollowerInbox(inbox="https://mast.example/u/solo/inbox", announces=False, chooses=False),
    ]


def test_nobody_follows_at_first(followed):
    """Without followers there is no inbox, and neither is there for who does not exist."""
    assert inboxes(followed) == inboxes(followed, "nobody") == []


@pytest.mark.parametrize("state", [FollowState.PENDING, FollowState.REJECTED])
def test_a_follow_that_was_not_accepted_does_not_count(state, followed):
    """Who waits to be accepted, or was refused, receives nothing."""
    followed_by(followed, stranger("eager"), state=state)
    followed_by(followed, stranger("accepted"))
    assert [each.inbox for each in inboxes(followed)] == ["https://mast.example/u/accepted/inbox"]


def test_who_was_suspended_receives_nothing(followed):
    """A suspended follower is left out, also behind an inbox that others share, and the others are not."""
    shared = {"shared_inbox": "https://big.example/inbox"}
    followed_by(followed, stranger("bad", suspended=True), stranger("worse", suspended=True, **shared))
    assert inboxes(followed) == []
    followed_by(followed, stranger("good", **shared))
    assert [each.inbox for each in inboxes(followed)] == ["https://big.example/inbox"]


def test_our_own_people_and_who_has_no_inbox_are_left_out(followed):
    """A delivery goes to another server, to an address: local followers and those without an inbox have none."""
    followed_by(followed, actor("neighbour", inbox="https://wester.example/u/neighbour/inbox"))
    followed_by(followed, stranger("mute", inbox=""))
    assert inboxes(followed) == []


def test_each_has_their_own_followers(followed):
    """Who follows one of ours does not receive what another says."""
    followed_by(followed, stranger("a"))
    followed_by(followed, stranger("b"), target="other")
    assert [each.inbox for each in inboxes(followed)] == ["https://mast.example/u/a/inbox"]
    assert [each.inbox for each in inboxes(followed, "other")] == ["https://mast.example/u/b/inbox"]


def test_one_that_understands_groups_speaks_for_its_server(followed):
    """An inbox is sent Announces when anybody behind it was seen to understand them."""
    shared = {"shared_inbox": "https://big.example/inbox"}
    followed_by(followed, stranger("plain", **shared), stranger("group-like", announces=True, **shared))
    followed_by(followed, stranger("other-plain"), stranger("other-like", announces=True))
    assert {each.inbox: each.announces for each in inboxes(followed)} == {
        "https://big.example/inbox": True,
        "https://mast.example/u/other-plain/inbox": False,
        "https://mast.example/u/other-like/inbox": True,
    }


# Who received what


def sent(key: str, thing: str, inbox: str) -> Sent:
    return Sent(id=key, thing_uri=thing, inbox=inbox, host=inbox.split("/")[2], sent_at=AT)


def gone(uri: str, author: str) -> Tombstone:
    return Tombstone(id=f"{uri} {author}", uri=uri, actor_uri=author, kind="Note", deleted_at=AT)


def test_whoever_received_something_of_a_leaver_is_found(store):
    """Every inbox that got anything that this author deleted is listed once; others' things and what stays are not."""
    a, b, c, d = (f"https://{name}.example/inbox" for name in "dcba")
    store.run_now(
        lambda tx: add(
            tx,
            *(gone("q1", "noor"), gone("q2", "noor"), gone("q3", "sam")),
            *(sent("1", "q1", a), sent("2", "q1", b), sent("3", "q2", a)),
            *(sent("4", "q3", c), sent("5", "still-there", d)),
        )
    )
    assert store.read_now(circulation.inboxes_that_knew, "noor") == [b, a]
    assert store.read_now(circulation.inboxes_that_knew, "sam") == [c]
    assert store.read_now(circulation.inboxes_that_knew, "nobody") == []


# Collections


def titles(found) -> list[str]:
    return [each.id for each in found]


def test_questions_are_listed_for_whom_they_are(store):
    """Each viewer gets the questions of their scopes that are past review, newest first, and none from elsewhere."""
    all_of_them = [
        question(f"q{n:02}", scope=scope, status=status)
        for n, (scope, status) in enumerate((scope, status) for scope in Scope for status in QuestionStatus)
    ]
    elsewhere = question("q99", local=False, scope=Scope.PUBLIC)
    store.run_now(lambda tx: add(tx, actor(), *all_of_them, elsewhere))
    readable = {QuestionStatus.OPEN, QuestionStatus.ANSWERED, QuestionStatus.CLOSED}
    for viewer, scopes in WIDTH.items():
        wanted = [each for each in all_of_them if each.scope in scopes and each.status in readable]
        assert store.read_now(circulation.questions_here, viewer, limit=100) == wanted[::-1], viewer


def test_questions_of_one_author_are_only_theirs(store):
    """With an author given nobody else's question is listed."""
    store.run_now(
        lambda tx: add(
            tx, actor(), actor("sam"), question("q1"), question("q2", author_id="sam"), question("q3")
        )
    )
    assert titles(store.read_now(circulation.questions_here, PASSER_BY, author_id="sam", limit=9)) == ["q2"]
    assert titles(store.read_now(circulation.questions_here, PASSER_BY, limit=9)) == ["q3", "q2", "q1"]


@pytest.mark.parametrize("kind", ["questions", "answers"])
def test_newest_first_lists_go_on_where_they_stopped(kind, store):
    """Page after page gives everything once, newest first, whatever is added at the top meanwhile."""

    def unit(tx):
        add(tx, actor(), question("question"))
        for number in range(7):
            add(tx, question(f"q{number}") if kind == "questions" else answer(f"q{number}"))

    store.run_now(unit)
    listed = circulation.questions_here if kind == "questions" else circulation.answers_here
    found, before = [], "r"
    while page := store.read_now(listed, PASSER_BY, before=before, limit=3):
        found += titles(page)
        before = page[-1].id
        new = question(f"s{before}") if kind == "questions" else answer(f"s{before}")
        store.run_now(lambda tx, new=new: add(tx, new))
    assert [each for each in found if each != "question"] == [f"q{number}" for number in range(6, -1, -1)]


def test_answers_are_listed_for_whom_they_are(store):
    """Each viewer gets the answers of their scopes that are past review: newest first here, oldest first in a thread."""
    all_of_them = [
        answer(f"a{n:02}", scope=scope, status=status)
        for n, (scope, status) in enumerate((scope, status) for scope in Scope for status in ReplyStatus)
    ]
    store.run_now(lambda tx: add(tx, actor(), question(), *all_of_them))
    thread = {"question_id": "question", "after": "", "limit": 100}
    for viewer, scopes in WIDTH.items():
        wanted = [
            each.id for each in all_of_them if each.scope in scopes and each.status is ReplyStatus.SHOWN
        ]
        assert titles(store.read_now(circulation.answers_here, viewer, limit=100)) == wanted[::-1], viewer
        assert titles(store.read_now(circulation.thread, viewer, **thread)) == wanted, viewer
        assert titles(store.read_now(circulation.replies, viewer, parent_id=None, **thread)) == wanted, viewer


def test_the_neighbourhood_lists_all_answers_to_its_questions(store):
    """Without an author: whoever answers a question asked here, from wherever; nothing said to questions elsewhere."""
    store.run_now(
        lambda tx: add(
            tx,
            *(actor(), stranger("far")),
            *(question("here"), question("there", local=False)),
            answer("a1", question_id="here"),
            answer("a2", question_id="here", author_id="far", local=False),
            answer("a3", question_id="there"),
            answer("a4", question_id="there", author_id="far", local=False),
        )
    )
    assert titles(store.read_now(circulation.answers_here, PASSER_BY, limit=9)) == ["a2", "a1"]


def test_one_of_ours_lists_all_they_said(store):
    """With an author: all they answered, here and elsewhere; for somebody who is not ours nothing."""
    store.run_now(
        lambda tx: add(
            tx,
            *(actor(), actor("sam"), stranger("far")),
            *(question("here"), question("there", local=False)),
            answer("a1", question_id="here", author_id="sam"),
            answer("a2", question_id="there", author_id="sam"),
            answer("a3", question_id="here"),
            answer("a4", question_id="here", author_id="far", local=False),
        )
    )

    def by(author: str) -> list[str]:
        return titles(store.read_now(circulation.answers_here, PASSER_BY, author_id=author, limit=9))

    assert by("sam") == ["a2", "a1"]
    assert by("far") == []


@pytest.fixture
def talk(store):
    """A question with two answers, comments on one of them and on a comment, and a second question beside it."""

    def unit(tx):
        add(tx, actor(), question(), question("beside"))
        for key, parent in (("a1", None), ("a2", "a1"), ("a3", None), ("a4", "a1"), ("a5", "a4")):
            add(tx, answer(key, parent_id=parent))
        add(tx, answer("a6", question_id="beside"))

    store.run_now(unit)
    return store


def uris(*keys: str) -> list[Entry]:
    return [Entry(id=key, uri=f"https://wester.example/answers/{key}") for key in keys]


@pytest.mark.parametrize(
    ("parent", "wanted"),
    [(None, ("a1", "a3")), ("a1", ("a2", "a4")), ("a4", ("a5",)), ("a5", ()), ("a6", ())],
)
def test_replies_are_the_direct_ones(parent, wanted, talk):
    """Replies to a question are its answers, replies to an answer the comments right under it, oldest first."""
    found = talk.read_now(
        circulation.replies, PASSER_BY, question_id="question", parent_id=parent, after="", limit=9
    )
    assert found == uris(*wanted)


def test_a_thread_is_everything_said_to_a_question(talk):
    """All answers and comments, oldest first, and nothing that was said to another question."""
    found = talk.read_now(circulation.thread, PASSER_BY, question_id="question", after="", limit=9)
    assert found == uris("a1", "a2", "a3", "a4", "a5")


def test_oldest_first_lists_go_on_where_they_stopped(talk):
    """Page after page gives everything once, in order."""
    found, after = [], ""
    while page := talk.read_now(circulation.thread, PASSER_BY, question_id="question", after=after, limit=2):
        assert len(page) <= 2
        found += page
        after = page[-1].id
    assert found == uris("a1", "a2", "a3", "a4", "a5")
    later = talk.read_now(
        circulation.replies, PASSER_BY, question_id="question", parent_id=None, after="a1", limit=9
    )
    assert later == uris("a3")


def mark(key: str, value: Helped = Helped.HELPED, minutes: int = 0, question_id: str = "question") -> Mark:
    return Mark(id=key, question_id=question_id, value=value, marked_at=AT + timedelta(minutes=minutes))


def test_what_helped_stands_in_the_order_in_which_the_asker_said_so(talk):
    """Wholly or partly helpful answers, by the moment of the word and then by age; 'not now' and other questions are not there."""
    marks = (mark("a3", minutes=2), mark("a5", Helped.PARTLY, minutes=1), mark("a4", minutes=1))
    others = (mark("a1", Helped.NOT_NOW), mark("a6", question_id="beside"))
    talk.run_now(lambda tx: add(tx, *marks, *others))
    assert talk.read_now(circulation.helpful, PASSER_BY, "question") == [
        f"https://wester.example/answers/{key}" for key in ("a4", "a5", "a3")
    ]
    assert talk.read_now(circulation.helpful, PASSER_BY, "nothing") == []


def test_what_helped_is_told_to_whom_may_see_it(store):
    """An answer that a viewer may not have is not named among those that helped either."""

    def unit(tx):
        add(tx, actor(), question())
        for number, scope in enumerate(Scope):
            add(tx, answer(f"a{number}", scope=scope), mark(f"a{number}"))
        add(tx, answer("hidden", status=ReplyStatus.HIDDEN), mark("hidden"))

    store.run_now(unit)
    for viewer, scopes in WIDTH.items():
        wanted = [f"https://wester.example/answers/a{n}" for n, scope in enumerate(Scope) if scope in scopes]
        assert store.read_now(circulation.helpful, viewer, "question") == wanted, viewer
