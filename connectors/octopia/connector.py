"""The Octopia connector."""

import base64
import binascii
from collections.abc import AsyncIterator
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
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.fields import Fields
from connectors.media import UNTOLD, media_type_of
from connectors.octopia.answering import body_of, discussion_of, traces_of, why_refused
from connectors.octopia.client import OctopiaClient
from connectors.octopia.config import Config
from connectors.octopia.discussion import CUSTOMER
from connectors.octopia.normalise import explain
from connectors.octopia.orders import order_of
from connectors.octopia.position import Position
from connectors.octopia.reading import Reader
from sla_rules.worded import marked


class OctopiaConnector(Connector):
    """Joins the client and the explanation, for one seller account."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = OctopiaClient(config, context)
        self._reader = Reader(self._client, context.now, config.sales_channels)

    @override
    async def check(self) -> Health:
        try:
            count = await self._client.count_of_waiting()
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        told = "" if count is None else f"; {count} discussions to be treated"
        return Health(ok=True, detail=f"signed in as seller {self._config.seller_id}{told}")

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
            recipient=f"the customer, in discussion {discussion_of(command.context)}",
            subject="",
            body=body,
            parts=(body,),
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        body, name = body_of(command), discussion_of(command.context)
        try:
            await self._client.say(name, body, CUSTOMER, command.attachments)
        except Rejected as refused:
            raise await self._explained(name, refused) from refused
        # What the answer holds is not documented: the discussion shows the message's id.
        try:
            shown = await self._client.discussion(name) or {}
        except ConnectorError as error:
            said = f"Octopia took the answer; looking it up failed: {error}"
            raise OutcomeUnknown(said) from error
        seen = traces_of(shown, command, body, is_taken=True)
        if not seen.message_id:
            raise OutcomeUnknown("Octopia took the answer and does not show it yet")
        return ReplyReceipt(external_id=seen.message_id, accepted_at=self._context.now())

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        discussion = await self._client.discussion(discussion_of(command.context))
        if discussion is None:
            return Unknown()
        return traces_of(discussion, command, body_of(command)).finding(self._context.now())

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order the discussion is about. Octopia lists no orders by customer."""
        if not request.order_id:
            return OrderContext()
        listed = [one for one in await self._client.orders(request.order_id) if one]
        orders = [
            order_of(Fields(one), request.order_id) for one in listed if isinstance(one, dict)
        ]
        gaps = (marked("Octopia's orders are read without parcels and refunds."),)
        return OrderContext(orders=tuple(orders[:1]), gaps=gaps if orders else ())

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """A file of a message, which comes with its content."""
        del item
        discussion, message, place = _place(attachment)
        files = await self._client.attachments(discussion, message)
        if place >= len(files):
            raise Rejected(f"{attachment.name}: Octopia shows no such file")
        found = files[place]
        return _file(Fields(found if isinstance(found, dict) else {}), attachment.name)

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _explained(self, name: str, refused: Rejected) -> Rejected:
        """Nothing was taken; the discussion may say why better than the refusal does."""
        try:
            return why_refused(await self._client.discussion(name), refused)
        except ConnectorError:
            return refused


def _place(attachment: Attachment) -> tuple[str, str, int]:
    """Discussion, message and number of a file. Raises Rejected where it names none."""
    parts = attachment.ref.split(" ")
    if len(parts) == len(("discussion", "message", "number")) and parts[-1].isascii():
        discussion, message, number = parts
        if number.isdecimal():
            return discussion, message, int(number[:3])
    raise Rejected(f"{attachment.name}: Octopia named no place to fetch it from")


def _file(raw: Fields, name: str) -> File:
    """Raises Rejected where the content is no base64."""
    ending = raw.text("fileFormat", default="").strip().lstrip(".").lower()
    media_type = media_type_of(name)
    if media_type == UNTOLD and ending:
        media_type = media_type_of(f"a.{ending}")
    try:
        content = base64.b64decode(raw.text("content", default=""), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        raise Rejected(f"{name}: Octopia sent no readable content")
    return File(name=name, media_type=media_type, content=content)


def build(config: Config, context: InboxContext) -> OctopiaConnector:
    """A connector for one seller account."""
    return OctopiaConnector(config, context)
