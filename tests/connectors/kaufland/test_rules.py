"""The clocks that messages of Kaufland get, and payloads it should not send."""

import pytest
from hypothesis import given, settings

from connectors.kaufland.subjects import subjects
from tests.connectors.kaufland.bench import KauflandBench
from tests.connectors.rules_world import policy_of, understand_or_refuse
from tests.connectors.spoilt_items import spoilt_items

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
    assert policy_of("kaufland", message) == policy


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
    understand_or_refuse(CONNECTOR, item)
