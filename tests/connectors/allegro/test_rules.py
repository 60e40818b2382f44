"""The clocks that items of Allegro get, and payloads it should not send."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from connectors.allegro.client import Edition
from connectors.allegro.issue_items import of_issue, state_of
from connectors.allegro.items import of_thread
from connectors.allegro.subjects import subjects
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.testing.virtual_time import VirtualTime
from sla_rules.topics import Topic
from tests.connectors.allegro.bench import AllegroBench
from tests.connectors.rules_world import policy_of, understand_or_refuse
from tests.connectors.spoilt_items import spoilt_items

BENCH = AllegroBench()
CONNECTOR = BENCH.asleep()
NOW = VirtualTime().now()


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("customer_order.json", "allegro.message"),
        ("question_offer.json", "allegro.message"),
        ("problem_customer.json", "allegro.dispute"),
        ("dispute.json", "allegro.dispute"),
        ("claim.json", "allegro.claim"),
        ("chat_customer.json", "allegro.claim"),
        ("chat_adviser.json", "no_answer_awaited"),
    ],
)
def test_every_item_has_the_clocks_meant_for_it(fixture, policy):
    message = CONNECTOR.normalise(BENCH.raw_fixtures()[fixture])
    assert policy_of("allegro", message) == policy


def test_who_writes_after_a_decision_is_not_held_to_its_deadline():
    late = CONNECTOR.normalise(BENCH.raw_fixtures()["chat_after_decision.json"])

    assert late.respond_by is None


@pytest.mark.parametrize(
    ("reason", "code", "topic"),
    [
        ("NO_PRODUCT_RECEIVED", "no_product_received", Topic.ITEM_NOT_RECEIVED),
        ("I have not  received the product", "no_product_received", Topic.ITEM_NOT_RECEIVED),
        ("PROBLEM_WITH_SENDING_PRODUCT_BACK", "problem_with_sending_product_back", Topic.RETURN),
        ("ITEM_IS_DAMAGED", "item_is_damaged", Topic.COMPLAINT),
        ("A_REASON_OF_TOMORROW", "a_reason_of_tomorrow", Topic.COMPLAINT),
        ("produkt jest uszkodzony", "", Topic.COMPLAINT),
        ("", "", Topic.COMPLAINT),
    ],
)
def test_a_reason_is_known_by_its_code_and_by_its_english_words(reason, code, topic):
    found = subjects().code(reason)

    assert (found, subjects().topic(found)) == (code, topic)


def test_every_english_wording_leads_to_a_code():
    assert all(subjects().code(code) for code in subjects().wordings.values() if code != "other")


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    understand_or_refuse(CONNECTOR, item)


def listed(*fixtures, key):
    """What the lists of Allegro held when these fixtures were made of them."""
    raw = BENCH.raw_fixtures()
    parts = {name: json.loads(raw[name].payload)[key] for name in fixtures}
    return {
        name: replace(raw[name], payload=json.dumps(part).encode()) for name, part in parts.items()
    }


@settings(max_examples=25, deadline=None)
@given(
    thread=spoilt_items(listed("customer_files.json", "problem_customer.json", key="thread")),
    message=spoilt_items(listed("customer_files.json", "problem_customer.json", key="message")),
)
def test_invariant_1_a_spoilt_list_of_messages_loses_no_message(thread, message):
    rows = [json.loads(item.payload) for item in (thread, message)]
    if not all(isinstance(row, dict) for row in rows):
        return
    opened = of_thread(rows[0], [rows[1]], Edition.BETA, NOW - timedelta(days=1000), NOW)

    assert opened.waits or len(opened.items) == 1 or is_older(rows[1])


@settings(max_examples=25, deadline=None)
@given(
    issue=spoilt_items(listed("claim.json", "dispute_first.json", key="issue")),
    message=spoilt_items(listed("chat_customer.json", "chat_adviser.json", key="chat")),
)
def test_invariant_1_a_spoilt_list_of_issues_loses_no_issue(issue, message):
    row, said = json.loads(issue.payload), json.loads(message.payload)
    if not (isinstance(row, dict) and isinstance(said, dict)):
        return
    state, floor = state_of(row, NOW), NOW - timedelta(days=1000)
    found = of_issue(row, [said], before=None, state=state, floor=floor, now=NOW)

    assert len(found) == state.is_open + (not is_older(said))


def is_older(message):
    at = Fields(message).instant_or_none("createdAt")
    return at is not None and at < NOW - timedelta(days=1000)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_many_spoilt_items_are_understood_or_malformed(item):
    with suppress(Malformed):
        assert CONNECTOR.normalise(item).external_id
