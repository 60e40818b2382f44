"""Replies go to customers through the inbox's connector: once, or not at all, or a person is asked.

`reply_started` is committed right before the hand-over, so that a reply still `queued` has
certainly not left. Everything after it that was not seen to end is looked up with
`connector.probe`; what the platform cannot tell becomes `unsure`, and no machine sends it again
(invariants 3 and 4).
"""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.db import queries
from bot.db.file_rows import awaited_files
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind, post_ops
from bot.domain.reasons import NO_INBOX
from bot.domain.ticket import MessageState
from bot.language import marked
from bot.marketplace.errors import repeatable, send_error
from bot.outbox.executor import (
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    Sent,
    Superseded,
    Then,
    TryLater,
    Unsure,
)
from bot.outbox.traces import broke
from bot.runtime.call_meter import Tally, metered
from bot.usecases.call_budget import note_calls
from bot.usecases.confirm_reply import confirm_reply, reply_failed, reply_started, reply_unsure
from bot.usecases.outbound import closed_because
from bot.usecases.survey import outgoing
from connectors.contract import Absent, Connector, Found, ReplyCommand, ReplyReceipt
from connectors.errors import ConnectorError, Rejected, Unavailable
from sla_rules.worded import worded

MOST_LOOKS = 6
"""After so many look-ups without an answer (about two minutes) a person is asked."""


FAILURES_TOLD = 6
"""After so many tries in a row (one to two minutes) the ops channel hears of a reply that waits."""


class MarketExecutor:
    """Sends replies. `connectors` are by inbox name."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
    ) -> None:
        self._connectors = connectors
        self._db = db
        self._desk = desk
        self._clock = clock

    @property
    def kinds(self) -> Sequence[str]:
        """What this executor sends."""
        return (EffectKind.SEND_REPLY,)

    async def send(self, row: OutboxRow) -> Outcome:
        """Hand the reply over once. Raises a SendError."""
        with metered() as tally:
            try:
                return await self._send(row)
            finally:
                await self._note(row, tally)

    async def _send(self, row: OutboxRow) -> Outcome:
        message_id = int(row.payload["message_id"])
        found, missing = await self._db.read(
            lambda conn: (
                self._command(conn, row),
                awaited_files(conn, message_id),
            )
        )
        if found is None:
            return Superseded(reason="there is no such reply")
        if missing:
            raise self._refused(message_id, marked("its files are not there"))
        inbox, command = found
        connector = self._connectors.get(inbox)
        if connector is None:
            raise self._refused(message_id, NO_INBOX.format(inbox=inbox))
        closed = closed_because(self._desk(), inbox)
        if closed is not None:
            raise self._refused(message_id, closed)
        started = await self._db.write(
            lambda tx: reply_started(tx, message_id), now=self._clock.now(), urgent=True
        )
        if not started:
            return Superseded(reason="taken back, or settled before")
        return self._sent(message_id, await self._hand_over(connector, command, row))

    def _command(self, conn: Connection, row: OutboxRow) -> tuple[str, ReplyCommand] | None:
        told = row.payload
        return outgoing(conn, self._desk(), int(told["ticket_id"]), int(told["message_id"]))

    async def _hand_over(
        self, connector: Connector, command: ReplyCommand, row: OutboxRow
    ) -> ReplyReceipt:
        message_id = int(row.payload["message_id"])
        try:
            return await connector.reply(command)
        except Rejected as exc:
            raise self._refused(message_id, exc.reason) from exc
        except Unavailable as exc:
            raise TryLater(str(exc), then=_say_it_waits(row, command, str(exc))) from exc
        except ConnectorError as exc:
            raise send_error(exc) from exc

    async def look_up(self, row: OutboxRow) -> Finding:
        """Ask the platform. Raises Throttled, GroupPaused or TryLater when it gives no answer."""
        with metered() as tally:
            try:
                return await self._look_up(row)
            finally:
                await self._note(row, tally)

    async def _note(self, row: OutboxRow, tally: Tally) -> None:
        """Count the calls it took against the day's. A count is not worth an answer's outcome."""
        inbox = row.lane_group.partition(":")[2]
        if not tally.calls:
            return
        try:
            await self._db.write(
                lambda tx: note_calls(tx, inbox, replies=tally.calls), now=self._clock.now()
            )
        except DBAPIError as exc:
            broke("reply.calls_uncounted", exc, inbox=inbox)

    async def _look_up(self, row: OutboxRow) -> Finding:
        message_id = int(row.payload["message_id"])
        found, message = await self._db.read(
            lambda conn: (
                self._command(conn, row),
                queries.message(conn, message_id),
            )
        )
        if found is None or message is None:
            return Superseded(reason="there is no such reply")
        if message.state == MessageState.QUEUED:
            return NotSent()
        inbox, command = found
        connector = self._connectors.get(inbox)
        if connector is None:
            return self._unsure(message_id, NO_INBOX.format(inbox=inbox))
        return await self._probe(row, connector, command, message_id)

    async def _probe(
        self, row: OutboxRow, connector: Connector, command: ReplyCommand, message_id: int
    ) -> Finding:
        try:
            answer = await connector.probe(command)
        except ConnectorError as exc:
            if row.looks + 1 >= MOST_LOOKS:
                return self._unsure(message_id, marked("the platform could not be asked"))
            raise repeatable(exc) from exc
        match answer:
            case Found(receipt=receipt):
                return self._sent(message_id, receipt)
            case Absent() if not row.put_back:
                return NotSent()
            case _ if row.put_back:
                # It may have been taken back since, or answered otherwise: no machine sends it.
                return self._unsure(message_id, marked("the desk was put back from a backup"))
            case _:
                return self._unsure(
                    message_id, marked("the connection ended before the platform confirmed it")
                )

    def _sent(self, message_id: int, receipt: ReplyReceipt) -> Sent:
        desk = self._desk()
        return Sent(
            result={"external_id": receipt.external_id},
            then=lambda tx: confirm_reply(tx, desk, message_id, receipt),
        )

    def _refused(self, message_id: int, reason: str) -> Refused:
        desk = self._desk()
        return Refused(reason, then=lambda tx: reply_failed(tx, desk, message_id, reason))

    def _unsure(self, message_id: int, reason: str) -> Unsure:
        desk = self._desk()
        return Unsure(reason=reason, then=lambda tx: reply_unsure(tx, desk, message_id, reason))


def _say_it_waits(row: OutboxRow, command: ReplyCommand, why: str) -> Then | None:
    if row.failed + 1 != FAILURES_TOLD:
        return None
    text = worded(
        "The answer on ticket #{number} has not gone out yet: {reason}. "
        "It is tried again every few minutes, and its clock runs on.",
        number=command.ticket_number,
        reason=why,
    )
    return lambda tx: tx.emit(post_ops(f"waiting:{row.id}", text))
