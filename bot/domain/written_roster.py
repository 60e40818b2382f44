"""The file's people, shifts and routes as the desk's own, once names have become Slack ids.

`ids` are Slack ids by the way people are written; somebody Slack does not know has none.
"""

from collections.abc import Callable, Mapping
from typing import Final

from bot.configuration.routes import CHANNEL
from bot.domain.quiet_hours import PingWay, read_quiet
from bot.domain.roster import Agent, Role, Seniority, WorkShift
from bot.domain.routes import By, Route, Wanted
from bot.settings import AgentSettings, RouteSettings, Settings
from sla_rules.calendar import Calendar
from sla_rules.policy import match_of

_NOBODY: Final = frozenset({""})
"""People who are all unknown to Slack: nobody, which is not the same as anybody."""


def agent_of(written: AgentSettings, slack_id: str, *, active: bool, zone: str = "UTC") -> Agent:
    """A person of the file; `zone` is the desk's, for who has none of their own."""
    quiet = read_quiet(written.quiet, written.timezone or zone) if written.quiet else None
    return Agent(
        slack_id=slack_id,
        name=written.name,
        role=Role(written.role),
        active=active,
        languages=frozenset(written.languages),
        skills=frozenset(written.skills),
        seniority=_seniority(written.seniority),
        capacity=written.capacity,
        timezone=written.timezone,
        quiet=quiet,
        pings=PingWay(written.pings),
        speaks=written.bot_language,
        inboxes=frozenset(written.inboxes) if written.inboxes is not None else None,
    )


def work_shifts(
    settings: Settings, calendars: Mapping[str, Calendar], ids: Mapping[str, str]
) -> tuple[WorkShift, ...]:
    """The shifts that say who works them; those that only count heads are for `whatif`."""
    return tuple(
        WorkShift(
            name=name,
            calendar=calendars[table.calendar],
            people=frozenset(ids[one] for one in table.agents if one in ids),
            inboxes=frozenset(table.inboxes),
            user_group=table.user_group.removeprefix("@") if table.user_group else None,
        )
        for name, table in settings.shifts.items()
        if table.agents
    )


def routes_of(
    settings: Settings, ids: Mapping[str, str], origin: Callable[[int], str]
) -> tuple[Route, ...]:
    """The routes of the file; `origin` tells file and line of each by its place."""
    return tuple(_route(route, ids, origin(at)) for at, route in enumerate(settings.routes))


def _route(route: RouteSettings, ids: Mapping[str, str], origin: str) -> Route:
    to = route.to
    people = frozenset(ids[one] for one in to.people if one in ids)
    return Route(
        name=route.name,
        match=match_of(route.match),
        to=Wanted(
            people=people or (_NOBODY if to.people else people),
            skills=frozenset(to.skills),
            languages=frozenset(to.languages),
            seniority=_seniority(to.seniority),
            previous_agent=to.previous_agent,
        ),
        by=By(route.by),
        fallback=None if route.fallback == CHANNEL else route.fallback,
        origin=origin,
    )


def _seniority(written: str | None) -> Seniority | None:
    return Seniority(written) if written else None
