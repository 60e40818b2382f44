"""The composition root: a configuration becomes running loops, and stops in good order.

Nothing below this file knows which process it runs in.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.engine import create_engine
from bot.db.sealed import with_box
from bot.db.unit import Database, Tx
from bot.desk_loader import load_desk
from bot.domain.chain import chain_key
from bot.domain.desk import Desk
from bot.domain.links import Links
from bot.errors import SettingsError
from bot.jobs import history
from bot.jobs.scheduler import WakesOf, by_the_machine
from bot.jobs.worker import Worker
from bot.language import speaking
from bot.llm.provider import LanguageModel
from bot.marketplace.asides import AsideExecutor
from bot.marketplace.executor import MarketExecutor
from bot.process_role import Role
from bot.runtime import schema
from bot.runtime.cadences import cadences_of
from bot.runtime.connections import (
    TIMEOUT,
    build_connectors,
    closing_connectors,
    require_own_key,
    web_client,
)
from bot.runtime.instance_key import instance_key
from bot.runtime.lag import LoopLag
from bot.runtime.language_model import language_model
from bot.runtime.sealing import OrderBox
from bot.runtime.socket_link import SocketLink
from bot.runtime.supervise import Loop, Supervisor
from bot.settings import Environment
from bot.settings_file import Configuration
from bot.slack.answer_files import AnswerFiles
from bot.slack.app import build_app
from bot.slack.customer_pictures import CustomerPictures
from bot.slack.executor import SlackExecutor
from bot.slack.group_executor import GroupExecutor
from bot.slack.home_executor import HomeExecutor
from bot.slack.limits import SlackLimits
from bot.slack.offers import OfferExecutor
from bot.slack.report_posts import ReportPosts
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.rule_versions import keep_own_rules
from bot.web.app import Probes, build_web
from bot.web.doors import Doors
from bot.web.server import listen, serve_web
from bot.web.vitals import Vitals
from bot.web.webhooks import WebhookDoor
from connectors.capabilities import Webhooks
from connectors.contract import Connector

log = structlog.get_logger(__name__)

DEFAULT_PORT: Final = 8080
GRACE_SECONDS: Final = 15.0
"""What is under way may take this long to end, below the twenty seconds of the hard stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What every loop of a process shares."""

    configuration: Configuration
    clock: Clock
    database: Database
    client: AsyncWebClient
    desk: Desk
    connectors: Mapping[str, Connector]
    wakes: WakesOf
    llm: LanguageModel | None

    @property
    def environment(self) -> Environment:
        """Tokens and addresses."""
        return self.configuration.environment


async def serve(
    configuration: Configuration,
    *,
    clock: Clock,
    stop: asyncio.Event,
    role: Role = Role.ALL,
    ready: asyncio.Event | None = None,
    wakes: WakesOf = by_the_machine,
) -> None:
    """Run one process of the desk until `stop`. Sets `ready` once every loop is started.

    `wakes` keeps the timetable of its loops; whose time is not the machine's brings another.

    Raises:
        SettingsError: a token is missing or refused, or a name leads nowhere.
        DeskError: the database is not at the right version, or Slack cannot be reached.
    """
    _require_tokens(configuration.environment, role)
    async with _parts(configuration, clock, wakes) as parts:
        # Every loop starts in here: what it says to nobody in particular is in the desk's language.
        with speaking(parts.desk.language):
            supervisor = await _assemble(parts, role, stop)
            log.info("desk.started", role=str(role), inboxes=len(parts.desk.inboxes))
            if ready is not None:
                ready.set()
            await supervisor.run(stop, grace_seconds=GRACE_SECONDS)
    log.info("desk.stopped", role=str(role))


def _require_tokens(environment: Environment, role: Role) -> None:
    problems = []
    if environment.slack_bot_token is None:
        problems.append(
            "environment: SLACK_BOT_TOKEN is not set. Put the app's xoxb-… token there."
        )
    if role is Role.SLACK and environment.slack_app_token is None:
        problems.append("environment: SLACK_APP_TOKEN is not set. `run slack` needs Socket Mode.")
    if role is Role.WEB and environment.slack_signing_secret is None:
        problems.append("environment: SLACK_SIGNING_SECRET is not set. `run web` needs it.")
    if role is Role.ALL and not (environment.slack_app_token or environment.slack_signing_secret):
        problems.append(
            "environment: SLACK_APP_TOKEN is not set. Put the app's xapp-… token there, "
            "or SLACK_SIGNING_SECRET to be called over HTTP."
        )
    if problems:
        raise SettingsError(problems)


@asynccontextmanager
async def _parts(
    configuration: Configuration, clock: Clock, wakes: WakesOf
) -> AsyncIterator[Parts]:
    """Everything opened in order of trust, closed in reverse."""
    environment = configuration.environment
    require_own_key(configuration)
    engine = create_engine(environment.database_url)
    key = instance_key(environment)
    database = Database(with_box(engine, OrderBox(key)))
    try:
        await schema.require_head(database)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            patient = web_client(environment, patient=True)
            await _introduce(patient)
            client = web_client(environment)
            client.session = session
            desk = await load_desk(configuration, patient, clock, without_unknown_people=True)
            if base_url := configuration.settings.desk.public_url:
                desk = replace(desk, links=Links(base_url=base_url, key=key))
            built = build_connectors(configuration, database, clock)
            async with (
                closing_connectors(built) as connectors,
                language_model(configuration, clock) as llm,
            ):
                yield Parts(
                    configuration=configuration,
                    clock=clock,
                    database=database,
                    client=client,
                    desk=desk,
                    connectors=connectors,
                    wakes=wakes,
                    llm=llm,
                )
    finally:
        await database.close()


async def _introduce(client: AsyncWebClient) -> None:
    """Make sure that Slack takes the bot token, before anything depends on it."""
    try:
        answer = await client.auth_test()
    except SlackApiError as exc:
        code = exc.response.get("error")
        problem = (
            f"environment: SLACK_BOT_TOKEN: Slack refuses it ({code}). "
            "Copy the bot token from the app's page OAuth & Permissions."
        )
        raise SettingsError([problem]) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        # Slack being away is no reason not to read mail and to plan pings.
        log.warning("slack.unreachable", error=type(exc).__name__)
        return
    log.info("slack.authorised", team_id=answer.get("team_id"), bot_id=answer.get("bot_id"))


async def _assemble(parts: Parts, role: Role, stop: asyncio.Event) -> Supervisor:
    """The loops of this role."""
    supervisor = Supervisor(parts.clock)
    lag = LoopLag(parts.clock)
    supervisor.add("lag", lag.run)
    # Clicks plan clocks as well as mail does: whoever may, keeps first what it plans them by.
    await _write(parts, lambda tx: keep_own_rules(tx, parts.desk))
    await _write(parts, lambda tx: sync_inboxes(tx, parts.desk))
    worker = _add_work(supervisor, parts) if role.works else None
    slack = None if role is Role.WORKER else _slack_app(parts)
    link = await _socket_link(parts, role, slack)
    if link is not None:
        supervisor.add("socket", link.run)
    by_http = slack if link is None else None
    if by_http is not None or parts.environment.http_port is not None:
        door = _door(parts)
        others = Doors(
            environment=parts.environment,
            database=parts.database,
            desk=lambda: parts.desk,
            clock=parts.clock,
            stopping=stop.is_set,
        )
        vitals = Vitals(
            database=parts.database,
            clock=parts.clock,
            restarts=supervisor.restarts,
            lag=lag,
            link=link,
            stopping=stop.is_set,
            auditor=worker.auditor if worker else None,
            slowed=worker.slowed if worker else dict,
            calls=door.counts,
            measures=others.measuring().families,
        )
        supervisor.add("web", _web_loop(parts.environment, vitals, by_http, door, others.routes()))
    return supervisor


async def _write(parts: Parts, fn: Callable[[Tx], None]) -> None:
    await parts.database.write(fn, now=parts.clock.now(), urgent=True)


def _add_work(supervisor: Supervisor, parts: Parts) -> Worker:
    """What reads inboxes, fires pings and sends."""

    def desk() -> Desk:
        return parts.desk

    apart = ReadApart(parts.environment.database_url)
    to_slack = SlackExecutor(parts.client, parts.database, desk, parts.clock, apart=apart)
    files = AnswerFiles(parts.client, parts.connectors, parts.database, desk, parts.clock)
    pictures = CustomerPictures(parts.client, parts.connectors, parts.database, desk, parts.clock)
    homes = HomeExecutor(parts.client, parts.database, desk, parts.clock)
    to_market = MarketExecutor(parts.connectors, parts.database, desk, parts.clock)
    groups = GroupExecutor(parts.client, parts.database, desk, parts.clock)
    offers = OfferExecutor(parts.client, parts.database, desk, parts.clock)
    aside = AsideExecutor(parts.connectors, parts.database, desk, parts.clock)
    reports = ReportPosts(parts.client, parts.database, apart, desk, parts.clock)
    worker = Worker(
        db=parts.database,
        desk=desk,
        clock=parts.clock,
        connectors=parts.connectors,
        executors={
            **dict.fromkeys(to_slack.kinds, to_slack),
            **dict.fromkeys(to_market.kinds, to_market),
            **dict.fromkeys(aside.kinds, aside),
            **dict.fromkeys(files.kinds, files),
            **dict.fromkeys(pictures.kinds, pictures),
            **dict.fromkeys(homes.kinds, homes),
            **dict.fromkeys(offers.kinds, offers),
            **dict.fromkeys(groups.kinds, groups),
            **dict.fromkeys(reports.kinds, reports),
        },
        owner=f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}",
        limits=SlackLimits(),
        cadences=cadences_of(parts.configuration, parts.clock),
        wakes=parts.wakes,
        further={"history": (history.SECONDS, _history(parts).look)},
    )
    for name, loop in worker.loops().items():
        supervisor.add(name, loop)
    return worker


def _history(parts: Parts) -> history.HistoryWatch:
    key = chain_key(instance_key(parts.environment))
    return history.HistoryWatch(parts.database, parts.clock, key)


def _door(parts: Parts) -> WebhookDoor:
    """Calls of platforms, for the inboxes whose channel takes some."""
    specs = parts.configuration.registry.specs
    manifests = {
        name: specs[route.connector].manifest for name, route in parts.desk.inboxes.items()
    }
    return WebhookDoor(
        {
            name: connector
            for name, connector in parts.connectors.items()
            if isinstance(connector, Webhooks) and manifests[name].capabilities.webhooks
        },
        parts.database,
        parts.clock,
        pushed_only=frozenset(n for n, m in manifests.items() if m.transport == "webhook"),
    )


def _web_loop(
    environment: Environment,
    vitals: Vitals,
    slack: AsyncApp | None,
    door: WebhookDoor,
    others: Sequence[Route],
) -> Loop:
    secret = environment.slack_signing_secret
    web = build_web(
        Probes(
            loop_lag=vitals.lag.seconds,
            ready=vitals.ready,
            metrics=vitals.metrics,
            details=vitals.details,
        ),
        slack=slack,
        signing_secret=secret.get_secret_value() if secret else None,
        webhooks=door,
        doors=others,
    )
    port = DEFAULT_PORT if environment.http_port is None else environment.http_port
    # Bound now, so that a port that is taken is a sentence at the start; then for every restart.
    listener = listen(environment.http_host, port)
    return lambda: serve_web(web, listener.dup())


def _slack_app(parts: Parts) -> AsyncApp:
    secret = parts.environment.slack_signing_secret
    return build_app(
        parts.client,
        parts.database,
        lambda: parts.desk,
        parts.clock,
        parts.connectors,
        specs=parts.configuration.registry.specs,
        signing_secret=secret.get_secret_value() if secret else None,
        llm=parts.llm,
    )


async def _socket_link(parts: Parts, role: Role, slack: AsyncApp | None) -> SocketLink | None:
    token = parts.environment.slack_app_token
    if slack is None or token is None or role is Role.WEB:
        return None
    link = SocketLink(slack, token.get_secret_value(), parts.clock)
    await link.check()
    return link
