"""A hint to the agent that a customer of one's own shop may like to hear of something. Pure.

Only ever a hint, seen by the agent alone, and never where it would be out of place: on a
marketplace, for somebody who complains or is angry, or while a risk is open.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from typing import Final

from bot.assist.senses import Intent, Mood
from bot.assist.understanding import understand
from bot.configuration.companions import Companion
from bot.domain.card import TicketView
from bot.domain.macro_values import order_asked_about
from connectors.capabilities import Delivery, Money, OrderItem, Payment
from sla_rules.topics import RISK
from sla_rules.vocabulary import Kind, Risk

LOYAL_ORDERS: Final = 3
"""Orders from which somebody is a customer who comes back."""

LOYAL_VALUE: Final = Decimal(500)
"""Spent in all, in one of the currencies below: enough to be worth a word."""

_OF_LIKE_WORTH: Final = frozenset({"EUR", "USD", "GBP", "CHF"})

_CALM: Final = frozenset({Mood.NEUTRAL, Mood.POSITIVE})
_OPEN_TO_IT: Final = frozenset(
    {
        Intent.PRODUCT_QUESTION,
        Intent.AVAILABILITY,
        Intent.THANKS,
        Intent.OTHER,
        Intent.WHERE_IS_ORDER,
        Intent.INVOICE,
    }
)
"""What somebody who is content may want. Whoever returns, cancels or complains is left in peace."""

_TROUBLED_PAYMENT: Final = frozenset({Payment.DISPUTED, Payment.REFUNDED, Payment.PARTLY_REFUNDED})
_TROUBLED_DELIVERY: Final = frozenset({Delivery.FAILED, Delivery.RETURNED, Delivery.CANCELLED})


class Reason(StrEnum):
    """Why a hint is given."""

    VIP = "vip"
    MANY_ORDERS = "many_orders"
    SPENT_MUCH = "spent_much"
    COMPANION = "companion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One hint and its reason. `orders`, `spent`, `bought`, `companion` and `sentence` as it has them."""

    reason: Reason
    orders: int | None = None
    spent: Money | None = None
    bought: str = ""
    companion: str = ""
    sentence: str = ""


def opportunity(
    ticket: TicketView, companions: Sequence[Companion], *, allowed: bool
) -> Hint | None:
    """The one hint worth giving, else None. `allowed` is whether the channel permits such a word.

    What goes with what was bought comes before how loyal the customer is: it is of use to them.
    """
    if not allowed or not _is_moment_for_it(ticket):
        return None
    return next(chain(_companions(ticket, companions), _loyalty(ticket)), None)


def _is_moment_for_it(ticket: TicketView) -> bool:
    """Whether nothing is wrong, as far as the desk knows."""
    calm_class = ticket.kind is Kind.MESSAGE and ticket.risk is Risk.NORMAL
    if not calm_class or RISK[ticket.topic] is not Risk.NORMAL or ticket.escalation is not None:
        return False
    order = order_asked_about(ticket)
    if order is not None and (
        order.payment in _TROUBLED_PAYMENT or order.delivery in _TROUBLED_DELIVERY
    ):
        return False
    said = [one for one in (ticket.first_message, ticket.last_customer_message) if one is not None]
    return bool(said) and all(_is_content(one.body, ticket) for one in said)


def _is_content(body: str, ticket: TicketView) -> bool:
    meaning = understand(
        body, subject=ticket.subject, language=ticket.language, bought=ticket.order_id is not None
    )
    return meaning.mood in _CALM and not meaning.risks and meaning.intent in _OPEN_TO_IT


def _companions(ticket: TicketView, companions: Sequence[Companion]) -> Iterator[Hint]:
    order = order_asked_about(ticket)
    bought = order.items if order is not None else ()
    had = [item for each in _orders(ticket) for item in each]
    for item in bought:
        for companion in companions:
            if _matches(companion, item) and not any(_is(companion, other) for other in had):
                yield Hint(
                    reason=Reason.COMPANION,
                    bought=item.title,
                    companion=companion.companion,
                    sentence=companion.sentence,
                )


def _orders(ticket: TicketView) -> Iterator[Sequence[OrderItem]]:
    if ticket.order_context is not None:
        yield from (order.items for order in ticket.order_context.orders)


def _matches(companion: Companion, item: OrderItem) -> bool:
    if companion.sku:
        return item.sku.casefold() == companion.sku.casefold()
    return re.search(_whole(companion.title), item.title, re.IGNORECASE) is not None


def _is(companion: Companion, item: OrderItem) -> bool:
    """Whether the customer has bought the companion already."""
    named = re.search(_whole(companion.companion), item.title, re.IGNORECASE)
    return named is not None or item.sku.casefold() == companion.companion.casefold()


def _whole(words: str) -> str:
    return rf"(?<!\w){re.escape(words)}(?!\w)"


def _loyalty(ticket: TicketView) -> Iterable[Hint]:
    context = ticket.order_context
    orders = context.order_count if context and context.order_count is not None else ticket.orders
    spent = context.lifetime_value if context else None
    if spent is None and ticket.lifetime_value is not None and ticket.currency:
        spent = Money(amount=Decimal(str(ticket.lifetime_value)), currency=ticket.currency)
    if ticket.vip:
        yield Hint(reason=Reason.VIP, orders=orders, spent=spent)
    if orders is not None and orders >= LOYAL_ORDERS:
        yield Hint(reason=Reason.MANY_ORDERS, orders=orders, spent=spent)
    if spent is not None and spent.currency in _OF_LIKE_WORTH and spent.amount >= LOYAL_VALUE:
        yield Hint(reason=Reason.SPENT_MUCH, orders=orders, spent=spent)
