"""Each kind of item comes under the policy that is meant for it."""

import pytest

from bot.domain.inbound import ReadItem, understood
from connectors.contract import RawItem
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.normalise import explain
from connectors.testing.virtual_time import START
from tests.connectors.mercado_libre.bench import MercadoLibreBench
from tests.connectors.rules_world import policy_of

SPEC = MercadoLibreBench().spec


def policy_named(fixture: str, *, global_selling: bool) -> str:
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
    return policy_of(SPEC.manifest.channel, kept)


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
    assert policy_named(fixture, global_selling=False) == policy


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("question_global", "mercado_libre.message.global"),
        ("message_global", "mercado_libre.message.global"),
        ("claim", "mercado_libre.claim"),
    ],
)
def test_the_policy_of_an_account_of_global_selling(fixture, policy):
    assert policy_named(fixture, global_selling=True) == policy
