"""An Amazon mailbox with the selling API beside it, through the whole desk."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from structlog.testing import capture_logs
from typing_extensions import override

from bot.db import tables
from bot.domain.effects import fetch_context
from bot.marketplace.asides import AsideExecutor
from bot.outbox.dispatcher import Dispatcher
from connectors.data_rules import rules_of
from connectors.registry import load_spec
from connectors.testing.market import Fault
from sandbox.markets.amazon import OWN_PROVIDER
from sandbox.markets.amazon_seller import AmazonSeller
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import INBOX, DeskWorld, desk_with
from tests.sealing import sealing


def config(market: AmazonSeller, **changes: Any) -> dict[str, Any]:
    return {**market.settings(), "trusted_authserv": OWN_PROVIDER, **changes}


@asynccontextmanager
async def seller(
    settings: Callable[[AmazonSeller], dict[str, Any]] = config,
) -> AsyncIterator[tuple[DeskWorld[AmazonSeller], Dispatcher]]:
    """A desk whose order look-ups go out, and whose order data is sealed."""

    def fake(now: Callable[[], datetime]) -> AmazonSeller:
        return AmazonSeller(now)

    async with desk_with("amazon", settings, fake) as world:
        sealed = await sealing(world.database)
        rules = rules_of(
            load_spec("connectors.amazon").config_model.model_validate(settings(world.market))
        )
        route = replace(world.desk.inboxes[INBOX], data_rules=rules, fetches_context=True)
        world.desk = replace(world.desk, inboxes={INBOX: route})
        aside = AsideExecutor({INBOX: world.connector}, sealed, lambda: world.desk, world.clock)
        executors = {**dict.fromkeys(aside.kinds, aside), "post_ops": world.slack}
        yield world, Dispatcher(sealed, {**_others(world), **executors}, world.clock)


def _others(world: DeskWorld[AmazonSeller]) -> dict[str, Any]:
    return dict.fromkeys(
        ("post_root", "post_message", "post_ping", "post_log", "update_card", "send_reply"),
        world.slack,
    )


async def ask_for_orders(
    world: DeskWorld[AmazonSeller], dispatcher: Dispatcher, number: int
) -> None:
    ticket = world.ticket(number)
    message = ticket.last_customer_message
    assert message is not None
    await world.database.write(
        lambda tx: tx.emit(fetch_context(ticket.id, message.id, inbox=INBOX)),
        now=world.clock.now(),
    )
    await dispatcher.drain()


async def kept(world: DeskWorld[AmazonSeller]) -> Any:
    return await world.database.read(
        lambda conn: conn.execute(select(tables.ticket_context)).one_or_none()
    )


async def test_the_order_behind_a_mail_is_kept_sealed_and_for_thirty_days() -> None:
    async with seller() as (world, dispatcher):
        await world.market.says(Author.CUSTOMER, "Where is my lamp?")
        await world.poll()
        await ask_for_orders(world, dispatcher, 1)
        row = await kept(world)
        assert row.content == {}
        assert b"lamp" not in row.sealed
        assert row.origin == "selling_partner"
        said = world.ticket(1).last_customer_message
        assert said is not None
        assert row.purge_after == said.sent_at + timedelta(days=30)
        # Who has no key sees a ticket without an order; who has it sees the order.
        assert world.ticket(1).order_context is None
        assert world.market.api.included


async def test_invariant_10_mail_goes_on_whatever_the_selling_api_does() -> None:
    async with seller() as (world, dispatcher):
        for number, fault in enumerate((Fault.FAILS, Fault.THROTTLED, Fault.CUT), 1):
            world.market.api.fail(fault)
            await world.market.says(Author.CUSTOMER, "Where is it?", thread=f"7{number}")
            await world.poll()
            await ask_for_orders(world, dispatcher, number)
            assert await world.answer(number, "It leaves today.") == "sent"
        assert await kept(world) is None


async def test_an_access_that_ended_is_told_once_and_pauses_nothing() -> None:
    async with seller() as (world, dispatcher):
        world.market.api.withdrawn = True
        for number in (1, 2, 3):
            await world.market.says(Author.CUSTOMER, "Where is it?", thread=f"7{number}")
            await world.poll()
            await ask_for_orders(world, dispatcher, number)
        told = [payload for kind, payload in world.slack.posted if kind == "post_ops"]  # type: ignore[attr-defined]
        (line,) = told
        assert line["text"].startswith(f"Cards of {INBOX} show no orders until this is mended")
        assert dispatcher.paused() == {}
        assert world.market.api.logins == 1


async def test_without_an_access_nothing_is_asked_and_no_rules_hold() -> None:
    def mailbox(market: AmazonSeller) -> dict[str, Any]:
        return {**market.mailbox_settings(), "trusted_authserv": OWN_PROVIDER}

    async with seller(mailbox) as (world, dispatcher):
        await world.market.says(Author.CUSTOMER, "Where is it?")
        await world.poll()
        await ask_for_orders(world, dispatcher, 1)
        assert world.market.api.log == []
        assert await kept(world) is None
        assert world.desk.inboxes[INBOX].data_rules is None
        assert (await world.connector.check()).ok


class Kept(logging.Handler):
    """Every line a logger was given."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def all_lines() -> Iterator[list[str]]:
    """What the connectors log, at every level."""
    logger, kept = logging.getLogger("threadline"), Kept()
    level, off = logger.level, logger.disabled
    logger.addHandler(kept)
    logger.setLevel(logging.DEBUG)
    logger.disabled = False
    try:
        yield kept.lines
    finally:
        logger.removeHandler(kept)
        logger.setLevel(level)
        logger.disabled = off


async def test_invariant_11_no_log_shows_a_word_a_name_or_an_alias() -> None:
    with all_lines() as lines, capture_logs() as events:
        async with seller() as (world, dispatcher):
            await world.market.says(Author.CUSTOMER, "Where is my lamp?")
            await world.poll()
            await ask_for_orders(world, dispatcher, 1)
            world.market.api.fail(Fault.FAILS)
            world.time.advance(timedelta(hours=2))
            await world.market.says(Author.CUSTOMER, "Where is my lamp?")
            await world.poll()
            await ask_for_orders(world, dispatcher, 1)
    assert [line for line in lines if "GET 127.0.0.1 /orders/*/orders/* 200" in line]
    shown = [*lines, *map(str, events)]
    for private in ("Where is my lamp", "marketplace.amazon", "Nora", "202-5555555"):
        assert not [line for line in shown if private in line]
