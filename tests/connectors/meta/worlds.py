"""Accounts at the fakes of Meta, and what is done there more than once."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from connectors.capabilities import WebhookOutcome, WebhookRequest, Webhooks
from connectors.contract import InboundMessage, Verdict
from connectors.testing.bench import Bench, Stage
from connectors.testing.market import Market
from sandbox.markets.facebook import FacebookMarket
from sandbox.markets.instagram import ACCOUNT, InstagramLoginMarket, InstagramMarket
from sandbox.markets.meta import MetaMarket
from sandbox.markets.meta_calls import APP_ID, APP_SECRET, PAGE_ID, VERIFY_TOKEN
from sla_rules.vocabulary import Author

CHANNELS = ("instagram", "facebook")


def _settings(market: Market) -> dict[str, Any]:
    assert isinstance(market, MetaMarket)
    return {
        "page_token": market.token,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
        "app_id": APP_ID,
        "base_url": market.url or "http://127.0.0.1:9",
        "comments": True,
    }


def instagram_settings(market: Market) -> dict[str, Any]:
    return {**_settings(market), "account_id": ACCOUNT, "page_id": PAGE_ID}


def facebook_settings(market: Market) -> dict[str, Any]:
    return {**_settings(market), "page_id": PAGE_ID}


class _Instagram(Bench):
    package = "connectors.instagram"

    def __init__(self, changes: Mapping[str, Any]) -> None:
        self._changes = dict(changes)

    def market(self, now: Callable[[], datetime]) -> InstagramMarket:
        return InstagramMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        return instagram_settings(market) | self._changes


class _InstagramLogin(_Instagram):
    @override
    def market(self, now: Callable[[], datetime]) -> InstagramMarket:
        return InstagramLoginMarket(now)

    @override
    def config(self, market: Market) -> dict[str, Any]:
        return super().config(market) | {"page_id": ""}


class _Facebook(Bench):
    package = "connectors.facebook"

    def __init__(self, changes: Mapping[str, Any]) -> None:
        self._changes = dict(changes)

    def market(self, now: Callable[[], datetime]) -> FacebookMarket:
        return FacebookMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        return facebook_settings(market) | self._changes


BENCHES: Mapping[str, type[_Instagram] | type[_Facebook]] = {
    "instagram": _Instagram,
    "instagram_login": _InstagramLogin,
    "facebook": _Facebook,
}


@asynccontextmanager
async def account(channel: str, **changes: Any) -> AsyncIterator[tuple[Stage, MetaMarket]]:
    """A running fake of `channel` and a connector to it."""
    async with BENCHES[channel](changes).running() as stage:
        assert isinstance(stage.market, MetaMarket)
        yield stage, stage.market


async def commented(stage: Stage, text: str = "Is it in stock?", **more: Any) -> InboundMessage:
    """A comment below a post, found by the next look at the posts."""
    assert isinstance(stage.market, MetaMarket)
    await stage.market.says(Author.CUSTOMER, text, thread="88", comment=True, **more)
    stage.time.advance(timedelta(minutes=11))
    found = [one for one in await stage.poll() if one.public and one.verdict is Verdict.CUSTOMER]
    return next(one for one in found if one.text == text)


async def called(stage: Stage, request: WebhookRequest) -> WebhookOutcome:
    """What the connector makes of a call of Meta's."""
    assert isinstance(stage.connector, Webhooks)
    return await stage.connector.parse_webhook(request)


async def comment_and_answer(stage: Stage) -> None:
    """A comment is answered in public, and the answer looked up."""
    for number in range(5):
        await stage.market.says(Author.CUSTOMER, f"comment {number}", thread="88", comment=True)  # type: ignore[call-arg]
    message = await commented(stage)
    command = stage.answer(message, "Yes, it is.", public=True)
    await stage.connector.reply(command)
    await stage.connector.probe(command)


async def answer_a_mention(stage: Stage) -> None:
    """A mention below somebody else's post comes by webhook, and is answered there."""
    message = await mentioned(stage)
    await stage.connector.reply(stage.answer(message, "Thank you!", public=True))


async def mentioned(stage: Stage, text: str = "Look at @bottega.salici") -> InboundMessage:
    """Somebody names the account below a post of theirs."""
    assert isinstance(stage.market, InstagramMarket)
    told = await stage.market.says(
        Author.CUSTOMER, text, thread="89", comment=True, mention=True, post="elsewhere"
    )
    outcome = await called(stage, stage.market.webhook(told))
    return stage.connector.normalise(outcome.items[0])
