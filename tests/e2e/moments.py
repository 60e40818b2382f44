"""Moments at which a desk is killed, each brought about from outside and struck exactly."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sandbox.mail.smtp import SentMail
from sandbox.slack.faults import Fault, FaultKind
from sandbox.slack.model import Message
from sandbox.story import letters
from tests.e2e.ledger import sleep_through, stored
from tests.e2e.process import Process
from tests.e2e.town import AMAZON, SHOP, Town, policy

SHORT = policy("website.message", "website", "4s", warn=["50%"])
"""What the shop of these trials promises: its pings come after two and after four seconds."""


@dataclass(kw_only=True)
class Trial:
    """One desk through all of its lives, and what it was trusted with."""

    town: Town
    process: Process
    delivered: dict[str, str] = field(default_factory=dict)  # Message-ID → words
    promised: list[str] = field(default_factory=list)  # answers whose agent was told they go out
    asked: list[str] = field(default_factory=list)  # answers whose agent heard nothing
    claimed: list[int] = field(default_factory=list)
    lives: int = 0
    armed_at: int = 0
    pause: float = 0.8  # seconds at most between two things that people do

    async def live(self) -> None:
        await self.process.start()
        self.lives += 1

    async def buyer(self, *, size: int = 0) -> str:
        """A buyer writes on Amazon; returns words that are nowhere else."""
        number = len(self.delivered) + 1
        words = f"buyer words {number:03d}"
        now = self.town.clock.now()
        message_id = f"<trial-{number}@amazonses.example>"
        raw = letters.amazon_buyer(
            alias=f"buyer{number}+c{number:08d}@marketplace.amazon.it",
            name="Giulia",
            order=f"405-{number:07d}-1180357",
            topic="Consegna",
            text=words + "\n" + "lorem <b>ipsum</b> & more \n" * size,
            at=now,
            message_id=message_id,
        )
        self.delivered[message_id] = words
        await self.town.mail.deliver(AMAZON.mailbox, raw, now)
        return words

    async def visitor(self) -> str:
        """A visitor of the shop writes, and will be waited for only a few seconds."""
        number = len(self.delivered) + 1
        words = f"visitor words {number:03d}"
        message_id = await self.town.customer(
            SHOP, words, subject=f"Question {number:03d}", address=f"visitor{number}"
        )
        self.delivered[message_id] = words
        return words

    async def answer(self, card: Message) -> str:
        """An agent answers by command; returns the words."""
        words = f"answer words {len(self.promised) + len(self.asked) + 1:03d}"
        number = self.town.number(card)
        self.asked.append(words)
        seen = await self.town.anna.command(
            "/ticket", f"reply {number} {words}", channel=card.channel, wait=3.0
        )
        if "goes out at" in seen.text:
            self.asked.remove(words)
            self.promised.append(words)
        return words

    async def a_card(self) -> Message:
        return await self.town.card(AMAZON.name, await self.buyer())

    async def struck_in(self, method: str, kind: FaultKind) -> None:
        """Kill while this call is unanswered."""
        core = self.town.slack.core

        def met() -> bool:
            since = [c for c in core.calls if c.seq > self.armed_at]
            return any(c.method == method and c.fault == kind for c in since)

        await self.town.until(f"{method} to be called", met, every=0.002)
        await self.process.kill()

    async def struck_after_data(self, card: Message) -> None:
        """Kill when the mail server has taken an answer and not yet said so."""
        taken = asyncio.Event()

        async def strike(_: SentMail) -> None:
            self.process.strike()
            taken.set()

        self.town.mail.on_sent = strike
        await self.answer(card)
        await asyncio.wait_for(taken.wait(), 60)
        self.town.mail.on_sent = None
        await self.process.kill()

    def arm(self, method: str, kind: FaultKind) -> None:
        self.armed_at = self.town.slack.core.call_count
        self.town.slack.core.faults.add(Fault(method=method, kind=kind))


Play = Callable[[Trial], Awaitable[None]]


async def card_posted_but_unanswered(trial: Trial) -> None:
    trial.arm("chat.postMessage", FaultKind.TIMEOUT_AFTER)
    await trial.buyer()
    await trial.struck_in("chat.postMessage", FaultKind.TIMEOUT_AFTER)


async def card_on_its_way(trial: Trial) -> None:
    trial.arm("chat.postMessage", FaultKind.TIMEOUT_BEFORE)
    await trial.buyer()
    await trial.struck_in("chat.postMessage", FaultKind.TIMEOUT_BEFORE)


async def card_edited_but_unanswered(trial: Trial) -> None:
    card = await trial.a_card()
    trial.arm("chat.update", FaultKind.TIMEOUT_AFTER)
    await trial.town.anna.click(card.ts, "claim", channel=card.channel, wait=0)
    await trial.struck_in("chat.update", FaultKind.TIMEOUT_AFTER)
    trial.claimed.append(trial.town.number(card))


async def stored_but_not_read(trial: Trial) -> None:
    """Between the commit that keeps a mail and the one that understands it."""
    for _ in range(5):
        await trial.buyer(size=40_000)
        file = trial.town.folder / "threadline.db"
        await asyncio.to_thread(_kill_when_stored, file, trial.process.pid)
        await trial.process.kill()
        if stored(file, "stored"):
            return
        await trial.live()
    raise AssertionError("the desk reads a mail of one megabyte faster than it can be killed")


def _kill_when_stored(file: Path, pid: int) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        if stored(file, "stored"):
            os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.0005)


async def mail_taken_but_unanswered(trial: Trial) -> None:
    """After DATA: the customer will get it, and the desk does not know."""
    await trial.struck_after_data(await trial.a_card())


async def mail_taken_and_no_copy_kept(trial: Trial) -> None:
    """The same at a provider that files no copy: only a person can find out."""
    trial.town.mail.keep_sent_copies = False
    await mail_taken_but_unanswered(trial)


async def answer_in_its_undo_window(trial: Trial) -> None:
    card = await trial.a_card()
    await trial.answer(card)
    await trial.process.kill()


async def ping_posted_but_unanswered(trial: Trial) -> None:
    await trial.town.card(SHOP.name, await trial.visitor())
    trial.arm("chat.postMessage", FaultKind.TIMEOUT_AFTER)
    await trial.struck_in("chat.postMessage", FaultKind.TIMEOUT_AFTER)


async def ping_on_its_way(trial: Trial) -> None:
    await trial.town.card(SHOP.name, await trial.visitor())
    trial.arm("chat.postMessage", FaultKind.TIMEOUT_BEFORE)
    await trial.struck_in("chat.postMessage", FaultKind.TIMEOUT_BEFORE)


async def deadline_passes_while_down(trial: Trial) -> None:
    await trial.town.card(SHOP.name, await trial.visitor())
    await trial.process.kill()
    await sleep_through(trial.town.database_url, timedelta(hours=2, minutes=30))


NAMED: tuple[Play, ...] = (
    card_posted_but_unanswered,
    card_on_its_way,
    card_edited_but_unanswered,
    stored_but_not_read,
    mail_taken_but_unanswered,
    mail_taken_and_no_copy_kept,
    answer_in_its_undo_window,
    ping_posted_but_unanswered,
    ping_on_its_way,
    deadline_passes_while_down,
)


async def at_random(trial: Trial, dice: random.Random) -> None:
    """Kill after a random time of ordinary work; the start counts as work too."""
    await trial.process.spawn()
    trial.lives += 1
    working = asyncio.create_task(_work(trial, dice))
    await asyncio.sleep(dice.uniform(0.2, 3.0))
    await trial.process.kill()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def _work(trial: Trial, dice: random.Random) -> None:
    town = trial.town
    while True:
        await asyncio.sleep(dice.uniform(0.0, trial.pause))
        await (trial.buyer() if dice.random() < 0.85 else trial.visitor())
        card = dice.choice(town.roots(AMAZON.name) or [None])
        if card is None or not town.slack.core.hub.connections:
            continue
        if dice.random() < 0.5:
            await town.ben.click(card.ts, "resolve", channel=card.channel, wait=0)
        else:
            await trial.answer(card)
