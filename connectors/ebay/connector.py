"""The eBay connector."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
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
from connectors.download import download
from connectors.ebay.client import MEMBERS, SYSTEM, Account, EbayClient
from connectors.ebay.config import Config
from connectors.ebay.conversations import Batch, Conversations
from connectors.ebay.disputes import Disputes
from connectors.ebay.health import health
from connectors.ebay.marks import Marks
from connectors.ebay.normalise import explain
from connectors.ebay.order_context import order_context
from connectors.ebay.orders import OrderIndex
from connectors.ebay.push import Pushes
from connectors.ebay.ratings import Ratings
from connectors.ebay.sites import HOSTS, messages_page, order_page
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.fields import Fields
from connectors.limits import check_files, parts_of, send_parts
from connectors.manifest import manifest_beside
from connectors.probing import SKEW

LIMITS: Final = manifest_beside(__file__).limits

SYSTEM_EVERY: Final = timedelta(minutes=15)
FILES: Final = ("ebayimg.com", "ebaystatic.com", "ebay.com")
"""Where files of messages are seen to be; see Known gaps."""

Read = Callable[[Marks, Account, str], AsyncGenerator[Batch]]
"""One source: what changed since the marks, and the marks true once that is stored."""


class EbayConnector(Connector):
    """Joins the client, the readers of each source, and the explanation."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = EbayClient(config, context)
        self._orders = OrderIndex(self._client, context.now)
        self._members = Conversations(MEMBERS, self._client, context, self._orders)
        self._system = Conversations(
            SYSTEM, self._client, context, self._orders, every=SYSTEM_EVERY
        )
        self._disputes = Disputes(
            self._client, context, self._orders, payments=config.payment_disputes
        )
        self._ratings = Ratings(self._client, context, self._orders)
        self._pushes = Pushes(config, context, self._client.public_key)
        self._account: Account | None = None

    @override
    async def check(self) -> Health:
        try:
            return await health(self._client, self._config, self._context.now())
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        marks = Marks.of(cursor, begins=self._begins())
        account = self._account = self._account or await self._client.account()
        # What buyers write comes first: nothing that is refused later holds it up.
        for read in self._sources():
            async with aclosing(read(marks, account, self._config.marketplace)) as batches:
                async for items, further in batches:
                    marks = further
                    yield Page(items=items, cursor=marks.cursor())

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._config.automatic_texts)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        _conversation(command)
        return ReplyPreview(
            sender="your eBay account",
            recipient=f"{_word(command.context, 'buyer') or 'the buyer'} on eBay",
            subject="",
            body=command.text,
            parts=_parts(command),
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        conversation = _conversation(command)
        sent = await send_parts(_parts(command), partial(self._client.send, conversation))
        if not sent[0]:
            raise OutcomeUnknown("eBay took the message and gave it no id")
        return _receipt(sent, self._context.now())

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        account = self._account = self._account or await self._client.account()
        ours = {account.username.casefold(), account.user_id.casefold()}
        said = [Fields(row) for row in await self._client.messages(_conversation(command), MEMBERS)]
        own = [one for one in said if one.text("senderUsername", default="").casefold() in ours]
        since = command.decided_at
        later = [
            one
            for one in own
            if since is None or (one.instant_or_none("createdDate") or since) >= since
        ]
        wanted = [_plain(part) for part in _parts(command)]
        arrived = {_plain(one.text("messageBody", default="")): one for one in later}
        found = [arrived[part] for part in wanted if part in arrived]
        if len(found) == len(wanted):
            ids = [one.id("messageId", default="") for one in found]
            return Found(receipt=_receipt(ids, self._context.now()))
        if found or (since is not None and _just_before(own, wanted, command)):
            return Unknown()
        return Absent()

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """A push, proven by eBay's signature: it only makes the next poll come sooner."""
        return await self._pushes.answer(request)

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order the conversation is about, and its parcels."""
        order_id = request.order_id or _word(request.context, "order")
        row = await self._client.order(order_id) if order_id else None
        if row is None:
            return OrderContext()
        shipments = await self._client.shipments(order_id)
        return order_context(row, shipments, request.marketplace or self._config.marketplace)

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """A file that a member attached. `item` says nothing that `attachment` does not."""
        del item
        return await download(
            attachment.ref,
            self._context,
            hosts=FILES,
            base_url=self._config.base_url,
            name=attachment.name,
        )

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The order in the seller's pages, or the messages where no order is known."""
        if not _word(context, "conversation"):
            return None
        site = _word(context, "site")
        site = site if site in HOSTS else self._config.marketplace
        order_id = _word(context, "order")
        return order_page(site, order_id) if order_id else messages_page(site)

    @override
    async def close(self) -> None:
        await self._client.close()

    def _sources(self) -> Iterator[Read]:
        yield self._members.read
        if self._config.system_messages:
            yield self._system.read
        if self._config.disputes:
            yield self._disputes.read
        if self._config.feedback:
            yield self._ratings.read

    def _begins(self) -> datetime:
        return self._context.now() - timedelta(days=self._config.since_days)


def build(config: Config, context: InboxContext) -> EbayConnector:
    """A connector for one seller account."""
    return EbayConnector(config, context)


def _word(context: Mapping[str, Json], key: str) -> str:
    value = context.get(key)
    return value if isinstance(value, str) else ""


def _conversation(command: ReplyCommand) -> str:
    conversation = _word(command.context, "conversation")
    if not conversation:
        raise Rejected("this can only be answered in eBay itself")
    return conversation


def _receipt(ids: Sequence[str], at: datetime) -> ReplyReceipt:
    """Of an answer in one message or in several."""
    further = tuple(one for one in ids[1:] if one)
    return ReplyReceipt(external_id=ids[0], accepted_at=at, further_ids=further)


def _parts(command: ReplyCommand) -> Sequence[str]:
    if not command.text.strip():
        raise Rejected("the answer is empty")
    check_files(command.attachments, LIMITS)
    return parts_of(command.text, LIMITS)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _just_before(own: Sequence[Fields], wanted: Sequence[str], command: ReplyCommand) -> bool:
    """Whether an equal text stands so shortly before the decision that clocks cannot tell."""
    decided = command.decided_at
    if decided is None:
        return False
    return any(
        _plain(one.text("messageBody", default="")) in wanted
        and at is not None
        and decided - SKEW <= at < decided
        for one in own
        for at in (one.instant_or_none("createdDate"),)
    )
