"""Mercado Libre's notifications: a word that something changed, signed by nobody.

Whoever knows our address can send one. So it is only ever a reason to look: what is new is read
from Mercado Libre itself, and nothing that stands in the call is believed or kept.
"""

import hashlib
import json
from typing import Final

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import Json
from connectors.errors import WebhookRefused
from connectors.fields import Fields
from connectors.mercado_libre.config import Config
from connectors.signing import matches

TOPICS: Final = frozenset({"questions", "messages", "claims", "claims_actions", "post_purchase"})
"""What changes a conversation. Global Selling puts "marketplace_" before each."""


def read_call(config: Config, request: WebhookRequest) -> WebhookOutcome:
    """What a call asks for. Raises WebhookRefused when it is not about this account.

    A topic nobody asked for is answered and otherwise left alone: Mercado Libre switches topics
    off whose calls are refused.
    """
    key = config.webhook_key
    if key is not None and not matches(request.query.get("key", ""), [key.get_secret_value()]):
        raise WebhookRefused("the address lacks its key")
    raw = _object(request.body)
    if raw.id("user_id", default="") != config.seller_id:
        raise WebhookRefused("the call is about another account", status=403)
    if raw.id("application_id", default=config.app_id) != config.app_id:
        raise WebhookRefused("the call is about another application", status=403)
    topic = raw.text("topic", default="").removeprefix("marketplace_")
    name = raw.id("_id", default="") or hashlib.sha256(request.body).hexdigest()
    return WebhookOutcome(poll=topic in TOPICS, delivery_id=name[:100])


def _object(body: bytes) -> Fields:
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise WebhookRefused("the call is no JSON object", status=400)
    return Fields(found)
