"""When a thread is asked for again, and where: which servers may know of replies that did not come here.

Only what is public is asked for: what is for fewer people is sent by its home, and by nobody else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from federation.documents import host_of
from storage.work import Work, WorkTx
from vraagbaak import audience, peers
from vraagbaak.model import Answer, Question, Scope
from vraagbaak.ports import Reads

GATHER = "gather"
SOON = timedelta(minutes=2)
"""How long after a post came in its thread is gathered: most replies to it arrive by themselves."""
COOL_DOWN = timedelta(minutes=15)
"""Between two times for one thread."""
LIVELY = timedelta(hours=2)
QUIET = timedelta(hours=1)
ASLEEP = timedelta(days=1)
"""How long after its last post a thread is not asked for any more, but when somebody reads it."""
POSTS = 500
"""How many posts of one thread are kept up with."""


NEWEST = 5
"""How many of the latest branches of a thread are looked at each time."""
AT_A_TIME = 15
"""How many of the others one look surely reaches: each costs up to two requests of the fifty."""


def plan(tx: WorkTx, question: Question, delay: timedelta = SOON) -> None:
    """Gather a thread soon, once, and never twice within a quarter of an hour."""
    run_at = tx.now + delay
    if question.gathered_at:
        run_at = max(run_at, question.gathered_at + COOL_DOWN)
    tx.enqueue(Work(GATHER, question.id, run_at=run_at, key=f"{GATHER} {question.id}"))


def has_rested(question: Question, now: datetime) -> bool:
    """Whether it is long enough ago that others were asked for more."""
    return question.gathered_at is None or now >= question.gathered_at + COOL_DOWN


def is_due(reading: Reads, question: Question) -> bool:
    """Whether somebody who reads the thread now is reason enough to ask for more."""
    return has_rested(question, reading.now) and bool(places(reading, question))


def look_again(tx: WorkTx, question_id: str) -> None:
    """Somebody reads the thread: it is gathered now when it is due."""
    question = tx.get(Question, question_id)
    if is_due(tx, question):
        plan(tx, question, timedelta())


def places(reading: Reads, question: Question) -> list[str]:
    """The collections in which replies can stand that nobody sends us: none of servers in our circle."""
    if question.scope is not Scope.PUBLIC or not audience.is_readable(question):
        return []
    answers = reading.find(Answer, question_id=question.id)
    if len(answers) >= POSTS:
        return []
    stated = [] if question.local else [question.context_uri, question.replies_uri]
    # The latest first: there people speak. One look at a long thread does not reach all: the others take turns.
    latest = sorted(answers, key=lambda answer: answer.published_at, reverse=True)
    branches = [answer.replies_uri for answer in latest if not answer.local and audience.is_readable(answer)]
    rest = branches[NEWEST:]
    turn = int(reading.now.timestamp() // COOL_DOWN.total_seconds()) * AT_A_TIME % len(rest) if rest else 0
    stated += [*branches[:NEWEST], *rest[turn:], *rest[:turn]]
    return [uri for uri in dict.fromkeys(stated) if uri and not peers.in_circle(reading, host_of(uri) or "")]
