"""The database is brought to the next version while a desk of this version works on it.

The next version only adds (docs/operations.md): columns that may be empty or have a default, a
table, an index. The desk that runs does not notice; one that starts refuses and says why.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.runtime.schema import WrongSchema, heads
from tests.e2e.ledger import all_sent, cards_by_number, ledger, posts_by_effect, shown_times
from tests.e2e.moments import SHORT
from tests.e2e.tally import said
from tests.e2e.town import ROOT, SHOP, Town, a_town, desk_in

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]

_NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = {head!r}

WIDENED = ("ticket", "message", "deadline", "ping", "outbox", "inbox", "raw_inbound")


def upgrade():
    for table in WIDENED:
        op.add_column(table, sa.Column("later", sa.Text()))
        op.add_column(table, sa.Column("counted", sa.Integer(), server_default="0", nullable=False))
    op.create_table("later", sa.Column("id", sa.BigInteger(), primary_key=True))
    op.create_index("ix_later", "ticket", ["later"])


def downgrade():
    op.drop_index("ix_later", "ticket")
    op.drop_table("later")
    for table in WIDENED:
        with op.batch_alter_table(table) as changed:
            changed.drop_column("counted")
            changed.drop_column("later")
"""


def next_version(folder: Path, url: str) -> Config:
    """The migrations of a release that is not written yet."""
    place = folder / "migrations"
    shutil.copytree(ROOT / "migrations", place, ignore=shutil.ignore_patterns("__pycache__"))
    (head,) = heads()
    (place / "versions" / "9999_next.py").write_text(_NEXT.format(head=head), encoding="utf-8")
    config = Config()
    config.set_main_option("script_location", str(place))
    config.attributes["url"] = url
    return config


async def migrated(config: Config, *, back: bool = False) -> int:
    """Migrate beside the desk; how often it was refused its locks before."""
    for refused in range(20):
        try:
            verb = command.downgrade if back else command.upgrade
            await asyncio.to_thread(verb, config, "-1" if back else "head")
        except DBAPIError:
            await asyncio.sleep(0.2)
        else:
            return refused
    raise AssertionError("never got its locks")


@pytest.fixture(params=["postgres", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path, new_database: Any) -> tuple[Path, str]:
    if request.param == "sqlite":
        folder, url = new_database()
        return folder, url
    return tmp_path, request.getfixturevalue("postgres_db_url")


@asynccontextmanager
async def busy(town: Town, words: list[str]) -> AsyncIterator[None]:
    """A visitor writes again and again, until the block ends."""

    async def write() -> None:
        while True:
            words.append(f"visitor words {len(words):03d}")
            await town.customer(
                SHOP, words[-1], subject=f"Question {len(words)}", address=f"visitor{len(words)}"
            )
            await asyncio.sleep(0.4)

    writing = asyncio.create_task(write())
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.wait([writing])


async def test_a_running_desk_survives_the_next_versions_migration_and_a_new_one_refuses(
    place: tuple[Path, str],
):
    folder, url = place
    words: list[str] = []
    async with a_town(folder, url, inboxes=(SHOP,), policies=SHORT, clock=Clock()) as town:
        config = next_version(folder, url)
        async with desk_in(town):
            async with busy(town, words):
                await town.card(SHOP.name, "visitor words 000")
                refused = await migrated(config)
                await asyncio.sleep(1)
            for each in words:
                await town.card(SHOP.name, each, within=60)
            card = await town.card(SHOP.name, words[-1])
            await town.ben.click(card.ts, "claim", channel=card.channel, wait=2)
            await town.shows(card, "Owner: @Ben")
            await town.line(card, "🔴", within=30)
            await all_sent(url)
        rows = await ledger(url)
        shown = [shown_times(town, each, SHOP.name) for each in words]
        posts = [len(found) for found in posts_by_effect(town).values()]
        said(
            "migrated while running",
            {
                "messages": len(words),
                "messages lost": shown.count(0),
                "posts": len(posts),
                "posts doubled": len(posts) - posts.count(1),
                "locks refused to the migration": refused,
            },
        )
        assert shown == [1] * len(words)
        assert set(posts) == {1}
        assert set(cards_by_number(town, SHOP.name).values()) == {1}
        assert {raw["state"] for raw in rows.raw} == {"done"}

        with pytest.raises(WrongSchema, match="a newer one wrote it"):
            async with desk_in(town):
                pass
        await migrated(config, back=True)
        async with desk_in(town):
            await town.customer(SHOP, "after the way back", subject="Back", address="back")
            await town.card(SHOP.name, "after the way back")
