"""Reports as they are posted: one message, its files in its thread, whatever goes wrong in between."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import delete

from bot.db import tables
from bot.db.apart import ReadApart
from bot.db.unit import Database
from bot.domain.desk import Desk as Rules
from bot.domain.roster import Agent, Role
from bot.outbox.dispatcher import Dispatcher
from bot.reports.asking import read_question
from bot.slack.blocks.report import pictured
from bot.slack.figures import Advised
from bot.slack.limits import SlackLimits
from bot.slack.report_files import DrawFiles, files_of
from bot.slack.report_posts import ReportPosts
from bot.usecases.reports import AskReport, ask_report
from connectors.contract import File
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import CHIARA, OPS
from tests.builders import NOW, SHOP, an_inbound, arrive, days, hours
from tests.db.reading import rows
from tests.slack.executor_world import Story, story

MODERN = {"data_visualization", "data_table"}


def drawn(found: Advised, desk: Rules, *, classic: bool) -> list[tuple[str, File]]:
    """Files of the right kinds, without the second that drawing takes."""
    pictures = pictured(found.report, modern=not classic)
    made = [("a chart", "image/png", "png")] * len(pictures)
    made += [("a table", "text/csv", "csv"), ("a page", "text/html", "html")]
    return [
        (title, File(name=f"report.{ending}", media_type=kind, content=b"drawn"))
        for title, kind, ending in made
    ]


@dataclass(kw_only=True)
class Desk:
    """A story whose outbox makes reports, too."""

    s: Story
    url: str
    draw: DrawFiles = drawn
    asked: int = 0

    def new_life(self) -> None:
        """The process was killed and starts again."""
        s = self.s
        s.new_life()
        reports = ReportPosts(
            s.client,
            s.db,
            ReadApart(self.url),
            lambda: s.desk,
            s.clock,
            call_seconds=2,
            draw=self.draw,
        )
        by_kind: dict[str, Any] = dict.fromkeys(s.executor.kinds, s.executor)
        by_kind |= dict.fromkeys(reports.kinds, reports)
        s.sender = Dispatcher(s.db, by_kind, s.clock, SlackLimits())

    async def ask(self, text: str = "7d by channel", *, channel: str = OPS) -> None:
        """What `/sla report` decides."""
        period, by = read_question(text, now=self.s.clock.now(), zone="Europe/Rome")
        self.asked += 1
        command = AskReport(
            actor=CHIARA, channel=channel, key=f"key-{self.asked}", period=period, by=by
        )
        await self.s.db.write(
            lambda tx: ask_report(tx, self.s.desk, command), now=self.s.clock.now()
        )

    def reports(self, channel: str = OPS) -> list[Any]:
        return [one for one in self.s.roots(channel) if "Report: " in one.text]

    def files(self, ts: str, channel: str = OPS) -> list[list[str]]:
        """The files of each message of a thread, by the ending of their names."""
        thread = self.s.thread(ts, channel)
        return [[f.name.rpartition(".")[2] for f in one.files] for one in thread if one.files]


@pytest.fixture
async def desk(db: Database, db_url: str) -> AsyncIterator[Desk]:
    async with story(db) as s:
        owner = Agent(slack_id=CHIARA, name="Chiara Rossi", role=Role.MANAGER)
        people = {**s.desk.roster.agents, CHIARA: owner}
        s.desk = replace(s.desk, roster=replace(s.desk.roster, agents=people))
        for number in range(3):
            sent_at = NOW - days(number)
            await arrive(s.db, s.desk, an_inbound(sent_at=sent_at))
        await arrive(s.db, s.desk, an_inbound(), inbox=SHOP)
        # Their cards are no matter of these tests.
        await s.db.write(lambda tx: tx.conn.execute(delete(tables.outbox)), now=NOW)
        s.clock.move(hours(30).total_seconds())
        desk = Desk(s=s, url=db_url)
        desk.new_life()
        yield desk


def kinds(message: Any) -> Sequence[str]:
    return [block["type"] for block in message.blocks]


async def test_a_report_is_one_message_with_its_files_in_its_thread(desk):
    await desk.ask()
    await desk.s.send(rounds=3)
    (report,) = desk.reports()
    assert MODERN & set(kinds(report))
    (files,) = desk.files(report.ts)
    assert sorted(files) == ["csv", "html"]
    told = str(report.blocks)
    assert "Tickets received" in told
    assert "Amazon" in told
    states = {row.kind: row.state for row in await rows(desk.s.db, tables.outbox)}
    assert {states[kind] for kind in ReportPosts.kinds} == {"sent"}


async def test_where_slack_draws_no_charts_they_come_as_pictures_and_it_is_remembered(desk):
    desk.s.fault("*", FaultKind.NO_CHARTS)
    await desk.ask()
    await desk.s.send(rounds=3)
    (report,) = desk.reports()
    assert not MODERN & set(kinds(report))
    assert "rich_text" in kinds(report)
    assert [sorted(each) for each in desk.files(report.ts)] == [["csv", "html", "png", "png"]]
    await desk.ask("today")
    before = len(desk.s.calls("chat.postMessage"))
    await desk.s.send(rounds=3)
    assert len(desk.s.calls("chat.postMessage")) == before + 1


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("chat.postMessage", FaultKind.CUT_AFTER),
        ("files.getUploadURLExternal", FaultKind.SERVER_ERROR),
        ("files.completeUploadExternal", FaultKind.CUT_AFTER),
    ],
)
async def test_a_lost_answer_doubles_nothing_and_loses_no_file(desk, method, kind):
    desk.s.fault(method, kind)
    await desk.ask()
    await desk.s.send(rounds=6, seconds=120)
    (report,) = desk.reports()
    (files,) = desk.files(report.ts)
    assert {"csv", "html"} <= set(files)


async def test_a_process_that_dies_after_the_message_goes_on_with_the_files(desk):
    await desk.ask()
    await desk.s.send()
    desk.new_life()
    await desk.s.send(rounds=3)
    (report,) = desk.reports()
    assert len(desk.files(report.ts)) == 1


async def test_a_channel_the_bot_is_not_in_means_a_direct_message(desk):
    desk.s.fault("chat.postMessage", FaultKind.ERROR, code="not_in_channel")
    await desk.ask()
    await desk.s.send(rounds=4)
    assert desk.reports() == []
    (direct,) = [
        each
        for each in desk.s.slack.workspace.channels.values()
        if each.is_im and CHIARA in each.members and desk.reports(each.id)
    ]
    (report,) = desk.reports(direct.id)
    assert len(desk.files(report.ts, direct.id)) == 1


async def test_a_stretch_in_which_nothing_happened_is_said_in_a_line_without_files(desk):
    await desk.ask("2026-01-01..2026-01-31")
    await desk.s.send(rounds=3)
    (said,) = [one for one in desk.s.roots(OPS) if "nothing came in" in one.text]
    assert desk.files(said.ts) == []


async def test_the_files_are_those_of_the_report(desk):
    desk.draw = files_of
    desk.new_life()
    await desk.ask("2026-03-08..2026-03-11 by channel")
    await desk.s.send(rounds=3)
    (report,) = desk.reports()
    files = {
        one.name.removeprefix("report-2026-03-08-2026-03-11"): one.content
        for m in desk.s.thread(report.ts, OPS)
        for one in m.files
    }
    assert b"received" in files[".csv"]
    assert b"wait_began_at" in files["-rows.csv"]
    assert files[".html"].startswith(b"<!doctype html>")
    assert "received" in report.text
