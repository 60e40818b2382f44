"""The Shopify connector: the shop's mailbox in, mail out, and the Admin API beside them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from typing_extensions import override

from connectors.capabilities import ContextRequest, OrderContext, WebhookOutcome, WebhookRequest
from connectors.contract import (
    Absent,
    Attachment,
    Connector,
    Cursor,
    File,
    Found,
    Health,
    InboundMessage,
    InboxContext,
    Json,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.errors import ConnectorError, RateLimited, Unavailable
from connectors.mail.channel import MailChannel
from connectors.manifest import manifest_beside
from connectors.shopify.asking import Asking
from connectors.shopify.client import AdminApi
from connectors.shopify.config import Config
from connectors.shopify.hooks import heard
from connectors.shopify.normalise import ShopReader
from connectors.shopify.orders import customer_page, order_page
from connectors.shopify.reply import write_letter
from connectors.shopify.watching import Seen, Watching

LIMITS: Final = manifest_beside(__file__).limits

SILENCE: Final = timedelta(hours=1)
"""So long the Admin API may fail before reading mail reports it as a failure of the inbox."""

WANTED: Final[Mapping[str, tuple[str, ...]]] = {
    "disputes": ("read_shopify_payments_disputes", "read_orders"),
    "returns": ("read_returns", "read_orders"),
}
"""Scopes without which something that is watched is not seen."""

FOR_CONTEXT: Final = ("read_customers", "read_orders")

MAIL_ONLY: Final = (
    "without access to the Admin API: no order context, no disputes, no return requests"
)


class ShopifyConnector(Connector):
    """Mail is read first and never waits for the API; answers go out as mail."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        reader = ShopReader(config=config, instance_key=context.instance_key)
        write = partial(write_letter, form_senders=config.form_senders)
        self._mail = MailChannel(
            config, context, explain=reader.explain, write=write, limits=LIMITS
        )
        self._api = AdminApi(config, context) if config.reaches_api else None
        self._asking = Asking(
            api=self._api, config=config, context=context, explain=self._mail.normalise
        )
        self._started_at = context.now()
        self._rests_until: datetime | None = None

    @override
    async def check(self) -> Health:
        mail = await self._mail.check()
        if not mail.ok or self._api is None:
            return mail if not mail.ok else Health(ok=True, detail=f"{mail.detail}; {MAIL_ONLY}")
        try:
            granted = await self._api.scopes()
        except ConnectorError as error:
            return Health(ok=False, detail=f"{mail.detail}; Admin API: {error}")
        return self._health(mail.detail, self._api, granted)

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        state = dict(cursor.state) if cursor else {}
        mailbox = state.get("mail")
        known = Cursor(state=mailbox) if isinstance(mailbox, dict) else None
        reading: Any = self._mail.fetch(known)
        async with aclosing(reading) as pages:
            async for page in pages:
                state["mail"] = dict(page.cursor.state)
                yield _page(await self._asking.who_wrote(page.items), state)
        looking: Any = self._look(Seen.read(state.get("watch")))
        async with aclosing(looking) as found:
            async for items, seen in found:
                state["watch"] = seen.stored()
                yield _page(items, state)

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return self._mail.normalise(item)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return self._mail.preview(command)

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        return await self._mail.reply(command)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        return await self._mail.probe(command)

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """A proven call asks for a look; nothing is read from its body."""
        return await heard(request, self._config, self._context)

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The customer, their newest orders, and the order asked about."""
        return await self._asking.context_for(request)

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The order in Shopify's own pages, else the customer."""
        order = order_page(self._config, context.get("order_id"))
        return order or customer_page(self._config, context.get("customer_id"))

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """The file out of the kept mail. Raises Rejected where it is not in there, or too large."""
        return await self._mail.fetch_attachment(item, attachment)

    @override
    async def close(self) -> None:
        await self._mail.close()
        if self._api is not None:
            await self._api.close()

    async def _look(self, seen: Seen) -> AsyncIterator[tuple[Sequence[RawItem], Seen]]:
        """Disputes and returns, where it is time. A short failure is waited out."""
        if self._api is None or not self._config.watch or self._rests():
            return
        watching = Watching(api=self._api, config=self._config, context=self._context)
        if not await watching.is_due(seen):
            return
        looking: Any = watching.look(seen)
        try:
            async with aclosing(looking) as found:
                async for one in found:
                    yield one
        except (RateLimited, Unavailable) as error:
            self._rest_after(error, seen)

    def _rest_after(self, error: RateLimited | Unavailable, seen: Seen) -> None:
        """Mail goes on at its own pace; only a long silence is the inbox's failure."""
        now = self._context.now()
        if now - (seen.at or self._started_at) > SILENCE:
            raise error
        told = error.retry_after if isinstance(error, RateLimited) else 0.0
        self._rests_until = now + timedelta(seconds=max(told, 60.0))

    def _rests(self) -> bool:
        return self._rests_until is not None and self._context.now() < self._rests_until

    def _health(self, mail: str, api: AdminApi, granted: frozenset[str]) -> Health:
        missing = {
            scope: f"{scope} ({name} are not seen)"
            for name in self._config.watch
            for scope in WANTED[name]
            if scope not in granted
        }
        for scope in FOR_CONTEXT:
            if scope not in granted:
                missing.setdefault(scope, f"{scope} (no order context)")
        parts = [mail, f"Admin API of {self._config.shop_name} answers"]
        if missing:
            parts.append(f"the app lacks {', '.join(missing.values())}")
        if api.note:
            parts.append(api.note)
        return Health(ok=not missing, detail="; ".join(parts))


def build(config: Config, context: InboxContext) -> ShopifyConnector:
    """A connector for one shop."""
    return ShopifyConnector(config, context)


def _page(items: Sequence[RawItem], state: Mapping[str, Json]) -> Page:
    return Page(items=tuple(items), cursor=Cursor(state=dict(state)))
