"""What marks and stated instants make of a ticket's timeline, beyond questions and answers."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.domain.history import History, current_hold, platform_due_at, standing, timeline
from bot.domain.ticket import CUSTOMER, TicketState
from sla_rules.timeline import AutomaticAnswer, CustomerMessage, Hold
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Metric, Waiting
from tests.builders import NOW, days, hours, minutes
from tests.unit.domain.builders import a_ticket_value, answered, mark, wrote


def line_of(*messages, marks=(), **ticket):
    return timeline(a_ticket_value(**ticket), History(messages=messages, marks=marks))


def waiting(at, on=Waiting.CUSTOMER, until=None):
    data = {"on": str(on), "until": until.isoformat() if until else None}
    return replace(mark("waiting", at), data=data)


def test_rules_see_everything_the_ticket_says_of_itself():
    facts = line_of(
        wrote(NOW),
        topic=Topic.CHARGEBACK,
        marketplace="it",
        language="it",
        tags=frozenset({"trade"}),
        order_value=Decimal("89.90"),
    ).facts
    assert (facts.topic, facts.marketplace, facts.language) == (Topic.CHARGEBACK, "it", "it")
    assert (facts.tags, facts.order_value) == (frozenset({"trade"}), Decimal("89.90"))
    assert line_of(wrote(NOW), language=None).facts.language == ""


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 30), ("Europe/Rome", 1), ("America/New_York", 30)]
)
def test_a_ticket_begins_on_the_date_of_its_first_message_where_the_shop_is(zone, day):
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    history = History(messages=[wrote(late + days(3)), wrote(late)])
    month = 12 if day == 1 else 11
    assert timeline(a_ticket_value(), history, ZoneInfo(zone)).facts.on == date(2026, month, day)


def test_a_ticket_without_messages_began_when_it_was_opened():
    assert line_of(opened_at=NOW).facts.on == NOW.date()


def test_a_date_after_the_receipt_counts_from_the_receipt_and_both_are_kept():
    forged = wrote(NOW + days(2), seen_at=NOW)
    (event,) = line_of(forged).events
    assert isinstance(event, CustomerMessage)
    assert (event.at, event.seen_at) == (NOW + days(2), NOW)
    found = standing(a_ticket_value(), History(messages=[forged]))
    assert found.waiting_since == NOW


def stated(at, respond_by, *, verdict="claim"):
    return replace(wrote(at, verdict=verdict), respond_by=respond_by)


def test_the_platforms_own_instant_is_the_newest_it_named_in_this_wait():
    first = stated(NOW, NOW + days(3))
    longer = stated(NOW + days(1), NOW + days(7), verdict="notice")
    line = line_of(first, longer, kind=Kind.CLAIM)
    assert line.platform_due_at == NOW + days(7)
    assert [event.due_at for event in line.events] == [NOW + days(3)]


def test_an_instant_named_for_an_answered_wait_is_no_limit_of_the_next():
    messages = [stated(NOW, NOW + days(3)), answered(NOW + hours(1)), wrote(NOW + days(5))]
    assert line_of(*messages).platform_due_at is None
    assert platform_due_at(a_ticket_value(), History(messages=messages)) is None


def test_invariant_5_a_notice_does_not_lengthen_the_limit_of_an_ordinary_question():
    messages = [wrote(NOW), stated(NOW + hours(1), NOW + days(9), verdict="notice")]
    assert line_of(*messages).platform_due_at is None
    asked = [stated(NOW, NOW + days(2), verdict="customer"), messages[1]]
    assert line_of(*asked).platform_due_at == NOW + days(9)


def test_mail_that_pretends_to_be_the_platform_moves_no_deadline():
    messages = [stated(NOW, NOW + days(3)), stated(NOW, NOW + days(30), verdict="suspect")]
    assert line_of(*messages).platform_due_at == NOW + days(3)


def receipt(at, *, sent_at=None, verdict="acknowledgement"):
    data = {"verdict": verdict, "sent_at": (sent_at or at).isoformat()}
    return replace(mark("verdict", at, actor="platform"), data=data)


def test_a_receipt_is_an_automatic_answer_of_when_it_was_sent():
    marks = [receipt(NOW + minutes(9), sent_at=NOW + minutes(1))]
    answers = [e for e in line_of(wrote(NOW), marks=marks).events if isinstance(e, AutomaticAnswer)]
    assert [each.at for each in answers] == [NOW + minutes(1)]


@pytest.mark.parametrize("verdict", ["auto_reply", "own_loop", "delivery_notice", "bounce"])
def test_nothing_else_that_comes_by_itself_is_an_answer(verdict):
    line = line_of(wrote(NOW), marks=[receipt(NOW + minutes(1), verdict=verdict)])
    assert not any(isinstance(event, AutomaticAnswer) for event in line.events)


def test_invariant_6_a_receipt_leaves_the_customer_waiting():
    found = standing(
        a_ticket_value(),
        History(messages=[wrote(NOW)], marks=[receipt(NOW + minutes(1))]),
    )
    assert (found.state, found.waiting_since) == (TicketState.OPEN, NOW)


def test_a_wait_lasts_until_it_is_ended():
    marks = [waiting(NOW)]
    assert line_of(wrote(NOW), marks=marks).holds == (Hold(on=Waiting.CUSTOMER, since=NOW),)
    marks.append(mark("went_on", NOW + hours(2)))
    assert line_of(wrote(NOW), marks=marks).holds == (
        Hold(on=Waiting.CUSTOMER, since=NOW, until=NOW + hours(2)),
    )


def test_a_wait_ended_before_its_time_ends_then_and_one_that_ran_out_ends_in_time():
    early = [waiting(NOW, until=NOW + hours(5)), mark("went_on", NOW + hours(2))]
    late = [waiting(NOW, until=NOW + hours(5)), mark("went_on", NOW + hours(9))]
    assert [hold.until for hold in line_of(marks=early).holds] == [NOW + hours(2)]
    assert [hold.until for hold in line_of(marks=late).holds] == [NOW + hours(5)]


def test_a_new_wait_takes_the_place_of_the_one_before():
    marks = [waiting(NOW), waiting(NOW + hours(1), Waiting.THIRD_PARTY)]
    assert line_of(marks=marks).holds == (
        Hold(on=Waiting.CUSTOMER, since=NOW, until=NOW + hours(1)),
        Hold(on=Waiting.THIRD_PARTY, since=NOW + hours(1)),
    )


def test_a_resolution_ends_a_wait_unless_it_is_taken_back():
    marks = [waiting(NOW, Waiting.THIRD_PARTY), mark("resolved", NOW + hours(1))]
    assert [hold.until for hold in line_of(marks=marks).holds] == [NOW + hours(1)]
    marks.append(mark("reopened", NOW + hours(2)))
    assert [hold.until for hold in line_of(marks=marks).holds] == [None]


def test_a_customer_who_reopens_does_not_bring_back_the_wait():
    marks = [
        waiting(NOW, Waiting.THIRD_PARTY),
        mark("resolved", NOW + hours(1)),
        mark("reopened", NOW + hours(2), actor=CUSTOMER),
    ]
    assert [hold.until for hold in line_of(marks=marks).holds] == [NOW + hours(1)]


@pytest.mark.parametrize(
    ("on", "wrote_at", "goes_on"),
    [
        (Waiting.CUSTOMER, NOW - hours(1), True),
        (Waiting.CUSTOMER, NOW + hours(1), False),
        (Waiting.THIRD_PARTY, NOW + hours(1), True),
        (Waiting.CUSTOMER, None, True),
    ],
)
def test_the_customers_words_end_only_the_wait_for_them(on, wrote_at, goes_on):
    found = current_hold(Kind.MESSAGE, [waiting(NOW, on)], wrote_at)
    assert (found is not None) is goes_on


def test_nobody_is_waited_for_after_the_end_of_a_wait():
    assert current_hold(Kind.MESSAGE, [], None) is None
    ended = [waiting(NOW), mark("went_on", NOW + hours(1))]
    assert current_hold(Kind.MESSAGE, ended, None) is None


def changed(at, *, policy="vip", before="usual", due=None):
    data = {
        "what": "VIP",
        "policy_before": before,
        "policy": policy,
        "due_before": due.isoformat() if due else None,
    }
    return replace(mark("reclassified", at), data=data)


def test_the_newest_change_that_brought_another_policy_counts():
    marks = [
        changed(NOW, due=NOW + hours(3)),
        changed(NOW + hours(1), policy="strict", before="vip"),
        changed(NOW + hours(2), policy="strict", before="strict"),
    ]
    found = line_of(marks=marks).reclassified
    assert found is not None
    assert (found.at, found.missed) == (NOW + hours(1), frozenset())


def test_a_change_of_class_knows_which_clocks_were_late_by_then():
    late = changed(NOW, due=NOW - hours(1))
    told = replace(late, data={**late.data, "missed": ["resolution"]})

    found = [line_of(marks=[mark]).reclassified for mark in (told, late, changed(NOW))]

    assert [each.missed for each in found if each] == [{"resolution"}, set(Metric), set()]


def test_a_change_that_leaves_the_policy_changes_no_clock():
    assert line_of(marks=[changed(NOW, policy="usual")]).reclassified is None
