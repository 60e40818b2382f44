"""What a macro may say of one ticket: each value one line, bounded, and inert."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bot.configuration.macros import Variable
from bot.domain.card import TicketView
from bot.domain.first_names import first_name
from bot.domain.inbound import clean
from bot.domain.macros import Values
from bot.language.forms import amount_in, date_in
from connectors.capabilities import Money, Order

_SHORT: Final = 80
_LONG: Final = 200
_URL: Final = 2000
_HIGHEST: Final = Decimal(10) ** 12
"""An amount beyond it, in any currency, is a number misread."""

_NOT_A_NAME: Final = ("@", "://", "/", "www.")
"""A buyer chooses their name; what looks like an address is not repeated to them in ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who answers, and in what form: `language` is the macro's, `timezone` the desk's."""

    agent_name: str
    shop_name: str
    language: str
    timezone: str


def values_of(ticket: TicketView, writer: Writer) -> Values:
    """Every variable that has a value. Order facts are those of the order asked about."""
    found: dict[Variable, str] = dict(_names(ticket, writer))
    order = order_asked_about(ticket)
    if order is not None:
        found |= dict(_order(order, writer))
    if ticket.order_id:
        found[Variable.ORDER_ID] = _line(ticket.order_id)
    return {variable: value for variable, value in found.items() if value}


def order_asked_about(ticket: TicketView) -> Order | None:
    """The order of the ticket's number; without a number the only one there is, else none."""
    orders = ticket.order_context.orders if ticket.order_context else ()
    if ticket.order_id:
        return next((order for order in orders if order.order_id == ticket.order_id), None)
    return orders[0] if len(orders) == 1 else None


def _names(ticket: TicketView, writer: Writer) -> Iterator[tuple[Variable, str]]:
    name = _line(ticket.customer_name)
    if not any(mark in name for mark in _NOT_A_NAME):
        yield Variable.CUSTOMER_NAME, name
        yield Variable.CUSTOMER_FIRST_NAME, first_name(name) or ""
    agent = _line(writer.agent_name)
    yield Variable.AGENT_NAME, agent
    yield Variable.AGENT_FIRST_NAME, first_name(agent) or agent.partition(" ")[0]
    yield Variable.SHOP_NAME, _line(writer.shop_name)
    yield Variable.TICKET_NUMBER, str(ticket.number)


def _order(order: Order, writer: Writer) -> Iterator[tuple[Variable, str]]:
    yield Variable.ORDER_ID, _line(order.order_id)
    yield Variable.ORDER_ITEM, _line(order.items[0].title, _LONG) if order.items else ""
    yield Variable.ORDER_TOTAL, _amount(order.total, writer)
    yield Variable.ORDER_PLACED_AT, _date(order.placed_at, writer)
    yield Variable.ORDER_PROMISED_BY, _date(order.promised_by, writer)
    yield Variable.TRACKING_NUMBER, _line(order.tracking_number)
    yield Variable.TRACKING_CARRIER, _line(order.carrier)
    yield Variable.TRACKING_URL, _address(order.tracking_url)


def _date(at: datetime | None, writer: Writer) -> str:
    if at is None:
        return ""
    return date_in(writer.language, at.astimezone(ZoneInfo(writer.timezone)).date())


def _amount(money: Money | None, writer: Writer) -> str:
    if money is None or not money.amount.is_finite() or abs(money.amount) > _HIGHEST:
        return ""
    return amount_in(writer.language, money.amount, money.currency)


def _address(url: str | None) -> str:
    """Only a whole https address of one line: a part of one leads elsewhere."""
    fits = url is not None and url.startswith("https://") and len(url) <= _URL
    return url if url is not None and fits and not any(c.isspace() for c in url) else ""


def _line(text: str, limit: int = _SHORT) -> str:
    shown = "".join(char if char.isprintable() else " " for char in clean(text))
    return " ".join(shown.split())[:limit].rstrip()
