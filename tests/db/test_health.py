"""Marketplace health: what the desk counts as Amazon does, what files and an API told, and trends."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from random import Random

import pytest
from sqlalchemy import func, insert, select

from bot.db import tables
from bot.db.health_rows import waits_by_day
from bot.domain.desk import InboxRoute
from bot.domain.figures import End
from bot.reports.health.lines import Certainty, Measure, Origin, health
from bot.usecases.health_import import ImportReport, ReportRefused, import_report
from bot.usecases.raw_items import store_page
from connectors.contract import Cursor, Page
from connectors.report_files.reading import Reading
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Stage
from tests.builders import AMAZON, NOW, a_desk, days, hours, minutes, prepare

pytestmark = pytest.mark.postgres(first=4)

_ids = count(1)
HEAD = "measure,marketplace,since,until,counted,out_of,value\n"


async def waits(db, *told, inbox=AMAZON, marketplace="it", **changes):
    """Rows as `bot.usecases.figures` leaves them: (began ago, ended after, how)."""
    inbox_id = await db.read(
        lambda conn: conn.scalar(select(tables.inbox.c.id).where(tables.inbox.c.name == inbox))
    )
    tickets, found = [], []
    for ago, after, end in told:
        ticket = next(_ids)
        began = NOW - ago
        tickets.append(
            {
                "ticket_id": ticket, "inbox_id": inbox_id, "number": ticket, "owner": "",
                "marketplace": marketplace, "language": "it", "kind": Kind.MESSAGE,
                "stage": Stage.UNKNOWN, "risk": Risk.NORMAL, "intent": Topic.OTHER, "vip": False,
                "opened_at": began, "seen_at": began, "state": "open", "first_answer_by": "",
                "customer_turns": 1, "answer_turns": 0, "hand_overs": 0, "reopened": 0,
                "pings": 0, "needless_pings": 0, "version": 1, **changes,
            }
        )  # fmt: skip
        found.append(
            {
                "ticket_id": ticket, "instance": 0, "inbox_id": inbox_id, "began_at": began,
                "seen_at": began, "ended_at": None if after is None else began + after,
                "end": end or "", "answered_by": "", "limit_cause": "", "target_cause": "",
            }
        )  # fmt: skip
    await db.write(
        lambda tx: (
            tx.conn.execute(insert(tables.ticket_figure), tickets),
            tx.conn.execute(insert(tables.wait_figure), found),
        ),
        now=NOW,
    )


async def lines(db, desk, *, now=NOW, inboxes=None):
    return await db.read(lambda conn: health(conn, desk, now, inboxes))


async def take(db, desk, text, *, now=NOW, **changes):
    command = ImportReport(name="report.csv", content=text.encode(), inbox=AMAZON)
    command = replace(command, **changes)
    return await db.write(lambda tx: import_report(tx, desk, command), now=now)


async def stored(db):
    return await db.read(lambda conn: conn.scalar(select(func.count(tables.health_reading.c.id))))


async def test_amazons_contact_response_counts_every_day_of_the_week(db, desk):
    await prepare(db, desk)
    await waits(
        db,
        (days(2), hours(24), End.ANSWERED),  # in time to the second
        (days(3), hours(1), End.ELSEWHERE),  # in Seller Central
        (days(4), hours(24) + minutes(1), End.ANSWERED),
        (days(5), None, None),  # nobody answered
        (hours(20), None, None),  # may still be answered
        (days(2), hours(3), End.WAVED),  # marked as needing no response: not counted
        (days(2), hours(30), End.WAVED),  # marked too late
        (days(6), hours(2), End.SETTLED),  # resolved without an answer
        (days(8), hours(1), End.ANSWERED),  # of the week before
    )

    week, month, quarter = await lines(db, desk, inboxes={AMAZON})

    assert (week.measure, week.counted, week.out_of) == (Measure.CONTACT_RESPONSE_7, 2, 6)
    assert (month.counted, month.out_of) == (quarter.counted, quarter.out_of) == (3, 7)
    assert (week.kept, week.misses_left, week.to_regain) == (False, 0, 34)  # 36 of 40
    assert (week.marketplace, week.origin, week.certainty) == ("it", Origin.OWN, Certainty.REPORTED)
    assert [(each.day, each.value) for each in week.trend] == [(date(2026, 3, 3), 1.0)]
    assert week.change == pytest.approx(2 / 6 - 1)


async def test_marketplaces_are_counted_apart_and_cases_and_merged_waits_not_at_all(db, desk):
    await prepare(db, desk)
    await waits(db, (days(2), hours(1), End.ANSWERED))
    await waits(db, (days(2), None, None), marketplace="de")
    await waits(db, (days(2), None, None), kind=Kind.CLAIM)
    await waits(db, (days(2), hours(1), End.SETTLED), merged_at=NOW)

    found = [each for each in await lines(db, desk) if each.window_days == 7]

    assert [(each.marketplace, each.counted, each.out_of) for each in found] == [
        ("de", 0, 1),
        ("it", 1, 1),
    ]


async def test_a_report_file_is_taken_once_and_a_corrected_one_replaces_what_it_said(db, desk):
    await prepare(db, desk)
    first = HEAD + "late_shipment,it,,2026-03-02,9,400,\nlate_shipment,it,,2026-03-09,3,412,\n"
    done = await take(db, desk, first)
    assert (done.new, done.same, done.known) == (2, 0, False)
    assert (await take(db, desk, first)).known
    second = await take(db, desk, first.replace("3,412", "4,412"))
    assert (second.new, second.same) == (0, 1)
    assert [(old.counted, new.counted) for old, new in second.replaced] == [(3, 4)]
    assert await stored(db) == 2

    (line,) = [each for each in await lines(db, desk) if each.measure is Measure.LATE_SHIPMENT]

    assert (line.value, line.threshold, line.kept) == (4 / 412, 0.04, True)
    assert (line.misses_left, line.to_regain) == (12, 0)  # 16 of 412 are 3.88 %, 17 are 4.13 %
    assert (line.as_of, line.is_stale, line.origin) == (date(2026, 3, 9), False, Origin.IMPORT)
    assert line.change == pytest.approx(4 / 412 - 9 / 400)


async def test_what_an_api_told_is_stored_with_the_cursor_and_goes_stale(db, desk):
    await prepare(db, desk)
    told = Reading(
        measure=Measure.ORDER_DEFECT_RATE,
        marketplace="it",
        value=0.01,
        counted=5,
        out_of=500,
        until=date(2026, 3, 9),
    )
    ahead = replace(told, until=date(2027, 1, 1))
    page = Page(items=(), cursor=Cursor(state={"at": 1}), readings=(told, ahead))
    await db.write(lambda tx: store_page(tx, AMAZON, page), now=NOW)
    await db.write(lambda tx: store_page(tx, AMAZON, page), now=NOW)
    assert await stored(db) == 1

    (fresh,) = [each for each in await lines(db, desk) if each.origin is Origin.API]
    (old,) = [
        each for each in await lines(db, desk, now=NOW + days(4)) if each.origin is Origin.API
    ]

    # Below 1 % of 500 are four at most.
    assert (fresh.kept, fresh.to_regain, fresh.is_stale) == (False, 1, False)
    assert old.is_stale


async def test_ebays_duty_and_its_badge_are_told_of_the_same_figure(db):
    route = InboxRoute(name=AMAZON, connector="ebay", channel="C0EBAY", label="eBay")
    desk = a_desk(inboxes={AMAZON: route})
    await prepare(db, desk)
    await take(db, desk, HEAD + "transaction_defects,uk,,2026-03-09,5,720,\n")

    duty, badge = await lines(db, desk)

    assert (duty.badge, duty.kept, duty.misses_left) == (False, True, 9)  # 14 of 720
    assert (badge.badge, badge.kept, badge.to_regain) == (True, False, 2)  # 3 of 720


async def test_a_promise_of_the_rules_is_a_line_as_well(db):
    route = InboxRoute(name="etsy", connector="etsy", channel="C0ETSY", label="Etsy")
    desk = a_desk(inboxes={"etsy": route})
    await prepare(db, desk)

    (line,) = await lines(db, desk)

    assert (line.measure, line.threshold, line.value) == (Measure.RESPONSE_RATE, 0.95, None)
    assert (line.window_days, line.within, line.first_only) == (90, hours(24), True)
    assert (line.badge, line.certainty) == (True, Certainty.REPORTED)
    assert "Star Seller" in line.rule_source
    assert (line.kept, line.misses_left) == (None, None)


async def test_a_figure_of_nothing_that_was_never_more_is_not_told(db, desk):
    await prepare(db, desk)
    await take(db, desk, HEAD + "sfp_cancellation,it,,2026-03-09,0,0,\n")
    assert await stored(db) == 1
    assert Measure.SFP_CANCELLATION not in {each.measure for each in await lines(db, desk)}


EBAY = (
    '{"cycle": {"evaluationDate": "2026-03-01"}, '
    '"metrics": [{"metricKey": "CLAIMS_SAF_RATE", "value": {"value": "0.1"}}]}'
)
FEEDBACK = (
    "Datum\tBewertung\tKommentare\tAntwort\tBestellnummer\tE-Mail\n"
    "08.03.26\t1\tNie angekommen\t\t302-1234567-1234567\tx@marketplace.amazon.de\n"
)


@pytest.mark.parametrize(
    ("text", "changes", "words"),
    [
        (EBAY, {}, "a report of ebay, and the inbox amazon-it reads amazon"),
        (HEAD + "late_shipment,de,,2026-03-09,3,412,\n", {}, "of de, and the inbox amazon-it"),
        (FEEDBACK, {}, "the language de, and it was expected"),
        (FEEDBACK, {"marketplace": "fr"}, "the language de, and fr was expected"),
        (HEAD + "late_shipment,it,,2026-03-12,3,412,\n", {}, "a day that is yet to come"),
        (HEAD + "late_shipment,it,,2025-01-01,3,412,\n", {}, "more than 400 days ago"),
        (HEAD + "late_shipment,it,2026-03-09,2026-03-01,3,412,\n", {}, "backwards"),
        ("", {}, "report.csv: it is empty. Nothing was imported."),
        (HEAD, {"inbox": "nowhere"}, "There is no inbox nowhere"),
    ],
)  # fmt: skip
async def test_a_file_that_is_not_of_the_inbox_is_refused_whole(db, desk, text, changes, words):
    await prepare(db, desk)
    with pytest.raises(ReportRefused) as told:
        await take(db, desk, text, **{"places": frozenset({"it"}), **changes})
    assert words in str(told.value)
    assert await stored(db) == 0


async def test_whoever_imports_may_say_what_the_file_is_of(db, desk):
    await prepare(db, desk)
    done = await take(db, desk, FEEDBACK, marketplace="DE", made_on=date(2026, 3, 9))
    assert [(one.marketplace, one.until) for one in done.readings] == [("de", date(2026, 3, 9))]
    both = HEAD + "cancellation,it,,2026-03-09,,,1 %\ncancellation,de,,2026-03-09,,,2 %\n"
    done = await take(db, desk, both, places=frozenset({"it"}))
    assert ([one.marketplace for one in done.readings], done.others) == (["it"], ["de"])
    line = next(each for each in await lines(db, desk) if each.measure is Measure.CANCELLATION)
    # Of a share without its counts nobody knows how many misses are left.
    assert (line.kept, line.misses_left, line.to_regain) == (True, None, None)


async def test_a_file_without_a_day_counts_once_unless_another_day_is_said(db, desk):
    await prepare(db, desk)
    first = await take(db, desk, FEEDBACK, places=frozenset({"de", "it"}))
    assert [(one.marketplace, one.until) for one in first.readings] == [("de", date(2026, 3, 10))]
    assert (await take(db, desk, FEEDBACK, now=NOW + days(1))).known
    assert await stored(db) == 1
    again = await take(db, desk, FEEDBACK, made_on=date(2026, 3, 9))
    assert (again.known, again.new) == (False, 1)


async def test_across_the_change_of_the_clocks_24_hours_are_24_hours(db, desk):
    await prepare(db, desk)
    # Rome's clocks go forward on 29 March 2026 at 02:00: the day has 23 hours.
    began = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    ago = NOW - began
    await waits(db, (ago, hours(24), End.ANSWERED), (ago, hours(24) + minutes(1), End.ANSWERED))
    later = began + days(2)

    (found,) = await db.read(
        lambda conn: waits_by_day(conn, [AMAZON], later, days=7, within=hours(24))
    )

    assert (found.age, found.kept, found.late) == (2, 1, 1)


async def test_the_count_is_that_of_somebody_who_looks_at_each_wait(db, desk):
    """A second, naive count over a random past, for each window and each earlier week."""
    await prepare(db, desk)
    dice = Random(7)
    told = []
    for _ in range(150):
        ago = minutes(dice.randrange(1, 119 * 24 * 60))
        end = dice.choice([None, *End])
        after = None if end is None else min(ago, minutes(dice.randrange(1, 48 * 60)))
        told.append((ago, after, end))
    await waits(db, *told)

    def kept_and_late(first, last):
        kept = late = 0
        for ago, after, end in told:
            if not first <= ago < last:
                continue
            in_time = after is not None and after <= hours(24)
            if in_time and end in {End.ANSWERED, End.ELSEWHERE}:
                kept += 1
            elif not (in_time and end is End.WAVED) and ago > hours(24):
                late += 1
        return kept, kept + late

    for line in await lines(db, desk):
        length = days(line.window_days)
        assert (line.counted, line.out_of) == kept_and_late(days(0), length)
        weeks = [kept_and_late(days(7 * back), days(7 * back) + length) for back in (4, 3, 2, 1)]
        assert [each.value for each in line.trend] == [
            kept / awaited for kept, awaited in weeks if awaited
        ]
