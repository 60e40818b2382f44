"""Runs the audit, and tells about what it finds."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import structlog

from bot.clock import Clock
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.effects import post_ops
from bot.domain.freshness import silence_allowed
from bot.jobs.audit import AuditReport, Expectations, audit
from bot.jobs.tick import LONGEST_SLEEP
from sla_rules.worded import worded

log = structlog.get_logger(__name__)

EFFECT_SECONDS = 300.0
"""Real seconds an effect may take to go out before somebody is told."""

POLL_INTERVALS = 3


class Auditor:
    """`latest` is the newest report; None before the first."""

    def __init__(
        self,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        poll_seconds: Mapping[str, float],
        slowed: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._slowed = slowed
        self._expected = Expectations(
            since=clock.now(),
            pings=clock.real(2 * LONGEST_SLEEP),
            effects=clock.real(EFFECT_SECONDS),
            polls={
                name: clock.real(POLL_INTERVALS * seconds) for name, seconds in poll_seconds.items()
            },
        )
        self.latest: AuditReport | None = None

    async def audit(self) -> AuditReport:
        """Audit once, and tell the ops channel once an hour what is not as it should be."""
        desk, now = self._desk(), self._clock.now()
        silences = {name: silence_allowed(desk, route) for name, route in desk.inboxes.items()}
        expected = replace(self._expected, silences=silences, slowed=self._slowed())
        report = await self._db.read(lambda conn: audit(conn, desk, expected, now), urgent=False)
        self.latest = report
        for finding in report.findings:
            log.error("audit.finding", code=finding.code, subject=finding.subject)
        if not report.ok:
            await self._db.write(lambda tx: _tell(tx, report), now=now)
        return report


def _tell(tx: Tx, report: AuditReport) -> None:
    hour = f"{report.at:%Y-%m-%dT%H}"
    for finding in report.findings:
        key = f"audit:{finding.code}:{finding.subject}:{hour}"
        tx.emit(post_ops(key, worded("Please look: {finding}.", finding=finding.detail)))
