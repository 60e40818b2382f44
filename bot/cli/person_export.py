"""All that is kept of one person, as files: for them to read, and for programs.

What they wrote and what was answered, what the desk noted of them and their orders, and the files.
Colleagues' notes are theirs, too, and may speak of others: they go along only where it is asked.
"""

import html
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.inbound_rows import payload_place
from bot.db.order_rows import read_context
from bot.db.sealed import open_data, shown_text, try_bytes
from bot.db.types import AnyRow
from connectors.formats import plain_name

_T = tables.ticket.c
_C = tables.customer.c
_M = tables.message.c
_E = tables.ticket_event.c
_R = tables.raw_inbound.c
_X = tables.ticket_context.c
_INBOX = tables.inbox.c

_NOTES: Final = ("note", "transferred", "escalated", "customer_tagged")


def write_person(
    conn: Connection, *, ids: Collection[int], folder: Path, now: datetime, with_notes: bool
) -> int:
    """Write it into `folder`, which is made; how many files that is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = dict(_files(conn, ids))
    told = {
        "made_at": now.isoformat(),
        "notes_of_colleagues": with_notes,
        "customers": [_customer(conn, row, with_notes=with_notes) for row in _customers(conn, ids)],
        "files": sorted(files),
    }
    (folder / "person.json").write_text(
        json.dumps(told, ensure_ascii=False, indent=2, default=str), encoding="utf-8"
    )
    (folder / "person.html").write_text(_page(told), encoding="utf-8")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for each in folder.iterdir():
        each.chmod(0o600)
    return len(files) + 2


def _customers(conn: Connection, ids: Collection[int]) -> Sequence[AnyRow]:
    query = select(tables.customer, _INBOX.name.label("inbox")).join_from(
        tables.customer, tables.inbox
    )
    return conn.execute(query.where(_C.id.in_(ids)).order_by(_C.id)).all()


def _customer(conn: Connection, row: AnyRow, *, with_notes: bool) -> dict[str, Any]:
    tickets = conn.execute(
        select(tables.ticket).where(_T.customer_id == row.id).order_by(_T.number)
    ).all()
    return {
        "inbox": row.inbox,
        "handle": row.handle,
        "name": row.display_name,
        "language": row.language,
        "vip": row.vip,
        "orders": row.orders,
        "lifetime_value": row.lifetime_value,
        "currency": row.currency,
        "tags": row.tags,
        "tickets": [_ticket(conn, each, with_notes=with_notes) for each in tickets],
    }


def _ticket(conn: Connection, row: AnyRow, *, with_notes: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "subject": row.subject,
        "state": row.state,
        "topic": row.topic,
        "order_id": row.order_id,
        "opened_at": row.opened_at,
        "resolved_at": row.resolved_at,
        "words_removed_at": row.purged_at,
        "tags": row.tags,
        "messages": _messages(conn, row.id),
        "order_data": _order(conn, row.id),
        "rating": _rating(conn, row.id),
        "notes": _notes(conn, row.id) if with_notes else "not included",
    }


def _messages(conn: Connection, ticket_id: int) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(tables.message).where(_M.ticket_id == ticket_id).order_by(_M.sent_at, _M.id)
    )
    return [
        {
            "from": "the customer" if row.direction == "in" else "the shop",
            "sender": row.sender_name,
            "sent_at": row.sent_at,
            "seen_at": row.seen_at,
            "state": row.state,
            "subject": row.subject,
            "body": shown_text(conn, row.body, place=f"message.body:{row.id}"),
            "whole": shown_text(conn, row.full_body, place=f"message.full_body:{row.id}"),
            "attachments": row.attachments,
            "links": row.links,
            "addresses": row.reply_context,
        }
        for row in rows
    ]


def _order(conn: Connection, ticket_id: int) -> Any:
    row = conn.execute(select(_X.content, _X.sealed).where(_X.ticket_id == ticket_id)).one_or_none()
    found = None if row is None else read_context(conn, ticket_id, row.content, row.sealed)
    return None if found is None else asdict(found)


def _rating(conn: Connection, ticket_id: int) -> list[dict[str, Any]]:
    rated = tables.feedback.c
    rows = conn.execute(select(tables.feedback).where(rated.ticket_id == ticket_id))
    return [
        {
            "kind": row.kind,
            "score": row.score,
            "comment": shown_text(conn, row.comment or "", place=f"feedback.comment:{row.id}"),
            "answered_at": row.answered_at,
        }
        for row in rows
    ]


def _notes(conn: Connection, ticket_id: int) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(tables.ticket_event)
        .where(_E.ticket_id == ticket_id, _E.type.in_(_NOTES))
        .order_by(_E.id)
    )
    return [
        {"at": row.at, "by": row.actor, "type": row.type, **open_data(conn, row.id, row.data)}
        for row in rows
    ]


def _files(conn: Connection, ids: Collection[int]) -> Iterator[tuple[str, bytes]]:
    """Names and contents: what came exactly as it came, and the files of answers."""
    mine = select(_M.id).join_from(tables.message, tables.ticket).where(_T.customer_id.in_(ids))
    raw = (
        select(_R.id, _R.payload)
        .join_from(tables.raw_inbound, tables.message, _M.raw_inbound_id == _R.id)
        .where(_M.id.in_(mine))
        .distinct()
    )
    for row in conn.execute(raw):
        content = try_bytes(conn, row.payload, place=payload_place(row.id))
        if content:
            kind = "json" if content[:1] in {b"{", b"["} else "eml"
            yield f"received-{row.id}.{kind}", content
    sent = tables.message_file
    for row in conn.execute(select(sent).where(sent.c.message_id.in_(mine))):
        content = try_bytes(conn, row.content, place=f"message_file.content:{row.id}")
        if content:
            yield f"sent-{row.id}-{plain_name(row.name)}", content


def _page(told: Mapping[str, Any]) -> str:
    return (
        '<!doctype html><meta charset="utf-8"><title>Personal data</title>'
        "<style>body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
        "dt{font-weight:bold}dd{margin:0 0 .5em 1.5em;white-space:pre-wrap}"
        "li{margin:0 0 1em}</style><h1>Personal data</h1>" + _told(told)
    )


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = (
            f"<dt>{html.escape(str(name).replace('_', ' '))}</dt><dd>{_told(each)}</dd>"
            for name, each in value.items()
            if each not in (None, "", [], {})
        )
        return f"<dl>{''.join(parts)}</dl>"
    if isinstance(value, list):
        return f"<ul>{''.join(f'<li>{_told(each)}</li>' for each in value)}</ul>"
    return html.escape(str(value))
