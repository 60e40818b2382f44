"""Whose shift it is decides who is called for a ticket: its owner at home is not, while colleagues work."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.called import who_is_called
from bot.domain.roster import Roster, WorkShift
from sla_rules.calendar import BusinessCalendar
from sla_rules.vocabulary import Audience
from tests.builders import ANNA, BRUNO, DORA, a_roster

GROUP = ("S0AMAZON",)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
AFTERNOON = NOON.replace(hour=15)
NIGHT = NOON.replace(hour=23)


def shift(
    name: str, begins: str, ends: str, *people: str, inboxes: tuple[str, ...] = ()
) -> WorkShift:
    return WorkShift(
        name=name,
        calendar=BusinessCalendar("UTC", {"tue": ((begins, ends),)}),
        people=frozenset(people),
        inboxes=frozenset(inboxes),
    )


def roster_of(*shifts: WorkShift, away: tuple[str, ...] = ()) -> Roster:
    return replace(a_roster(), shifts=shifts, away=dict.fromkeys(away))


EARLY = shift("early", "08:00", "14:00", ANNA)
LATE = shift("late", "13:00", "20:00", BRUNO)


def called(
    roster: Roster,
    at: datetime,
    *,
    wanted: Audience = Audience.ASSIGNEE,
    inbox: str | None = "amazon-it",
) -> tuple[str, ...]:
    found = who_is_called(
        roster, wanted, assignee=ANNA, group=GROUP, limit_at=None, now=at, inbox=inbox
    )
    return tuple(found.mentioned)


def test_an_owner_on_shift_is_called() -> None:
    assert called(roster_of(EARLY, LATE), NOON) == (ANNA,)


def test_an_owner_who_went_home_is_not_called_while_colleagues_work_their_group_is() -> None:
    assert called(roster_of(EARLY, LATE), AFTERNOON) == GROUP


def test_at_night_when_nobody_works_it_stays_with_the_owner() -> None:
    assert called(roster_of(EARLY, LATE), NIGHT) == (ANNA,)


def test_a_colleague_who_is_away_is_nobody_to_take_over() -> None:
    assert called(roster_of(EARLY, LATE, away=(BRUNO,)), AFTERNOON) == (ANNA,)


def test_colleagues_of_another_inbox_do_not_count() -> None:
    elsewhere = shift("late", "13:00", "20:00", BRUNO, inboxes=("shop",))

    assert called(roster_of(EARLY, elsewhere), AFTERNOON) == (ANNA,)
    assert called(roster_of(EARLY, elsewhere), AFTERNOON, inbox="shop") == GROUP


def test_whoever_works_by_no_shift_is_always_there() -> None:
    assert called(roster_of(LATE), AFTERNOON) == (ANNA,)
    assert called(roster_of(), AFTERNOON) == (ANNA,)


def test_managers_are_called_of_a_miss_whoever_owns_it() -> None:
    roster = replace(roster_of(EARLY, LATE), managers=(DORA,))

    assert called(roster, AFTERNOON, wanted=Audience.MANAGERS) == (DORA,)
