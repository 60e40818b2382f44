"""The orders behind a ticket: a few words on the card, line by line in its status."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.language import forms, marked, tr, tr_many, tr_parts
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import moment
from bot.slack.text import one_line
from connectors.capabilities import Delivery, Money, Order, Payment

DELIVERY: Final[Mapping[Delivery, str]] = {
    Delivery.NOT_SENT: marked("not sent yet"),
    Delivery.PARTLY_SENT: marked("sent in part"),
    Delivery.IN_TRANSIT: marked("on its way"),
    Delivery.DELIVERED: marked("delivered"),
    Delivery.FAILED: marked("delivery failed"),
    Delivery.RETURNED: marked("returned"),
    Delivery.CANCELLED: marked("cancelled"),
}
PAYMENT: Final[Mapping[Payment, str]] = {
    Payment.OPEN: marked("not paid yet"),
    Payment.PAID: marked("paid"),
    Payment.PARTLY_REFUNDED: marked("refunded in part"),
    Payment.REFUNDED: marked("refunded"),
    Payment.DISPUTED: marked("payment disputed"),
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
        title = one_line(first.title, 60)
        yield _and_others(title, more) if more else title
    if order.total is not None:
        yield amount(order.total)
    yield from _state(order)


def _state(order: Order) -> Iterator[str]:
    if order.payment in PAYMENT and order.payment is not Payment.PAID:
        yield tr(PAYMENT[order.payment])
    if order.delivery in DELIVERY:
        yield tr(DELIVERY[order.delivery])


def order_blocks(ticket: TicketView, desk: Desk) -> list[Block]:
    """Every order that was looked up, and what the platform would not tell."""
    context = ticket.order_context
    if context is None:
        return []
    parts = [kit.line(*_order(order, desk)) for order in context.orders]
    parts += [
        kit.line(kit.words(tr("Not told: {what}", what=tr(one_line(gap, 200)))))
        for gap in context.gaps
    ]
    return [kit.rich(*parts)] if parts else []


def _order(order: Order, desk: Desk) -> Iterator[Block]:
    name = tr("Order {order}", order=one_line(order.order_id, 60))
    usable = order.url is not None and kit.is_usable(order.url)
    head = kit.link(order.url, name) if usable and order.url else kit.words(name, bold=True)
    if order.placed_at is None:
        yield head
    else:
        placed = _day(order.placed_at, desk)
        # For translators: “Order 123 of 3 Feb”, the day it was placed.
        yield from kit.pieces(tr_parts("{order} of {date}", order=head, date=placed))
    facts = [amount(order.total)] if order.total is not None else []
    facts += [tr(PAYMENT[order.payment])] if order.payment in PAYMENT else []
    facts += [tr(DELIVERY[order.delivery])] if order.delivery in DELIVERY else []
    yield kit.words("".join(f" · {fact}" for fact in facts) + "".join(_items(order)))
    yield from _parcel(order, desk)
    if order.note:
        yield kit.words(f"\n{one_line(order.note, 200)}")


def _items(order: Order) -> Iterator[str]:
    for item in order.items[:_ITEMS_SHOWN]:
        price = f", {amount(item.price)}" if item.price is not None else ""
        yield f"\n{item.quantity} {_TIMES} {one_line(item.title, 100)}{price}"
    if len(order.items) > _ITEMS_SHOWN:
        others = len(order.items) - _ITEMS_SHOWN
        yield "\n" + tr_many("and {count} other item", "and {count} other items", others)


def _and_others(title: str, more: int) -> str:
    return tr_many(
        "{item} and {count} other item", "{item} and {count} other items", more, item=title
    )


def _parcel(order: Order, desk: Desk) -> Iterator[Block]:
    name = " ".join(
        filter(None, (one_line(order.carrier, 40), one_line(order.tracking_number, 60)))
    )
    if name:
        url = order.tracking_url
        parcel = kit.link(url, name) if url and kit.is_usable(url) else kit.words(name)
        yield from kit.pieces(tr_parts("Parcel: {number}", number=parcel), lead="\n")
    if order.delivered_at is not None:
        delivered = _day(order.delivered_at, desk)
        yield from kit.pieces(tr_parts("Delivered {date}", date=delivered), lead="\n")
    elif order.promised_by is not None:
        promised = _day(order.promised_by, desk)
        yield from kit.pieces(tr_parts("Promised by {date}", date=promised), lead="\n")


def _day(at: datetime, desk: Desk) -> Block:
    return kit.date(at, _DAY, fallback=moment(at, desk))


def amount(money: Money) -> str:
    """`24.90 EUR`, `24,90 €`: as whoever reads it writes it."""
    return forms.amount(money.amount, one_line(money.currency, 3))
