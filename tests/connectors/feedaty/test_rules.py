"""The clocks that reviews get, and payloads Feedaty should not send."""

from contextlib import suppress

import pytest
from hypothesis import given, settings

from connectors.errors import Malformed
from connectors.feedaty import connector
from connectors.manifest import manifest_beside
from sla_rules.timeline import TicketFacts
from tests.connectors.feedaty.bench import FeedatyBench
from tests.connectors.spoilt_items import spoilt_items
from tests.unit.sla_rules.builders import PRESETS

BENCH = FeedatyBench()
CONNECTOR = BENCH.asleep()
MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("service.json", "reviews.negative"),
        ("product.json", "reviews.negative"),
        ("no_words.json", "reviews.negative"),
        ("praise.json", "reviews.any"),
        ("no_stars.json", "reviews.any"),
    ],
)
def test_the_stars_choose_the_clock(fixture, policy):
    message = CONNECTOR.normalise(BENCH.raw_fixtures()[fixture])
    facts = TicketFacts(
        channel=MANIFEST.channel,
        inbox="x",
        kind=message.kind,
        stage=message.stage,
        topic=message.topic,
        marketplace=message.marketplace,
    )
    chosen = PRESETS.select(facts)

    assert chosen is not None
    assert chosen.name == policy


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    with suppress(Malformed):
        message = CONNECTOR.normalise(item)
        assert message.sent_at <= item.received_at
        assert message.external_id
