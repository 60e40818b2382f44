"""The command that reads an inbox's past: from a real mailbox to the first report."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
import typer
from pydantic import BaseModel, Field

from bot.cli.backfill import days_of
from bot.cli.backfill_reading import Source
from bot.cli.backfill_source import history_of
from bot.cli.backfill_words import evening_words, heat_lines, target_words
from bot.clock import Clock
from bot.reports.report import HeatCell
from bot.usecases.backfill_whatif import Missed, Sides, Trials, week_of, with_target
from connectors.capabilities import HistoryWish
from connectors.contract import Cursor, InboundMessage, InboxContext, Page, RawItem
from connectors.registry import Build, load_connectors
from sla_rules.policy import PolicySet, presets
from sla_rules.vocabulary import RESPONSES, Scope
from tests.builders import an_inbound
from tests.connectors.mailbox_pair import PASSWORD, SEEN, pair, raw_item
from tests.unit.cli.desk import Said, threadline
from tests.unit.settings.files import CALENDAR, DESK, inbox, write

OURS = "shop@seller.example"


def a_mail(number: int, at: datetime, *, answer: bool = False) -> bytes:
    customer = f"nora{number}@post.example"
    author, reader = (OURS, customer) if answer else (customer, OURS)
    cites = f"In-Reply-To: <q{number}@post.example>\r\n" if answer else ""
    return (
        f"From: <{author}>\r\nTo: {reader}\r\nSubject: {'Re: ' * answer}question {number}\r\n"
        f"Date: {format_datetime(at)}\r\n{cites}"
        f"Message-ID: <{'a' if answer else 'q'}{number}@post.example>\r\n\r\nWords {number}.\r\n"
    ).encode()


def settings(folder: Path, port: int, *, password: str = "env:MAIL_PASSWORD") -> None:
    mail = (
        f'imap_host = "127.0.0.1"\nimap_port = {port}\nimap_security = "none"\n'
        f'imap_user = "{OURS}"\nimap_password = "{password}"\n'
        f'smtp_host = "127.0.0.1"\nsmtp_user = "{OURS}"\nsmtp_password = "{password}"\n'
        f'from_address = "{OURS}"\n'
    )
    write(folder, DESK + CALENDAR + inbox(mail=mail))


def backfill(folder: Path, *arguments: str, **environ: str) -> Said:
    environ = {"MAIL_PASSWORD": PASSWORD, **environ}
    return threadline(folder, "backfill", "--inbox", "shop", *arguments, **environ)


async def test_a_mailbox_becomes_a_report_and_nothing_else_changes(tmp_path):
    now = Clock().now()
    async with pair("website") as running:
        settings(tmp_path, running.mail.imap_port)
        for number in range(6):
            at = now - timedelta(days=20 - number)
            await running.deliver(a_mail(number, at), at)
            if number < 4:
                later = at + timedelta(hours=1 if number else 90)
                raw = a_mail(number, later, answer=True)
                await running.mail._imap.append(running.address, raw, later, folder="Sent")
        said = await asyncio.to_thread(backfill, tmp_path, "--last", "60d")
        again = await asyncio.to_thread(backfill, tmp_path, "--last", "60d")
        flags = await running.mail.flags(running.address)
    assert said.code == 0, said.err
    assert "10 items read, 10 in all; 6 conversations with 4 answers" in said.out
    assert "0 items read, 10 in all; 6 conversations with 4 answers" in again.out
    assert "Tickets received" in said.out
    assert "A 12-hour target would have been missed 3 times of 6 (50.0 %)" in said.out
    # The answer that took four days, with its dates; and both that were never given.
    assert said.out.count(" late: question 0") == 1
    answered = (now - timedelta(days=20) + timedelta(hours=90)).astimezone(ZoneInfo("Europe/Rome"))
    assert f"answered {answered:%a %d %b %Y %H:%M}" in said.out
    assert [
        f"question {number}" in said.out.split("Longest without")[1] for number in range(6)
    ] == [
        False,
        False,
        False,
        False,
        True,
        True,
    ]
    assert flags == [frozenset()] * 6
    assert not (tmp_path / "desk.db").exists()
    with closing(sqlite3.connect(tmp_path / "backfill-shop.db")) as file:
        assert file.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
        assert file.execute("SELECT count(*) FROM ticket").fetchone() == (6,)
    report = await asyncio.to_thread(
        threadline,
        tmp_path,
        "report",
        "60d",
        DATABASE_URL=f"sqlite:///{tmp_path / 'backfill-shop.db'}",
        MAIL_PASSWORD=PASSWORD,
    )
    assert report.code == 0, report.err


async def test_a_wrong_password_is_a_sentence_and_what_was_read_stays(tmp_path):
    async with pair("website") as running:
        settings(tmp_path, running.mail.imap_port)
        said = await asyncio.to_thread(backfill, tmp_path, MAIL_PASSWORD="wrong")
    assert said.code == 1
    assert "shop: the IMAP server refused the log-in." in said.err
    assert "the same command goes on from there" in said.err


async def test_an_empty_mailbox_has_nothing_to_report(tmp_path):
    async with pair("website") as running:
        settings(tmp_path, running.mail.imap_port)
        said = await asyncio.to_thread(backfill, tmp_path, "--sent-folder", "none", "--fresh")
    assert said.code == 0, said.err
    assert "no customer wrote in that time" in said.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--inbox", "amazon-fr"), 'There is no inbox "amazon-fr" in threadline.toml. Inboxes'),
        (("--last", "90"), '--last "90": write a number of days from 1d to 400d'),
        (("--last", "401d"), "from 1d to 400d"),
        (("--database", "desk.db"), "that is the desk's own database"),
        (("--database", "no/such/file.db"), "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_read(
    tmp_path, monkeypatch, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    settings(tmp_path, 1)
    said = backfill(tmp_path, *arguments)
    assert (said.code, sentence in " ".join(said.err.split())) == (1, True), said.err
    assert not list(tmp_path.glob("*.db"))


class Polled(BaseModel):
    """Settings of an interface that can be asked from a day on, a month back at most."""

    since_days: int = Field(default=7, le=30)


class Renewed(Polled):
    """Settings with a token that is another one after each use."""

    refresh_token: str = "once"


class Pushed(BaseModel):
    """Settings of a channel that calls the desk."""


class Told:
    """An interface with one page of items."""

    def __init__(self, config: BaseModel, context: InboxContext) -> None:
        self.config, self.context = config, context
        self.asked: list[Cursor | None] = []

    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        self.asked.append(cursor)
        yield Page(items=[raw_item(b"one")], cursor=Cursor(state={"page": 1}))

    def normalise(self, item: RawItem) -> InboundMessage:
        return an_inbound(sent_at=item.received_at - timedelta(days=3))


def an_interface(config: BaseModel) -> Source:
    spec = load_connectors().specs["website"]
    made = replace(spec, config_model=type(config), build=cast("Build", Told))
    return Source(inbox="api", spec=made, config=config)


async def test_an_interface_is_asked_from_the_day_that_is_wished_for():
    clock = Clock()
    wish = HistoryWish(since=clock.now() - timedelta(days=20))
    connector, history = history_of(an_interface(Polled()), clock, wish)
    told = cast("Told", connector)
    assert cast("Polled", told.config).since_days in {20, 21}
    (page,) = [each async for each in history.history(wish, None)]
    # It came when it was written, not when somebody asked for all of the past at once.
    assert [each.item.received_at for each in page.items] == [SEEN - timedelta(days=3)]
    _ = [each async for each in history.history(wish, page.cursor)]
    earlier = HistoryWish(since=wish.since - timedelta(days=1))
    _ = [each async for each in history.history(earlier, page.cursor)]
    # It goes on where it stopped, and begins again for whoever wants more of the past.
    assert told.asked == [None, Cursor(state={"page": 1}), None]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (Polled(), "is asked for 30 days at most: --last 30d"),
        (Pushed(), "only what is new"),
        (Renewed(), "only the desk keeps it"),
    ],
)
def test_an_interface_that_does_not_tell_that_much_says_so(config, sentence, capsys):
    clock = Clock()
    wish = HistoryWish(since=clock.now() - timedelta(days=40))
    with pytest.raises(typer.Exit):
        history_of(an_interface(config), clock, wish)
    assert sentence in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("text", "days"), [("1d", 1), ("90d", 90), (" 400D ", 400)])
def test_a_stretch_is_a_number_of_days(text, days):
    assert days_of(text) == days


def test_no_stretch_is_nothing():
    with pytest.raises(typer.Exit):
        days_of("0d")


def test_the_hours_at_work_are_those_in_which_answers_are_given():
    monday = datetime(2026, 3, 9, tzinfo=UTC)
    week = [monday + timedelta(days=day) for day in range(5)]
    answers = [day + timedelta(hours=hour) for day in week for hour in (8, 9, 13) for _ in range(9)]
    # One odd answer on a Sunday night makes no shift; 8 o'clock UTC is 9 in Rome.
    hours = week_of([*answers, monday + timedelta(days=6, hours=22)], "Europe/Rome")
    assert hours is not None
    assert hours.elapsed(monday, monday + timedelta(days=7)) == timedelta(hours=15)
    assert hours.next_open(monday) == monday + timedelta(hours=8)
    assert week_of(answers[:40], "Europe/Rome") is None


def test_a_target_replaces_that_of_every_answer_and_no_limit():
    before = PolicySet.load(presets())
    after = with_target(before, timedelta(hours=7))
    for old, new in zip(before.policies, after.policies, strict=True):
        limits = [clock for clock in new.clocks if clock.scope is not Scope.INTERNAL]
        assert limits == [clock for clock in old.clocks if clock.scope is not Scope.INTERNAL]
        own = [clock for clock in new.clocks if clock not in limits and clock.metric in RESPONSES]
        assert {clock.target for clock in own} <= {timedelta(hours=7)}


def test_the_week_is_drawn_hour_by_hour():
    cells = [
        HeatCell(weekday=0, hour=9, arrivals_an_hour=1, staffed=None, decided=20, late=1),
        HeatCell(weekday=0, hour=18, arrivals_an_hour=1, staffed=None, decided=10, late=9),
        HeatCell(weekday=6, hour=23, arrivals_an_hour=1, staffed=None, decided=4, late=0),
    ]
    lines = list(heat_lines(cells))
    assert (lines[1].index("░"), lines[1].index("█")) == (7 + 2 * 9, 7 + 2 * 18)
    assert lines[7].endswith("·")
    assert lines[-1].strip() == (
        "Most late answers: Mon 18-19: 9 late of 10; Mon 9-10: 1 late of 20."
    )


def test_what_would_have_changed_is_a_sentence_with_its_numbers():
    sides = Sides(before=Missed(clocks=1200, missed=61), after=Missed(clocks=1200, missed=23))
    assert target_words(sides) == (
        "A 12-hour target would have been missed 23 times of 1,200 (1.9 %). "
        "Your target of today was missed 61 times of 1,200 (5.1 %)."
    )
    assert "nothing to judge" in target_words(Sides())
    trials = Trials(
        tickets=900,
        target=sides,
        evening_limits=sides,
        evening_targets=Sides(),
        days=("mon", "sat"),
    )
    words = evening_words(trials)
    assert words.startswith("One more person from 18:00 to 22:00 (Mon, Sat):")
    assert "23 instead of 61" in words
