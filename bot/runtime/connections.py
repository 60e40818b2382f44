"""The outside, as objects: Slack's client and the connectors of the configured inboxes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.db.unit import Database
from bot.errors import SettingsError
from bot.runtime.call_meter import count_call
from bot.runtime.durable_keep import DurableKeep
from bot.runtime.instance_key import instance_key
from bot.runtime.key_ring import KeyRing
from bot.runtime.sealing import Sealer
from bot.settings import Environment, InboxSettings
from bot.settings_file import Configuration
from connectors.contract import Connector, InboxContext
from connectors.data_rules import rules_of
from connectors.keep import KeyValue, MemoryKeep

TIMEOUT: Final = 10
"""Seconds one call to Slack may take. Slack answers in well under one."""


def web_client(environment: Environment, *, patient: bool = False) -> AsyncWebClient:
    """A client for Slack or another Slack-compatible host.

    A `patient` one waits out rate limits and failures by itself, for look-ups before anything
    runs. The outbox's must not: there a refusal decides what happens to a row.
    """
    token = environment.slack_bot_token
    client = AsyncWebClient(
        token=token.get_secret_value() if token else None,
        base_url=environment.slack_api_url,
        timeout=TIMEOUT,
    )
    client.retry_handlers = (
        [
            AsyncConnectionErrorRetryHandler(max_retry_count=2),
            AsyncRateLimitErrorRetryHandler(max_retry_count=5),
            AsyncServerErrorRetryHandler(max_retry_count=2),
        ]
        if patient
        else []
    )
    return client


def build_connectors(
    configuration: Configuration, database: Database | None, clock: Clock
) -> dict[str, Connector]:
    """One connector per inbox, by inbox name. Connects to nothing yet.

    What a connector keeps stands in `database`: a token that a platform exchanged once is the
    only one it takes from then on, whoever asked for it. Without one, nothing outlives the process.

    Raises:
        SettingsError: no instance key can be had, or only one that lies beside the data.
    """
    require_own_key(configuration)
    key = instance_key(configuration.environment)
    sealer, ring = Sealer(key), KeyRing((key, *key.old))

    def keep(inbox: InboxSettings) -> KeyValue:
        if database is None:
            return MemoryKeep()
        return DurableKeep(
            database, clock, sealer, inbox=inbox.name, connector=inbox.connector, keys=ring
        )

    return {
        inbox.name: configuration.registry.specs[inbox.connector].build(
            configuration.inbox_configs[inbox.name],
            InboxContext(
                inbox=inbox.name,
                instance_key=key,
                now=clock.now,
                keep=keep(inbox),
                called=count_call,
            ),
        )
        for inbox in configuration.settings.inboxes
    }


def require_own_key(configuration: Configuration) -> None:
    """Make sure that the key is not kept beside what it seals, where a platform's rules say so.

    Raises:
        SettingsError: an inbox is under such rules, and the environment has no key.
    """
    under = [
        name for name, config in configuration.inbox_configs.items() if rules_of(config) is not None
    ]
    if under and configuration.environment.instance_key is None:
        names = ", ".join(f'"{name}"' for name in sorted(under))
        problem = (
            f"inboxes {names}: what their platform tells of orders is kept sealed, and its rules "
            "want the key kept apart from the data. Set THREADLINE_INSTANCE_KEY: make one with "
            "`openssl rand -hex 32`, and keep it where the database is not."
        )
        raise SettingsError([problem])


@asynccontextmanager
async def closing_connectors(
    connectors: Mapping[str, Connector],
) -> AsyncIterator[Mapping[str, Connector]]:
    """The connectors while they are used; afterwards every one of them has let go."""
    try:
        yield connectors
    finally:
        for connector in connectors.values():
            await connector.close()
