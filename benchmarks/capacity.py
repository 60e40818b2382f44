"""What one processor core carries of tickets, beside what one Slack workspace takes of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select

from benchmarks.databases import Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import TIMES, Figure, Goal, figure, must
from benchmarks.intake import Intake, Stopwatch, intake
from benchmarks.mail_server import MailServer, mail_server
from benchmarks.mails import Mail, buyer_mails
from benchmarks.taking import slack_that_takes
from bot.clock import Clock
from bot.db import tables
from bot.domain.effects import EffectKind
from bot.jobs.tick import Ticker
from bot.outbox.dispatcher import Dispatcher
from bot.runtime.memory import settle_memory
from bot.slack.executor import SlackExecutor

NAME: Final = "capacity"

POSTS_A_SECOND: Final = 4.0
EDITS_A_SECOND: Final = 50 / 60
"""What a workspace takes: "several hundred" posts a minute, taken as 240, and fifty edits."""

LATER: Final = START + timedelta(hours=1)
"""When pings are fired and everything is sent: later than anything was decided."""

_CARRIES = Goal(least=50.0, source="Slack is the narrowest place, by far")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one ticket: seconds of processor time on each part of its way, and calls that it took."""

    taken_in: float
    fired: float
    sent: float
    posts: float
    edits: float

    @property
    def times(self) -> float:
        """Tickets of a core for each one that a workspace takes."""
        by_edits = self.edits / EDITS_A_SECOND
        return max(self.posts / POSTS_A_SECOND, by_edits) / (self.taken_in + self.fired + self.sent)


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark, on the first kind of database."""
    kind = kinds[0]
    mails = buyer_mails(100 if quick else 1_000, until=START)
    with mail_server() as server, slack_that_takes() as slack:
        await _round(kind, mails[:60], server, slack, "warm")
        settle_memory()
        rounds = [
            await _round(kind, mails, server, slack, str(number))
            for number in range(1 if quick else 3)
        ]
    return _figures(kind.name, rounds)


async def _round(
    kind: Databases, mails: Sequence[Mail], server: MailServer, slack: str, name: str
) -> Cost:
    async with intake(kind, server, f"capacity-{name}") as reading:
        reading.deliver(mails)
        taken_in, _ = await reading.poll(new=len(mails))
        tickets = await reading.tickets(mails)
        watch = Stopwatch()
        ticker = Ticker(reading.db, the_desk, Clock(start=LATER))
        while await ticker.tick():
            pass
        fired = watch.stop()
        watch = Stopwatch()
        await _send(reading, slack)
        sent = watch.stop()
        calls = await _sent(reading)
    edits = calls[EffectKind.UPDATE_CARD]
    return Cost(
        taken_in=taken_in.cpu / tickets,
        fired=fired.cpu / tickets,
        sent=sent.cpu / tickets,
        posts=(calls.total() - edits) / tickets,
        edits=edits / tickets,
    )


async def _send(reading: Intake, slack: str) -> None:
    async with ClientSession() as session:
        client = AsyncWebClient(token="xoxb-bench", base_url=slack, session=session)
        clock = Clock(start=LATER)
        outside = SlackExecutor(client, reading.db, the_desk, clock)
        sender = Dispatcher(reading.db, dict.fromkeys(outside.kinds, outside), clock)
        await sender.drain(timeout=300)


async def _sent(reading: Intake) -> Counter[str]:
    box = tables.outbox.c
    rows = await reading.db.read(
        lambda conn: conn.execute(
            select(box.kind, box.state, func.count()).group_by(box.kind, box.state)
        ).all()
    )
    open_ = {kind for kind, state, _ in rows if state not in {"sent", "superseded"}}
    must(not open_ & {EffectKind.POST_ROOT, EffectKind.POST_PING}, f"not everything went: {rows}")
    return Counter({kind: count for kind, state, count in rows if state == "sent"})


def _figures(on: str, rounds: Sequence[Cost]) -> list[Figure]:
    def ms(what: str, values: Sequence[float]) -> Figure:
        return figure(NAME, what, [each * 1e3 for each in values], unit="ms per ticket", on=on)

    def of(what: str, values: Sequence[float], goal: Goal | None = None) -> Figure:
        return figure(NAME, what, values, unit=TIMES, on=on, goal=goal)

    return [
        ms("processor time: fetched, read, taken in", [each.taken_in for each in rounds]),
        ms("processor time: pings decided", [each.fired for each in rounds]),
        ms("processor time: sent", [each.sent for each in rounds]),
        of("posts to a ticket", [each.posts for each in rounds]),
        of("card edits to a ticket", [each.edits for each in rounds]),
        of(
            "tickets of one core ÷ tickets of one workspace",
            [each.times for each in rounds],
            _CARRIES,
        ),
    ]
