"""Settings → Desk: `#channels`, e-mails and `@groups` become Slack ids, once, at the start.

Ids of channels and groups pass through without a call. Whatever cannot be found is listed whole, each with its remedy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.configuration.names import two_languages
from bot.configuration.problems import Found, Problem, refuse
from bot.domain.desk import Desk, InboxRoute, Workspace
from bot.domain.digests import read_times
from bot.domain.roster import Agent, Roster
from bot.domain.routes import Route
from bot.domain.standing import NOTHING_FOR, Standing, standing_of
from bot.domain.written_roster import agent_of, routes_of, work_shifts
from bot.errors import DeskError
from bot.language import Language, language_of
from bot.runtime.abilities import able
from bot.settings import AgentSettings, InboxSettings
from bot.settings_file import Configuration
from sla_rules.toml_lines import Place

log = structlog.get_logger(__name__)

PAGE: Final = 999
"""Channels asked for per call; Slack takes fewer than 1,000."""

_SCOPE_OF: Final = {
    "conversations.list": "channels:read, groups:read",
    "users.lookupByEmail": "users:read, users:read.email",
    "users.info": "users:read",
    "usergroups.list": "usergroups:read",
}


class SlackUnreachable(DeskError):
    """Slack did not answer, or refused our token, while names were looked up."""


class Directory:
    """Names of one Slack workspace, fetched at most once each. Every `…_id` may return None."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._channels: Mapping[str, Mapping[str, Any]] | None = None
        self._groups: Mapping[str, str] | None = None
        self._users: dict[str, Mapping[str, Any] | None] = {}
        self._tells_locales = True

    async def channel(self, name: str) -> Mapping[str, Any] | None:
        """The channel `name` (without `#`), as conversations.list tells it."""
        if self._channels is None:
            self._channels = {c["name"]: c for c in await self._all_channels()}
        return self._channels.get(name)

    async def group_id(self, handle: str) -> str | None:
        """The id of the user group `handle` (without `@`)."""
        if self._groups is None:
            answer = await self._ask("usergroups.list", self._client.usergroups_list())
            self._groups = {g["handle"]: g["id"] for g in answer.get("usergroups", [])}
        return self._groups.get(handle)

    async def user(self, email: str) -> Mapping[str, Any] | None:
        """The person with this e-mail address; Slack does not find a deactivated one."""
        if email not in self._users:
            self._users[email] = await self._look_up(email)
        return self._users[email]

    async def user_with_id(self, user_id: str) -> Mapping[str, Any] | None:
        """The person with this id, also a deactivated one.

        Where Slack cannot be asked the id is taken as it stands: it needs no looking up.
        """
        try:
            call = self._client.users_info(user=user_id, include_locale=True)
            answer = await self._ask("users.info", call, missing="user_not_found")
        except SlackUnreachable as exc:
            log.warning("desk.person_unchecked", user=user_id, why=str(exc))
            return {"id": user_id}
        user: Mapping[str, Any] | None = answer.get("user")
        return user

    async def workspace(self) -> Workspace:
        """Whose members we know; unknown where Slack does not say."""
        try:
            answer = await self._ask("auth.test", self._client.auth_test())
        except SlackUnreachable as exc:
            log.warning("desk.workspace_unknown", why=str(exc))
            return Workspace()
        return Workspace(
            team=str(answer.get("team_id") or ""),
            enterprise=str(answer.get("enterprise_id") or ""),
        )

    async def locale(self, user: Mapping[str, Any]) -> str:
        """A person's locale, such as `de-DE`: users.info tells it and users.lookupByEmail does not.

        Empty where Slack does not tell. After one failure nobody else's is asked for: no start
        waits for it.
        """
        if "locale" not in user and self._tells_locales:
            user = await self.user_with_id(str(user["id"])) or user
            self._tells_locales = len(user) > 1
        return str(user.get("locale") or "")

    async def _look_up(self, email: str) -> Mapping[str, Any] | None:
        call = self._client.users_lookupByEmail(email=email)
        answer = await self._ask("users.lookupByEmail", call, missing="users_not_found")
        user: Mapping[str, Any] | None = answer.get("user")
        return user

    async def _all_channels(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        cursor = ""
        while True:
            answer = await self._ask(
                "conversations.list",
                self._client.conversations_list(
                    types="public_channel,private_channel",
                    exclude_archived=True,
                    limit=PAGE,
                    **({"cursor": cursor} if cursor else {}),
                ),
            )
            found += answer.get("channels", [])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found

    async def _ask(self, method: str, call: Any, *, missing: str = "") -> Mapping[str, Any]:
        try:
            response = await call
        except SlackApiError as exc:
            code = str(exc.response.get("error"))
            if missing and code == missing:
                return {}
            if code == "missing_scope":
                raise SlackUnreachable(
                    f"Slack refuses {method}: the app lacks a scope ({_SCOPE_OF[method]}). "
                    "Reinstall it with the manifest that `threadline manifest` prints."
                ) from None
            raise SlackUnreachable(
                f"Slack refuses {method} ({code}). Check SLACK_BOT_TOKEN, then `threadline doctor`."
            ) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise SlackUnreachable(
                f"Slack cannot be reached for {method} ({type(exc).__name__}). Check the network."
            ) from None
        data: Mapping[str, Any] = response.data
        return data


async def load_desk(
    configuration: Configuration,
    client: AsyncWebClient,
    clock: Clock | None = None,
    *,
    without_unknown_people: bool = False,
) -> Desk:
    """The frozen desk that use cases are handed.

    Slack does not find a deactivated person by address. `without_unknown_people` logs and leaves
    out whoever is not found, so that somebody's last day never keeps a desk from starting.

    Raises:
        SettingsError: names that Slack does not know, or channels the bot is not in.
        SlackUnreachable: Slack did not answer.
    """
    settings = configuration.settings
    lookup = await _Lookup.of(client, settings.desk.timezone)
    agents = [await lookup.agent(at, agent) for at, agent in enumerate(settings.agents)]
    routes = await lookup.routes(configuration)
    managers = await lookup.targets(_Key("desk", ("desk",), "managers"), settings.desk.managers)
    ops = await lookup.ops_channel(settings.desk.ops_channel)
    lookup.settle_unknown_people(left_out=without_unknown_people)
    _refuse_one_person_twice(agents, settings.agents, lookup.problems)
    _refuse_two_languages(routes, configuration, lookup.problems)
    refuse(lookup.problems, configuration.source)
    return Desk(
        inboxes={route.name: route for route in routes},
        policies=configuration.policies,
        calendars=configuration.calendars,
        roster=lookup.roster(agents, managers, configuration),
        ops_channel=ops,
        # A person needs these seconds by the clock on the wall, whatever desk time does.
        undo_window=(clock or Clock()).real(settings.desk.undo_seconds),
        acknowledge_for=timedelta(minutes=settings.desk.acknowledge_minutes),
        timezone=settings.desk.timezone,
        digests=read_times(settings.digests.daily, settings.digests.weekly),
        routes=_routes(configuration, lookup.people),
        reassign_away=settings.desk.reassign_away,
        shop_name=settings.desk.shop_name,
        macros=configuration.macros,
        companions=configuration.companions,
        language=settings.desk.language,
        rank_people=settings.desk.rank_people,
        workspace=lookup.workspace,
    )


def _routes(configuration: Configuration, people: Mapping[str, str]) -> Sequence[Route]:
    return routes_of(
        configuration.settings, people, lambda at: configuration.source.at(("routes", at))
    )


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of a table: the table in words, its place in the file, and the key."""

    table: str
    place: Place
    key: str

    def problem(self, value: str, wrong: str, remedy: str) -> Problem:
        """What is wrong with its value."""
        return Problem(
            where=f"{self.table} → {self.key}",
            value=f'"{value}"',
            wrong=wrong,
            remedy=remedy,
            place=(*self.place, self.key),
        )


def _refuse_one_person_twice(
    found: Sequence[Agent | None], settings: Sequence[AgentSettings], problems: Found
) -> None:
    """An address and an id, or two addresses, can be one person's."""
    first: dict[str, int] = {}
    for at, (agent, written) in enumerate(zip(found, settings, strict=True)):
        if agent is None:
            continue
        earlier = first.setdefault(agent.slack_id, at)
        if earlier != at:
            key = _Key(f'agents "{written.name}"', ("agents", at), "slack")
            wrong = f'is the same person as "{settings[earlier].name}".'
            problems.append(key.problem(written.slack, wrong, "Keep one table a person."))


def _refuse_two_languages(
    routes: Sequence[InboxRoute], configuration: Configuration, problems: Found
) -> None:
    """A name and an id can be one channel's."""
    source, written = configuration.source, configuration.settings.inboxes
    first: dict[str, int] = {}
    for at, route in enumerate(routes):
        if route.language is None:
            continue
        earlier = first.setdefault(route.channel, at)
        if routes[earlier].language is not route.language:
            place: Place = ("inboxes", at, "language")
            where, said = f'inboxes "{route.name}" → language', written[at].channel
            before = source.at(("inboxes", earlier, "language"))
            problems.append(two_languages(where, route.language, said, before, place))


class _Lookup:
    """Looks names up and collects what could not be found."""

    def __init__(self, directory: Directory, zone: str, workspace: Workspace) -> None:
        self._directory = directory
        self._zone = zone
        self.workspace = workspace
        self.problems: Found = []
        self.unknown_people: list[Problem] = []
        self.people: dict[str, str] = {}

    @classmethod
    async def of(cls, client: AsyncWebClient, zone: str) -> "_Lookup":
        directory = Directory(client)
        return cls(directory, zone, await directory.workspace())

    def roster(
        self,
        agents: Sequence[Agent | None],
        managers: Sequence[str],
        configuration: Configuration,
    ) -> Roster:
        settings, calendars = configuration.settings, configuration.calendars
        return Roster(
            agents={agent.slack_id: agent for agent in agents if agent},
            managers=managers,
            shifts=work_shifts(settings, calendars, self.people),
        )

    async def agent(self, at: int, agent: AgentSettings) -> Agent | None:
        key = _Key(f'agents "{agent.name}"', ("agents", at), "slack")
        if "@" in agent.slack:
            user = await self._directory.user(agent.slack)
        else:
            user = await self._directory.user_with_id(agent.slack)
        if user is None:
            wrong = _NO_ADDRESS if "@" in agent.slack else _NO_ID
            self.unknown_people.append(key.problem(agent.slack, wrong, _PERSON))
            return None
        user_id = self.people[agent.slack] = str(user["id"])
        standing = standing_of(user, self.workspace.team, self.workspace.enterprise)
        _tell_standing(agent.name, standing)
        here = standing is Standing.MEMBER
        found = agent_of(agent, user_id, active=here, zone=self._zone)
        return replace(found, speaks=found.speaks or await self._own_language(user))

    async def _own_language(self, user: Mapping[str, Any]) -> Language | None:
        """What the person reads Slack in, where the bot speaks it."""
        return language_of(await self._directory.locale(user))

    async def routes(self, configuration: Configuration) -> Sequence[InboxRoute]:
        inboxes = enumerate(configuration.settings.inboxes)
        return [able(await self.route(at, inbox), configuration) for at, inbox in inboxes]

    async def route(self, at: int, inbox: InboxSettings) -> InboxRoute:
        table, place = f'inboxes "{inbox.name}"', ("inboxes", at)
        return InboxRoute(
            name=inbox.name,
            connector=inbox.connector,
            channel=await self.channel(_Key(table, place, "channel"), inbox.channel),
            group=await self.targets(_Key(table, place, "group"), inbox.group),
            label=inbox.label,
            language=inbox.language,
            calendar=inbox.calendar,
            badge=inbox.badge,
            survey=inbox.survey,
            observe=inbox.observe,
        )

    def settle_unknown_people(self, *, left_out: bool) -> None:
        """Those Slack does not know are a problem each, or are logged and left out."""
        if not left_out:
            self.problems += self.unknown_people
            return
        for problem in self.unknown_people:
            log.error("desk.person_unknown", where=problem.where, remedy=problem.remedy)

    async def ops_channel(self, value: str | None) -> str | None:
        if value is None:
            return None
        return await self.channel(_Key("desk", ("desk",), "ops_channel"), value)

    async def channel(self, key: _Key, value: str) -> str:
        if not value.startswith("#"):
            return value
        found = await self._directory.channel(value.removeprefix("#"))
        if found is None:
            wrong = "is no channel that the bot sees."
            remedy = f"Create it, or write /invite with the bot's name in {value} if it is private."
            self.problems.append(key.problem(value, wrong, remedy))
            return value
        if not found.get("is_member", False):
            wrong = "is a channel the bot is not in."
            remedy = f"In Slack, open {value} and write /invite with the bot's name."
            self.problems.append(key.problem(value, wrong, remedy))
        return str(found["id"])

    async def targets(self, key: _Key, values: Sequence[str]) -> tuple[str, ...]:
        ids = [await self._target(key, value) for value in values]
        return tuple(found for found in ids if found)

    async def _target(self, key: _Key, value: str) -> str | None:
        if value.startswith("@"):
            group = await self._directory.group_id(value.removeprefix("@"))
            if group is None:
                wrong = "is no user group of this Slack workspace."
                self.problems.append(key.problem(value, wrong, _GROUP))
            return group
        if "@" not in value:
            return value
        user = await self._directory.user(value)
        if user is None:
            self._unknown(key, value)
            return None
        return str(user["id"])

    def _unknown(self, key: _Key, address: str) -> None:
        self.unknown_people.append(key.problem(address, _NO_ADDRESS, _PERSON))


def _tell_standing(name: str, standing: Standing) -> None:
    """Log what keeps somebody from everything, whatever their table says."""
    if standing in NOTHING_FOR:
        event, remedy = NOTHING_FOR[standing]
        log.warning(event, name=name, remedy=remedy)


_NO_ADDRESS: Final = "is nobody's address in this Slack workspace."
_NO_ID: Final = "is nobody's id in this Slack workspace."
_PERSON: Final = "Write the address of the person's Slack account, or their user id (U…)."
_GROUP: Final = "Write the handle of a user group, its id (S…), or the people one by one."
