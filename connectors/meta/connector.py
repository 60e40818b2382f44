"""One connector for both of Meta's channels; each gives it an `Account`."""

from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import urlsplit

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
from connectors.download import download
from connectors.errors import AuthExpired, Malformed, Rejected, Unavailable
from connectors.fields import Fields
from connectors.meta.account import Account
from connectors.meta.files import Extra, extras_of
from connectors.meta.graph import Graph
from connectors.meta.health import health
from connectors.meta.lookups import Lookups
from connectors.meta.normalise import explain
from connectors.meta.person import context_of
from connectors.meta.place import place_of
from connectors.meta.reading import Reader, look_back
from connectors.meta.replying import Replying
from connectors.meta.webhook import prove, understand
from sla_rules.worded import marked

CDN: Final = ("fbcdn.net", "fbsbx.com", "cdninstagram.com")
"""Where Meta keeps files of messages."""


class MetaConnector(Connector):
    """Joins reading, explaining and answering for one account."""

    def __init__(self, account: Account, context: InboxContext) -> None:
        self._account = account
        self._context = context
        self._graph = Graph(account, context)
        self._reader = Reader(account, self._graph, context)
        self._replying = Replying(account, self._graph, context)
        self._lookups = Lookups(account, self._graph)

    @override
    async def check(self) -> Health:
        return await health(self._account, self._graph, self._context.now())

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        place = place_of(cursor, self._context.now(), look_back(self._account))
        async for page in self._reader.pages(place):
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._account)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return self._replying.preview(command)

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        return await self._replying.reply(command)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        return await self._replying.probe(command)

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """Messages and comments, proven by Meta's signature; or Meta's challenge."""
        challenge = prove(request, self._account)
        if challenge is not None:
            return WebhookOutcome(body=challenge)
        return await understand(request, self._account, self._lookups.begin())

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """What Meta tells of the person. It knows no orders."""
        person = request.context.get("to")
        if not isinstance(person, str) or not person:
            return OrderContext(gaps=(marked("Meta tells nothing of people who only commented"),))
        try:
            raw = await self._graph.person(
                request.customer_handle or person, self._account.dialect.context_fields
            )
        except (Rejected, AuthExpired) as refusal:
            # A permission for profiles alone: the inbox goes on without.
            return OrderContext(gaps=(f"Meta gives no profile: {refusal}",))
        return context_of(raw)

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The post of a comment, or the account's inbox in Meta Business Suite."""
        hosts = self._account.dialect.manifest.hosts
        link = context.get("link")
        if isinstance(link, str) and link:
            return link if _leads_to(link, hosts) else None
        if not isinstance(context.get("to"), str):
            return None
        page = self._account.node
        return f"https://business.facebook.com/latest/inbox/all?asset_id={page}"

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """The file; its address is asked for anew when the stored one has run out."""
        extra = _extra(_body(item), attachment.ref)
        try:
            return await self._downloaded(extra)
        except Unavailable:
            message = item.source_id.removeprefix("message:")
            return await self._downloaded(
                _extra(await self._graph.message(message), attachment.ref)
            )

    @override
    async def close(self) -> None:
        await self._graph.close()

    async def _downloaded(self, extra: Extra) -> File:
        return await download(
            extra.url,
            self._context,
            hosts=CDN,
            base_url=self._account.config.base_url,
            name=extra.name,
        )


def _body(item: RawItem) -> Fields:
    try:
        raw = Fields.of(item.payload)
    except Malformed as error:
        raise Rejected("the message cannot be read") from error
    event = raw.inner("event").inner("message")
    return event if event.value else raw.inner("message")


def _extra(message: Fields, ref: str) -> Extra:
    extras = extras_of(message)
    place = int(ref) if ref.isdecimal() and len(ref) < 4 else len(extras)  # noqa: PLR2004
    if place >= len(extras) or not extras[place].url:
        raise Rejected("the message has no such file")
    return extras[place]


def _leads_to(link: str, hosts: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc in hosts
