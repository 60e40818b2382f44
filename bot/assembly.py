"""The loops of a process, each built from the parts that all of them share.

Who runs which of them is decided in `bot.app`.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.sealed import keys_in
from bot.db.unit import Database
from bot.domain.chain import chain_key
from bot.domain.desk import Desk
from bot.jobs import backups, history, retention
from bot.jobs.alarm import SECONDS as ALARM_SECONDS
from bot.jobs.alarm import AlarmWatch
from bot.jobs.heartbeat import Heartbeat
from bot.jobs.scheduler import WakesOf
from bot.jobs.worker import Chore, Worker
from bot.llm.provider import LanguageModel
from bot.marketplace.asides import AsideExecutor
from bot.marketplace.executor import MarketExecutor
from bot.outbox.executor import Executor
from bot.process_role import Role
from bot.runtime import key_chore
from bot.runtime.alarm_mail import mailer
from bot.runtime.cadences import cadences_of
from bot.runtime.instance_key import instance_key
from bot.runtime.key_chore import KeyChore
from bot.runtime.key_ring import KeyRing
from bot.runtime.reloading import DeskInUse, Reloader
from bot.runtime.socket_link import SocketLink
from bot.runtime.supervise import Loop, Supervisor
from bot.settings import Environment
from bot.settings_file import Configuration, load
from bot.slack.answer_files import AnswerFiles
from bot.slack.app import build_app
from bot.slack.counted import CountingApp
from bot.slack.customer_pictures import CustomerPictures
from bot.slack.erasing import Erasing
from bot.slack.executor import SlackExecutor
from bot.slack.group_executor import GroupExecutor
from bot.slack.home_executor import HomeExecutor
from bot.slack.limits import SlackLimits
from bot.slack.offers import OfferExecutor
from bot.slack.people import PeopleWatch
from bot.slack.report_posts import ReportPosts
from bot.web.app import Probes, build_web
from bot.web.server import listen, serve_web
from bot.web.slack_calls import SlackCalls
from bot.web.tokens import access_token
from bot.web.vitals import Vitals
from bot.web.webhooks import WebhookDoor
from connectors.capabilities import Webhooks
from connectors.contract import Connector

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing

log = structlog.get_logger(__name__)

DEFAULT_PORT: Final = 8080

VITAL: Final = frozenset({"outbox", "tick", "scheduler", "audit", "alive"})
"""Loops without which the desk keeps no promise. An inbox that cannot be read ends nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What every loop of a process shares."""

    configuration: Configuration
    clock: Clock
    database: Database
    client: AsyncWebClient
    using: DeskInUse
    make_desk: Callable[[Configuration], Awaitable[Desk]]
    connectors: Mapping[str, Connector]
    wakes: WakesOf
    llm: LanguageModel | None

    @property
    def environment(self) -> Environment:
        """Tokens and addresses."""
        return self.configuration.environment

    @property
    def desk(self) -> Desk:
        """Rules and people as they are now: a changed file may be taken over at any moment."""
        return self.using.desk


def add_work(supervisor: Supervisor, parts: Parts) -> Worker:
    """What reads inboxes, fires pings and sends."""

    def desk() -> Desk:
        return parts.desk

    worker = Worker(
        db=parts.database,
        desk=desk,
        clock=parts.clock,
        connectors=parts.connectors,
        executors=_executors(parts, desk),
        owner=f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}",
        limits=SlackLimits(),
        cadences=cadences_of(parts.configuration, parts.clock),
        wakes=parts.wakes,
        further={
            "history": (history.SECONDS, _history(parts).look),
            **_keys(parts),
            **_alarm(parts),
            **_backups(parts),
            **_retention(parts),
        },
        heartbeat=Heartbeat(parts.environment.heartbeat_url),
        worked=supervisor.worked,
    )
    for name, loop in worker.loops().items():
        supervisor.add(name, loop, vital=name in VITAL)
    if not parts.database.is_sqlite:
        supervisor.add("hearing", hearing(parts).run)
    supervisor.add("people", PeopleWatch(parts.client, parts.database, desk, parts.clock).run)
    return worker


def _executors(parts: Parts, desk: Callable[[], Desk]) -> dict[str, Executor]:
    """Who sends an effect, by its kind."""
    client, database, clock = parts.client, parts.database, parts.clock
    apart = ReadApart(parts.environment.database_url, keys_in(database.engine))
    senders = (
        SlackExecutor(client, database, desk, clock, apart=apart),
        MarketExecutor(parts.connectors, database, desk, clock),
        AsideExecutor(parts.connectors, database, desk, clock),
        AnswerFiles(client, parts.connectors, database, desk, clock),
        CustomerPictures(client, parts.connectors, database, desk, clock),
        HomeExecutor(client, database, desk, clock),
        OfferExecutor(client, database, desk, clock),
        GroupExecutor(client, database, desk, clock),
        ReportPosts(client, database, apart, desk, clock),
        Erasing(client, database, desk, clock),
    )
    return {kind: one for one in senders for kind in one.kinds}


def hearing(parts: Parts) -> "Hearing":
    """What is told by processes that do not work."""
    # Imported here: the driver is loaded on PostgreSQL only.
    from bot.runtime.hearing import Hearing  # noqa: PLC0415

    return Hearing(parts.database.engine, parts.database.hear)


def _history(parts: Parts) -> history.HistoryWatch:
    key = chain_key(instance_key(parts.environment))
    return history.HistoryWatch(parts.database, parts.clock, key)


def _keys(parts: Parts) -> Mapping[str, Chore]:
    """What brings every sealed value under the newest data key."""
    ring = keys_in(parts.database.engine)
    if not isinstance(ring, KeyRing):
        return {}
    return {"keys": (key_chore.SECONDS, KeyChore(parts.database, parts.clock, ring).look)}


def _backups(parts: Parts) -> Mapping[str, Chore]:
    """Nightly copies of a SQLite desk, where the settings say where to."""
    wanted, base = parts.configuration.settings.backup, parts.configuration.path.parent
    if wanted is None:
        return {}
    if not parts.database.is_sqlite:
        log.warning("backup.only_for_sqlite", use="pg_dump, see docs/backup.md")
        return {}
    night = backups.Night.of(wanted, parts.desk.timezone, base)
    watch = backups.BackupWatch(parts.database, parts.environment, parts.clock, night)
    return {"backup": (backups.SECONDS, watch.look)}


def _retention(parts: Parts) -> Mapping[str, Chore]:
    """What takes away words over their time, and whoever wished to be forgotten."""
    key = instance_key(parts.environment)
    watch = retention.RetentionWatch(parts.database, lambda: parts.desk, parts.clock, key)
    return {"retention": (retention.SECONDS, watch.look)}


def _alarm(parts: Parts) -> Mapping[str, Chore]:
    """Mails to managers while Slack takes no messages, where the settings say how."""
    configuration = parts.configuration
    settings = configuration.settings.alarms
    if settings is None:
        return {}
    watch = AlarmWatch(
        parts.database,
        parts.clock,
        settings,
        mailer(settings, configuration.alarm_password),
        configuration.settings.desk.name,
    )
    return {"alarm": (ALARM_SECONDS, watch.look)}


def door_of(parts: Parts) -> WebhookDoor:
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


def web_loop(
    environment: Environment,
    vitals: Vitals,
    slack: AsyncApp | None,
    door: WebhookDoor,
    others: Sequence[Route],
    *,
    slack_calls: SlackCalls,
) -> Loop:
    """The HTTP server: probes, Slack's and platforms' calls, pages."""
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
        slack_calls=slack_calls,
        webhooks=door,
        doors=others,
        metrics_token=access_token(environment.metrics_token),
    )
    port = DEFAULT_PORT if environment.http_port is None else environment.http_port
    # Bound now, so that a port that is taken is a sentence at the start; then for every restart.
    listener = listen(environment.http_host, port)
    proxies = environment.trusted_proxies
    return lambda: serve_web(web, listener.dup(), trusted_proxies=proxies)


def slack_app(parts: Parts) -> CountingApp:
    """What answers people in Slack, however its calls reach us."""
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
        apart=ReadApart(parts.environment.database_url, keys_in(parts.database.engine)),
    )


async def socket_link(parts: Parts, role: Role, slack: AsyncApp | None) -> SocketLink | None:
    """The Socket Mode link of a process that hears Slack that way.

    Raises:
        SettingsError: Slack refuses the app token.
    """
    token = parts.environment.slack_app_token
    if slack is None or token is None or role is Role.WEB:
        return None
    link = SocketLink(slack, token.get_secret_value(), parts.clock)
    await link.check()
    return link


def reloader(parts: Parts, asked: asyncio.Event, *, taken_over: Callable[[], None]) -> Reloader:
    """What takes over a changed settings file."""
    return Reloader(
        parts.database,
        parts.clock,
        parts.configuration,
        parts.using,
        asked=asked,
        read=lambda: load(parts.configuration.path, os.environ),
        make=parts.make_desk,
        taken_over=taken_over,
    )
