"""Tickets by what people remember of them: an order, a customer, a word that was said.

Orders, subjects and customers are looked up by the database. What was said is sealed: the newest
messages are opened and read here, a batch at a time, for as long as somebody in Slack waits gladly.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    select,
)

from bot.db import tables
from bot.db.key_rows import all_is_sealed
from bot.db.queue_rows import queue_rows
from bot.db.sealed import TEXT, keys_of, try_text
from bot.db.sight_rows import Sight, in_sight
from bot.domain.card import QueueRow

_T = tables.ticket.c
_M = tables.message.c
_C = tables.customer.c

MOST_TERMS = 5
"""Words looked at; whoever writes more has pasted something."""

MOST_READ: Final = 100_000
"""Sealed messages opened for one search, the newest ones."""

PATIENCE: Final = 1.2
"""Seconds after which a search answers with what it has: Slack gives three for all of it."""

_BATCH: Final = 2_000
_ESCAPE = "\\"
_REMEMBERED = (_T.order_id, _T.subject, _C.display_name, _C.handle)


def find(
    conn: Connection,
    words: str,
    *,
    limit: int = 10,
    clock: Callable[[], float] = time.monotonic,
    sight: Sight = None,
) -> list[QueueRow]:
    """Tickets that have every word, in whatever place, those touched last in front.

    Open ones and old ones alike, of inboxes in `sight`. An exact order number or ticket number goes before all else.
    `clock` counts real seconds: how long is searched is no decision of the desk.
    """
    terms = words.split()[:MOST_TERMS]
    if not terms:
        return []
    sealed, plain = keys_of(conn) is not None, not all_is_sealed(conn)
    found = _by_columns(conn, [_has(term, plain=plain) for term in terms], terms, limit, sight)
    if len(found) < limit and sealed:
        found += _by_words(conn, terms, limit - len(found), but=found, clock=clock, sight=sight)
        found = _ordered(conn, terms, found)
    return queue_rows(conn, found)


def _by_columns(
    conn: Connection,
    has: Sequence[ColumnElement[bool]],
    terms: Sequence[str],
    limit: int,
    sight: Sight,
) -> list[int]:
    named = or_(*(_is_named(term) for term in terms))
    return list(
        conn.scalars(
            select(_T.id)
            .join_from(tables.ticket, tables.customer, _C.id == _T.customer_id, isouter=True)
            .join(tables.inbox, tables.inbox.c.id == _T.inbox_id)
            .where(or_(and_(*has), named), in_sight(sight))
            .order_by(case((named, 0), else_=1), _T.updated_at.desc(), _T.id.desc())
            .limit(limit)
        )
    )


def _ordered(conn: Connection, terms: Sequence[str], ids: Collection[int]) -> list[int]:
    named = or_(*(_is_named(term) for term in terms))
    return list(
        conn.scalars(
            select(_T.id)
            .where(_T.id.in_(ids))
            .order_by(case((named, 0), else_=1), _T.updated_at.desc(), _T.id.desc())
        )
    )


def _is_named(term: str) -> ColumnElement[bool]:
    number = term.lstrip("#")
    by_order = func.lower(_T.order_id) == term.lower()
    is_number = number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 - 32 bits
    return or_(by_order, _T.number == int(number)) if is_number else by_order


def _has(term: str, *, plain: bool) -> ColumnElement[bool]:
    """Whether the ticket of the row has the word where the database can see it."""
    remembers = or_(*(_like(column, term) for column in _REMEMBERED))
    if not plain:
        return remembers
    is_plain = not_(_M.body.startswith(TEXT))
    said = exists().where(_M.ticket_id == _T.id, is_plain, _like(_M.body, term))
    return or_(remembers, said)


def _like(column: ColumnElement[str] | ColumnElement[str | None], term: str) -> ColumnElement[bool]:
    return column.ilike(f"%{_literal(term)}%", escape=_ESCAPE)


def _literal(term: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        term = term.replace(sign, _ESCAPE + sign)
    return term


# What was said.


def _by_words(
    conn: Connection,
    terms: Sequence[str],
    limit: int,
    *,
    but: Collection[int],
    clock: Callable[[], float],
    sight: Sight,
) -> list[int]:
    """Tickets whose sealed messages have the words that nothing else of them has."""
    until = clock() + PATIENCE
    wanted = [term.casefold() for term in terms]
    said: defaultdict[int, set[int]] = defaultdict(set)
    found: list[int] = []
    for batch in _newest(conn, sight):
        hit = {ticket for ticket, at in _heard(conn, batch, wanted, said) if ticket not in but}
        hit -= set(found)
        found += [each for each in _complete(conn, terms, hit, said) if each not in found]
        if len(found) >= limit or clock() >= until:
            break
    return found[:limit]


def _newest(conn: Connection, sight: Sight) -> Iterator[Sequence[tuple[int, int, str]]]:
    """Sealed messages with their tickets, the newest first, a batch at a time."""
    before: int | None = None
    for _ in range(MOST_READ // _BATCH):
        wanted = select(_M.id, _M.ticket_id, _M.body).order_by(_M.id.desc()).limit(_BATCH)
        if sight is not None:
            wanted = wanted.join_from(tables.message, tables.inbox).where(in_sight(sight))
        rows = conn.execute(wanted if before is None else wanted.where(_M.id < before)).all()
        if not rows:
            return
        yield [(row[0], row[1], row[2]) for row in rows if row[2].startswith(TEXT)]
        before = rows[-1][0]


def _heard(
    conn: Connection,
    batch: Sequence[tuple[int, int, str]],
    wanted: Sequence[str],
    said: Mapping[int, set[int]],
) -> Iterator[tuple[int, int]]:
    """Note in `said` which words which tickets have; yields each ticket and word that is new."""
    for message_id, ticket_id, stored in batch:
        text = (try_text(conn, stored, place=f"message.body:{message_id}") or "").casefold()
        for at, term in enumerate(wanted):
            if term in text and at not in said[ticket_id]:
                said[ticket_id].add(at)
                yield ticket_id, at


def _complete(
    conn: Connection, terms: Sequence[str], tickets: Collection[int], said: Mapping[int, set[int]]
) -> list[int]:
    """Those of the tickets that have every word, said or remembered."""
    whole = [each for each in tickets if len(said[each]) == len(terms)]
    part = [each for each in tickets if len(said[each]) < len(terms)]
    if not part:
        return sorted(whole, reverse=True)
    columns = (_has(term, plain=True) for term in terms)
    rows = conn.execute(
        select(_T.id, *columns)
        .join_from(tables.ticket, tables.customer, _C.id == _T.customer_id, isouter=True)
        .where(_T.id.in_(part))
    )
    whole += [
        row[0] for row in rows if all(row[1 + at] or at in said[row[0]] for at in range(len(terms)))
    ]
    return sorted(whole, reverse=True)
