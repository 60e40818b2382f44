"""Shopify's calls to us: proven by their signature, and taken as a sign to look again.

Only the body is signed. What stands in a header alone (topic, delivery) decides nothing that a
forger could gain from.
"""

import re
from typing import Final

from pydantic import SecretStr

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import InboxContext
from connectors.errors import WebhookRefused
from connectors.shopify.config import Config
from connectors.shopify.watching import ASKED
from connectors.signing import hmac_base64, matches

LOOKS: Final = ("disputes/", "returns/")
"""Topics that say that something waits for the seller, or no longer does."""

_DELIVERY: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NOT_FOUND: Final = 404
_BAD: Final = 400


async def heard(request: WebhookRequest, config: Config, context: InboxContext) -> WebhookOutcome:
    """What a call means. Raises WebhookRefused before anything of the body is read."""
    secrets = [one for one in (config.client_secret, config.old_client_secret) if one is not None]
    _prove(request, secrets)
    shop = request.headers.get("x-shopify-shop-domain", "").lower()
    if shop != config.shop_domain:
        raise WebhookRefused("the call is about another shop", status=_NOT_FOUND)
    delivery = request.headers.get("x-shopify-webhook-id", "")
    if not _DELIVERY.fullmatch(delivery):
        raise WebhookRefused("the call does not name its delivery", status=_BAD)
    if request.headers.get("x-shopify-topic", "").startswith(LOOKS):
        await context.keep.put(ASKED, context.now().isoformat())
    return WebhookOutcome(poll=True, delivery_id=delivery)


def _prove(request: WebhookRequest, secrets: list[SecretStr]) -> None:
    """Two secrets count while one is exchanged: Shopify may use the old one for an hour more."""
    if not secrets:
        raise WebhookRefused(
            "no client_secret is set up, so no call can be proven", status=_NOT_FOUND
        )
    given = request.headers.get("x-shopify-hmac-sha256", "")
    if not matches(given, [hmac_base64(one, request.body) for one in secrets]):
        raise WebhookRefused("the signature is not Shopify's")
