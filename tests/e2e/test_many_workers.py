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
from sandbox.slack.model import Message
from tests.e2e.ledger import (
    Ledger,
    cards_by_number,
    ledger,
    left,
    mailed_times,
    posts_by_effect,
    sleep_through,
)
from tests.e2e.process import Process, nursery
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


QUIET_WITHIN = 600.0
"""Seconds. Slack takes one post a second in a channel, and 45 edits a minute in a workspace."""


LATE = {"effects_late", "pings_late", "not_polled", "answers_late", "leases_expired"}
"""What an audit may find where workers die and Slack's limits hold posts up."""


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
        """Until everything is read, due and sent; and nothing is due in the next two minutes."""
        url = self.town.database_url
        loop = asyncio.get_running_loop()
        give_up = loop.time() + QUIET_WITHIN
        while True:
            now = datetime.now(UTC)  # noqa: TID251 - the processes run in real time
            waits = await left(url, pings_until=now + timedelta(minutes=2))
            if waits.is_nothing and waits.tickets == len(self.written):
                return await ledger(url)
            assert loop.time() < give_up, f"{waits}\n{await self._stuck()}"
            await asyncio.sleep(1.0)

    async def _stuck(self) -> str:
        """What still waits, and what each worker said last."""
        rows = await ledger(self.town.database_url)
        effects = [e for e in rows.effects if e["state"] in {"ready", "sending"}]
        names = ("kind", "state", "attempts", "not_before", "lease_until", "last_error")
        lines = [" ".join(str(e[name]) for name in names) for e in effects[:20]]
        return "\n".join([*lines, *(worker.log()[-500:] for worker in self.workers)])


@asynccontextmanager
async def a_fleet(folder: Path, url: str, workers: int, *, target: str) -> AsyncIterator[Fleet]:
    async with a_town(folder, url, inboxes=INBOXES, policies=pinged(target)) as town:
        town.mail.keep_sent_copies = True
        loaded = nursery(town)
        fleet = [
            Process(town, role="worker", name=f"worker{n}", nursery=loaded) for n in range(workers)
        ]
        try:
            await asyncio.gather(*(worker.start() for worker in fleet))
            async with desk_in(town, Role.SLACK):
                yield Fleet(town=town, workers=fleet)
        finally:
            await asyncio.gather(*(worker.close() for worker in fleet))
            await loaded.close()


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
            Size(workers=4, conversations=120, answers=16, kills=6, target="30s"),
            id="4",
        ),
        pytest.param(
            Size(workers=8, conversations=160, answers=24, kills=10, target="30s"),
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
    posts = posts_by_effect(fleet.town)
    looked_up = {
        each["outbox_id"] for worker in fleet.workers for each in worker.said("outbox.looked_up")
    }
    refused = [c for c in fleet.town.slack.core.calls if c.status == 429]
    said(
        f"{len(fleet.workers)} workers, {fleet.kills} kills",
        {
            "conversations": len(fleet.written),
            "answers": len(fleet.promised),
            "answers of which a person is asked": len(_asked(rows)),
            "of those left": sum(mailed_times(fleet.town, words) for words in _asked(rows)),
            "pings": sum(p["fired_at"] is not None for p in rows.pings),
            "posts": len(posts),
            "posts doubled": sum(len(found) > 1 for found in posts.values()),
            "looked up": len(looked_up),
            "refused by Slack": len(refused),
        },
    )
    _each_has_its_card(fleet, rows, posts)
    _each_answer_left_once_or_asks(fleet, rows)
    assert rows.unfired(datetime.now(UTC)) == []  # noqa: TID251 - the processes ran in real time
    ends = {e["state"] for e in rows.effects if e["kind"] != "send_reply"}
    assert ends <= {"sent", "superseded"}
    twice = {outbox_id for outbox_id, found in posts.items() if len(found) > 1}
    assert twice <= looked_up
    pings = [e for e in rows.effects if e["kind"] == "post_ping" and e["state"] == "sent"]
    assert {e["id"] for e in pings} <= set(posts)
    assert looked_up, "somebody's lease was taken over"
    assert len(refused) <= 2 + fleet.kills + len(posts) // 50
    # The auditor of a worker reads while the others write.
    found = {each["code"] for worker in fleet.workers for each in worker.said("audit.finding")}
    assert found <= LATE


def _each_has_its_card(fleet: Fleet, rows: Ledger, posts: Mapping[int, list[Message]]) -> None:
    town = fleet.town
    texts = [town.read(card) for name in CHANNELS for card in town.roots(name)]
    shown = Counter(re.findall(r"customer words \d{4}\.", "\n".join(texts)))
    other = [text for text in texts if "customer words" not in text]
    states = Counter(r["state"] for r in rows.raw)
    assert set(shown) == set(fleet.written), f"{states}; other cards: {other}"
    assert len({t["external_thread"] for t in rows.tickets}) == len(fleet.written)
    roots = {e["id"]: e["lane"] for e in rows.effects if e["kind"] == "post_root"}
    assert {root: len(posts[root]) for root in roots} == dict.fromkeys(roots, 1)
    # Each ticket knows the one that was posted, whoever posted it and died.
    known = {f"ticket:{t['id']}": t["slack_ts"] for t in rows.tickets}
    assert {lane: posts[root][0].ts for root, lane in roots.items()} == known
    assert set(cards_by_number(town, *CHANNELS).values()) == {1}


def _each_answer_left_once_or_asks(fleet: Fleet, rows: Ledger) -> None:
    mailed = {words: mailed_times(fleet.town, words) for words in fleet.promised}
    assert {words: times for words, times in mailed.items() if times > 1} == {}
    ends = {m["body"]: m["state"] for m in rows.messages if m["direction"] == "out"}
    assert {ends[words] for words in fleet.promised} <= {"sent", "unsure"}
    # Of an answer that was being handed over when its worker died, a person is asked.
    assert {words for words, times in mailed.items() if times == 0} <= _asked(rows)
    assert len(_asked(rows)) <= fleet.kills


def _asked(rows: Ledger) -> set[str]:
    return {m["body"] for m in rows.messages if m["state"] == "unsure"}
