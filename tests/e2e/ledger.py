"""What a desk promised, held against what the town saw: rows, posts and mails side by side."""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, select, update

from bot.db import tables
from bot.db.engine import create_engine
from bot.db.sealed import open_bytes, open_text, with_keys
from bot.db.types import UtcDateTime
from bot.db.unit import Database
from bot.runtime.key_ring import reading_ring
from bot.settings import Environment
from sandbox.slack.model import Message
from tests.e2e.town import INSTANCE_KEY, Town

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The desk's rows at one moment, with the words of messages and raw items opened."""

    tickets: Sequence[Row]
    messages: Sequence[Row]
    deadlines: Sequence[Row]
    pings: Sequence[Row]
    effects: Sequence[Row]
    raw: Sequence[Row]
    events: Sequence[Row]

    def open_effects(self) -> list[tuple[str, str]]:
        """Effects that still wait for something."""
        return [(e["kind"], e["state"]) for e in self.effects if e["state"] in {"ready", "sending"}]

    def unfired(self, now: datetime) -> list[str]:
        """Steps that were due and that nobody decided about."""
        undecided = [p for p in self.pings if p["fired_at"] is None and p["cancelled_at"] is None]
        return [p["step"] for p in undecided if p["fire_at"] <= now]


async def ledger(url: str) -> Ledger:
    """Read it. Only while no other process writes a SQLite file."""

    def every(conn: Connection, table: Table) -> Sequence[Row]:
        rows = conn.execute(select(table).order_by(table.c.id)).mappings().all()
        return [_opened(conn, table, row) for row in rows]

    def read(conn: Connection) -> Ledger:
        return Ledger(
            tickets=every(conn, tables.ticket),
            messages=every(conn, tables.message),
            deadlines=every(conn, tables.deadline),
            pings=every(conn, tables.ping),
            effects=every(conn, tables.outbox),
            raw=every(conn, tables.raw_inbound),
            events=every(conn, tables.ticket_event),
        )

    ring = reading_ring(Environment.model_validate({"instance_key": INSTANCE_KEY}))
    engine = create_engine(url)
    db = Database(engine if ring is None else with_keys(engine, ring))
    try:
        return await db.read(read)
    finally:
        await db.close()


def _opened(conn: Connection, table: Table, row: RowMapping) -> Row:
    if table is tables.message:
        place = f"message.body:{row['id']}"
        return {**row, "body": open_text(conn, row["body"], place=place)}
    if table is tables.raw_inbound:
        place = f"raw_inbound.payload:{row['id']}"
        return {**row, "payload": open_bytes(conn, row["payload"], place=place)}
    return dict(row)


@dataclass(frozen=True, kw_only=True)
class Left:
    """How far a desk is: the tickets it has, and what still waits, to be read, sent or decided."""

    tickets: int
    unread: int
    effects: int
    pings: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing waits."""
        return not (self.unread or self.effects or self.pings)


async def left(url: str, *, pings_until: datetime) -> Left:
    """Ask for the counts only: a busy desk is not held up by whoever waits for it."""
    ping, box, raw = tables.ping.c, tables.outbox.c, tables.raw_inbound.c
    undecided = (ping.fired_at.is_(None), ping.cancelled_at.is_(None))
    questions = {
        "tickets": select(func.count()).select_from(tables.ticket),
        "unread": select(func.count()).where(raw.state == "stored"),
        "effects": select(func.count()).where(box.state.in_(("ready", "sending"))),
        "pings": select(func.count()).where(*undecided, ping.fire_at <= pings_until),
    }
    db = Database(create_engine(url))
    try:
        return await db.read(
            lambda conn: Left(**{name: conn.scalar(each) or 0 for name, each in questions.items()})
        )
    finally:
        await db.close()


async def all_sent(url: str, *, within: float = 40.0) -> None:
    """Wait so many real seconds until no effect waits any more. For PostgreSQL."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within
    while (await left(url, pings_until=datetime.min.replace(tzinfo=UTC))).effects:
        assert loop.time() < give_up, (await ledger(url)).open_effects()
        await asyncio.sleep(0.2)


async def sleep_through(url: str, length: timedelta, *, only: Sequence[str] = ()) -> None:
    """Let `length` pass for a desk: every instant it stored is that much further in the past.

    With `only`, just the columns of these names.
    """

    def shift(conn: Connection) -> None:
        for table in tables.metadata.sorted_tables:
            columns = [
                c
                for c in table.columns
                if isinstance(c.type, UtcDateTime) and (not only or c.name in only)
            ]
            for row in conn.execute(select(table)).mappings().all() if columns else ():
                moved = {c.name: row[c.name] - length for c in columns if row[c.name] is not None}
                if moved:
                    keys = [c == row[c.name] for c in table.primary_key.columns]
                    conn.execute(update(table).where(*keys).values(**moved))

    db = Database(create_engine(url))
    try:
        await db.write(lambda tx: shift(tx.conn), now=datetime.now(UTC))  # noqa: TID251 - the real time
    finally:
        await db.close()


_WAITING = (
    "SELECT (SELECT count(*) FROM raw_inbound WHERE state = 'stored')"
    " + (SELECT count(*) FROM outbox WHERE state IN ('ready', 'sending'))"
    " + (SELECT count(*) FROM ping WHERE fired_at IS NULL AND cancelled_at IS NULL"
    " AND fire_at < datetime('now', '+2 minutes'))"
)


def waiting(file: Path) -> int:
    """What a live desk's SQLite file still holds to be read, sent or pinged within two minutes."""
    return _asked(file, _WAITING)


def stored(file: Path, state: str = "%") -> int:
    """How many mails a live desk's SQLite file keeps, in this state or in any."""
    return _asked(file, "SELECT count(*) FROM raw_inbound WHERE state LIKE ?", state)


def failures(file: Path, inbox: str) -> int:
    """How often in a row an inbox could not be read."""
    return _asked(file, "SELECT failures FROM inbox WHERE name = ?", inbox)


def _asked(file: Path, question: str, *values: str) -> int:
    # Read-only: a second connection that writes or checkpoints is no business of a test.
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
    try:
        return int(connection.execute(question, values).fetchone()[0])
    finally:
        connection.close()


def posts_by_effect(town: Town) -> Mapping[int, list[Message]]:
    """The bot's posts by the outbox id in their metadata."""
    found: dict[int, list[Message]] = {}
    workspace = town.slack.workspace
    for channel in workspace.channels.values():
        for root in workspace.messages(channel.id):
            for message in (root, *workspace.replies(channel.id, root.ts)):
                payload: Mapping[str, Any] = (message.metadata or {}).get("event_payload") or {}
                if "outbox_id" in payload:
                    posts = found.setdefault(int(payload["outbox_id"]), [])
                    if all(message.ts != other.ts for other in posts):
                        posts.append(message)
    return found


def cards_by_number(town: Town, *channels: str) -> Counter[int]:
    """How many root cards each ticket has."""
    return Counter(town.number(card) for name in channels for card in town.roots(name))


def named_together(town: Town, number: int, channel: str) -> int:
    """How many messages for the pings of many tickets name this one."""
    bot = town.slack.core.app.bot_user
    posts = town.slack.workspace.messages(town.channel(channel))
    lists = [town.read(m) for m in posts if m.user == bot and "most urgent first:" in m.text]
    return sum(re.search(rf"#{number}\b", text) is not None for text in lists)


def shown_times(town: Town, words: str, *channels: str) -> int:
    """How many cards and lines show these words."""
    cards = [card for name in channels for card in town.roots(name)]
    texts = [town.read(card) for card in cards]
    texts += [line for card in cards for line in town.thread(card)]
    return sum(words in text for text in texts)


def mailed_times(town: Town, words: str) -> int:
    """How many mails that left hold these words."""
    return sum(words.encode() in mail.content for mail in town.mail.sent)
