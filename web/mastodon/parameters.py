"""What a client sends, in whichever of its habits: query, form, multipart or JSON, `a[]`, `a[0]`, `a[b]`, "on" and "1".

It becomes a structure that is declared once and stands in our OpenAPI; what cannot be read so is refused, never guessed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterable
from functools import cache
from typing import IO, Any, TypeVar

import msgspec
from msgspec import inspect
from starlette.requests import Request

from vraagbaak.errors import Invalid
from web import reading_body

S = TypeVar("S", bound=msgspec.Struct)

BODY_LIMIT = 256 * 1024
DEEPEST = 5
_PART = re.compile(r"\[([^\[\]]{0,80})\]")
_NAME = re.compile(r"[^\[\]]{1,80}")
_YES = frozenset({"1", "true", "t", "yes", "y", "on"})
_NO = frozenset({"", "0", "false", "f", "no", "n", "off"})
_WRONG = re.compile(r"`\$\.([a-z_0-9]+)")
_MISSING = re.compile(r"required field `([a-z_0-9]+)`")

Tree = dict[str, Any]


async def given(request: Request, kind: type[S]) -> S:
    """The parameters of a request as this structure; the body wins over the query. Raises Refused."""
    tree = nested(request.query_params.multi_items())
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        tree |= await _body(request)
    return fitted(tree, kind)


@contextlib.asynccontextmanager
async def uploaded(
    request: Request, kind: type[S], name: str, limit: int
) -> AsyncIterator[tuple[S, IO[bytes]]]:
    """The parameters that come with a file, and that file; it is gone after the context. Raises Refused."""
    async with reading_body.upload(request, name, limit) as (fields, file):
        if file is None:
            raise Invalid(name, "This is missing: %(name)s.", "missing", name=name)
        yield fitted(_nested_fields(fields), kind), file


async def _body(request: Request) -> Tree:
    kind = reading_body.content_type(request)
    if kind in reading_body.FORMS:
        fields = await reading_body.form(request, BODY_LIMIT)
        return _nested_fields(fields)
    if kind == reading_body.JSON:
        raw = await reading_body.body(request, BODY_LIMIT)
        return reading_body.object_in(raw) if raw.strip() else {}
    if kind and await reading_body.body(request, BODY_LIMIT):
        raise reading_body.WrongType
    return {}


def _nested_fields(fields: reading_body.Fields) -> Tree:
    return nested((name, value) for name, values in fields.items() for value in values)


def nested(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Names with brackets as lists and maps; a name that comes twice is a list. Raises Invalid."""
    tree: Tree = {}
    for name, value in pairs:
        start = _NAME.match(name)
        if start is None:
            continue
        path = [start[0], *_PART.findall(name[start.end() :])]
        if len(path) > DEEPEST:
            raise Invalid(start[0], "This cannot be the value of '%(name)s'.", "bad-value", name=start[0])
        _put(tree, path, value)
    return tree


def _put(tree: Tree, path: list[str], value: str) -> None:
    for part in path[:-1]:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            below = tree[part] = {"": below}
        tree = below
    last = path[-1]
    before = tree.get(last)
    if before is None:
        tree[last] = value
    elif isinstance(before, list):
        before.append(value)
    elif isinstance(before, str):
        tree[last] = [before, value]


def fitted(tree: Tree, kind: type[S]) -> S:
    """The values as the structure wants them. Raises Invalid."""
    try:
        return msgspec.convert(_fit(tree, _described(kind)), kind, strict=False)
    except msgspec.ValidationError as fault:
        raise _invalid(str(fault), kind) from None


@cache
def _described(kind: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(kind)


def _fit(value: Any, wanted: inspect.Type) -> Any:
    options = _options(wanted)
    says_text = any(isinstance(each, inspect.StrType) for each in options)
    if (value is None or (value == "" and not says_text)) and _may_be_null(wanted):
        return None
    for option in options:
        if isinstance(option, inspect.StructType):
            return _fit_struct(value, option)
        if isinstance(option, inspect.ListType | inspect.VarTupleType):
            return [_fit(each, option.item_type) for each in _as_list(value)]
        if isinstance(option, inspect.BoolType):
            return _flag(value)
    if isinstance(value, list) and any(
        isinstance(each, inspect.StrType | inspect.IntType) for each in options
    ):
        value = value[-1] if value else None
    if says_text and isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # an id, as a library sends it that takes ids for numbers
    # No word of anybody has a NUL in it, and no PostgreSQL takes one.
    return value.replace("\0", "") if isinstance(value, str) else value


def _fit_struct(value: Any, wanted: inspect.StructType) -> Any:
    if not isinstance(value, dict):
        return value
    known = {field.encode_name: field.type for field in wanted.fields}
    # Where null says nothing of its own it is what some clients send for a member that is not there.
    return {
        name: _fit(each, known[name])
        for name, each in value.items()
        if name in known and (each is not None or _may_be_null(known[name]))
    }


def _options(wanted: inspect.Type) -> tuple[inspect.Type, ...]:
    return wanted.types if isinstance(wanted, inspect.UnionType) else (wanted,)


def _may_be_null(wanted: inspect.Type) -> bool:
    return any(isinstance(each, inspect.NoneType | inspect.AnyType) for each in _options(wanted))


def _as_list(value: Any) -> list[Any]:
    """`a[]`, `a[0]` and `a` alike."""
    if isinstance(value, dict):
        found: list[Any] = []
        for name, each in value.items():
            if name == "" or name.isdecimal():
                found += each if isinstance(each, list) else _told_apart(each)
        return found
    return value if isinstance(value, list) else [value]


def _told_apart(value: Any) -> list[Any]:
    """`a[][x]=1&a[][y]=2&a[][x]=3`: what comes twice under one name is of the next in the list."""
    if not isinstance(value, dict):
        return [value]
    members = {name: each if isinstance(each, list) else [each] for name, each in value.items()}
    return [
        {name: each[at] for name, each in members.items() if at < len(each)}
        for at in range(max(map(len, members.values()), default=0))
    ]


def _flag(value: Any) -> Any:
    if isinstance(value, list) and value:
        value = value[-1]
    if not isinstance(value, str | int):
        return value
    spoken = str(value).strip().lower()
    if spoken in _YES:
        return True
    return False if spoken in _NO else value


def _invalid(fault: str, kind: type[msgspec.Struct]) -> Invalid:
    """The member at fault, in our words: the library's sentences are for programmers."""
    missing = _MISSING.search(fault)
    if missing:
        return Invalid(missing[1], "This is missing: %(name)s.", "missing", name=missing[1])
    wrong = _WRONG.search(fault)
    name = wrong[1] if wrong else next(iter(kind.__struct_fields__), "body")
    return Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name)
