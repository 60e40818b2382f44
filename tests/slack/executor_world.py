"""A desk whose outbox goes to the sandbox's Slack, over HTTP, with the unmodified client."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select

from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.lanes import Limits
from bot.slack.executor import SlackExecutor
from bot.slack.limits import SlackLimits
from bot.usecases.claim import Claim, claim
from bot.usecases.fire_due import fire_due
from bot.usecases.note import AddNote, add_note
from sandbox.slack.faults import Fault, FaultKind
from sandbox.slack.limits import LimitSettings
from sandbox.slack.seed import AMAZON_IT, AMAZON_TEAM, MANAGERS, OPS
from sandbox.slack.server import SandboxSlack
from tests.builders import AMAZON, ANNA, NOW, a_desk, a_ticket, ticket
from tests.db.outbox_world import HandClock

FREE = LimitSettings(enabled=False)
SILENT = (FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER)


def sandbox_desk() -> Desk:
    """The builders' desk, in the sandbox's channels."""
    plain = a_desk(ops_channel=OPS)
    route = replace(plain.inboxes[AMAZON], channel=AMAZON_IT, group=(AMAZON_TEAM,))
    roster = replace(plain.roster, managers=(MANAGERS,))
    return replace(plain, inboxes={**plain.inboxes, AMAZON: route}, roster=roster)


@dataclass(kw_only=True)
class Story:
    """What a test holds."""

    slack: SandboxSlack
    db: Database
    desk: Desk
    clock: HandClock
    client: AsyncWebClient
    executor: SlackExecutor
    sender: Dispatcher

    def new_life(self) -> None:
        """The process was killed and starts again."""
        self.executor = SlackExecutor(self.client, self.db, lambda: self.desk, self.clock)
        self.sender = Dispatcher(
            self.db, dict.fromkeys(self.executor.kinds, self.executor), self.clock, SlackLimits()
        )

    def fault(self, method: str, kind: FaultKind, **more: Any) -> None:
        if kind in SILENT:
            # Only silence is waited out: a call that will be answered is never hurried.
            self.executor._calls._call_seconds = 0.5
        self.slack.core.faults.add(Fault(method=method, kind=kind, **more))

    def calls(self, method: str = "chat.") -> Sequence[str]:
        """The calls Slack took, by method."""
        return [c.method for c in self.slack.core.calls if c.method.startswith(method)]

    def roots(self, channel: str = AMAZON_IT) -> list[Any]:
        return [m for m in self.slack.workspace.messages(channel) if not m.is_reply]

    def thread(self, ts: str, channel: str = AMAZON_IT) -> list[Any]:
        return self.slack.workspace.replies(channel, ts)

    async def send(self, *, rounds: int = 1, seconds: float = 3.0) -> None:
        """Send what can go, `rounds` times with some time passing in between."""
        for n in range(rounds):
            if n:
                self.clock.move(seconds)
            await self.sender.drain(patience=0)

    async def fire(self) -> int:
        report = await self.db.write(lambda tx: fire_due(tx, self.desk), now=self.clock.now())
        return report.fired

    async def row(self, kind: EffectKind) -> Any:
        box = tables.outbox.c
        query = select(tables.outbox).where(box.kind == kind).order_by(box.id.desc()).limit(1)
        return await self.db.read(lambda conn: conn.execute(query).one())


@asynccontextmanager
async def story(
    db: Database, *, limits: LimitSettings = FREE, rates: Limits | None = None
) -> AsyncIterator[Story]:
    """A running sandbox and a dispatcher in front of it."""
    slack = SandboxSlack(limits=limits)
    clock = HandClock(NOW)
    await slack.start(clock=clock)
    try:
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
            desk = sandbox_desk()
            executor = SlackExecutor(client, db, lambda: desk, clock)
            sender = Dispatcher(
                db, dict.fromkeys(executor.kinds, executor), clock, rates or SlackLimits()
            )
            yield Story(
                slack=slack,
                db=db,
                desk=desk,
                clock=clock,
                client=client,
                executor=executor,
                sender=sender,
            )
    finally:
        await slack.stop()


async def opened(s: Story) -> str:
    """One ticket with its card in Slack; the card's ts."""
    await a_ticket(s.db, s.desk)
    await s.send()
    view = await ticket(s.db)
    assert view.slack_ts is not None
    return view.slack_ts


async def take(s: Story, actor: str = ANNA, *, take_over_from: str | None = None) -> None:
    view = await ticket(s.db)
    command = Claim(ticket_id=view.id, actor=actor, take_over_from=take_over_from)
    await s.db.write(lambda tx: claim(tx, s.desk, command), now=s.clock.now())


async def note(s: Story, text: str = "Called the carrier.") -> None:
    view = await ticket(s.db)
    command = AddNote(ticket_id=view.id, actor=ANNA, text=text)
    await s.db.write(lambda tx: add_note(tx, s.desk, command), now=s.clock.now())
