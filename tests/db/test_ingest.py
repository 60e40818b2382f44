import pytest

from bot.db import queries, tables
from bot.domain.card import CardStage
from bot.usecases.ingest import ReadItem, ingest, store_page, stored_items
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Verdict
from connectors.errors import Malformed
from sla_rules.vocabulary import Kind, Metric, Risk, Scope
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    SHOP,
    a_page,
    a_raw_item,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    prepare,
    said,
    ticket,
)
from tests.db.reading import (
    count,
    deadline_states,
    effects,
    event_types,
    fire,
    ping_steps,
    rows,
)

pytestmark = pytest.mark.postgres


async def test_a_buyers_message_opens_a_ticket_with_both_deadlines(db, desk):
    view = await a_ticket(db, desk, an_inbound(subject="Where is it?", order_id="407-1"))
    assert (view.number, view.subject, view.order_id) == (1, "Where is it?", "407-1")
    assert (view.state, view.card_stage, view.assignee) == ("open", CardStage.CALM, None)
    assert view.waiting_since == NOW
    assert {(clock.scope, clock.due_at) for clock in view.clocks} == {
        (Scope.INTERNAL, NOW + hours(12)),
        (Scope.MARKETPLACE, NOW + hours(24)),
    }
    assert await effects(db) == ["post_root"]
    assert await event_types(db, view.id) == ["opened"]


async def test_a_website_message_is_due_in_the_shops_own_hours(db, desk):
    friday_evening = NOW.replace(day=13, hour=16, minute=30)
    view = await a_ticket(db, desk, an_inbound(sent_at=friday_evening), inbox=SHOP)
    assert view.connector == "website"
    # Half an hour is left on Friday (closing 18:00 in Rome), the rest is Monday's.
    assert [clock.due_at for clock in view.clocks] == [NOW.replace(day=16, hour=9, minute=30)]


async def test_a_claim_opens_a_ticket_with_the_limit_its_notice_states(db, desk):
    notice = an_inbound(verdict=Verdict.CLAIM, platform_limit=days(2), reason="A-to-z claim")
    view = await a_ticket(db, desk, notice)
    assert (view.kind, view.risk) == (Kind.CLAIM, Risk.CRITICAL)
    assert {(clock.scope, clock.due_at) for clock in view.clocks} == {
        (Scope.INTERNAL, NOW + minutes(15)),
        (Scope.MARKETPLACE, NOW + days(2)),
    }


@pytest.mark.parametrize("verdict", [Verdict.NOTICE, Verdict.SUSPECT])
async def test_notices_and_suspect_mail_open_a_ticket_without_clocks(db, desk, verdict):
    view = await a_ticket(db, desk, an_inbound(verdict=verdict))
    assert (view.kind, view.state) == (Kind(verdict.value), "open")
    assert view.clocks == []
    assert view.waiting_since is None
    assert await effects(db) == ["post_root"]


async def test_the_customer_writes_again_into_the_same_thread(db, desk):
    first = an_inbound(thread="case-1")
    view = await a_ticket(db, desk, first)
    await answer(db, desk, view.id, at=NOW + hours(1))
    report = await arrive(db, desk, an_inbound(thread="case-1", sent_at=NOW + hours(2)))
    assert (report.opened, report.messages) == (0, 1)
    again = await ticket(db)
    assert again.state == "open"
    assert {(clock.metric, clock.due_at) for clock in again.clocks} == {
        (Metric.NEXT_RESPONSE, NOW + hours(14)),
        (Metric.NEXT_RESPONSE, NOW + hours(26)),
    }
    assert (await effects(db)).count("post_root") == 1
    assert "post_message" in await effects(db)
    assert said(again.last_customer_message).sent_at == NOW + hours(2)


async def test_a_second_message_before_the_answer_moves_no_deadline(db, desk):
    before = await a_ticket(db, desk, an_inbound(thread="case-1"))
    await arrive(db, desk, an_inbound(thread="case-1", sent_at=NOW + hours(3)))
    assert (await ticket(db)).clocks == before.clocks


async def test_a_question_and_its_addition_in_one_page_are_one_ticket(db, desk):
    report = await arrive(
        db,
        desk,
        an_inbound(thread="case-1"),
        an_inbound(thread="case-1", sent_at=NOW + minutes(2)),
    )
    assert (report.opened, report.messages) == (1, 2)
    assert await effects(db) == ["post_root", "post_message"]


async def test_invariant_2_one_conversation_has_one_ticket_and_one_root_card(db, desk):
    message = an_inbound(thread="case-1")
    for again in range(3):
        await arrive(db, desk, message, an_inbound(thread="case-1"), now=NOW + minutes(again))
    assert await count(db, tables.ticket) == 1
    assert (await effects(db)).count("post_root") == 1


async def test_the_same_message_from_another_raw_item_has_no_second_effect(db, desk):
    message = an_inbound()
    await arrive(db, desk, message)
    before = [await count(db, table) for table in tables.metadata.sorted_tables]
    report = await arrive(db, desk, message)
    after = [await count(db, table) for table in tables.metadata.sorted_tables]
    grown = {
        table.name
        for table, was, now in zip(tables.metadata.sorted_tables, before, after, strict=True)
        if was != now
    }
    assert grown == {"raw_inbound"}
    assert (report.messages, report.ignored) == (0, 1)


async def test_other_words_under_a_known_id_are_not_lost(db, desk):
    await arrive(db, desk, an_inbound(thread="case-1", external_id="<same@x.example>", text="one"))
    other = an_inbound(thread="case-1", external_id="<same@x.example>", text="two")
    assert (await arrive(db, desk, other)).messages == 1
    assert (await arrive(db, desk, other)).messages == 0


async def test_a_page_taken_twice_has_no_second_effect(db, desk):
    await prepare(db, desk)
    page = a_page([a_raw_item(), a_raw_item()])
    await db.write(lambda tx: store_page(tx, AMAZON, page), now=NOW)
    stored = await db.read(lambda conn: stored_items(conn, AMAZON))
    read = [
        ReadItem(raw_id=stored[0].raw_id, received_at=NOW, message=an_inbound()),
        ReadItem(
            raw_id=stored[1].raw_id, received_at=NOW, message=an_inbound(verdict=Verdict.BULK)
        ),
    ]
    first = await db.write(lambda tx: ingest(tx, desk, AMAZON, read), now=NOW)
    assert (first.taken, first.opened) == (2, 1)
    before = [await count(db, table) for table in tables.metadata.sorted_tables]
    again = await db.write(lambda tx: ingest(tx, desk, AMAZON, read), now=NOW + hours(1))
    assert again.taken == 0
    assert [await count(db, table) for table in tables.metadata.sorted_tables] == before


async def test_invariant_1_an_item_nobody_could_read_is_kept_and_opens_a_ticket_with_a_clock(
    db, desk
):
    report = await arrive(db, desk, Malformed("headers", "no end of headers"), an_inbound())
    assert (report.quarantined, report.opened) == (1, 2)
    view = await ticket(db, 1)
    assert said(view.first_message).error == "headers: no end of headers"
    assert "marketplace" in said(view.first_message).body
    assert len(view.clocks) == 2
    states = {row.state for row in await rows(db, tables.raw_inbound)}
    assert states == {"quarantined", "done"}


async def test_a_message_read_in_part_opens_a_ticket_that_says_so(db, desk):
    view = await a_ticket(db, desk, an_inbound(text="", degraded="unknown charset"))
    assert said(view.first_message).error == "unknown charset"
    assert view.clocks


async def test_invariant_10_a_message_that_breaks_the_contract_stops_no_other(db, desk):
    broken = an_inbound(sent_at=NOW.replace(tzinfo=None))
    report = await arrive(db, desk, broken, an_inbound(), now=NOW)
    assert (report.opened, report.quarantined) == (2, 1)


async def test_hostile_text_is_stored_on_either_database(db, desk):
    hostile = an_inbound(
        subject="a\x00b\ud800" + "s" * 1000,
        text="<!channel> \x00 \udfff",
        sender_name="n" * 500,
        sender_handle="h" * 900,
        external_id="<" + "x" * 2000 + ">",
        thread="t" * 3000,
        reply_context={"to": "\x00\ud800"},
        order_id="9" * 300,
        language="xx-very-long",
    )
    view = await a_ticket(db, desk, hostile)
    assert said(view.first_message).body == "<!channel>  \ufffd"
    assert len(view.subject) == 400
    assert (await arrive(db, desk, hostile)).messages == 0


async def test_numbers_are_short_and_never_given_twice(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(3)))
    await arrive(db, desk, an_inbound(), inbox=SHOP)
    assert [row.number for row in await rows(db, tables.ticket)] == [1, 2, 3, 4]


async def test_a_customer_is_known_again_and_keeps_their_name(db, desk):
    await arrive(db, desk, an_inbound(sender_handle="m@x.example", sender_name="Mara"))
    await arrive(db, desk, an_inbound(sender_handle="m@x.example", sender_name=""))
    (customer,) = await rows(db, tables.customer)
    assert customer.display_name == "Mara"
    assert (await ticket(db, 2)).customer_name == "Mara"


async def test_a_vips_ticket_says_so(db, desk):
    await arrive(db, desk, an_inbound(sender_handle="m@x.example"))
    await db.write(lambda tx: tx.conn.execute(tables.customer.update().values(vip=True)), now=NOW)
    await arrive(db, desk, an_inbound(sender_handle="m@x.example"))
    assert [(await ticket(db, number)).vip for number in (1, 2)] == [False, True]


async def test_old_mail_is_imported_without_a_storm_of_pings(db, desk):
    old = NOW - days(9)
    report = await arrive(
        db, desk, *(an_inbound(sent_at=old) for _ in range(5)), now=NOW, received_at=old
    )
    assert report.opened == 5
    view = await ticket(db)
    assert (view.state, view.card_stage) == ("resolved", CardStage.RESOLVED)
    assert set((await deadline_states(db, view.id)).values()) == {"late"}
    assert (await fire(db, desk, NOW + days(3))).fired == 0


async def test_more_old_mail_of_an_imported_conversation_pings_nobody_either(db, desk):
    old = NOW - days(9)
    await arrive(db, desk, an_inbound(thread="c", sent_at=old), now=NOW, received_at=old)
    later = NOW + minutes(1)
    more = an_inbound(thread="c", sent_at=old + hours(1))
    await arrive(db, desk, more, now=later, received_at=old + hours(1))
    assert (await ticket(db)).state == "resolved"
    assert (await fire(db, desk, NOW + days(3))).fired == 0


async def test_a_new_message_wakes_an_imported_conversation_with_its_own_clock(db, desk):
    old = NOW - days(9)
    await arrive(db, desk, an_inbound(thread="c", sent_at=old), now=NOW, received_at=old)
    await arrive(db, desk, an_inbound(thread="c", sent_at=NOW - hours(1)), now=NOW + minutes(1))
    view = await ticket(db)
    assert (view.state, view.waiting_since) == ("open", NOW - hours(1))
    assert {clock.due_at for clock in view.clocks} == {NOW + hours(11), NOW + hours(23)}


async def test_a_message_first_seen_late_is_warned_about_at_once(db, desk):
    view = await a_ticket(db, desk, an_inbound())
    late = an_inbound(sent_at=NOW - hours(13))
    await arrive(db, desk, late, now=NOW, received_at=NOW - hours(13))
    assert (await ticket(db, 2)).card_stage is CardStage.MISSED
    assert "update_card" not in await effects(db)
    assert (await fire(db, desk, NOW)).fired == 1
    assert view.number == 1


async def test_a_resolved_ticket_opens_again_within_its_time(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="case-1"))
    await answer(db, desk, view.id, at=NOW + hours(1))
    await db.write(
        lambda tx: resolve(tx, desk, Resolve(ticket_id=view.id, actor=ANNA)), now=NOW + hours(2)
    )
    await arrive(db, desk, an_inbound(thread="case-1", sent_at=NOW + days(20)))
    again = await ticket(db)
    assert (again.state, again.waiting_since) == ("open", NOW + days(20))
    assert "reopened" in await event_types(db, view.id)
    assert (await ping_steps(db, view.id))[0] == "warn50"


async def test_a_ticket_resolved_long_ago_is_followed_by_a_new_one(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="case-1"))
    await db.write(
        lambda tx: resolve(tx, desk, Resolve(ticket_id=view.id, actor=ANNA)), now=NOW + hours(2)
    )
    later = NOW + days(40)
    await arrive(db, desk, an_inbound(thread="case-1", sent_at=later))
    follow_up = await ticket(db, 2)
    assert (await ticket(db, 1)).state == "resolved"
    events = await db.read(lambda conn: queries.events(conn, follow_up.id))
    assert events[0].data["follows"] == 1
    await arrive(db, desk, an_inbound(thread="case-1", sent_at=later + hours(1)))
    assert await count(db, tables.ticket) == 2


async def test_a_weak_name_counts_only_while_its_conversation_is_young(db, desk):
    def from_the_same_address(at):
        return an_inbound(thread=None, weak_thread="from:mara", sent_at=at)

    await arrive(db, desk, from_the_same_address(NOW))
    await arrive(db, desk, from_the_same_address(NOW + days(10)))
    assert await count(db, tables.ticket) == 1
    await arrive(db, desk, from_the_same_address(NOW + days(25)))
    assert await count(db, tables.ticket) == 2
    await arrive(db, desk, from_the_same_address(NOW + days(26)))
    assert await count(db, tables.ticket) == 2


async def test_a_weak_name_joins_no_messages_about_different_orders(db, desk):
    def about(order):
        return an_inbound(thread=None, weak_thread="from:mara", order_id=order)

    await arrive(db, desk, about("407-1"))
    await arrive(db, desk, about("407-2"))
    assert await count(db, tables.ticket) == 2
    await arrive(db, desk, about(None))
    assert await count(db, tables.ticket) == 2


async def test_the_strongest_name_decides(db, desk):
    await arrive(db, desk, an_inbound(thread="case-1", weak_thread="from:mara"))
    await arrive(db, desk, an_inbound(thread="case-2", weak_thread="from:mara-2"))
    await arrive(db, desk, an_inbound(thread="case-1", weak_thread="from:mara-2"))
    first = await ticket(db, 1)
    assert len(await rows(db, tables.message, ticket_id=first.id)) == 2


async def test_an_answer_to_our_mail_finds_its_ticket_by_that_mails_id(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="case-1"))
    _, external_id = await answer(db, desk, view.id, at=NOW + hours(1))
    await arrive(db, desk, an_inbound(thread=external_id, sent_at=NOW + hours(2)))
    assert await count(db, tables.ticket) == 1


async def test_a_claim_about_a_known_order_keeps_a_ticket_and_clocks_of_its_own(db, desk):
    await arrive(db, desk, an_inbound(thread="order-1"))
    await arrive(db, desk, an_inbound(thread="order-1", verdict=Verdict.CLAIM))
    await arrive(db, desk, an_inbound(thread="order-1", verdict=Verdict.CLAIM))
    await arrive(db, desk, an_inbound(thread="order-1"))
    kinds = [row.kind for row in await rows(db, tables.ticket)]
    assert kinds == ["message", "claim"]


async def test_suspect_mail_slips_into_no_real_conversation(db, desk):
    real = await a_ticket(db, desk, an_inbound(thread="order-1"))
    await arrive(db, desk, an_inbound(thread="order-1", verdict=Verdict.SUSPECT))
    assert (await ticket(db, 2)).kind is Kind.SUSPECT
    await arrive(db, desk, an_inbound(thread="order-1", sent_at=NOW + hours(1)))
    assert len(await rows(db, tables.message, ticket_id=real.id)) == 2


async def test_a_customer_who_answers_a_notice_gets_a_clock(db, desk):
    await arrive(db, desk, an_inbound(thread="order-1", verdict=Verdict.NOTICE))
    await arrive(db, desk, an_inbound(thread="order-1", sent_at=NOW + hours(1)))
    view = await ticket(db)
    assert view.kind is Kind.MESSAGE
    assert {clock.due_at for clock in view.clocks} == {NOW + hours(13), NOW + hours(25)}


async def test_invariant_5_a_reminder_that_leaves_less_time_brings_the_limit_forward(db, desk):
    await arrive(db, desk, an_inbound(thread="c", verdict=Verdict.CLAIM, platform_limit=days(3)))
    reminder = an_inbound(
        thread="c", verdict=Verdict.CLAIM, platform_limit=days(1), sent_at=NOW + days(1)
    )
    await arrive(db, desk, reminder)
    due = {clock.scope: clock.due_at for clock in (await ticket(db)).clocks}
    assert due[Scope.MARKETPLACE] == NOW + days(2)


async def test_a_graver_message_raises_the_risk_of_its_ticket(db, desk):
    await arrive(db, desk, an_inbound(thread="c", text="Which colour?"))
    await arrive(db, desk, an_inbound(thread="c", text="My lawyer will write to you"))
    assert (await ticket(db)).risk is Risk.CRITICAL
