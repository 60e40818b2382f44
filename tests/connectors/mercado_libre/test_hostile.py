"""Payloads no platform should send."""

import pytest
from hypothesis import given, settings

from tests.connectors.mercado_libre.bench import MercadoLibreBench
from tests.connectors.rules_world import understand_or_refuse
from tests.connectors.spoilt_items import spoilt_items

BENCH = MercadoLibreBench()
CONNECTOR = BENCH.asleep()


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    understand_or_refuse(CONNECTOR, item)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_thousand_spoilt_items_are_understood_or_malformed(item):
    understand_or_refuse(CONNECTOR, item)
