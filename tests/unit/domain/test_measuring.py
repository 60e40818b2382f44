"""Figures of single tickets, worked out by hand: the working stands in words beside each."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.clocks import StoredClock, StoredDeadline, StoredPing
from bot.domain.figures import End, MissCause
from bot.domain.history import History
from bot.domain.measuring import Purchase, TicketRows, measure
from bot.domain.ticket import EventType, MessageState
from sla_rules.calendar import ALWAYS
from sla_rules.vocabulary import ClockState, Metric, Scope
from tests.builders import ANNA, BRUNO, NOW, a_shop_calendar, days, hours, minutes
from tests.unit.domain.builders import a_ticket_value, answered, mark, wrote

LATER = NOW + days(60)


def clock(began, due, ended=None, *, scope=Scope.MARKETPLACE, instance=0, pings=(), **changes):
    """The row of a clock, in the state that follows from its instants."""
    state = ClockState.RUNNING
    if ended is not None:
        state = ClockState.LATE if ended > due else ClockState.MET
    row = StoredDeadline(
        id=1000 + 10 * instance + (scope is Scope.INTERNAL),
        ticket_id=1,
        metric=Metric.NEXT_RESPONSE if instance else Metric.FIRST_RESPONSE,
        scope=scope,
        instance=instance,
        started_at=began,
        due_at=due,
        target_seconds=int((due - began).total_seconds()),
        state=state,
        stopped_at=ended,
        breached_at=None,
        policy="p",
        policy_version="1",
        calendar="rome",
        calendar_version="1",
        clamped=None,
    )
    return StoredClock(deadline=replace(row, **changes), pings=pings)


def by(who, message):
    return {message.id: who}


def sent(at, *, queued=None, state=MessageState.SENT):
    """An answer that was handed over at `at`; Send was pressed at `queued`."""
    return replace(answered(at, state=state), seen_at=queued or at)


def figures(*messages, events=(), calendar=ALWAYS, now=LATER, **rows):
    ticket = rows.pop("ticket", a_ticket_value())
    history = History(messages=messages, marks=[each for each in events if each.type in _MARKS])
    made = TicketRows(ticket=ticket, now=now, history=history, events=events, **rows)
    return measure(made, calendar)


_MARKS = {EventType.RESOLVED, EventType.REOPENED, EventType.NO_ANSWER_NEEDED, EventType.MERGED}


def told(type_, at, **data):
    return replace(mark(type_, at, actor="desk"), data=data)


def test_a_whole_conversation():
    # Friday 13 March, 17:00 in Rome: a question. Anna claims it at 17:20 and answers at 17:50.
    # Saturday noon: the next question. Bruno is given the ticket on Monday at 9:10 and answers at
    # 9:30. He resolves it at 9:40. On Tuesday at 10:00 the customer says thanks, which reopens it,
    # and Bruno waves that at 10:05.
    friday = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
    saturday, monday = friday + hours(19), datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
    tuesday = monday + hours(25)
    first, second = sent(friday + minutes(50)), sent(monday + minutes(30))
    events = [
        mark(EventType.CLAIMED, friday + minutes(20)),
        told(EventType.ASSIGNED, monday + minutes(10), to_agent=BRUNO, from_agent=ANNA),
        mark(EventType.RESOLVED, monday + minutes(40), actor=BRUNO),
        mark(EventType.REOPENED, tuesday, actor="customer"),
        mark(EventType.NO_ANSWER_NEEDED, tuesday + minutes(5), actor=BRUNO),
    ]
    ticket, (one, two, three) = figures(
        wrote(friday),
        first,
        wrote(saturday),
        second,
        wrote(tuesday),
        events=events,
        calendar=a_shop_calendar(),
        agents=by(ANNA, first) | by(BRUNO, second),
        ticket=a_ticket_value(assignee=BRUNO),
    )
    # Shop hours are 9 to 18 from Monday to Friday. 17:00 to 17:50 on Friday: fifty minutes.
    assert (one.end, one.answered_by, one.worked_seconds) == (End.ANSWERED, ANNA, 50 * 60)
    assert one.claimed_at == friday + minutes(20)
    # From Saturday noon to Monday 9:30 the shop was open for thirty minutes. Anna had it already.
    assert (two.end, two.answered_by, two.worked_seconds) == (End.ANSWERED, BRUNO, 30 * 60)
    assert (two.instance, two.claimed_at) == (1, saturday)
    assert (three.end, three.answered_by, three.worked_seconds) == (End.WAVED, "", 5 * 60)
    assert ticket.opened_at == friday
    assert (ticket.first_claimed_at, ticket.first_answer_at) == (one.claimed_at, one.ended_at)
    assert (ticket.first_answer_by, ticket.owner) == (ANNA, BRUNO)
    assert (ticket.customer_turns, ticket.answer_turns) == (3, 2)
    # Anna to Bruno is one hand-over; the resolution was taken back by the customer's thanks.
    assert (ticket.hand_overs, ticket.reopened, ticket.resolved_at) == (1, 1, None)
    assert ticket.state == "answered"
    # Anna's answer took from her claim to Send: 30 minutes. Bruno's from when he was given it: 20.
    assert ticket.handling_seconds == 50 * 60


def test_across_the_change_to_summer_time():
    # Friday 27 March, 17:00 in Rome (UTC+1). Answered on Monday at 10:30 in Rome (UTC+2), 8:30 UTC.
    # Between them lie 64 hours 30 of plain time: the clocks went forward on Sunday.
    # The shop was open for 17:00 to 18:00 and 9:00 to 10:30: two hours and a half.
    asked = datetime(2026, 3, 27, 16, 0, tzinfo=UTC)
    reply = sent(datetime(2026, 3, 30, 8, 30, tzinfo=UTC))
    _, (shop,) = figures(wrote(asked), reply, calendar=a_shop_calendar())
    _, (plain,) = figures(wrote(asked), reply)
    assert shop.worked_seconds == 150 * 60
    assert plain.worked_seconds == (64 * 60 + 30) * 60


def missed(*, events=(), messages=(), seen=NOW, lasts=False, **rows):
    """The cause of a limit of 24 hours that was missed by an answer after 30, or lasts."""
    due, stopped = NOW + hours(24), None if lasts else NOW + hours(30)
    question = wrote(NOW, seen_at=seen)
    reply = [] if stopped is None else [sent(stopped)]
    clocks = [clock(NOW, due, stopped)]
    _, waits = figures(question, *messages, *reply, events=events, clocks=clocks, **rows)
    assert waits[-1].limit_due_at == due
    return waits[-1].limit_cause


CLAIMED = mark(EventType.CLAIMED, NOW + hours(1))


def test_whoever_had_it_and_answered_late():
    assert missed(events=[CLAIMED]) is MissCause.LATE_ANSWER


def test_a_claim_with_less_than_a_quarter_left_is_late():
    # A quarter of 24 hours is six: it begins 18 hours after the question.
    just, late = NOW + hours(18), NOW + hours(18) + minutes(1)
    assert missed(events=[mark(EventType.CLAIMED, just)]) is MissCause.LATE_ANSWER
    assert missed(events=[mark(EventType.CLAIMED, late)]) is MissCause.LATE_CLAIM
    assert missed() is MissCause.LATE_CLAIM


def test_what_was_learned_of_with_less_than_a_quarter_left_came_late():
    assert missed(events=[CLAIMED], seen=NOW + hours(17)) is MissCause.LATE_ANSWER
    assert missed(events=[CLAIMED], seen=NOW + hours(19)) is MissCause.LATE_INGESTION


@pytest.mark.parametrize("state", [MessageState.BOUNCED, MessageState.FAILED, MessageState.UNSURE])
def test_an_answer_in_time_that_did_not_arrive_is_the_platforms_miss(state):
    early = sent(NOW + hours(2), state=state)
    assert missed(events=[CLAIMED], messages=[early]) is MissCause.PLATFORM
    late = sent(NOW + hours(25), state=state)
    assert missed(events=[CLAIMED], messages=[late]) is MissCause.LATE_ANSWER


def test_an_answer_that_the_platform_took_long_over_is_its_miss():
    slow = sent(NOW + hours(25), queued=NOW + hours(23))
    clocks = [clock(NOW, NOW + hours(24), NOW + hours(25))]
    _, (wait,) = figures(wrote(NOW), slow, events=[CLAIMED], clocks=clocks)
    assert wait.limit_cause is MissCause.PLATFORM


def moved(at, before, after):
    move = {"metric": "first_response", "scope": "marketplace", "policy": "p"}
    times = {"before": before.isoformat(), "after": after.isoformat()}
    return told(EventType.RECLASSIFIED, at, moves=[move | times])


def test_a_deadline_that_was_moved_to_before_the_answer():
    # It was due after 48 hours; after two the ticket turned out to be a claim, due after 24.
    stricter = moved(NOW + hours(2), NOW + hours(48), NOW + hours(24))
    assert missed(events=[CLAIMED, stricter]) is MissCause.POLICY_CHANGE
    # The answer after 30 hours would have been late by a limit of 28 hours as well.
    hardly = moved(NOW + hours(2), NOW + hours(28), NOW + hours(24))
    assert missed(events=[CLAIMED, hardly]) is MissCause.LATE_ANSWER


def test_a_clock_that_still_runs_is_missed_from_its_second_on():
    assert missed(lasts=True, now=NOW + hours(24)) is None
    assert missed(lasts=True, now=NOW + hours(24) + minutes(1)) is MissCause.LATE_CLAIM


def test_a_target_in_shop_hours_counts_its_quarter_in_shop_hours():
    # Friday 17:00, four shop hours: due Monday 12:00. Claimed on Monday at 10:30, when 1 h 30 of
    # four hours were left: in time, although 65.5 of 67 plain hours had gone by.
    friday = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
    due, end = friday + hours(67), friday + hours(68)
    clocks = [clock(friday, due, end, scope=Scope.INTERNAL)]
    claimed = mark(EventType.CLAIMED, due - minutes(90))
    given = {"clocks": clocks, "events": [claimed]}
    _, (wait,) = figures(wrote(friday), sent(end), calendar=a_shop_calendar(), **given)
    assert (wait.target_due_at, wait.target_cause) == (due, MissCause.LATE_ANSWER)


@pytest.mark.parametrize("state", [ClockState.PAUSED, ClockState.CANCELLED])
def test_a_clock_that_does_not_run_has_no_due(state):
    clocks = [clock(NOW, NOW + hours(24), state=state)]
    _, (wait,) = figures(wrote(NOW), clocks=clocks)
    assert (wait.limit_due_at, wait.limit_cause, wait.end) == (None, None, None)


def test_a_clock_that_an_automatic_answer_met_is_nobodys():
    clocks = [clock(NOW, NOW + hours(24), NOW + minutes(1))]
    reply = sent(NOW + hours(30))
    _, (wait,) = figures(wrote(NOW), reply, clocks=clocks)
    assert (wait.ended_at, wait.limit_due_at) == (reply.sent_at, None)


def test_an_answer_in_the_platforms_console_is_nobodys_of_the_desk():
    there = replace(answered(NOW + hours(1)), verdict="answered_elsewhere")
    ticket, (wait,) = figures(wrote(NOW), there, agents={})
    assert (wait.end, wait.answered_by, wait.claimed_at) == (End.ELSEWHERE, "", None)
    assert (ticket.first_answer_at, ticket.first_answer_by) == (NOW + hours(1), "")
    assert ticket.handling_seconds is None


def test_what_bounced_leaves_the_customer_waiting():
    lost = sent(NOW + hours(1), state=MessageState.BOUNCED)
    ticket, (wait,) = figures(wrote(NOW), lost, agents=by(ANNA, lost))
    assert (wait.ended_at, ticket.answer_turns, ticket.first_answer_at) == (None, 0, None)


def test_a_merged_ticket_began_when_its_first_message_was_written_and_is_not_resolved_by_it():
    gone = wrote(NOW)
    merged = replace(mark(EventType.MERGED, NOW + hours(3)), data={"messages": [gone.id]})
    ticket, waits = figures(
        events=[merged], moved_away=[gone], ticket=a_ticket_value(merged_into=2, opened_at=LATER)
    )
    assert (ticket.opened_at, ticket.merged_at) == (NOW, NOW + hours(3))
    assert (ticket.resolved_at, list(waits)) == (None, [])


def test_what_came_from_another_ticket_was_not_received_here():
    older = replace(wrote(NOW - days(3)), moved_at=NOW + hours(2))
    ticket, (wait,) = figures(wrote(NOW), older)
    assert (ticket.opened_at, wait.began_at) == (NOW, NOW - days(3))


def test_a_claim_that_was_undone_never_was():
    claimed = mark(EventType.CLAIMED, NOW + minutes(1))
    undone = told(EventType.UNDONE, NOW + minutes(2), undoes=claimed.id)
    taken = mark(EventType.CLAIMED, NOW + hours(2), actor=BRUNO)
    ticket, (wait,) = figures(wrote(NOW), events=[claimed, undone, taken])
    assert (ticket.hand_overs, wait.claimed_at) == (0, NOW + hours(2))


@pytest.mark.parametrize(
    ("queued", "owned_at", "writing", "seconds"),
    [
        (hours(1), minutes(20), None, 40 * 60),
        (hours(5), minutes(20), None, None),  # longer than four hours: something else in between
        (hours(1), hours(1), None, None),  # the answer itself made it theirs
        (hours(1), hours(1), minutes(55), 5 * 60),  # but the window to write in was noted
        (hours(5), minutes(20), hours(4), 3600),
    ],
)
def test_handling_is_from_when_an_answer_can_have_been_begun(queued, owned_at, writing, seconds):
    reply = sent(NOW + queued + minutes(1), queued=NOW + queued)
    since = {"writing_since": (NOW + writing).isoformat()} if writing else {}
    events = [
        mark(EventType.CLAIMED, NOW + owned_at),
        told(EventType.REPLY_QUEUED, NOW + queued, message_id=reply.id, **since),
    ]
    ticket, _ = figures(wrote(NOW), reply, events=events, agents=by(ANNA, reply))
    assert ticket.handling_seconds == seconds


def ping(step, fired, **changes):
    row = StoredPing(
        id=1,
        deadline_id=1,
        ticket_id=1,
        step=step,
        audience="assignee",
        severity=20,
        fire_at=fired,
        fired_at=fired,
        outcome="sent",
    )
    return replace(row, **changes)


@pytest.mark.parametrize(
    ("step", "fired", "needless"),
    [
        ("warn50", hours(12), False),
        ("warn75", hours(20), True),  # an answer was on its way
        ("breach", hours(20), False),  # a miss is told all the same
        ("warn75", hours(21), True),  # the customer had it by then
        ("breach2", hours(14), True),  # Anna had said that she is on it
        ("breach3", hours(18), False),  # more than four hours after that
    ],
)
def test_a_ping_is_needless_where_nobody_had_to_be_told(step, fired, needless):
    # Missed at 13 h, acknowledged at 13:30; Send pressed at 19:30, the customer has it at 20:30.
    reply = sent(NOW + hours(20.5), queued=NOW + hours(19.5))
    pings = [ping(step, NOW + fired), ping("warn25", NOW, outcome="merged")]
    due, missed_at = NOW + hours(24), NOW + hours(13)
    clocks = [clock(NOW, due, reply.sent_at, pings=pings, breached_at=missed_at)]
    on_it = mark(EventType.ACKNOWLEDGED, missed_at + minutes(30))
    ticket, _ = figures(wrote(NOW), reply, clocks=clocks, events=[on_it])
    assert (ticket.pings, ticket.needless_pings) == (1, int(needless))


def test_moods_are_of_the_first_and_the_last_that_the_customer_wrote():
    first, between, last = wrote(NOW), wrote(NOW + hours(1)), wrote(NOW + hours(2))
    texts = {first.id: "This is a scam, you thieves!!!", last.id: "Perfect, thank you so much!"}
    ticket, _ = figures(first, between, last, texts=texts)
    assert (ticket.mood_first, ticket.mood_last) == (-2, 1)
    sealed, _ = figures(first, texts={first.id: ""})
    assert (sealed.mood_first, sealed.mood_last) == (None, None)


@pytest.mark.parametrize(
    ("subject", "text", "stars"),
    [
        ("★★☆☆☆ Late", "It came late.", 2),
        ("★★☆☆☆ Late", "★★★★☆ (changed)\nIt came.", 4),
        ("Where is my ★★★ parcel", "Hello", None),
        ("no stars", "★", None),
    ],
)
def test_stars_are_those_of_the_newest_version_of_a_review(subject, text, stars):
    review = wrote(NOW)
    ticket, _ = figures(review, texts={review.id: text}, ticket=a_ticket_value(subject=subject))
    assert ticket.stars == stars


def test_an_order_after_the_first_answer_is_bought_again():
    def order(name, at, cents=2500, currency="EUR"):
        return Purchase(order_id=name, at=at, cents=cents, currency=currency)

    orders = [
        order("before", NOW - days(1)),
        order("asked-about", NOW + days(1)),
        order("later", NOW + days(9)),
        order("next", NOW + days(2)),
    ]
    asked = a_ticket_value(order_id="asked-about", currency="EUR")
    given = {"ticket": asked, "purchases": orders}
    ticket, _ = figures(wrote(NOW), answered(NOW + hours(1)), **given)
    assert (ticket.bought_again_at, ticket.bought_again_cents) == (NOW + days(2), 2500)
    unanswered, _ = figures(wrote(NOW), **given)
    assert unanswered.bought_again_at is None
    abroad = replace(asked, currency="GBP")
    ticket, _ = figures(wrote(NOW), answered(NOW + hours(1)), ticket=abroad, purchases=orders)
    assert (ticket.currency, ticket.bought_again_cents) == ("GBP", None)
