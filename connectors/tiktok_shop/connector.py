"""The TikTok Shop connector."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from typing_extensions import override

from connectors.called_about import CalledAbout
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
from connectors.download import download
from connectors.errors import ConnectorError, Rejected
from connectors.fields import Fields
from connectors.limits import check_files, parts_of, send_parts
from connectors.manifest import manifest_beside
from connectors.probing import SKEW
from connectors.tiktok_shop.access import WARN_BEFORE
from connectors.tiktok_shop.client import TikTokClient, picture_message, text_message
from connectors.tiktok_shop.config import Config
from connectors.tiktok_shop.greetings import is_only_a_greeting
from connectors.tiktok_shop.normalise import explain
from connectors.tiktok_shop.orders import order_of
from connectors.tiktok_shop.probing import look_for
from connectors.tiktok_shop.progress import Progress
from connectors.tiktok_shop.refusals import NotGranted
from connectors.tiktok_shop.requests import ReturnRequests
from connectors.tiktok_shop.sweep import Sweep
from connectors.tiktok_shop.webhook import read_call
from sla_rules.vocabulary import Author
from sla_rules.worded import marked

LIMITS: Final = manifest_beside(__file__).limits

FILES: Final = ("ibyteimg.com", "tiktokcdn.com", "tiktokcdn-us.com", "tiktokcdn-eu.com", "byted.org", "akamaized.net")  # fmt: skip
"""Where pictures and videos of the documentation's examples are kept; the list is not official."""

ORDERS_SHOWN: Final = 3
NO_ORDERS: Final = marked(
    "orders: the app lacks the scope seller.order.info, or the shop has not granted it"
)

MOST_CALLED: Final = 50
"""Chats opened by their own names in one poll: TikTok's order of its list is not documented.

Of more calls, the newest; the hourly walk finds the others.
"""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class TikTokShopConnector(Connector):
    """Joins the calls and the explanation."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = TikTokClient(config, context)
        self._called = CalledAbout(context.keep, most=MOST_CALLED)
        self._requests = ReturnRequests(self._client, context, wanted=config.returns)

    @override
    async def check(self) -> Health:
        try:
            shop = await self._client.shop()
            takes_chats = await self._client.accepts_chats()
            ends_at = await self._client.access.ends_at()
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        said = [f"signed in for {shop.name} ({shop.region})"]
        if not takes_chats:
            said.append("the main account takes no chats: switch that on in Seller Center")
        if ends_at is not None and ends_at - self._context.now() < WARN_BEFORE:
            said.append(f"the shop's consent ends on {ends_at:%d %B %Y}: authorise the app again")
        return Health(ok=True, detail="; ".join(said))

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        progress = Progress.of(cursor, self._context.now(), self._config.since_days)
        sweep = Sweep(self._client, self._context, progress, labels=self._config.session_labels)
        async for page in sweep.pages():
            yield page
        called = await self._called.names()
        async for page in sweep.called(called):
            yield page
        await self._called.forget(called)
        async for page in self._requests.pages(progress):
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._config.stop_roles)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        _conversation(command)
        buyer = command.context.get("buyer")
        return ReplyPreview(
            sender="the shop's customer service",
            recipient=buyer if isinstance(buyer, str) and buyer else "the buyer of the chat",
            subject="",
            body=command.text,
            parts=_parts(command),
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        conversation, parts = _conversation(command), _parts(command)
        role = self._role(command)
        pictures = [await self._client.upload(file) for file in command.attachments]
        messages = [text_message(part, role) for part in parts]
        messages += [picture_message(picture, role) for picture in pictures]
        # Handed over by their number: what is sent is JSON, what send_parts counts is text.
        send = partial(self._hand_over, conversation, messages)
        sent = await send_parts([str(number) for number in range(len(messages))], send)
        return ReplyReceipt(
            external_id=sent[0], accepted_at=self._context.now(), further_ids=tuple(sent[1:])
        )

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        conversation, parts = _conversation(command), _parts(command)
        decided = command.decided_at
        messages = await self._since(conversation, decided - SKEW if decided else None)
        now = self._context.now()
        return look_for(parts, len(command.attachments), messages, decided, now)

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """One notification, proven by the app's signature."""
        call = read_call(self._config, request)
        if call.about_returns:
            await self._requests.expect_news()
        if call.conversation:
            await self._called.add([call.conversation])
        return call.outcome

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order the chat is about; without one, the buyer's newest orders."""
        try:
            if request.order_id and _ID.fullmatch(request.order_id):
                orders = await self._client.order(request.order_id)
                return OrderContext(orders=tuple(order_of(one) for one in orders))
            if not request.order_id and request.customer_handle.isdecimal():
                listed = await self._client.orders_of(request.customer_handle, ORDERS_SHOWN)
                return OrderContext(
                    orders=tuple(order_of(one) for one in listed.items),
                    order_count=listed.total or len(listed.items),
                )
        except NotGranted:
            return OrderContext(gaps=(NO_ORDERS,))
        except Rejected:
            return OrderContext()
        return OrderContext()

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """A picture or video, from where its own message says it is, and from nowhere else."""
        if attachment.ref not in {one.ref for one in self.normalise(item).attachments}:
            raise Rejected("this message has no such file")
        return await download(
            attachment.ref,
            self._context,
            hosts=FILES,
            base_url=self._config.base_url,
            name=attachment.name,
        )

    @override
    async def close(self) -> None:
        await self._client.close()

    def _role(self, command: ReplyCommand) -> str | None:
        """Whose words TikTok shows them as; the older version of the call does not ask."""
        if self._config.send_version == "202309":
            return None
        return "SYSTEM" if command.author is Author.AUTO else "CUSTOMER_SERVICE"

    async def _hand_over(
        self, conversation: str, messages: Sequence[dict[str, Json]], number: str
    ) -> str:
        return await self._client.send(conversation, messages[int(number)])

    async def _since(self, conversation: str, at: datetime | None) -> Sequence[Fields]:
        """Messages not older than `at`, oldest first; TikTok's times are whole seconds."""
        start = int(at.timestamp()) if at else 0
        found: list[Fields] = []
        following = ""
        while True:
            listed = await self._client.messages(conversation, following)
            times = [one.number("create_time", default=0) for one in listed.items]
            found += [one for one, t in zip(listed.items, times, strict=True) if t >= start]
            if min(times, default=0) < start or listed.following in {"", following}:
                return found[::-1]
            following = listed.following


def build(config: Config, context: InboxContext) -> TikTokShopConnector:
    """A connector for one shop."""
    return TikTokShopConnector(config, context)


def _conversation(command: ReplyCommand) -> str:
    found = command.context.get("conversation")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise Rejected("this message belongs to no chat: answer it in Seller Center")
    return found


def _parts(command: ReplyCommand) -> Sequence[str]:
    if not command.text.strip():
        raise Rejected("the answer is empty")
    if is_only_a_greeting(command.text) and command.author is not Author.AUTO:
        raise Rejected("TikTok counts a greeting alone as no answer; write what helps beside it")
    check_files(command.attachments, LIMITS)
    return parts_of(command.text, LIMITS)
