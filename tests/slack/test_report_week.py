"""The week's digest tells managers its figures, counted apart from the desk's work."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.db.apart import ReadApart
from bot.domain.digests import read_times
from bot.outbox.dispatcher import Dispatcher
from bot.slack.executor import SlackExecutor
from bot.slack.limits import SlackLimits
from bot.usecases.digests import decide_digests
from sandbox.slack.seed import OPS
from tests.builders import an_inbound, arrive, days, hours
from tests.slack.executor_world import story

MONDAY = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)  # nine o'clock in Rome


async def test_the_week_has_its_figures_its_gravest_misses_and_where_to_read_more(db, db_url):
    async with story(db) as s:
        s.desk = replace(s.desk, timezone="Europe/Rome", digests=read_times("off", "mon 09:00"))
        await arrive(db, s.desk, an_inbound(sent_at=MONDAY - days(3)))
        s.clock.move((MONDAY + hours(1) - s.clock.now()).total_seconds())
        await db.write(lambda tx: decide_digests(tx, s.desk), now=s.clock.now())
        executor = SlackExecutor(s.client, db, lambda: s.desk, s.clock, apart=ReadApart(db_url))
        s.sender = Dispatcher(db, dict.fromkeys(executor.kinds, executor), s.clock, SlackLimits())
        await s.send(rounds=3)
        (digest,) = [one for one in s.roots(OPS) if "seven days" in one.text]
        told = str(digest.blocks)
        assert "Marketplace limit kept" in told
        assert "2 d late and still waiting" in told
        assert "/sla report 7d" in told
