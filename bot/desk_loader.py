"""Settings → Desk: `#channels`, e-mails and `@groups` become Slack ids, once, at the start.

Ids pass through without a call. Whatever cannot be found is listed whole, each with its remedy.
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
from bot.configuration.problems import Found, Problem, refuse
from bot.domain.desk import Desk, InboxRoute
from bot.domain.roster import Agent, Role, Roster
from bot.errors import DeskError
from bot.settings import AgentSettings, InboxSettings
from bot.settings_file import Configuration
from connectors.registry import Registry
from sla_rules.toml_lines import Place

log = structlog.get_logger(__name__)

PAGE: Final = 999
"""Channels asked for per call; Slack takes fewer than 1,000."""

_SCOPE_OF: Final = {
    "conversations.list": "channels:read, groups:read",
    "users.lookupByEmail": "users:read, users:read.email",
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
    lookup = _Lookup(Directory(client))
    agents = [await lookup.agent(at, agent) for at, agent in enumerate(settings.agents)]
    routes = [
        _able(await lookup.route(at, inbox), configuration.registry)
        for at, inbox in enumerate(settings.inboxes)
    ]
    managers = await lookup.targets(_Key("desk", ("desk",), "managers"), settings.desk.managers)
    ops = None
    if settings.desk.ops_channel is not None:
        ops = await lookup.channel(
            _Key("desk", ("desk",), "ops_channel"), settings.desk.ops_channel
        )
    if without_unknown_people:
        for problem in lookup.unknown_people:
            log.error("desk.person_unknown", where=problem.where, remedy=problem.remedy)
    else:
        lookup.problems += lookup.unknown_people
    _refuse_one_person_twice(agents, settings.agents, lookup.problems)
    refuse(lookup.problems, configuration.source)
    return Desk(
        inboxes={route.name: route for route in routes},
        policies=configuration.policies,
        calendars=configuration.calendars,
        roster=Roster(
            agents={agent.slack_id: agent for agent in agents if agent}, managers=managers
        ),
        ops_channel=ops,
        # A person needs these seconds by the clock on the wall, whatever desk time does.
        undo_window=(clock or Clock()).real(settings.desk.undo_seconds),
        acknowledge_for=timedelta(minutes=settings.desk.acknowledge_minutes),
        timezone=settings.desk.timezone,
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


def _able(route: InboxRoute, registry: Registry) -> InboxRoute:
    """The route with what its channel can do beside messages and answers."""
    spec = registry.specs.get(route.connector)
    if spec is None:
        return route
    can, platform = spec.manifest.capabilities, spec.manifest.channel
    # Telling the platform something is as outbound as an answer.
    marks = can.marks_no_reply and not route.observe
    return replace(
        route,
        platform=platform,
        fetches_context=can.fetches_context,
        marks_no_reply=marks,
        replies_in_portal=can.replies_in_portal,
    )


class _Lookup:
    """Looks names up and collects what could not be found."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.problems: Found = []
        self.unknown_people: list[Problem] = []

    async def agent(self, at: int, agent: AgentSettings) -> Agent | None:
        user_id = agent.slack
        active = True
        if "@" in agent.slack:
            user = await self._directory.user(agent.slack)
            if user is None:
                self._unknown(_Key(f'agents "{agent.name}"', ("agents", at), "slack"), agent.slack)
                return None
            user_id, active = str(user["id"]), not user.get("deleted", False)
        return Agent(slack_id=user_id, name=agent.name, role=Role(agent.role), active=active)

    async def route(self, at: int, inbox: InboxSettings) -> InboxRoute:
        table, place = f'inboxes "{inbox.name}"', ("inboxes", at)
        return InboxRoute(
            name=inbox.name,
            connector=inbox.connector,
            channel=await self.channel(_Key(table, place, "channel"), inbox.channel),
            group=await self.targets(_Key(table, place, "group"), inbox.group),
            label=inbox.label,
            calendar=inbox.calendar,
            badge=inbox.badge,
            observe=inbox.observe,
        )

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
        wrong = "is nobody's address in this Slack workspace."
        self.unknown_people.append(key.problem(address, wrong, _PERSON))


_PERSON: Final = "Write the address of the person's Slack account, or their user id (U…)."
_GROUP: Final = "Write the handle of a user group, its id (S…), or the people one by one."
