"""What eBay's items are to the rules, and that no spoilt item breaks the reader."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot.domain.triage import triage
from connectors.contract import InboundMessage, RawItem, Verdict
from connectors.ebay.normalise import explain
from connectors.ebay.sites import marketplace_id, site_of
from connectors.errors import Malformed
from sla_rules.policy import PolicySet, presets
from sla_rules.timeline import TicketFacts
from tests.connectors.ebay.ebay_contract import EbayContract
from tests.connectors.spoilt_items import spoilt_items

FIXTURES = EbayContract().raw_fixtures()
POLICIES = PolicySet.load(presets())


def policy_of(message: InboundMessage) -> str | None:
    judged = triage(message)
    facts = TicketFacts(
        channel="ebay",
        inbox="ebay-it",
        kind=judged.kind,
        stage=judged.stage,
        topic=judged.topic,
        risk=judged.risk,
        marketplace=message.marketplace,
    )
    chosen = POLICIES.select(facts)
    return chosen.name if chosen else None


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("question_before_order.json", "ebay.before_order"),
        ("question_after_order.json", "ebay.message"),
        ("question_orders_unread.json", "ebay.message"),
        ("from_ebay.json", "no_answer_awaited"),
        ("return_waits.json", "ebay.return"),
        ("not_received_waits.json", "ebay.claim"),
        ("case_opened.json", "ebay.claim"),
        ("payment_dispute.json", "ebay.claim"),
        ("cancellation_asked.json", "ebay.cancel_request"),
        ("feedback_negative.json", "ebay.negative_feedback"),
        ("feedback_neutral.json", "no_answer_awaited"),
    ],
)
def test_an_item_comes_under_the_policy_that_is_meant_for_it(fixture: str, policy: str) -> None:
    assert policy_of(explain(FIXTURES[fixture])) == policy


@settings(max_examples=150, deadline=None)
@given(spoilt_items(FIXTURES))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item: RawItem) -> None:
    try:
        message = explain(item)
    except Malformed:
        return
    assert message.sent_at <= item.received_at
    assert message.external_id


@pytest.mark.parametrize("name", ["question_before_order.json", "our_hidden_name.json"])
def test_the_two_spellings_of_who_wrote_mean_the_same(name: str) -> None:
    payload = FIXTURES[name].payload
    for field in (b"senderUser", b"recipientUser"):
        payload = payload.replace(field + b"name", field + b"Name")
    assert payload != FIXTURES[name].payload
    assert explain(replace(FIXTURES[name], payload=payload)) == explain(FIXTURES[name])


@pytest.mark.parametrize(
    ("texts", "verdict"),
    [
        ((), Verdict.ANSWERED_ELSEWHERE),
        (("Sì, con viti",), Verdict.AUTO_REPLY),
        (("Sì,  con\nviti",), Verdict.AUTO_REPLY),
        (("", "  "), Verdict.ANSWERED_ELSEWHERE),
        (("con viti",), Verdict.ANSWERED_ELSEWHERE),
    ],
)
def test_invariant_6_a_text_the_seller_named_as_automatic_stops_no_clock(
    texts: tuple[str, ...], verdict: Verdict
) -> None:
    assert explain(FIXTURES["answer_in_console.json"], texts).verdict is verdict


def test_a_picture_comes_as_a_file_to_fetch() -> None:
    (file,) = explain(FIXTURES["picture_without_words.json"]).attachments
    assert (file.name, file.media_type) == ("rotta.png", "image/png")
    assert file.ref == "https://i.ebayimg.com/00/s/rotta.png"


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("EBAY_IT", "it"),
        ("EBAY-GB", "uk"),
        ("EBAY_GB", "uk"),
        ("EBAY_US", "us"),
        ("ebay_xx", "xx"),
        ("", "de"),
        ("AMAZON_IT", "de"),
        ("EBAY_../evil", "de"),
    ],
)
def test_sites_have_the_names_the_desk_uses(name: str, site: str) -> None:
    assert site_of(name, "de") == site


def test_a_site_goes_out_under_ebays_name() -> None:
    assert [marketplace_id(site) for site in ("it", "uk", "us")] == [
        "EBAY_IT",
        "EBAY_GB",
        "EBAY_US",
    ]
