"""Digests as they are posted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.preference_rows import as_people_are
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.digests import DigestKind
from bot.domain.veil import posted_row
from bot.outbox.executor import OutboxRow, Outcome, Sent, TryLater
from bot.reports.question import Period, Question
from bot.reports.report import Report
from bot.slack.blocks.digest import render_digest
from bot.slack.calls import SlackCalls
from bot.slack.figures import Figures
from bot.slack.limits import channel_gate
from bot.slack.scene import channel_of_row
from bot.usecases.digests import read_digest

MOST_TRIES: Final = 4
"""Figures that could not be had so often are left out of the week's digest."""


class DigestPosts:
    """Posts one digest a place and day."""

    def __init__(
        self,
        calls: SlackCalls,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        *,
        apart: ReadApart | None = None,
    ) -> None:
        self._calls = calls
        self._db = db
        self._desk = desk
        self._clock = clock
        self._figures = Figures(db, apart, desk, clock) if apart else None

    async def post(self, row: OutboxRow) -> Outcome:
        """What there is to tell at this moment."""
        now, channel = self._clock.now(), channel_of_row(row)
        kind, day = DigestKind(row.payload["kind"]), date.fromisoformat(str(row.payload["day"]))
        desk = await self._db.read(lambda conn: as_people_are(conn, self._desk(), now))
        place = str(row.payload["place"])
        found = await self._db.read(
            lambda conn: read_digest(conn, desk, kind, place, day=day, now=now)
        )
        found = replace(found, at_risk=[posted_row(each, desk) for each in found.at_risk])
        week, advice = await self._week(row, kind, day)
        drawn = render_digest(found, desk, now, week=week, advice=advice)
        gate = channel_gate(row.lane_group)
        posted, ts, _ = await self._calls.post(channel, drawn, outbox_id=row.id, gate=gate)
        return Sent(result={"channel": posted, "ts": ts})

    async def _week(self, row: OutboxRow, kind: DigestKind, day: date) -> tuple[Report | None, str]:
        """The figures of the week that the managers are told of, and what would help."""
        if kind is not DigestKind.WEEKLY or self._figures is None:
            return None, ""
        times, zone = self._desk().digests, self._desk().timezone
        until = times.ended(kind, day, zone)
        period = Period(since=times.began(kind, day, zone), until=until, zone=zone)
        try:
            found = await self._figures.advised(Question(period=period), until)
        except TryLater:
            if row.failed + 1 < MOST_TRIES:
                raise
            return None, ""  # the counts alone are better than no digest
        return found.report, found.words
