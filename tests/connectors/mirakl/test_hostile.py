"""Payloads no platform should send."""

from hypothesis import given, settings

from tests.connectors.mirakl.bench import MiraklBench
from tests.connectors.rules_world import understand_or_refuse
from tests.connectors.spoilt_items import spoilt_items

BENCH = MiraklBench()
CONNECTOR = BENCH.asleep()


@settings(max_examples=150, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    understand_or_refuse(CONNECTOR, item)
