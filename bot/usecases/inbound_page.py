"""One page of inbound items in memory: what is known, what joined, and the rows that follow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.db.inbound_rows import KnownCustomer, KnownMessage
from bot.db.ticket_rows import lock_tickets
from bot.db.unit import Tx
from bot.domain.card import CardStage
from bot.domain.desk import Desk
from bot.domain.history import AWAITS_ANSWER, MessageFact
from bot.domain.inbound import attachment_rows, joined_tags, lookups_of, named, names_of
from bot.domain.ticket import (
    NEW,
    MessageState,
    Ticket,
    TicketState,
    graver_topic,
    kind_after,
)
from bot.domain.triage import graver_risk, triage
from connectors.contract import InboundMessage, Verdict
from sla_rules.vocabulary import Author, Stage


@dataclass(slots=True)
class InboundPage:
    """The page being worked on. Everything in it is written once, at the end."""

    tx: Tx
    desk: Desk
    inbox: str
    connector: str
    inbox_id: int
    known: dict[str, KnownMessage]
    threads: dict[str, int]
    tickets: dict[int, Ticket]
    customers: Mapping[str, KnownCustomer]
    before: dict[int, Ticket] = field(default_factory=dict)  # as they were, by those joined
    opened: dict[int, str] = field(default_factory=dict)  # external_thread by new ticket
    active_at: dict[int, datetime] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    message_changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    aside: list[tuple[int, str, str]] = field(default_factory=list)
    again: frozenset[int] = frozenset()  # raw items that were set aside before
    holds: bool = False  # whether the inbox has items that are held back
    numbers: Mapping[int, int] = field(default_factory=dict)  # of `opened`, once written

    fresh: set[int] = field(default_factory=set)
    stale: set[int] = field(default_factory=set)
    reawakened: set[int] = field(default_factory=set)  # nobody was waited for until this page

    def matches(self, message: InboundMessage) -> Iterable[tuple[Ticket, bool]]:
        """Tickets the message may belong to, strongest name first; and whether it is certain."""
        for key in lookups_of(message):
            ticket = self.tickets.get(self.threads.get(key.value, 0))
            if ticket is None:
                continue
            if key.max_age is None:
                yield ticket, True
            elif self._is_likely(ticket, message, key.max_age):
                yield ticket, False

    def _is_likely(self, ticket: Ticket, message: InboundMessage, max_age: timedelta) -> bool:
        """Whether a weak name may join the two: not after a long silence, not across orders."""
        orders = {ticket.order_id, message.order_id} - {None}
        active_at = self.active_at.get(ticket.id, ticket.updated_at)
        return len(orders) < 2 and message.sent_at - active_at <= max_age  # noqa: PLR2004

    def ticket(self, ticket_id: int) -> Ticket | None:
        """A ticket that no name of the page led to, locked like the others."""
        if ticket_id not in self.tickets:
            self.tickets.update(lock_tickets(self.tx.conn, [ticket_id]))
        return self.tickets.get(ticket_id)

    def match(self, message: InboundMessage) -> Ticket | None:
        """The ticket of the strongest name."""
        return next((ticket for ticket, _ in self.matches(message)), None)

    def own_messages(self, message: InboundMessage) -> list[KnownMessage]:
        """Messages of ours that the item speaks about, each once however it is named."""
        found = (self.known.get(each) for each in message.refers_to)
        return list({each.id: each for each in found if each and each.outgoing}.values())

    def open_ticket(self, message: InboundMessage, follows: Ticket | None) -> Ticket:
        """A new ticket for `message`, in memory; its number is given when it is written."""
        judged = triage(message)
        customer = self.customers.get(message.sender_handle)
        ticket = Ticket(
            id=self.tx.new_id(),
            number=0,
            inbox_id=self.inbox_id,
            inbox=self.inbox,
            connector=self.connector,
            customer_id=customer.id if customer else None,
            subject=named(message),
            kind=judged.kind,
            stage=judged.stage,
            risk=judged.risk,
            vip=customer.vip if customer else False,
            language=judged.language,
            order_id=message.order_id,
            topic=judged.topic,
            marketplace=message.marketplace,
            tags=frozenset(message.tags),
            customer_tags=customer.tags if customer else frozenset(),
            order_value=message.order_value,
            currency=message.currency,
            state=TicketState.OPEN,
            card_stage=CardStage.CALM,
            opened_at=self.tx.now,
            updated_at=self.tx.now,
            platform_limit=message.platform_limit,
            version=NEW,
        )
        strong = (key.value for key in lookups_of(message) if key.max_age is None)
        thread = next(strong, message.external_id)
        # A follow-up of an old conversation cannot have the name that one has.
        self.opened[ticket.id] = (
            message.external_id if follows or thread in self.threads else thread
        )
        self.tickets[ticket.id] = ticket
        return ticket

    def joined(self, ticket: Ticket, message: InboundMessage) -> Ticket:
        """The ticket with what it takes over from a message that joins it."""
        judged = triage(message)
        asks = message.verdict in AWAITS_ANSWER
        self.before.setdefault(ticket.id, ticket)
        priced = message if ticket.order_value is None else ticket
        changed = replace(
            ticket,
            kind=kind_after(ticket.kind, judged.kind) if asks else ticket.kind,
            stage=judged.stage if ticket.stage is Stage.UNKNOWN else ticket.stage,
            risk=graver_risk(ticket.risk, judged.risk) if asks else ticket.risk,
            language=ticket.language or judged.language,
            order_id=ticket.order_id or message.order_id,
            topic=graver_topic(ticket.topic, judged.topic) if asks else ticket.topic,
            marketplace=ticket.marketplace or message.marketplace,
            tags=joined_tags(ticket.tags, message.tags),
            order_value=priced.order_value,
            currency=priced.currency,
            platform_limit=_limit(ticket, message),
        )
        self.tickets[ticket.id] = changed
        return changed

    def add(self, ticket: Ticket, message: InboundMessage, raw_id: int, *, out: bool) -> int:
        """Keep the message with the ticket; returns its id."""
        message_id = self.tx.new_id()
        state = MessageState.SENT if out else MessageState.RECEIVED
        self.messages.append(
            {
                **_content(message),
                "id": message_id,
                "ticket_id": ticket.id,
                "inbox_id": self.inbox_id,
                "raw_inbound_id": raw_id,
                "direction": "out" if out else "in",
                "seen_at": self.tx.now,
                "state": state,
            }
        )
        self.touched.add(ticket.id)
        self.active_at[ticket.id] = message.sent_at
        for name in names_of(message):
            self.names[name] = ticket.id
            self.threads[name] = ticket.id
        self.known[message.external_id] = KnownMessage(
            id=message_id,
            ticket_id=ticket.id,
            external_id=message.external_id,
            outgoing=out,
            state=state,
            agent=None,
            body=message.text,
        )
        return message_id

    def facts_of(self, ticket_id: int) -> list[MessageFact]:
        """The messages of a ticket that was opened by this page."""
        return [
            MessageFact(
                id=row["id"],
                inbound=row["direction"] == "in",
                author=row["author"],
                verdict=row["verdict"],
                state=row["state"],
                sent_at=row["sent_at"],
                seen_at=row["seen_at"],
                respond_by=row["respond_by"],
                waiting_since=row["waiting_since"],
                reply_until=row["reply_until"],
            )
            for row in self.messages
            if row["ticket_id"] == ticket_id
        ]


def _content(message: InboundMessage) -> dict[str, Any]:
    return {
        "external_id": message.external_id,
        "author": _author(message.verdict),
        "verdict": message.verdict,
        "reason": message.reason,
        "sent_at": message.sent_at,
        "sender_name": message.sender_name,
        "subject": message.subject,
        "body": message.text,
        "full_body": message.full_text,
        "attachments": attachment_rows(message.attachments),
        "links": dict(message.links),
        "reply_context": dict(message.reply_context),
        "respond_by": message.respond_by,
        "waiting_since": message.waiting_since,
        "reply_until": message.reply_until,
        "public": message.public,
        "error": message.degraded,
    }


def _author(verdict: Verdict) -> Author:
    if verdict is Verdict.CUSTOMER:
        return Author.CUSTOMER
    return Author.AGENT if verdict is Verdict.ANSWERED_ELSEWHERE else Author.PLATFORM


def _limit(ticket: Ticket, message: InboundMessage) -> timedelta | None:
    """The platform's limit once `message` stated one: counted from the start of the wait.

    A later notice says how much is left from itself on. The stricter of the two holds.
    """
    stated = message.platform_limit
    if stated is None or message.verdict not in AWAITS_ANSWER:
        return ticket.platform_limit
    started_at = ticket.waiting_since or message.sent_at
    limit = max(message.sent_at + stated - started_at, timedelta(seconds=1))
    return limit if ticket.platform_limit is None else min(limit, ticket.platform_limit)
