"""`threadline route explain`: to whom a ticket went, and where it would go now."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.cli.route import explain_route
from bot.desk_loader import load_desk
from bot.errors import DeskError, NoSuchTicket
from bot.runtime.connections import web_client
from bot.settings_file import Configuration, load
from bot.slack_manifest import build_manifest
from bot.usecases.away import GoAway, go_away
from bot.usecases.tag_customer import TagCustomer, tag_customer
from sandbox.slack.seed import ANNA, BEN
from sandbox.slack.server import SandboxSlack
from tests.builders import NOW, an_inbound, arrive, hours, ticket
from tests.databases import open_database
from tests.unit.cli.desk import threadline
from tests.unit.settings.files import SECRETS, inbox, write

AMAZON = inbox(name="amazon-it", connector="amazon").replace('calendar = "milan"\n', "")
PEOPLE = """
[[agents]]
slack = "anna@rossi-casa.example"
name = "Anna Conti"
languages = "it"

[[agents]]
slack = "ben@rossi-casa.example"
name = "Ben Keller"

[[routes]]
name = "italian"
to = { languages = "it" }
"""


def configured(folder: Path, *, routes: bool = True, **environ: str) -> Configuration:
    text = PEOPLE if routes else PEOPLE.partition("[[routes]]")[0]
    path = write(folder, text + AMAZON)
    found = {**SECRETS, "DATABASE_URL": f"sqlite:///{folder / 'desk.db'}", **environ}
    return load(path, found)


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    return tmp_path


async def told(folder: Path, *, routes: bool) -> None:
    """A ticket comes in, its owner goes away, and somebody asks."""
    slack = SandboxSlack()
    await slack.start(manifest=build_manifest())
    database = open_database(f"sqlite:///{folder / 'desk.db'}")
    try:
        configuration = configured(
            folder, routes=routes, SLACK_BOT_TOKEN=slack.bot_token, SLACK_API_URL=slack.api_url
        )
        desk = await load_desk(configuration, web_client(configuration.environment))
        await arrive(database, desk, an_inbound())
        away = GoAway(actor=ANNA, who=ANNA)
        await database.write(lambda tx: go_away(tx, desk, away), now=NOW)
        view = await ticket(database)
        tags = TagCustomer(ticket_id=view.id, actor=BEN, tags=("wholesale",))
        await database.write(lambda tx: tag_customer(tx, desk, tags), now=NOW)
        await explain_route(configuration, 1, NOW + hours(1))
        with pytest.raises(NoSuchTicket):
            await explain_route(configuration, 2, NOW)
    finally:
        await database.close()
        await slack.stop()


def test_what_was_decided_then_stands_beside_what_would_be_now(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(told(folder, routes=True))
    said = capsys.readouterr().out.replace("\n", " ")
    assert "#1 · amazon-it · open · Anna Conti" in said
    assert "Then: Routed to Anna Conti (“italian”). Ben Keller does not read Italian." in said
    assert "Now:  Nobody can take it now (“italian”)" in said
    assert "Anna Conti is away" in said
    assert "Customer: tagged wholesale" in said


def test_without_routes_it_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(told(folder, routes=False))
    said = capsys.readouterr().out
    assert "It was never routed" in said
    assert "No route is meant for it." in said


def test_without_a_token_it_says_what_is_missing(folder: Path) -> None:
    with pytest.raises(DeskError, match="SLACK_BOT_TOKEN is not set"):
        asyncio.run(explain_route(configured(folder), 1, NOW))
    said = threadline(folder, "route", "explain", "1", MAIL_PASSWORD="x")
    assert said.code == 1
    assert "SLACK_BOT_TOKEN is not set" in said.out + said.err
