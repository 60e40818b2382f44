"""Every call that comes in proves itself, on its bytes as they came, or has no effect.

Each source: seeded flips of single bits in the body and in what proves it, another inbox's secret,
old calls, calls sent again, headers that make no sense.
"""

import base64
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.outbox.lanes import Rate
from bot.web.guard import Refusal, SlackGuard
from bot.web.webhooks import WebhookDoor
from connectors.capabilities import WebhookRequest, Webhooks
from connectors.contract import InboxContext
from connectors.errors import WebhookRefused
from connectors.testing.bench import Bench, Stage
from sla_rules.vocabulary import Author
from tests.builders import NOW, SHOP, prepare
from tests.db.reading import count

QUICK, SLOW = 100, 1_000


@dataclass(frozen=True, kw_only=True)
class Source:
    """One platform that calls us. `proofs` are the headers that are part of the proof, `secrets` the
    settings another inbox has other values of; `folds` says that letter case proves nothing there.
    """

    bench: str
    secrets: tuple[str, ...]
    proofs: tuple[str, ...]
    folds: bool = False
    replays: bool = True


SOURCES = {
    "shopify": Source(
        bench="TestShopify", secrets=("client_secret",), proofs=("x-shopify-hmac-sha256",)
    ),
    "ebay": Source(bench="TestEbay", secrets=(), proofs=("x-ebay-signature",)),
    "facebook": Source(
        bench="TestFacebook", secrets=("app_secret",), proofs=("x-hub-signature-256",)
    ),
    "instagram": Source(
        bench="TestInstagram", secrets=("app_secret",), proofs=("x-hub-signature-256",)
    ),
    "tiktok_shop": Source(
        bench="TestTikTokShop", secrets=("app_secret",), proofs=("authorization",)
    ),
    "website": Source(
        bench="TestWebsite",
        secrets=("webhook_secret",),
        proofs=("webhook-signature", "webhook-timestamp", "webhook-id"),
        replays=False,
    ),
    "judge_me": Source(
        bench="TestJudgeMe",
        secrets=("webhook_secret", "api_token"),
        proofs=("judgeme-hmac-sha256",),
        folds=True,
    ),
}
"""Mercado Libre and Trustpilot sign nothing: what proves their calls is a key in the address."""

KEYED = {"trustpilot": ("TestTrustpilot", {}), "mercado_libre": ("TestMercadoLibre", {"webhook_key": "a-key-of-our-own-7d1c"})}  # fmt: skip


def bench_of(name: str, bench: str) -> Bench:
    found: Bench = getattr(import_module(f"tests.connectors.{name}.test_contract"), bench)()
    return found


def hooks_of(stage: Stage) -> Webhooks:
    assert isinstance(stage.connector, Webhooks)
    return stage.connector


async def a_call(stage: Stage) -> WebhookRequest:
    return stage.market.webhook(await stage.market.says(Author.CUSTOMER, "Where is my parcel?"))


def flipped(source: Source, call: WebhookRequest, dice: random.Random) -> WebhookRequest:
    """The call with one bit of its body, or of what proves it, turned over."""
    name = dice.choice(("", "", *(one for one in source.proofs if one in call.headers)))
    if not name:
        return replace(call, body=turned(call.body, dice))
    value = call.headers[name]
    other = value
    while _same(other, value, source):
        other = _turned_header(name, value, dice)
    return replace(call, headers={**call.headers, name: other})


def turned(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) * 8)
    changed = bytearray(data)
    changed[at // 8] ^= 1 << (at % 8)
    return bytes(changed)


def _turned_header(name: str, value: str, dice: random.Random) -> str:
    if name != "x-ebay-signature":
        return turned(value.encode("latin-1"), dice).decode("latin-1")
    # eBay's header also holds words that prove nothing: what is turned is the signature itself.
    told = json.loads(base64.b64decode(value))
    raw = turned(base64.b64decode(told["signature"]), dice)
    told["signature"] = base64.b64encode(raw).decode()
    return base64.b64encode(json.dumps(told).encode()).decode()


def _same(one: str, other: str, source: Source) -> bool:
    """Whether two header values say the same: blanks around count nowhere, case not everywhere."""
    if source.folds:
        one, other = one.lower(), other.lower()
    return one.split() == other.split()


async def all_refused(name: str, flips: int) -> None:
    source = SOURCES[name]
    dice = random.Random(f"{name} 1")  # a fixed seed: a failure can be repeated
    async with bench_of(name, source.bench).running() as stage:
        call = await a_call(stage)
        hooks = hooks_of(stage)
        await hooks.parse_webhook(call)
        for number in range(flips):
            forged = flipped(source, call, dice)
            try:
                await hooks.parse_webhook(forged)
            except WebhookRefused:
                continue
            pytest.fail(f"flip {number} was taken: {forged.headers} {forged.body!r}")


@pytest.mark.parametrize("name", SOURCES)
async def test_a_flipped_bit_is_a_forged_call(name: str) -> None:
    await all_refused(name, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
async def test_none_of_a_thousand_flipped_bits_passes(name: str) -> None:
    await all_refused(name, SLOW)


@pytest.mark.parametrize("name", [name for name, one in SOURCES.items() if one.secrets])
async def test_a_call_for_another_inbox_is_refused_and_an_old_secret_is_good_for_a_while(
    name: str,
) -> None:
    source = SOURCES[name]
    bench = bench_of(name, source.bench)
    async with bench.running() as stage:
        call = await a_call(stage)
        config = bench.config(stage.market)
        theirs = {key: f"another-inboxes-secret-{key}" for key in source.secrets if key in config}
        other = built(bench, stage, {**config, **theirs})
        with pytest.raises(WebhookRefused):
            await other.parse_webhook(call)
        before = PREVIOUS.get(name)
        if before is not None:
            key = next(iter(theirs))
            changing = built(bench, stage, {**config, **theirs, before: config[key]})
            await changing.parse_webhook(call)


PREVIOUS = {
    "shopify": "old_client_secret",
    "facebook": "previous_app_secret",
    "instagram": "previous_app_secret",
    "tiktok_shop": "previous_app_secret",
    "website": "webhook_secret_before",
}
"""Settings that hold the secret before the one in use."""


def built(bench: Bench, stage: Stage, config: Mapping[str, Any]) -> Webhooks:
    settings = bench.spec.config_model.model_validate(config)
    context = InboxContext(inbox="other", instance_key=b"other", now=stage.time.now)
    connector = bench.spec.build(settings, context)
    assert isinstance(connector, Webhooks)
    return connector


ODD_VALUES = (
    "", " ", "\x00", "é", "\xff" * 40, "0", "-1", "9" * 400, "null", "sha256=", "v1,", "v1," * 900, "=" * 64,
    "e30=", base64.b64encode(b'{"kid": 5}').decode(), base64.b64encode(b'{"kid":"a/../b","signature":"eA=="}').decode(),
    base64.b64encode(b"[" * 3_000).decode(), "Bearer x", "\u0661" * 10, "1e9", "nan", "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
async def test_headers_that_make_no_sense_are_refused_like_any_forgery(name: str) -> None:
    source = SOURCES[name]
    async with bench_of(name, source.bench).running() as stage:
        call = await a_call(stage)
        bare = {key: value for key, value in call.headers.items() if key not in source.proofs}
        cases = [bare, *({**call.headers, proof: odd} for proof in source.proofs for odd in ODD_VALUES)]  # fmt: skip
        for headers in cases:
            with pytest.raises(WebhookRefused):
                await hooks_of(stage).parse_webhook(replace(call, headers=headers))


async def test_a_stamped_call_is_good_for_five_minutes() -> None:
    async with bench_of("website", "TestWebsite").running() as stage:
        call = await a_call(stage)
        for late in (timedelta(minutes=-6), timedelta(minutes=6)):
            old = replace(call, received_at=call.received_at + late)
            with pytest.raises(WebhookRefused, match="five minutes"):
                await hooks_of(stage).parse_webhook(old)


@pytest.mark.parametrize("name", KEYED)
async def test_an_address_without_its_key_opens_nothing(name: str) -> None:
    bench_name, more = KEYED[name]
    bench = bench_of(name, bench_name)
    async with bench.running() as stage:
        call = await a_call(stage)
        hooks = built(bench, stage, {**bench.config(stage.market), **more})
        key = more.get("webhook_key") or call.query["key"]
        outcome = await hooks.parse_webhook(replace(call, query={"key": key}))
        assert not outcome.items
        dice = random.Random(7)
        wrong = [turned(key.encode(), dice).decode("latin-1") for _ in range(QUICK)]
        for given in (*wrong, *ODD_VALUES, key[:-1], key + " ", key.upper()):
            with pytest.raises(WebhookRefused):
                await hooks.parse_webhook(replace(call, query={"key": given}))


# --- the door -------------------------------------------------------------------------------------


@asynccontextmanager
async def at_the_door(
    name: str, db: Database, desk: Desk
) -> AsyncIterator[tuple[WebhookDoor, WebhookRequest]]:
    """One source's calls, at the real door with a real database behind it."""
    await prepare(db, desk)
    bench = bench_of(name, SOURCES[name].bench)
    async with bench.running() as stage:
        call = await a_call(stage)
        calls = Rate(per_second=1e6, burst=1e6)
        door = WebhookDoor({SHOP: hooks_of(stage)}, db, Clock(start=NOW), calls=calls)
        yield door, call


@pytest.mark.parametrize("name", SOURCES)
async def test_a_call_sent_again_does_nothing_and_a_forged_one_leaves_no_row(
    name: str, db: Database, desk: Desk
) -> None:
    async with at_the_door(name, db, desk) as (door, call):
        dice = random.Random(name)
        for _ in range(10):
            forged = flipped(SOURCES[name], call, dice)
            assert (await door.take(SHOP, forged)).status in {400, 401, 403, 404, 412, 503}
        assert await count(db, tables.raw_inbound) == 0
        assert await count(db, tables.webhook_delivery) == 0

        for _ in range(3):
            assert (await door.take(SHOP, call)).status in {200, 202}
        assert door.counts[SHOP, "taken"] == 1
        assert door.counts[SHOP, "repeated"] == 2
        assert await count(db, tables.raw_inbound) <= 1


# --- Slack ----------------------------------------------------------------------------------------

SECRET, AT = "signing-secret", 1_772_442_000


class Still(SignatureClock):
    def now(self) -> float:
        return float(AT)


def slacks(body: bytes, secret: str = SECRET) -> tuple[bytes, str, str]:
    signature = SignatureVerifier(secret, Still()).generate_signature(timestamp=str(AT), body=body)
    return body, str(AT), signature or ""


def refuses_flips(flips: int) -> None:
    guard, dice = SlackGuard(SECRET, clock=Still()), random.Random("slack 1")
    good = slacks(b"command=%2Fticket&text=claim+17&user_id=U1&team_id=T1")
    turn: list[Callable[[], tuple[bytes, str, str]]] = [
        lambda: (turned(good[0], dice), good[1], good[2]),
        lambda: (good[0], turned(good[1].encode(), dice).decode("latin-1"), good[2]),
        lambda: (good[0], good[1], turned(good[2].encode(), dice).decode("latin-1")),
    ]
    for _ in range(flips):
        refusal = guard.refuse(*dice.choice(turn)())
        assert refusal in {Refusal.FORGED, Refusal.MALFORMED}
    assert guard.refuse(*slacks(good[0], "another-apps-secret")) is Refusal.FORGED
    assert guard.refuse(*good) is None
    assert guard.refuse(*good) is Refusal.REPLAYED


def test_a_flipped_bit_is_not_slacks() -> None:
    refuses_flips(QUICK)


@pytest.mark.slow
def test_none_of_a_thousand_flipped_bits_is_slacks() -> None:
    refuses_flips(SLOW)


@pytest.mark.parametrize("odd", ODD_VALUES)
def test_headers_that_make_no_sense_are_not_slacks(odd: str) -> None:
    guard, (body, at, signature) = SlackGuard(SECRET, clock=Still()), slacks(b"x")
    assert guard.refuse(body, odd, signature) in {Refusal.MALFORMED, Refusal.FORGED}
    assert guard.refuse(body, at, odd) in {Refusal.MALFORMED, Refusal.FORGED}
    assert guard.refuse(b"\xff\xfe", at, signature) is Refusal.FORGED
