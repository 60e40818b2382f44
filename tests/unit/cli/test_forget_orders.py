"""`threadline forget-orders`: order data of one inbox, gone at once."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.cli.desk_database import desk_without_slack
from bot.db import tables
from bot.db.unit import Database
from bot.settings_file import load
from bot.usecases.order_context import keep_context
from connectors.capabilities import Order, OrderContext
from tests.builders import NOW, an_inbound, arrive
from tests.databases import open_database
from tests.db.reading import rows
from tests.unit.cli.desk import Said, threadline
from tests.unit.settings.files import DESK, SECRETS, inbox, write

T = TypeVar("T")
TOLD = OrderContext(orders=(Order(order_id="405-7719234-1180357"),))
INBOXES = "".join(
    inbox(name=name, connector="amazon")
    .replace('calendar = "milan"\n', "")
    .replace("imap.shop", f"imap.{name}")
    for name in ("amazon-it", "amazon-de")
)


def within(folder: Path, work: Callable[[Database], Awaitable[T]]) -> T:
    async def whole() -> T:
        database = open_database(f"sqlite:///{folder / 'desk.db'}")
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """Two inboxes, a ticket in each, and orders known of both."""
    path = write(tmp_path, DESK + INBOXES)
    shutil.copy(sqlite_template, tmp_path / "desk.db")

    async def known(database: Database) -> None:
        desk = desk_without_slack(load(path, SECRETS))
        for name in ("amazon-it", "amazon-de"):
            await arrive(database, desk, an_inbound(), inbox=name)
        for found in await rows(database, tables.ticket):
            await database.write(
                lambda tx, each=found.id: keep_context(tx, desk, each, TOLD),  # type: ignore[misc]
                now=NOW,
            )

    within(tmp_path, known)
    return tmp_path


def run(folder: Path, name: str) -> Said:
    return threadline(folder, "forget-orders", name, MAIL_PASSWORD="x")


def test_the_orders_of_one_inbox_go_and_those_of_another_stay(folder: Path) -> None:
    said = run(folder, "amazon-it")
    assert said.code == 0
    assert "1 ticket of amazon-it without order data now." in said.out
    assert len(within(folder, lambda db: rows(db, tables.ticket_context))) == 1
    noted = within(folder, lambda db: rows(db, tables.ticket_event, type="orders_forgotten"))
    assert len(noted) == 1


def test_an_inbox_nothing_is_known_of_is_said_so(folder: Path) -> None:
    said = run(folder, "website")
    assert said.code == 1
    assert "Nothing is kept of orders of website." in said.err
