"""The other marketplaces the seller of the story is on: their fakes, and who writes there.

Each fake speaks its platform's own protocol on loopback, and the desk reads it from the same
settings file as everything else.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Final

from connectors.registry import load_spec
from sandbox.markets.ebay import EbayMarket
from sandbox.markets.facebook import FacebookMarket
from sandbox.markets.instagram import ACCOUNT, InstagramMarket
from sandbox.markets.meta import MetaMarket
from sandbox.markets.meta_calls import APP_ID, APP_SECRET, PAGE_ID, VERIFY_TOKEN
from sandbox.markets.mirakl import MiraklMarket
from sandbox.markets.profile_mail import EtsyMail
from sandbox.markets.shopify import ShopifyMarket
from sandbox.markets.tiktok_shop import TikTokShopMarket
from sandbox.story.further_stalls import further_stalls, review_stalls
from sandbox.story.stall import Stall

CHANNEL: Final = "#marketplaces"


def _ebay(now: Callable[[], datetime]) -> Stall:
    market = EbayMarket(now)
    return Stall(
        key="ebay",
        label="eBay",
        market=market,
        settings=market.settings,
        asks="Hallo, passt der Schirm auch auf die kleine Lampe?",
        answer="Ja, er passt auf beide.",
    )


def _tiktok(now: Callable[[], datetime]) -> Stall:
    market = TikTokShopMarket(now)
    return Stall(
        key="tiktok_shop",
        label="TikTok Shop",
        market=market,
        settings=lambda: {
            "app_key": market.gate.app_key,
            "app_secret": market.gate.app_secret,
            "refresh_token": market.gate.refresh,
            "base_url": market.url,
            "auth_url": market.url,
        },
        asks="Ciao! Quando torna disponibile la lampada verde?",
        answer="Ciao! Venerdì è di nuovo disponibile.",
    )


def _meta(market: MetaMarket, key: str, label: str, own: Mapping[str, object]) -> Stall:
    return Stall(
        key=key,
        label=label,
        market=market,
        settings=lambda: {
            "page_token": market.token,
            "app_secret": APP_SECRET,
            "verify_token": VERIFY_TOKEN,
            "app_id": APP_ID,
            "page_id": PAGE_ID,
            "base_url": market.url,
            **own,
        },
        asks=f"Do you ship to Ireland? ({label})",
        answer=f"We do, in three days. Thank you for asking on {label}.",
    )


def _mirakl(now: Callable[[], datetime]) -> Stall:
    market = MiraklMarket(now)
    return Stall(
        key="mirakl",
        label="Decathlon",
        market=market,
        settings=lambda: {
            "operator": "decathlon",
            "api_key": market.token,
            "base_url": market.url,
        },
        asks="Bonjour, la facture de ma commande, s'il vous plaît ?",
        answer="Bonjour, la voici dans votre espace client.",
    )


def _shopify(now: Callable[[], datetime]) -> Stall:
    market = ShopifyMarket(now)
    return Stall(
        key="shopify",
        label="Shopify",
        market=market,
        settings=market.settings,
        asks="Is the walnut desk in stock this week?",
        answer="It is: two are left.",
    )


def _etsy(now: Callable[[], datetime]) -> Stall:
    market = EtsyMail(now)
    return Stall(
        key="etsy",
        label="Etsy",
        market=market,
        settings=market.settings,
        asks="Could you engrave two initials on it?",
        answer=None,
    )


def all_stalls(now: Callable[[], datetime]) -> Sequence[Stall]:
    """Every stall, closed yet."""
    return (
        _ebay(now),
        _shopify(now),
        _tiktok(now),
        _meta(InstagramMarket(now), "instagram", "Instagram", {"account_id": ACCOUNT}),
        _meta(FacebookMarket(now), "facebook", "Facebook", {}),
        _mirakl(now),
        _etsy(now),
        *further_stalls(now),
        *review_stalls(now),
    )


@asynccontextmanager
async def open_stalls(now: Callable[[], datetime]) -> AsyncIterator[Sequence[Stall]]:
    """The stalls, their platforms listening."""
    async with AsyncExitStack() as stack:
        stalls = all_stalls(now)
        for stall in stalls:
            stack.push_async_callback(stall.market.stop)
            await stall.market.start()
        yield stalls


def inbox_tables(stalls: Sequence[Stall], *, poll: int) -> str:
    """The stalls' part of the settings file; secrets are named, never written."""
    return "\n".join(_table(stall, poll) for stall in stalls)


def _table(stall: Stall, poll: int) -> str:
    secret = secrets_of(stall)
    lines = [
        "[[inboxes]]",
        f'name = "{_name(stall)}"',
        f'connector = "{stall.key}"',
        f'channel = "{CHANNEL}"',
        f'label = "{stall.label}"',
        'group = ["@amazon-team"]',
        'calendar = "shop"',
        f"poll_seconds = {poll}",
        "",
        "[inboxes.settings]",
    ]
    for key, value in stall.settings().items():
        written = f"env:{_variable(stall, key)}" if key in secret else value
        lines.append(f"{key} = {json.dumps(written)}")
    return "\n".join([*lines, ""])


def environment(stalls: Sequence[Stall]) -> dict[str, str]:
    """The secrets that `inbox_tables` names."""
    return {
        _variable(stall, key): str(stall.settings()[key])
        for stall in stalls
        for key in secrets_of(stall)
    }


def secrets_of(stall: Stall) -> Sequence[str]:
    """Those of its settings that are secrets."""
    fields = load_spec(f"connectors.{stall.key}").config_model.model_fields
    return [key for key in stall.settings() if "SecretStr" in str(fields[key].annotation)]


def _name(stall: Stall) -> str:
    return stall.key.replace("_", "-")


def _variable(stall: Stall, key: str) -> str:
    return f"{stall.key}_{key}".upper()
