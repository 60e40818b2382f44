"""What a check looks at: the database, the worlds outside, the time, and what was seen before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, cast

from sqlalchemy import Connection, Table, select

from bot.db import tables
from bot.db.types import AnyRow
from tests.simulation.people import People
from tests.simulation.ports import Violated, Worlds
from tests.simulation.shop_world import ShopWorld
from tests.simulation.slack_world import SlackWorld

A_LOOK: Final = timedelta(minutes=12)
"""The longest until an inbox is looked into again and read: the rarest poll, and some way."""


@dataclass(slots=True)
class Memory:
    """What the checks of one world saw, so that the next look knows what changed.

    `stopped` says when a clock was first seen stopped, `settled` how an effect ended; `tickets` and
    `messages` are what they looked like.
    """

    posted: int = 0
    copies: dict[int, int] = field(default_factory=dict)
    stopped: dict[int, datetime] = field(default_factory=dict)
    settled: dict[int, str] = field(default_factory=dict)
    tickets: dict[int, tuple[object, ...]] = field(default_factory=dict)
    newest_event: dict[int, int] = field(default_factory=dict)
    messages: dict[int, str] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)


class Look:
    """One look at everything. Rows are read once, when a check first asks for them."""

    def __init__(self, conn: Connection, worlds: Worlds, now: datetime, memory: Memory) -> None:
        self.conn = conn
        self.worlds = worlds
        self.now = now
        self.memory = memory
        self._rows: dict[str, Sequence[AnyRow]] = {}

    @property
    def slack(self) -> SlackWorld:
        """The workspace."""
        return cast("SlackWorld", self.worlds.slack)

    @property
    def people(self) -> People:
        """The people."""
        return cast("People", self.worlds.people)

    @property
    def shops(self) -> Mapping[str, ShopWorld]:
        """The marketplaces, in a fixed order."""
        shops = cast("Mapping[str, ShopWorld]", self.worlds.markets)
        return {name: shops[name] for name in sorted(shops)}

    def rows(self, table: Table) -> Sequence[AnyRow]:
        """All rows of a table, by id."""
        if table.name not in self._rows:
            ordered = select(table).order_by(*table.primary_key.columns)
            self._rows[table.name] = self.conn.execute(ordered).all()
        return self._rows[table.name]

    @cached_property
    def tickets(self) -> Mapping[int, AnyRow]:
        """By id."""
        return {row.id: row for row in self.rows(tables.ticket)}

    @cached_property
    def messages(self) -> Mapping[int, AnyRow]:
        """By id."""
        return {row.id: row for row in self.rows(tables.message)}

    @cached_property
    def deadlines(self) -> Mapping[int, AnyRow]:
        """By id."""
        return {row.id: row for row in self.rows(tables.deadline)}

    @cached_property
    def effects(self) -> Mapping[str, AnyRow]:
        """By the key that makes each unique."""
        return {row.dedupe_key: row for row in self.rows(tables.outbox)}

    @cached_property
    def inboxes(self) -> Mapping[str, int]:
        """Their ids, by name."""
        return {row.name: row.id for row in self.rows(tables.inbox)}

    @cached_property
    def raw(self) -> Mapping[tuple[int, str], AnyRow]:
        """Raw items by inbox and source id."""
        return {(row.inbox_id, row.source_id): row for row in self.rows(tables.raw_inbound)}

    @cached_property
    def by_external(self) -> Mapping[tuple[int, str], AnyRow]:
        """Messages by inbox and the marketplace's own id."""
        return {(row.inbox_id, row.external_id): row for row in self.rows(tables.message)}

    def number(self, ticket_id: int) -> str:
        """How people call a ticket."""
        ticket = self.tickets.get(ticket_id)
        return f"#{ticket.number}" if ticket is not None else f"ticket {ticket_id}"

    def of_ticket(self, table: Table, ticket_id: int) -> Iterator[AnyRow]:
        """The rows of a ticket."""
        return (row for row in self.rows(table) if row.ticket_id == ticket_id)

    def require(self, holds: bool, invariant: str, detail: str) -> None:
        """Raise Violated unless it holds."""
        if not holds:
            raise Violated(invariant, detail)
