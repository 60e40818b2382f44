"""Before the last of a shift leaves: what breaches before anybody is on again, told once a channel."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.db.routing_rows import due_between, with_absences
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import OFFERED, post_offer
from bot.domain.roster import Roster
from bot.domain.shifts import Coming, last_leaves

BEFORE: Final = timedelta(minutes=30)
"""So long before the end of a shift it is looked ahead: time to answer one or two, or to agree."""

HORIZON: Final = timedelta(days=7)
"""So far it is looked where nobody is known to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """An inbox that is left alone at `ends_at`, until `coming`."""

    inbox: str
    channel: str
    ends_at: datetime
    coming: Coming | None


def leaving(desk: Desk, roster: Roster, now: datetime) -> Iterator[Leaving]:
    """The inboxes that are left alone within half an hour. None where nobody works by shifts."""
    if not roster.shifts:
        return
    for route in desk.inboxes.values():
        found = last_leaves(roster, now, route.name, BEFORE)
        if found is not None:
            ends_at, coming = found
            yield Leaving(inbox=route.name, channel=route.channel, ends_at=ends_at, coming=coming)


def look_ahead(tx: Tx, desk: Desk) -> int:
    """Have the tickets told that breach with nobody on shift; returns how many channels hear.

    A channel hears once of the end of a shift: the outbox keeps one row for it, however often,
    and by however many workers, this is asked.
    """
    if not desk.roster.shifts:
        return 0
    roster = with_absences(tx.conn, desk, tx.now).roster
    channels: Mapping[tuple[str, datetime], list[Leaving]] = defaultdict(list)
    for each in leaving(desk, roster, tx.now):
        channels[each.channel, each.ends_at].append(each)
    return sum(_tell(tx, channel, ends_at, those) for (channel, ends_at), those in channels.items())


def _tell(tx: Tx, channel: str, ends_at: datetime, those: list[Leaving]) -> bool:
    ids = [
        ticket_id
        for each in those
        for ticket_id in due_between(tx.conn, each.inbox, tx.now, _until(each))
    ]
    if not ids:
        return False
    coming = min(
        (each.coming for each in those if each.coming), key=lambda one: one.at, default=None
    )
    tx.emit(
        post_offer(
            f"shift:{int(ends_at.timestamp())}",
            ids[:OFFERED],
            channel=channel,
            of=len(ids),
            ends_at=ends_at,
            next_who=coming.who if coming else None,
            next_at=coming.at if coming else None,
        )
    )
    return True


def _until(each: Leaving) -> datetime:
    return each.coming.at if each.coming is not None else each.ends_at + HORIZON
