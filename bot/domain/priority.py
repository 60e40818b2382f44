"""In which order tickets are worked on. One rule, wherever tickets are listed: queue, Home, digests.

First what can still be saved from a platform's limit, then what has passed one, then what is grave,
then our own targets, then everything else that is counted, then what nobody counts. Within one of
these: the graver risk, the earlier deadline, the VIP, the customer who has spent more, and the one
who has waited longer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final

from sla_rules.vocabulary import Risk

HARD_AHEAD: Final = timedelta(hours=2)
"""A limit this near is worked on before anything else: about a morning's worth of interruptions."""

OURS_AHEAD: Final = timedelta(hours=1)
"""The same for a target of our own, which costs less to miss."""

_RISKS: Final = tuple(Risk)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Band(IntEnum):
    """How urgent a ticket is, most urgent first."""

    LIMIT_NEAR = 0
    LIMIT_PASSED = 1
    GRAVE = 2
    TARGET_NEAR = 3
    COUNTED = 4
    NOT_COUNTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """What of an open ticket its place in the order depends on.

    `limit_at` is when the next running limit or window of a platform ends, `target_at` the next of
    our own targets. `worth` is what the customer has spent so far.
    """

    ticket_id: int
    limit_at: datetime | None
    target_at: datetime | None
    risk: Risk
    vip: bool
    worth: float
    waiting_since: datetime | None


def by_urgency(tickets: Iterable[Urgency], now: datetime) -> list[Urgency]:
    """Those tickets, whoever is worked on first in front. The order is total."""
    return sorted(tickets, key=lambda each: _place(each, now))


def band_of(ticket: Urgency, now: datetime) -> Band:
    """Which of the bands it is in at `now`."""
    if ticket.limit_at is not None and ticket.limit_at - now <= HARD_AHEAD:
        return Band.LIMIT_NEAR if ticket.limit_at > now else Band.LIMIT_PASSED
    counted = ticket.limit_at is not None or ticket.target_at is not None
    if counted and ticket.risk is Risk.CRITICAL:
        return Band.GRAVE
    if ticket.target_at is not None and ticket.target_at - now <= OURS_AHEAD:
        return Band.TARGET_NEAR
    return Band.COUNTED if counted else Band.NOT_COUNTED


def _place(ticket: Urgency, now: datetime) -> tuple[object, ...]:
    band = band_of(ticket, now)
    return (
        band,
        -_RISKS.index(ticket.risk),
        _due(ticket, band),
        not ticket.vip,
        -ticket.worth,
        ticket.waiting_since or _NEVER,
        ticket.ticket_id,
    )


def _due(ticket: Urgency, band: Band) -> datetime:
    """What is measured in this band: a limit is not made more urgent by a target, or the reverse."""
    limit, target = ticket.limit_at or _NEVER, ticket.target_at or _NEVER
    if band in {Band.LIMIT_NEAR, Band.LIMIT_PASSED}:
        return limit
    return target if band is Band.TARGET_NEAR else min(limit, target)
