"""TikTok's calls to us: proven by the app's signature, then read.

A call about a message only says that there is one: the next poll reads it together with its
conversation. Types and shapes are those of the platform's webhook pages.
"""

import json
from dataclasses import dataclass, replace
from typing import Final

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import Json, RawItem
from connectors.errors import WebhookRefused
from connectors.fields import Fields
from connectors.signing import hmac_hex, matches
from connectors.tiktok_shop.config import Config
from connectors.tiktok_shop.returns import source_id

CONSENT_ENDED: Final = 6
CONSENT_ENDS: Final = 7
RETURN_CHANGED: Final = 12
CONVERSATION_CHANGED: Final = 13
MESSAGE_CAME: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the desk is told, and what the next poll has to look into beside the usual."""

    outcome: WebhookOutcome
    conversation: str = ""
    about_returns: bool = False


def read_call(config: Config, request: WebhookRequest) -> Call:
    """What a call means. Raises WebhookRefused before the body is read, Malformed after."""
    _prove(config, request)
    call = Fields.of(request.body)
    delivery, kind = call.id("tts_notification_id"), call.number("type", default=0)
    told, poll = (
        WebhookOutcome(delivery_id=delivery),
        WebhookOutcome(poll=True, delivery_id=delivery),
    )
    if config.shop_id and call.id("shop_id", default="") not in {"", config.shop_id}:
        return Call(outcome=told)
    data = call.inner("data")
    if kind in {CONVERSATION_CHANGED, MESSAGE_CAME}:
        return Call(outcome=poll, conversation=data.id("conversation_id", default=""))
    if kind == RETURN_CHANGED and config.returns:
        return Call(outcome=poll, about_returns=True)
    if kind == RETURN_CHANGED:
        item = _item(source_id(data), {"what": "return", "return": data.value}, request)
    elif kind in {CONSENT_ENDED, CONSENT_ENDS}:
        item = _item(f"consent:{delivery}", {"what": "consent", "event": call.value}, request)
    else:
        return Call(outcome=told)
    return Call(outcome=replace(told, items=(item,)))


def _prove(config: Config, request: WebhookRequest) -> None:
    """The signature is over the app key and the body, with the app's secret (or the one before)."""
    said = config.app_key.get_secret_value().encode() + request.body
    secrets = [config.app_secret, config.previous_app_secret]
    wanted = [hmac_hex(secret, said) for secret in secrets if secret is not None]
    if not matches(request.headers.get("authorization", ""), wanted):
        raise WebhookRefused("the signature is not TikTok's")


def _item(name: str, envelope: dict[str, Json], request: WebhookRequest) -> RawItem:
    return RawItem(
        source_id=name,
        received_at=request.received_at,
        payload=json.dumps(envelope).encode(),
    )
