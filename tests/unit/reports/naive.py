"""Every figure a second time: loops over rows, one after the other, and `statistics`. No speed.

Written from the definitions, not from the code: where the two differ, one of them is wrong.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.figures import End, TicketFigure, WaitFigure

Value = tuple[float | None, int]
"""A figure and what it is made from."""

ANSWERS = {End.ANSWERED, End.ELSEWHERE}


@dataclass(frozen=True, kw_only=True)
class Rated:
    ticket_id: int
    kind: str
    score: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class History:
    tickets: Sequence[TicketFigure]
    waits: Sequence[WaitFigure]
    ratings: Sequence[Rated] = ()


def known_at(history: History, until: datetime) -> History:
    """What was known when nothing at or after `until` had happened yet."""

    def sooner(at):
        return at if at is not None and at < until else None

    tickets = [
        replace(
            each,
            merged_at=sooner(each.merged_at),
            first_answer_at=sooner(each.first_answer_at),
            resolved_at=sooner(each.resolved_at),
            resolution_worked=each.resolution_worked if sooner(each.resolved_at) else None,
            bought_again_at=sooner(each.bought_again_at),
            bought_again_cents=each.bought_again_cents if sooner(each.bought_again_at) else None,
        )
        for each in history.tickets
        if each.opened_at < until
    ]
    waits = []
    for each in history.waits:
        if each.began_at >= until:
            continue
        wait = replace(each, claimed_at=sooner(each.claimed_at))
        if sooner(each.ended_at) is None:
            wait = replace(wait, ended_at=None, end=None, answered_by="", worked_seconds=None)
        if sooner(each.limit_due_at) is None:
            wait = replace(wait, limit_cause=None)
        if sooner(each.target_due_at) is None:
            wait = replace(wait, target_cause=None)
        waits.append(wait)
    ratings = [each for each in history.ratings if each.at < until]
    return History(tickets=tickets, waits=waits, ratings=ratings)


def figures(
    history: History,
    since: datetime,
    until: datetime,
    *,
    has: Callable[[TicketFigure], bool] = lambda ticket: True,
    has_wait: Callable[[WaitFigure], bool] | None = None,
    tells_of_orders: frozenset[int] = frozenset(),
) -> dict[str, Value]:
    """The figures of one part: of tickets that it `has` and of waits that it `has_wait`."""
    known: Any = known_at(history, until)
    by_id = {each.ticket_id: each for each in known.tickets}
    tickets = [each for each in known.tickets if has(each)]
    waits = []
    for each in known.waits:
        merged_at = by_id[each.ticket_id].merged_at
        if has_wait(each) if has_wait else has(by_id[each.ticket_id]):
            waits.append(each if each.ended_at else replace(each, ended_at=merged_at))

    def now(at: Any) -> bool:
        return at is not None and since <= at < until

    received = [each for each in tickets if now(each.opened_at)]
    resolved = [each for each in tickets if now(each.resolved_at)]
    answered = [each for each in waits if now(each.ended_at) and each.end in ANSWERS]
    desk = [each for each in answered if each.end is End.ANSWERED]
    worked_on = {
        each.ticket_id
        for each in known.waits
        if now(each.ended_at) and each.end in {*ANSWERS, End.WAVED}
    }
    handled = [each for each in tickets if now(each.resolved_at) or each.ticket_id in worked_on]
    first = [each for each in answered if each.instance == 0]
    later = [each for each in answered if each.instance > 0]
    lasting = [each for each in waits if each.ended_at is None]
    unmerged = [each for each in received if each.merged_at is None]
    people = {each.answered_by for each in desk if each.answered_by}
    found: dict[str, Value] = {
        "received": (len(received), len(received)),
        "handled": (len(handled), len(handled)),
        "resolved": (len(resolved), len(resolved)),
        "answers": (len(answered), len(answered)),
        "backlog": (len(lasting), len(lasting)),
        "resolution_rate": share([each.resolved_at is not None for each in unmerged]),
        "one_touch": share([each.answer_turns == 1 for each in resolved]),
        "first_contact_resolution": share(
            [each.answer_turns == 1 and each.customer_turns == 1 for each in resolved]
        ),
        "reopen_rate": share([each.reopened > 0 for each in resolved]),
        "tickets_per_agent": ((len(handled) / len(people), len(handled)) if people else (None, 0)),
        "hand_overs": share([each.hand_overs > 0 for each in handled]),
        "pings": mean([each.pings for each in received]),
        "needless_pings": share(
            [at < each.needless_pings for each in received for at in range(each.pings)]
        ),
    }
    lengths: dict[str, Any] = {
        "backlog_age": [until - each.began_at for each in lasting],
        "first_response": [each.ended_at - each.began_at for each in first],
        "next_response": [each.ended_at - each.began_at for each in later],
        "resolution": [each.resolved_at - each.opened_at for each in resolved],
        "first_response_worked": seconds(each.worked_seconds for each in first),
        "next_response_worked": seconds(each.worked_seconds for each in later),
        "resolution_worked": seconds(each.resolution_worked for each in resolved),
        "handling": seconds(each.handling_seconds for each in resolved),
        "unclaimed": [],
    }
    for each in waits:
        taken = each.claimed_at or each.ended_at
        if now(taken):
            lengths["unclaimed"].append(max(taken - each.seen_at, timedelta(0)))
    for key, values in lengths.items():
        found |= spread(key, sorted(each.total_seconds() for each in values))
    for name in ("limit", "target"):
        kept = clocks(waits, f"{name}_due_at", now)
        found[f"{name}_attained"] = share(kept)
        found[f"{name}_missed"] = (kept.count(False), len(kept))
    found |= of_customers(known, tickets, received, resolved, now)
    found |= sales(tickets, now, tells_of_orders)
    return found


def clocks(waits: Iterable[WaitFigure], due_at: str, now: Callable[[datetime], bool]) -> list[bool]:
    """Of every clock decided in the period, whether it was kept."""
    found = []
    for each in waits:
        due = getattr(each, due_at)
        if due is None:
            continue
        if each.ended_at is not None and each.ended_at <= due:
            if each.end in ANSWERS and now(each.ended_at):
                found.append(True)
        elif now(due):
            found.append(False)
    return found


def of_customers(known, tickets, received, resolved, now) -> dict[str, Value]:
    own = {each.ticket_id for each in tickets}
    given = [each for each in known.ratings if now(each.at) and each.ticket_id in own]
    scores = [each.score for each in given if each.kind == "nps"]
    stars = [each.stars for each in received if each.stars is not None]
    customer_of = {each.ticket_id: each.customer_id for each in known.tickets}
    contacts = [
        *(
            (customer_of[each.ticket_id], each.ended_at)
            for each in known.waits
            if each.end in ANSWERS
        ),
        *((each.customer_id, each.resolved_at) for each in known.tickets if each.resolved_at),
    ]
    again = []
    for each in received:
        if each.customer_id is None:
            continue
        earliest = each.opened_at - timedelta(days=7)
        again.append(
            any(who == each.customer_id and earliest <= at < each.opened_at for who, at in contacts)
        )
    return {
        "csat": share([each.score >= 4 for each in given if each.kind == "csat"]),
        "nps": mean([100 if score >= 9 else -100 if score <= 6 else 0 for score in scores]),
        "mood_change": mean(
            [
                each.mood_last - each.mood_first
                for each in resolved
                if each.customer_turns > 1
                and each.mood_first is not None
                and each.mood_last is not None
            ]
        ),
        "negative_feedback": share([each <= 2 for each in stars]),
        "positive_reviews": share([each >= 4 for each in stars]),
        "repeat_contact": share(again),
    }


def sales(tickets, now, tells_of_orders) -> dict[str, Value]:
    """Of one currency only: whoever makes up a history sees to that."""
    answered = [
        each for each in tickets if now(each.first_answer_at) and each.inbox_id in tells_of_orders
    ]
    cents = [each.bought_again_cents for each in answered if each.bought_again_cents is not None]
    return {
        "repeat_purchase": share([each.bought_again_at is not None for each in answered]),
        "sales_after_answer": (sum(cents) / 100, len(cents)) if cents else (None, 0),
    }


def reconciled(history: History, since: datetime, until: datetime) -> dict[str, int]:
    known = known_at(history, until)
    found = dict.fromkeys(
        ("received", "answered", "waved", "settled", "merged", "waiting", "told"), 0
    )
    for ticket in known.tickets:
        if not since <= ticket.opened_at < until:
            continue
        waits = [each for each in known.waits if each.ticket_id == ticket.ticket_id]
        ends = {each.end for each in waits}
        found["received"] += 1
        if ticket.merged_at:
            found["merged"] += 1
        elif any(each.ended_at is None for each in waits):
            found["waiting"] += 1
        elif ticket.first_answer_at or ends & ANSWERS:
            found["answered"] += 1
        elif End.WAVED in ends:
            found["waved"] += 1
        elif End.SETTLED in ends:
            found["settled"] += 1
        else:
            found["told"] += 1
    return found


def share(those: Sequence[bool]) -> Value:
    return mean([int(each) for each in those])


def mean(values: Sequence[int]) -> Value:
    return (statistics.fmean(values), len(values)) if values else (None, 0)


def seconds(values: Iterable[int | None]) -> list[timedelta]:
    return [timedelta(seconds=each) for each in values if each is not None]


def spread(key: str, ordered: Sequence[float]) -> dict[str, Value]:
    count = len(ordered)
    if not count:
        return {f"{key}.{each}": (None, 0) for each in ("median", "mean", "p90")}
    return {
        f"{key}.median": (statistics.median(ordered), count),
        f"{key}.mean": (statistics.fmean(ordered), count),
        f"{key}.p90": (ordered[math.ceil(count * 9 / 10) - 1], count),
    }
