"""The files that go out with answers, and the copies of customers' files in threads."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from bot.db import tables
from bot.db.inbound_rows import opened_payload
from bot.db.sealed import seal_bytes
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.inbound import one_line
from bot.domain.ticket import MessageState
from connectors.contract import Attachment, RawItem, Verdict

_F = tables.message_file.c
_M = tables.message.c
_R = tables.raw_inbound.c
_S = tables.shown_file.c


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedFile:
    """A file of an answer whose bytes are still with Slack, under `slack_id`."""

    id: int
    name: str
    size: int
    slack_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFiles:
    """A customer's message with files, and the raw item it was read from."""

    inbox: str
    attachments: Sequence[Attachment]
    item: RawItem


def announce_files(tx: Tx, message_id: int, files: Sequence[Attachment]) -> None:
    """Keep which files go with an answer; `ref` is Slack's id of each. Their bytes come later."""
    if not files:
        return
    rows = [
        {
            "id": tx.new_id(),
            "message_id": message_id,
            "name": one_line(file.name)[:200],
            "media_type": file.media_type[:120],
            "size": file.size,
            "slack_id": file.ref[:40],
            "content": b"",
        }
        for file in files
    ]
    tx.conn.execute(insert(tables.message_file), rows)


def awaited_files(conn: Connection, message_id: int) -> list[AwaitedFile]:
    """What has to be fetched before the answer can go out."""
    rows = conn.execute(
        select(_F.id, _F.name, _F.size, _F.slack_id)
        .where(_F.message_id == message_id, _F.fetched_at.is_(None))
        .order_by(_F.id)
    )
    return [AwaitedFile(id=r.id, name=r.name, size=r.size, slack_id=r.slack_id) for r in rows]


def is_queued(conn: Connection, message_id: int) -> bool:
    """Whether an answer still waits to be handed over."""
    return conn.scalar(select(_M.state).where(_M.id == message_id)) == MessageState.QUEUED


def keep_content(tx: Tx, file_id: int, content: bytes) -> None:
    """Keep the bytes of an announced file; said twice it changes nothing."""
    sealed = seal_bytes(tx.conn, content, place=f"message_file.content:{file_id}")
    tx.conn.execute(
        update(tables.message_file)
        .where(_F.id == file_id, _F.fetched_at.is_(None))
        .values(content=sealed, fetched_at=tx.now)
    )


def customer_files(conn: Connection, message_id: int) -> CustomerFiles | None:
    """The files of a message, and where their bytes are; None where there are none to show.

    Files of somebody who only pretends to be the platform are never among them.
    """
    row: AnyRow | None = conn.execute(
        select(_R.id, _M.attachments, tables.inbox.c.name, _R.source_id, _R.payload, _R.received_at)
        .join_from(tables.message, tables.inbox, _M.inbox_id == tables.inbox.c.id)
        .join(tables.raw_inbound, _M.raw_inbound_id == _R.id)
        .where(_M.id == message_id, _M.direction == "in", _M.verdict != Verdict.SUSPECT)
    ).one_or_none()
    if row is None or not row.attachments:
        return None
    return CustomerFiles(
        inbox=row.name,
        attachments=tuple(_attachment(one) for one in row.attachments),
        item=RawItem(
            source_id=row.source_id,
            received_at=row.received_at,
            payload=opened_payload(conn, row),
        ),
    )


def _attachment(stored: dict[str, str | int]) -> Attachment:
    return Attachment(
        name=str(stored.get("name", "")),
        media_type=str(stored.get("media_type", "")),
        size=int(stored.get("size", 0)),
        ref=str(stored.get("ref", "")),
    )


def remember_shown(tx: Tx, message_id: int, slack_ids: Sequence[str]) -> None:
    """Keep the ids of copies right before they are shared: a look-up can then tell them."""
    rows = [
        {"id": tx.new_id(), "message_id": message_id, "slack_id": one, "at": tx.now}
        for one in slack_ids
    ]
    tx.conn.execute(insert(tables.shown_file), rows)


def shown_files(conn: Connection, message_id: int) -> list[str]:
    """Slack's ids of every copy that was ever about to be shared for a message."""
    return list(
        conn.scalars(select(_S.slack_id).where(_S.message_id == message_id).order_by(_S.id))
    )
