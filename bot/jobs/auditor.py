"""Runs the audit, and tells about what it finds and when it is over."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.freshness import silence_allowed
from bot.jobs.audit import CHECKS, clockless_after, clockless_finding, lost_rules
from bot.jobs.findings import AuditReport, Check, Expectations, Finding
from bot.jobs.invariants import named
from bot.jobs.lane_names import group_name
from bot.jobs.rechecker import Rechecker
from bot.jobs.telling import Told, tell
from bot.jobs.tick import LONGEST_SLEEP
from sla_rules.worded import marked

log = structlog.get_logger(__name__)

EFFECT_SECONDS: Final = 300.0
"""Real seconds an effect may take to go out before somebody is told."""

ANSWER_SECONDS: Final = 600.0
"""Real seconds an answer may be neither taken over nor refused."""

LEASE_SECONDS: Final = 180.0
"""Real seconds a send may be over without a look-up: three leases."""

POLL_INTERVALS: Final = 3

RULES_SECONDS: Final = 600.0
"""Real seconds for which the rules of open tickets need not be asked about again."""


async def _nothing() -> None:
    """Nobody outside is told of a clean audit."""


class Auditor:
    """`latest` is the newest report; None before the first. `clean` is called after a clean one.

    Every question is a read of its own, so that on SQLite clicks go in between.
    """

    def __init__(
        self,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        poll_seconds: Mapping[str, float],
        slowed: Callable[[], Collection[str]] = tuple,
        *,
        clean: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._slowed = slowed
        self._clean = clean
        self._expected = Expectations(
            since=clock.now(),
            pings=clock.real(2 * LONGEST_SLEEP),
            effects=clock.real(EFFECT_SECONDS),
            answers=clock.real(ANSWER_SECONDS),
            leases=clock.real(LEASE_SECONDS),
            polls={
                name: clock.real(POLL_INTERVALS * seconds) for name, seconds in poll_seconds.items()
            },
        )
        self._rules: Sequence[Finding] = ()
        self._rules_at = 0.0
        self.latest: AuditReport | None = None
        self.took_seconds = 0.0
        self.rechecker = Rechecker(db, clock)

    async def audit(self) -> AuditReport:
        """Audit once, and tell the ops channel once an hour what is not as it should be.

        What was found and is over is told once. Raises what the database raises.
        """
        desk, now, begun = self._desk(), self._clock.now(), self._clock.monotonic()
        silences = {name: silence_allowed(desk, route) for name, route in desk.inboxes.items()}
        expected = replace(self._expected, silences=silences, slowed=self._slowed())
        found = [*await self._asked(desk, expected, now), *await self._drifts(desk, now)]
        report = AuditReport(at=now, findings=tuple(found))
        self.latest = report
        self.took_seconds = self._clock.monotonic() - begun
        for finding in report.findings:
            log.error("audit.finding", code=finding.code, subject=finding.subject)
        said = partial(
            tell,
            report=report,
            since=expected.since,
            settled=_settled(expected, now),
            named=lambda subject: group_name(desk, subject) if ":" in subject else subject,
        )
        told = await self._db.write(said, now=now)
        self._log(told)
        if told.clean:
            await self._clean()
        return report

    async def _asked(self, desk: Desk, expected: Expectations, now: datetime) -> Sequence[Finding]:
        found: list[Finding] = []
        for check in CHECKS:
            found += await self._read(check, desk, expected, now)
        found += await self._clockless(desk)
        if self._clock.monotonic() >= self._rules_at:
            self._rules = await self._read(lost_rules, desk, expected, now)
            self._rules_at = self._clock.monotonic() + RULES_SECONDS
        return [*found, *self._rules]

    async def _clockless(self, desk: Desk) -> Sequence[Finding]:
        numbers: list[int] = []
        place = 0
        while True:
            more, last = await self._db.read(
                partial(clockless_after, desk=desk, after=place), urgent=False
            )
            numbers += more
            if last is None:
                return clockless_finding(numbers)
            place = last

    async def _read(
        self, check: Check, desk: Desk, expected: Expectations, now: datetime
    ) -> Sequence[Finding]:
        return await self._db.read(lambda conn: check(conn, desk, expected, now), urgent=False)

    async def _drifts(self, desk: Desk, now: datetime) -> Sequence[Finding]:
        """Deadlines that are not what they would be, as far as this round of looks has come."""
        wrong = await self.rechecker.wrong(desk, now)
        if not wrong:
            return ()
        detail = named(
            sorted(wrong.values()),
            marked("deadlines are not what the rules make of their tickets: {tickets}"),
            marked("deadlines are not what the rules make of their tickets: {tickets} and others"),
        )
        return (Finding(code="deadline_drift", subject="deadlines", detail=detail),)

    @staticmethod
    def _log(told: Told) -> None:
        for key in told.over:
            log.info("audit.over", finding=key)


def _settled(expected: Expectations, now: datetime) -> bool:
    """Whether this process has run long enough to find whatever an earlier one found."""
    longest = max((expected.answers, expected.silence, *expected.silences.values()))
    return now - expected.since > longest + timedelta(seconds=1)
