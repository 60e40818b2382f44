"""Each kind of item comes under the policy that is meant for it."""

import pytest

from bot.domain.inbound import ReadItem, understood
from connectors.contract import RawItem
from connectors.testing.virtual_time import START
from connectors.tiktok_shop.normalise import explain
from tests.connectors.rules_world import policy_of
from tests.connectors.tiktok_shop.stand import SPEC


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("buyer_text", "tiktok_shop.message"),
        ("buyer_text_london", "tiktok_shop.message"),
        ("buyer_text_bangkok", "tiktok_shop.message.southeast_asia"),
        ("indonesia_tokopedia", "tiktok_shop.message.southeast_asia"),
        ("return_pending", "tiktok_shop.return"),
        ("return_by_call", "tiktok_shop.return"),
        ("return_disputed", "tiktok_shop.return"),
    ],
)
def test_the_policy_of(fixture, policy):
    payload = (SPEC.folder / "fixtures" / f"{fixture}.json").read_bytes()
    item = RawItem(source_id=fixture, received_at=START, payload=payload)
    message = explain(item, {"CUSTOMER_SERVICE"})
    kept = understood(ReadItem(raw_id=1, received_at=START, message=message), START)
    assert policy_of(SPEC.manifest.channel, kept) == policy
