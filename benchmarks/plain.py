"""What a script would do with the same mails: the measure that ingest is compared with.

`read_plainly` is the standard library's own reading of a mail. `ingest_plainly` adds the rows of a
ticket, one transaction a mail, awaiting every statement: no raw copy, no verdict, no threading.
"""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from benchmarks.desk import START
from bot.db import tables

_HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References")


def read_plainly(raw: bytes) -> dict[str, str]:
    """Headers and text of a mail, by the standard library."""
    mail = message_from_bytes(raw, EmailMessage, policy=default)
    found = {name: str(mail[name] or "") for name in _HEADERS}
    body = mail.get_body(("plain", "html"))
    return found | {"text": body.get_content() if body else ""}


async def ingest_plainly(engine: AsyncEngine, raws: list[bytes]) -> None:
    """A ticket, a message, two deadlines with a ping each and a card for every mail."""
    numbers = count(1)
    async with engine.begin() as conn:
        await conn.execute(insert(tables.inbox).values(id=1, name="plain", connector="plain"))
    for raw in raws:
        mail = read_plainly(raw)
        async with engine.begin() as conn:
            await _open_ticket(conn, next(numbers), mail)


async def _open_ticket(conn: AsyncConnection, number: int, mail: dict[str, str]) -> None:
    await conn.execute(insert(tables.ticket).values(**ticket_row(number, mail)))
    await conn.execute(insert(tables.message).values(**message_row(number, mail)))
    for scope in (1, 2):
        deadline_id = number * 10 + scope
        await conn.execute(
            insert(tables.deadline).values(**deadline_row(deadline_id, number, scope))
        )
        await conn.execute(insert(tables.ping).values(**_ping(deadline_id, number)))
    await conn.execute(insert(tables.outbox).values(**card_row(number)))


def ticket_row(number: int, mail: dict[str, str]) -> dict[str, Any]:
    """The ticket that a mail opens; its id is `number`."""
    return {
        "id": number,
        "number": number,
        "inbox_id": 1,
        "external_thread": mail["Message-ID"],
        "subject": mail["Subject"],
        "kind": "message",
        "stage": "unknown",
        "risk": "normal",
        "state": "open",
        "card_stage": "calm",
        "opened_at": START,
        "updated_at": START,
    }


def message_row(number: int, mail: dict[str, str]) -> dict[str, Any]:
    """The mail itself, of the ticket `number`."""
    return {
        "id": number,
        "ticket_id": number,
        "inbox_id": 1,
        "external_id": mail["Message-ID"],
        "direction": "in",
        "author": "customer",
        "verdict": "customer",
        "sent_at": START,
        "seen_at": START,
        "sender_name": mail["From"][:200],
        "subject": mail["Subject"],
        "body": mail["text"],
        "state": "received",
    }


def deadline_row(deadline_id: int, number: int, scope: int) -> dict[str, Any]:
    """A running clock of the ticket `number`, due after `scope` times twelve hours."""
    return {
        "id": deadline_id,
        "ticket_id": number,
        "metric": "first_response",
        "scope": str(scope),
        "instance": 0,
        "started_at": START,
        "due_at": START + timedelta(hours=12 * scope),
        "target_seconds": 43_200 * scope,
        "state": "running",
        "policy": "plain",
        "policy_version": "1",
        "calendar": "always",
        "calendar_version": "1",
    }


def _ping(deadline_id: int, number: int) -> dict[str, Any]:
    return {
        "id": deadline_id,
        "deadline_id": deadline_id,
        "ticket_id": number,
        "step": "breach",
        "audience": "managers",
        "severity": 30,
        "fire_at": START + timedelta(hours=12),
    }


def card_row(number: int) -> dict[str, Any]:
    """The effect that posts the card of the ticket `number`."""
    return {
        "id": number,
        "dedupe_key": f"root:{number}",
        "lane": f"ticket:{number}",
        "lane_group": "slack:C0PLAIN",
        "kind": "post_root",
        "payload": {"ticket_id": number},
        "priority": 1,
        "not_before": START,
        "state": "ready",
        "created_at": START,
    }
