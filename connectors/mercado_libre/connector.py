"""The Mercado Libre connector."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

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
from connectors.errors import ConnectorError, Rejected
from connectors.mercado_libre.answering import body_of, route_of
from connectors.mercado_libre.claims import ClaimReader
from connectors.mercado_libre.client import MercadoLibreClient
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.lookups import orders_of
from connectors.mercado_libre.normalise import explain
from connectors.mercado_libre.packs import PackReader
from connectors.mercado_libre.position import Position
from connectors.mercado_libre.promises import Promises
from connectors.mercado_libre.questions import QuestionReader
from connectors.mercado_libre.replying import Answers
from connectors.mercado_libre.sites import item_url, sale_url
from connectors.mercado_libre.webhook import read_call
from connectors.pages import pages_of
from sla_rules.worded import marked

LARGEST_FILE: Final = 25 * 1024 * 1024

_FILE: Final = re.compile(r"[\w.-]{1,200}", re.ASCII)
_GAPS: Final = (marked("Mercado Libre tells sellers no history of a buyer."),)


class MercadoLibreConnector(Connector):
    """Joins the calls and the explanation, for one seller account."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._now = context.now
        self._client = MercadoLibreClient(config, context)
        promises = Promises(context.keep)
        self._questions = QuestionReader(self._client)
        self._packs = PackReader(self._client, promises, config.seller_id)
        self._claims = ClaimReader(self._client)
        self._answers = Answers(self._client, context, promises, config.seller_id)

    @override
    async def check(self) -> Health:
        try:
            account = await self._client.account()
            wants = self._config.claims
            no_claims = wants and (await self._client.claims(self._now(), 0)).refused
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        name = account.text("nickname", default="") or "an account without a name"
        seller, site = account.id("id", default=""), account.text("site_id", default="")
        said = [f"signed in as {name} ({site or 'no site'})"]
        if seller != self._config.seller_id:
            said.append(f"seller_id should be {seller}")
        if site and site != self._config.site:
            said.append(f"site should be {site}")
        if no_claims:
            said.append(
                "claims cannot be read: allow the application pre- and post-sale communication,"
                " or set claims = false"
            )
        return Health(ok=len(said) == 1, detail="; ".join(said))

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        now = self._now()
        at = begun = Position.of(cursor, now - timedelta(days=self._config.since_days))
        async for found, following in self._steps(at):
            # An item is new at one place only; equal ones of one step are one.
            once = list({item.source_id: item for item in found}.values())
            for page in pages_of(once, at.cursor(), following.cursor()) if once else ():
                yield page
                begun = following
            at = following
        if at != begun:
            yield Page(items=(), cursor=at.cursor())

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._config)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        route = route_of(command.context)
        body = body_of(command, route)
        return ReplyPreview(
            sender="the seller",
            recipient=route.shown,
            subject="",
            body=body,
            parts=(body,),
            public=route.to == "question",
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        return await self._answers.send(command)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        return await self._answers.look_for(command)

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """One notification; at most a reason to look."""
        return read_call(self._config, request)

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order, or the orders of the cart, that the conversation is about."""
        if not request.order_id or not request.order_id.isdecimal():
            return OrderContext()
        found = await orders_of(self._client, request.order_id, self._config)
        return OrderContext(orders=found, gaps=_GAPS if found else ())

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The sale in the seller's pages, or the page of the item that was asked about."""
        to, site = context.get("to"), context.get("site")
        if to == "question":
            item = context.get("item")
            return item_url(item) if isinstance(item, str) else None
        sale = context.get("pack" if to == "pack" else "order")
        if not isinstance(sale, str) or not isinstance(site, str):
            return None
        return None if self._config.global_selling else sale_url(site, sale)

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """A buyer's file, if it is one of this very message."""
        shown = self.normalise(item)
        if not _FILE.fullmatch(attachment.ref) or attachment.ref not in {
            one.ref for one in shown.attachments
        }:
            raise Rejected("this message has no such file")
        if attachment.size > LARGEST_FILE:
            raise Rejected(f"{attachment.name} is larger than {LARGEST_FILE:,} bytes")
        site = shown.reply_context.get("site")
        content = await self._client.attachment(
            attachment.ref, site if isinstance(site, str) else self._config.site
        )
        return File(name=attachment.name, media_type=attachment.media_type, content=content)

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _steps(self, at: Position) -> AsyncIterator[tuple[Sequence[RawItem], Position]]:
        """Questions, then conversations, then claims; each goes on from where the last ended."""
        now = self._now()
        found: Sequence[RawItem]
        if self._config.questions:
            found, at = await self._questions.read(at, now)
            yield found, at
        async for found, following in self._packs.pages(at, now):
            at = following
            yield found, at
        if self._config.claims:
            async for found, following in self._claims.pages(at, now):
                yield found, following


def build(config: Config, context: InboxContext) -> MercadoLibreConnector:
    """A connector for one seller account."""
    return MercadoLibreConnector(config, context)
