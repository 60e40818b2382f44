"""Solved tickets like an open one, compiled when first asked for and kept for a while."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from bot.db.answered_rows import solved_tickets
from bot.db.unit import Database
from bot.domain.card import TicketView
from bot.domain.similar import Past, PastTickets

FRESH: Final = timedelta(hours=1)
"""What was solved within it is missed; nobody waits for a new index at every answer."""

_KEPT: Final = 12
"""Channels and languages whose tickets stay compiled at once."""


class SimilarTickets:
    """Remembers, and never decides anything: without it, only suggestions are missing."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], tuple[datetime, PastTickets]] = {}

    async def like(
        self, db: Database, ticket: TicketView, now: datetime, sight: Collection[str] | None = None
    ) -> list[Past]:
        """Of the same channel and language, the likest first; none where the language is unknown.

        With `sight` only those of these inboxes.
        """
        asked = ticket.first_message or ticket.last_customer_message
        if ticket.language is None or asked is None:
            return []
        past = await self._past(db, ticket.connector, ticket.language, now)
        alike = past.like(f"{ticket.subject}\n{asked.body[:2000]}", but=ticket.id)
        return [each for each in alike if sight is None or each.inbox in sight]

    async def _past(
        self, db: Database, connector: str, language: str, now: datetime
    ) -> PastTickets:
        key = (connector, language)
        known = self._compiled.get(key)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        found = await db.read(lambda conn: solved_tickets(conn, connector, language, now))
        compiled = await asyncio.to_thread(PastTickets, found)
        self._compiled.pop(key, None)
        if len(self._compiled) >= _KEPT:
            del self._compiled[next(iter(self._compiled))]
        self._compiled[key] = (now, compiled)
        return compiled
