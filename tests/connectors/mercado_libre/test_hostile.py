"""Payloads no platform should send."""

from contextlib import suppress

import pytest
from hypothesis import given, settings

from connectors.contract import RawItem
from connectors.errors import Malformed
from tests.connectors.mercado_libre.bench import MercadoLibreBench
from tests.connectors.spoilt_items import spoilt_items

BENCH = MercadoLibreBench()
CONNECTOR = BENCH.asleep()


def read(item: RawItem) -> None:
    with suppress(Malformed):
        message = CONNECTOR.normalise(item)
        assert message.sent_at <= item.received_at
        assert message.external_id


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    read(item)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_thousand_spoilt_items_are_understood_or_malformed(item):
    read(item)
