"""The rows behind a report: every ticket and wait it counts, so that a figure can be worked out anew.

No words of customers are in them, and people only where figures may be told apart by person.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select

from bot.db import tables
from bot.db.tables.figures import ticket_figure, wait_figure
from bot.reports.files.tables import Value, written
from bot.reports.question import Question

_T, _W, _I = ticket_figure.c, wait_figure.c, tables.inbox.c

_OF_TICKETS: Final = (
    *("number", "marketplace", "language", "kind", "stage", "risk", "intent", "vip", "state"),
    *("opened_at", "seen_at", "first_claimed_at", "first_answer_at", "resolved_at", "merged_at"),
    *("resolution_worked", "resolution_due_at", "customer_turns", "answer_turns", "hand_overs"),
    *("reopened", "handling_seconds", "pings", "needless_pings", "mood_first", "mood_last"),
    *("stars", "bought_again_at", "bought_again_cents", "currency"),
)
_OF_WAITS: Final = (
    *("instance", "began_at", "seen_at", "claimed_at", "ended_at", "end", "worked_seconds"),
    *("limit_due_at", "limit_cause", "target_due_at", "target_cause"),
)
_PEOPLE: Final = ("owner", "answered_by")

ROW_COLUMNS: Final = (
    "inbox",
    *_OF_TICKETS,
    *(f"wait_{name}" for name in _OF_WAITS),
    "wait_seconds",
    *_PEOPLE,
)
"""As in `bot.domain.figures`; those of the wait begin with `wait_`. Lengths are in seconds."""


def rows_csv(conn: Connection, question: Question, now: datetime) -> str:
    """Every wait that counts in the period, beside its ticket; a ticket without one stands alone.

    A wait is there where it lasted in the period or was due in it; a ticket where it was opened or
    resolved in it. Whoever counts leaves out what happened at or after the end of the period.
    """
    return written(ROW_COLUMNS, _rows(conn, question, now))


def _rows(conn: Connection, question: Question, now: datetime) -> Iterator[Sequence[Value]]:
    since, until = question.period.since, min(question.period.until, now)
    joined = ticket_figure.join(tables.inbox, _I.id == _T.inbox_id).outerjoin(
        wait_figure, and_(_W.ticket_id == _T.ticket_id, _counts(since, until))
    )
    columns: list[ColumnElement[object]] = [_I.name.label("inbox")]
    columns += [_T[name] for name in _OF_TICKETS]
    columns += [_W[name].label(f"wait_{name}") for name in _OF_WAITS]
    columns += [_T.owner, _W.answered_by]
    asked = (
        select(*columns)
        .select_from(joined)
        .where(
            _T.opened_at < until,
            or_(_T.opened_at >= since, _T.resolved_at >= since, _W.ticket_id.is_not(None)),
        )
        .order_by(_T.ticket_id, _W.instance)
    )
    if question.inboxes is not None:
        asked = asked.where(_I.name.in_(sorted(question.inboxes)))
    for row in conn.execute(asked).mappings():
        yield _row(row, names_people=question.names_people)


def _counts(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Waits that lasted in the period, or whose deadline was in it."""
    return and_(
        _W.began_at < until,
        or_(
            _W.ended_at.is_(None),
            _W.ended_at >= since,
            _W.limit_due_at >= since,
            _W.target_due_at >= since,
        ),
    )


def _row(told: RowMapping, *, names_people: bool) -> list[Value]:
    began, ended = told["wait_began_at"], told["wait_ended_at"]
    lasted = int((ended - began).total_seconds()) if began and ended else None
    values: list[Value] = [told[name] for name in ROW_COLUMNS[: -1 - len(_PEOPLE)]]
    people = [told[name] if names_people else None for name in _PEOPLE]
    return [*values, lasted, *people]
