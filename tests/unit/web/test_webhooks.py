"""The platforms' door, over real HTTP and a real database, for the example connector."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest
from typing_extensions import override

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.outbox.lanes import Rate
from bot.usecases.webhooks import DELIVERIES_KEPT, forget_deliveries
from bot.web.app import Probes, build_web
from bot.web.guard import BODY_LIMIT
from bot.web.server import listen, serve_web
from bot.web.webhooks import CALLS, WebhookDoor
from connectors.capabilities import WebhookOutcome, WebhookRequest, Webhooks
from connectors.contract import InboxContext
from connectors.errors import Malformed, Unavailable
from sandbox.markets.toy import SECRET, ToyMarket
from sandbox.toy.config import Config
from sandbox.toy.connector import ToyConnector
from sla_rules.vocabulary import Author
from tests.builders import AMAZON, NOW, SHOP, prepare
from tests.db.reading import count, rows

INBOX = SHOP
SECRET_WORDS = "toy-key-7d1c"


async def _no_metrics() -> bytes:
    return b""


async def _ready() -> Mapping[str, str | None]:
    return {}


class Odd(Webhooks):
    """Does whatever it is told with a call."""

    def __init__(self, does: Exception | WebhookOutcome | float) -> None:
        self.does = does

    @override
    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        if isinstance(self.does, float):
            await asyncio.sleep(self.does)
            return WebhookOutcome()
        if isinstance(self.does, Exception):
            raise self.does
        return self.does


def toy() -> ToyConnector:
    config = Config.model_validate({"api_key": SECRET_WORDS, "webhook_secret": SECRET})
    return ToyConnector(config, InboxContext(inbox=INBOX, instance_key=b"k", now=lambda: NOW))


def a_door(
    db: Database, connector: Webhooks, *, calls: Rate = CALLS, **more: object
) -> WebhookDoor:
    return WebhookDoor({INBOX: connector}, db, Clock(start=NOW), calls=calls, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def serving(door: WebhookDoor) -> AsyncIterator[str]:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    probes = Probes(loop_lag=lambda: 0.0, ready=_ready, metrics=_no_metrics)
    task = asyncio.create_task(serve_web(build_web(probes, webhooks=door), listener))
    try:
        yield f"http://127.0.0.1:{port}/webhooks"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def post(url: str, request: WebhookRequest | bytes) -> tuple[int, str, Mapping[str, str]]:
    body = request if isinstance(request, bytes) else request.body
    headers = {} if isinstance(request, bytes) else dict(request.headers)
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text(), answer.headers


async def a_call(text: str = "Where is my parcel?") -> WebhookRequest:
    market = ToyMarket(lambda: NOW)
    return market.webhook(await market.says(Author.CUSTOMER, text))


@pytest.fixture(autouse=True)
async def _prepared(db: Database, desk: Desk) -> None:
    await prepare(db, desk)


@pytest.mark.postgres
async def test_a_proven_call_is_stored_before_it_is_thanked_for(db: Database) -> None:
    door = a_door(db, toy())
    async with serving(door) as url:
        status, _, _ = await post(f"{url}/{INBOX}", await a_call())
    assert status == 200
    (raw,) = await rows(db, tables.raw_inbound)
    assert raw.state == "stored"
    assert raw.source_id.startswith("message:")
    inbox = next(row for row in await rows(db, tables.inbox) if row.name == INBOX)
    assert inbox.woken_at is not None


@pytest.mark.postgres
async def test_a_repeated_call_is_answered_and_does_nothing(db: Database) -> None:
    door, call = a_door(db, toy()), await a_call()
    assert [(await door.take(INBOX, call)).status for _ in range(3)] == [200, 200, 200]
    assert await count(db, tables.raw_inbound) == 1
    assert door.counts == {(INBOX, "taken"): 1, (INBOX, "repeated"): 2}


async def test_every_flipped_bit_of_a_signed_call_is_refused_and_nothing_is_stored(
    db: Database,
) -> None:
    door, call = a_door(db, toy(), calls=Rate(per_second=1e6, burst=1e6)), await a_call()
    for at in range(0, len(call.body), 7):
        body = bytearray(call.body)
        body[at] ^= 1
        forged = WebhookRequest(
            method=call.method,
            path=call.path,
            headers=call.headers,
            query={},
            body=bytes(body),
            received_at=NOW,
        )
        assert (await door.take(INBOX, forged)).status == 401
    assert await count(db, tables.raw_inbound) == 0


async def test_a_forged_call_is_refused_without_a_word_of_why(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    door = a_door(db, toy())
    async with serving(door) as url:
        status, text, _ = await post(f"{url}/{INBOX}?token={SECRET_WORDS}", b'{"event": "e-1"}')
    assert (status, text) == (401, "refused")
    assert door.counts == {(INBOX, "refused"): 1}
    logged = capsys.readouterr()
    assert SECRET not in logged.out + logged.err
    assert SECRET_WORDS not in logged.out + logged.err


async def test_an_inbox_nobody_knows_and_one_that_takes_no_calls_look_alike(db: Database) -> None:
    async with serving(a_door(db, toy())) as url:
        for name in ("nowhere", AMAZON, "..%2f"):
            assert (await post(f"{url}/{name}", b""))[0] == 404


async def test_a_body_beyond_the_limit_is_not_even_read(db: Database) -> None:
    door = a_door(db, toy())
    async with serving(door) as url:
        assert (await post(f"{url}/{INBOX}", b"x" * (BODY_LIMIT + 1)))[0] == 413


async def test_a_flood_is_slowed_by_inbox(db: Database) -> None:
    door = a_door(db, toy(), calls=Rate(per_second=0.001, burst=2))
    call = await a_call()
    answers = [await door.take(INBOX, call) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[-1].retry_after == 1


async def test_a_challenge_is_sent_back_as_plain_text(db: Database) -> None:
    door = a_door(db, Odd(WebhookOutcome(body="<b>1158</b>")))
    async with (
        serving(door) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/{INBOX}?hub.challenge=1158") as answer,
    ):
        assert await answer.text() == "<b>1158</b>"
        assert answer.content_type == "text/plain"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("does", "ended"),
    [(Unavailable("no key"), "postponed"), (60.0, "postponed"), (ZeroDivisionError(), "broke")],
)
async def test_what_cannot_be_decided_in_time_is_asked_for_again(
    db: Database, does: Exception | float, ended: str
) -> None:
    door = a_door(db, Odd(does), answer_seconds=0.3)
    answer = await door.take(INBOX, await a_call())
    assert (answer.status, answer.retry_after) == (503, 30)
    assert door.counts == {(INBOX, ended): 1}


async def test_a_proven_call_without_sense_makes_a_polled_inbox_look(db: Database) -> None:
    door = a_door(db, Odd(Malformed("event", "unknown")))
    assert (await door.take(INBOX, await a_call())).status == 200
    assert await count(db, tables.raw_inbound) == 0
    inbox = next(row for row in await rows(db, tables.inbox) if row.name == INBOX)
    assert inbox.woken_at is not None


async def test_invariant_1_a_proven_call_without_sense_is_kept_where_nothing_is_polled(
    db: Database,
) -> None:
    door = a_door(db, Odd(Malformed("event", "unknown")), pushed_only=frozenset({INBOX}))
    call = await a_call()
    for _ in range(2):
        assert (await door.take(INBOX, call)).status == 200
    (raw,) = await rows(db, tables.raw_inbound)
    assert raw.payload == call.body


async def test_calls_are_known_again_for_a_week(db: Database) -> None:
    door = a_door(db, toy())
    await door.take(INBOX, await a_call())
    week = NOW + DELIVERIES_KEPT
    assert await db.write(lambda tx: forget_deliveries(tx, limit=10), now=week) == 0
    later = NOW + DELIVERIES_KEPT * 2
    assert await db.write(lambda tx: forget_deliveries(tx, limit=10), now=later) == 1
