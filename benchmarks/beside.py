"""Clicks beside mail: what a person waits for, and what mail loses, while both want the database."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.ack import CLAIM, TICKET, Front, front_on
from benchmarks.databases import Databases
from benchmarks.desk import ANNA, START
from benchmarks.figures import Figure, Goal, figure, must, percentile, ratios
from benchmarks.intake import Intake, intake
from benchmarks.lateness import stalls
from benchmarks.mail_server import MailServer, mail_server
from benchmarks.mails import Mail, buyer_mails
from bot.db import queries
from bot.runtime.memory import settle_memory
from bot.usecases.claim import Claim, claim

NAME: Final = "beside"

FIRST_MAILS: Final = 60
"""Read before anything counts: there is a ticket to claim, and statements are compiled."""

CLICK_SECONDS: Final = 0.1
"""Two claims in so many seconds: more than a team of a thousand makes."""

_ACK = Goal(most=100.0, source="a thirtieth of the three seconds that Slack waits")
_CLAIM = Goal(most=60.0, source="a click goes ahead of mail, and waits for one transaction at most")
_MAIL = Goal(least=85.0, source="people who click do not hold up the mail")


@dataclass(slots=True)
class Clicks:
    """Seconds to each acknowledgement and to each claim's commit; how late the loop was at worst."""

    acked: list[float] = field(default_factory=list)
    claimed: list[float] = field(default_factory=list)
    stall: float = 0.0


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark, on the first kind of database."""
    mails = buyer_mails(160 if quick else 1_060, until=START)
    kind, dice = kinds[0], random.Random(4)
    alone: list[float] = []
    busy: list[float] = []
    clicks: list[Clicks] = []
    with mail_server() as server:
        await _round(kind, mails[: FIRST_MAILS + 40], server, "warm", Clicks())
        settle_memory()
        for number in range(1 if quick else 5):
            for beside in dice.sample((True, False), 2):
                mine = Clicks()
                of = f"{number}-{beside}".lower()
                seconds = await _round(kind, mails, server, of, mine if beside else None)
                (busy if beside else alone).append(seconds)
                if beside:
                    clicks.append(mine)
    return _figures(kind.name, alone, busy, clicks)


async def _round(
    kind: Databases,
    mails: Sequence[Mail],
    server: MailServer,
    mailboxes: str,
    clicks: Clicks | None,
) -> float:
    """Seconds until the mails were tickets, with or without somebody who clicks meanwhile."""
    async with intake(kind, server, f"beside-{mailboxes}") as reading:
        reading.deliver(mails[:FIRST_MAILS])
        await reading.poll(new=FIRST_MAILS)
        reading.deliver(mails[FIRST_MAILS:])
        new = len(mails) - FIRST_MAILS
        if clicks is None:
            seconds = await _polled(reading, new)
        else:
            seconds = await _beside(reading, new, clicks)
        await reading.tickets(mails)
    return seconds


async def _beside(reading: Intake, new: int, clicks: Clicks) -> float:
    async with front_on(reading.db) as front, stalls() as late:
        await _click(front, Clicks())
        late.clear()
        polling = asyncio.create_task(_polled(reading, new))
        while not polling.done():
            await _click(front, clicks)
            await asyncio.sleep(CLICK_SECONDS)
    clicks.stall = max(late)
    return await polling


async def _polled(reading: Intake, new: int) -> float:
    cost, _ = await reading.poll(new=new)
    return cost.seconds


async def _click(front: Front, clicks: Clicks) -> None:
    """Claim by a command as Slack hands it over, then by the use case alone."""
    acked, _ = await front.call(CLAIM)
    await front.give_back()
    clicks.acked.append(acked)
    ticket = await front.db.read(lambda conn: queries.ticket_by_number(conn, TICKET))
    must(ticket is not None, "there is no ticket to claim")
    if ticket is None:
        return
    command = Claim(ticket_id=ticket.id, actor=ANNA)
    began = time.perf_counter()
    await front.db.write(
        lambda tx: claim(tx, front.desk, command), now=front.clock.now(), urgent=True
    )
    clicks.claimed.append(time.perf_counter() - began)
    await front.give_back()


def _figures(
    on: str, alone: Sequence[float], busy: Sequence[float], clicks: Sequence[Clicks]
) -> list[Figure]:
    def of(what: str, values: Sequence[float], unit: str, goal: Goal | None = None) -> Figure:
        return figure(NAME, what, values, unit=unit, on=on, goal=goal)

    def each(seconds: Sequence[Sequence[float]], share: float) -> list[float]:
        return [percentile(one, share) * 1e3 for one in seconds]

    acked, claimed = [one.acked for one in clicks], [one.claimed for one in clicks]
    kept = [100.0 * part for part in ratios(alone, busy)]
    return [
        of("while mail is read: acknowledged, p50", each(acked, 0.5), "ms"),
        of("while mail is read: acknowledged, p99", each(acked, 0.99), "ms", _ACK),
        of("while mail is read: claimed, p50", each(claimed, 0.5), "ms"),
        of("while mail is read: claimed, p99", each(claimed, 0.99), "ms", _CLAIM),
        of("longest stall of the loop", [one.stall * 1e3 for one in clicks], "ms"),
        of("speed of mail, of what it is alone", kept, "%", _MAIL),
    ]
