"""A database of figures only, in memory, and reports about it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert
from sqlalchemy.pool import StaticPool

from bot.db import tables
from bot.db.tables.figures import feedback, ticket_figure, wait_figure
from bot.domain.desk import Desk
from bot.domain.figures import VERSION, TicketFigure, WaitFigure
from bot.reports.answering import answer
from bot.reports.question import Dimension, Period, Question
from bot.reports.report import Report
from tests.builders import AMAZON, SHOP, a_desk
from tests.unit.reports.naive import History

ZONE = "Europe/Rome"
SINCE = datetime(2026, 3, 27, 23, tzinfo=UTC)  # Saturday in Rome, the day before its clocks change
UNTIL = datetime(2026, 4, 2, 22, tzinfo=UTC)
INBOXES = {1: AMAZON, 2: SHOP}
TELLING = frozenset({2})
"""Inboxes whose platform tells about orders."""


def report_of(
    history: History,
    *,
    by: Dimension | None = None,
    now: datetime = datetime(2027, 1, 1, tzinfo=UTC),
    period: Period | None = None,
    desk: Desk | None = None,
    **asked: Any,
) -> Report:
    """The report about a history, of the week from `SINCE` to `UNTIL` unless another is asked."""
    question = Question(
        period=period or Period(since=SINCE, until=UNTIL, zone=ZONE),
        by=by,
        **{"names_people": True, **asked},
    )
    with _engine().begin() as conn:
        for table in (feedback, wait_figure, ticket_figure):
            conn.execute(delete(table))
        keep(conn, history)
        return answer(conn, desk or a_telling_desk(), question, now)


def plans_of_a_report(**asked: Any) -> str:
    """How SQLite looks for what a report reads."""
    sent: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    event.listen(_engine(), "before_cursor_execute", note)
    report_of(History(tickets=[], waits=[]), **asked)
    event.remove(_engine(), "before_cursor_execute", note)
    with _engine().begin() as conn:
        plans = [conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", own) for each, own in sent]
        return "\n".join(str(row[-1]) for plan in plans for row in plan)


def a_telling_desk() -> Desk:
    desk = a_desk()
    return replace(
        desk, inboxes={**desk.inboxes, SHOP: replace(desk.inboxes[SHOP], fetches_context=True)}
    )


def keep(conn: Connection, history: History) -> None:
    """Write the rows of a history."""
    _insert(conn, ticket_figure, [ticket_row(each) for each in history.tickets])
    _insert(conn, wait_figure, [wait_row(each) for each in history.waits])
    ratings = [
        {
            "id": number,
            "ticket_id": each.ticket_id,
            "kind": each.kind,
            "asked_at": each.at,
            "expires_at": each.at,
            "answered_at": each.at,
            "score": each.score,
        }
        for number, each in enumerate(history.ratings, start=1)
    ]
    _insert(conn, feedback, ratings)


def ticket_row(ticket: TicketFigure) -> dict[str, Any]:
    return {**asdict(ticket), "version": VERSION}


def wait_row(wait: WaitFigure) -> dict[str, Any]:
    words = ("end", "limit_cause", "target_cause")
    return {**asdict(wait), **{word: getattr(wait, word) or "" for word in words}}


def _insert(conn: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(insert(table), rows)


@cache
def _engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as conn:
        tables.metadata.create_all(conn)
        for id_, name in INBOXES.items():
            conn.execute(insert(tables.inbox).values(id=id_, name=name, connector="website"))
    return engine
