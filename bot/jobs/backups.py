"""The nightly backup of a SQLite desk.

The copy is read through a connection of its own, in a thread: mail, clicks and pings go on.
"""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.effects import post_ops
from bot.errors import DeskError
from bot.outbox.traces import origin
from bot.runtime.storage import shelf
from bot.runtime.storage.keys import sealing_secret
from bot.runtime.storage.making import Made, Order, make_backup, stem_of
from bot.settings import BackupSettings, Environment
from sla_rules.worded import worded

log = structlog.get_logger(__name__)

SECONDS: Final = 60.0
"""Real seconds between two looks whether one is due."""

RETRY: Final = timedelta(hours=1)
"""A backup that failed is tried again this much later: a full disk is not freed in a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """When and where backups are made. `zone` is the desk's; `at` is its time of day, "03:30"."""

    folder: Path
    keep: int
    at: str
    zone: str
    encrypt: bool

    @classmethod
    def of(cls, settings: BackupSettings, zone: str, base: Path) -> "Night":
        """As a settings file in the folder `base` says it."""
        return cls(
            folder=base / settings.folder,
            keep=settings.keep,
            at=settings.at,
            zone=zone,
            encrypt=settings.encrypt,
        )

    def newest_due(self, now: datetime) -> datetime:
        """The last time before `now` at which a backup was to be made."""
        zone = ZoneInfo(self.zone)
        local = now.astimezone(zone)
        hour, minute = map(int, self.at.split(":"))
        today = datetime.combine(local.date(), time(hour, minute), zone)
        if local >= today:
            return today.astimezone(UTC)
        before = datetime.combine(local.date() - timedelta(days=1), time(hour, minute), zone)
        return before.astimezone(UTC)


class BackupWatch:
    """Makes a backup when one is due."""

    def __init__(self, db: Database, environment: Environment, clock: Clock, night: Night) -> None:
        self._db = db
        self._environment = environment
        self._clock = clock
        self._night = night
        self._rests_until: datetime | None = None

    async def look(self) -> Made | None:
        """Look once; the backup that was made, if one was due."""
        now, night = self._clock.now(), self._night
        if self._rests_until is not None and now < self._rests_until:
            return None
        stem = stem_of(self._environment.database_url)
        known = await asyncio.to_thread(shelf.made_here, night.folder, stem)
        if known and known[-1][0] >= night.newest_due(now):
            return None
        try:
            made = await asyncio.to_thread(self._make, night, now)
        except (DeskError, OSError, sqlite3.Error) as exc:
            self._rests_until = now + RETRY
            await self._failed(exc, now)
            return None
        self._rests_until = None
        log.info("backup.made", file=made.path.name, bytes=made.size, dropped=len(made.dropped))
        return made

    def _make(self, night: Night, now: datetime) -> Made:
        return make_backup(
            Order(
                url=self._environment.database_url,
                now=now,
                folder=night.folder,
                keep=night.keep,
                secret=sealing_secret(self._environment) if night.encrypt else None,
            )
        )

    async def _failed(self, exc: Exception, now: datetime) -> None:
        # Sentences of ours name files, never words of customers; of others only the class is told.
        why = str(exc) if isinstance(exc, DeskError) else origin(exc)
        if isinstance(exc, OSError) and exc.strerror:
            why = f"{exc.strerror}: {exc.filename or 'no file involved'}"
        log.error("backup.failed", error=why)
        said = worded("The nightly backup was not made: {reason}", reason=why)
        day = f"{now:%Y-%m-%d}"
        await self._db.write(lambda tx: tx.emit(post_ops(f"backup:{day}", said)), now=now)
