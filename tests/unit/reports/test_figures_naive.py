"""Figures of random histories against a second, slow implementation; and what always holds."""

from dataclasses import asdict, replace
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.figures import End, MissCause, TicketFigure, WaitFigure
from bot.reports.question import Dimension
from bot.reports.report import Figure
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Scope, Stage
from tests.builders import ANNA, BRUNO
from tests.unit.reports.naive import History, Rated, figures, known_at, reconciled
from tests.unit.reports.written_past import SINCE, TELLING, UNTIL, ZONE, report_of

STEP = timedelta(hours=6)
"""Instants are few, so that many fall together, and on the ends of the period."""

LENGTH = UNTIL - SINCE
MONTHS = UNTIL + 40 * LENGTH
ROME = ZoneInfo(ZONE)


def a_history(size: int, seed: int) -> History:
    random = Random(seed)
    tickets, waits, ratings = [], [], []
    for id_ in range(1, size + 1):
        ticket, own = _a_conversation(random, id_ * 10**15)
        tickets.append(ticket)
        waits += own
        if random.random() < 0.4:
            kind, scores = random.choice([("csat", range(1, 6)), ("nps", range(11))])
            at = ticket.opened_at + random.randint(0, 9) * STEP
            rated = Rated(ticket_id=ticket.ticket_id, kind=kind, score=random.choice(scores), at=at)
            ratings.append(rated)
    return History(tickets=tickets, waits=waits, ratings=ratings)


def _a_conversation(random: Random, id_: int) -> tuple[TicketFigure, list[WaitFigure]]:
    def later(at, most=8):
        return at + random.randint(0, most) * STEP

    def maybe(value, share=0.6):
        return value if random.random() < share else None

    opened = SINCE - LENGTH - 3 * LENGTH + random.randint(0, 24 * 4) * STEP
    waits: list[WaitFigure] = []
    began = opened
    inbox = random.randint(1, 2)
    for instance in range(random.randint(0, 3)):
        waits.append(_a_wait(random, id_, instance, inbox, began))
        if waits[-1].ended_at is None:
            break
        began = later(waits[-1].ended_at, 5)
    ends = [each.ended_at for each in waits if each.ended_at]
    answers = [each.ended_at for each in waits if each.end in {End.ANSWERED, End.ELSEWHERE}]
    resolved = maybe(later(ends[-1] if ends else opened)) if len(ends) == len(waits) else None
    bought = maybe(later(answers[0]), 0.5) if answers else None
    pings = random.randint(0, 3)
    ticket = TicketFigure(
        ticket_id=id_,
        inbox_id=inbox,
        number=id_ // 10**15,
        customer_id=maybe(random.randint(1, 3), 0.8),
        marketplace=random.choice(["it", "de", ""]),
        language=random.choice(["it", "de", ""]),
        kind=random.choice(list(Kind)),
        stage=random.choice(list(Stage)),
        risk=random.choice(list(Risk)),
        intent=random.choice(list(Topic)),
        vip=random.random() < 0.3,
        owner=random.choice([ANNA, BRUNO, ""]),
        opened_at=opened,
        seen_at=opened,
        state="open",
        merged_at=maybe(later(opened), 0.15) if resolved is None else None,
        first_answer_at=answers[0] if answers else None,
        resolved_at=resolved,
        resolution_worked=maybe(random.randint(0, 9000)) if resolved else None,
        customer_turns=random.randint(1, 6),
        answer_turns=len(answers),
        hand_overs=random.randint(0, 3),
        reopened=random.randint(0, 1),
        handling_seconds=maybe(random.randint(0, 900)),
        pings=pings,
        needless_pings=random.randint(0, pings),
        mood_first=maybe(random.randint(-2, 2)),
        mood_last=maybe(random.randint(-2, 2)),
        stars=maybe(random.randint(1, 5), 0.3),
        currency="EUR" if bought else None,
        bought_again_at=bought,
        bought_again_cents=maybe(random.randint(0, 9000)) if bought else None,
    )
    return ticket, waits


def _a_wait(random: Random, id_: int, instance: int, inbox: int, began: Any) -> WaitFigure:
    def later(at, share=1.0):
        return at + random.randint(0, 8) * STEP if random.random() < share else None

    ended = later(began, 0.8)
    end = random.choice(list(End)) if ended else None
    claimed = later(began, 0.6)
    if claimed and ended:
        claimed = min(claimed, ended)
    limit, target = later(began, 0.8), later(began, 0.8)

    def cause(due):
        return random.choice(list(MissCause)) if due and (ended or MONTHS) > due else None

    return WaitFigure(
        ticket_id=id_,
        instance=instance,
        inbox_id=inbox,
        began_at=began,
        seen_at=later(began),
        claimed_at=claimed,
        ended_at=ended,
        end=end,
        answered_by=random.choice([ANNA, BRUNO]) if end is End.ANSWERED else "",
        worked_seconds=random.randint(0, 9000) if ended and random.random() < 0.8 else None,
        limit_due_at=limit,
        limit_cause=cause(limit),
        target_due_at=target,
        target_cause=cause(target),
    )


HISTORIES = st.builds(a_history, st.integers(0, 12), st.integers(0, 2**32))


def of_part(by: Dimension, key: str, tickets: dict[int, TicketFigure]) -> dict[str, Any]:
    """Which tickets and waits belong to a part."""
    if by is Dimension.AGENT:

        def answered(wait):
            return (wait.answered_by or tickets[wait.ticket_id].owner) == key

        return {"has": lambda ticket: ticket.owner == key, "has_wait": answered}
    if by in {Dimension.WEEKDAY, Dimension.HOUR}:

        def place(at):
            local = at.astimezone(ROME)
            return str(local.weekday() if by is Dimension.WEEKDAY else local.hour)

        return {
            "has": lambda ticket: place(ticket.opened_at) == key,
            "has_wait": lambda wait: place(wait.began_at) == key,
        }
    if by is Dimension.INBOX:
        return {"has": lambda ticket: {1: "amazon-it", 2: "shop"}[ticket.inbox_id] == key}
    if by is Dimension.VIP:
        return {"has": lambda ticket: ("yes" if ticket.vip else "no") == key}
    return {"has": lambda ticket: str(getattr(ticket, by)) == key}


@given(
    HISTORIES, st.sampled_from(sorted(set(Dimension) - {Dimension.CHANNEL, Dimension.COMPLEXITY}))
)
@settings(max_examples=25)
def test_figures_are_those_of_simple_loops_over_the_rows(history, by):
    report = report_of(history, by=by)
    tickets = {each.ticket_id: each for each in history.tickets}
    for figures_of, part in [
        ({each.key: each for each in report.figures}, {}),
        *((cut.figures, of_part(by, cut.key, tickets)) for cut in report.cuts),
    ]:
        asked = {**part, "tells_of_orders": TELLING}
        for told, since, until in (("", SINCE, UNTIL), ("before", SINCE - LENGTH, SINCE)):
            wanted = figures(history, since, until, **asked)
            assert set(wanted) == set(figures_of) - {"answers_per_hour"}
            for key, (value, sample) in wanted.items():
                figure = figures_of[key]
                assert getattr(figure, told or "value") == pytest.approx(value), key
                assert getattr(figure, f"{told}_sample".lstrip("_")) == sample, key
    assert asdict(report.reconciled) == reconciled(history, SINCE, UNTIL)


@given(HISTORIES, st.sampled_from([Dimension.CHANNEL, Dimension.COMPLEXITY, Dimension.HOUR]))
@settings(max_examples=12)
def test_what_is_told_in_parts_adds_up(history, by):
    report = report_of(history, by=by)
    for key in ("received", "handled", "resolved", "answers", "backlog", "limit_missed"):
        assert sum(_value(cut.figures[key]) for cut in report.cuts) == _value(report.figure(key))
    for key in ("received", "answers", "limit_missed", "target_missed"):
        assert sum(getattr(day, key) for day in report.days) == _value(report.figure(key))
    for scope, name in ((Scope.MARKETPLACE, "limit"), (Scope.INTERNAL, "target")):
        figure = report.figure(f"{name}_missed")
        assert sum(report.causes[scope].values()) == figure.value
        assert sum(getattr(day, f"{name}_decided") for day in report.days) == figure.sample
    parts = asdict(report.reconciled)
    assert parts.pop("received") == sum(parts.values())
    missed = sum(_value(report.figure(f"{name}_missed")) for name in ("limit", "target"))
    assert len(report.misses) == min(10, missed)


def _value(figure: Figure) -> float:
    assert figure.value is not None
    return figure.value


@given(HISTORIES, st.sampled_from([None, Dimension.AGENT]))
@settings(max_examples=12)
def test_a_period_that_is_over_does_not_change_when_more_happens(history, by):
    then = report_of(known_at(history, UNTIL), by=by, now=UNTIL)
    later = report_of(history, by=by, now=MONTHS)
    assert replace(later, made_at=then.made_at) == then
