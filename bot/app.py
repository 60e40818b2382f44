"""The composition root: a configuration becomes running loops, and stops in good order.

Nothing below this file knows which process it runs in.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import aiohttp
import structlog
from prometheus_client.core import Metric
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.assembly import Parts, add_work, door_of, reloader, slack_app, socket_link, web_loop
from bot.clock import Clock
from bot.db.engine import create_engine
from bot.db.sealed import with_keys
from bot.db.unit import Database, Tx
from bot.db.wakes import tell_others
from bot.desk_loader import load_desk
from bot.domain.desk import Desk
from bot.domain.links import Links
from bot.errors import SettingsError
from bot.jobs.scheduler import WakesOf, by_the_machine
from bot.jobs.worker import Worker
from bot.language import speaking
from bot.process_role import Role
from bot.runtime import schema
from bot.runtime.connections import (
    TIMEOUT,
    build_connectors,
    closing_connectors,
    require_own_key,
    web_client,
)
from bot.runtime.instance_key import instance_key
from bot.runtime.key_ring import KeyRing, prepare
from bot.runtime.lag import LoopLag
from bot.runtime.language_model import language_model
from bot.runtime.reloading import DeskInUse
from bot.runtime.supervise import Supervisor
from bot.settings import Environment
from bot.settings_file import Configuration
from bot.slack.counted import CountingApp
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.rule_versions import keep_own_rules
from bot.web.doors import Doors
from bot.web.slack_calls import SlackCalls
from bot.web.vitals import Vitals
from bot.web.work_metrics import (
    database_families,
    machine_families,
    refusal_families,
    slack_families,
    work_families,
)
from connectors.signing import SigningKey

log = structlog.get_logger(__name__)

GRACE_SECONDS: Final = 9.0
"""What is under way may take this long to end, below the ten seconds of the hard stop."""


async def serve(
    configuration: Configuration,
    *,
    clock: Clock,
    stop: asyncio.Event,
    role: Role = Role.ALL,
    ready: asyncio.Event | None = None,
    wakes: WakesOf = by_the_machine,
    reload: asyncio.Event | None = None,
    settle: Callable[[], None] = lambda: None,
) -> None:
    """Run one process of the desk until `stop`. Sets `ready` once every loop is started.

    Whenever `reload` is set, the settings file is read again. `settle` is called when the process is
    ready, and again with each file that is taken over: nobody waits just then. `wakes` keeps the timetable of its loops; whose time is not the machine's brings another.

    Raises:
        SettingsError: a token is missing or refused, or a name leads nowhere.
        DeskError: the database is not at the right version, or Slack cannot be reached.
    """
    _require_tokens(configuration.environment, role)
    async with _parts(configuration, clock, wakes, role) as parts:
        # Every loop starts in here: what it says to nobody in particular is in the desk's language.
        with speaking(parts.desk.language):
            supervisor = await _assemble(parts, role, stop)
            asked = reload or asyncio.Event()
            supervisor.add("reload", reloader(parts, asked, taken_over=settle).run)
            settle()
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
    configuration: Configuration, clock: Clock, wakes: WakesOf, role: Role
) -> AsyncIterator[Parts]:
    """Everything opened in order of trust, closed in reverse."""
    environment = configuration.environment
    require_own_key(configuration)
    key = instance_key(environment)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with (
        _database(environment, key, clock, role) as database,
        aiohttp.ClientSession(timeout=timeout) as session,
    ):
        patient = web_client(environment, patient=True)
        await _introduce(patient)
        client = web_client(environment)
        client.session = session

        async def make_desk(of: Configuration) -> Desk:
            desk = await load_desk(of, patient, clock, without_unknown_people=True)
            if base_url := of.settings.desk.public_url:
                desk = replace(desk, links=Links(base_url=base_url, key=key))
            return desk

        using = DeskInUse(await make_desk(configuration))
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
                using=using,
                make_desk=make_desk,
                connectors=connectors,
                wakes=wakes,
                llm=llm,
            )


@asynccontextmanager
async def _database(
    environment: Environment, key: SigningKey, clock: Clock, role: Role
) -> AsyncIterator[Database]:
    """The desk's database, at the version this code needs, with keys that open what is sealed."""
    ring = KeyRing((key, *key.old))
    engine = with_keys(create_engine(environment.database_url), ring)
    alone = role.works or engine.dialect.name == "sqlite"
    database = Database(engine, tells_others=None if alone else tell_others)
    try:
        await schema.require_head(database)
        await prepare(database, ring, clock.now())
        yield database
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
    supervisor.add("lag", lag.run, vital=True)
    # Clicks plan clocks as well as mail does: whoever may, keeps first what it plans them by.
    await _write(parts, lambda tx: keep_own_rules(tx, parts.desk))
    await _write(parts, lambda tx: sync_inboxes(tx, parts.desk))
    worker = add_work(supervisor, parts) if role.works else None
    slack = None if role is Role.WORKER else slack_app(parts)
    link = await socket_link(parts, role, slack)
    if link is not None:
        supervisor.add("socket", link.run)
    by_http = slack if link is None else None
    if by_http is not None or parts.environment.http_port is not None:
        door = door_of(parts)
        others = Doors(
            environment=parts.environment,
            database=parts.database,
            desk=lambda: parts.desk,
            clock=parts.clock,
            stopping=stop.is_set,
        )
        slack_calls = SlackCalls(parts.database, parts.clock)
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
            work=lambda: [*_counted(parts, worker), *_of_slack(slack, slack_calls)],
        )
        routes = others.routes()
        web = web_loop(parts.environment, vitals, by_http, door, routes, slack_calls=slack_calls)
        supervisor.add("web", web)
    return supervisor


def _counted(parts: Parts, worker: Worker | None) -> Sequence[Metric]:
    url, now = parts.environment.database_url, parts.clock.now()
    machine = machine_families(url, retries=parts.database.retries, now=now)
    took = database_families(parts.database.took)
    return [*machine, *took, *(work_families(worker) if worker else ())]


def _of_slack(slack: CountingApp | None, calls: SlackCalls) -> Sequence[Metric]:
    return [*refusal_families(calls.refused), *(slack_families(slack.counted) if slack else ())]


async def _write(parts: Parts, fn: Callable[[Tx], None]) -> None:
    await parts.database.write(fn, now=parts.clock.now(), urgent=True)
