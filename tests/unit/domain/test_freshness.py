from datetime import timedelta

from bot.domain.desk import InboxRoute
from bot.domain.freshness import SHORTEST, silence_allowed
from sla_rules.policy import PolicySet
from tests.builders import AMAZON, SHOP, a_desk


def policy(name: str, target: str, scope: str = "internal", **match: str) -> dict[str, object]:
    clock = {"metric": "response", "scope": scope, "target": target}
    return {"name": name, "source": "this test", "match": match, "clock": [clock]}


def allowed(*policies: dict[str, object], inbox: str = AMAZON) -> timedelta:
    desk = a_desk(policies=PolicySet.load(policies))
    return silence_allowed(desk, desk.inboxes[inbox])


def test_an_alarm_comes_while_there_is_time_left_to_answer() -> None:
    assert allowed(policy("p", "20h", channel="amazon")) == timedelta(hours=2)


def test_the_strictest_target_of_the_inboxs_own_rules_decides() -> None:
    found = allowed(
        policy("a", "20h", channel="amazon"),
        policy("b", "10h", channel="amazon", kind="claim"),
        policy("c", "3h", channel="website"),
        policy("d", "1h", inbox=SHOP, kind="claim"),
    )
    assert found == timedelta(hours=1)


def test_nobody_is_alarmed_by_a_restart() -> None:
    assert allowed(policy("p", "30m", channel="amazon")) == SHORTEST


def test_general_rules_stand_in_where_a_channel_has_none() -> None:
    assert allowed(policy("p", "10h"), policy("q", "3h", channel="website")) == timedelta(hours=1)


def test_without_targets_of_our_own_the_platforms_count() -> None:
    assert allowed(policy("p", "24h", "marketplace", channel="amazon")) == timedelta(hours=2.4)


def test_a_source_without_any_rule_gets_the_shortest_silence() -> None:
    desk = a_desk(policies=PolicySet.load([]))
    route = InboxRoute(name="new", connector="new", channel="C0NEW")
    assert silence_allowed(desk, route) == SHORTEST
