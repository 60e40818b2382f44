"""Items of the past taken in like live ones, each at the moment it came, and without any effect.

Items that have nothing to do with each other are worked on together: a desk that had read each of
them by itself would have decided the same.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection
from typing_extensions import override

from bot.db.clock_rows import load_clocks
from bot.db.ids import IdMaker
from bot.db.inbound_rows import (
    known_messages,
    known_threads,
)
from bot.db.unit import Tx, insert_events
from bot.domain.class_change import what_changed
from bot.domain.desk import Desk
from bot.domain.effects import Effect
from bot.domain.frozen_rules import KnownRules
from bot.domain.history import AWAITS_ANSWER
from bot.domain.inbound import ReadItem, lookups_of, names_of
from bot.domain.ticket import DESK
from bot.domain.triage import graver_risk
from bot.usecases.backfill_items import PastMessage
from bot.usecases.class_changes import plan_classes
from bot.usecases.inbound_copies import HELD, HELD_FOR
from bot.usecases.inbound_page import InboundPage
from bot.usecases.inbound_verdicts import take
from bot.usecases.inbound_writing import customers_in, histories_in, write_page
from connectors.contract import InboundMessage, Verdict
from sla_rules.clock_rule import ClockRule
from sla_rules.policy import PolicySet

SPAN: Final = timedelta(hours=6)
"""Items worked on together came within this. How long a conversation has been silent, which is a
matter of weeks, may be told wrong by as much."""

MOST: Final = 500
"""Items worked on together."""

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class PastIds:
    """Ids whose time is that of the past: those of the live desk never go back."""

    def __init__(self) -> None:
        self._maker = IdMaker()

    def make(self, at: datetime) -> int:
        """A new id, larger than every earlier one."""
        return self._maker.make(at)


class PastTx(Tx):
    """A transaction in which time goes with the items and no effect is left behind."""

    def __init__(self, conn: Connection, ids: PastIds) -> None:
        super().__init__(conn, _LONG_AGO)
        self._ids = ids

    @override
    def new_id(self) -> int:
        return self._ids.make(self.now)

    @override
    def emit(self, effect: Effect) -> None:
        """Nothing: there is nobody to send it."""

    @override
    def flush(self) -> None:
        if self._events:
            insert_events(self.conn, self._events)
        self._events = []


@dataclass(slots=True)
class Relived:
    """What became of the past. `unmatched` answers were of no conversation that is known."""

    items: int = 0
    tickets: int = 0
    messages: int = 0
    answers: int = 0
    unmatched: int = 0


def silent(desk: Desk) -> Desk:
    """The desk with the same deadlines and without a warning before or after any of them."""
    policies = (
        replace(policy, clocks=tuple(_without_pings(clock) for clock in policy.clocks))
        for policy in desk.policies.policies
    )
    return replace(desk, policies=PolicySet(policies=tuple(policies)), known=KnownRules())


def _without_pings(clock: ClockRule) -> ClockRule:
    return replace(clock, warn=(), warn_left=(), ladder=())


@dataclass(slots=True)
class Past:
    """The inbox as it was. Copies of answers wait here for the question they came before.

    `desk` plans no pings: `silent` makes such a one.
    """

    desk: Desk
    inbox: str
    inbox_id: int
    ids: PastIds = field(default_factory=PastIds)
    relived: Relived = field(default_factory=Relived)
    _held: list[PastMessage] = field(default_factory=list)

    def live(self, conn: Connection, items: Sequence[PastMessage]) -> None:
        """Take items in, in the order of time."""
        for near in _near(items):
            asked: set[str] = set()
            for together in _rounds(near):
                asked |= self._page(conn, together)
            now = near[-1].received_at
            self._held = [each for each in self._held if now - each.received_at <= HELD_FOR]
            released = [each for each in self._held if _asks(each.message) & asked]
            self._held = [each for each in self._held if each not in released]
            for each in released:
                self._page(conn, [each])

    def _page(self, conn: Connection, items: Sequence[PastMessage]) -> set[str]:
        """Take in what goes together; returns the names under which customers asked in it."""
        tx = PastTx(conn, self.ids)
        tx.now = items[0].received_at
        page = self._load(tx, items)
        came: dict[int, datetime] = {}
        for each in items:
            tx.now = each.received_at
            self._take(page, each)
            came.update(dict.fromkeys(page.touched - came.keys(), tx.now))
        write_page(page)
        _plan(page, came, now=items[-1].received_at)
        tx.flush()
        self._count(page, len(items))
        return {name for row in page.messages for name in _asked(page, row)}

    def _load(self, tx: PastTx, items: Sequence[PastMessage]) -> InboundPage:
        messages = [each.message for each in items]
        route = self.desk.inboxes[self.inbox]
        named = {name for one in messages for name in (one.external_id, *one.refers_to)}
        keys = {key.value for one in messages for key in lookups_of(one)}
        threads, tickets = known_threads(tx.conn, self.inbox_id, keys)
        return InboundPage(
            tx=tx,
            desk=self.desk,
            inbox=self.inbox,
            connector=route.connector,
            inbox_id=self.inbox_id,
            known=known_messages(tx.conn, self.inbox_id, named),
            threads=threads,
            tickets=tickets,
            customers=customers_in(tx, self.inbox_id, messages),
        )

    def _take(self, page: InboundPage, each: PastMessage) -> None:
        message = each.message
        if message.external_id in page.known:
            return
        before, put_aside = len(page.messages), len(page.aside)
        take(page, _read(each), message)
        if len(page.messages) > before:
            _judge(page, each)
        elif any(state == HELD for _, state, _ in page.aside[put_aside:]):
            self._held.append(each)
        elif message.verdict is Verdict.ANSWERED_ELSEWHERE and len(page.aside) > put_aside:
            self.relived.unmatched += 1

    def _count(self, page: InboundPage, items: int) -> None:
        answers = sum(row["direction"] == "out" for row in page.messages)
        self.relived.items += items
        self.relived.tickets += len(page.opened)
        self.relived.messages += len(page.messages)
        self.relived.answers += answers


def _read(each: PastMessage) -> ReadItem:
    return ReadItem(raw_id=each.raw_id, received_at=each.received_at, message=each.message)


def _judge(page: InboundPage, each: PastMessage) -> None:
    """Give the ticket the risk that the words spoke of, which are not there any more."""
    row = page.messages[-1]
    ticket = page.tickets[row["ticket_id"]]
    opened = ticket.id in page.opened and len(page.facts_of(ticket.id)) == 1
    if row["direction"] == "in" and (opened or each.message.verdict in AWAITS_ANSWER):
        page.tickets[ticket.id] = replace(ticket, risk=graver_risk(ticket.risk, each.risk))


def _near(items: Sequence[PastMessage]) -> Iterator[Sequence[PastMessage]]:
    """Runs of items that came within `SPAN`."""
    run: list[PastMessage] = []
    for each in items:
        if run and (len(run) >= MOST or each.received_at - run[0].received_at > SPAN):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _rounds(items: Sequence[PastMessage]) -> Iterator[Sequence[PastMessage]]:
    """The items in rounds: each after all that it may meet, and with none of those."""
    greeted = {name for each in items for name in _asks(each.message)}
    last: dict[str, int] = {}
    rounds: list[list[PastMessage]] = []
    for each in items:
        names = _names(each.message, greeted)
        number = 1 + max((last.get(name, -1) for name in names), default=-1)
        last.update(dict.fromkeys(names, number))
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(each)
    return iter(rounds)


def _names(message: InboundMessage, greeted: Collection[str]) -> set[str]:
    """Every name by which an item may meet another; a customer's own, where a copy greets it."""
    names = {key.value for key in lookups_of(message)}
    names.update(names_of(message), message.refers_to, _asks(message))
    if message.sender_handle:
        names.add(f"from {message.sender_handle}")
    own = {f"name {message.sender_name}", f"order {message.order_id}"}
    return names | own.intersection(greeted)


def _asks(message: InboundMessage) -> set[str]:
    """The name of the question that a copy of an answer waits for."""
    if not message.answers_customer_named:
        return set()
    order = message.order_id
    return {f"order {order}" if order else f"name {message.answers_customer_named}"}


def _asked(page: InboundPage, row: dict[str, object]) -> Iterator[str]:
    if row["verdict"] != Verdict.CUSTOMER:
        return
    yield f"name {row['sender_name']}"
    order = page.tickets[int(str(row["ticket_id"]))].order_id
    if order:
        yield f"order {order}"


def _plan(page: InboundPage, came: Mapping[int, datetime], *, now: datetime) -> None:
    """Plan what the page touched. A change of class counts from the very moment of its message."""
    histories = histories_in(page)
    clocks = load_clocks(page.tx.conn, page.touched - page.opened.keys())
    changed = {
        each for each in page.touched & page.before.keys()
        if what_changed(page.before[each], page.tickets[each])
    }  # fmt: skip
    together = [[each] for each in sorted(changed)] + [sorted(page.touched - changed)]
    for ids in filter(None, together):
        page.tx.now = came[ids[0]] if len(ids) == 1 else now
        plan_classes(
            page.tx,
            page.desk,
            [page.tickets[each] for each in ids],
            before=page.before,
            actor=DESK,
            histories=histories,
            clocks=clocks,
        )
