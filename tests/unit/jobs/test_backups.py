"""The nightly backup: made once a night, told when it fails, and nobody waits for it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.db.unit import Database
from bot.jobs.backups import RETRY, BackupWatch, Night
from bot.runtime.storage.record import newest
from bot.runtime.storage.sealed_file import is_sealed
from bot.settings import Environment
from tests.databases import open_database
from tests.db.outbox_world import HandClock
from tests.db.reading import effects

EVENING = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
"""The night after is the one in which Rome's clocks go forward."""


class Desk:
    def __init__(self, folder: Path, template: Path) -> None:
        self.file = folder / "desk.db"
        shutil.copy(template, self.file)
        self.folder = folder / "copies"
        self.clock = HandClock(EVENING)
        self.db: Database = open_database(f"sqlite:///{self.file}")

    def watch(self, *, encrypt: bool = False, at: str = "03:30") -> BackupWatch:
        night = Night(folder=self.folder, keep=2, at=at, zone="Europe/Rome", encrypt=encrypt)
        environment = Environment(database_url=f"sqlite:///{self.file}")
        return BackupWatch(self.db, environment, self.clock, night)

    @property
    def copies(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir() if not p.name.endswith(".sha256"))


@pytest.fixture
async def desk(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path, sqlite_template)
    yield made
    await made.db.close()


async def test_one_is_made_each_night_and_the_oldest_go(desk: Desk):
    watch = desk.watch()
    for _ in range(4 * 24 * 2):
        await watch.look()
        desk.clock.move(1800)

    # The first at once: there was none. Half past three in Rome is 01:30 UTC in summer.
    assert desk.copies == ["desk-20260331T013000Z.db", "desk-20260401T013000Z.db"]
    kept = newest(desk.file)
    assert kept is not None
    assert kept.at == datetime(2026, 4, 1, 1, 30, tzinfo=UTC)


async def test_it_is_sealed_when_that_is_wanted(desk: Desk):
    made = await desk.watch(encrypt=True).look()

    assert made is not None
    assert is_sealed(made.path)
    assert made.path.name.endswith(".db.sealed")


async def test_one_that_fails_is_told_and_tried_again_later(desk: Desk):
    desk.folder.write_text("no folder", encoding="utf-8")
    watch = desk.watch()

    assert await watch.look() is None
    assert await watch.look() is None
    assert await effects(desk.db) == ["post_ops"]
    desk.folder.unlink()
    desk.clock.move(60)
    assert await watch.look() is None
    desk.clock.move(RETRY.total_seconds())
    assert await watch.look() is not None


async def test_the_desk_writes_while_a_backup_is_made(desk: Desk):
    work = asyncio.create_task(desk.watch().look())
    writes = 0
    while not work.done():
        await desk.db.write(lambda tx: tx.record(None, "tick", actor="desk"), now=EVENING)
        writes += 1

    assert await work is not None
    assert writes > 1
