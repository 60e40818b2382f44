"""One desk and one ticket to draw, each test changing only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.card import (
    CardStage,
    ClockView,
    EventView,
    MessageView,
    PingView,
    QueueRow,
    TicketView,
)
from bot.domain.desk import Desk, InboxRoute
from bot.domain.roster import Agent, Role, Roster
from sla_rules.policy import PolicySet
from sla_rules.vocabulary import ClockState, Kind, Metric, Risk, Scope, Stage

NOON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
GIULIA, MARCO, DANA = "U0GIULIA1", "U0MARCO11", "U0DANA111"
MANAGERS = "S0MANAGERS"

HOSTILE = (
    "<!channel> <!here|here> <@U0GIULIA1> @here @channel <https://evil.example|amazon.example> "
    "*bold* _it_ ~no~ `code` ```block``` :rotating_light: &amp; </>&|^ "
    "\u202etxet desrever\u202c \u2066iso\u2069 zero\u200bwidth\ufeff \U000e0041tag \x00\x07\x9b "
    "<!date^1^{ago}|x> <#C123|general> mailto:x@evil.example\r\n> quote\n"
)


def a_desk(**changes: Any) -> Desk:
    agents = {
        GIULIA: Agent(slack_id=GIULIA, name="Giulia Conti", role=Role.AGENT),
        MARCO: Agent(slack_id=MARCO, name="Marco Riva", role=Role.AGENT),
        DANA: Agent(slack_id=DANA, name="Dana Vogel", role=Role.MANAGER),
    }
    desk = Desk(
        inboxes={
            "amazon-it": InboxRoute(
                name="amazon-it", connector="amazon", channel="C0AMAZON1", label="Amazon IT"
            ),
            "shop": InboxRoute(name="shop", connector="website", channel="C0SHOP111"),
        },
        policies=PolicySet(),
        calendars={},
        roster=Roster(agents=agents, managers=(MANAGERS,)),
        ops_channel="C0OPS1111",
        undo_window=timedelta(seconds=10),
        timezone="Europe/Rome",
    )
    return replace(desk, **changes)


def a_clock(**changes: Any) -> ClockView:
    clock = ClockView(
        metric=Metric.FIRST_RESPONSE,
        scope=Scope.MARKETPLACE,
        instance=0,
        started_at=NOON - timedelta(hours=3),
        due_at=NOON + timedelta(hours=21),
        target_seconds=86_400,
        state=ClockState.RUNNING,
        stopped_at=None,
        breached_at=None,
        policy="amazon message",
        policy_version="v1",
        calendar="always",
        calendar_version="always",
    )
    return replace(clock, **changes)


def an_internal_clock(**changes: Any) -> ClockView:
    clock = a_clock(scope=Scope.INTERNAL, due_at=NOON + timedelta(hours=9), target_seconds=43_200)
    return replace(clock, **changes)


def a_message(**changes: Any) -> MessageView:
    message = MessageView(
        id=9_100_000_000_000_001,
        direction="in",
        author="customer",
        agent=None,
        verdict="customer",
        reason="a buyer wrote",
        state="received",
        sent_at=NOON - timedelta(hours=3),
        sender_name="Lucia Bianchi",
        body="Buongiorno,\ndove è il mio pacco? L'ordine è di lunedì.",
        full_body="",
    )
    return replace(message, **changes)


def a_ticket(**changes: Any) -> TicketView:
    ticket = TicketView(
        id=9_000_000_000_000_017,
        number=17,
        inbox="amazon-it",
        connector="amazon",
        subject="Dove è il mio ordine?",
        kind=Kind.MESSAGE,
        stage=Stage.POST_SALE,
        risk=Risk.NORMAL,
        vip=False,
        language="it",
        order_id="402-1234567-7654321",
        state="open",
        card_stage=CardStage.CALM,
        assignee=None,
        snoozed_until=None,
        acknowledged_by=None,
        opened_at=NOON - timedelta(hours=3),
        waiting_since=NOON - timedelta(hours=3),
        version=1,
        customer_name="Lucia Bianchi",
        customer_handle="a1b2c3@marketplace.amazon.example",
        lifetime_value=None,
        currency=None,
        orders=None,
        slack_channel="C0AMAZON1",
        slack_ts="1770109200.000100",
        permalink="https://shop.slack.example/archives/C0AMAZON1/p1770109200000100",
        first_message=a_message(),
        last_customer_message=a_message(),
        clocks=(a_clock(), an_internal_clock()),
    )
    return replace(ticket, **changes)


def a_hostile_ticket(text: str = HOSTILE, **changes: Any) -> TicketView:
    message = a_message(
        body=text,
        sender_name=text,
        attachments=({"name": text, "media_type": text, "size": 12},),
    )
    return a_ticket(
        subject=text,
        customer_name=text,
        customer_handle=text,
        order_id=text,
        language=text,
        currency=text,
        lifetime_value=12.5,
        orders=3,
        vip=True,
        first_message=message,
        last_customer_message=message,
        tags=(text,),
        clocks=(a_clock(clamped=text, cause=text), an_internal_clock(clamped=text)),
        **changes,
    )


def an_event(type_: str, **data: Any) -> EventView:
    actor = data.pop("actor", GIULIA)
    return EventView(id=5, type=type_, actor=actor, at=NOON, data=data)


def a_ping(step: str = "warn50", **changes: Any) -> PingView:
    ping = PingView(id=3, step=step, audience="assignee", fire_at=NOON, clock=a_clock())
    return replace(ping, **changes)


def a_row(**changes: Any) -> QueueRow:
    row = QueueRow(
        id=9_000_000_000_000_017,
        number=17,
        inbox="amazon-it",
        subject="Dove è il mio ordine?",
        customer_name="Lucia Bianchi",
        card_stage=CardStage.SOON,
        assignee=None,
        waiting_since=NOON - timedelta(hours=3),
        next_due_at=NOON + timedelta(hours=9),
        next_scope=Scope.INTERNAL,
        permalink="https://shop.slack.example/archives/C0AMAZON1/p1770109200000100",
    )
    return replace(row, **changes)
