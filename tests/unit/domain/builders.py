"""Values of the domain, for tests that need no database."""

import itertools
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.card import CardStage
from bot.domain.history import MessageFact
from bot.domain.holds import Mark
from bot.domain.ticket import MessageState, Ticket, TicketState
from sla_rules.vocabulary import Author, Kind, Risk, Stage
from tests.builders import NOW

_ids = itertools.count(1)


def a_ticket_value(**changes: Any) -> Ticket:
    ticket = Ticket(
        id=1,
        number=1,
        inbox_id=1,
        inbox="amazon-it",
        connector="amazon",
        customer_id=1,
        subject="Where is it?",
        kind=Kind.MESSAGE,
        stage=Stage.POST_SALE,
        risk=Risk.NORMAL,
        vip=False,
        language="en",
        order_id=None,
        state=TicketState.OPEN,
        card_stage=CardStage.CALM,
        assignee=None,
        claimed_at=None,
        snoozed_until=None,
        acknowledged_at=None,
        opened_at=NOW,
        updated_at=NOW,
        resolved_at=None,
        waiting_since=NOW,
        platform_limit=None,
        policy=None,
        version=1,
        slack_channel=None,
    )
    return replace(ticket, **changes)


def wrote(
    at: datetime, *, verdict: str = "customer", seen_at: datetime | None = None
) -> MessageFact:
    """The customer (or the platform) wrote at `at`."""
    return MessageFact(
        id=next(_ids),
        inbound=True,
        author=Author.CUSTOMER if verdict == "customer" else Author.PLATFORM,
        verdict=verdict,
        state=MessageState.RECEIVED,
        sent_at=at,
        seen_at=seen_at or at,
    )


def answered(at: datetime, *, state: MessageState = MessageState.SENT) -> MessageFact:
    """An agent answered at `at`."""
    return MessageFact(
        id=next(_ids),
        inbound=False,
        author=Author.AGENT,
        verdict="reply",
        state=state,
        sent_at=at,
        seen_at=at,
    )


def mark(type_: str, at: datetime, *, actor: str = "U0ANNA") -> Mark:
    """Somebody clicked at `at`."""
    return Mark(id=next(_ids), type=type_, actor=actor, at=at)
