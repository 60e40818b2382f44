"""Databases with a past to report on: some weeks as the desk would have written them, many times over.

One week is made up by the sandbox and measured by the desk itself. The database then copies it, set
by set, to as many weeks and as often as wanted: with the figures, which are those of the copied
week moved in time. The first copy has everything, so that its figures can be measured again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Column, Table

from benchmarks.desk import the_desk
from benchmarks.filling import run_script
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine, is_sqlite
from bot.db.types import UtcDateTime, UtcSeconds
from bot.db.unit import Database
from bot.domain.desk import Desk, InboxRoute
from sandbox.past.seeding import seed_history

NOW: Final = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
"""A Monday: ids of the oldest week are of the year ids begin in."""

WEEK: Final = timedelta(days=7)
MESSAGES: Final = 5
"""Messages a ticket, with automatic receipts added to what was said."""

_COUNTED: Final = ("ticket_figure", "wait_figure")
_SEED: Final = 3
_WHOLE: Final = (
    *(tables.customer, tables.ticket, tables.message, tables.ticket_event, tables.deadline),
    *(tables.ping, tables.ticket_figure, tables.wait_figure),
)
_READ: Final = (
    *(tables.customer, tables.ticket, tables.message),
    *(tables.ticket_figure, tables.wait_figure),
)
_OWN_WORDS: Final = frozenset({"external_id", "external_thread", "handle", "client_key"})
_COPY: Final = 1 << 8
"""Ids have the process above eight bits of sequence; every copy is as if of another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The week once more: `number` tells it from the others, `weeks` is how much earlier it is."""

    number: int
    weeks: int
    whole: bool = False


def bench_desk() -> Desk:
    """A desk whose inboxes the made-up past knows."""
    desk = the_desk()
    routes = (
        InboxRoute(name="amazon-it", connector="amazon", channel="C0AMAZON"),
        InboxRoute(name="shop", connector="website", channel="C0SHOP", calendar="shop"),
        InboxRoute(name="ebay", connector="ebay", channel="C0SHOP", calendar="shop"),
        InboxRoute(name="mirakl", connector="mirakl", channel="C0SHOP", calendar="shop"),
        InboxRoute(name="trustpilot", connector="trustpilot", channel="C0SHOP", calendar="shop"),
    )
    return replace(desk, inboxes={route.name: route for route in routes})


async def a_week(url: str, desk: Desk, *, days: int = 7) -> int:
    """Make up a week, measure it, and add receipts; returns how many tickets it has.

    Fewer `days` make a shorter one, for a run that only shows that it works.
    """
    database = Database(create_engine(url))
    try:
        made = await seed_history(database, desk, Clock(start=NOW), days=days, seed=_SEED)
    finally:
        await database.close()
    receipts = [_receipts(at, made.messages / made.tickets) for at in (1, 2)]
    await run_script(url, receipts, tables=_COUNTED)
    return made.tickets


async def copy_weeks(url: str, tickets: int, copies: Sequence[Copy]) -> None:
    """Write the week, which has so many tickets, once more for each copy."""
    sqlite = is_sqlite(url)
    script = [statement for each in copies for statement in _copied(each, tickets, sqlite=sqlite)]
    await run_script(url, [*script, "ANALYZE"], tables=_COUNTED)


def _receipts(number: int, said: float) -> str:
    """An automatic receipt in tickets, so that there are `MESSAGES` on average."""
    missing = (MESSAGES - said) / 2
    return (
        "INSERT INTO message (id, ticket_id, inbox_id, external_id, direction, author, verdict,"
        " sent_at, seen_at, body, state)"
        f" SELECT id + {2048 + number}, id, inbox_id, 'receipt-{number}-' || id, 'out', 'auto', 'acknowledgement',"
        " opened_at, opened_at, 'We have your message and answer within a day.', 'sent'"
        f" FROM ticket WHERE number % 100 < {round(100 * min(missing, 1))}"
    )


def _copied(copy: Copy, tickets: int, *, sqlite: bool) -> Iterator[str]:
    for table in _WHOLE if copy.whole else _READ:
        names = ", ".join(f'"{each.name}"' for each in table.columns)
        values = ", ".join(_value(table, each, copy, tickets, sqlite) for each in table.columns)
        bound = f" WHERE {_id_of(table)} IN (SELECT id FROM ticket WHERE number <= {tickets})"
        where = _OF_WEEK if table is tables.customer else bound
        yield f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM "{table.name}"{where}'


_OF_WEEK: Final = " WHERE handle NOT LIKE '%-copy-%'"


def _id_of(table: Table) -> str:
    return "id" if table is tables.ticket else "ticket_id"


def _value(table: Table, column: Column[object], copy: Copy, tickets: int, sqlite: bool) -> str:
    name = f'"{column.name}"'
    if column.name == "number":
        return f"{name} + {copy.number * tickets}"
    if column.name in _OWN_WORDS:
        return f"{name} || '-copy-{copy.number}'"
    if _is_id(table, column):
        back = int(copy.weeks * WEEK.total_seconds() * 1000) << 22
        return f"{name} + ({copy.number * _COPY - back})"
    seconds = int(copy.weeks * WEEK.total_seconds())
    if isinstance(column.type, UtcSeconds):
        return f"{name} - {seconds}"
    if isinstance(column.type, UtcDateTime):
        return _earlier(name, seconds, sqlite=sqlite)
    return name


def _is_id(table: Table, column: Column[object]) -> bool:
    own = column.name in {"id", "ticket_id", "customer_id", "deadline_id"}
    return own or (column.name == "message_id" and table is tables.feedback)


def _earlier(name: str, seconds: int, *, sqlite: bool) -> str:
    if not seconds:
        return name
    if sqlite:  # six decimals, as the desk writes instants
        return f"strftime('%Y-%m-%d %H:%M:%f', {name}, '-{seconds} seconds') || '000'"
    return f"{name} - {seconds} * interval '1 second'"
