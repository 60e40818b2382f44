"""The operator table, the settings that choose from it, and the rules that name its keys."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.contract import RawItem
from connectors.manifest import manifest_beside
from connectors.mirakl import connector
from connectors.mirakl.config import Config
from connectors.mirakl.operators import operators
from sla_rules.policy import PolicySet
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Scope
from tests.connectors.mirakl.bench import MiraklBench
from tests.unit.sla_rules.builders import PRESETS


def selected(presets: PolicySet, item: RawItem) -> str:
    message = MiraklBench().asleep().normalise(item)
    facts = TicketFacts(
        channel="mirakl",
        inbox="x",
        kind=message.kind,
        stage=message.stage,
        topic=message.topic,
        marketplace=message.marketplace,
    )
    policy = presets.select(facts)
    return policy.name if policy else ""


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("customer_order.json", "mirakl.message"),
        ("customer_offer.json", "mirakl.message"),
        ("operator_to_shop.json", "no_answer_awaited"),
        ("incident.json", "mirakl.incident"),
        ("return_waiting.json", "mirakl.return"),
    ],
)
def test_a_message_has_the_clocks_of_its_kind(fixture, policy):
    assert selected(PRESETS, MiraklBench().raw_fixtures()[fixture]) == policy


def test_the_hours_of_an_operator_are_those_of_its_rules():
    stated = {key: one.answer_hours for key, one in operators().items() if one.answer_hours}
    facts = {key: TicketFacts(channel="mirakl", inbox="x", marketplace=key) for key in stated}
    chosen = {key: PRESETS.select(one) for key, one in facts.items()}
    limits = {
        key: next(c.target for c in policy.clocks if c.scope is Scope.MARKETPLACE)
        for key, policy in chosen.items()
        if policy
    }

    assert limits == {key: timedelta(hours=hours) for key, hours in stated.items()}
    assert stated.keys() == {"pccomponentes", "the_range"}


def test_links_lead_to_the_operators_of_the_table_and_nowhere_else():
    manifest = manifest_beside(connector.__file__)

    assert {f"https://{host}" for host in manifest.hosts} == {
        one.base_url for one in operators().values() if one.base_url
    }


def test_an_operator_of_the_table_needs_no_address():
    config = Config.model_validate({"operator": "worten", "api_key": "k"})

    assert config.address == "https://marketplace.worten.pt"
    assert config.marketplace.language == "pt"


def test_an_operator_that_is_not_in_the_table_needs_one():
    with pytest.raises(ValidationError, match="base_url is needed"):
        Config.model_validate({"operator": "casa_grande", "api_key": "k"})
    config = Config.model_validate(
        {"operator": "casa_grande", "api_key": "k", "base_url": "https://casagrande.example"}
    )
    assert config.marketplace.name == "casa grande"


def test_a_setting_is_stronger_than_the_operators_rule():
    own = {"operator": "pccomponentes", "api_key": "k"}

    assert Config.model_validate(own).recipients == "writer"
    assert Config.model_validate({**own, "answers_to": "mirror"}).recipients == "mirror"
