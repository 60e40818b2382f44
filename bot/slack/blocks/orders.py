"""The orders behind a ticket: a few words on the card, line by line in its status."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import moment
from bot.slack.text import one_line
from connectors.capabilities import Delivery, Money, Order, Payment

DELIVERY: Final[Mapping[Delivery, str]] = {
    Delivery.NOT_SENT: "not sent yet",
    Delivery.PARTLY_SENT: "sent in part",
    Delivery.IN_TRANSIT: "on its way",
    Delivery.DELIVERED: "delivered",
    Delivery.FAILED: "delivery failed",
    Delivery.RETURNED: "returned",
    Delivery.CANCELLED: "cancelled",
}
PAYMENT: Final[Mapping[Payment, str]] = {
    Payment.OPEN: "not paid yet",
    Payment.PAID: "paid",
    Payment.PARTLY_REFUNDED: "refunded in part",
    Payment.REFUNDED: "refunded",
    Payment.DISPUTED: "payment disputed",
}
"""UNKNOWN has no words: what the platform did not tell is not shown."""

_ITEMS_SHOWN: Final = 5
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_DAY: Final = "{date_short_pretty}"


def order_facts(ticket: TicketView) -> Iterator[str]:
    """What a card says of the order the customer wrote about; nothing before it is known."""
    context = ticket.order_context
    if context is None or not context.orders:
        return
    order = context.orders[0]
    if order.items:
        first = order.items[0]
        more = len(order.items) - 1
        yield one_line(first.title, 60) + (f" and {counted(more, 'other item')}" if more else "")
    if order.total is not None:
        yield amount(order.total)
    yield from _state(order)


def _state(order: Order) -> Iterator[str]:
    if order.payment in PAYMENT and order.payment is not Payment.PAID:
        yield PAYMENT[order.payment]
    if order.delivery in DELIVERY:
        yield DELIVERY[order.delivery]


def order_blocks(ticket: TicketView, desk: Desk) -> list[Block]:
    """Every order that was looked up, and what the platform would not tell."""
    context = ticket.order_context
    if context is None:
        return []
    parts = [kit.line(*_order(order, desk)) for order in context.orders]
    parts += [kit.line(kit.words(f"Not told: {one_line(gap, 200)}")) for gap in context.gaps]
    return [kit.rich(*parts)] if parts else []


def _order(order: Order, desk: Desk) -> Iterator[Block]:
    name = f"Order {one_line(order.order_id, 60)}"
    usable = order.url is not None and kit.is_usable(order.url)
    yield kit.link(order.url, name) if usable and order.url else kit.words(name, bold=True)
    if order.placed_at is not None:
        yield from _dated(" of ", order.placed_at, desk)
    facts = [amount(order.total)] if order.total is not None else []
    facts += [PAYMENT[order.payment]] if order.payment in PAYMENT else []
    facts += [DELIVERY[order.delivery]] if order.delivery in DELIVERY else []
    yield kit.words("".join(f" · {fact}" for fact in facts) + "".join(_items(order)))
    yield from _parcel(order, desk)
    if order.note:
        yield kit.words(f"\n{one_line(order.note, 200)}")


def _items(order: Order) -> Iterator[str]:
    for item in order.items[:_ITEMS_SHOWN]:
        price = f", {amount(item.price)}" if item.price is not None else ""
        yield f"\n{item.quantity} {_TIMES} {one_line(item.title, 100)}{price}"
    if len(order.items) > _ITEMS_SHOWN:
        yield f"\nand {counted(len(order.items) - _ITEMS_SHOWN, 'other item')}"


def _parcel(order: Order, desk: Desk) -> Iterator[Block]:
    name = " ".join(
        filter(None, (one_line(order.carrier, 40), one_line(order.tracking_number, 60)))
    )
    if name:
        yield kit.words("\nParcel: ")
        url = order.tracking_url
        yield kit.link(url, name) if url and kit.is_usable(url) else kit.words(name)
    if order.delivered_at is not None:
        yield from _dated("\nDelivered ", order.delivered_at, desk)
    elif order.promised_by is not None:
        yield from _dated("\nPromised by ", order.promised_by, desk)


def _dated(lead: str, at: datetime, desk: Desk) -> Iterator[Block]:
    yield kit.words(lead)
    yield kit.date(at, _DAY, fallback=moment(at, desk))


def amount(money: Money) -> str:
    """`24.90 EUR`, as whoever reads it in any country writes it in a table."""
    return f"{money.amount:,.2f} {one_line(money.currency, 3)}".strip()


def counted(count: int, what: str) -> str:
    """`1 order`, `3 orders`."""
    return f"{count} {what}{'' if count == 1 else 's'}"
