"""A report on both databases, by the door that reports are read through."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.db import tables
from bot.db.apart import ReadApart
from bot.domain.figures import MissCause
from bot.reports.answering import answer
from bot.reports.question import Dimension, Period, Question
from sla_rules.vocabulary import Scope
from tests.builders import AMAZON, ANNA, a_ticket, days, hours
from tests.db.reading import rows, statements
from tests.unit.reports.naive import History, Rated
from tests.unit.reports.test_figures import MONDAY
from tests.unit.reports.test_figures import a_ticket as a_measured
from tests.unit.reports.test_figures import a_wait as a_measured_wait
from tests.unit.reports.written_past import keep

pytestmark = pytest.mark.postgres

WEEK = Period(since=MONDAY - days(2), until=MONDAY + days(5), zone="Europe/Rome")
ASKED = Question(period=WEEK, by=Dimension.AGENT, names_people=True)


async def a_past(db, desk):
    """One ticket, answered three hours late and rated, and one that waits; returns the first."""
    view = await a_ticket(db, desk)
    inbox_id = (await rows(db, tables.inbox, name=AMAZON))[0].id
    own = {"inbox_id": inbox_id, "ticket_id": view.id}
    answered: dict[str, Any] = {
        "answered_at": MONDAY + hours(5),
        "limit": hours(2),
        "seen_at": MONDAY,
    }
    late = a_measured_wait(1, **answered, limit_cause=MissCause.LATE_CLAIM)
    history = History(
        tickets=[
            replace(a_measured(view.number, vip=True, customer_id=None), **own),
            # An instant of before the period: its wait alone brings it in.
            replace(a_measured(2, MONDAY - days(30), owner="Ann, a"), inbox_id=inbox_id),
        ],
        waits=[replace(late, **own), a_measured_wait(2, MONDAY - days(30), inbox_id=inbox_id)],
        ratings=[Rated(ticket_id=view.id, kind="csat", score=5, at=MONDAY + hours(6))],
    )
    await db.write(lambda tx: keep(tx.conn, history), now=MONDAY)
    return view


async def test_a_report_is_read_apart_from_everything_else(db, db_url, desk):
    view = await a_past(db, desk)
    report = await ReadApart(db_url).read(lambda conn: answer(conn, desk, ASKED, MONDAY + days(1)))
    assert report.figure("received").value == 1
    assert report.figure("first_response.median").value == 5 * 3600
    assert report.figure("csat").value == 1
    assert report.figure("backlog_age.median").value == 31 * 24 * 3600
    (miss,) = report.misses
    assert (miss.ticket_id, miss.number, miss.inbox) == (view.id, view.number, AMAZON)
    assert (miss.scope, miss.late_seconds, miss.owner) == (Scope.MARKETPLACE, 3 * 3600, ANNA)
    # The mark that stands between words does no harm in one of them.
    assert [cut.key for cut in report.cuts] == ["Ann; a", ANNA]


async def test_a_report_takes_few_statements_however_much_there_is(db, desk):
    await a_past(db, desk)
    asked = partial(answer, desk=desk, question=ASKED, now=MONDAY + days(1))
    with statements(db) as sent:
        await db.read(asked)
    assert len(sent) <= 12


async def test_an_empty_desk_answers_too(db, desk):
    report = await db.read(lambda conn: answer(conn, desk, ASKED, MONDAY))
    assert report.is_empty
    assert [*report.misses, *report.cuts] == []
