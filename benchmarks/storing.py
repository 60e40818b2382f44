"""What a mail leaves behind, written by the desk's database and by the bare driver: the same rows."""

import json
import random
import sqlite3
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain, count
from typing import Any, Final, Protocol

import asyncpg
from sqlalchemy import Connection, Table, event, func, make_url, select
from sqlalchemy.dialects import postgresql

from benchmarks.databases import POSTGRES, SQLITE, Databases
from benchmarks.desk import START
from benchmarks.figures import TIMES, Figure, Goal, figure, must, ratios
from benchmarks.intake import Cost
from benchmarks.mails import buyer_mails
from benchmarks.plain import card_row, deadline_row, message_row, read_plainly, ticket_row
from bot.db import tables
from bot.db.engine import SQLITE_PRAGMAS, create_engine, is_sqlite
from bot.db.inserts import insert_ignore
from bot.db.many import insert_into, write_rows
from bot.db.unit import Database, Tx
from bot.runtime.memory import settle_memory

NAME = "storing"
PAGE = 100
WORDS = 60
"""Mails whose words the units have, by turns."""

TABLES: Final = (tables.ticket, tables.message, tables.deadline, tables.outbox)
ROWS: Final = (1, 1, 3, 2)
"""Of one unit, in the order of TABLES."""

Page = tuple[Sequence[Mapping[str, Any]], ...]
"""Rows to write in one transaction, in the order of TABLES."""

HURRIED = "SQLite NORMAL"
"""`synchronous=NORMAL`, not as the desk runs it: without the wait for the disk that both have alike."""

_NOT_WAITING = "PRAGMA synchronous=NORMAL"

_PAGES = "half of what the driver can do at all: the rest is checking and converting"
_SINGLY = "one by one, most of it is the way to the database and back"
_GOALS: Final = {
    (SQLITE, PAGE): Goal(least=0.5, source=_PAGES),
    (SQLITE, 1): Goal(least=0.4, source=_SINGLY),
    (HURRIED, PAGE): Goal(least=0.5, source=_PAGES),
    (HURRIED, 1): Goal(least=0.4, source=_SINGLY),
    (POSTGRES, PAGE): Goal(least=0.6, source=_PAGES),
    (POSTGRES, 1): Goal(least=0.3, source=_SINGLY),
}


class Way(Protocol):
    """A way to write a page. Only `write` is timed."""

    def ready(self, page: Page) -> Any:
        """The page as `write` takes it."""
        ...

    async def write(self, ready: Any) -> None:
        """Write it in one transaction and commit."""
        ...


@dataclass(frozen=True, slots=True)
class Ours:
    """The desk's transaction and its writer of many rows: values as a use case has them."""

    db: Database

    def ready(self, page: Page) -> Page:
        return page

    async def write(self, ready: Page) -> None:
        await self.db.write(partial(_insert, page=ready), now=START)


def _insert(tx: Tx, page: Page) -> None:
    for table, rows in zip(TABLES, page, strict=True):
        known_again = table is tables.outbox
        statement = insert_ignore(tx.conn, table) if known_again else insert_into(table)
        write_rows(tx.conn, statement, rows)


class BareSqlite:
    """The standard library's driver in this very thread, with the desk's pragmas."""

    def __init__(self, url: str, *, hurried: bool) -> None:
        self._conn = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        for pragma in (*SQLITE_PRAGMAS, *([_NOT_WAITING] if hurried else [])):
            self._conn.execute(pragma)

    def ready(self, page: Page) -> Sequence[tuple[str, Sequence[tuple[Any, ...]]]]:
        return [
            (_filling(table, rows), [tuple(map(_for_sqlite, row.values())) for row in rows])
            for table, rows in zip(TABLES, page, strict=True)
        ]

    async def write(self, ready: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        self._conn.execute("BEGIN IMMEDIATE")
        for sql, rows in ready:
            self._conn.executemany(sql, rows)
        self._conn.execute("COMMIT")

    async def close(self) -> None:
        self._conn.close()


def _filling(table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
    names, places = ", ".join(rows[0]), ", ".join("?" * len(rows[0]))
    return f"INSERT INTO {table.name} ({names}) VALUES ({places}){_unless_known(table)}"


def _unless_known(table: Table) -> str:
    return " ON CONFLICT (dedupe_key) DO NOTHING" if table is tables.outbox else ""


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return _for_postgres(value)


def _for_postgres(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


_POSTGRES: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


class BarePostgres:
    """asyncpg with the whole page as one prepared statement, a column to a parameter.

    Fewer bytes and trips than the driver's own `executemany`: there is no faster way with INSERT.
    """

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._conn = connection

    def ready(self, page: Page) -> tuple[str, Sequence[Sequence[Any]]]:
        numbers, parts = count(1), []
        for table, rows in zip(TABLES, page, strict=True):
            types = [table.c[name].type.compile(_POSTGRES) for name in rows[0]]
            given = ", ".join(f"${next(numbers)}::{each}[]" for each in types)
            parts.append(
                f"INSERT INTO {table.name} ({', '.join(rows[0])})"
                f" SELECT * FROM unnest({given}){_unless_known(table)}"
            )
        *others, last = parts
        sql = f"WITH {', '.join(f'w{n} AS ({part})' for n, part in enumerate(others))} {last}"
        columns = [
            column for rows in page for column in zip(*(r.values() for r in rows), strict=True)
        ]
        return sql, [[_for_postgres(value) for value in column] for column in columns]

    async def write(self, ready: tuple[str, Sequence[Sequence[Any]]]) -> None:
        sql, columns = ready
        await self._conn.execute(sql, *columns)

    async def close(self) -> None:
        await self._conn.close()


class Units:
    """Tickets with their message, clocks and effects, each another."""

    def __init__(self) -> None:
        self._words = [read_plainly(each.raw) for each in buyer_mails(WORDS, until=START)]
        self._numbers = count(1)
        self.made = 0

    def page(self, size: int) -> Page:
        """The next units, so many."""
        units = [self._unit(next(self._numbers)) for _ in range(size)]
        self.made += size
        return tuple(list(chain.from_iterable(rows)) for rows in zip(*units, strict=True))

    def _unit(self, number: int) -> Page:
        mail = {
            **self._words[number % WORDS],
            "Message-ID": f"<{number}@buyer.example>",
        }
        card = {**card_row(number), "id": 2 * number}
        notice = {**card, "id": 2 * number + 1, "dedupe_key": f"notice:{number}"}
        deadlines = [deadline_row(10 * number + scope, number, scope) for scope in (1, 2, 3)]
        return [ticket_row(number, mail)], [message_row(number, mail)], deadlines, [card, notice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A kind of database, and how many transactions of each size a round has there."""

    on: str
    kind: Databases
    transactions: Mapping[int, int]
    hurried: bool = False  # a commit does not wait for the disk


@dataclass(slots=True, kw_only=True)
class Beside:
    """The two ways, each with a database of its own, and what a unit cost in each round."""

    setting: Setting
    ours: Way
    bare: Way
    units: Units = field(default_factory=Units)
    dice: random.Random = field(default_factory=lambda: random.Random(9))
    of_ours: dict[int, list[Cost]] = field(default_factory=lambda: defaultdict(list))
    of_bare: dict[int, list[Cost]] = field(default_factory=lambda: defaultdict(list))

    async def round(self) -> None:
        """Every page both ways before the next one: a disk is not as fast at any moment."""
        for size, times in self.setting.transactions.items():
            spent: dict[bool, list[Cost]] = {True: [], False: []}
            for page in [self.units.page(size) for _ in range(times)]:
                for mine in self.dice.sample([True, False], 2):
                    way = self.ours if mine else self.bare
                    spent[mine].append(await _cost(way, way.ready(page)))
            self.of_ours[size].append(_mean(spent[True]).each(size))
            self.of_bare[size].append(_mean(spent[False]).each(size))


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    settle_memory()
    found: list[Figure] = []
    for setting in chain.from_iterable(_settings(kind, quick=quick) for kind in kinds):
        async with AsyncExitStack() as stack:
            found += await measured(setting, 2 if quick else 5, stack)
    return found


def _settings(kind: Databases, *, quick: bool) -> Sequence[Setting]:
    pages = 3 if quick else 10
    waiting = Setting(on=kind.name, kind=kind, transactions={PAGE: pages, 1: 4 * pages})
    if kind.name != SQLITE:
        return [waiting]
    hurried = {PAGE: pages, 1: 20 * pages}
    return [waiting, Setting(on=HURRIED, kind=kind, transactions=hurried, hurried=True)]


async def measured(setting: Setting, rounds: int, stack: AsyncExitStack) -> list[Figure]:
    """The figures of so many rounds, after one that does not count. Raises WrongResult."""
    mine, theirs = await _database(setting, stack), await _database(setting, stack)
    bare = await _bare(theirs, stack, hurried=setting.hurried)
    beside = Beside(setting=setting, ours=Ours(mine), bare=bare)
    for _ in range(rounds + 1):
        await beside.round()
    await _checked(mine, theirs, beside.units.made)
    return _figures(beside)


async def _database(setting: Setting, stack: AsyncExitStack) -> Database:
    url = await setting.kind.new()
    stack.push_async_callback(setting.kind.drop, url)
    engine = create_engine(url)
    if setting.hurried:
        event.listen(engine.sync_engine, "connect", lambda conn, _: conn.execute(_NOT_WAITING))
    db = Database(engine)
    stack.push_async_callback(db.close)
    inbox = {"id": 1, "name": "bench", "connector": "bench"}
    await db.write(lambda tx: write_rows(tx.conn, insert_into(tables.inbox), [inbox]), now=START)
    return db


async def _bare(db: Database, stack: AsyncExitStack, *, hurried: bool) -> Way:
    url = db.engine.url.render_as_string(hide_password=False)
    way: BareSqlite | BarePostgres
    if is_sqlite(url):
        way = BareSqlite(url, hurried=hurried)
    else:
        way = BarePostgres(await asyncpg.connect(url.replace("+asyncpg", "")))
    stack.push_async_callback(way.close)
    return way


async def _cost(way: Way, ready: Any) -> Cost:
    began, cpu = time.perf_counter(), time.process_time()
    await way.write(ready)
    return Cost(seconds=time.perf_counter() - began, cpu=time.process_time() - cpu)


def _mean(costs: Sequence[Cost]) -> Cost:
    seconds, cpu = sum(each.seconds for each in costs), sum(each.cpu for each in costs)
    return Cost(seconds=seconds, cpu=cpu).each(len(costs))


async def _checked(mine: Database, theirs: Database, units: int) -> None:
    """Every row was written, and the newest of them are alike, whoever wrote them."""
    for table, rows in zip(TABLES, ROWS, strict=True):
        found = [await db.read(partial(_rows, table=table)) for db in (mine, theirs)]
        for there, _ in found:
            must(there == rows * units, f"{there} rows in {table.name}, {rows} for each of {units}")
        must(found[0] == found[1], f"the two ways left different rows in {table.name}")


def _rows(conn: Connection, table: Table) -> tuple[int, Sequence[tuple[Any, ...]]]:
    there: int = conn.execute(select(func.count()).select_from(table)).scalar_one()
    newest = select(table).order_by(table.c.id.desc()).limit(PAGE)
    return there, [tuple(row) for row in conn.execute(newest)]


def _figures(beside: Beside) -> list[Figure]:
    on, found = beside.setting.on, []
    for size, ours in beside.of_ours.items():
        bare = beside.of_bare[size][1:]  # the first round only warms up
        ours = ours[1:]  # noqa: PLW2901 - likewise
        what = "one by one" if size == 1 else f"{size} a transaction"
        for who, costs in (("ours", ours), ("the driver", bare)):
            speed = [1 / each.seconds for each in costs]
            found.append(figure(NAME, f"{what}: {who}", speed, unit="per s", on=on))
        speed = ratios([each.seconds for each in bare], [each.seconds for each in ours])
        spent = ratios([each.cpu for each in bare], [each.cpu for each in ours])
        title, goal = f"{what}: ours ÷ the driver", _GOALS[on, size]
        found.append(figure(NAME, title, speed, unit=TIMES, on=on, goal=goal))
        found.append(figure(NAME, "the same, processor time", spent, unit=TIMES, on=on))
    return found
