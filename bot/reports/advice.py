"""The stretch of the week that hurts most, and what one more person there would have changed.

The stretch is found in the heat of a report. What a person more would have changed is not guessed:
tickets with a deadline that was missed in the period are replayed as `threadline whatif --roster`
does it, with all that this model leaves out, see `sla_rules.restaffing`. In it nobody answers later
because somebody more is there, so no other ticket can be missed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from babel.dates import get_day_names
from sqlalchemy import Connection

from bot.db.missed_rows import missed_between, with_histories
from bot.db.past_queries import inbox_names
from bot.domain.desk import Desk
from bot.domain.replaying import past_of, rules_of
from bot.domain.whatif_summary import outside_words
from bot.language import spoken_now, tr, tr_many
from bot.language.forms import number
from bot.reports.metrics import SMALL_SAMPLE, Unit
from bot.reports.names import unit_words
from bot.reports.people_on_shift import shifts_of
from bot.reports.question import Question
from bot.reports.report import HeatCell, Report
from sla_rules.calendar import BusinessCalendar
from sla_rules.errors import CalendarError, PolicyError
from sla_rules.restaffing import Rosters
from sla_rules.staffing import Shift, Staffing
from sla_rules.vocabulary import RESPONSES, Scope
from sla_rules.whatif import Replay, WhatIf

MOST_TICKETS: Final = 2000
"""Tickets replayed for one advice, the newest of the period: one to two seconds of work."""

LONGEST: Final = 4
"""Hours of a stretch: half a shift. A longer one says that people lack, not when."""

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstStretch:
    """Hours of one weekday, from `begins` on and before `ends` (24: midnight).

    `decided` waits of customers who asked then had clocks that were decided, `late` were missed.
    `staffed` is the mean number of people on shift; None: nobody has shifts.
    """

    weekday: int
    begins: int
    ends: int
    arrivals_an_hour: float
    staffed: float | None
    decided: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Missed clocks of the tickets replayed, as the roster is and with one more person there.

    All their response clocks are counted, by the rules of today. `is_capped`: there were more
    tickets, and only the newest were replayed. `answers` were given by people, `outside` of them
    outside every shift, where no roster changes them.
    """

    tickets: int
    is_capped: bool
    limits_before: int
    limits_after: int
    targets_before: int
    targets_after: int
    answers: int
    outside: int

    @property
    def saved(self) -> int:
        """Clocks missed less; below 0 where there would be more of them."""
        before = self.limits_before + self.targets_before
        return before - self.limits_after - self.targets_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Where to look, and what was tried there; None where the desk knows no shifts."""

    stretch: WorstStretch
    tried: Tried | None


def advise(
    conn: Connection, desk: Desk, report: Report, now: datetime, *, most: int = MOST_TICKETS
) -> Advice | None:
    """What hurts most in a report, and what a person more would have changed there.

    At most so many tickets are replayed. None: nothing was late, or too little happened in any
    stretch to say so.
    """
    stretch = worst_stretch(report.heat)
    if stretch is None:
        return None
    try:
        tried = _Trial(conn, desk, report.question, most).of(stretch, now)
    except (PolicyError, CalendarError):
        tried = None  # tickets of years or rules that cannot be replayed any more
    return Advice(stretch=stretch, tried=tried)


def worst_stretch(heat: Sequence[HeatCell]) -> WorstStretch | None:
    """The adjacent hours of one weekday with most late answers for the people there.

    That is: most answers late beyond what is usual in the period, for each person on shift and one.
    None: none has as many cases as a figure needs, or none is later than the others.
    """
    decided = sum(cell.decided for cell in heat)
    usual = sum(cell.late for cell in heat) / decided if decided else 0.0
    best, found = 0.0, None
    for stretch in _stretches(heat):
        excess = stretch.late - usual * stretch.decided
        weight = excess / (1 + (stretch.staffed or 0.0))
        if stretch.decided >= SMALL_SAMPLE and weight > best:
            best, found = weight, stretch
    return found


def _stretches(heat: Sequence[HeatCell]) -> Iterator[WorstStretch]:
    for first in range(len(heat)):
        for last in range(first, min(first + LONGEST, len(heat))):
            if (heat[last].weekday, heat[last].hour) != (
                heat[first].weekday,
                heat[first].hour + last - first,
            ):
                break
            yield _stretch(heat[first : last + 1])


def _stretch(hours: Sequence[HeatCell]) -> WorstStretch:
    staffed = [cell.staffed for cell in hours if cell.staffed is not None]
    return WorstStretch(
        weekday=hours[0].weekday,
        begins=hours[0].hour,
        ends=hours[-1].hour + 1,
        arrivals_an_hour=sum(cell.arrivals_an_hour for cell in hours) / len(hours),
        staffed=sum(staffed) / len(staffed) if staffed else None,
        decided=sum(cell.decided for cell in hours),
        late=sum(cell.late for cell in hours),
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """Replays the tickets with misses that a question is about."""

    conn: Connection
    desk: Desk
    question: Question
    most: int

    def of(self, stretch: WorstStretch, now: datetime) -> Tried | None:
        """What one more person in a stretch would have changed; None where there are no shifts."""
        shifts = shifts_of(self.desk.roster)
        if not shifts:
            return None
        more = _one_more(stretch, self.question)
        rosters = Rosters(before=Staffing(shifts), after=Staffing([*shifts, more]))
        rules = rules_of(self.desk, inbox_names(self.conn))
        replay = Replay(rules, rules, now, rosters)
        period = self.question.period
        ids = missed_between(
            self.conn,
            period.since,
            period.until,
            inboxes=self.question.inboxes,
            limit=self.most + 1,
        )
        for ticket, history in with_histories(self.conn, ids[: self.most]):
            replay.add(past_of(self.desk, ticket, history))
        return _counted(replay.result(), is_capped=len(ids) > self.most)


def _one_more(stretch: WorstStretch, question: Question) -> Shift:
    hours = (f"{stretch.begins:02}:00", f"{stretch.ends:02}:00")
    return Shift(
        name="one more",
        calendar=BusinessCalendar(question.period.zone, {_DAYS[stretch.weekday]: [hours]}),
        people=1,
        inboxes=question.inboxes or frozenset(),
    )


def _counted(found: WhatIf, *, is_capped: bool) -> Tried:
    missed: dict[Scope, tuple[int, int]] = {}
    for group, tally in found.tallies.items():
        if group.metric in RESPONSES:
            before, after = missed.get(group.scope, (0, 0))
            missed[group.scope] = (before + tally.breaches_before, after + tally.breaches_after)
    limits = missed.get(Scope.MARKETPLACE, (0, 0))
    targets = missed.get(Scope.INTERNAL, (0, 0))
    return Tried(
        tickets=found.tickets,
        is_capped=is_capped,
        limits_before=limits[0],
        limits_after=limits[1],
        targets_before=targets[0],
        targets_after=targets[1],
        answers=found.answers,
        outside=found.outside,
    )


def advice_words(advice: Advice) -> str:
    """The stretch, what was tried there, and how far that is a guess: a line each."""
    lines = [stretch_words(advice.stretch)]
    if advice.tried is None:
        lines.append(tr("Write in [shifts] who works when, and other shifts are tried out here."))
    else:
        lines += _tried_words(advice.tried)
    return "\n".join(lines)


def stretch_words(stretch: WorstStretch) -> str:
    """What hurts: `Tuesday 18-20: 9 an hour, 1 person on shift, 31 % late.`."""
    names = get_day_names(locale=str(spoken_now()))
    name = names[stretch.weekday]
    # For translators: hours of a weekday, as in “Tuesday 18 to 20”.
    when = tr(
        "{weekday} {begins}\u2013{ends}",
        weekday=name[:1].upper() + name[1:],
        begins=stretch.begins,
        ends=stretch.ends,
    )
    arrivals = unit_words(Unit.PER_HOUR, stretch.arrivals_an_hour)
    late = unit_words(Unit.SHARE, stretch.late / stretch.decided)
    if stretch.staffed is None:
        return tr("{when}: {arrivals}, {late} late.", when=when, arrivals=arrivals, late=late)
    return tr(
        "{when}: {arrivals}, {people}, {late} late.",
        when=when,
        arrivals=arrivals,
        people=_people(stretch.staffed),
        late=late,
    )


def _people(staffed: float) -> str:
    shown = Decimal(f"{staffed:.1f}")
    if not shown:
        return tr("nobody on shift")
    if shown == shown.to_integral_value():
        count = int(shown)
        return tr_many("{count} person on shift", "{count} people on shift", count)
    return tr("{figure} people on shift", figure=number(shown))


def _tried_words(tried: Tried) -> Iterator[str]:
    if tried.saved <= 0:
        yield tr("Tried with one more person there: no fewer deadlines would have been missed.")
    else:
        yield tr(
            "Tried with one more person there: {limits} marketplace limits missed instead of "
            "{limits_before}, {targets} internal targets instead of {targets_before}.",
            limits=number(tried.limits_after),
            limits_before=number(tried.limits_before),
            targets=number(tried.targets_after),
            targets_before=number(tried.targets_before),
        )
    yield _extent(tried)
    if tried.outside:
        yield outside_words(tried.answers, tried.outside)


def _extent(tried: Tried) -> str:
    figure = number(tried.tickets)
    if tried.is_capped:
        return tr("Replayed: the newest {figure} tickets with a missed deadline.", figure=figure)
    return tr_many(
        "Replayed: the {figure} ticket with a missed deadline.",
        "Replayed: all {figure} tickets with a missed deadline.",
        tried.tickets,
        figure=figure,
    )
