"""Who was there at which instant of a play, as the script had it. Nothing of it is the desk's."""

from datetime import datetime
from typing import Final

from sandbox.day.plan import Plan
from sandbox.day.play import Played, hours_of
from sandbox.day.staff import Habits
from sandbox.day.told import Presence
from sla_rules.calendar import BusinessCalendar

WORKDAYS: Final = ("mon", "tue", "wed", "thu", "fri")
SHOP_HOURS: Final = (("09:00", "13:00"), ("14:00", "18:00"))


def presence_of(played: Played) -> Presence:
    """Shifts, lunches and groups of a play, and the shop's opening hours."""
    shop = BusinessCalendar("Europe/Rome", dict.fromkeys(WORKDAYS, SHOP_HOURS))
    return Presence(
        shifts={played.people[one.handle]: _hours(one, played.plan) for one in played.plan.staff},
        away=played.rota.away,
        groups=played.groups,
        calendars={"shop": shop},
    )


def _hours(habits: Habits, plan: Plan) -> tuple[datetime, datetime]:
    """Somebody's shift; who is there all the time stays for what is still under way."""
    begins, ends = hours_of(habits, plan)
    return begins, ends + plan.after if plan.one_shift else ends
