"""Whose card is posted first, where more of them wait than Slack takes: the order of `domain.priority`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.domain.effects import Priority
from bot.domain.priority import Band, Urgency, band_of

FAR_AHEAD: Final = timedelta(hours=24)
"""What is due later than this loses nothing by an hour's wait for its card."""

_RANKS: Final[Mapping[Band, Priority]] = {
    Band.LIMIT_NEAR: Priority.ROOT_LIMIT_NEAR,
    Band.LIMIT_PASSED: Priority.ROOT_LIMIT_PASSED,
    Band.GRAVE: Priority.ROOT_GRAVE,
    Band.TARGET_NEAR: Priority.ROOT_TARGET_NEAR,
    Band.COUNTED: Priority.ROOT,
    Band.NOT_COUNTED: Priority.ROOT_FAR,
}


def root_priority(ticket: Urgency, now: datetime) -> Priority:
    """The rank of a card that waits at `now`; of the same rank the one that waits longer goes first."""
    band = band_of(ticket, now)
    due = [at for at in (ticket.limit_at, ticket.target_at) if at is not None]
    if band is Band.COUNTED and min(due) - now > FAR_AHEAD:
        return Priority.ROOT_FAR
    return _RANKS[band]
