"""The clocks that reviews get, and payloads Feedaty should not send."""

import pytest
from hypothesis import given, settings

from connectors.feedaty import connector
from connectors.manifest import manifest_beside
from tests.connectors.feedaty.bench import FeedatyBench
from tests.connectors.rules_world import policy_of, understand_or_refuse
from tests.connectors.spoilt_items import spoilt_items

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
    assert policy_of(MANIFEST.channel, message) == policy


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    understand_or_refuse(CONNECTOR, item)
