"""Whatever an item holds: understood, or Malformed with the place; nothing else."""

from hypothesis import given, settings

from connectors.contract import RawItem
from connectors.testing.bench import understood
from tests.connectors.amazon_account.bench import AccountBench
from tests.connectors.spoilt_items import spoilt_items

BENCH = AccountBench()
FIXTURES = BENCH.raw_fixtures()
CONNECTOR = BENCH.asleep()


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(FIXTURES))
def test_a_spoilt_item_is_understood_or_malformed(item: RawItem) -> None:
    found = understood(CONNECTOR, item)
    if found is not None:
        assert found.sent_at <= item.received_at
        assert found.external_id
        assert all(key.value for key in found.thread_keys)
