"""The lines of a ticket's response ledger, from its messages and from what automatic mail left."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.clock_rows import load_clocks
from bot.db.relation_rows import marks_of
from bot.db.types import AnyRow
from bot.domain.history import OUTGOING
from bot.domain.holds import Mark
from bot.domain.ledger import Entry, LedgerLine, Taken, ledger
from bot.domain.rulings import corrections, mail_sent_at
from bot.domain.ticket import EventType
from connectors.contract import Verdict

_M = tables.message.c

_MAIL: Final[Mapping[str, Taken]] = {
    Verdict.ACKNOWLEDGEMENT: Taken.RECEIPT,
    Verdict.OWN_LOOP: Taken.OWN_MAIL,
    Verdict.BOUNCE: Taken.BOUNCE,
}


def ledger_of(conn: Connection, ticket_id: int) -> Sequence[LedgerLine]:
    """Every line of the ledger as things are."""
    sent = conn.execute(
        select(
            _M.id, _M.sent_at, _M.author, _M.agent, _M.state, _M.verdict, _M.reason, _M.external_id
        ).where(_M.ticket_id == ticket_id, _M.direction == "out")
    )
    kinds = (EventType.VERDICT, EventType.VERDICT_CORRECTED, EventType.REPLY_QUEUED)
    marks = marks_of(conn, ticket_id, kinds)
    mail = [_mail(each) for each in marks if each.type == EventType.VERDICT]
    clocks = load_clocks(conn, [ticket_id]).get(ticket_id, [])
    return ledger(
        [*(_sent(row, _drafted(marks)) for row in sent), *mail],
        corrections(marks),
        [clock.deadline for clock in clocks],
    )


def _drafted(marks: Sequence[Mark]) -> Mapping[str, Mapping[str, Any]]:
    """By message, which machine wrote what an answer began as."""
    queued = (each for each in marks if each.type == EventType.REPLY_QUEUED)
    told = ((str(each.data.get("message_id")), each.data.get("machine")) for each in queued)
    return {message: machine for message, machine in told if isinstance(machine, Mapping)}


def _sent(row: AnyRow, drafted: Mapping[str, Mapping[str, Any]]) -> Entry:
    machine = drafted.get(str(row.id), {})
    attested = row.external_id.startswith("attested:")
    by_agent = Taken.ATTESTED if attested else Taken.ANSWER
    return Entry(
        id=row.id,
        at=row.sent_at,
        taken=by_agent if row.verdict == OUTGOING else Taken.COPY,
        author=row.author,
        agent=row.agent,
        state=row.state,
        reason=row.reason,
        model=str(machine.get("model") or ""),
        edited=bool(machine.get("edited")),
    )


def _mail(mark: Mark) -> Entry:
    return Entry(
        id=mark.id,
        at=mail_sent_at(mark.data, mark.at),
        taken=_MAIL.get(str(mark.data.get("verdict")), Taken.AUTOMATIC),
        reason=str(mark.data.get("reason") or ""),
    )
