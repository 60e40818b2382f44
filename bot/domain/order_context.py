"""What a platform tells of a customer's orders, cleaned and bounded as everything from outside."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.inbound import kept_tags, one_line
from bot.domain.ticket import Ticket
from connectors.capabilities import Money, Order, OrderContext, OrderItem

ORDERS: Final = 5
"""Orders kept with a ticket; the one asked about comes first."""

ITEMS: Final = 10
"""Lines kept of one order."""

FRESH: Final = timedelta(hours=1)
"""A customer who writes again within this is answered from what was looked up before."""

_LINE: Final = 200
_URL: Final = 2000


def bounded(told: OrderContext) -> OrderContext:
    """The same without what a card cannot show, and with links we would send a colleague to."""
    return replace(
        told,
        orders=tuple(_order(each) for each in told.orders[:ORDERS]),
        customer_tags=kept_tags(told.customer_tags),
        lifetime_value=_money(told.lifetime_value),
        locale=one_line(told.locale)[:_LINE] if told.locale else None,
        gaps=_lines(told.gaps),
    )


def _order(order: Order) -> Order:
    return replace(
        order,
        order_id=one_line(order.order_id)[:_LINE],
        items=tuple(_item(each) for each in order.items[:ITEMS]),
        total=_money(order.total),
        carrier=one_line(order.carrier)[:_LINE],
        tracking_number=one_line(order.tracking_number)[:_LINE],
        tracking_url=_https(order.tracking_url),
        url=_https(order.url),
        note=one_line(order.note)[:_LINE],
    )


def _item(item: OrderItem) -> OrderItem:
    return replace(
        item,
        title=one_line(item.title)[:_LINE],
        sku=one_line(item.sku)[:_LINE],
        price=_money(item.price),
    )


def _money(money: Money | None) -> Money | None:
    if money is None or not money.amount.is_finite():
        return None
    return replace(money, currency=one_line(money.currency)[:3])


def _https(url: str | None) -> str | None:
    fits = url is not None and url.startswith("https://") and len(url) <= _URL
    return one_line(url) if url is not None and fits else None


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(one_line(text)[:_LINE] for text in texts[:ORDERS])


def informed(ticket: Ticket, context: OrderContext) -> Ticket:
    """The ticket with what rules may look at: the customer's tags, and what the order was worth."""
    asked = next((o for o in context.orders if o.order_id == ticket.order_id), None)
    total = asked.total if asked is not None else None
    known = ticket.order_value is not None or total is None
    return replace(
        ticket,
        tags=ticket.tags | frozenset(context.customer_tags),
        order_value=ticket.order_value if known or total is None else total.amount,
        currency=ticket.currency if known or total is None else total.currency,
    )
