"""A backup under load, a death, and a restore on another machine; with what was there to be counted."""

import asyncio
import json
import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.figures_past import Copy, a_week, bench_desk, copy_weeks
from benchmarks.filling import run_script
from sandbox.mail.smtp import SentMail
from tests.e2e.ledger import Ledger, ledger, mailed_times, stored, waiting
from tests.e2e.moments import SHORT, Trial
from tests.e2e.process import Process
from tests.e2e.town import AMAZON, ROOT, SHOP, Town, a_town

UNDO_SECONDS = 20
"""Long enough that an answer that waits for its time is in the copy on a busy machine, too."""


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What a backup holds of answers: their dedupe keys tell which waited."""

    tickets: int
    waiting: int


@dataclass(kw_only=True)
class Drill(Trial):
    """One desk, its backup, and the desk that was made of it."""

    copy: Path
    with_copy: set[str] = field(default_factory=set)  # answers whose mail was filed as sent
    known: Copied | None = None
    mailed_before: int = 0
    since: int = 0  # answers that left after the backup
    restored: Process | None = None
    rows: Ledger | None = None
    seconds: float = 0.0  # from the command to a process that serves

    @property
    def new_folder(self) -> Path:
        return self.town.folder / "another-machine"

    @property
    def new_url(self) -> str:
        return f"sqlite:///{self.new_folder / 'threadline.db'}"

    @property
    def answers(self) -> list[str]:
        return self.promised + self.asked

    async def filed_by_turns(self, mail: SentMail) -> None:
        """Every second answer is filed in the Sent folder, so that it can be found there again."""
        keep = self.town.mail.keep_sent_copies
        if keep:
            self.with_copy |= {words for words in self.answers if words.encode() in mail.content}
        self.town.mail.keep_sent_copies = not keep


async def threadline(town: Town, *words: str, environ: Mapping[str, str] | None = None) -> str:
    """A command beside the desk, or for another one; what it said. It has to succeed."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            **town.environ,
            **(environ or {}),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await child.communicate())[0].decode()
    assert child.returncode == 0, said
    return said


@asynccontextmanager
async def a_drill(folder: Path, url: str) -> AsyncIterator[Drill]:
    """The whole story; inside the block the town still stands and the restored desk has stopped."""
    async with a_town(folder, url, policies=SHORT, undo_seconds=UNDO_SECONDS) as town:
        drill = Drill(town=town, process=Process(town), copy=folder / "copies" / "one.db")
        town.mail.keep_sent_copies, town.mail.on_sent = True, drill.filed_by_turns
        try:
            await _until_the_end(drill)
            await _again_elsewhere(drill)
            yield drill
        finally:
            await drill.process.close()
            if drill.restored is not None:
                await drill.restored.close()


async def _until_the_end(drill: Drill) -> None:
    """Work, a backup in the middle of it, more work, and the end of the machine."""
    town = drill.town
    await drill.live()
    cards = [await drill.a_card() for _ in range(5)]
    shop = await town.card(SHOP.name, await drill.visitor())
    first = await drill.answer(cards[0])
    await town.until("an answer to leave", lambda: mailed_times(town, first), within=90)
    working = asyncio.create_task(_work(drill, random.Random(3)))
    for card in cards[1:3]:
        await drill.answer(card)
    await threadline(town, "backup", str(drill.copy))
    drill.known = _copied(drill.copy)
    left = len(town.mail.sent)
    # Of a ticket that the copy knows without its answer, and of one that waits for its answer there.
    known = [await drill.answer(card) for card in (cards[3], shop)]
    new = await drill.answer(await drill.a_card())
    later = (*known, new)
    await town.until(
        "later answers to leave", lambda: all(mailed_times(town, w) for w in later), within=180
    )
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    await drill.process.kill()
    drill.since = len(town.mail.sent) - left
    await drill.buyer()
    await drill.visitor()


async def _work(drill: Drill, dice: random.Random) -> None:
    """Customers write and agents answer, whatever else goes on."""
    while True:
        await asyncio.sleep(dice.uniform(0.2, 1.0))
        await (drill.buyer() if dice.random() < 0.7 else drill.visitor())
        if dice.random() < 0.3:
            await drill.answer(
                dice.choice(drill.town.roots(AMAZON.name)[5:] or [await drill.a_card()])
            )


def _copied(copy: Path) -> Copied:
    connection = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
    try:
        (tickets,) = connection.execute("SELECT count(*) FROM ticket").fetchone()
        kinds = "SELECT count(*) FROM outbox WHERE kind = 'send_reply' AND state IN ('ready', 'sending')"
        (replies,) = connection.execute(kinds).fetchone()
    finally:
        connection.close()
    return Copied(tickets=tickets, waiting=replies)


async def _again_elsewhere(drill: Drill) -> None:
    """Put the copy in place where nothing was, and let the desk come to rest."""
    town = drill.town
    drill.new_folder.mkdir()
    drill.mailed_before = len(town.mail.sent)
    environ = {"DATABASE_URL": drill.new_url}
    began = time.monotonic()
    await threadline(town, "restore", str(drill.copy), "--yes", environ=environ)
    drill.restored = Process(town, name="restored", environ=environ)
    await drill.restored.start()
    drill.seconds = time.monotonic() - began
    file = drill.new_folder / "threadline.db"
    patience = 90 + 2 * len(drill.delivered)
    await town.until(
        "every mail to be read again",
        lambda: stored(file) >= len(drill.delivered),
        within=patience,
        every=0.2,
    )
    await town.until("rest", lambda: not waiting(file), within=patience, every=0.2)
    assert await drill.restored.stop() == 0
    await threadline(town, "audit", "verify", environ=environ)
    drill.rows = await ledger(drill.new_url)


@dataclass(frozen=True, kw_only=True)
class Comeback:
    """How long a restore took: the command, until the desk served, and until it was at work."""

    megabytes: int
    rows: int
    backup: float
    restore: float
    served: float
    first_card: float
    first_ping: float


async def a_comeback(folder: Path, url: str, *, size: int) -> Comeback:
    """A desk of `size` bytes is copied, lost, put back elsewhere, and reads and pings again.

    The seconds of `served` and what comes after it count from the command `restore`.
    """
    async with a_town(folder, url, policies=SHORT) as town:
        await fill(url, size)
        copy, new = folder / "copies" / "one.db", folder / "another-machine"
        began = time.monotonic()
        await threadline(town, "backup", str(copy))
        backup = time.monotonic() - began
        (folder / "threadline.db").unlink()
        megabytes, rows = copy.stat().st_size // 1_000_000, _rows(copy)
        town.mail.keep_sent_copies = True
        await town.customer(SHOP, "written while nobody read", address="visitor1")
        new.mkdir()
        environ = {"DATABASE_URL": f"sqlite:///{new / 'threadline.db'}"}
        began = time.monotonic()
        await threadline(town, "restore", str(copy), "--yes", environ=environ)
        restore = time.monotonic() - began
        desk = Process(town, name="restored", environ=environ)
        try:
            await desk.start()
            served = time.monotonic() - began
            card = await town.card(SHOP.name, "written while nobody read", within=300)
            first_card = time.monotonic() - began
            await town.line(card, "missed", within=120)
            first_ping = time.monotonic() - began
            assert await desk.stop() == 0
        finally:
            await desk.close()
            for large in (new, copy.parent):
                shutil.rmtree(large)
    return Comeback(
        megabytes=megabytes,
        rows=rows,
        backup=backup,
        restore=restore,
        served=served,
        first_card=first_card,
        first_ping=first_ping,
    )


async def fill(url: str, size: int) -> None:
    """Years of a desk: one made-up week many times over, with its mails and posts as they are kept."""
    file = Path(make_url(url).database or "")
    empty = file.stat().st_size
    tickets = await a_week(url, bench_desk())
    weeks = int(size * _PAST // (file.stat().st_size - empty))
    copies = [Copy(number=n + 1, weeks=n % 26, whole=True) for n in range(weeks)]
    await copy_weeks(url, tickets, copies)
    mails = int(size * (1 - _PAST) // 4_000)
    await run_script(url, [_NUMBERED, _POSTS, _MAILS.format(mails=mails)], tables=())


_PAST = 0.75
"""Of the bytes; the rest are mails and posts."""

_NUMBERED = "UPDATE counter SET value = (SELECT max(number) FROM ticket) WHERE name = 'ticket'"
_POSTS = (
    "INSERT INTO outbox (id, dedupe_key, lane, lane_group, kind, payload, priority, not_before, state,"
    " attempts, created_at, settled_at, result)"
    " SELECT id, 'root:' || id, 'ticket:' || id, 'slack:C0SHOP', 'post_root', json_object('ticket_id', id),"
    " 2, opened_at, 'sent', 1, opened_at, opened_at,"
    " json_object('channel', 'C0SHOP', 'ts', '1790000000.' || number) FROM ticket"
)
_MAILS = (
    "WITH RECURSIVE mail(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM mail WHERE n < {mails})"
    " INSERT INTO raw_inbound (id, inbox_id, source_id, sha256, payload, received_at, state, attempts,"
    " verdict) SELECT n, (SELECT min(id) FROM inbox), 'INBOX:1:' || n, lower(hex(randomblob(32))),"
    " randomblob(3000), strftime('%Y-%m-%d %H:%M:%f000', 'now'), 'done', 1, 'message' FROM mail"
)


def _rows(copy: Path) -> int:
    connection = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
    try:
        (told,) = connection.execute("SELECT content FROM threadline_backup").fetchone()
    finally:
        connection.close()
    return sum(json.loads(told)["rows"].values())
