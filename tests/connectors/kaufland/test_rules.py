"""The clocks that messages of Kaufland get, and payloads it should not send."""

from contextlib import suppress

import pytest
from hypothesis import given, settings

from connectors.errors import Malformed
from connectors.kaufland.subjects import subjects
from sla_rules.timeline import TicketFacts
from tests.connectors.kaufland.bench import KauflandBench
from tests.connectors.spoilt_items import spoilt_items
from tests.unit.sla_rules.builders import PRESETS

BENCH = KauflandBench()
CONNECTOR = BENCH.asleep()


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("buyer.json", "kaufland.message"),
        ("cancel.json", "kaufland.message"),
        ("relayed.json", "kaufland.message"),
        ("product_question.json", "kaufland.message"),
        ("customer_service.json", "no_answer_awaited"),
    ],
)
def test_every_ticket_has_the_48_working_hours(fixture, policy):
    message = CONNECTOR.normalise(BENCH.raw_fixtures()[fixture])
    facts = TicketFacts(
        channel="kaufland",
        inbox="x",
        kind=message.kind,
        stage=message.stage,
        topic=message.topic,
        marketplace=message.marketplace,
    )
    chosen = PRESETS.select(facts)

    assert chosen is not None
    assert chosen.name == policy


@pytest.mark.parametrize(
    ("text", "relayed"),
    [
        ("Unser  gemeinsamer\nKunde schreibt: Wo ist das Paket?", True),
        ("REKLAMATION WURDE ANGEFRAGT", True),
        ("Der Verkäufer hat die Rücksendung bestätigt, die angefragt wurde angefragt", False),
        ("Das Ticket wurde archiviert.", False),
        ("", False),
    ],
)
def test_a_request_told_by_the_system_is_recognised(text, relayed):
    assert subjects().tells_of_customer(text) is relayed


@settings(max_examples=150, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    with suppress(Malformed):
        message = CONNECTOR.normalise(item)
        assert message.sent_at <= item.received_at
        assert message.external_id
