"""A past for the demo's database: made from a seed, written before the desk begins to work.

The same seed, days and instant give the same rows. Nothing of it waits for anybody, and no effect
is left to be sent.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import insert, select

from bot.clock import Clock
from bot.db import tables
from bot.db.clock_rows import write_deadlines, write_pings
from bot.db.inbound_rows import next_numbers
from bot.db.inserts import insert_ignore
from bot.db.ticket_rows import facts_row
from bot.db.unit import Database, Tx
from bot.domain.card import CardStage
from bot.domain.desk import Desk
from bot.domain.ticket import NEW, Ticket, TicketState
from bot.domain.triage import triage
from bot.usecases.figures import catch_up, start_over
from bot.usecases.rule_versions import keep_own_rules
from sandbox.past.arrivals import Arrival, arrivals
from sandbox.past.course import Course
from sandbox.past.letters import Letters, customer
from sandbox.past.moments import PastIds, Staff
from sandbox.past.talk import Talk

BATCH: Final = 200
"""Conversations written in one transaction."""

_LAST_WORDS: Final = timedelta(minutes=50)
"""So long before the story nobody writes any more: there has to be time for an answer."""

_RETURNS: Final = 0.16
"""How probably a conversation is of a customer who wrote before."""

Tell = Callable[[str, int, int], None]
"""What is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What was written."""

    tickets: int
    messages: int


async def seed_history(
    database: Database,
    desk: Desk,
    clock: Clock,
    *,
    days: int,
    seed: int,
    tell: Tell = lambda _what, _done, _of: None,
) -> Seeded:
    """Write a past of so many days that ends now, and measure it."""
    until = clock.now().replace(microsecond=0)
    since = until - timedelta(days=days)
    rng = random.Random(seed)
    ids = PastIds()
    inboxes = await database.write(lambda tx: _begin(tx, desk, ids), now=since)
    past = _Past(desk=desk, rng=rng, ids=ids, inboxes=inboxes, until=until)
    coming = list(arrivals(rng, sorted(desk.inboxes), since, until - _LAST_WORDS))
    messages = 0
    for at in range(0, len(coming), BATCH):
        talks = [past.live(each) for each in coming[at : at + BATCH]]
        await database.write(partial(past.write, talks=talks), now=until)
        messages += sum(len(each.messages) for each in talks)
        tell("Living the past", min(at + BATCH, len(coming)), len(coming))
    await start_over(database, clock)
    await _measure(database, desk, clock, len(coming), tell)
    return Seeded(tickets=len(coming), messages=messages)


async def _measure(database: Database, desk: Desk, clock: Clock, count: int, tell: Tell) -> None:
    measured = 0
    while done := await catch_up(database, desk, clock, limit=BATCH):
        measured += done
        tell("Measuring it", min(measured, count), count)


def _begin(tx: Tx, desk: Desk, ids: PastIds) -> dict[str, int]:
    """The rules and the inboxes, as the desk keeps them when it starts."""
    keep_own_rules(tx, desk)
    rows = [
        {"id": ids.make(tx.now), "name": each.name, "connector": each.connector}
        for each in desk.inboxes.values()
    ]
    tx.conn.execute(insert_ignore(tx.conn, tables.inbox), rows)
    found = tx.conn.execute(select(tables.inbox.c.name, tables.inbox.c.id))
    return {row.name: row.id for row in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Customer:
    """One who may write again."""

    id: int
    handle: str
    name: str
    vip: bool


@dataclass(slots=True, kw_only=True)
class _Past:
    """The customers there are, and the conversations as they come."""

    desk: Desk
    rng: random.Random
    ids: PastIds
    inboxes: dict[str, int]
    until: datetime
    count: int = 0
    staff: Staff = field(init=False)
    known: dict[str, list[_Customer]] = field(default_factory=dict)
    new: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.staff = Staff(self.desk, self.rng)

    def live(self, arrival: Arrival) -> Talk:
        """One conversation, from its first word to its last."""
        self.count += 1
        one = self._customer(arrival)
        letters = Letters(
            rng=self.rng, arrival=arrival, number=self.count, handle=one.handle, name=one.name
        )
        route = self.desk.inboxes[arrival.inbox]
        talk = Talk(
            desk=self.desk,
            ids=self.ids,
            ticket=self._ticket(arrival, letters, one),
            thread=letters.thread,
            now=arrival.at,
        )
        course = Course(
            rng=self.rng,
            staff=self.staff,
            letters=letters,
            arrival=arrival,
            talk=talk,
            until=self.until,
            survey=route.survey,
            portal=route.replies_in_portal,
        )
        course.run()
        return talk

    def write(self, tx: Tx, talks: Sequence[Talk]) -> None:
        """The rows of some conversations, parents first."""
        conn = tx.conn
        numbers = next_numbers(conn, len(talks))
        if self.new:
            conn.execute(insert(tables.customer), self.new)
            self.new = []
        rows = [_ticket_row(*each) for each in zip(talks, numbers, strict=True)]
        conn.execute(insert(tables.ticket), rows)
        conn.execute(insert(tables.message), [r for t in talks for r in t.messages.values()])
        write_deadlines(conn, [row for talk in talks for row in talk.clocks.values()])
        write_pings(conn, [row for talk in talks for row in talk.pings.values()])
        events = [event for talk in talks for event in talk.events]
        conn.execute(insert(tables.ticket_event), sorted(events, key=lambda event: event["id"]))
        conn.execute(insert(tables.ticket_key), [row for talk in talks for row in self._keys(talk)])
        ratings = [rating for talk in talks for rating in talk.feedback]
        if ratings:
            conn.execute(insert(tables.feedback), ratings)

    def _customer(self, arrival: Arrival) -> _Customer:
        known = self.known.setdefault(arrival.inbox, [])
        if known and self.rng.random() < _RETURNS:
            return self.rng.choice(known)
        handle, name = customer(self.rng, arrival.language, self.count)
        vip = self.rng.random() < 0.03  # noqa: PLR2004 - a share
        one = _Customer(id=self.ids.make(arrival.at), handle=handle, name=name, vip=vip)
        self.new.append(
            {
                "id": one.id,
                "inbox_id": self.inboxes[arrival.inbox],
                "handle": handle,
                "display_name": name,
                "language": arrival.language,
                "vip": vip,
            }
        )
        known.append(one)
        return one

    def _ticket(self, arrival: Arrival, letters: Letters, one: _Customer) -> Ticket:
        first = letters.first()
        judged = triage(first)
        return Ticket(
            id=self.ids.make(arrival.at + arrival.seen_after),
            number=0,
            inbox_id=self.inboxes[arrival.inbox],
            inbox=arrival.inbox,
            connector=self.desk.inboxes[arrival.inbox].connector,
            customer_id=one.id,
            subject=first.subject,
            kind=judged.kind,
            stage=judged.stage,
            risk=judged.risk,
            vip=one.vip,
            language=judged.language,
            order_id=first.order_id,
            topic=judged.topic,
            marketplace=first.marketplace,
            order_value=first.order_value,
            currency=first.currency,
            state=TicketState.OPEN,
            card_stage=CardStage.CALM,
            opened_at=arrival.at + arrival.seen_after,
            updated_at=arrival.at + arrival.seen_after,
            version=NEW,
        )

    def _keys(self, talk: Talk) -> Iterator[dict[str, Any]]:
        for name, seen_at in talk.names.items():
            yield {
                "id": self.ids.make(seen_at),
                "inbox_id": talk.ticket.inbox_id,
                "key": name,
                "ticket_id": talk.ticket.id,
                "seen_at": seen_at,
            }


def _ticket_row(talk: Talk, number: int) -> dict[str, Any]:
    ticket = talk.ticket
    return {
        **facts_row(ticket),
        "id": ticket.id,
        "number": number,
        "inbox_id": ticket.inbox_id,
        "customer_id": ticket.customer_id,
        "external_thread": talk.thread,
        "subject": ticket.subject,
        "state": ticket.state,
        "card_stage": ticket.card_stage,
        "assignee": ticket.assignee,
        "claimed_at": ticket.claimed_at,
        "acknowledged_at": ticket.acknowledged_at,
        "acknowledged_by": talk.acknowledged_by,
        "opened_at": ticket.opened_at,
        "updated_at": ticket.updated_at,
        "resolved_at": ticket.resolved_at,
        "waiting_since": ticket.waiting_since,
        "policy": ticket.policy,
        "policy_version": ticket.policy_version,
        "calendar_versions": ticket.calendar_versions,
        "version": ticket.version,
    }
