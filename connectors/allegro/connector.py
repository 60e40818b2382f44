"""The Allegro connector."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

from typing_extensions import override

from connectors.allegro import files
from connectors.allegro.answering import HELD_BACK, Place, body_of, place_of, traces_of
from connectors.allegro.client import AllegroClient, Row
from connectors.allegro.config import Config
from connectors.allegro.issues import whole_chat
from connectors.allegro.items import VERIFIED_LATER
from connectors.allegro.links import link_of
from connectors.allegro.normalise import explain
from connectors.allegro.orders import order_of
from connectors.allegro.people import author_of
from connectors.allegro.position import Position
from connectors.allegro.reading import pages, sources
from connectors.allegro.threads import whole_thread
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
from connectors.errors import AuthExpired, ConnectorError, Malformed, OutcomeUnknown
from connectors.fields import Fields
from connectors.probing import SKEW
from sla_rules.worded import marked

GAPS = (marked("Allegro's orders tell neither refunds nor where a parcel is."),)
NO_ORDERS = marked("The application may not read orders: it lacks the permission for them.")


class AllegroConnector(Connector):
    """Joins the client and the explanation, for one seller account."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = AllegroClient(config, context)
        self._sources = sources(self._client, config, context.now)

    @override
    async def check(self) -> Health:
        try:
            login = await self._client.account()
            await self._client.threads(None)
            live = await self._client.issues(0, live=True) if self._config.issues else []
            offered = not self._config.problems or (await self._client.problems(None)).offered
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        who = f"signed in as {login}" if login else "signed in"
        problems = "" if offered else "; Allegro does not offer problems with purchases here"
        return Health(ok=True, detail=f"{who}; {len(live)} disputes and claims wait{problems}")

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        start = self._context.now() - timedelta(days=self._config.since_days)
        async for page in pages(self._sources, Position.of(cursor, start), self._context.now):
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._config.marketplace)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        place = place_of(command.context)
        body = body_of(command, place)
        where = "the dispute or claim" if place.is_issue else "the message centre"
        return ReplyPreview(
            sender="the shop",
            recipient=f"{place.to or 'the customer'}, in {where}",
            subject="",
            body=body,
            parts=(body,),
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        place = place_of(command.context)
        body = body_of(command, place)
        names = await files.upload(self._client, place, command.attachments)
        if place.is_issue:
            taken = await self._client.write_in_issue(place.name, body, names)
        else:
            taken = await self._client.write(place.edition, place.name, body, names)
        name = Fields(taken).id("id", default="")
        if not name:
            raise OutcomeUnknown("Allegro took the answer and gave it no id")
        status = Fields(taken).text("status", default="")
        if status == VERIFIED_LATER:
            status = await self._status(place, name)
        if status in HELD_BACK:
            raise OutcomeUnknown(f"Allegro took the answer and holds it back ({status.lower()})")
        return ReplyReceipt(external_id=name, accepted_at=self._context.now())

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        place = place_of(command.context)
        messages = await self._conversation(place, command)
        authors = [author_of(one, place.edition, in_issue=place.is_issue) for one in messages]
        return traces_of(messages, command, authors).finding(self._context.now())

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order a message is about, and its parcels. Allegro lists no orders by customer."""
        if not request.order_id:
            return OrderContext()
        try:
            raw = await self._client.order(request.order_id)
            parcels = await self._client.shipments(request.order_id) if raw else []
        except AuthExpired:
            return OrderContext(gaps=(NO_ORDERS,))
        if not raw:
            return OrderContext()
        try:
            order = order_of(Fields(raw), list(map(Fields, parcels)), self._config.seller_id)
        except Malformed:
            return OrderContext()
        return OrderContext(orders=(order,), gaps=GAPS)

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """A customer's file."""
        del item
        return await files.download(self._client, attachment)

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The claim, the list of disputes, or the message centre, in Allegro's console."""
        return link_of(context, self._config.seller_id)

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _status(self, place: Place, name: str) -> str:
        """What became of an answer that Allegro verifies."""
        try:
            shown = await self._client.message(place.edition, name)
        except ConnectorError as error:
            said = f"Allegro took the answer; looking it up failed: {error}"
            raise OutcomeUnknown(said) from error
        return Fields(shown).text("status", default="")

    async def _conversation(self, place: Place, command: ReplyCommand) -> Sequence[Row]:
        if place.is_issue:
            return await whole_chat(self._client, place.name)
        decided = command.decided_at or self._context.now()
        return await whole_thread(self._client, place.edition, place.name, decided - 2 * SKEW)


def build(config: Config, context: InboxContext) -> AllegroConnector:
    """A connector for one seller account."""
    return AllegroConnector(config, context)
