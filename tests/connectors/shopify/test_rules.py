"""What the connector says of an item selects the rule that is meant for it."""

from decimal import Decimal

import pytest

from sla_rules.timeline import TicketFacts
from sla_rules.topics import Topic
from sla_rules.vocabulary import Scope
from tests.connectors.shopify.bench import fixture, reader
from tests.unit.sla_rules.builders import PRESETS


def facts(name: str) -> TicketFacts:
    found = reader().normalise(fixture(name))
    return TicketFacts(
        channel="shopify",
        inbox="shop",
        kind=found.kind,
        stage=found.stage,
        topic=found.topic,
        tags=frozenset(found.tags),
        order_value=found.order_value,
        marketplace=found.marketplace,
    )


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("form_before_order.eml", "shopify.message"),
        ("customer_mail.eml", "shopify.after_order"),
        ("form_known_customer.eml", "shopify.vip_tag"),
        ("dispute_open.json", "shopify.dispute"),
        ("dispute_inquiry.json", "shopify.dispute"),
        ("return_requested.json", "shopify.return"),
        ("payout_notice.eml", "no_answer_awaited"),
    ],
)
def test_a_fixture_gets_its_policy(name: str, policy: str) -> None:
    chosen = PRESETS.select(facts(name))
    assert chosen is not None
    assert chosen.name == policy


def test_a_dispute_has_a_limit_of_the_platform_beside_our_own() -> None:
    chosen = PRESETS.select(facts("dispute_open.json"))
    assert chosen is not None
    assert {clock.scope for clock in chosen.clocks} == {Scope.MARKETPLACE, Scope.INTERNAL}


def test_danger_goes_before_a_vip() -> None:
    chosen = PRESETS.select(
        TicketFacts(
            channel="shopify",
            inbox="shop",
            topic=Topic.SAFETY,
            tags=frozenset({"vip"}),
            order_value=Decimal(900),
        )
    )
    assert chosen is not None
    assert chosen.name == "danger"
