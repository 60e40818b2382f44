"""What became of an answer: handed over, refused, unknown. Only the first stops a clock."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.message_rows import message_row
from bot.db.thread_keys import register_keys
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.inbound import bounded
from bot.domain.roster import Verb
from bot.domain.ticket import DESK, EventType, MessageState
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import require, require_sight, say, the_ticket
from bot.usecases.clocks import replan
from connectors.contract import ReplyReceipt

_OPEN = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNSURE)


def reply_started(tx: Tx, message_id: int) -> bool:
    """Mark a reply as being handed over, before the first byte leaves. False: do not send it."""
    message = message_row(tx.conn, message_id)
    if message is None or message.state not in {MessageState.QUEUED, MessageState.SENDING}:
        return False
    _set(tx, message_id, state=MessageState.SENDING, sent_at=tx.now)
    return True


def confirm_reply(tx: Tx, desk: Desk, message_id: int, receipt: ReplyReceipt) -> None:
    """The platform took the reply over: the clocks it answers stop at `accepted_at`.

    Said twice, or of a reply that bounced meanwhile, it changes nothing.
    """
    message = _unsettled(tx, message_id)
    if message is None:
        return
    taken = exists().where(
        tables.message.c.inbox_id == message.inbox_id,
        tables.message.c.external_id == receipt.external_id,
        tables.message.c.id != message_id,
    )
    known_elsewhere = tx.conn.scalar(select(taken))
    external_id = message.external_id if known_elsewhere else receipt.external_id
    _set(
        tx,
        message_id,
        state=MessageState.SENT,
        sent_at=min(receipt.accepted_at, tx.now),
        external_id=external_id,
        error=None,
    )
    register_keys(tx, message.inbox_id, {receipt.external_id: message.ticket_id})
    _keep_pieces(tx, message, receipt.further_ids)
    _settled(tx, desk, message, EventType.REPLY_SENT, actor=message.agent or DESK)


def _keep_pieces(tx: Tx, message: AnyRow, ids: Sequence[str]) -> None:
    """One answer in several messages is one answer: the copies of its pieces are known as ours."""
    rows = [
        {
            "id": tx.new_id(),
            "inbox_id": message.inbox_id,
            "external_id": one,
            "message_id": message.id,
        }
        for one in dict.fromkeys(bounded(each) for each in ids if each)
    ]
    if rows:
        tx.conn.execute(insert_ignore(tx.conn, tables.message_part), rows)


def reply_failed(tx: Tx, desk: Desk, message_id: int, reason: str) -> None:
    """The platform refused the reply, `reason` in its words. The clock never stopped."""
    message = _unsettled(tx, message_id)
    if message is None:
        return
    _set(tx, message_id, state=MessageState.FAILED, error=reason)
    _settled(tx, desk, message, EventType.REPLY_FAILED, actor=DESK, reason=reason)


def reply_unsure(tx: Tx, desk: Desk, message_id: int, reason: str) -> None:
    """Nobody knows whether the reply arrived. No machine sends it again; the thread asks a person."""
    message = _unsettled(tx, message_id)
    if message is None or message.state == MessageState.UNSURE:
        return
    _set(tx, message_id, state=MessageState.UNSURE, error=reason)
    _settled(tx, desk, message, EventType.REPLY_UNSURE, actor=DESK, reason=reason)


def settle_unsure(tx: Tx, desk: Desk, message_id: int, actor: str, arrived: bool) -> bool:
    """A person looked: it arrived, or it did not. False when there was nothing left to settle.

    Raises NotAllowed, NotInSight.
    """
    require(desk, actor, Verb.WORK)
    message = message_row(tx.conn, message_id)
    if message is None:
        raise DeskError(tr("There is no such reply."))
    require_sight(tx.conn, desk, actor, message.ticket_id, Verb.WORK)
    if message.state != MessageState.UNSURE:
        return False
    state = MessageState.SENT if arrived else MessageState.FAILED
    _set(tx, message_id, state=state, error=None if arrived else message.error)
    tx.conn.execute(
        update(tables.outbox)
        .where(
            tables.outbox.c.dedupe_key == f"reply:{message_id}",
            tables.outbox.c.state == "unsure",
        )
        .values(state="sent" if arrived else "dead", settled_at=tx.now)
    )
    tx.wakes.add("outbox")
    if arrived:
        _settled(tx, desk, message, EventType.REPLY_SENT, actor=actor, settled=True)
    else:
        _settled(
            tx, desk, message, EventType.REPLY_FAILED, actor=actor, reason="looked up: not there"
        )
    return True


def _unsettled(tx: Tx, message_id: int) -> AnyRow | None:
    message = message_row(tx.conn, message_id)
    return message if message is not None and message.state in _OPEN else None


def _set(tx: Tx, message_id: int, **values: Any) -> None:
    tx.conn.execute(
        update(tables.message).where(tables.message.c.id == message_id).values(**values)
    )


def _settled(
    tx: Tx,
    desk: Desk,
    message: AnyRow,
    type_: EventType,
    *,
    actor: str,
    **data: str | bool,
) -> None:
    ticket = the_ticket(tx, message.ticket_id)
    say(
        tx,
        desk,
        ticket,
        type_,
        actor=actor,
        message_id=message.id,
        agent=message.agent,
        assignee=ticket.assignee,
        **data,
    )
    replan(tx, desk, [ticket.id])
