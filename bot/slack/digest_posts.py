"""Digests as they are posted."""

from collections.abc import Callable
from datetime import date

from bot.clock import Clock
from bot.db.preference_rows import as_people_are
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.digests import DigestKind
from bot.outbox.executor import OutboxRow, Outcome, Sent
from bot.slack.blocks.digest import render_digest
from bot.slack.calls import SlackCalls
from bot.slack.limits import channel_gate
from bot.slack.scene import channel_of_row
from bot.usecases.digests import read_digest


class DigestPosts:
    """Posts one digest a place and day."""

    def __init__(
        self, calls: SlackCalls, db: Database, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._calls = calls
        self._db = db
        self._desk = desk
        self._clock = clock

    async def post(self, row: OutboxRow) -> Outcome:
        """What there is to tell at this moment."""
        now, channel = self._clock.now(), channel_of_row(row)
        kind, day = DigestKind(row.payload["kind"]), date.fromisoformat(str(row.payload["day"]))
        desk = await self._db.read(lambda conn: as_people_are(conn, self._desk(), now))
        place = str(row.payload["place"])
        found = await self._db.read(
            lambda conn: read_digest(conn, desk, kind, place, day=day, now=now)
        )
        drawn = render_digest(found, desk, now)
        gate = channel_gate(row.lane_group)
        posted, ts, _ = await self._calls.post(channel, drawn, outbox_id=row.id, gate=gate)
        return Sent(result={"channel": posted, "ts": ts})
