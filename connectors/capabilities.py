"""What a channel may offer beside the contract: one small protocol each.

A connector has the methods of exactly those abilities that its manifest names; the contract suite
holds the two against each other (`ABILITIES`). All of them raise `connectors.errors` classes only.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

from connectors.contract import Attachment, Cursor, File, InboundMessage, Json, RawItem


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """One call of a platform to our address. Header names are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookOutcome:
    """What a proven call means, and the answer it gets.

    `items` are stored as if `fetch` had found them, under the same `source_id`. `poll` asks the
    desk to fetch now, for calls that only say that something changed. `delivery_id` names the
    call: the desk answers a repeated one and does nothing else. `body` is the answer's text,
    such as a challenge sent back.
    """

    items: Sequence[RawItem] = ()
    poll: bool = False
    delivery_id: str | None = None
    status: int = 200
    body: str = ""
    media_type: str = "text/plain"


@runtime_checkable
class Webhooks(Protocol):
    """The platform calls us. Capability `webhooks`."""

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """Prove, then understand. Raises WebhookRefused before anything of the body is read."""
        ...


@runtime_checkable
class MarksNoReply(Protocol):
    """The platform can be told that a message needs no answer. Capability `marks_no_reply`."""

    async def mark_no_reply(self, context: Mapping[str, Json]) -> None:
        """Tell it. `context` is the message's `reply_context`. Harmless twice."""
        ...


class Delivery(StrEnum):
    """How far an order has come on its way."""

    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    PARTLY_SENT = "partly_sent"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Payment(StrEnum):
    """What became of an order's money."""

    UNKNOWN = "unknown"
    OPEN = "open"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount, and its ISO 4217 currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItem:
    """One line of an order. `price` is that of the whole line."""

    title: str
    quantity: int = 1
    sku: str = ""
    price: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order at a glance. `url` opens it in the platform's console."""

    order_id: str
    placed_at: datetime | None = None
    items: Sequence[OrderItem] = ()
    total: Money | None = None
    payment: Payment = Payment.UNKNOWN
    delivery: Delivery = Delivery.UNKNOWN
    promised_by: datetime | None = None
    delivered_at: datetime | None = None
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str | None = None
    url: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderContext:
    """What the platform knows of a customer and their orders, the order asked about first.

    None and empty mean "not told", never zero. `gaps` says in words what was refused or cut off.
    """

    orders: Sequence[Order] = ()
    order_count: int | None = None
    lifetime_value: Money | None = None
    customer_tags: Sequence[str] = ()
    locale: str | None = None
    gaps: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRequest:
    """Whom and what to look up. `context` is the `reply_context` of the newest message."""

    customer_handle: str
    order_id: str | None = None
    marketplace: str = ""
    context: Mapping[str, Json] = field(default_factory=dict)


@runtime_checkable
class FetchesContext(Protocol):
    """The platform tells about orders and customers. Capability `fetches_context`."""

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """Look it up, changing nothing. What is not found is empty, not an error."""
        ...


@runtime_checkable
class MayKnowOrders(Protocol):
    """Settings of an inbox whose platform tells about orders only with an access of its own."""

    @property
    def knows_orders(self) -> bool:
        """Whether there is one. Where not, nothing is asked."""
        ...


def knows_orders(settings: object) -> bool:
    """Whether an inbox with these settings can be asked about orders, if its channel can."""
    return settings.knows_orders if isinstance(settings, MayKnowOrders) else True


@runtime_checkable
class LinksDeep(Protocol):
    """A conversation can be opened in the platform's console. Capability `links_deep`."""

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """An https address on one of the manifest's `hosts`. Pure."""
        ...


@runtime_checkable
class FetchesAttachments(Protocol):
    """Files of customers can be shown in the thread. Capability `fetches_attachments`."""

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """The file: from the item, or from the platform. Raises Rejected when it is too large."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PastItem:
    """One item of a platform's past. `sent` says that it was found among what the seller sent."""

    item: RawItem
    sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWish:
    """What is to be read of the past: what arrived at `since` or later.

    `folders` are read in place of the one the inbox reads. `sent_folder` is where the answers are;
    None: the connector finds it, "": there is none to read. Both mean something for mail only.
    """

    since: datetime
    folders: Sequence[str] = ()
    sent_folder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Items in any order, and the cursor that is true once they are stored.

    `left` counts the items that are still to come after these; None: nobody knows.
    """

    items: Sequence[PastItem]
    cursor: Cursor
    left: int | None = None


@runtime_checkable
class ReadsHistory(Protocol):
    """What was received and what was sent can be read again, changing nothing.

    No capability of a manifest: whatever shares its code has it.
    """

    def history(self, wish: HistoryWish, cursor: Cursor | None) -> AsyncIterator[HistoryPage]:
        """Yield all that was wished for and is not behind `cursor` yet."""
        ...

    def explain_past(self, past: PastItem) -> InboundMessage:
        """`normalise` of what was received; of what was sent, the answer it is. Pure.

        Raises Malformed only.
        """
        ...


ABILITIES: Final[Mapping[str, type]] = MappingProxyType(
    {
        "webhooks": Webhooks,
        "marks_no_reply": MarksNoReply,
        "fetches_context": FetchesContext,
        "links_deep": LinksDeep,
        "fetches_attachments": FetchesAttachments,
    }
)
"""The protocol behind each capability of a manifest that is a method."""
