"""What is asked of a platform, or told to it, beside replies. All of it is harmless to repeat."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.db.message_rows import latest_customer_message
from bot.db.order_rows import Question, question_about
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind, post_ops
from bot.domain.order_context import FRESH
from bot.marketplace.errors import repeatable
from bot.outbox.executor import (
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    Sent,
    Superseded,
    Then,
)
from bot.usecases.order_context import keep_context
from bot.usecases.outbound import closed_because
from connectors.capabilities import FetchesContext, MarksNoReply
from connectors.contract import Connector
from connectors.errors import AccessWithdrawn, ConnectorError, Rejected
from sla_rules.worded import worded

MOST_TRIES = 4
"""A look-up that failed so often is left: what it would show is nice to have, no more."""


class AsideExecutor:
    """Looks orders up and passes "no answer needed" on. `connectors` are by inbox name."""

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
        return (EffectKind.FETCH_CONTEXT, EffectKind.MARK_NO_REPLY)

    async def send(self, row: OutboxRow) -> Outcome:
        """Ask or tell once. Raises a SendError."""
        if row.kind == EffectKind.FETCH_CONTEXT:
            return await self._fetch(row)
        return await self._mark(row)

    async def look_up(self, row: OutboxRow) -> Finding:  # noqa: ARG002
        """Both may simply be done again."""
        return NotSent()

    async def _fetch(self, row: OutboxRow) -> Outcome:
        ticket_id = int(row.payload["ticket_id"])
        question = await self._db.read(lambda conn: question_about(conn, ticket_id))
        connector = self._connectors.get(question.inbox) if question else None
        if question is None or connector is None:
            return Superseded(reason="nobody wrote, or its inbox is gone")
        if not isinstance(connector, FetchesContext):
            return Superseded(reason="its platform tells nothing of orders")
        asked_at = question.fetched_at
        if asked_at is not None and self._clock.now() - asked_at < FRESH:
            return Superseded(reason="it was looked up a short while ago")
        return await self._told(row, connector, question)

    async def _told(self, row: OutboxRow, connector: FetchesContext, question: Question) -> Outcome:
        ticket_id = int(row.payload["ticket_id"])
        try:
            told = await connector.fetch_context(question.request)
        except Rejected as exc:
            return Superseded(reason=f"the platform tells nothing: {exc.reason}")
        except AccessWithdrawn as exc:
            # No order is worth an alarm for each message: it is said once, and nothing is paused.
            return Superseded(
                reason=str(exc), then=_tell_ops(question.inbox, str(exc), self._clock.now())
            )
        except ConnectorError as exc:
            if row.failed + 1 >= MOST_TRIES:
                return Superseded(reason=f"the platform could not be asked: {exc}")
            raise repeatable(exc) from exc
        desk = self._desk()
        return Sent(then=lambda tx: keep_context(tx, desk, ticket_id, told))

    async def _mark(self, row: OutboxRow) -> Outcome:
        ticket_id = int(row.payload["ticket_id"])
        message = await self._db.read(lambda conn: latest_customer_message(conn, ticket_id))
        if message is None or message.id != row.payload["message_id"]:
            return Superseded(reason="the customer wrote again meanwhile")
        inbox = row.lane_group.partition(":")[2]
        connector = self._connectors.get(inbox)
        if connector is None:
            return Superseded(reason="its inbox is gone")
        if closed_because(self._desk(), inbox) is not None:
            return Superseded(reason="nothing goes out through its inbox")
        if not isinstance(connector, MarksNoReply):
            return Superseded(reason="its platform cannot be told")
        try:
            await connector.mark_no_reply(message.reply_context or {})
        except Rejected as exc:
            said = worded(
                '"No answer needed" could not be told to {inbox}: {reason}',
                inbox=inbox,
                reason=exc.reason,
            )
            raise Refused(said) from exc
        except ConnectorError as exc:
            raise repeatable(exc) from exc
        return Sent()


def _tell_ops(inbox: str, why: str, now: datetime) -> Then:
    text = worded(
        "Cards of {inbox} show no orders until this is mended: {reason}", inbox=inbox, reason=why
    )
    return lambda tx: tx.emit(post_ops(f"orders:{inbox}:{now:%Y%m%dT%H%M%S}", text))
