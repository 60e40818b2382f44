"""How soon a slash command is acknowledged, beside a Bolt app that does nothing else."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientSession, web
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.databases import Databases
from benchmarks.desk import ANNA, CHANNEL, START, the_desk
from benchmarks.figures import TIMES, Figure, Goal, figure, must, percentile, ratios
from benchmarks.planned import fill
from bot.clock import Clock
from bot.db import queries
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.slack.app import build_app
from bot.usecases.release import Release, release

NAME = "ack"
TICKET = 17
CALLS_A_ROUND = 100
"""A round's p99 is then its second worst call, whatever the machine did in the worst."""

BARE, STATUS, CLAIM = "bare Bolt no-op", f"/ticket status {TICKET}", f"/ticket claim {TICKET}"

_TYPICAL = Goal(most=1.2, source="the desk's work comes after the acknowledgement")
_WORST = Goal(most=1.5, source="the desk's work comes after the acknowledgement")


@dataclass(slots=True, kw_only=True)
class Front:
    """The app behind a socket, and the address that private answers go to."""

    app: AsyncApp
    bare: AsyncApp
    db: Database
    desk: Desk
    clock: Clock
    url: str
    answers: "asyncio.Queue[Mapping[str, Any]]"
    triggers: "count[int]" = field(default_factory=count)

    async def call(self, command: str) -> tuple[float, float]:
        """Seconds to the acknowledgement, and to the private answer."""
        app = self.bare if command == BARE else self.app
        request = AsyncBoltRequest(mode="socket_mode", body=self._payload(command))
        began = time.perf_counter()
        response = await app.async_dispatch(request)
        acked = time.perf_counter() - began
        must(response.status == 200, f"{command} was not acknowledged")
        if command == BARE:
            return acked, acked
        async with asyncio.timeout(10):
            answer = await self.answers.get()
        expected = f"#{TICKET} is yours" if command == CLAIM else f"#{TICKET}"
        must(expected in answer["text"], f"{command} was answered {answer['text']!r}")
        return acked, time.perf_counter() - began

    async def give_back(self) -> None:
        """Nobody owns the ticket, so that the next claim is one."""
        ticket = await self.db.read(lambda conn: queries.ticket_by_number(conn, TICKET))
        must(ticket is not None and ticket.assignee == ANNA, "the claim was not written")
        if ticket is not None:
            command = Release(ticket_id=ticket.id, actor=ANNA)
            await self.db.write(
                lambda tx: release(tx, self.desk, command), now=self.clock.now(), urgent=True
            )

    def _payload(self, command: str) -> dict[str, Any]:
        name, _, text = command.partition(" ")
        return {
            "command": "/ticket" if command == BARE else name,
            "text": text,
            "team_id": "T0BENCH",
            "user_id": ANNA,
            "channel_id": CHANNEL,
            "trigger_id": f"trigger-{next(self.triggers)}",
            "response_url": f"{self.url}/response",
        }


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark, on the first kind of database."""
    acked: dict[str, list[list[float]]] = defaultdict(list)
    answered: dict[str, list[list[float]]] = defaultdict(list)
    dice = random.Random(3)
    async with _front(kinds[0]) as front:
        for command in (BARE, STATUS, CLAIM, STATUS):
            await _called(front, command)
        for _ in range(4):
            for each in (acked, answered):
                for command in (BARE, STATUS, CLAIM):
                    each[command].append([])
            for _ in range(8 if quick else CALLS_A_ROUND):
                for command in dice.sample((BARE, STATUS, CLAIM), 3):
                    to_ack, to_answer = await _called(front, command)
                    acked[command][-1].append(to_ack)
                    answered[command][-1].append(to_answer)
    return _figures(acked, answered, kinds[0].name)


async def _called(front: Front, command: str) -> tuple[float, float]:
    measured = await front.call(command)
    if command == CLAIM:
        await front.give_back()
    return measured


def _figures(
    acked: Mapping[str, list[list[float]]], answered: Mapping[str, list[list[float]]], on: str
) -> list[Figure]:
    found = []
    for command, rounds in acked.items():
        found += _spread(f"{command}: acknowledged", rounds, on)
    for command in (STATUS, CLAIM):
        found += _spread(f"{command}: answered", answered[command], on)
    for command in (STATUS, CLAIM):
        typical = ratios(_each(acked[command], 0.5), _each(acked[BARE], 0.5))
        worst = ratios(_each(acked[command], 0.99), _each(acked[BARE], 0.99))
        found += [
            figure(NAME, f"{command} ÷ no-op, p50", typical, unit=TIMES, on=on, goal=_TYPICAL),
            figure(NAME, f"{command} ÷ no-op, p99", worst, unit=TIMES, on=on, goal=_WORST),
        ]
    return found


def _spread(what: str, rounds: list[list[float]], on: str) -> list[Figure]:
    return [
        figure(NAME, f"{what}, p50", _each(rounds, 0.5, 1e3), unit="ms", on=on),
        figure(NAME, f"{what}, p99", _each(rounds, 0.99, 1e3), unit="ms", on=on),
    ]


def _each(rounds: list[list[float]], share: float, times: float = 1.0) -> list[float]:
    return [percentile(each, share) * times for each in rounds]


@asynccontextmanager
async def _front(kind: Databases) -> AsyncIterator[Front]:
    async with AsyncExitStack() as stack:
        url = await kind.new()
        stack.push_async_callback(kind.drop, url)
        await fill(url, far=1_000, strip=1)
        db = Database(create_engine(url))
        stack.push_async_callback(db.close)
        yield await stack.enter_async_context(front_on(db))


@asynccontextmanager
async def front_on(db: Database) -> AsyncIterator[Front]:
    """The app of a desk on a database that has a ticket 17, for the length of the block."""
    async with AsyncExitStack() as stack:
        answers: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        runner = await _answer_address(answers)
        stack.push_async_callback(runner.cleanup)
        session = await stack.enter_async_context(ClientSession())
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        client = AsyncWebClient(token="xoxb-bench", base_url=f"{address}/api/", session=session)
        desk, clock = the_desk(), Clock(start=START)
        yield Front(
            app=build_app(client, db, lambda: desk, clock, {}),
            bare=_bare_app(client),
            db=db,
            desk=desk,
            clock=clock,
            url=address,
            answers=answers,
        )


async def _answer_address(answers: "asyncio.Queue[Mapping[str, Any]]") -> web.AppRunner:
    async def take(request: web.Request) -> web.Response:
        answers.put_nowait(await request.json())
        return web.Response(text="ok")

    application = web.Application()
    application.router.add_post("/response", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def _bare_app(client: AsyncWebClient) -> AsyncApp:
    async def authorize(
        enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=client.token
        )

    app = AsyncApp(
        name="bare",
        client=AsyncWebClient(base_url=client.base_url, session=client.session),
        authorize=authorize,
        signing_secret="unused",
        request_verification_enabled=False,
    )

    @app.command("/ticket")
    async def nothing(ack: AsyncAck) -> None:
        await ack()

    return app
