"""`threadline doctor`: the live connections, one line each, and exit code 1 when one fails."""

import asyncio
import platform
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.cli.console import bad, good, warn
from bot.cli.desk_database import desk_without_slack, opened
from bot.cli.desk_findings import look, running_findings, storage, watched
from bot.cli.findings import Finding
from bot.cli.inbox_findings import inbox_findings, known
from bot.cli.remedies import OF_SLACK, way_out
from bot.clock import Clock
from bot.db.engine import create_engine, is_sqlite, sqlite_verdict
from bot.db.unit import Database
from bot.desk_loader import load_desk
from bot.errors import DeskError, SettingsError
from bot.runtime import schema
from bot.runtime.connections import build_connectors, closing_connectors, web_client
from bot.runtime.language_model import check_model
from bot.runtime.lock import database_file
from bot.settings import Environment
from bot.settings_file import Configuration
from bot.slack_manifest import OPTIONAL, missing_scopes
from bot.usecases.rule_versions import lost_in_use
from connectors.contract import Connector
from connectors.errors import ConnectorError

PATIENCE = 20.0
"""Seconds one check may take."""

SKEW = 60.0
"""Seconds our clock may differ from Slack's before deadlines look wrong to people."""


NO_APP: Final = (
    "SLACK_BOT_TOKEN is not set. Make the app from what `threadline manifest` prints "
    "(api.slack.com/apps, From a manifest), install it, and put its xoxb-… token into `.env`"
)
NO_EVENTS: Final = (
    "clicks and commands have no way here: put SLACK_APP_TOKEN=xapp-… into `.env` (Socket Mode, "
    "the usual way; Basic Information → App-Level Tokens), or SLACK_SIGNING_SECRET (HTTP)"
)


async def doctor(configuration: Configuration, clock: Clock) -> bool:
    """Print every finding as it comes; whether all are good."""
    healthy = True
    async for finding in examine(configuration, clock):
        say_it = bad if not finding.ok else warn if finding.doubtful else good
        say_it(f"{finding.what}: {finding.detail}")
        healthy = healthy and finding.ok
    return healthy


async def examine(configuration: Configuration, clock: Clock) -> AsyncIterator[Finding]:
    """Every finding, in the order in which things depend on each other."""
    for finding in _here(configuration, clock.now()):
        yield finding
    database = await _patiently("Database", _database(configuration.environment))
    yield database
    if database.ok:
        yield await _patiently("Rules of open tickets", _rules(configuration))
        for finding in (
            *await _inboxes(configuration, clock),
            *await _running(configuration, clock),
        ):
            yield finding
    client = web_client(configuration.environment, patient=True)
    async for finding in _slack(configuration, client, clock):
        yield finding
    async for finding in _live(configuration, clock, ready=database.ok):
        yield finding


def _here(configuration: Configuration, now: datetime) -> Iterator[Finding]:
    """What needs no connection."""
    yield Finding(what="Versions", ok=True, detail=_versions())
    yield Finding(what="Time zone data", ok=True, detail=f"tzdata {version('tzdata')}")
    for sentence in configuration.warnings:
        yield Finding(what="Settings", ok=True, detail=sentence, doubtful=True)
    if is_sqlite(configuration.environment.database_url):
        yield Finding(what="SQLite", ok=True, detail=sqlite_verdict())
    yield from storage(configuration, now)
    yield from watched(configuration)
    for key, why in configuration.registry.broken.items():
        yield Finding(what=f"Connector {key}", ok=False, detail=why)


async def _patiently(what: str, check: Awaitable[tuple[bool, str]]) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            ok, detail = await check
    except TimeoutError:
        return Finding(what=what, ok=False, detail=f"no answer within {PATIENCE:.0f} seconds")
    except SettingsError as exc:
        return Finding(what=what, ok=False, detail="; ".join(exc.problems))
    except SlackApiError as exc:
        code = str(exc.response.get("error"))
        remedy = OF_SLACK.get(code, "docs/runbooks/slack-down.md says what to look at")
        return Finding(what=what, ok=False, detail=f"Slack says {code}; {remedy}")
    except (DeskError, ConnectorError) as exc:
        return Finding(what=what, ok=False, detail=way_out(str(exc)))
    except (aiohttp.ClientError, OSError) as exc:
        detail = (
            f"cannot be reached ({type(exc).__name__}); look at the network, a proxy, a firewall"
        )
        return Finding(what=what, ok=False, detail=detail)
    return Finding(what=what, ok=ok, detail=detail if ok else way_out(detail))


async def _database(environment: Environment) -> tuple[bool, str]:
    file = database_file(environment.database_url)
    if file is not None and not file.is_file():
        return False, f"there is no {file} yet; `threadline migrate` makes it"
    database = Database(create_engine(environment.database_url))
    try:
        await schema.require_head(database)
    finally:
        await database.close()
    return True, "reached, at the newest version"


async def _rules(configuration: Configuration) -> tuple[bool, str]:
    desk = desk_without_slack(configuration)
    async with opened(configuration) as database:
        lost = await database.read(lambda conn: lost_in_use(conn, desk))
    if lost:
        remedy = "`threadline recompute` shows what the rules of now make of these tickets"
        return False, f"cannot be read again; {remedy}: {'; '.join(lost)}"
    return True, "all can be read"


async def _inboxes(configuration: Configuration, clock: Clock) -> Sequence[Finding]:
    now = clock.now()
    async with opened(configuration) as database:
        rows = await database.read(lambda conn: known(conn, now))
    return tuple(inbox_findings(configuration, rows, now))


async def _running(configuration: Configuration, clock: Clock) -> Sequence[Finding]:
    now = clock.now()
    async with opened(configuration) as database:
        running = await database.read(lambda conn: look(conn, configuration, now))
    return tuple(running_findings(running, now))


def _versions() -> str:
    packages = ("SQLAlchemy", "slack-bolt", "pydantic")
    named = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"Threadline {version('threadline')}, Python {platform.python_version()}, {named}"


async def _live(
    configuration: Configuration, clock: Clock, *, ready: bool
) -> AsyncIterator[Finding]:
    """Each inbox's own check, and the language model's, where there is one.

    An inbox may exchange a token, which only a ready database can keep.
    """
    database = Database(create_engine(configuration.environment.database_url)) if ready else None
    try:
        built = build_connectors(configuration, database, clock)
        async with closing_connectors(built) as connectors:
            for inbox in configuration.settings.inboxes:
                manifest = configuration.registry.specs[inbox.connector].manifest
                if ready or manifest.transport == "mail":
                    yield await _patiently(f"Inbox {inbox.name}", _inbox(connectors[inbox.name]))
                else:
                    detail = "not tried: the database comes first, it keeps renewed tokens"
                    yield Finding(what=f"Inbox {inbox.name}", ok=False, detail=detail)
    finally:
        if database is not None:
            await database.close()
    if configuration.settings.llm is not None:
        yield await _patiently("Language model", check_model(configuration, clock))


async def _slack(
    configuration: Configuration, client: AsyncWebClient, clock: Clock
) -> AsyncIterator[Finding]:
    environment = configuration.environment
    if environment.slack_bot_token is None:
        yield Finding(what="Slack", ok=False, detail=NO_APP)
        if not (environment.slack_app_token or environment.slack_signing_secret):
            yield Finding(what="Slack events", ok=False, detail=NO_EVENTS)
        return
    answers: list[AsyncSlackResponse] = []

    async def auth() -> tuple[bool, str]:
        answer = await client.auth_test()
        answers.append(answer)
        return True, f"{answer.get('team')} as {answer.get('user')}"

    yield await _patiently("Slack", auth())
    for answer in answers:
        yield _scopes(answer, configuration)
        yield _skew(answer, clock.now())
    yield await _patiently("Slack events", _events(environment, client))
    if answers:
        yield await _patiently("Names in Slack", _names(configuration, client))
        for inbox in configuration.settings.inboxes:
            # What is written as #name was just looked up together with the bot's membership.
            if not inbox.channel.startswith("#"):
                yield await _patiently(
                    f"Channel {inbox.channel}",
                    _membership(client, inbox.channel),
                )


def _scopes(answer: AsyncSlackResponse, configuration: Configuration) -> Finding:
    granted = _header(answer, "x-oauth-scopes")
    if not granted:
        return Finding(what="Slack scopes", ok=True, detail="this host does not tell them")
    follows = any(table.user_group for table in configuration.settings.shifts.values())
    missing = missing_scopes(granted, optional=OPTIONAL if follows else ())
    detail = (
        f"missing {', '.join(missing)}; update the app with `threadline manifest` and reinstall it"
        if missing
        else "complete"
    )
    return Finding(what="Slack scopes", ok=not missing, detail=detail)


def _skew(answer: AsyncSlackResponse, now: datetime) -> Finding:
    date = _header(answer, "date")
    if not date:
        return Finding(what="Clock", ok=True, detail="Slack sent no time to compare with")
    seconds = abs((parsedate_to_datetime(date) - now).total_seconds())
    detail = f"{seconds:.0f} s from Slack's clock"
    if seconds > SKEW:
        detail += "; let the machine synchronise its time"
    return Finding(what="Clock", ok=seconds <= SKEW, detail=detail)


def _header(answer: AsyncSlackResponse, name: str) -> str:
    return next((str(v) for k, v in answer.headers.items() if k.lower() == name), "")


async def _events(environment: Environment, client: AsyncWebClient) -> tuple[bool, str]:
    if environment.slack_app_token is not None:
        token = environment.slack_app_token.get_secret_value()
        await client.apps_connections_open(app_token=token)
        return True, "Socket Mode"
    if environment.slack_signing_secret is not None:
        return True, "HTTP, signed; `threadline run web` must be reachable from the internet"
    return False, NO_EVENTS


async def _names(configuration: Configuration, client: AsyncWebClient) -> tuple[bool, str]:
    desk = await load_desk(configuration, client)
    return True, f"all found: agents {len(desk.roster.agents)}, channels {len(desk.inboxes)}"


async def _membership(client: AsyncWebClient, channel: str) -> tuple[bool, str]:
    answer = await client.conversations_info(channel=channel)
    found = answer.get("channel") or {}
    if found.get("is_archived"):
        return False, "is archived; unarchive it or name another one"
    if not found.get("is_member"):
        return False, "the bot is not in it; write /invite with the bot's name there"
    return True, "the bot is in it"


async def _inbox(connector: Connector) -> tuple[bool, str]:
    health = await connector.check()
    return health.ok, health.detail
