"""The doors beside health and Slack: wallboard, JSON API, links to reports and surveys. Each by its token."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.routing import Route

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.sealed import keys_in
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.settings import Environment
from bot.usecases.figures import catch_up
from bot.web.api import ApiDoor
from bot.web.measures import Measuring
from bot.web.report_page import ReportPageDoor
from bot.web.survey_page import SurveyPageDoor
from bot.web.tokens import access_token
from bot.web.wall_feed import WallFeed, WallReader
from bot.web.wallboard import WallboardDoor

MEASURED_AT_ONCE: Final = 2_000
"""Tickets measured at most for one request; after an update the worker measures all of them anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What they share. `stopping` says that the process is about to end."""

    environment: Environment
    database: Database
    desk: Callable[[], Desk]
    clock: Clock
    stopping: Callable[[], bool]

    def routes(self) -> Sequence[Route]:
        """Every address that this desk's settings open."""
        # Reports wait for each other; the wall waits for none of them.
        for_wall, for_reports = self._apart(), self._apart()
        token, screens = self.environment.api_token, self.environment.wallboard_token
        feed = WallFeed(WallReader(for_wall, self.desk, self.clock).read, self.clock)
        return [
            *WallboardDoor(
                access_token(screens), feed, self.desk, self.clock, self.stopping
            ).routes(),
            *ApiDoor(
                access_token(token), for_reports, self.desk, self.clock, self._catch_up
            ).routes(),
            *ReportPageDoor(for_reports, self.desk, self.clock, self._catch_up).routes(),
            *SurveyPageDoor(self.database, self.desk, self.clock).routes(),
        ]

    def measuring(self) -> Measuring:
        """What the desk's own work adds to `/metrics`."""
        return Measuring(self._apart(), self.desk, self.clock)

    def _apart(self) -> ReadApart:
        return ReadApart(self.environment.database_url, keys_in(self.database.engine))

    async def _catch_up(self) -> bool:
        done = await catch_up(self.database, self.desk(), self.clock, limit=MEASURED_AT_ONCE)
        return done < MEASURED_AT_ONCE
