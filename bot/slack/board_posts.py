"""In a storm each channel has one pinned list of what is at risk, edited once a minute; then its end."""

from collections.abc import Callable
from datetime import datetime

from bot.clock import Clock
from bot.db.queue_rows import at_risk
from bot.db.surge_rows import board_of, keep_board
from bot.db.together_rows import next_in_lane
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.effects import pin_board
from bot.domain.reasons import said_reason
from bot.domain.veil import posted_row
from bot.language import speaking, tr
from bot.outbox.executor import OutboxRow, Outcome, Refused, Sent, Superseded, Then
from bot.slack.blocks.board import render_board, render_over
from bot.slack.calls import SlackCalls
from bot.slack.errors import MessageGone
from bot.slack.limits import channel_gate
from bot.slack.scene import channel_of_row, tell_ops


class BoardPosts:
    """Posts and edits the list, and says when it is over."""

    def __init__(
        self, calls: SlackCalls, db: Database, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._calls = calls
        self._db = db
        self._desk = desk
        self._clock = clock

    async def post(self, row: OutboxRow) -> Outcome:
        """The state of this moment; nothing for a storm that is over, or where a newer one waits."""
        now, channel = self._clock.now(), channel_of_row(row)
        began = datetime.fromisoformat(str(row.payload["since"]))
        if row.payload["over"]:
            return await self._say_over(row, channel, began)
        since, ts = await self._db.read(lambda conn: board_of(conn, channel))
        later = await self._db.read(lambda conn: next_in_lane(conn, row.lane, row.id, now))
        if since != began or (later is not None and ts is not None):
            return Superseded(reason="a newer list replaced it" if later else "it is over")
        desk = self._desk()
        inboxes = [one.name for one in desk.inboxes.values() if one.channel == channel]
        rows, more = await self._db.read(lambda conn: at_risk(conn, inboxes, now))
        drawn = render_board([posted_row(each, desk) for each in rows], more, desk, now)
        if ts is not None:
            try:
                await self._calls.update(channel, ts, drawn)
            except MessageGone:
                ts = None
        if ts is None:
            gate = channel_gate(row.lane_group)
            _, ts, _ = await self._calls.post(channel, drawn, outbox_id=row.id, gate=gate)
        return Sent(result={"channel": channel, "ts": ts}, then=board_kept(row, ts))

    async def pin(self, row: OutboxRow) -> Outcome:
        """Keep the list in sight, or let it go. One that cannot be pinned stays where it is."""
        channel, pinned = channel_of_row(row), bool(row.payload["pinned"])
        try:
            await self._calls.pin(channel, str(row.payload["ts"]), pinned=pinned)
        except Refused as exc:
            raise Refused(exc.reason, then=self._not_pinned(channel, exc.reason)) from exc
        return Sent()

    def _not_pinned(self, channel: str, reason: str) -> Then:
        with speaking(self._desk().language):
            text = tr(
                "The list of what is at risk in {channel} could not be pinned or unpinned: "
                "{reason}. It is there all the same.",
                channel=channel,
                reason=said_reason(reason),
            )
        return tell_ops(f"pin:{channel}:{self._clock.now():%Y-%m-%d}", text)

    async def _say_over(self, row: OutboxRow, channel: str, began: datetime) -> Outcome:
        drawn = render_over(began, self._desk(), self._clock.now())
        gate = channel_gate(row.lane_group)
        _, ts, _ = await self._calls.post(channel, drawn, outbox_id=row.id, gate=gate)
        return Sent(result={"channel": channel, "ts": ts})


def board_kept(row: OutboxRow, ts: str) -> Then | None:
    """Remember where the list is, to edit it from now on, and have it pinned."""
    if row.payload["over"]:
        return None
    channel = channel_of_row(row)

    def keep(tx: Tx) -> None:
        if keep_board(tx.conn, channel, ts):
            tx.emit(pin_board(channel, ts, pinned=True))

    return keep
