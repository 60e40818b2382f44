"""Posts the tickets that need another owner into their channel, as they stand when it is sent."""

from datetime import datetime

from sqlalchemy import Connection

from bot.db.forecast_rows import standing
from bot.db.queue_rows import queue_rows
from bot.db.routing_rows import still_waiting, with_absences
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.reasons import said_reason
from bot.domain.veil import posted_row
from bot.language import speaking, tr
from bot.outbox.executor import (
    Ambiguous,
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    Sent,
    Superseded,
    TryLater,
    Unsure,
)
from bot.slack.blocks.offer import Offer, render_offer
from bot.slack.limits import channel_gate
from bot.slack.one_kind import OneKind
from bot.slack.scene import tell_ops


class OfferExecutor(OneKind):
    """Sends offers."""

    kind = EffectKind.POST_OFFER

    async def send(self, row: OutboxRow) -> Outcome:
        """Post what still waits. Raises a SendError."""
        desk, now = self._desk(), self._clock.now()
        offer = await self._db.read(lambda conn: _offer(conn, row, desk, now))
        if offer is None:
            return Superseded(reason="nothing of it waits any more, or somebody is back")
        channel = str(row.payload["channel"])
        with speaking(desk.language_in(channel)):
            drawn = render_offer(offer, desk, now)
        try:
            channel, ts, _ = await self._calls.post(
                channel,
                drawn,
                outbox_id=row.id,
                gate=channel_gate(row.lane_group),
            )
        except Refused as exc:
            numbers = ", ".join(f"#{each.number}" for each in offer.rows)
            with speaking(desk.language):
                text = tr(
                    "Tickets to hand over could not be posted in {channel} ({reason}): {numbers}.",
                    channel=channel,
                    reason=said_reason(exc.reason),
                    numbers=numbers,
                )
            raise Refused(exc.reason, then=tell_ops(f"offer:{row.id}", text)) from exc
        return Sent(result={"channel": channel, "ts": ts})

    async def look_up(self, row: OutboxRow) -> Finding:
        """Look for our own metadata in the channel."""
        channel = str(row.payload["channel"])
        try:
            ts = await self._calls.find(channel, row.id, thread_ts=None)
        except Refused as exc:
            return Unsure(reason=exc.reason)
        except Ambiguous as exc:
            raise TryLater(str(exc)) from exc
        return NotSent() if ts is None else Sent(result={"channel": channel, "ts": ts})


def _offer(conn: Connection, row: OutboxRow, desk: Desk, now: datetime) -> Offer | None:
    payload, who = row.payload, row.payload["who"]
    roster = with_absences(conn, desk, now).roster
    if who is not None and roster.is_here(who):
        return None
    next_at = _instant(payload["next_at"])
    if next_at is not None and next_at <= now:
        return None
    waiting = still_waiting(conn, payload["ticket_ids"], owner=who)
    if not waiting:
        return None
    answered = len(payload["ticket_ids"]) - len(waiting)
    return Offer(
        rows=[posted_row(each, desk) for each in queue_rows(conn, waiting)],
        of=payload["of"] - answered,
        who=who,
        ends_at=_instant(payload["ends_at"]),
        next_who=payload["next_who"],
        next_at=next_at,
        foreseen={each.ticket_id: each for each in standing(conn, now, ids=waiting)}
        if who is None
        else {},
    )


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
