"""What a macro says of a ticket: names only where they are sure, each value in its language."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.configuration.macros import Variable
from bot.domain.card import TicketView
from bot.domain.first_names import first_name
from bot.domain.macro_values import Writer, values_of
from connectors.capabilities import Money, Order, OrderContext, OrderItem
from tests.unit.slack.scenes import a_ticket

WRITER = Writer(
    agent_name="Giulia Conti", shop_name="Casa Conti", language="it", timezone="Europe/Rome"
)
ORDER = Order(
    order_id="304-1",
    placed_at=datetime(2026, 2, 1, 23, 30, tzinfo=UTC),
    items=(OrderItem(title="Desk lamp,\n brass"),),
    total=Money(amount=Decimal("1234.5"), currency="EUR"),
    carrier="DHL",
    tracking_number="JJD01",
    tracking_url="https://track.example/JJD01",
)


def with_orders(*orders: Order, number: str | None = "304-1") -> TicketView:
    return replace(a_ticket(), order_id=number, order_context=OrderContext(orders=orders))


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Maria Rossi", "Maria"),
        ("Dr. Maria Rossi", "Maria"),
        ("Maria ROSSI", "Maria"),
        ("Jean-Paul Martin", "Jean-Paul"),
        ("Éloïse d'Arc", "Éloïse"),
        ("José de la Cruz", "José"),
        ("Łukasz Nowak", "Łukasz"),
    ],
)
def test_a_persons_first_name_is_known(name: str, first: str) -> None:
    assert first_name(name) == first


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Maria",
        "ROSSI MARIA",
        "DUPONT Marie",
        "Rossi, Maria",
        "maria rossi",
        "M. Rossi",
        "Herr Schmidt",
        "buyer_77",
        "Buyer 77",
        "anna@mail.example",
        "Amazon Customer",
        "Cliente Amazon",
        "Müller GmbH",
        "Casa e Giardino",
        "Иван Петров",
        "山田 太郎",
        "Please call me back now",
        "Visit https://spam.example",
    ],
)
def test_where_a_first_name_would_be_a_guess_there_is_none(name: str) -> None:
    assert first_name(name) is None


@given(st.text(max_size=60))
def test_a_first_name_is_one_plain_word_of_the_name(name: str) -> None:
    found = first_name(name)
    assert found is None or (found in name and found.isprintable() and " " not in found)


def test_the_order_asked_about_is_told_in_the_macros_language() -> None:
    values = values_of(with_orders(ORDER), WRITER)
    assert values[Variable.ORDER_ID] == "304-1"
    assert values[Variable.ORDER_ITEM] == "Desk lamp, brass"
    assert values[Variable.ORDER_TOTAL] == "1.234,50\u00a0€"
    # Half past midnight on the second, where the shop is.
    assert values[Variable.ORDER_PLACED_AT] == "2 febbraio 2026"
    assert values[Variable.TRACKING_URL] == "https://track.example/JJD01"
    assert Variable.ORDER_PROMISED_BY not in values


def test_of_several_orders_none_is_guessed() -> None:
    other = replace(ORDER, order_id="304-2")
    assert Variable.TRACKING_NUMBER not in values_of(with_orders(ORDER, other, number=None), WRITER)
    assert Variable.TRACKING_NUMBER not in values_of(with_orders(other), WRITER)
    assert values_of(with_orders(other, number=None), WRITER)[Variable.ORDER_ID] == "304-2"


def test_without_an_order_only_its_number_is_known() -> None:
    values = values_of(replace(a_ticket(), order_id="304-9", order_context=None), WRITER)
    assert values[Variable.ORDER_ID] == "304-9"
    assert Variable.ORDER_TOTAL not in values
    assert values[Variable.AGENT_FIRST_NAME] == "Giulia"
    assert values[Variable.SHOP_NAME] == "Casa Conti"


@pytest.mark.parametrize("name", ["see www.spam.example", "a@b.example", "http://x.example", "a/b"])
def test_a_name_like_an_address_is_not_repeated(name: str) -> None:
    values = values_of(replace(a_ticket(), customer_name=name), WRITER)
    assert Variable.CUSTOMER_NAME not in values


@given(st.text(max_size=400))
def test_what_a_buyer_calls_themselves_is_one_short_inert_line(name: str) -> None:
    values = values_of(replace(a_ticket(), customer_name=name), WRITER)
    shown = values.get(Variable.CUSTOMER_NAME, "")
    assert len(shown) <= 80
    assert shown.isprintable() or shown == ""


@pytest.mark.parametrize(
    "url", ["http://track.example/1", "https://track.example/1 2", "javascript:x", None]
)
def test_only_a_whole_secure_address_is_sent(url: str | None) -> None:
    values = values_of(with_orders(replace(ORDER, tracking_url=url)), WRITER)
    assert Variable.TRACKING_URL not in values


@pytest.mark.parametrize(
    ("language", "total", "placed"),
    [
        ("de", "1.234,50\u00a0€", "2. Februar 2026"),
        ("pl", "1234,50\u00a0€", "2 lutego 2026"),
        ("zz", "1234.50 EUR", "2026-02-02"),
    ],
)
def test_an_order_is_told_in_whatever_language_a_macro_has(
    language: str, total: str, placed: str
) -> None:
    values = values_of(with_orders(ORDER), replace(WRITER, language=language))

    assert (values[Variable.ORDER_TOTAL], values[Variable.ORDER_PLACED_AT]) == (total, placed)
