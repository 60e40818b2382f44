"""Messages of the past as rows, and as the facts that clocks depend on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.domain.history import MessageFact
from bot.domain.ticket import Ticket
from connectors.contract import Verdict
from sla_rules.vocabulary import Author

AUTHORS: Final[Mapping[Verdict, Author]] = {
    Verdict.CUSTOMER: Author.CUSTOMER,
    Verdict.ANSWERED_ELSEWHERE: Author.AGENT,
}


def message_row(
    *,
    message_id: int,
    ticket: Ticket,
    at: datetime,
    text: str,
    **values: Any,
) -> dict[str, Any]:
    return {
        "client_key": None,
        "agent": None,
        "reason": "",
        "seen_at": at,
        "error": None,
        **values,
        "id": message_id,
        "ticket_id": ticket.id,
        "inbox_id": ticket.inbox_id,
        "sent_at": at,
        "subject": ticket.subject,
        "body": text,
        "full_body": text,
        "attachments": [],
        "links": {},
        "reply_context": {},
    }


def fact_of(row: Mapping[str, Any]) -> MessageFact:
    return MessageFact(
        id=row["id"],
        inbound=row["direction"] == "in",
        author=row["author"],
        verdict=row["verdict"],
        state=row["state"],
        sent_at=row["sent_at"],
        seen_at=row["seen_at"],
    )
