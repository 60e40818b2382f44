"""Each kind of item comes under the policy that is meant for it."""

import pytest

from bot.domain.inbound import ReadItem, understood
from connectors.contract import RawItem
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.normalise import explain
from connectors.testing.virtual_time import START
from sla_rules.timeline import TicketFacts
from tests.connectors.mercado_libre.bench import MercadoLibreBench
from tests.unit.sla_rules.builders import PRESETS

SPEC = MercadoLibreBench().spec


def policy_of(fixture: str, *, global_selling: bool) -> str:
    payload = (SPEC.folder / "fixtures" / f"{fixture}.json").read_bytes()
    item = RawItem(source_id=fixture, received_at=START, payload=payload)
    config = Config.model_validate(
        {
            "app_id": "1",
            "app_secret": "x",
            "refresh_token": "x",
            "seller_id": "410000330",
            "site": "CBT" if global_selling else "MLA",
            "global_selling": global_selling,
        }
    )
    message = explain(item, config)
    kept = understood(ReadItem(raw_id=1, received_at=START, message=message), START)
    facts = TicketFacts(
        channel=SPEC.manifest.channel,
        inbox="ml",
        kind=kept.kind,
        stage=kept.stage,
        marketplace=kept.marketplace,
        topic=kept.topic,
        tags=frozenset(kept.tags),
    )
    chosen = PRESETS.select(facts)
    assert chosen is not None
    return chosen.name


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("question", "mercado_libre.message"),
        ("question_brazil", "mercado_libre.message"),
        ("message", "mercado_libre.message"),
        ("message_by_agent", "mercado_libre.message"),
        ("claim", "mercado_libre.claim"),
        ("claim_not_received", "mercado_libre.claim"),
        ("claim_by_mediator", "mercado_libre.claim"),
        ("question_closed", "no_answer_awaited"),
    ],
)
def test_the_policy_of_an_account_on_a_site(fixture, policy):
    assert policy_of(fixture, global_selling=False) == policy


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("question_global", "mercado_libre.message.global"),
        ("message_global", "mercado_libre.message.global"),
        ("claim", "mercado_libre.claim"),
    ],
)
def test_the_policy_of_an_account_of_global_selling(fixture, policy):
    assert policy_of(fixture, global_selling=True) == policy
