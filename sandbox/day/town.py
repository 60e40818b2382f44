"""Everything around the desk: five marketplaces, their inboxes' settings, the people and channels."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final

from sandbox.day.staff import SHIFTS, Habits
from sandbox.markets.amazon import AmazonMail
from sandbox.markets.amazon_notices import claim
from sandbox.markets.base import FakeMarket
from sandbox.markets.ebay import EbayMarket
from sandbox.markets.mail import MailMarket
from sandbox.markets.shopify import ShopifyMarket
from sandbox.markets.tiktok_shop import TikTokShopMarket
from sandbox.markets.website import WebsiteMail
from sandbox.slack.admin import Admin
from sandbox.slack.core import Core
from sandbox.story.stall import Stall
from sandbox.story.stalls import environment, secrets_of
from sla_rules.vocabulary import Author

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLAIM_DAYS: Final = 3


class LargePages(EbayMarket):
    """eBay with pages as large as eBay's: the fake's three a page are for tests of paging."""

    page_size: ClassVar[int] = 50


@dataclass(slots=True, kw_only=True)
class Inbox:
    """One inbox of the desk and the marketplace behind it.

    `arrived` is what came, by the platform's own id: its conversation, and when.
    """

    name: str
    channel: str
    stall: Stall
    arrived: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    counted: int = 0

    @property
    def market(self) -> MailMarket | FakeMarket:
        """The marketplace."""
        market = self.stall.market
        assert isinstance(market, MailMarket | FakeMarket)  # noqa: S101 - all of `INBOXES` are
        return market

    async def receives(self, author: Author, text: str, thread: str) -> None:
        """A customer writes now, or their mail program does."""
        said = await self.market.says(author, text, thread=thread)
        if author is Author.CUSTOMER:
            self.arrived[said] = (thread, self.market.now())

    async def receives_claim(self, thread: str) -> None:
        """Amazon reports an A-to-z claim now."""
        market = self.market
        assert isinstance(market, AmazonMail)  # noqa: S101 - nobody else has these claims
        said = await market.sends(claim(f"202-5555555-{thread:0>7}", days=CLAIM_DAYS))
        self.arrived[said] = (thread, market.now())

    def is_answered(self, thread: str) -> bool:
        """Whether the customer of a conversation ever got an answer."""
        found = self.answers(self.counted)
        self.counted += len(found)
        self.answered.update(thread for thread, _, _ in found)
        return thread in self.answered

    def answers(self, after: int = 0) -> Sequence[tuple[str, datetime, str]]:
        """What reached customers: conversation, instant and text, oldest first, without the first few."""
        market = self.market
        if isinstance(market, MailMarket):
            mails = market.mail.sent[after:]
            texts = market.texts_sent[after:]
            return [
                (_digits(mail.recipients[0]), mail.at, text)
                for mail, text in zip(mails, texts, strict=False)
            ]
        own = [said for said in market.messages if said.author is Author.AGENT]
        return [(said.thread, said.at, said.text) for said in own[after:]]


def _digits(address: str) -> str:
    """The conversation in an address such as `nora7101@post.example`."""
    name = address.partition("@")[0]
    return "".join(char for char in name[-5:] if char.isdigit())


def inboxes(now: Callable[[], datetime]) -> Sequence[Inbox]:
    """Every inbox, its marketplace closed yet."""
    amazon, ebay, tiktok = AmazonMail(now), LargePages(now), TikTokShopMarket(now)
    website, shopify = WebsiteMail(now), ShopifyMarket(now)
    return (
        _inbox("amazon #amazon", "amazon", "Amazon.co.uk", amazon, _amazon(amazon)),
        _inbox("shop #own-shops", "website", "rossicasa.example", website, website.settings),
        _inbox("shopify #own-shops", "shopify", "Shopify", shopify, shopify.settings),
        _inbox("ebay #ebay", "ebay", "eBay", ebay, ebay.settings),
        _inbox("tiktok #social", "tiktok_shop", "TikTok Shop", tiktok, _tiktok(tiktok)),
    )


def _inbox(
    place: str,
    connector: str,
    label: str,
    market: MailMarket | FakeMarket,
    settings: Callable[[], Mapping[str, object]],
) -> Inbox:
    """`place` is the inbox's name and its channel."""
    name, channel = place.split()
    stall = Stall(
        key=connector, label=label, market=market, settings=settings, asks="", answer=None
    )
    return Inbox(name=name, channel=channel, stall=stall)


def _amazon(market: AmazonMail) -> Callable[[], Mapping[str, object]]:
    return lambda: {**market.settings(), "trusted_authserv": "mx.seller.example"}


def _tiktok(market: TikTokShopMarket) -> Callable[[], Mapping[str, object]]:
    return lambda: {
        "app_key": market.gate.app_key,
        "app_secret": market.gate.app_secret,
        "refresh_token": market.gate.refresh,
        "base_url": market.url,
        "auth_url": market.url,
    }


@asynccontextmanager
async def open_inboxes(now: Callable[[], datetime]) -> AsyncIterator[Sequence[Inbox]]:
    """The marketplaces, listening."""
    async with AsyncExitStack() as stack:
        found = inboxes(now)
        for inbox in found:
            stack.push_async_callback(inbox.market.stop)
            await inbox.market.start()
        yield found


def move_in(core: Core, staff: Sequence[Habits], places: Sequence[Inbox]) -> None:
    """People and channels, before the desk is connected; everybody is in every channel."""
    admin = Admin(core)
    known = {user.name for user in core.workspace.users.values()}
    for habits in staff:
        if habits.handle not in known:
            admin.new_user({"name": habits.name, "email": habits.email})
    everybody = [*(habits.handle for habits in staff), "chiara", core.app.bot_user]
    for channel in dict.fromkeys(inbox.channel for inbox in places):
        admin.new_channel({"name": channel, "members": everybody})
    for handle in ("amazon-team", "shops-team"):
        admin.put_group(handle, {"users": [habits.handle for habits in staff]})


def settings_of(places: Sequence[Inbox], staff: Sequence[Habits], policies: str) -> str:
    """The desk's settings file."""
    parts = [DESK, *map(_agent, staff), *_shifts(staff), *map(_table, places), policies]
    return "\n".join(parts)


def secrets_in(places: Sequence[Inbox]) -> Mapping[str, str]:
    """The environment variables that `settings_of` names."""
    return environment([inbox.stall for inbox in places])


def _agent(habits: Habits) -> str:
    role = "lead" if habits.handle == "anna" else "agent"
    return (
        f'[[agents]]\nslack = "{habits.email}"\nname = "{habits.name}"\nrole = "{role}"\n'
        f'pings = "{habits.pings}"\nquiet = "{habits.quiet}"\nshifts = ["{habits.shift.name}"]\n'
    )


def _shifts(staff: Sequence[Habits]) -> Sequence[str]:
    found = []
    for shift in SHIFTS:
        if any(habits.shift is shift for habits in staff):
            hours = "".join(f'{day} = ["{shift.begins}-{shift.ends}"]\n' for day in DAYS[:5])
            found.append(f'[calendars.{shift.name}]\ntimezone = "Europe/Rome"\n{hours}')
            found.append(f'[shifts.{shift.name}]\ncalendar = "{shift.name}"\n')
    return found


def _table(inbox: Inbox) -> str:
    secret = secrets_of(inbox.stall)
    team = "@amazon-team" if inbox.name == "amazon" else "@shops-team"
    lines = [
        f'[[inboxes]]\nname = "{inbox.name}"\nconnector = "{inbox.stall.key}"',
        f'channel = "{inbox.channel}"\nlabel = "{inbox.stall.label}"',
        f'group = ["{team}"]\ncalendar = "shop"\n[inboxes.settings]',
    ]
    for key, value in inbox.stall.settings().items():
        named = f"env:{f'{inbox.stall.key}_{key}'.upper()}"
        lines.append(f"{key} = {json.dumps(named if key in secret else value)}")
    return "\n".join([*lines, ""])


DESK: Final = """\
[desk]
name = "Rossi Casa"
timezone = "Europe/Rome"
managers = ["@managers"]
ops_channel = "#threadline-ops"
undo_seconds = 10

[[agents]]
slack = "chiara@rossi-casa.example"
name = "Chiara"
role = "manager"

[calendars.shop]
timezone = "Europe/Rome"
mon = ["09:00-13:00", "14:00-18:00"]
tue = ["09:00-13:00", "14:00-18:00"]
wed = ["09:00-13:00", "14:00-18:00"]
thu = ["09:00-13:00", "14:00-18:00"]
fri = ["09:00-13:00", "14:00-18:00"]
"""

POLICIES: Final = """\
[[policies]]
name = "amazon.message"
source = "24 h is Amazon's; 2 h is this seller's own promise"
match = { channel = "amazon", kind = "message" }
[[policies.clock]]
metric = "response"
scope = "marketplace"
target = "24h"
[[policies.clock]]
metric = "response"
scope = "internal"
target = "2h"

[[policies]]
name = "ebay.message"
source = "this seller's own promise"
match = { channel = "ebay", kind = "message" }
[[policies.clock]]
metric = "response"
scope = "internal"
target = "3h"
calendar = "shop"

[[policies]]
name = "tiktok_shop.message"
source = "24 h is TikTok Shop's; 90 min is this seller's own promise"
match = { channel = "tiktok_shop", kind = "message" }
[[policies.clock]]
metric = "response"
scope = "marketplace"
target = "24h"
[[policies.clock]]
metric = "response"
scope = "internal"
target = "90m"
"""
