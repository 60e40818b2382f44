"""What is measured of tickets and waits, as whole columns, for reports that count all of it.

A hundred thousand rows of twenty values each take seconds to become Python's objects. So the
database writes every column into one text, `17,4,-9,…`, which whoever counts reads at once; while
it does so, others in the process go on. A text's place is a row: the columns of one statement are
in one order. Instants are whole seconds since 1970, `NONE` stands for what is not there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.db import tables
from bot.db.tables.figures import feedback, ticket_figure, wait_figure
from bot.domain.figures import End

NONE: Final = -9
"""A number that is not there. Moods go from -2 on, everything else from 0."""

BETWEEN: Final = ","
"""What stands between values. SQLite joins twice as fast by its own mark as by any other."""

_AT_ONCE: Final = 1000
"""Tickets asked for by id in one statement."""

_FREE: Final = frozenset({"answered_by", "owner", "marketplace", "language", "currency"})
"""Columns of words that are not ours, so that one of them might have the mark in it."""

_T = ticket_figure.c
_W = wait_figure.c
_NUMBERS_OF_TICKETS: Final = (
    *("ticket_id", "inbox_id", "customer_id", "opened_at", "merged_at", "first_answer_at"),
    *("resolved_at", "resolution_worked", "customer_turns", "answer_turns", "hand_overs"),
    *("reopened", "handling_seconds", "pings", "needless_pings", "mood_first", "mood_last"),
    *("stars", "bought_again_at", "bought_again_cents"),
)
_NUMBERS_OF_WAITS: Final = (
    *("ticket_id", "instance", "began_at", "seen_at", "claimed_at", "ended_at"),
    *("worked_seconds", "limit_due_at", "target_due_at"),
)
_WORDS_OF_WAITS: Final = ("end", "answered_by", "limit_cause", "target_cause")

Packed = Mapping[str, str]
"""Column → its values in one text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From `since` on and before `until`, in seconds since 1970; `inboxes` by id, None: all."""

    since: int
    until: int
    inboxes: Collection[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A customer's answer to a survey. `kind` is csat or nps."""

    ticket_id: int
    kind: str
    score: int
    answered_at: int


def inboxes(conn: Connection) -> Sequence[tuple[int, str, str]]:
    """Id, name and connector of every inbox there ever was: tickets outlive the configuration."""
    columns = tables.inbox.c
    found = conn.execute(select(columns.id, columns.name, columns.connector))
    return [(row.id, row.name, row.connector) for row in found]


def tickets(conn: Connection, stretch: Stretch, words: Collection[str]) -> Iterator[Packed]:
    """Tickets opened or resolved in a stretch, each once, with the columns `words` of text."""
    opened, resolved = _seconds(_T.opened_at), _seconds(_T.resolved_at)
    earlier = and_(_only_checked(opened) < stretch.since, _within(resolved, stretch))
    yield _tickets(conn, words, [_within(opened, stretch), *_of_inboxes(_T.inbox_id, stretch)])
    own = _of_inboxes(_only_checked(_T.inbox_id), stretch)
    yield _tickets(conn, words, [earlier, *own])


def tickets_by_id(
    conn: Connection, ids: Sequence[int], stretch: Stretch, words: Collection[str]
) -> Iterator[Packed]:
    """Some tickets by their ids, those of the stretch's inboxes only, in several statements."""
    for first in range(0, len(ids), _AT_ONCE):
        some = _T.ticket_id.in_(ids[first : first + _AT_ONCE])
        yield _tickets(conn, words, [some, *_of_inboxes(_T.inbox_id, stretch)])


def waits(conn: Connection, stretch: Stretch) -> Iterator[Packed]:
    """Waits that began before the stretch was over and lasted when, or until after, it began."""
    began, ended = _seconds(_W.began_at), _seconds(_W.ended_at)
    earlier = _only_checked(began) < stretch.since
    for which in (
        _within(began, stretch),
        and_(earlier, ended >= stretch.since),
        and_(earlier, _W.ended_at.is_(None)),
    ):
        conditions = [which, *_of_inboxes(_W.inbox_id, stretch)]
        numbers = {name: _number(_W[name]) for name in _NUMBERS_OF_WAITS}
        spelt = {name: _word(_W[name]) for name in _WORDS_OF_WAITS}
        yield _packed(conn, numbers, spelt, conditions)


def contacts(conn: Connection, stretch: Stretch) -> Iterator[Packed]:
    """Whom the desk answered, and whose tickets it resolved, in a stretch: customer and instant."""
    of_waits = [
        _W.ticket_id == _T.ticket_id,
        _within(_seconds(_W.ended_at), stretch),
        _W.end.in_((End.ANSWERED, End.ELSEWHERE)),
        *_of_inboxes(_W.inbox_id, stretch),
    ]
    own = _of_inboxes(_only_checked(_T.inbox_id), stretch)
    resolved = [_within(_seconds(_T.resolved_at), stretch), *own]
    for at, conditions in ((_W.ended_at, of_waits), (_T.resolved_at, resolved)):
        numbers = {"customer_id": _number(_T.customer_id), "at": _number(at)}
        yield _packed(conn, numbers, {}, [_T.customer_id.is_not(None), *conditions])


def ratings(conn: Connection, stretch: Stretch) -> Sequence[Rating]:
    """What customers answered to surveys in a stretch, in every inbox."""
    columns = feedback.c
    since, until = (datetime.fromtimestamp(at, UTC) for at in (stretch.since, stretch.until))
    found = conn.execute(
        select(columns.ticket_id, columns.kind, columns.score, columns.answered_at)
        .where(columns.answered_at >= since, columns.answered_at < until)
        .where(columns.score.is_not(None))
        .order_by(columns.id)
    )
    return [
        Rating(
            ticket_id=row.ticket_id,
            kind=row.kind,
            score=row.score,
            answered_at=int(row.answered_at.timestamp()),
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How people know a ticket. `owner` is a Slack user id, empty for nobody's."""

    id: int
    number: int
    permalink: str | None
    owner: str


def named(conn: Connection, ids: Collection[int]) -> Mapping[int, Named]:
    """Number, link and last owner of some tickets, by id."""
    known = tables.ticket.c
    rows = conn.execute(
        select(_T.ticket_id, _T.number, known.slack_permalink, _T.owner)
        .select_from(ticket_figure.outerjoin(tables.ticket, known.id == _T.ticket_id))
        .where(_T.ticket_id.in_(ids))
    )
    return {
        row.ticket_id: Named(
            id=row.ticket_id, number=row.number, permalink=row.slack_permalink, owner=row.owner
        )
        for row in rows
    }


def _tickets(
    conn: Connection, words: Collection[str], conditions: Sequence[ColumnElement[bool]]
) -> Packed:
    numbers = {name: _number(_T[name]) for name in _NUMBERS_OF_TICKETS}
    numbers["vip"] = case((_T.vip, 1), else_=0)
    spelt = {name: _word(_T[name]) for name in words}
    return _packed(conn, numbers, spelt, conditions)


def _packed(
    conn: Connection,
    numbers: Mapping[str, ColumnElement[Any]],
    words: Mapping[str, ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
) -> Packed:
    columns = [_joined(column).label(name) for name, column in {**numbers, **words}.items()]
    row = conn.execute(select(*columns).where(*conditions)).mappings().one()
    return {name: text or "" for name, text in row.items()}


class _joined(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """All values of a column in one text, `BETWEEN` them."""

    inherit_cache = True
    type = Text()


@compiles(_joined, "sqlite")
def _joined_on_sqlite(element: _joined, compiler: SQLCompiler, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)})"


@compiles(_joined, "postgresql")
def _joined_on_postgres(element: _joined, compiler: SQLCompiler, **options: Any) -> str:
    return f"string_agg(CAST({compiler.process(element.clauses, **options)} AS TEXT), ',')"


def _number(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(_seconds(column), literal_column(str(NONE)))


def _word(column: Column[Any]) -> ColumnElement[str]:
    word = func.coalesce(column, "") if column.nullable else column
    return func.replace(word, BETWEEN, ";") if column.name in _FREE else word


def _seconds(column: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


def _only_checked(column: ColumnElement[int]) -> ColumnElement[int]:
    """A column whose index is not to be used.

    Without statistics SQLite would look for what began earlier among everything that ever did.
    """
    return column + literal_column("0")


def _within(column: ColumnElement[int], stretch: Stretch) -> ColumnElement[bool]:
    return and_(column >= stretch.since, column < stretch.until)


def _of_inboxes(column: ColumnElement[int], stretch: Stretch) -> list[ColumnElement[bool]]:
    return [] if stretch.inboxes is None else [column.in_(stretch.inboxes)]
