"""Builders shared by all tests: a desk, its people, and messages that arrive. All invented."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from bot.db import queries
from bot.db.unit import Database
from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk, InboxRoute
from bot.domain.roster import Agent, Role, Roster
from bot.usecases.confirm_reply import confirm_reply, reply_started
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.ingest import IngestReport, ReadItem, ingest, store_page, stored_items
from bot.usecases.reply import Queued, QueueReply, queue_reply
from bot.usecases.rule_versions import keep_own_rules
from connectors.contract import (
    Cursor,
    InboundMessage,
    Page,
    RawItem,
    ReplyReceipt,
    ThreadKey,
    Verdict,
)
from connectors.errors import Malformed
from sla_rules.calendar import BusinessCalendar
from sla_rules.policy import PolicySet, presets
from sla_rules.vocabulary import Stage

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday morning, ten o'clock in Rome."""

ANNA = "U0ANNA"
BRUNO = "U0BRUNO"
CARLA = "U0CARLA"  # leads
DORA = "U0DORA"  # manages
VIEWER = "U0VERA"
GONE = "U0GIANNI"  # left the company
STRANGER = "U0XAVER"

AMAZON = "amazon-it"
SHOP = "shop"

_numbers = itertools.count(1)

_prepared: WeakKeyDictionary[Database, Desk] = WeakKeyDictionary()
"""The desk that a database was last prepared for."""


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def a_roster() -> Roster:
    people = [
        Agent(slack_id=ANNA, name="Anna Bassi", role=Role.AGENT),
        Agent(slack_id=BRUNO, name="Bruno Conti", role=Role.AGENT),
        Agent(slack_id=CARLA, name="Carla Dini", role=Role.LEAD),
        Agent(slack_id=DORA, name="Dora Elmi", role=Role.MANAGER),
        Agent(slack_id=VIEWER, name="Vera Fabbri", role=Role.VIEWER),
        Agent(slack_id=GONE, name="Gianni Gori", role=Role.AGENT, active=False),
    ]
    return Roster(agents={each.slack_id: each for each in people}, managers=(DORA,))


def a_shop_calendar() -> BusinessCalendar:
    week = {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    return BusinessCalendar("Europe/Rome", week)


@cache
def channels_own_rules() -> PolicySet:
    """The presets alone, read once: they are frozen."""
    return PolicySet.load(presets())


def a_desk(**changes: Any) -> Desk:
    """Two inboxes, six people, the presets, ten seconds to undo."""
    desk = Desk(
        inboxes={
            AMAZON: InboxRoute(
                name=AMAZON,
                connector="amazon",
                channel="C0AMAZON",
                group=("S0AMAZON",),
                label="Amazon IT",
            ),
            SHOP: InboxRoute(
                name=SHOP,
                connector="website",
                channel="C0SHOP",
                group=("S0SHOP",),
                label="Shop",
                calendar="rome",
            ),
        },
        policies=channels_own_rules(),
        calendars={"rome": a_shop_calendar()},
        roster=a_roster(),
        ops_channel="C0OPS",
        undo_window=timedelta(seconds=10),
    )
    return replace(desk, **changes)


def an_inbound(**changes: Any) -> InboundMessage:
    """A buyer's question, new unless `thread` names its conversation.

    `thread` and `weak_thread` stand for thread keys; everything else is a field.
    """
    number = next(_numbers)
    thread = changes.pop("thread", f"case-{number}")
    weak = changes.pop("weak_thread", None)
    keys = [ThreadKey(value=thread)] if thread else []
    keys += [ThreadKey(value=weak, max_age=days(14))] if weak else []
    message = InboundMessage(
        external_id=f"<{number}@buyer.example>",
        verdict=Verdict.CUSTOMER,
        reason="a person wrote",
        sent_at=NOW,
        subject=f"Question {number}",
        text=f"Where is my parcel? ({number})",
        full_text=f"Where is my parcel? ({number})\n> quoted",
        sender_handle=f"buyer-{number}@marketplace.example",
        sender_name="Mara Rinaldi",
        thread_keys=keys,
        stage=Stage.POST_SALE,
        reply_context={"to": f"buyer-{number}@marketplace.example"},
    )
    return replace(message, **changes)


def a_raw_item(payload: bytes | None = None, *, received_at: datetime = NOW) -> RawItem:
    number = next(_numbers)
    return RawItem(
        source_id=f"source-{number}",
        received_at=received_at,
        payload=payload or f"raw mail {number}".encode(),
    )


def a_page(items: Sequence[RawItem], **cursor: Any) -> Page:
    return Page(items=items, cursor=Cursor(state=cursor or {"last_uid": next(_numbers)}))


async def prepare(db: Database, desk: Desk, now: datetime = NOW) -> None:
    """What a process does first: rows for the inboxes, and its rules kept."""
    await db.write(lambda tx: sync_inboxes(tx, desk), now=now)
    await db.write(lambda tx: keep_own_rules(tx, desk), now=now)
    _prepared[db] = desk


async def arrive(
    db: Database,
    desk: Desk,
    *messages: InboundMessage | Malformed,
    now: datetime | None = None,
    inbox: str = AMAZON,
    received_at: datetime | None = None,
) -> IngestReport:
    """Messages come in through the two steps a poll takes: stored raw, then understood.

    Without `now`, the desk sees them the moment the last one was sent.
    """
    at = now or max((_sent_at(each) for each in messages), default=NOW)
    read = await stored(db, desk, *messages, now=at, inbox=inbox, received_at=received_at)
    return await db.write(lambda tx: ingest(tx, desk, inbox, read), now=at)


async def stored(
    db: Database,
    desk: Desk,
    *messages: InboundMessage | Malformed,
    now: datetime,
    inbox: str = AMAZON,
    received_at: datetime | None = None,
) -> list[ReadItem]:
    """Messages that are stored raw and were read, but not taken yet."""
    received = received_at or min(now, max((_sent_at(each) for each in messages), default=now))
    page = a_page([a_raw_item(received_at=received) for _ in messages])
    if _prepared.get(db) is not desk:
        await prepare(db, desk, now)
    await db.write(lambda tx: store_page(tx, inbox, page), now=now)
    items = await db.read(lambda conn: stored_items(conn, inbox, len(messages)))
    return [
        ReadItem(
            raw_id=item.raw_id,
            received_at=item.item.received_at,
            message=each if isinstance(each, InboundMessage) else None,
            error=each if isinstance(each, Malformed) else None,
        )
        for item, each in zip(items, messages, strict=True)
    ]


def _sent_at(message: InboundMessage | Malformed) -> datetime:
    if isinstance(message, Malformed):
        return NOW
    return message.sent_at.replace(tzinfo=UTC)


async def ticket(db: Database, number: int = 1) -> TicketView:
    """The ticket people call `#number`."""
    view = await db.read(lambda conn: queries.ticket_by_number(conn, number))
    assert view is not None, f"no ticket #{number}"
    return view


def said(message: MessageView | None) -> MessageView:
    """The message, which must be there."""
    assert message is not None
    return message


async def a_ticket(
    db: Database, desk: Desk, message: InboundMessage | None = None, *, inbox: str = AMAZON
) -> TicketView:
    """A ticket that was just opened by `message`."""
    message = message or an_inbound()
    await arrive(db, desk, message, inbox=inbox)
    rows = await db.read(lambda conn: queries.queue(conn, "all", "", NOW, limit=1000))
    newest = max(rows, key=lambda row: row.number)
    return await ticket(db, newest.number)


async def queue(
    db: Database, desk: Desk, ticket_id: int, *, at: datetime, actor: str = ANNA, **changes: Any
) -> Queued:
    """An answer waits for its undo window."""
    command = QueueReply(
        ticket_id=ticket_id,
        actor=actor,
        text="It arrives tomorrow.",
        key=f"form-{next(_numbers)}",
        seen_message_id=None,
    )
    command = replace(command, **changes)
    outcome = await db.write(lambda tx: queue_reply(tx, desk, command), now=at)
    assert isinstance(outcome, Queued), outcome
    return outcome


async def answer(
    db: Database, desk: Desk, ticket_id: int, *, at: datetime, actor: str = ANNA
) -> tuple[int, str]:
    """A confirmed answer; returns its message id and the id the platform knows it by."""
    queued = await queue(db, desk, ticket_id, at=at - timedelta(seconds=11), actor=actor)
    external_id = f"<reply-{queued.message_id}@shop.example>"
    receipt = ReplyReceipt(external_id=external_id, accepted_at=at)
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=at)
    await db.write(lambda tx: confirm_reply(tx, desk, queued.message_id, receipt), now=at)
    return queued.message_id, external_id
