"""The desk's work: answers, how many of them it took, and who was there to give them."""

from datetime import UTC, datetime
from typing import Final

import numpy as np

from bot.reports.counting.columns import Marks
from bot.reports.counting.parts import Parts
from bot.reports.counting.tally import Tallies, Tally, count, mean, ratio, share, spread, sums
from bot.reports.counting.window import Window
from sla_rules.errors import CalendarError
from sla_rules.staffing import Capacity

_HOUR: Final = 3600


def work(window: Window, parts: Parts) -> Tallies:
    """What it took.

    - `answers`: waits that an answer ended in the period, through the desk or in the platform's
      console.
    - `one_touch`: of the tickets resolved in the period, those with exactly one message of
      the seller, however often the customer wrote. `first_contact_resolution`: those where besides the customer wrote
      one message only, so nothing came back. It is never more than `one_touch`.
    - `reopen_rate`: of the tickets resolved in the period, those that had been reopened before.
    - `handling`: the time people are known to have spent on tickets resolved in the period, of
      those where anything is known.
    - `tickets_per_agent`: tickets handled for each person who answered through the desk.
    - `hand_overs`: of the tickets handled, those that went from one person to another.
    - `pings`: pings for each ticket received in the period; `needless_pings`: of those pings, the
      share that nobody needed.
    """
    tickets, size = window.columns.tickets, parts.size
    resolved, handled, received = window.resolved_now, window.handled, window.received
    of_resolved = parts.tickets[resolved]
    once = tickets.answer_turns[resolved] == 1
    nothing_back = tickets.customer_turns[resolved] == 1
    timed = resolved & (tickets.handling >= 0)
    of_received, pings = parts.tickets[received], tickets.pings[received]
    needless = sums(of_received, tickets.needless_pings[received], size)
    of_handled = parts.tickets[handled]
    return {
        "answers": count(parts.waits[window.answered_now], size),
        "one_touch": share(of_resolved, once, size),
        "first_contact_resolution": share(of_resolved, once & nothing_back, size),
        "reopen_rate": share(of_resolved, tickets.reopened[resolved] > 0, size),
        **spread("handling", parts.tickets[timed], tickets.handling[timed], size),
        "tickets_per_agent": _per_agent(window, parts, handled),
        "hand_overs": share(of_handled, tickets.hand_overs[handled] > 0, size),
        "pings": mean(of_received, pings, size),
        "needless_pings": ratio(needless, sums(of_received, pings, size).astype(np.int64)),
    }


def _per_agent(window: Window, parts: Parts, handled: Marks) -> Tally:
    people = window.columns.waits.answered_by
    by_people = window.ended_now & window.through_desk & (people.codes != people.code(""))
    of_both = parts.waits[by_people] * len(people.names) + people.codes[by_people]
    agents = np.unique(of_both) // max(1, len(people.names))
    tickets = count(parts.tickets[handled], parts.size)
    found = ratio(tickets.samples, np.bincount(agents, minlength=parts.size).astype(np.int64))
    return Tally(values=found.values, samples=np.where(np.isnan(found.values), 0, tickets.samples))


def answers_per_hour(window: Window, capacity: Capacity | None) -> Tally:
    """Answers given through the desk for each hour that somebody was on shift.

    Two people on shift for an hour are two hours; so is one person in two shifts at once. Who was
    away then is not known any more. Nothing without shifts.
    """
    answers = int((window.ended_now & window.through_desk).sum())
    hours = _hours_on_shift(window, capacity)
    return Tally(
        values=np.array([answers / hours if hours else np.nan]),
        samples=np.array([answers if hours else 0]),
    )


def _hours_on_shift(window: Window, capacity: Capacity | None) -> float:
    if capacity is None or window.until <= window.since:
        return 0.0
    since, until = (datetime.fromtimestamp(at, UTC) for at in (window.since, window.until))
    try:
        return capacity.work(since, until).total_seconds() / _HOUR
    except CalendarError:
        return 0.0  # years of which no shift is known
