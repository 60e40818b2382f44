"""Databases full of planned pings, written by the database itself, set by set.

Two sorts of rows: `far` pings of open tickets that are not due for days, and a strip of tickets
with one ping each, due one second after the other. The strip is the same whatever the rest is,
so that firing from it is the same work in a small and in a large database.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from benchmarks.desk import START
from benchmarks.filling import run_script
from benchmarks.mails import AMAZON
from bot.db.engine import is_sqlite

PINGS_A_TICKET = 10
"""Two clocks with five steps each, as an Amazon message has."""

_FAR = START + timedelta(days=3)
_STEP = "CASE {} WHEN 0 THEN 'warn50' WHEN 1 THEN 'warn20' WHEN 2 THEN 'breach' WHEN 3 THEN 'breach2' ELSE 'breach3' END"
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"

_INBOX = f"INSERT INTO inbox (id, name, connector) VALUES (1, '{AMAZON}', '{AMAZON}')"
_TICKETS = (
    "INSERT INTO ticket (id, number, inbox_id, external_thread, subject, kind, stage, risk, state,"
    " card_stage, opened_at, updated_at) {numbers} SELECT i, i, 1, 'thread-' || i, 'Question ' || i,"
    " 'message', 'post_sale', 'normal', 'open', 'calm', {start}, {start} FROM n"
)
_DEADLINES = (
    "INSERT INTO deadline (id, ticket_id, metric, scope, instance, started_at, due_at,"
    " target_seconds, state, policy, policy_version, calendar, calendar_version) {numbers}"
    " SELECT i, (i + 1) / 2, 'first_response', CASE i % 2 WHEN 0 THEN 'internal' ELSE 'marketplace'"
    " END, 0, {start}, {due}, 43200, 'running', 'bench', '1', 'always', 'always' FROM n"
)
_FAR_PINGS = (
    "INSERT INTO ping (id, deadline_id, ticket_id, step, audience, severity, fire_at) {numbers}"
    " SELECT i, (i + 4) / 5, (i + 9) / 10, {step}, 'assignee', 10 + i % 5, {fire_at} FROM n"
)
_STRIP_PINGS = (
    "INSERT INTO ping (id, deadline_id, ticket_id, step, audience, severity, fire_at) {numbers}"
    " SELECT i + {after_pings}, 2 * (i + {after_tickets}), i + {after_tickets}, 'warn20', 'assignee',"
    " 20, {fire_at} FROM n"
)


async def fill(url: str, *, far: int, strip: int) -> None:
    """Fill an empty database with `far` pings to come and `strip` pings due from START on."""
    await run_script(url, _script(is_sqlite(url), far, strip), tables=["ping"])


def _script(sqlite: bool, far: int, strip: int) -> list[str]:
    tickets = far // PINGS_A_TICKET
    every = tickets + strip

    def numbers(last: int) -> str:
        return _NUMBERS.format(first=1, last=last)

    def later(than: datetime) -> str:
        return _sqlite_time(than, "i") if sqlite else _postgres_time(than, "i")

    fixed: Mapping[str, str] = {
        "start": _sqlite_time(START, "0") if sqlite else _postgres_time(START, "0"),
        "due": _sqlite_time(_FAR, "0") if sqlite else _postgres_time(_FAR, "0"),
    }
    return [
        _INBOX,
        _TICKETS.format(numbers=numbers(every), **fixed),
        _DEADLINES.format(numbers=numbers(2 * every), **fixed),
        _FAR_PINGS.format(numbers=numbers(far), step=_STEP.format("i % 5"), fire_at=later(_FAR)),
        _STRIP_PINGS.format(
            numbers=numbers(strip), after_pings=far, after_tickets=tickets, fire_at=later(START)
        ),
        "ANALYZE",
    ]


def _sqlite_time(at: datetime, seconds: str) -> str:
    # Six decimals, as the desk writes instants.
    return f"strftime('%Y-%m-%d %H:%M:%f', '{at:%Y-%m-%d %H:%M:%S}', ({seconds}) || ' seconds') || '000'"


def _postgres_time(at: datetime, seconds: str) -> str:
    return f"timestamptz '{at.isoformat()}' + ({seconds}) * interval '1 second'"
