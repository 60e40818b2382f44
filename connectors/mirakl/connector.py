"""The Mirakl connector."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from typing_extensions import override

from connectors.capabilities import ContextRequest, OrderContext
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
from connectors.errors import ConnectorError, Malformed, OutcomeUnknown, Rejected
from connectors.fields import Fields
from connectors.media import media_type_of
from connectors.mirakl.answering import Route, body_of, route_of, topic_of, traces_of
from connectors.mirakl.client import LARGEST_FILE, MiraklClient
from connectors.mirakl.config import Config
from connectors.mirakl.normalise import CUSTOMER, explain
from connectors.mirakl.orders import order_of, order_url
from connectors.mirakl.position import Position
from connectors.mirakl.reading import Reader
from sla_rules.worded import marked


class MiraklConnector(Connector):
    """Joins the client and the explanation, for one shop on one marketplace."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._now = context.now
        self._client = MiraklClient(config, context)
        self._reader = Reader(
            self._client, context.now, incidents=config.incidents, returns=config.returns
        )

    @override
    async def check(self) -> Health:
        try:
            shop = await self._client.shop()
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        signed_in = f"signed in as {shop} on {self._config.marketplace.name}"
        refused = [
            f"{name} cannot be read ({error}): allow it to the user, or set {name} = false"
            for name, error in await self._refusals()
        ]
        return Health(ok=not refused, detail="; ".join([signed_in, *refused]))

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        start = self._now() - timedelta(days=self._config.since_days)
        async for page in self._reader.pages(Position.of(cursor, start)):
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._config)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        body = body_of(command)
        route = self._route(command)
        return ReplyPreview(
            sender="the shop",
            recipient=route.shown(self._config.marketplace.name),
            subject="" if route.thread else topic_of(command.context),
            body=body,
            parts=(body,),
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        body, route = body_of(command), self._route(command)
        thread = route.thread or await self._thread_of(route)
        if thread:
            sent = await self._client.answer(thread, body, route.recipients, command.attachments)
        else:
            topic = topic_of(command.context)
            sent = await self._client.open_thread(
                route.order, body, topic, route.to, command.attachments
            )
        if not sent:
            raise OutcomeUnknown("Mirakl took the answer and gave no id")
        return ReplyReceipt(external_id=sent, accepted_at=self._now())

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        route = self._route(command)
        threads: Sequence[Json]
        if route.thread:
            threads = [await self._client.thread(route.thread)]
        else:
            threads = await self._client.threads_of_order(route.order)
        return traces_of(threads, command, body_of(command)).finding(self._now())

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order the conversation is about. Mirakl lists no orders by customer to a seller."""
        if not request.order_id:
            return OrderContext()
        found = []
        for raw in await self._client.orders([request.order_id]):
            try:
                found.append(order_of(Fields(raw), self._config.marketplace.base_url))
            except Malformed:
                continue
        gaps = (marked("Mirakl tells sellers no order history."),)
        return OrderContext(orders=tuple(found), gaps=gaps)

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The order in the back office; threads themselves have no address anybody published."""
        order = context.get("order")
        if not isinstance(order, str) or not order:
            return None
        return order_url(self._config.marketplace.base_url, order)

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """A customer's file. Its name is Mirakl's, its type that of the name's ending."""
        del item
        if not attachment.ref:
            raise Rejected(f"{attachment.name}: Mirakl named no file to fetch")
        if attachment.size > LARGEST_FILE:
            raise Rejected(f"{attachment.name} is larger than {LARGEST_FILE:,} bytes")
        content = await self._client.attachment(attachment.ref)
        return File(
            name=attachment.name, media_type=media_type_of(attachment.name), content=content
        )

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _refusals(self) -> Sequence[tuple[str, ConnectorError]]:
        """What the key may not read although the settings want it."""
        now = self._now()
        wanted: Sequence[tuple[str, bool, Callable[[], Awaitable[object]]]] = (
            ("incidents", self._config.incidents, partial(self._client.with_incident, 0)),
            ("returns", self._config.returns, partial(self._client.returns, since=now, token=None)),
        )
        found = []
        for name, is_wanted, look in wanted:
            try:
                await look() if is_wanted else None
            except ConnectorError as error:
                found.append((name, error))
        return found

    def _route(self, command: ReplyCommand) -> Route:
        return route_of(command.context, self._config.recipients)

    async def _thread_of(self, route: Route) -> str:
        """The order's thread with the customer, where there is one already."""
        for thread in await self._client.threads_of_order(route.order):
            raw = Fields(thread) if isinstance(thread, dict) else Fields({})
            joined = raw.each("current_participants")
            if any(one.text("type", default="") == CUSTOMER for one in joined):
                return raw.id("id", default="")
        return ""


def build(config: Config, context: InboxContext) -> MiraklConnector:
    """A connector for one shop."""
    return MiraklConnector(config, context)
