"""Answers that wait for a second person, as rows. Their words are kept as an answer's are."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from bot.db import tables
from bot.db.sealed import open_text, seal_text, shown_text
from bot.db.types import AnyRow, literally
from bot.db.unit import Tx
from bot.domain.approvals import APPROVE_WITHIN, Approval, ApprovalState, HeldAnswer
from bot.domain.ticket import EventType, MessageState
from connectors.contract import Attachment
from sla_rules.vocabulary import Author

_A = tables.approval.c
_M = tables.message.c
_E = tables.ticket_event.c

_ON_ITS_WAY: Final = (
    MessageState.QUEUED,
    MessageState.SENDING,
    MessageState.SENT,
    MessageState.UNSURE,
)
_SETTLING: Final = (
    EventType.ANSWERED_ELSEWHERE,
    EventType.NO_ANSWER_NEEDED,
    EventType.RESOLVED,
    EventType.MERGED,
)


def keep_approval(tx: Tx, ticket_id: int, author: str, client_key: str, answer: HeldAnswer) -> int:
    """Keep an answer until somebody decides, or too long; its id."""
    approval_id = tx.new_id()
    tx.conn.execute(
        insert(tables.approval).values(
            id=approval_id,
            ticket_id=ticket_id,
            author=author,
            client_key=client_key,
            body=seal_text(tx.conn, answer.text, place=f"approval.body:{approval_id}"),
            choices=seal_text(tx.conn, _choices(answer), place=f"approval.choices:{approval_id}"),
            state=ApprovalState.ASKED,
            asked_at=tx.now,
            ends_at=tx.now + APPROVE_WITHIN,
        )
    )
    return approval_id


def held_by_form(conn: Connection, ticket_id: int, client_key: str) -> int | None:
    """The answer that this very form submitted before."""
    found: int | None = conn.scalar(
        select(_A.id).where(_A.ticket_id == ticket_id, _A.client_key == client_key)
    )
    return found


def approval_of(conn: Connection, approval_id: int) -> Approval | None:
    """One of them, decided or not. Raises CannotOpen where its key is gone."""
    row = conn.execute(select(tables.approval).where(_A.id == approval_id)).one_or_none()
    return _approval(conn, row) if row is not None else None


def held_words(conn: Connection, approval_id: int) -> str:
    """What it says, to be shown; empty where there is none of that id."""
    stored = conn.scalar(select(_A.body).where(_A.id == approval_id))
    return shown_text(conn, stored or "", place=f"approval.body:{approval_id}")


def settle_approval(
    tx: Tx, approval_id: int, state: ApprovalState, by: str, *, message_id: int | None = None
) -> bool:
    """Decide it, once; False where somebody was first."""
    done = tx.conn.execute(
        update(tables.approval)
        .where(_A.id == approval_id, literally(_A.state, ApprovalState.ASKED))
        .values(state=state, decided_by=by, decided_at=tx.now, message_id=message_id)
    )
    return done.rowcount == 1


def pointless(conn: Connection, now: datetime, limit: int) -> list[Approval]:
    """Those nobody has to decide any more: overtaken, or too old; the oldest first."""
    rows = conn.execute(_pointless(), {"now": now, "most": limit})
    return [_approval(conn, row) for row in rows.all()]


def overtaken(conn: Connection, approval_id: int) -> bool:
    """Whether the ticket was answered, or settled, since."""
    return bool(
        conn.scalar(
            select(_is_overtaken()).select_from(tables.approval).where(_A.id == approval_id)
        )
    )


@cache
def _pointless() -> Select[Any]:
    # Asked at every tick: to build it costs more than to answer it.
    return (
        select(tables.approval)
        .where(
            literally(_A.state, ApprovalState.ASKED),
            or_(_A.ends_at <= bindparam("now"), _is_overtaken()),
        )
        .order_by(_A.ends_at, _A.id)
        .limit(bindparam("most", type_=Integer))
    )


def _is_overtaken() -> ColumnElement[bool]:
    # Ids are in the order of time: what has a higher one happened since.
    answered = exists().where(
        _M.ticket_id == _A.ticket_id,
        _M.id > _A.id,
        _M.direction == "out",
        _M.author == Author.AGENT,
        _M.state.in_(_ON_ITS_WAY),
    )
    settled = exists().where(_E.ticket_id == _A.ticket_id, _E.id > _A.id, _E.type.in_(_SETTLING))
    return or_(answered, settled)


def _choices(answer: HeldAnswer) -> str:
    told = asdict(answer) | {
        "files": [[one.ref, one.name, one.media_type, one.size] for one in answer.files]
    }
    del told["text"]
    return json.dumps(told, ensure_ascii=False)


def _approval(conn: Connection, row: AnyRow) -> Approval:
    text = open_text(conn, row.body, place=f"approval.body:{row.id}")
    choices = open_text(conn, row.choices, place=f"approval.choices:{row.id}")
    return Approval(
        id=row.id,
        ticket_id=row.ticket_id,
        author=row.author,
        client_key=row.client_key,
        answer=_answer(text, json.loads(choices)),
        state=ApprovalState(row.state),
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        decided_by=row.decided_by,
    )


def _answer(text: str, told: Mapping[str, Any]) -> HeldAnswer:
    files = tuple(
        Attachment(ref=ref, name=name, media_type=kind, size=size)
        for ref, name, kind, size in told["files"]
    )
    lists = {name: tuple(told[name]) for name in ("overruled", "macros")}
    return HeldAnswer(**{**told, **lists, "text": text, "files": files})
