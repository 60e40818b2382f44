"""Databases with a quarter of a year of tickets: questions, answers, and what was settled."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert

from benchmarks.desk import ANNA, START
from benchmarks.mails import AMAZON, WEBSITE
from bot.db import tables
from bot.db.unit import Database, Tx

SPAN: Final = timedelta(days=90)
"""How long ago the oldest ticket was opened."""

INBOXES: Final = (AMAZON, WEBSITE)

_CHUNK: Final = 5_000
_QUICKEST, _SLOWEST = 10 * 60, 60 * 3600
Row = dict[str, Any]


async def fill(db: Database, tickets: int) -> None:
    """Write so many tickets with one or two questions each, all answered, a quarter settled."""
    dice = random.Random(4)
    await db.write(
        lambda tx: tx.conn.execute(
            insert(tables.inbox),
            [{"id": i, "name": name, "connector": name} for i, name in enumerate(INBOXES)],
        ),
        now=START,
    )
    numbers = iter(range(1, tickets + 1))
    while chunk := [_past(number, dice) for number in islice(numbers, _CHUNK)]:
        await db.write(partial(_write, chunk=chunk), now=START)


def _write(tx: Tx, chunk: Sequence[tuple[Row, list[Row], list[Row]]]) -> None:
    tx.conn.execute(insert(tables.ticket), [ticket for ticket, _, _ in chunk])
    tx.conn.execute(insert(tables.message), [row for _, rows, _ in chunk for row in rows])
    tx.conn.execute(insert(tables.ticket_event), [row for _, _, rows in chunk for row in rows])


def _past(number: int, dice: random.Random) -> tuple[Row, list[Row], list[Row]]:
    opened = at = START - timedelta(seconds=dice.randrange(int(SPAN.total_seconds())))
    inbox = dice.randrange(len(INBOXES))
    messages: list[Row] = []
    for _ in range(dice.choice((1, 1, 2))):
        messages.append(_message(number, inbox, len(messages), at, inbound=True))
        at += timedelta(seconds=dice.randrange(_QUICKEST, _SLOWEST))
        messages.append(_message(number, inbox, len(messages), at, inbound=False))
        at += timedelta(seconds=dice.randrange(_QUICKEST, _SLOWEST))
    ticket = {
        "id": number,
        "number": number,
        "inbox_id": inbox,
        "external_thread": f"thread-{number}",
        "subject": f"Question {number}",
        "kind": "message",
        "stage": dice.choice(("pre_sale", "post_sale", "unknown")),
        "risk": "normal",
        "vip": dice.random() < 0.05,
        "language": dice.choice(("it", "de", "fr")),
        "state": "answered",
        "card_stage": "answered",
        "opened_at": opened,
        "updated_at": opened,
    }
    return ticket, messages, list(_events(number, opened, at))


def _message(number: int, inbox: int, place: int, at: datetime, *, inbound: bool) -> Row:
    return {
        "id": number * 10 + place,
        "ticket_id": number,
        "inbox_id": inbox,
        "external_id": f"message-{number}-{place}",
        "direction": "in" if inbound else "out",
        "author": "customer" if inbound else "agent",
        "verdict": "customer" if inbound else "reply",
        "sent_at": at,
        "seen_at": at,
        "body": "Where is my parcel? I have been waiting for a week now. " * 4,
        "state": "received" if inbound else "sent",
    }


def _events(number: int, opened: datetime, settled: datetime) -> Iterator[Row]:
    said = ["opened", "claimed", "reply_queued", "reply_sent"]
    said += ["resolved"] if number % 4 == 0 else []
    for place, word in enumerate(said):
        at = settled if word == "resolved" else opened
        yield {
            "id": number * 10 + place,
            "ticket_id": number,
            "type": word,
            "actor": ANNA,
            "at": at,
            "data": {"of": place},
        }
