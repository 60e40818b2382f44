"""The Toybox connector."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

from typing_extensions import override

from connectors.capabilities import (
    ContextRequest,
    Delivery,
    Money,
    Order,
    OrderContext,
    OrderItem,
    WebhookOutcome,
    WebhookRequest,
)
from connectors.contract import (
    Absent,
    Connector,
    Cursor,
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
from connectors.errors import ConnectorError, Rejected, WebhookRefused
from connectors.fields import Fields
from connectors.limits import check_files, parts_of, send_parts
from connectors.manifest import manifest_beside
from connectors.signing import hmac_hex, matches
from sandbox.toy.client import ToyClient
from sandbox.toy.config import Config
from sandbox.toy.normalise import explain

OVERLAP = timedelta(minutes=5)
"""Toybox shows a message up to a minute after it was written; five times that is read again."""

LIMITS = manifest_beside(__file__).limits


class ToyConnector(Connector):
    """Joins the client and the explanation."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = ToyClient(config, context)

    @override
    async def check(self) -> Health:
        try:
            return Health(ok=True, detail=f"signed in as {await self._client.me()}")
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        since = self._since(cursor)
        newest, start = since, 0
        while True:
            messages, following = await self._client.messages(since - OVERLAP, start)
            items = [self._item(message) for message in messages]
            newest = max([newest, *(explain(item).sent_at for item in items)])
            # Pages come in the order of arrival: until the last one is stored, `since` is true.
            until = newest if following is None else since
            if items:
                yield Page(items=items, cursor=Cursor(state={"since": until.isoformat()}))
            if following is None:
                return
            start = following

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return ReplyPreview(
            sender="Bottega Salici",
            recipient=f"the buyer of conversation {_thread(command)}",
            subject="",
            body=command.text,
            parts=_parts(command),
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        thread = _thread(command)
        sent = await send_parts(_parts(command), partial(self._client.answer, thread))
        return ReplyReceipt(external_id=sent[0], accepted_at=self._context.now())

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        said = [Fields(message) for message in await self._client.thread(_thread(command))]
        ours = {
            one.text("text", default=""): one.id("id")
            for one in said
            if one.text("from", default="") == "seller"
            and (command.decided_at is None or one.instant("sent_at") >= command.decided_at)
        }
        arrived = [ours[part] for part in _parts(command) if part in ours]
        if not arrived:
            return Absent()
        if len(arrived) < len(_parts(command)):
            return Unknown()
        return Found(receipt=ReplyReceipt(external_id=arrived[0], accepted_at=self._context.now()))

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """One message, proven by Toybox's signature."""
        given = request.headers.get("x-toybox-signature", "")
        if not matches(given, [hmac_hex(self._config.webhook_secret, request.body)]):
            raise WebhookRefused("the signature is not Toybox's")
        call = Fields.of(request.body)
        item = self._item(call.inner("message").value, at=request.received_at)
        return WebhookOutcome(items=(item,), delivery_id=call.text("event"))

    async def mark_no_reply(self, context: Mapping[str, Json]) -> None:
        """Take the conversation off Toybox's list of those that wait."""
        await self._client.done(str(context.get("thread")))

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order the conversation is about."""
        raw = await self._client.order(request.order_id) if request.order_id else None
        if raw is None or request.order_id is None:
            return OrderContext()
        return OrderContext(orders=(_order(request.order_id, Fields(raw)),))

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The conversation in Toybox's seller pages."""
        thread = context.get("thread")
        if not isinstance(thread, str):
            return None
        return f"https://seller.toybox.example/inbox/{quote(thread, safe='')}"

    @override
    async def close(self) -> None:
        await self._client.close()

    def _since(self, cursor: Cursor | None) -> datetime:
        kept = cursor.state.get("since") if cursor else None
        if isinstance(kept, str):
            return datetime.fromisoformat(kept)
        return self._context.now() - timedelta(days=self._config.since_days) + OVERLAP

    def _item(self, message: Json, at: datetime | None = None) -> RawItem:
        return RawItem(
            source_id=f"message:{Fields(message).id('id')}",
            received_at=at or self._context.now(),
            payload=json.dumps(message).encode(),
        )


def build(config: Config, context: InboxContext) -> ToyConnector:
    """A connector for one seller account."""
    return ToyConnector(config, context)


def _thread(command: ReplyCommand) -> str:
    thread = command.context.get("thread")
    if not isinstance(thread, str) or not thread:
        raise Rejected("this message names no conversation to answer")
    return thread


def _parts(command: ReplyCommand) -> Sequence[str]:
    if not command.text.strip():
        raise Rejected("the answer is empty")
    check_files(command.attachments, LIMITS)
    return parts_of(command.text, LIMITS)


def _order(order_id: str, raw: Fields) -> Order:
    currency = raw.text("currency")
    return Order(
        order_id=order_id,
        total=Money(amount=raw.amount("total"), currency=currency),
        delivery=Delivery.IN_TRANSIT if raw.text("state") == "shipped" else Delivery.UNKNOWN,
        items=tuple(
            OrderItem(
                title=item.text("title"),
                quantity=item.number("quantity"),
                price=Money(amount=item.amount("price"), currency=currency),
            )
            for item in raw.each("items")
        ),
    )
