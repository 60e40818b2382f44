"""The hot queries use the partial indexes made for them, on both databases."""

import re
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update

from bot.db import queries, tables
from bot.db.due_rows import what_comes
from bot.db.home_rows import home_of
from bot.db.ping_rows import select_due
from bot.db.types import literally
from bot.domain.home import HomeChoice, HomeQueue
from bot.jobs.alive import AliveWatch
from bot.jobs.audit import audit
from bot.jobs.findings import Expectations
from bot.jobs.prune import Pruner
from bot.jobs.tick import Ticker
from bot.outbox import store
from bot.usecases.alarm import unheard_breaches
from bot.usecases.claim import Claim, claim
from bot.usecases.recheck import running_after
from bot.usecases.webhooks import woken_inboxes
from bot.web.metrics import read_numbers
from tests.builders import ANNA, NOW, a_ticket, an_inbound, answer, arrive, days, hours, minutes
from tests.db.outbox_world import HandClock, Outside, dispatcher
from tests.db.reading import rows, statements

pytestmark = pytest.mark.postgres

MANY = 20_000


@pytest.fixture
def postgres_emptied_url(postgres_db_url):
    """One of its own for each test: the planner remembers what a table once held."""
    return postgres_db_url


async def explain(db, statement):
    """The plan of a statement, or of what a function sends, as one text."""
    prefix = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "

    def plan(conn):
        if not db.is_sqlite:
            # An empty table is rightly read whole; asked is which index could serve.
            conn.execute(text("SET LOCAL enable_seqscan = off"))
        compiled = statement.compile(conn, compile_kwargs={"literal_binds": True})
        return "\n".join(str(row[-1]) for row in conn.execute(text(prefix + str(compiled))))

    return await db.read(plan)


async def plan_many_pings(db, desk):
    """One ticket's worth of deadlines, and very many pings, nearly all far away or fired."""
    view = await a_ticket(db, desk)
    deadline = (await rows(db, tables.deadline))[0]
    pings = [
        {
            "id": number,
            "deadline_id": deadline.id,
            "ticket_id": view.id,
            "step": f"step{number}",
            "audience": "assignee",
            "severity": 10,
            "fire_at": NOW + days(1) + minutes(number),
            "fired_at": NOW if number % 2 else None,
        }
        for number in range(1, MANY)
    ]
    await db.write(lambda tx: tx.conn.execute(insert(tables.ping), pings), now=NOW)
    if not db.is_sqlite:
        await db.write(lambda tx: tx.conn.execute(text("ANALYZE")), now=NOW)


async def test_due_pings_are_found_through_their_partial_index(db, desk):
    await plan_many_pings(db, desk)
    plan = await explain(db, select_due().params(now=NOW + hours(7), most=200))
    assert "ix_ping_due" in plan
    assert "SCAN ping" not in plan
    assert "Seq Scan on ping" not in plan
    assert "TEMP B-TREE" not in plan


async def test_the_next_due_ping_is_read_from_the_index_alone(db, desk):
    await plan_many_pings(db, desk)
    ping = tables.ping.c
    with statements(db) as sent:
        assert (await db.read(what_comes)).ping == NOW + hours(6)
    assert len(sent) == 1
    statement = (
        select(ping.fire_at)
        .where(ping.fired_at.is_(None), ping.cancelled_at.is_(None))
        .order_by(ping.fire_at, ping.id)
        .limit(1)
    )
    assert "ix_ping_due" in await explain(db, statement)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (
            select(tables.raw_inbound.c.id)
            .where(literally(tables.raw_inbound.c.state, "stored"))
            .where(tables.raw_inbound.c.inbox_id == 1)
            .order_by(tables.raw_inbound.c.id),
            "ix_raw_inbound_stored",
        ),
        (
            select(tables.raw_inbound.c.id)
            .where(literally(tables.raw_inbound.c.state, "held"))
            .where(tables.raw_inbound.c.inbox_id == 1),
            "ix_raw_inbound_held",
        ),
        (
            select(tables.customer.c.id)
            .where(tables.customer.c.inbox_id == 1)
            .where(tables.customer.c.display_name == "Nora Quist"),
            "ix_customer_name",
        ),
        (
            update(tables.outbox)
            .where(literally(tables.outbox.c.state, "ready"))
            .where(tables.outbox.c.coalesce_key == "card:1")
            .values(state="superseded"),
            "ix_outbox_coalesce",
        ),
    ],
)
async def test_what_waits_is_found_without_reading_what_is_done(db, desk, statement, index):
    plan = await explain(db, statement)
    assert "Seq Scan" not in plan
    # Of two partial indexes on nothing, PostgreSQL takes either.
    assert index in plan or not db.is_sqlite


async def test_a_ticket_costs_a_constant_number_of_reads(db, desk):
    await a_ticket(db, desk)
    with statements(db) as sent:
        await db.read(lambda conn: queries.ticket_by_number(conn, 1))
    assert len(sent) == 4


AUDITED = 3_000
ONE = "the open conversation"


async def many_closed(db, desk):
    """One open ticket, and thousands that are resolved, with their messages and sent effects."""
    opened = await a_ticket(db, desk, an_inbound(thread=ONE))
    plain = (await rows(db, tables.ticket))[0]._asdict()
    said = (await rows(db, tables.message))[0]._asdict()
    sent = (await rows(db, tables.outbox))[0]._asdict()
    closed = {"state": "resolved", "slack_channel": None, "slack_ts": None, "waiting_since": None}
    numbers = range(1_000, 1_000 + AUDITED)

    def add(tx):
        tx.conn.execute(
            insert(tables.ticket),
            [plain | closed | {"id": n, "number": n, "external_thread": f"t{n}"} for n in numbers],
        )
        tx.conn.execute(
            insert(tables.message),
            [said | {"id": n, "ticket_id": n, "external_id": f"m{n}"} for n in numbers],
        )
        tx.conn.execute(
            insert(tables.outbox),
            [
                sent | {"id": n, "dedupe_key": f"x{n}", "state": "sent", "settled_at": NOW}
                for n in numbers
            ],
        )

    await db.write(add, now=NOW)
    if not db.is_sqlite:
        await db.write(lambda tx: tx.conn.execute(text("ANALYZE")), now=NOW)
    return opened


async def test_no_question_of_the_audit_reads_what_is_done(db, desk):
    await many_closed(db, desk)
    expected = Expectations(since=NOW - hours(9), pings=minutes(1), effects=minutes(5))
    sent = []
    engine = db.engine.sync_engine
    listener = lambda _c, _cur, words, given, *_: sent.append((words, given))  # noqa: E731
    event.listen(engine, "before_cursor_execute", listener)
    await db.read(lambda conn: audit(conn, desk, expected, NOW + hours(8)))
    await db.read(lambda conn: running_after(conn, None, 25))
    await db.read(lambda conn: unheard_breaches(conn, NOW + hours(8), minutes(5)))
    event.remove(engine, "before_cursor_execute", listener)
    open_only = "ticket_open|ticket_rootless|ticket_waiting|message_under_way|outbox_open|ping_due|deadline_running"
    history = "ticket|message|outbox|ping|deadline|ticket_event"
    scans = re.compile(
        rf"SCAN ({history})\b(?! USING (COVERING )?INDEX ix_({open_only})\b)"
        rf"|Seq Scan on ({history})\b"
    )
    for statement, parameters in sent:
        plan = await _plan_of(db, statement, parameters)
        assert not scans.search(plan), f"{statement}\n{plan}"
    assert len(sent) < 25


async def _plan_of(db, statement, parameters):
    prefix = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "

    def plan(conn):
        if not db.is_sqlite:
            conn.execute(text("SET LOCAL enable_seqscan = off"))
        found = conn.exec_driver_sql(prefix + statement, parameters)
        return "\n".join(str(row[-1]) for row in found)

    return await db.read(plan)


GROWING = (
    "message|message_file|shown_file|raw_inbound|ticket_event|history_link|outbox|ping|deadline"
    "|ticket|ticket_context|ticket_figure|wait_figure|feedback|forecast|webhook_delivery|slack_event"
)
OPEN_INDEXES = (
    "ticket_open|ticket_rootless|ticket_waiting|ticket_merged_into|message_under_way|outbox_open"
    "|outbox_ready|outbox_coalesce|ping_due|deadline_running|raw_inbound_stored|raw_inbound_held"
    "|raw_inbound_quarantined|wait_figure_open|pause_end_ends_at"
)
"""They hold what is open, however much is done."""

WHOLE = re.compile(
    rf"SCAN ({GROWING})\b(?! USING (COVERING )?INDEX ix_({OPEN_INDEXES})\b)"
    rf"|Seq Scan on ({GROWING})\b"
)


async def _whole_reads(db, asked):
    """The statements of `asked` that read a growing table from end to end, each with its plan."""
    sent: dict[str, Any] = {}

    def note(_conn, _cursor, words, given, _context, many):
        if words.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            sent.setdefault(words, given[0] if many else given)

    engine = db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await asked()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sent
    plans = {words: await _plan_of(db, words, given) for words, given in sent.items()}
    return [f"{words}\n{plan}" for words, plan in plans.items() if WHOLE.search(plan)]


async def _page(db, desk, opened):
    known = an_inbound(thread=ONE, sent_at=NOW + hours(1))
    await arrive(db, desk, known, an_inbound(sent_at=NOW + hours(1)), now=NOW + hours(1))


async def _tick(db, desk, _opened):
    await Ticker(db, lambda: desk, HandClock(NOW + hours(8))).tick()


async def _send(db, _desk, _opened):
    sender = dispatcher(db, Outside(), HandClock(NOW + hours(1)))
    await sender.drain()
    await db.read(lambda conn: store.next_change(conn, now=NOW))
    await db.read(lambda conn: store.doubtful(conn, now=NOW, kinds=["post_log"], limit=50))


async def _claim_and_answer(db, desk, opened):
    command = Claim(ticket_id=opened.id, actor=ANNA)
    await db.write(lambda tx: claim(tx, desk, command), now=NOW + hours(1))
    await answer(db, desk, opened.id, at=NOW + hours(2))


async def _home(db, desk, _opened):
    for choice in (HomeChoice(), HomeChoice(queue=HomeQueue.ALL)):
        await db.read(lambda conn, it=choice: home_of(conn, desk, ANNA, it, NOW + hours(1)))


async def _metrics(db, _desk, _opened):
    await db.read(lambda conn: read_numbers(conn, NOW + hours(1)))


async def _alive(db, desk, _opened):
    await AliveWatch(db, lambda: desk, HandClock(NOW + hours(1)), ()).look()
    await db.read(woken_inboxes)


async def _prune(db, desk, _opened):
    await Pruner(db, lambda: desk, HandClock(NOW + days(40))).prune()


@pytest.mark.parametrize(
    "path", [_page, _tick, _send, _claim_and_answer, _home, _metrics, _alive, _prune]
)
async def test_what_is_done_again_and_again_reads_no_growing_table_whole(db, desk, path):
    opened = await many_closed(db, desk)
    assert await _whole_reads(db, lambda: path(db, desk, opened)) == []
