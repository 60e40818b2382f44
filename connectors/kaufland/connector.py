"""The Kaufland connector."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

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
from connectors.download import download
from connectors.errors import ConnectorError, Malformed, OutcomeUnknown, Rejected
from connectors.fields import Fields
from connectors.kaufland.answering import HOSTS, body_of, ticket_of, traces_of
from connectors.kaufland.client import KauflandClient
from connectors.kaufland.config import Config
from connectors.kaufland.items import CLOSED
from connectors.kaufland.normalise import explain
from connectors.kaufland.orders import order_of
from connectors.kaufland.position import Position
from connectors.kaufland.reading import Reader
from sla_rules.worded import marked

_SELLERS_SIDE = CLOSED - {"buyer_closed"}
"""States in which nothing is left to close for the seller."""


class KauflandConnector(Connector):
    """Joins the client and the explanation, for one seller account."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = KauflandClient(config, context)
        self._reader = Reader(self._client, context.now, config.storefronts)

    @override
    async def check(self) -> Health:
        try:
            count = await self._client.count_of_tickets()
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        return Health(ok=True, detail=f"signed in; {count} tickets in all")

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        start = self._context.now() - timedelta(days=self._config.since_days)
        async for page in self._reader.pages(Position.of(cursor, start)):
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        body = body_of(command)
        return ReplyPreview(
            sender="the shop",
            recipient=f"the customer of ticket {ticket_of(command.context)}",
            subject="",
            body=body,
            parts=(body,),
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        body, ticket = body_of(command), ticket_of(command.context)
        await self._client.answer(ticket, body, command.attachments)
        # Kaufland gives no id: the ticket shows which one the answer got.
        try:
            shown = await self._client.ticket(ticket) or {}
        except ConnectorError as error:
            said = f"Kaufland took the answer; looking it up failed: {error}"
            raise OutcomeUnknown(said) from error
        seen = traces_of(shown, command, body, is_taken=True)
        if not seen.message_id:
            raise OutcomeUnknown("Kaufland took the answer and does not show it yet")
        return ReplyReceipt(external_id=seen.message_id, accepted_at=self._context.now())

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        ticket = await self._client.ticket(ticket_of(command.context))
        if ticket is None:
            return Unknown()
        return traces_of(ticket, command, body_of(command)).finding(self._context.now())

    async def mark_no_reply(self, context: Mapping[str, Json]) -> None:
        """Close the seller's side of the ticket: what needs no answer is settled."""
        name = ticket_of(context)
        ticket = await self._client.ticket(name)
        if ticket is not None and ticket.get("status") not in _SELLERS_SIDE:
            await self._client.close_ticket(name)

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order the ticket is about. Kaufland lists no orders by customer."""
        raw = await self._client.order(request.order_id) if request.order_id else None
        if not raw:
            return OrderContext()
        gaps = (
            marked("Kaufland's orders tell neither tracking numbers nor shipping costs in all."),
        )
        try:
            return OrderContext(orders=(order_of(Fields(raw)),), gaps=gaps)
        except Malformed:
            return OrderContext()

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """A file of the ticket, from Kaufland's own hosts alone."""
        del item
        if not attachment.ref:
            raise Rejected(f"{attachment.name}: Kaufland named no place to fetch it from")
        return await download(
            attachment.ref,
            self._context,
            hosts=HOSTS,
            base_url=self._config.base_url,
            name=attachment.name,
        )

    @override
    async def close(self) -> None:
        await self._client.close()


def build(config: Config, context: InboxContext) -> KauflandConnector:
    """A connector for one seller account."""
    return KauflandConnector(config, context)
