"""What the connectors say of a message selects the policy that was meant for it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.contract import InboundMessage, RawItem
from sla_rules.policy import PolicySet, presets
from sla_rules.timeline import TicketFacts
from sla_rules.topics import Topic
from tests.connectors.meta.worlds import BENCHES

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
PRESETS = PolicySet.load(presets())


def message(channel: str, fixture: str, **settings: object) -> InboundMessage:
    path = Path(__file__).parents[3] / "connectors" / channel / "fixtures" / fixture
    connector = BENCHES[channel](settings).asleep()
    return connector.normalise(RawItem(source_id="x", received_at=NOW, payload=path.read_bytes()))


def policy(channel: str, said: InboundMessage, topic: Topic = Topic.OTHER) -> str:
    facts = TicketFacts(
        channel=channel, inbox="x", kind=said.kind, topic=topic, tags=frozenset(said.tags)
    )
    chosen = PRESETS.select(facts)
    assert chosen is not None
    return chosen.name


@pytest.mark.parametrize(
    ("channel", "fixture", "settings", "topic", "wanted"),
    [
        ("instagram", "customer.json", {}, Topic.OTHER, "instagram.message"),
        (
            "instagram",
            "customer.json",
            {"human_agent": True},
            Topic.OTHER,
            "instagram.message.human_agent",
        ),
        (
            "instagram",
            "event.json",
            {"human_agent": True},
            Topic.OTHER,
            "instagram.message.human_agent",
        ),
        ("instagram", "customer.json", {"human_agent": True}, Topic.LEGAL_THREAT, "meta.danger"),
        ("instagram", "comment.json", {"human_agent": True}, Topic.OTHER, "meta.comment"),
        ("instagram", "mention.json", {}, Topic.OTHER, "meta.comment"),
        ("instagram", "comment.json", {}, Topic.SAFETY, "meta.comment.danger"),
        ("facebook", "customer.json", {}, Topic.OTHER, "facebook.message"),
        (
            "facebook",
            "customer.json",
            {"human_agent": True},
            Topic.OTHER,
            "facebook.message.human_agent",
        ),
        ("facebook", "comment_event.json", {}, Topic.OTHER, "meta.comment"),
        ("instagram", "gap.json", {}, Topic.OTHER, "no_answer_awaited"),
    ],
)
def test_an_item_is_under_the_policy_meant_for_it(channel, fixture, settings, topic, wanted):
    assert policy(channel, message(channel, fixture, **settings), topic) == wanted
