"""What the domain refuses, and in which words.

Refused
├── Unknown      404  there is no such thing, or you may not know that there is
├── NotYours     403  it exists, you see it, but this act is not yours to do
├── NeedsMember  401  only members may do this; sign in first
├── Invalid      422  what you gave cannot be taken; `field` says where
└── TooFast      429  not now; `retry_after` seconds

Every refusal carries a `code` (stable, for scripts) and a `text` (English msgid, safe to show, translated at
the edge with `values` filled in). Nothing in it ever quotes what a stranger may not know.
"""

import traceback


def where(fault: BaseException) -> str:
    """Where a fault happened, for the log: its kind and its stack, but never its own text, which may quote people."""
    stack = "".join(traceback.format_tb(fault.__traceback__))
    return f"{type(fault).__name__}\n{stack}"


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The domain says no. `code` is stable, `text` is a msgid, `values` fill its placeholders."""

    status = 400
    code = "refused"
    text = "This cannot be done."

    def __init__(self, code: str | None = None, text: str | None = None, **values: str | int) -> None:
        self.code = code or type(self).code
        self.text = text or type(self).text
        self.values = values
        super().__init__(f"{self.code}: {self.text % values if values else self.text}")


class Unknown(Refused):
    """There is no such thing, or the viewer may not know that there is: one answer for both."""

    status = 404
    code = "unknown"
    text = "This does not exist, or it is not meant for you."


class NotYours(Refused):
    """Seen, but not this person's to change."""

    status = 403
    code = "not-yours"
    text = "Only the person who wrote this may do that."


class NeedsMember(Refused):
    """Only members may do this."""

    status = 401
    code = "needs-member"
    text = "Sign in first."


class Invalid(Refused):
    """The input cannot be taken. `field` names the form field or JSON member at fault."""

    status = 422
    code = "invalid"
    text = "Please check what you filled in."

    def __init__(self, field: str, text: str, code: str | None = None, **values: str | int) -> None:
        super().__init__(code, text, **values)
        self.field = field


class TooFast(Refused):
    """Not now. `retry_after` is in seconds."""

    status = 429
    code = "too-fast"
    text = "That went a bit fast. Wait a moment and try again."

    def __init__(self, retry_after: int, text: str | None = None) -> None:
        super().__init__(None, text)
        self.retry_after = retry_after
