"""After a backup was put back: nothing of it is sent as if the time since had not been.

The database says what was so when it was copied. What waited in its outbox then may have gone out
since, may have been taken back, may have been answered otherwise. So every effect that waited is
in doubt: Slack posts are looked up by their metadata before they are posted, answers to customers
are looked up at the platform, and one that is not found there waits for a person (invariant 3).
Cursors are as old as the copy: whatever came since is read again, and what is known of it has no
effect a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select, text, update

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.state_rows import RESTORED, put_state
from bot.db.types import AnyRow, literally
from bot.db.unit import Tx
from bot.domain.approvals import ApprovalState
from bot.domain.effects import EffectKind, post_ops
from bot.domain.ticket import DESK, MessageState, TicketState
from bot.outbox.executor import PUT_BACK
from sla_rules.worded import worded

EVENT: Final = "desk_restored"
"""In the history, of no ticket."""

ROUND: Final = 1000
"""Where the numbers of tickets go on when nobody knows how far they got."""

_REPEATABLE: Final = frozenset(
    {
        *(EffectKind.UPDATE_CARD, EffectKind.PUBLISH_HOME, EffectKind.PIN_BOARD),
        *(EffectKind.SYNC_GROUP, EffectKind.FETCH_CONTEXT, EffectKind.FETCH_FILES),
        *(EffectKind.MARK_NO_REPLY, EffectKind.BRING_REPORT_FILES),
    }
)
"""What does no harm when it is done again, and leaves nothing that could be looked up."""

_B = tables.outbox.c
_M = tables.message.c
_T = tables.ticket.c
_P = tables.ping.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back.

    `answers` are the ticket numbers of those in doubt, `posts` how many Slack posts are. `pings`
    were due before now, `waiting` tickets are open, new tickets are numbered after `last_number`.
    """

    answers: tuple[int, ...]
    posts: int
    pings: int
    waiting: int
    last_number: int


def put_back(tx: Tx, *, copied_at: datetime, last_number: int | None) -> Restored:
    """Doubt what waited when the database was copied; for a desk that does not run.

    `last_number` is the highest ticket number that was given out since, where somebody knows.
    """
    doubted = _doubt(tx)
    found = Restored(
        answers=_answers(tx.conn, doubted),
        posts=sum(1 for row in doubted if row.kind != EffectKind.SEND_REPLY),
        pings=_due_pings(tx.conn, tx.now),
        waiting=_waiting(tx.conn),
        last_number=_go_on_after(tx.conn, last_number),
    )
    _end_approvals(tx)
    # What was forgotten since the copy was made is there again, and is forgotten again.
    tx.conn.execute(update(tables.forgotten).values(applied_at=None))
    tx.conn.execute(update(tables.inbox).values(lease_owner=None, lease_until=None))
    put_state(tx.conn, RESTORED, {"copied_at": copied_at.isoformat()}, tx.now)
    tx.record(None, EVENT, actor=DESK, copied_at=copied_at.isoformat(), answers=len(found.answers))
    tx.emit(_told(tx.now, copied_at, found))
    return found


def _doubt(tx: Tx) -> Sequence[AnyRow]:
    rows = tx.conn.execute(
        select(_B.id, _B.kind, _B.payload, _B.attempts, _B.result)
        .where(tables.open_effects)
        .where(
            or_(
                _B.state == "sending",
                (_B.state == "ready") & (_B.not_before <= tx.now),
                # An agent may have taken it back within the window that was open then.
                (_B.state == "ready") & (_B.kind == EffectKind.SEND_REPLY),
            ),
            _B.kind.not_in(_REPEATABLE),
        )
        .order_by(_B.id)
    ).all()
    for row in rows:
        tx.conn.execute(update(tables.outbox).where(_B.id == row.id).values(**_in_doubt(row, tx)))
    replies = [int(r.payload["message_id"]) for r in rows if r.kind == EffectKind.SEND_REPLY]
    for message_id in replies:
        # One that is still queued would count as certainly not handed over.
        tx.conn.execute(
            update(tables.message)
            .where(_M.id == message_id, _M.state == MessageState.QUEUED)
            .values(state=MessageState.SENDING)
        )
    return rows


def _in_doubt(row: AnyRow, tx: Tx) -> Mapping[str, Any]:
    """As a row whose lease ran out in flight: the dispatcher looks before it sends."""
    notes: Mapping[str, int] = row.result or {}
    certainly_not = int(notes.get("failed", 0)) + int(notes.get("absent", 0))
    return {
        "state": "sending",
        "lease_until": tx.now,
        "attempts": max(row.attempts, certainly_not + 1),
        "payload": {**row.payload, PUT_BACK: True},
        "last_error": "put back from a backup",
    }


def _end_approvals(tx: Tx) -> None:
    """An answer that waited for a second person may be out: its author gets it back as a draft."""
    approval = tables.approval.c
    tx.conn.execute(
        update(tables.approval)
        .where(literally(approval.state, ApprovalState.ASKED), approval.ends_at > tx.now)
        .values(ends_at=tx.now)
    )


def _answers(conn: Connection, doubted: Sequence[AnyRow]) -> tuple[int, ...]:
    ids = [int(r.payload["ticket_id"]) for r in doubted if r.kind == EffectKind.SEND_REPLY]
    numbers = conn.scalars(select(_T.number).where(_T.id.in_(ids)).order_by(_T.number))
    return tuple(numbers)


def _due_pings(conn: Connection, now: datetime) -> int:
    due = select(func.count()).where(
        _P.fired_at.is_(None), _P.cancelled_at.is_(None), _P.fire_at <= now
    )
    return conn.execute(due).scalar_one()


def _waiting(conn: Connection) -> int:
    return conn.execute(select(func.count()).where(_T.state == TicketState.OPEN)).scalar_one()


def _go_on_after(conn: Connection, known: int | None) -> int:
    """No number is given out twice: an old card in Slack must not name another customer's ticket."""
    counter = tables.counter.c
    own = conn.scalar(select(counter.value).where(counter.name == "ticket")) or 0
    last = max(own, known) if known is not None else (own // ROUND + 1) * ROUND
    statement = upsert(conn.dialect.name, tables.counter).values(name="ticket", value=last)
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": last}))
    return last


def _told(now: datetime, copied_at: datetime, found: Restored) -> Any:
    said = worded(
        "This desk was put back as it was on {time}. Messages since then are read again. "
        "Answers sent since then are not known here unless the marketplace shows them: look there "
        "before you answer. Answers in doubt: {count}.",
        time=copied_at,
        count=len(found.answers),
    )
    return post_ops(f"restored:{now:%Y%m%dT%H%M%S}", said)


def broken_promises(conn: Connection) -> list[str]:
    """What a database may never hold, whatever it was copied from; a sentence each."""
    found = []
    for what, query in _PROMISES.items():
        count = conn.execute(text(query)).scalar_one()
        if count:
            found.append(f"{what}: {count}")
    return found


_PROMISES: Final = {
    "conversations with two tickets": (
        "SELECT count(*) FROM (SELECT 1 FROM ticket "
        "GROUP BY inbox_id, external_thread HAVING count(*) > 1) AS twice"
    ),
    "messages stored twice": (
        "SELECT count(*) FROM (SELECT 1 FROM message "
        "GROUP BY inbox_id, external_id HAVING count(*) > 1) AS twice"
    ),
    "messages without a ticket": (
        "SELECT count(*) FROM message LEFT JOIN ticket ON ticket.id = message.ticket_id "
        "WHERE ticket.id IS NULL"
    ),
    "ticket numbers above the counter": (
        "SELECT count(*) FROM ticket WHERE number > "
        "(SELECT coalesce(max(value), 0) FROM counter WHERE name = 'ticket')"
    ),
    "effects in no known state": (
        "SELECT count(*) FROM outbox WHERE state NOT IN "
        "('ready', 'sending', 'sent', 'unsure', 'superseded', 'dead')"
    ),
    "answers that would go out without a look": (
        "SELECT count(*) FROM outbox JOIN message ON outbox.dedupe_key = 'reply:' || message.id "
        "WHERE outbox.state = 'sending' AND message.state = 'queued'"
    ),
}
