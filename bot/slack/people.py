"""What Slack says of the desk's people: heard when it changes, and asked now and then.

An event may be lost while nothing listens, so every person is asked about again in each round.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.db.standing_rows import standing
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.standing import Standing, standing_of
from bot.slack.handlers.wiring import Wiring
from bot.usecases.standing import AT_ONCE, Stands, free_tickets, hear_standing

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 300.0
"""In which everybody is asked about once; users.info takes a hundred questions a minute and more."""

FIRST_AFTER: Final = 60.0
"""At its start the desk has just asked."""


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to changes of people; Slack tells those of everybody, of whom few are ours."""

    @app.event("user_change")
    async def changed(event: Mapping[str, Any]) -> None:
        await hear(wiring.db, wiring.desk(), wiring.clock, event.get("user") or {})


async def hear(db: Database, desk: Desk, clock: Clock, user: Mapping[str, Any]) -> None:
    """Take down what a user object says, where it says something new of one of ours."""
    who = str(user.get("id", ""))
    person = desk.roster.agents.get(who)
    if person is None:
        return
    found = standing_of(user, desk.workspace.team, desk.workspace.enterprise)
    known = (await db.read(standing, urgent=False)).get(who, person.active)
    if known is (found is Standing.MEMBER):
        return
    command = Stands(who=who, standing=found)
    freed = await db.write(
        lambda tx: hear_standing(tx, desk, command), now=clock.now(), urgent=True
    )
    log.warning("desk.person_changed", user=who, standing=str(found), freed=freed)


class PeopleWatch:
    """Asks Slack about everybody on the roster, and takes tickets from who may not have them."""

    def __init__(
        self, client: AsyncWebClient, db: Database, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._client = client
        self._db = db
        self._desk = desk
        self._clock = clock

    async def run(self) -> None:
        """Round after round, until cancelled."""
        for who in await self._doubtful():
            await self.ask(who)
        await self.settle()
        await asyncio.sleep(FIRST_AFTER)
        while True:
            people = list(self._desk().roster.agents)
            for who in people:
                await self.ask(who)
                await asyncio.sleep(ROUND_SECONDS / len(people))
            await self.settle()
            if not people:
                await asyncio.sleep(ROUND_SECONDS)

    async def _doubtful(self) -> list[str]:
        """Those of whom something else is kept than Slack said when the desk was loaded."""
        kept = await self._db.read(standing, urgent=False)
        people = self._desk().roster.agents
        return [
            who for who, person in people.items() if kept.get(who, person.active) != person.active
        ]

    async def ask(self, who: str) -> None:
        """Ask about one person; without an answer everything stays as it is."""
        try:
            answer = await self._client.users_info(user=who)
        except SlackApiError as exc:
            log.info("desk.person_unchecked", user=who, why=str(exc.response.get("error")))
            return
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.info("desk.person_unchecked", user=who, why=type(exc).__name__)
            return
        await hear(self._db, self._desk(), self._clock, answer.get("user") or {})

    async def settle(self) -> None:
        """Take tickets from owners who may not work on them, those of before included."""
        freed = AT_ONCE
        while freed == AT_ONCE:
            freed = await self._db.write(
                partial(free_tickets, desk=self._desk()), now=self._clock.now()
            )
            if freed:
                log.warning("desk.tickets_freed", count=freed)
