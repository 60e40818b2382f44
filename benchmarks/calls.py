"""How many Slack calls a ticket's life costs: the whole desk, a strict workspace, its log of calls."""

import asyncio
import re
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.databases import Databases
from benchmarks.desk import START
from benchmarks.figures import Figure, Goal, figure, must
from bot.clock import Clock
from bot.slack_manifest import build_manifest
from sandbox.mail.server import SandboxMail
from sandbox.slack.model import Message
from sandbox.slack.person import Person
from sandbox.slack.seed import AMAZON_IT
from sandbox.slack.server import SandboxSlack
from sandbox.story import letters
from sandbox.story.stage import PASSWORD, running_desk, write_settings

T = TypeVar("T")

NAME = "calls"
_PATIENCE = 30.0
_OPEN = "SELECT count(*) FROM outbox WHERE state IN ('ready', 'sending', 'unsure')"
_HAPPENED = "SELECT count(DISTINCT ticket_id) FROM ticket_event WHERE type = ?"
_CONNECTING = "apps.connections.open"
_FRUGAL = Goal(most=6, source="a workspace takes fifty card edits a minute, whoever works")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A running desk with one agent who works."""

    slack: SandboxSlack
    mail: SandboxMail
    clock: Clock
    database: Path
    anna: Person

    def called(self, since: int) -> Counter[str]:
        """Calls by method after so many."""
        calls = (call.method for call in self.slack.core.calls if call.seq > since)
        return Counter(method for method in calls if method != _CONNECTING)

    @property
    def so_far(self) -> int:
        """How many calls were made."""
        return self.slack.core.call_count

    async def card(self, order: str) -> Message:
        """The root card of the ticket about `order`."""
        return await _until(
            f"a card about {order}",
            lambda: next(
                (m for m in self.slack.workspace.messages(AMAZON_IT) if order in str(m.blocks)),
                None,
            ),
        )

    async def settled(self, event: str, tickets: int) -> None:
        """Wait until `event` happened to so many tickets and all that follows has gone out."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as look:

            def over() -> bool | None:
                happened = look.execute(_HAPPENED, (event,)).fetchone()[0] >= tickets
                return (happened and look.execute(_OPEN).fetchone()[0] == 0) or None

            await _until(f"{event!r} and an empty outbox", over)


async def run(_kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark. A desk of its own, on SQLite."""
    lives = (("buttons", _by_buttons), ("commands", _by_commands))
    found: list[Figure] = []
    async with _desk() as desk:
        for number, (means, live) in enumerate(lives[: 1 if quick else 2], 1):
            start = desk.so_far
            card = await _new_ticket(desk, number)
            if not found:
                found.append(_calls("a new ticket", desk.called(start)))
            start, sent = desk.so_far, len(desk.mail.sent)
            await live(desk, card, number)
            must(len(desk.mail.sent) == sent + 1, "the buyer got one answer")
            found.append(_calls(f"claim → reply → resolve by {means}", desk.called(start), _FRUGAL))
    return found


def _calls(what: str, called: Counter[str], goal: Goal | None = None) -> Figure:
    methods = ", ".join(f"{times} {method}" for method, times in sorted(called.items()))
    return figure(NAME, f"{what} ({methods})", [called.total()], unit="calls", goal=goal)


async def _new_ticket(desk: Desk, number: int) -> Message:
    order = f"405-771923{number}-1180357"
    mail = letters.amazon_buyer(
        alias=letters.GIULIA.replace("c41a09d2e7", order.replace("-", "")),
        name="Giulia",
        order=order,
        topic="Richiesta sulla consegna",
        text="Buongiorno, dov'è il pacco?",
        at=desk.clock.now(),
        message_id=f"<{order}@amazonses.example>",
    )
    await desk.mail.deliver(letters.AMAZON_MAILBOX, mail, desk.clock.now())
    card = await desk.card(order)
    await desk.settled("opened", number)
    return card


async def _by_buttons(desk: Desk, card: Message, number: int) -> None:
    anna = desk.anna
    await anna.click(card.ts, "claim", channel=AMAZON_IT)
    await desk.settled("claimed", number)
    await anna.click(card.ts, "reply", channel=AMAZON_IT, wait=5.0)
    field = next(block for block in anna.views[-1].blocks if block["type"] == "input")
    anna.fill({field["block_id"]: "Arriva oggi."})
    await anna.submit(wait=1.0)
    await anna.submit(wait=1.0)
    await desk.settled("reply_sent", number)
    await anna.click(card.ts, "resolve", channel=AMAZON_IT)
    await desk.settled("resolved", number)


async def _by_commands(desk: Desk, card: Message, number: int) -> None:
    found = re.search(r"#(\d+)", str(card.blocks))
    ticket = found[1] if found else "?"
    for text, event in (
        (f"claim {ticket}", "claimed"),
        (f"reply {ticket} Arriva oggi.", "reply_sent"),
        (f"resolve {ticket}", "resolved"),
    ):
        await desk.anna.command("/ticket", text, channel=AMAZON_IT, wait=5.0)
        await desk.settled(event, number)


async def _until(what: str, look: Callable[[], T | None]) -> T:
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        if (found := look()) is not None:
            return found
        await asyncio.sleep(0.05)
    must(holds=False, what=f"waited in vain for {what}")
    raise AssertionError


@asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    clock = Clock(start=START)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="threadline-bench-")))
        slack = SandboxSlack()
        stack.push_async_callback(slack.stop)
        await slack.start(clock=clock, manifest=build_manifest())
        mail = await stack.enter_async_context(SandboxMail(now=clock.now))
        for mailbox in (letters.AMAZON_MAILBOX, letters.SHOP_MAILBOX):
            await mail.add_mailbox(mailbox, PASSWORD)
        environ = write_settings(folder, slack, mail, ())
        settings = folder / "threadline.toml"
        written = settings.read_text(encoding="utf-8")
        # Nobody takes an answer back here, and ten seconds a life are long.
        settings.write_text(written.replace("undo_seconds = 10", "undo_seconds = 0"), "utf-8")
        await stack.enter_async_context(running_desk(settings, environ, clock))
        yield Desk(
            slack=slack,
            mail=mail,
            clock=clock,
            database=folder / "threadline.db",
            anna=slack.person("anna"),
        )
