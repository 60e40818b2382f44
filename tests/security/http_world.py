"""The whole web app of a busy desk, asked in process: what a stranger sends, byte for byte."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import Connection, select
from starlette.applications import Starlette

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.settings import Environment
from bot.web.app import Probes, build_web
from bot.web.doors import Doors
from bot.web.tokens import AccessToken
from bot.web.webhooks import WebhookDoor
from connectors.capabilities import Webhooks
from tests.api_world import StillClock

API_TOKEN, WALL_TOKEN, METRICS_TOKEN = "token-of-a-program", "token-of-a-screen", "token-of-numbers"
SLACK_SECRET = "signing-secret"


class Forgetful(StillClock):
    """Minutes pass between two looks at it: no budget is ever spent."""

    def monotonic(self) -> float:
        self.steady += 61.0
        return self.steady


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request, as a server hands it to the app."""

    method: str = "GET"
    path: str = "/"
    query: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    client: tuple[str, int] = ("198.51.100.7", 4711)


@dataclass(kw_only=True)
class Heard:
    """What reached Slack's handlers."""

    commands: list[str] = field(default_factory=list)


def a_whole_app(
    db: Database,
    url: str,
    desk: Desk,
    hooks: dict[str, Webhooks],
    *,
    clock: Clock | None = None,
    heard: Heard | None = None,
    metrics_token: str = METRICS_TOKEN,
) -> Starlette:
    """Every address there is, each behind what guards it."""
    clock = clock or Forgetful()
    environment = Environment(
        database_url=url,
        api_token=SecretStr(API_TOKEN),
        wallboard_token=SecretStr(WALL_TOKEN),
    )
    doors = Doors(
        environment=environment,
        database=db,
        desk=lambda: desk,
        clock=clock,
        stopping=lambda: True,
    )
    return build_web(
        Probes(loop_lag=lambda: 0.0, ready=_ready, metrics=_metrics),
        slack=a_slack(heard or Heard()),
        signing_secret=SLACK_SECRET,
        webhooks=WebhookDoor(hooks, db, clock, answer_seconds=60.0),
        doors=doors.routes(),
        metrics_token=AccessToken(SecretStr(metrics_token)) if metrics_token else None,
        clock=clock,
    )


async def _ready() -> dict[str, str | None]:
    return {"database": None}


async def _metrics() -> bytes:
    return b"threadline_up 1.0\n"


def a_slack(heard: Heard) -> AsyncApp:
    """An app that hears one command."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-x")

    app = AsyncApp(authorize=authorize, signing_secret=SLACK_SECRET)

    @app.command("/ticket")
    async def ticket(ack: AsyncAck, command: dict[str, Any]) -> None:
        heard.commands.append(str(command.get("text")))
        await ack("heard")

    return app


async def ask(app: Starlette, visit: Visit) -> Reply:
    """One request and its whole answer."""
    given, answer = [visit.body], _Answer()

    async def receive() -> dict[str, Any]:
        if given:
            return {"type": "http.request", "body": given.pop(), "more_body": False}
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": visit.method,
        "scheme": "http",
        "path": visit.path,
        "raw_path": visit.path.encode("utf-8", "surrogatepass"),
        "query_string": visit.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in visit.headers],
        "client": visit.client,
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
    await app(scope, receive, answer.send)
    return Reply(status=answer.status, headers=answer.headers, body=answer.body)


class _Answer:
    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in message["headers"]
            }
        else:
            self.body += message.get("body", b"")


def everything(conn: Connection) -> dict[str, list[Any]]:
    """Every row of every table: two looks are equal if nothing happened in between."""
    return {
        table.name: sorted(map(repr, conn.execute(select(table)).all()))
        for table in tables.metadata.sorted_tables
    }
