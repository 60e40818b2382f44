"""Payloads no platform should send."""

from contextlib import suppress

from hypothesis import given, settings

from connectors.errors import Malformed
from tests.connectors.mirakl.bench import MiraklBench
from tests.connectors.spoilt_items import spoilt_items

BENCH = MiraklBench()
CONNECTOR = BENCH.asleep()


@settings(max_examples=150, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    with suppress(Malformed):
        message = CONNECTOR.normalise(item)
        assert message.sent_at <= item.received_at
        assert message.external_id
