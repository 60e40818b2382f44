"""Each invariant can be broken: a calm day passes them all, and one thing planted in it is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.pool import StaticPool

from bot.db import tables
from bot.db.types import AnyRow
from bot.domain.ticket import MessageState
from tests.simulation import checks_desk, checks_inbound, checks_slack
from tests.simulation.checks_desk import Check
from tests.simulation.day import CHECKS, a_day
from tests.simulation.desk import Knobs
from tests.simulation.faults import Dials
from tests.simulation.invariants import check_end, check_step
from tests.simulation.look import Look, Memory
from tests.simulation.people import People
from tests.simulation.ports import Around, Violated, Worlds
from tests.simulation.shop_world import By
from tests.simulation.slack_world import SlackWorld
from tests.simulation.worlds import Checks, Plan, Size, World

CALM = Plan(
    seed=3,
    dials=Dials(),
    size=Size(hours=1.6, conversations=6, inboxes=2),
    shuffled=False,
    knobs=Knobs(
        idle=120.0, tick=60.0, poll=300.0, audit=7200.0, prune=7200.0, surge=7200.0, others=7200.0
    ),
)


@dataclass(kw_only=True)
class Evening:
    """A calm day that is over: its database, the worlds outside, and the time."""

    conn: Connection
    worlds: Worlds
    now: Any

    @property
    def slack(self) -> SlackWorld:
        return self.look().slack

    def look(self, memory: Memory | None = None, *, later: timedelta = timedelta()) -> Look:
        return Look(self.conn, self.worlds, self.now + later, memory or Memory())

    def one(self, query: str) -> AnyRow:
        """The first row of a query; the day has to have one."""
        row = self.conn.execute(text(query)).first()
        assert row is not None, f"the calm day has no such row: {query}"
        return row

    def run(self, statement: str, **values: object) -> None:
        assert self.conn.execute(text(statement), values).rowcount > 0


def _unhurried(around: Around, plan: Plan) -> Worlds:
    """A day on which people take their time, so that warnings come."""
    return replace(a_day(around, plan), people=People(around, every=450.0))


def _a_calm_day() -> Evening:
    kept: dict[str, Any] = {}

    def keep(conn: Connection, worlds: Worlds, now: Any) -> None:
        CHECKS.end(conn, worlds, now)
        engine = create_engine("sqlite://", poolclass=StaticPool)
        copy = engine.connect()
        live: Any = conn.connection.driver_connection
        live.backup(copy.connection.driver_connection)
        kept.update(conn=copy, worlds=worlds, now=now)

    outcome = World(CALM, _unhurried, Checks(step=check_step, end=keep)).run()
    assert outcome.violated is None
    return Evening(**kept)


@pytest.fixture(scope="module")
def calm_day() -> Evening:
    return _a_calm_day()


@pytest.fixture
def day(calm_day: Evening) -> Iterator[Evening]:
    """The day, as if nothing had been planted before."""
    with calm_day.conn.begin() as planted, _as_found(calm_day):
        yield calm_day
        planted.rollback()


@contextmanager
def _as_found(day: Evening) -> Iterator[None]:
    slack, people = day.slack, day.look().people
    posted, promises, told = list(slack.posted), dict(people.promises), list(people.told)
    shops = [(shop, dict(shop.sends), list(shop.taken)) for shop in day.look().shops.values()]
    yield
    slack.posted[:], people.told[:] = posted, told
    slack.twice_in_flight.clear()
    people.promises.clear()
    people.promises.update(promises)
    for shop, sends, taken in shops:
        shop.sends.clear()
        shop.sends.update(sends)
        shop.taken[:] = taken


def _names(day: Evening, check: Check, memory: Memory | None = None) -> str:
    """The invariant that a check names."""
    with pytest.raises(Violated) as found:
        check(day.look(memory))
    return found.value.invariant


def test_a_calm_day_breaks_nothing(day: Evening) -> None:
    check_end(day.conn, replace(day.worlds), day.now)


def _sent_answer(day: Evening) -> AnyRow:
    return day.one("SELECT id, ticket_id FROM message WHERE direction='out' AND state='sent'")


def _drop_raw(day: Evening) -> None:
    raw = day.one("SELECT source_id FROM raw_inbound WHERE verdict='customer' ORDER BY id")
    day.run("UPDATE raw_inbound SET source_id='lost' WHERE source_id=:it", it=raw.source_id)


def _split_conversation(day: Evening) -> None:
    inbound = "FROM message WHERE direction='in' AND verdict='customer'"
    asked = day.one(
        f"SELECT min(id) AS id, ticket_id {inbound} GROUP BY ticket_id HAVING count(*)>1"
    )
    other = day.one(f"SELECT id FROM ticket WHERE id <> {asked.ticket_id}")
    day.run("UPDATE message SET ticket_id=:to WHERE id=:it", to=other.id, it=asked.id)


def _cut_short(day: Evening) -> None:
    day.run("DELETE FROM raw_inbound WHERE id = (SELECT min(id) FROM raw_inbound)")


def _stuck_item(day: Evening) -> None:
    day.run("UPDATE raw_inbound SET state='stored' WHERE id = (SELECT min(id) FROM raw_inbound)")


def _post_twice(kind: str, *, told: bool) -> Callable[[Evening], None]:
    def plant(day: Evening) -> None:
        row = day.one(f"SELECT id FROM outbox WHERE kind='{kind}' AND state='sent'")
        first = day.slack.copies(row.id)[0]
        first.told = told
        day.slack.posted.append(replace(first, at=day.now))
        if not told:
            day.slack.posted.append(replace(first, at=day.now))

    return plant


def _lose_card(day: Evening) -> None:
    day.run("UPDATE ticket SET slack_ts='1.000000'")


def _disorder(day: Evening) -> None:
    row = day.one(
        "SELECT max(id) AS id FROM outbox WHERE lane LIKE 'ticket:%' AND kind<>'post_root'"
        " AND state='sent' GROUP BY lane HAVING count(*)>1"
    )
    for posted in day.slack.copies(row.id):
        place = day.slack.posted.index(posted)
        day.slack.posted[place] = replace(posted, ts="1.000000")


def _never_fired(day: Evening) -> None:
    day.run("UPDATE ping SET fired_at=NULL, outcome=NULL WHERE outcome='sent'")


def _never_posted(day: Evening) -> None:
    row = day.one("SELECT id FROM outbox WHERE kind='post_ping' AND state='sent'")
    day.slack.posted[:] = [each for each in day.slack.posted if each.outbox_id != row.id]


def _wrong_card(day: Evening) -> None:
    day.run("UPDATE deadline SET due_at=datetime(due_at, '+1 hour') WHERE state='running'")
    day.run("UPDATE ticket SET updated_at='2026-03-10 09:00:00.000000'")


def _wrong_owner(day: Evening) -> None:
    day.run("UPDATE ticket SET assignee='U0ANNA' WHERE assignee IS NULL OR assignee<>'U0ANNA'")
    day.run("UPDATE ticket SET updated_at='2026-03-10 09:00:00.000000'")


def _forgotten_effect(day: Evening) -> None:
    day.run(
        "UPDATE outbox SET state='ready', not_before='2026-03-10 09:00:00.000000'"
        " WHERE kind='post_log'"
    )


def _forgotten_lease(day: Evening) -> None:
    day.run(
        "UPDATE outbox SET state='sending', lease_until='2026-03-10 09:00:00.000000'"
        " WHERE kind='post_log'"
    )


def _noisy(day: Evening) -> None:
    rows = day.conn.execute(text("SELECT * FROM outbox WHERE kind='post_ping' AND state='sent'"))
    row = dict(rows.mappings().first() or {})
    first = day.slack.copies(row["id"])[0]
    columns = ", ".join(row)
    for number in range(1, 6):
        again = row | {"id": number, "dedupe_key": f"again:{number}"}
        values = ", ".join(f":{name}" for name in again)
        day.conn.execute(text(f"INSERT INTO outbox ({columns}) VALUES ({values})"), again)
        day.slack.posted.append(replace(first, outbox_id=number))


def _sent_twice(day: Evening) -> None:
    shop = next(each for each in day.look().shops.values() if each.taken)
    shop.sends[shop.taken[0].key] += 1


def _sent_unasked(day: Evening) -> None:
    shop = next(each for each in day.look().shops.values() if each.taken)
    day.run("UPDATE message SET state='cancelled' WHERE id=:it", it=int(shop.taken[0].key))


def _forgotten_answer(day: Evening) -> None:
    sent = _sent_answer(day)
    day.run("UPDATE message SET state='queued' WHERE id=:it", it=sent.id)


def _untold_failure(day: Evening) -> None:
    sent = _sent_answer(day)
    day.run("UPDATE message SET state='failed' WHERE id=:it", it=sent.id)


def _stopped_by_nothing(day: Evening) -> None:
    day.run("UPDATE deadline SET state='met', stopped_at='2026-03-10 08:00:00.000000'")


def _waits_too_short(day: Evening) -> None:
    day.run("DELETE FROM message WHERE direction='out'")
    day.conn.execute(
        text("DELETE FROM ticket_event WHERE type IN ('no_answer_needed', 'resolved')")
    )
    day.run("UPDATE ticket SET waiting_since='2026-03-10 23:00:00.000000'")


def _bounce_unheard(day: Evening) -> None:
    shop = next(each for each in day.look().shops.values() if each.taken)
    said = shop._write(shop.taken[0].said.thread, By.BOUNCE, "undelivered", day.now)
    said.about = shop.taken[0].said.number
    said.visible_at = day.now - timedelta(hours=1)


def _moved_deadline(day: Evening) -> None:
    day.run("UPDATE deadline SET due_at=datetime(due_at, '+1 minute') WHERE state='running'")


def _told_wrongly(day: Evening) -> None:
    told = day.look().people.told[0]
    day.look().people.told.append(replace(told, act="claim", actor="U0NOBODY", outcome="Claimed"))


def _other_rules(day: Evening) -> None:
    day.run("UPDATE deadline SET policy_version='of nowhere' WHERE state='running'")


PLANTED: tuple[tuple[str, Callable[[Evening], None], Check], ...] = (
    ("I1", _drop_raw, checks_inbound.i1_no_inbound_lost),
    ("I2", _split_conversation, checks_inbound.i2_one_ticket),
    ("I4", _cut_short, checks_inbound.i4_cursor),
    ("I17", _stuck_item, checks_inbound.i17_poison),
    ("I2", _post_twice("post_root", told=True), checks_slack.i2_one_card),
    ("I2", _post_twice("post_root", told=False), checks_slack.i2_one_card),
    ("I7", _post_twice("post_ping", told=True), checks_slack.i2_one_card),
    ("I2", _lose_card, checks_slack.i2_card_known),
    ("I3", _disorder, checks_slack.i3_order),
    ("I7", _never_fired, checks_slack.i7_pings_told),
    ("I7", _never_posted, checks_slack.i7_pings_told),
    ("I9", _wrong_card, checks_slack.i9_shown_is_true),
    ("I9", _wrong_owner, checks_slack.i9_shown_is_true),
    ("I15", _forgotten_effect, checks_slack.i15_nothing_left),
    ("I15", _forgotten_lease, checks_slack.i15_nothing_left),
    ("I16", _noisy, checks_slack.i16_noise),
    ("I5", _sent_twice, checks_desk.i5_once),
    ("I5", _sent_unasked, checks_desk.i5_only_asked),
    ("I6", _forgotten_answer, checks_desk.i6_no_silent_loss),
    ("I6", _untold_failure, checks_desk.i6_no_silent_loss),
    ("I10", _stopped_by_nothing, checks_desk.i10_evidence),
    ("I10", _waits_too_short, checks_desk.i10_bounce),
    ("I10", _bounce_unheard, checks_desk.i10_bounce),
    ("I11", _moved_deadline, checks_desk.i11_recomputed),
    ("I12", _told_wrongly, checks_desk.i12_told_truly),
    ("I19", _other_rules, checks_desk.i19_one_version),
)


@pytest.mark.parametrize(
    ("rule", "plant", "check"),
    PLANTED,
    ids=[f"{number}-{rule}" for number, (rule, _, _) in enumerate(PLANTED)],
)
def test_a_planted_violation_is_named(
    day: Evening, rule: str, plant: Callable[[Evening], None], check: Check
) -> None:
    plant(day)

    assert _names(day, check) == rule


def test_a_ping_after_its_clock_stopped_is_named(day: Evening) -> None:
    memory = Memory()
    pings = day.conn.execute(select(tables.ping.c.deadline_id)).scalars()
    memory.stopped = dict.fromkeys(pings, day.now - timedelta(days=1))

    assert _names(day, checks_slack.i8_no_late_ping, memory) == "I8"


@pytest.mark.parametrize(
    ("change", "rule"), [("assignee='U0BRUNO'", "I12"), ("snoozed_until='2026-03-11'", "I14")]
)
def test_a_change_without_an_event_is_named(day: Evening, change: str, rule: str) -> None:
    memory = Memory()
    checks_desk.i14_history(day.look(memory))
    ticket = day.one("SELECT id FROM ticket WHERE assignee IS NULL OR assignee<>'U0BRUNO'")

    day.run(f"UPDATE ticket SET {change} WHERE id=:it", it=ticket.id)

    assert _names(day, checks_desk.i14_history, memory) == rule


def test_an_answer_that_changes_without_an_event_is_named(day: Evening) -> None:
    memory = Memory()
    checks_desk.i14_history(day.look(memory))

    day.run(
        "UPDATE message SET state=:to WHERE id=:it", to=MessageState.FAILED, it=_sent_answer(day).id
    )

    assert _names(day, checks_desk.i14_history, memory) == "I14"


def test_a_settled_effect_that_changes_is_named(day: Evening) -> None:
    memory = Memory()
    checks_desk.i13_fence(day.look(memory))

    day.run("UPDATE outbox SET state='dead' WHERE kind='post_ping' AND state='sent'")

    assert _names(day, checks_desk.i13_fence, memory) == "I13"


def test_an_effect_that_two_send_at_once_is_named(day: Evening) -> None:
    day.slack.twice_in_flight.append(7)

    assert _names(day, checks_desk.i13_fence) == "I13"
