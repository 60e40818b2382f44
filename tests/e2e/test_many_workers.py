"""Two to eight workers on one PostgreSQL, killed and started while customers write and agents answer.

The workspace keeps Slack's limits. At the end every message, card, answer and ping is counted.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.process_role import Role
from sandbox.slack.faults import Fault, FaultKind
from tests.e2e.ledger import (
    Ledger,
    all_sent,
    ledger,
    mailed_times,
    posts_by_effect,
    sleep_through,
)
from tests.e2e.process import Process
from tests.e2e.tally import said
from tests.e2e.town import Inbox, Town, a_town, desk_in, policy

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]

INBOXES = tuple(Inbox(name=f"shop-{n}") for n in range(6))
CHANNELS = tuple(inbox.name for inbox in INBOXES)


def pinged(target: str) -> str:
    """Two pings of every conversation, long before all the cards of many are posted."""
    return policy("website.message", "website", target, warn=["50%"])


@dataclass(kw_only=True)
class Fleet:
    """Workers on one database, and what they were trusted with."""

    town: Town
    workers: Sequence[Process]
    dice: random.Random = field(default_factory=lambda: random.Random(11))
    written: list[str] = field(default_factory=list)
    promised: list[str] = field(default_factory=list)
    kills: int = 0

    async def customers(self, count: int) -> None:
        for _ in range(count):
            words = f"customer words {len(self.written):04d}."
            self.written.append(words)
            inbox = self.dice.choice(INBOXES)
            address = f"customer{len(self.written)}"
            await self.town.customer(inbox, words, subject=words, address=address)
            await asyncio.sleep(self.dice.uniform(0.0, 0.05))

    async def agents(self, count: int) -> None:
        """Answers to cards that are there, by command."""
        answered: set[str] = set()
        while len(self.promised) < count:
            cards = [c for name in CHANNELS for c in self.town.roots(name) if c.ts not in answered]
            if not cards:
                await asyncio.sleep(0.05)
                continue
            card = self.dice.choice(cards)
            answered.add(card.ts)
            words = f"agent words {len(answered):03d}."
            told = await self.town.anna.command(
                "/ticket",
                f"reply {self.town.number(card)} {words}",
                channel=card.channel,
                wait=20.0,
            )
            assert "goes out at" in told.text
            self.promised.append(words)

    async def killing(self, times: int) -> None:
        """One after the other dies, wherever it is just then, and another life begins."""
        for number in range(times):
            await asyncio.sleep(self.dice.uniform(0.5, 2.0))
            worker = self.workers[number % len(self.workers)]
            await worker.kill()
            self.kills += 1
            await worker.start()

    async def all_die_in_a_send(self) -> None:
        """Somebody's call is with Slack, and nobody is left who will hear the answer."""
        core = self.town.slack.core
        since = core.call_count
        core.faults.add(Fault(method="chat.postMessage", kind=FaultKind.TIMEOUT_AFTER))

        def met() -> bool:
            return any(c.seq > since and c.fault == FaultKind.TIMEOUT_AFTER for c in core.calls)

        await self.customers(1)
        await self.town.until("a post that is not answered", met, every=0.005)
        for worker in self.workers:
            worker.strike()
        await asyncio.gather(*(worker.kill() for worker in self.workers))
        self.kills += len(self.workers)
        await sleep_through(self.town.database_url, timedelta(minutes=10), only=("lease_until",))
        await asyncio.gather(*(worker.start() for worker in self.workers))

    async def quiet(self) -> Ledger:
        """Until everything is read, due and sent."""
        url = self.town.database_url
        async with asyncio.timeout(600):
            while True:
                rows = await ledger(url)
                undecided = [p for p in rows.pings if not (p["fired_at"] or p["cancelled_at"])]
                read = len(rows.tickets) == len(self.written)
                if read and not rows.open_effects() and not _soon(undecided):
                    await all_sent(url)
                    return await ledger(url)
                await asyncio.sleep(0.5)


def _soon(pings: Sequence[Mapping[str, object]]) -> bool:
    until = datetime.now(UTC) + timedelta(minutes=2)  # noqa: TID251 - the processes run in real time
    return any(p["fire_at"] <= until for p in pings)  # type: ignore[operator]


@asynccontextmanager
async def a_fleet(folder: Path, url: str, workers: int, *, target: str) -> AsyncIterator[Fleet]:
    async with a_town(folder, url, inboxes=INBOXES, policies=pinged(target)) as town:
        town.mail.keep_sent_copies = True
        fleet = [Process(town, role="worker", name=f"worker{n}") for n in range(workers)]
        try:
            await asyncio.gather(*(worker.start() for worker in fleet))
            async with desk_in(town, Role.SLACK):
                yield Fleet(town=town, workers=fleet)
        finally:
            await asyncio.gather(*(worker.close() for worker in fleet))


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked of how many; `target` is what the customers are promised."""

    workers: int
    conversations: int
    answers: int
    kills: int
    target: str


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(Size(workers=2, conversations=12, answers=2, kills=1, target="4s"), id="2"),
        pytest.param(
            Size(workers=4, conversations=200, answers=20, kills=6, target="30s"),
            id="4",
        ),
        pytest.param(
            Size(workers=8, conversations=300, answers=30, kills=10, target="30s"),
            id="8",
        ),
    ],
)
async def test_many_workers_lose_nothing_and_double_nothing(
    tmp_path: Path, postgres_db_url: str, size: Size
):
    async with a_fleet(tmp_path, postgres_db_url, size.workers, target=size.target) as fleet:
        await asyncio.gather(
            fleet.customers(size.conversations),
            fleet.agents(size.answers),
            fleet.killing(size.kills),
        )
        await fleet.all_die_in_a_send()
        rows = await fleet.quiet()
        assert [await worker.stop() for worker in fleet.workers] == [0] * size.workers
        _counted(fleet, rows)


def _counted(fleet: Fleet, rows: Ledger) -> None:
    town = fleet.town
    texts = [town.read(card) for name in CHANNELS for card in town.roots(name)]
    shown = Counter(re.findall(r"customer words \d{4}\.", "\n".join(texts)))
    posts = posts_by_effect(town)
    looked_up = {
        each["outbox_id"] for worker in fleet.workers for each in worker.said("outbox.looked_up")
    }
    refused = [c for c in town.slack.core.calls if c.status == 429]
    said(
        f"{len(fleet.workers)} workers, {fleet.kills} kills",
        {
            "conversations": len(fleet.written),
            "answers": len(fleet.promised),
            "answers of which a person is asked": [m["state"] for m in rows.messages].count(
                "unsure"
            ),
            "pings": sum(p["fired_at"] is not None for p in rows.pings),
            "posts": len(posts),
            "looked up": len(looked_up),
            "refused by Slack": len(refused),
        },
    )
    assert set(shown) == set(fleet.written)
    roots = {e["id"] for e in rows.effects if e["kind"] == "post_root"}
    assert {root: len(posts[root]) for root in roots} == dict.fromkeys(roots, 1)
    assert len(roots) == len(rows.tickets)
    assert len({t["external_thread"] for t in rows.tickets}) == len(fleet.written)
    mailed = {words: mailed_times(town, words) for words in fleet.promised}
    asked = {m["body"] for m in rows.messages if m["state"] == "unsure"}
    assert {words: times for words, times in mailed.items() if times > 1} == {}
    # Of an answer that was being handed over when its worker died, a person is asked.
    assert {words for words, times in mailed.items() if times == 0} <= asked
    assert len(asked) <= fleet.kills
    assert rows.unfired(datetime.now(UTC)) == []  # noqa: TID251 - the processes ran in real time
    ends = {e["state"] for e in rows.effects if e["kind"] != "send_reply"}
    assert ends <= {"sent", "superseded"}
    twice = {outbox_id for outbox_id, found in posts.items() if len(found) > 1}
    assert twice <= looked_up
    pings = [e for e in rows.effects if e["kind"] == "post_ping" and e["state"] == "sent"]
    assert {e["id"] for e in pings} <= set(posts)
    assert looked_up, "somebody's lease was taken over"
    assert len(refused) <= 2 + fleet.kills + len(posts) // 50
