"""Works deadlines out again, a share of all running ones at each audit, until it has been round."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.ticket import Ticket
from bot.usecases.recheck import Place, Sample, drifted, running_after, running_now

SAMPLE: Final = 25
"""Tickets worked out in one read: some ten milliseconds, so that no click waits for them."""

AUDITS: Final = 50
"""So many audits make a round: one a minute, so that a round takes less than an hour."""

LEAST: Final = 200
"""Tickets looked at in every audit, however few there are: most desks are gone round at once."""

LONGEST_SECONDS: Final = 3.0
"""Real seconds of every audit for that. A hundred thousand tickets are 2,000 in each audit, about
a second of a quiet machine's; on a busier one the round is longer, and says so."""


class Rechecker:
    """Rounds over all tickets whose clock runs, the nearest deadlines first.

    `least` is looked at in every audit, `sample` in one read.
    """

    def __init__(
        self, db: Database, clock: Clock, *, least: int = LEAST, sample: int = SAMPLE
    ) -> None:
        self._db = db
        self._clock = clock
        self._place: Place | None = None
        self._least = least
        self._sample = sample
        self._share = least
        self._wrong: Sequence[int] = ()
        self._begun = clock.monotonic()
        self._took = 0.0

    @property
    def round_seconds(self) -> float:
        """What the last whole round took, or the one of now if that is longer. Real seconds."""
        return max(self._took, self._clock.monotonic() - self._begun)

    async def wrong(self, desk: Desk, now: datetime) -> Mapping[int, int]:
        """The numbers of tickets found wrong, by id: of the next share, and of all audits before.

        Raises what the database raises.
        """
        found = await self._again(desk, now)
        until = self._clock.monotonic() + LONGEST_SECONDS
        if self._place is None:
            self._begun = self._clock.monotonic()
            running = await self._db.read(running_now, urgent=False)
            self._share = max(self._least, math.ceil(running / AUDITS))
        left = self._share
        while left > 0:
            sample, wrong = await self._next(desk, now)
            found |= _numbers(wrong)
            left -= self._sample
            self._place = sample.upto
            if self._place is None:
                self._took = self._clock.monotonic() - self._begun
                break
            if self._clock.monotonic() >= until:
                break
            await asyncio.sleep(0)
        self._wrong = tuple(found)
        return found

    async def _again(self, desk: Desk, now: datetime) -> dict[int, int]:
        ids = self._wrong
        if not ids:
            return {}
        return _numbers(
            await self._db.read(lambda conn: drifted(conn, desk, ids, now), urgent=False)
        )

    async def _next(self, desk: Desk, now: datetime) -> tuple[Sample, Sequence[Ticket]]:
        def look(conn: Connection) -> tuple[Sample, Sequence[Ticket]]:
            sample = running_after(conn, self._place, self._sample)
            return sample, drifted(conn, desk, sample.ticket_ids, now)

        return await self._db.read(look, urgent=False)


def _numbers(tickets: Sequence[Ticket]) -> dict[int, int]:
    return {ticket.id: ticket.number for ticket in tickets}
