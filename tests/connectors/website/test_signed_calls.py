"""Calls of the shop's own back-end: proven before they are read, kept whatever they hold."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import InboundMessage, InboxContext, RawItem, Verdict
from connectors.errors import Malformed, WebhookRefused
from connectors.registry import load_spec
from connectors.testing.virtual_time import VirtualTime
from connectors.website.connector import WebsiteChannel
from connectors.website.post import post_of_call
from connectors.website.web_reader import WebReader
from sandbox.markets.website import WebsiteMail
from sla_rules.vocabulary import Stage
from tests.connectors.mailbox_pair import KEY, SEEN, settings

TIME = VirtualTime()
BACK_END = WebsiteMail(TIME.now)
CALL = {
    "id": "1",
    "customer": {"name": "Nora Quist", "email": "nora@post.example", "external_id": "c-17"},
    "subject": "Oak shelf",
    "text": "Is it solid wood?",
    "order_ref": 10422,
    "locale": "de-DE",
    "page_url": "https://www.seller.example/oak",
    "thread_ref": "chat-88",
}


def shop(**changes: Any) -> WebsiteChannel:
    spec = load_spec("connectors.website")
    secret = {"webhook_secret": BACK_END.webhook_secret, **changes}
    config = spec.config_model.model_validate(settings("website", **secret))
    built = spec.build(config, InboxContext(inbox="shop", instance_key=KEY, now=TIME.now))
    assert isinstance(built, WebsiteChannel)
    return built


def signed(call: Any = CALL, *, name: str = "msg_1") -> WebhookRequest:
    return BACK_END.signed(json.dumps(call).encode(), name=name)


def read(outcome: WebhookOutcome) -> InboundMessage:
    (item,) = outcome.items
    return shop().normalise(item)


async def test_a_signed_call_is_a_customers_message() -> None:
    outcome = await shop().parse_webhook(signed())
    found = read(outcome)
    assert outcome.status == 202
    assert (found.verdict, found.text, found.subject) == (
        Verdict.CUSTOMER,
        "Is it solid wood?",
        "Oak shelf",
    )
    assert (found.order_id, found.stage, found.language) == ("10422", Stage.POST_SALE, "de")
    assert (found.sender_handle, found.sender_name) == ("nora@post.example", "Nora Quist")
    assert [key.value for key in found.thread_keys] == ["web-thread:chat-88"]
    assert found.reply_context["to"] == "nora@post.example"
    assert "https://www.seller.example/oak" in found.full_text


async def test_a_form_body_is_read_by_the_names_of_the_form() -> None:
    body = urlencode({"email": "nora@post.example", "message": "Is it oak?", "purpose": "product"})
    kind = "application/x-www-form-urlencoded"
    outcome = await shop().parse_webhook(BACK_END.signed(body.encode(), name="m", kind=kind))
    found = read(outcome)
    assert (found.text, found.stage) == ("Is it oak?", Stage.PRE_SALE)


async def test_the_same_call_is_known_again_by_its_id() -> None:
    first, second = [await shop().parse_webhook(signed(name="msg_7")) for _ in range(2)]
    other = await shop().parse_webhook(signed(name="msg_8"))
    assert first.delivery_id == second.delivery_id != other.delivery_id
    assert first.items[0].source_id != other.items[0].source_id


GOOD = signed()
SIGNATURE = GOOD.headers["webhook-signature"]
SPOILT: dict[str, WebhookRequest] = {
    "another body": replace(GOOD, body=GOOD.body + b" "),
    "no header at all": replace(GOOD, headers={}),
    "too old": replace(GOOD, received_at=GOOD.received_at + timedelta(minutes=6)),
    "from the future": replace(GOOD, received_at=GOOD.received_at - timedelta(minutes=6)),
    **{
        f"{name}: {value[:12]!a}": replace(GOOD, headers={**GOOD.headers, name: value})
        for name, value in (
            ("webhook-id", "msg_2"),
            ("webhook-id", ""),
            ("webhook-id", "x" * 1000),
            ("webhook-timestamp", "1"),
            ("webhook-timestamp", "9" * 12),
            ("webhook-timestamp", "\u0661\u0662\u0663"),
            ("webhook-timestamp", "-5"),
            ("webhook-timestamp", ""),
            ("webhook-signature", ""),
            ("webhook-signature", "v1,AAAA"),
            ("webhook-signature", f"v2{SIGNATURE[2:]}"),
            ("webhook-signature", "\udce9 \xe9"),
        )
    },
    "no signature": replace(
        GOOD, headers={k: v for k, v in GOOD.headers.items() if k != "webhook-signature"}
    ),
}


@pytest.mark.parametrize("call", SPOILT.values(), ids=SPOILT)
async def test_what_is_not_proven_is_refused(call: WebhookRequest) -> None:
    with pytest.raises(WebhookRefused):
        await shop().parse_webhook(call)


async def test_the_secret_from_before_is_good_while_it_stands_in_the_settings() -> None:
    new = "whsec_" + base64.b64encode(b"another key of the same shop").decode()
    with pytest.raises(WebhookRefused):
        await shop(webhook_secret=new).parse_webhook(signed())
    both = shop(webhook_secret=new, webhook_secret_before=BACK_END.webhook_secret)
    assert (await both.parse_webhook(signed())).items


async def test_one_good_signature_among_several_is_enough() -> None:
    call = signed()
    given = f"v1,AAAA {call.headers['webhook-signature']} v1,BBBB"
    headers = {**call.headers, "webhook-signature": given}
    assert (await shop().parse_webhook(replace(call, headers=headers))).items


async def test_a_plain_secret_is_used_as_it_stands() -> None:
    BACK_END.signing_key, before = b"sixteen characters or more", BACK_END.signing_key
    call = signed()
    BACK_END.signing_key = before
    assert (await shop(webhook_secret="sixteen characters or more").parse_webhook(call)).items


async def test_without_a_secret_nobody_can_sign() -> None:
    with pytest.raises(WebhookRefused) as caught:
        await shop(webhook_secret=None).parse_webhook(signed())
    assert caught.value.status == 404


async def test_a_call_over_256_kb_is_refused() -> None:
    with pytest.raises(WebhookRefused) as caught:
        await shop().parse_webhook(signed({**CALL, "text": "x" * 300_000}))
    assert caught.value.status == 413


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b"null", b"\xff\xfe", b"{}", b'{"text": ""}', b"[" * 9000]
)
async def test_invariant_1_what_is_proven_and_makes_no_sense_is_kept_and_set_aside(
    body: bytes,
) -> None:
    outcome = await shop().parse_webhook(BACK_END.signed(body, name="odd"))
    (item,) = outcome.items
    with pytest.raises(Malformed):
        shop().normalise(item)


async def test_the_sites_own_time_counts_within_a_day_before_arrival() -> None:
    now = TIME.now()
    for stated, wanted in (
        (now - timedelta(hours=2), now - timedelta(hours=2)),
        (now - timedelta(days=9), now - timedelta(hours=24)),
        (now + timedelta(hours=2), now),
    ):
        call = {**CALL, "created_at": stated.isoformat()}
        assert read(await shop().parse_webhook(signed(call))).sent_at == wanted
    odd = {**CALL, "created_at": "yesterday"}
    assert read(await shop().parse_webhook(signed(odd))).sent_at == now


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@effort(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*CALL, "created_at", "reason"]), JSON))
def test_any_call_becomes_a_message_or_is_set_aside(call: dict[str, Any]) -> None:
    payload = post_of_call(call).stored(via="signed")
    item = RawItem(source_id="web:1", received_at=SEEN, payload=payload)
    reader = WebReader(own_addresses=frozenset(), domain="seller.example")
    try:
        found = reader.explain(item)
    except Malformed:
        return
    assert found.sent_at <= SEEN
    assert "\x00" not in found.text
    found.text.encode()
