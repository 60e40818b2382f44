"""What figures are measured from, set by set, the figures as rows, and which of them are out of date.

Nothing here reads a whole table: changes are found by the time in ids, what was never measured by
a walk over tickets that goes on where it ended.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import (
    Connection,
    Insert,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
)

from bot.db import tables
from bot.db.clock_rows import load_clocks, load_histories
from bot.db.inserts import insert_ignore, upsert
from bot.db.sealed import open_data, shown_text
from bot.db.ticket_rows import CENTS, select_tickets, ticket_of
from bot.db.unit import Tx
from bot.domain.figures import VERSION, TicketFigure, WaitFigure
from bot.domain.history import History, MessageFact
from bot.domain.holds import Mark
from bot.domain.measuring import FACTS, MOOD_LENGTH, Purchase, TicketRows, talk_ends
from bot.domain.ticket import EventType
from connectors.capabilities import Order, OrderContext

Seen = tuple[int, int]
"""The newest event of a ticket by its id, and how many there are: both grow with every change."""

OVERLAP: Final = timedelta(minutes=10)
"""Events of the last minutes are looked at again: transactions commit in another order than they
began in, and this is longer than any of them lasts."""

_OVERLAP_IDS: Final = int(OVERLAP.total_seconds() * 1000) << 22  # as `bot.db.ids` makes them

_MARK: Final = "figures_event"
_WALK: Final = f"figures_walk_{VERSION}"
_CONTEXT: Final = TypeAdapter(OrderContext)

_T = tables.ticket.c
_E = tables.ticket_event.c
_M = tables.message.c
_X = tables.ticket_context.c
_F = tables.ticket_figure.c
_W = tables.wait_figure.c
_N = tables.counter.c

_OF_TICKET: Final = tuple(each.name for each in fields(TicketFigure))
_OF_WAIT: Final = tuple(each.name for each in fields(WaitFigure))


# What changed.


def mark_of(conn: Connection) -> int | None:
    """The newest event that is measured; None where nothing ever was."""
    return conn.scalar(select(_N.value).where(_N.name == _MARK))


def begin_marks(tx: Tx) -> int:
    """Take what there is now for measured: the walk does that. Returns the mark."""
    newest = tx.conn.scalar(select(func.max(_E.id))) or 0
    known = insert_ignore(tx.conn, tables.counter)
    tx.conn.execute(known.values(name=_MARK, value=newest))
    return mark_of(tx.conn) or 0


def changed_since(conn: Connection, mark: int) -> Mapping[int, Seen]:
    """Tickets with events after the mark or shortly before it, those changed longest ago in front."""
    changed = select(_E.ticket_id).where(_E.id > mark - _OVERLAP_IDS, _E.ticket_id.is_not(None))
    newest = func.max(_E.id)
    rows = conn.execute(
        select(_E.ticket_id, newest, func.count())
        .where(_E.ticket_id.in_(changed))
        .group_by(_E.ticket_id)
        .order_by(newest)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def told_since(conn: Connection, mark: int) -> Mapping[int, Sequence[int]]:
    """By the id of what a platform told of orders since then: the tickets of that customer."""
    asked = tables.ticket.alias("asked")
    rows = conn.execute(
        select(_X.id, _T.id)
        .join_from(tables.ticket_context, asked, asked.c.id == _X.ticket_id)
        .join(tables.ticket, _T.customer_id == asked.c.customer_id)
        .where(_X.id > mark - _OVERLAP_IDS)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for context_id, ticket_id in rows:
        found[context_id].append(ticket_id)
    return found


def overdue(conn: Connection, now: datetime) -> list[int]:
    """Tickets with a wait that was not missed yet when it was measured, and is now."""
    missed = or_(
        and_(_W.limit_due_at < now, _W.limit_cause == ""),
        and_(_W.target_due_at < now, _W.target_cause == ""),
    )
    rows = conn.scalars(
        select(_W.ticket_id).where(_W.ended_at.is_(None), missed).order_by(_W.ticket_id)
    )
    return list(dict.fromkeys(rows))


def walked_to(conn: Connection) -> int:
    """The ticket up to which every one was measured by this version at least once."""
    return conn.scalar(select(_N.value).where(_N.name == _WALK)) or 0


def never_measured(conn: Connection, after: int, limit: int) -> list[int]:
    """Tickets above that id, oldest first, that this version has not measured."""
    measured = and_(_F.ticket_id == _T.id, _F.version == VERSION)
    rows = conn.scalars(
        select(_T.id)
        .join_from(tables.ticket, tables.ticket_figure, measured, isouter=True)
        .where(_T.id > after, _F.ticket_id.is_(None))
        .order_by(_T.id)
        .limit(limit)
    )
    return list(rows)


def newest_ticket(conn: Connection) -> int:
    """The largest id of a ticket."""
    return conn.scalar(select(func.max(_T.id))) or 0


def keep_walk(tx: Tx, ticket_id: int) -> None:
    """The walk came as far as that ticket."""
    _raise_counter(tx, _WALK, ticket_id)


def walk_again(tx: Tx) -> None:
    """Look at every ticket once more: some were written with ids of the past, as an import does."""
    tx.conn.execute(delete(tables.counter).where(_N.name == _WALK))


def keep_mark(tx: Tx, event_id: int) -> None:
    """Every event up to that one is measured."""
    _raise_counter(tx, _MARK, event_id)


def _raise_counter(tx: Tx, name: str, value: int) -> None:
    statement = upsert(tx.conn.dialect.name, tables.counter).values(name=name, value=value)
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": value}, where=_N.value < value
        )
    )


# What is measured.


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of some tickets, and which of their events these rows know of."""

    rows: Sequence[TicketRows]
    seen: Mapping[int, Seen]


def load_batch(conn: Connection, ticket_ids: Collection[int], now: datetime) -> Batch:
    """Everything these tickets are measured from, in eight statements at most.

    The events are counted before anything else is read: what happens meanwhile is noticed.
    """
    seen = seen_of(conn, ticket_ids)
    tickets = [
        ticket_of(row)
        for row in conn.execute(select_tickets().where(_T.id.in_(ticket_ids)).order_by(_T.id))
    ]
    histories = load_histories(conn, ticket_ids)
    events = _events(conn, ticket_ids)
    clocks = load_clocks(conn, ticket_ids)
    agents = _agents(conn, ticket_ids)
    texts = _texts(conn, histories.values())
    purchases = _purchases(conn, {each.customer_id for each in tickets} - {None})
    away = _moved_away(conn, events)
    rows = [
        TicketRows(
            ticket=ticket,
            now=now,
            history=histories.get(ticket.id, History()),
            events=events.get(ticket.id, ()),
            clocks=clocks.get(ticket.id, ()),
            agents=agents.get(ticket.id, {}),
            texts=texts,
            moved_away=away.get(ticket.id, ()) if ticket.merged_into is not None else (),
            purchases=purchases.get(ticket.customer_id, ()),
        )
        for ticket in tickets
    ]
    return Batch(rows=rows, seen=seen)


def seen_of(conn: Connection, ticket_ids: Collection[int]) -> Mapping[int, Seen]:
    """The newest event and the number of all of them, of some tickets. Read from an index alone."""
    rows = conn.execute(
        select(_E.ticket_id, func.max(_E.id), func.count())
        .where(_E.ticket_id.in_(ticket_ids))
        .group_by(_E.ticket_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _events(conn: Connection, ticket_ids: Collection[int]) -> Mapping[int, Sequence[Mark]]:
    found: dict[int, list[Mark]] = defaultdict(list)
    rows = conn.execute(
        select(_E.ticket_id, _E.id, _E.type, _E.actor, _E.at, _E.data)
        .where(_E.ticket_id.in_(ticket_ids), _E.type.in_(FACTS))
        .order_by(_E.ticket_id, _E.id)
    )
    for row in rows:
        found[row.ticket_id].append(
            Mark(
                id=row.id,
                type=row.type,
                actor=row.actor,
                at=row.at,
                data=open_data(conn, row.id, row.data),
            )
        )
    return found


def _agents(conn: Connection, ticket_ids: Collection[int]) -> Mapping[int, Mapping[int, str]]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = conn.execute(
        select(_M.ticket_id, _M.id, _M.agent).where(
            _M.ticket_id.in_(ticket_ids), _M.agent.is_not(None)
        )
    )
    for row in rows:
        found[row.ticket_id][row.id] = row.agent
    return found


def _texts(conn: Connection, histories: Iterable[History]) -> Mapping[int, str]:
    ends = (talk_ends(each.messages) for each in histories)
    ids = {one for found in ends if found for one in found}
    if not ids:
        return {}
    rows = conn.execute(select(_M.id, _M.body).where(_M.id.in_(ids)))
    return {
        row.id: shown_text(conn, row.body, place=f"message.body:{row.id}")[:MOOD_LENGTH]
        for row in rows
    }


def _purchases(
    conn: Connection, customer_ids: Collection[int | None]
) -> Mapping[int | None, Sequence[Purchase]]:
    """Orders of these customers, of whatever ticket. What is kept sealed is not copied to figures."""
    if not customer_ids:
        return {}
    rows = conn.execute(
        select(_T.customer_id, _X.content)
        .join_from(tables.ticket, tables.ticket_context, _X.ticket_id == _T.id)
        .where(_T.customer_id.in_(customer_ids), _X.sealed.is_(None))
    )
    found: dict[int | None, dict[str, Purchase]] = defaultdict(dict)
    for row in rows:
        for order in _orders(row.content):
            if order.placed_at is not None and order.placed_at.utcoffset() is not None:
                found[row.customer_id][order.order_id] = _purchase(order, order.placed_at)
    return {customer: list(those.values()) for customer, those in found.items()}


def _orders(content: Any) -> Sequence[Order]:
    try:
        return _CONTEXT.validate_python(content, strict=False).orders
    except ValidationError:  # kept by a version that told it otherwise
        return ()


def _purchase(order: Order, at: datetime) -> Purchase:
    total = order.total
    return Purchase(
        order_id=order.order_id,
        at=at,
        cents=None if total is None else int(total.amount * CENTS),
        currency=None if total is None else total.currency,
    )


def _moved_away(
    conn: Connection, events: Mapping[int, Sequence[Mark]]
) -> Mapping[int, Sequence[MessageFact]]:
    """The messages that merges gave to other tickets, by the ticket they were written into."""
    from_ticket = {
        int(message_id): ticket_id
        for ticket_id, those in events.items()
        for event in those
        if event.type == EventType.MERGED
        for message_id in event.data.get("messages") or ()
    }
    if not from_ticket:
        return {}
    rows = conn.execute(
        select(_M.id, _M.direction, _M.author, _M.verdict, _M.state, _M.sent_at, _M.seen_at).where(
            _M.id.in_(from_ticket)
        )
    )
    found: dict[int, list[MessageFact]] = defaultdict(list)
    for row in rows:
        fact = MessageFact(
            id=row.id,
            inbound=row.direction == "in",
            author=row.author,
            verdict=row.verdict,
            state=row.state,
            sent_at=row.sent_at,
            seen_at=row.seen_at,
        )
        found[from_ticket[row.id]].append(fact)
    return found


# What was measured.


def unchanged(tx: Tx, seen: Mapping[int, Seen], ticket_ids: Collection[int]) -> set[int]:
    """Those of the tickets to which nothing happened since `seen`; the figures are then locked.

    Whoever measures waits here for whoever measured before: the newer rows are written last.
    """
    tx.conn.execute(select(_N.value).where(_N.name == _MARK).with_for_update())
    now = seen_of(tx.conn, ticket_ids)
    return {each for each in ticket_ids if now.get(each) == seen.get(each)}


def write_figures(tx: Tx, made: Sequence[tuple[TicketFigure, Sequence[WaitFigure]]]) -> None:
    """Put these in place of what was measured of the same tickets before."""
    if not made:
        return
    conn = tx.conn
    tickets = [
        {**{name: getattr(figure, name) for name in _OF_TICKET}, "version": VERSION}
        for figure, _ in made
    ]
    conn.execute(_overwriting(conn.dialect.name), tickets)
    conn.execute(
        delete(tables.wait_figure).where(_W.ticket_id == bindparam("of_ticket")),
        [{"of_ticket": figure.ticket_id} for figure, _ in made],
    )
    waits = [_wait_row(wait) for _, those in made for wait in those]
    if waits:
        conn.execute(insert(tables.wait_figure), waits)


def measured_and_emptied(conn: Connection, ticket_ids: Collection[int]) -> set[int]:
    """Those that were measured before their words were removed."""
    emptied = select(_T.id).join_from(tables.ticket, tables.ticket_figure, _F.ticket_id == _T.id)
    return set(conn.scalars(emptied.where(_T.id.in_(ticket_ids), _T.purged_at.is_not(None))))


def forget_figures(tx: Tx, ticket_ids: Collection[int]) -> None:
    """Of tickets that are no more."""
    tx.conn.execute(delete(tables.ticket_figure).where(_F.ticket_id.in_(ticket_ids)))
    tx.conn.execute(delete(tables.wait_figure).where(_W.ticket_id.in_(ticket_ids)))


def _overwriting(dialect: str) -> Insert:
    statement = upsert(dialect, tables.ticket_figure)
    names = [each.name for each in tables.ticket_figure.columns if each.name != "ticket_id"]
    return statement.on_conflict_do_update(
        index_elements=["ticket_id"], set_={name: statement.excluded[name] for name in names}
    )


def _wait_row(wait: WaitFigure) -> dict[str, Any]:
    row = {name: getattr(wait, name) for name in _OF_WAIT}
    # Words that are not there are empty in a column that is never null.
    return row | {name: row[name] or "" for name in ("end", "limit_cause", "target_cause")}
